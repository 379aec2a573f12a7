"""What all customers owe, by age and in the tenant's currency: as it stands, and as it stood on a past day.

A past day is put together from what stands now and what happened after it: payments made later are taken off again,
those taken back later are put on again. So its cost follows what is open and what happened since, not the history.
What is void is out of the books on its own days, so it was never owed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
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
_BY_CUSTOMER = """
SELECT i.customer_id, c.name,
       CASE WHEN i.kind IN ('receipt', 'credit_note') THEN i.kind ELSE 'owed' END AS place,
       width_bucket(i.age, %(edges)s) AS bucket, sum(i.base) AS base, count(*) AS items
  FROM ({items}) i JOIN customers c ON c.tenant_id = %(tenant)s AND c.id = i.customer_id
 GROUP BY 1, 2, 3, 4"""
_DOCUMENTS = "SELECT * FROM ({items}) i ORDER BY due_date, document_date, number, id LIMIT %(limit)s"
MOST_DOCUMENTS = 2_000
_STARTS = [bucket.first for bucket in DEFAULT_BUCKETS if bucket.first is not None]


def _statement(outer: str, *, past: bool) -> str:
    opened = _OPEN.format(later=_LATER if past else _NOTHING_LATER)
    return outer.format(items=_ITEMS.format(open=opened))


_STATEMENTS = {
    (outer, past): _statement(text, past=past)
    for outer, text in (("customers", _BY_CUSTOMER), ("documents", _DOCUMENTS))
    for past in (False, True)
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

    def take(self, place: str, bucket: int, base: Decimal, items: int) -> None:
        """Count open things of one kind and age."""
        if place == "owed":
            self.buckets[bucket] += base
            self.documents += items
        elif place == "receipt":
            self.unallocated += base
        else:
            self.open_credit_notes += base


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
    whole, found = Owing(), dict[UUID, Owing]()
    for row in db.session.connection().exec_driver_sql(_STATEMENTS["customers", past], values):
        one = found.setdefault(row.customer_id, Owing(row.customer_id, row.name))
        for owing in (whole, one):
            owing.take(row.place, row.bucket, row.base, row.items)
    customers = sorted(found.values(), key=lambda one: (-one.total, -one.credit, one.name, str(one.customer_id)))
    return Ageing(on, past, whole, customers)


def open_documents(day: date | None = None, customer_id: UUID | None = None) -> list[Any]:
    """The documents and receipts behind the figures, the longest due first (2,000 at most).

    Rows have `kind` (also `receipt`), `number`, `due_date`, `currency`, `due` in it, `base`, and `age`: days past due.
    """
    _, past, values = _values(day, customer_id)
    values["limit"] = MOST_DOCUMENTS
    return list(db.session.connection().exec_driver_sql(_STATEMENTS["documents", past], values))


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
            "edges": _STARTS,
        },
    )
