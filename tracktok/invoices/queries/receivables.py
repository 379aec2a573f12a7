"""What all customers owe, by age and in the tenant's currency: as it stands, and as it stood on a past day.

As it stands: what open documents came to is added up in the index `ix_sales_documents_open` alone, which has their base
amounts; what was paid of those that are part paid is taken off, by `ix_sales_documents_part_paid`. That status, amounts
and due date agree is checked by the table (`ck_sales_documents_open`).

A past day is put together from what stands now and what happened after it: payments made later are taken off again,
those taken back later are put on again. So its cost follows what is open and what happened since, not the history.
What is void is out of the books on its own days, so it was never owed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.money import minor_unit
from tracktok.core.tenancy import current_tenant_id
from tracktok.invoices.rules.ageing import DEFAULT_BUCKETS, Bucket

ZERO = Decimal(0)
_NOTHING_LATER = "SELECT NULL::uuid AS id, 0::numeric AS amount WHERE false"
_LATER = """
SELECT id, sum(amount) AS amount
  FROM (
    SELECT unnest(ARRAY[document_id, receipt_id, credit_note_id]) AS id, amount
      FROM allocations
     WHERE tenant_id = %(tenant)s AND allocated_on > %(day)s AND removed_at IS NULL
    UNION ALL
    SELECT unnest(ARRAY[document_id, receipt_id, credit_note_id]), -amount
      FROM allocations
     WHERE tenant_id = %(tenant)s AND removed_at >= (%(day)s + 1)::timestamp AT TIME ZONE %(zone)s
       AND allocated_on <= %(day)s
    UNION ALL
    SELECT coalesce(receipt_id, credit_note_id), amount
      FROM refunds
     WHERE tenant_id = %(tenant)s AND refund_date > %(day)s AND status <> 'failed') e
 WHERE id IS NOT NULL GROUP BY id HAVING sum(amount) <> 0"""
# Each document and receipt of which something may have been open, and how much of it was used.
_OPEN = """
WITH later AS MATERIALIZED ({later})
SELECT d.id, d.kind, d.number, d.customer_id, d.document_date, coalesce(d.due_date, d.document_date) AS due_date,
       d.currency, d.total, d.base_total, d.amount_paid - coalesce(l.amount, 0) AS used
  FROM sales_documents d LEFT JOIN later l ON l.id = d.id
 WHERE d.tenant_id = %(tenant)s AND d.status IN ('issued', 'part_paid')
   AND d.kind IN ('invoice', 'debit_note', 'credit_note') AND d.deleted_at IS NULL
   AND d.document_date <= %(until)s AND (%(customer)s::uuid IS NULL OR d.customer_id = %(customer)s)
UNION ALL
SELECT d.id, d.kind, d.number, d.customer_id, d.document_date, coalesce(d.due_date, d.document_date),
       d.currency, d.total, d.base_total, d.amount_paid - l.amount
  FROM later l JOIN sales_documents d ON d.tenant_id = %(tenant)s AND d.id = l.id
 WHERE d.status NOT IN ('draft', 'issued', 'part_paid', 'void') AND d.document_date <= %(until)s
   AND (%(customer)s::uuid IS NULL OR d.customer_id = %(customer)s)
UNION ALL
SELECT r.id, 'receipt', r.number, r.customer_id, r.receipt_date, r.receipt_date,
       r.currency, r.amount, r.base_amount, r.allocated_amount + r.refunded_amount - coalesce(l.amount, 0)
  FROM customer_receipts r LEFT JOIN later l ON l.id = r.id
 WHERE r.tenant_id = %(tenant)s AND r.status = 'received' AND r.allocated_amount + r.refunded_amount < r.amount
   AND r.receipt_date <= %(until)s AND (%(customer)s::uuid IS NULL OR r.customer_id = %(customer)s)
UNION ALL
SELECT r.id, 'receipt', r.number, r.customer_id, r.receipt_date, r.receipt_date,
       r.currency, r.amount, r.base_amount, r.allocated_amount + r.refunded_amount - l.amount
  FROM later l JOIN customer_receipts r ON r.tenant_id = %(tenant)s AND r.id = l.id
 WHERE r.status = 'received' AND r.allocated_amount + r.refunded_amount = r.amount
   AND r.receipt_date <= %(until)s AND (%(customer)s::uuid IS NULL OR r.customer_id = %(customer)s)"""
_ITEMS = """
SELECT *, total - used AS due, base_total - round(base_total * used / total, %(places)s) AS base,
       greatest(%(day)s - due_date, 0) AS age
  FROM ({open}) o WHERE total > used"""
_STARTS = [bucket.first for bucket in DEFAULT_BUCKETS if bucket.first is not None]


def _by_age(amount: str) -> str:
    """Sums of an amount by bucket, of rows with a `due_date`. Each amount goes into one sum alone, as adding costs."""
    since = [f"due_date <= %(due_{start})s" for start in _STARTS]
    before = [f"due_date > %(due_{start})s" for start in _STARTS]
    ages = [before[0], *(f"{one} AND {other}" for one, other in zip(since, before[1:], strict=False)), since[-1]]
    return ", ".join(f"sum({amount}) FILTER (WHERE {age})" for age in ages)


# What rows of `customers` have: name, customer_id, place (`owed`, `receipt` or `credit_note`), items, a sum by bucket.
_CUSTOMERS = """
SELECT c.name, i.* FROM ({sums}) i JOIN customers c ON c.tenant_id = %(tenant)s AND c.id = i.customer_id"""
_BY_CUSTOMER = f"""
SELECT customer_id, CASE WHEN kind IN ('receipt', 'credit_note') THEN kind ELSE 'owed' END AS place,
       count(*) AS items, {_by_age("base")}
  FROM ({{items}}) o GROUP BY 1, 2"""  # noqa: S608 - no value is put into it
_UNAGED = ", NULL" * len(_STARTS)
# The first two parts read an index each and no row: see above.
_BY_CUSTOMER_NOW = f"""
SELECT customer_id, 'owed' AS place, count(*) AS items, {_by_age("base_total")}
  FROM sales_documents
 WHERE tenant_id = %(tenant)s AND status IN ('issued', 'part_paid') AND kind IN ('invoice', 'debit_note'){{of}}
 GROUP BY customer_id
UNION ALL
SELECT customer_id, 'owed', 0, {_by_age("-round(base_total * amount_paid / total, %(places)s)")}
  FROM sales_documents
 WHERE tenant_id = %(tenant)s AND status = 'part_paid' AND kind IN ('invoice', 'debit_note'){{of}}
 GROUP BY customer_id
UNION ALL
SELECT customer_id, 'credit_note', count(*),
       sum(base_total - round(base_total * amount_paid / total, %(places)s)){_UNAGED}
  FROM sales_documents
 WHERE tenant_id = %(tenant)s AND status IN ('issued', 'part_paid') AND kind = 'credit_note' AND deleted_at IS NULL
   AND total > amount_paid{{of}}
 GROUP BY customer_id
UNION ALL
SELECT customer_id, 'receipt', count(*),
       sum(base_amount - round(base_amount * (allocated_amount + refunded_amount) / amount, %(places)s)){_UNAGED}
  FROM customer_receipts
 WHERE tenant_id = %(tenant)s AND status = 'received' AND allocated_amount + refunded_amount < amount{{of}}
 GROUP BY customer_id"""  # noqa: S608 - no value is put into it
_DOCUMENTS = "SELECT * FROM ({items}) i ORDER BY due_date, document_date, number, id LIMIT %(limit)s"
MOST_DOCUMENTS = 2_000


def _items(*, past: bool) -> str:
    return _ITEMS.format(open=_OPEN.format(later=_LATER if past else _NOTHING_LATER))


_DOCUMENTS_OF = {past: _DOCUMENTS.format(items=_items(past=past)) for past in (False, True)}
_PAST = _CUSTOMERS.format(sums=_BY_CUSTOMER.format(items=_items(past=True)))
_NOW = {
    one: _CUSTOMERS.format(sums=_BY_CUSTOMER_NOW.format(of=" AND customer_id = %(customer)s" if one else ""))
    for one in (False, True)
}


@dataclass(slots=True)
class Owing:
    """What one customer, or all of them, owe by age, and what they have as credit; in the tenant's currency."""

    customer_id: UUID | None = None
    name: str = ""
    buckets: list[Decimal] = field(default_factory=lambda: [ZERO] * len(DEFAULT_BUCKETS))
    documents: int = 0
    unallocated: Decimal = ZERO
    open_credit_notes: Decimal = ZERO

    @classmethod
    def of_all(cls, customers: Sequence[Owing]) -> Owing:
        """What customers owe together."""
        whole = cls()
        if customers:
            whole.buckets = [sum(ages, ZERO) for ages in zip(*(one.buckets for one in customers), strict=True)]
            whole.documents = sum(one.documents for one in customers)
            whole.unallocated = sum((one.unallocated for one in customers), ZERO)
            whole.open_credit_notes = sum((one.open_credit_notes for one in customers), ZERO)
        return whole

    @property
    def total(self) -> Decimal:
        """All that is owed."""
        return sum(self.buckets, ZERO)

    @property
    def overdue(self) -> Decimal:
        """What is past its due date."""
        return sum(self.buckets[1:], ZERO)

    @property
    def credit(self) -> Decimal:
        """What they paid or were credited and is not used yet."""
        return self.unallocated + self.open_credit_notes

    @property
    def balance(self) -> Decimal:
        """What is owed less what they have as credit."""
        return self.total - self.credit

    def take(self, place: str, items: int, sums: Sequence[Decimal | None]) -> None:
        """Count open things of one kind, by age."""
        if place == "owed":
            self.buckets = [one + more if more else one for one, more in zip(self.buckets, sums, strict=True)]
            self.documents += items
        elif place == "receipt":
            self.unallocated += sum(filter(None, sums), ZERO)
        else:
            self.open_credit_notes += sum(filter(None, sums), ZERO)


@dataclass(frozen=True, slots=True)
class Ageing:
    """Receivables on a day: as a whole, and by customer, those who owe most first."""

    day: date
    is_past: bool
    whole: Owing
    customers: Sequence[Owing]

    @property
    def buckets(self) -> Sequence[tuple[Bucket, Decimal]]:
        """The ages with what is owed of each."""
        return list(zip(DEFAULT_BUCKETS, self.whole.buckets, strict=True))


def ageing_on(day: date | None = None, customer_id: UUID | None = None) -> Ageing:
    """Receivables by age on a day (today without one): as they stood at its end, when it is past."""
    on, past, values = _values(day, customer_id)
    found = dict[UUID, Owing]()
    statement = _PAST if past else _NOW[customer_id is not None]
    for name, id_, place, items, *sums in db.session.connection().exec_driver_sql(statement, values).all():
        if (one := found.get(id_)) is None:
            one = found[id_] = Owing(id_, name)
        one.take(place, items, sums)
    in_order = sorted(found.items(), key=lambda one: (-one[1].total, -one[1].credit, one[1].name, one[0].int))
    customers = [one for _, one in in_order]
    return Ageing(on, past, Owing.of_all(customers), customers)


def open_documents(day: date | None = None, customer_id: UUID | None = None) -> list[Any]:
    """The documents and receipts behind the figures, the longest due first (2,000 at most).

    Rows have `kind` (also `receipt`), `number`, `due_date`, `currency`, `due` in it, `base`, and `age`: days past due.
    """
    _, past, values = _values(day, customer_id)
    values["limit"] = MOST_DOCUMENTS
    return list(db.session.connection().exec_driver_sql(_DOCUMENTS_OF[past], values))


def _values(day: date | None, customer_id: UUID | None) -> tuple[date, bool, dict[str, Any]]:
    settings = preferences()
    today = clock.today(settings.timezone)
    on = day or today
    past = on < today
    return (
        on,
        past,
        {
            "tenant": current_tenant_id(),
            "customer": customer_id,
            "day": on,
            # What is dated ahead is expected already: today shows what documents say, as the lists do.
            "until": on if past else date.max,
            "zone": settings.timezone,
            "places": minor_unit(settings.currency),
            **{f"due_{start}": on - timedelta(days=start) for start in _STARTS},
        },
    )
