"""How customers stand: what is owed and how long, what they have as credit; and their accounts, day by day.

What a customer's account comes to is, in each currency, what the books have as receivables less advances of theirs
(`flask ledger verify` proves the parts).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Invalid
from tracktok.core.money import minor_unit
from tracktok.core.tenancy import current_tenant_id
from tracktok.invoices.rules import ageing

ZERO = Decimal(0)
MOST_ROWS = 5_000
"""What one statement shows at most."""

_OPEN = """
SELECT currency, due_date, sum(amount_due) AS due,
       sum(base_total - round(base_total * amount_paid / total, %(places)s)) AS base
  FROM (SELECT currency, coalesce(due_date, document_date) AS due_date, amount_due, amount_paid, total, base_total
          FROM sales_documents
         WHERE tenant_id = %(tenant)s AND customer_id = %(customer)s AND kind IN ('invoice', 'debit_note')
           AND status IN ('issued', 'part_paid') AND total > 0) d
 GROUP BY currency, due_date
"""
_CREDITS = """
SELECT currency, kind, sum(left_over) AS amount, sum(base_total - round(base_total * used / total, %(places)s)) AS base
  FROM (SELECT currency, 'note' AS kind, amount_due AS left_over, amount_paid AS used, total, base_total
          FROM sales_documents
         WHERE tenant_id = %(tenant)s AND customer_id = %(customer)s AND kind = 'credit_note'
           AND number IS NOT NULL AND status <> 'void' AND amount_due > 0
        UNION ALL
        SELECT currency, 'receipt', amount - allocated_amount - refunded_amount, allocated_amount + refunded_amount,
               amount, base_amount
          FROM customer_receipts
         WHERE tenant_id = %(tenant)s AND customer_id = %(customer)s AND status = 'received'
           AND allocated_amount + refunded_amount < amount) c
 GROUP BY currency, kind
"""
# One row for each thing that changes what a customer owes. Allocations do not: they move money from their credit to
# what they owe. What is void, and refunds that did not happen, are taken out of the books on their own days.
MOVES = """
SELECT document_date AS day, CASE kind WHEN 'credit_note' THEN 2 ELSE 1 END AS place, kind, id, number, due_date,
       currency, CASE kind WHEN 'credit_note' THEN -total ELSE total END AS amount, reference AS said
  FROM sales_documents
 WHERE tenant_id = %(tenant)s AND customer_id = %(customer)s AND kind IN ('invoice', 'debit_note', 'credit_note')
   AND number IS NOT NULL AND status <> 'void' AND document_date <= %(until)s
UNION ALL
SELECT receipt_date, 3, 'receipt', id, number, NULL, currency, -amount, reference
  FROM customer_receipts
 WHERE tenant_id = %(tenant)s AND customer_id = %(customer)s AND status = 'received' AND receipt_date <= %(until)s
UNION ALL
SELECT r.refund_date, 4, 'refund', coalesce(r.receipt_id, r.credit_note_id), coalesce(c.number, n.number), NULL,
       r.currency, r.amount, coalesce(nullif(r.reference, ''), r.reason)
  FROM refunds r
  LEFT JOIN customer_receipts c ON c.tenant_id = r.tenant_id AND c.id = r.receipt_id
  LEFT JOIN sales_documents n ON n.tenant_id = r.tenant_id AND n.id = r.credit_note_id
 WHERE r.tenant_id = %(tenant)s AND r.customer_id = %(customer)s AND r.status = 'done' AND r.refund_date <= %(until)s
UNION ALL
SELECT m.day, 5, 'write_off', d.id, d.number, NULL, d.currency, m.amount, m.said
  FROM sales_documents d
  JOIN allocations a ON a.tenant_id = d.tenant_id AND a.document_id = d.id AND a.kind = 'write_off'
 CROSS JOIN LATERAL (VALUES
         (a.allocated_on, -a.amount, ''),
         ((a.removed_at AT TIME ZONE %(zone)s)::date, a.amount, 'Expected again')) AS m (day, amount, said)
 WHERE d.tenant_id = %(tenant)s AND d.customer_id = %(customer)s AND d.kind IN ('invoice', 'debit_note')
   AND m.day <= %(until)s
"""
_OPENING = f"SELECT currency, sum(amount) AS amount FROM ({MOVES}) m WHERE day < %(start)s GROUP BY currency"  # noqa: S608
_ROWS = f"""
SELECT * FROM ({MOVES}) m
 WHERE day >= %(start)s AND (%(currency)s::text IS NULL OR currency = %(currency)s)
 ORDER BY currency, day, place, number, id LIMIT {MOST_ROWS + 1}
"""  # noqa: S608 - no value is put into it


@dataclass(slots=True)
class Standing:
    """How a customer stands in one currency."""

    currency: str
    receivable: Decimal = ZERO
    overdue: Decimal = ZERO
    unallocated: Decimal = ZERO
    open_credit_notes: Decimal = ZERO
    base_balance: Decimal = ZERO
    due: list[tuple[date, Decimal]] = field(default_factory=list)

    @property
    def balance(self) -> Decimal:
        """What is owed less what they have as credit; below zero when the credit is more."""
        return self.receivable - self.unallocated - self.open_credit_notes

    def ageing(self, on: date) -> list[tuple[ageing.Bucket, Decimal]]:
        """What is owed, by age."""
        sums = ageing.age(self.due, on)
        return [(bucket, sums[bucket.key]) for bucket in ageing.DEFAULT_BUCKETS]


def standings(customer_id: UUID, on: date) -> list[Standing]:
    """How a customer stands, by currency: the tenant's first, then those with most; at least one."""
    base = preferences().currency
    found: dict[str, Standing] = {}

    def of(currency: str) -> Standing:
        return found.setdefault(currency, Standing(currency))

    values = {"tenant": current_tenant_id(), "customer": customer_id, "places": minor_unit(base)}
    connection = db.session.connection()
    for row in connection.exec_driver_sql(_OPEN, values):
        one = of(row.currency)
        one.receivable += row.due
        one.base_balance += row.base
        one.due.append((row.due_date, row.due))
        if row.due_date < on:
            one.overdue += row.due
    for row in connection.exec_driver_sql(_CREDITS, values):
        one = of(row.currency)
        one.base_balance -= row.base
        if row.kind == "note":
            one.open_credit_notes += row.amount
        else:
            one.unallocated += row.amount
    return sorted(found.values(), key=lambda one: (one.currency != base, -abs(one.base_balance), one.currency)) or [
        Standing(base)
    ]


_BALANCES = """
SELECT c.id, sum(m.amount) AS amount
  FROM customers c
  JOIN LATERAL (
    SELECT sum(CASE kind WHEN 'credit_note' THEN -amount_due ELSE amount_due END) AS amount
      FROM sales_documents d
     WHERE d.tenant_id = c.tenant_id AND d.customer_id = c.id AND d.currency = c.currency AND d.number IS NOT NULL
       AND d.kind IN ('invoice', 'debit_note', 'credit_note') AND d.status <> 'void' AND d.amount_due > 0
    UNION ALL
    SELECT -sum(amount - allocated_amount - refunded_amount)
      FROM customer_receipts r
     WHERE r.tenant_id = c.tenant_id AND r.customer_id = c.id AND r.currency = c.currency AND r.status = 'received'
       AND allocated_amount + refunded_amount < amount) m ON true
 WHERE c.tenant_id = %(tenant)s AND c.id = ANY(%(ids)s)
 GROUP BY c.id
"""


def balances_of(ids: Iterable[UUID]) -> dict[UUID, Decimal]:
    """What customers owe in their own currencies, less what they have as credit; by id."""
    wanted = list(ids)
    values = {"tenant": current_tenant_id(), "ids": wanted}
    rows = db.session.connection().exec_driver_sql(_BALANCES, values) if wanted else ()
    return {**dict.fromkeys(wanted, ZERO), **{row.id: row.amount or ZERO for row in rows}}


@dataclass(frozen=True, slots=True)
class Move:
    """A movement of a customer's account. `amount` is above zero for what they owe more; `balance` is after it."""

    day: date
    kind: str
    id: UUID
    number: str
    due_date: date | None
    amount: Decimal
    balance: Decimal
    said: str


@dataclass(slots=True)
class Account:
    """A customer's account in one currency, over some days."""

    currency: str
    opening: Decimal
    moves: list[Move] = field(default_factory=list)

    @property
    def closing(self) -> Decimal:
        """What is owed at the end."""
        return self.moves[-1].balance if self.moves else self.opening

    @property
    def debits(self) -> Decimal:
        """What came to be owed."""
        return sum((one.amount for one in self.moves if one.amount > 0), ZERO)

    @property
    def credits(self) -> Decimal:
        """What was paid, credited or given up."""
        return -sum((one.amount for one in self.moves if one.amount < 0), ZERO)


def statement(customer_id: UUID, start: date, until: date, currency: str | None = None) -> list[Account]:
    """A customer's account over days (both included), by currency; those without balance and movement are left out.

    Raises Invalid at `from` for more than 5,000 movements.
    """
    values = {
        "tenant": current_tenant_id(),
        "customer": customer_id,
        "start": start,
        "until": until,
        "zone": preferences().timezone,
        "currency": currency,
    }
    connection = db.session.connection()
    found = {
        row.currency: Account(row.currency, row.amount)
        for row in connection.exec_driver_sql(_OPENING, values)
        if row.amount and currency in {None, row.currency}
    }
    rows = connection.exec_driver_sql(_ROWS, values).all()
    if len(rows) > MOST_ROWS:
        raise Invalid.at("from", f"There are more than {MOST_ROWS:,} movements. Choose fewer days, or one currency.")
    _run(found, rows)
    base = preferences().currency
    accounts = sorted(found.values(), key=lambda one: (one.currency != base, one.currency))
    return accounts or [Account(currency or base, ZERO)]


def _run(found: dict[str, Account], rows: Iterable[Any]) -> None:
    for row in rows:
        account = found.setdefault(row.currency, Account(row.currency, ZERO))
        balance = account.closing + row.amount
        account.moves.append(
            Move(row.day, row.kind, row.id, row.number or "", row.due_date, row.amount, balance, row.said or "")
        )
