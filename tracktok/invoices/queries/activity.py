"""What was billed and collected in a range of days, how fast invoices are paid, and which offers are open.

All in the tenant's currency, read by the indexes of days. What is void was never billed; a refund is taken off what
was collected, on its own day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.tenancy import current_tenant_id

ZERO = Decimal(0)
_BILLED = """
SELECT document_date AS day, sum(CASE kind WHEN 'credit_note' THEN -base_total ELSE base_total END) AS amount,
       count(*) AS items
  FROM sales_documents
 WHERE tenant_id = %(tenant)s AND kind IN ('invoice', 'debit_note', 'credit_note') AND deleted_at IS NULL
   AND number IS NOT NULL AND status <> 'void' AND document_date BETWEEN %(start)s AND %(end)s
 GROUP BY 1"""
_COLLECTED = """
SELECT day, sum(amount) AS amount, count(*) AS items
  FROM (
    SELECT receipt_date AS day, base_amount AS amount
      FROM customer_receipts
     WHERE tenant_id = %(tenant)s AND status = 'received' AND receipt_date BETWEEN %(start)s AND %(end)s
    UNION ALL
    SELECT refund_date, -base_amount
      FROM refunds
     WHERE tenant_id = %(tenant)s AND status = 'done' AND refund_date BETWEEN %(start)s AND %(end)s) m
 GROUP BY 1"""
# Invoices whose last payment came in the range: how many days after they were issued. Write-offs pay nothing.
_DAYS_TO_PAY = """
SELECT count(*) AS invoices, avg(paid_on - document_date) AS days
  FROM (
    SELECT d.id, d.document_date, max(a.allocated_on) AS paid_on
      FROM (SELECT DISTINCT document_id FROM allocations
             WHERE tenant_id = %(tenant)s AND allocated_on BETWEEN %(start)s AND %(end)s AND removed_at IS NULL
               AND kind <> 'write_off') t
      JOIN sales_documents d ON d.tenant_id = %(tenant)s AND d.id = t.document_id
       AND d.kind = 'invoice' AND d.status = 'paid'
      JOIN allocations a ON a.tenant_id = %(tenant)s AND a.document_id = d.id AND a.removed_at IS NULL
       AND a.kind <> 'write_off'
     GROUP BY d.id, d.document_date) p
 WHERE paid_on BETWEEN %(start)s AND %(end)s"""
_OFFERS = """
SELECT count(*) AS items, coalesce(sum(base_total), 0) AS amount
  FROM sales_documents
 WHERE tenant_id = %(tenant)s AND kind = 'quote' AND status IN ('sent', 'accepted') AND deleted_at IS NULL
   AND (status = 'accepted' OR valid_until IS NULL OR valid_until >= %(today)s)"""


@dataclass(frozen=True, slots=True)
class DaySum:
    """What a day came to, and of how many documents."""

    day: date
    amount: Decimal
    items: int


@dataclass(frozen=True, slots=True)
class Paying:
    """How many invoices were paid up in a range, and after how many days on average; None where none was."""

    invoices: int
    days: Decimal | None


def billed_by_day(start: date, end: date) -> list[DaySum]:
    """Issued invoices and debit notes less credit notes, with their taxes, by the documents' days."""
    return [DaySum(row.day, row.amount, row.items) for row in _rows(_BILLED, start=start, end=end)]


def collected_by_day(start: date, end: date) -> list[DaySum]:
    """Money received less money given back, by the days on which it moved."""
    return [DaySum(row.day, row.amount, row.items) for row in _rows(_COLLECTED, start=start, end=end)]


def days_to_pay(start: date, end: date) -> Paying:
    """How long invoices took that were paid up in the range."""
    row = _rows(_DAYS_TO_PAY, start=start, end=end)[0]
    return Paying(row.invoices, row.days)


def open_offers() -> tuple[int, Decimal]:
    """How many quotes wait for an answer or an invoice, and what they come to."""
    row = _rows(_OFFERS, today=clock.today(preferences().timezone))[0]
    return row.items, row.amount


def _rows(statement: str, **values: Any) -> list[Any]:
    return list(db.session.connection().exec_driver_sql(statement, {"tenant": current_tenant_id(), **values}))
