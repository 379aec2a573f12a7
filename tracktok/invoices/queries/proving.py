"""Proof that receivables and advances of the books are what documents and receipts say, by customer and currency.

What a document has in receivables is its total less what was settled of it, in its own currency; in the tenant's, its
base total less the part that was settled (`rules.allocating.settled_base`). Credit notes count the other way. What a
receipt has in advances is, just so, its amount less what was allocated and given back of it. And what was allocated to
documents and receipts is the sum of the allocations and refunds that stand. Lines that name no customer are of none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.money import minor_unit
from tracktok.core.tenancy import current_tenant_id
from tracktok.ledger.queries import Discrepancy

MOST_TOLD = 100
_APART = """
WITH owed AS (
  SELECT customer_id, currency, sum(sign * amount_due) AS amount,
         sum(sign * (base_total - CASE WHEN total = 0 THEN 0
                                       ELSE round(base_total * amount_paid / total, %(places)s) END)) AS base
    FROM (SELECT *, CASE WHEN kind = 'credit_note' THEN -1 ELSE 1 END AS sign
            FROM sales_documents
           WHERE tenant_id = %(tenant)s AND kind IN ('invoice', 'debit_note', 'credit_note')
             AND number IS NOT NULL AND status <> 'void') d
   GROUP BY customer_id, currency),
booked AS (
  SELECT l.customer_id, l.currency, sum(l.amount) AS amount, sum(l.base_amount) AS base
    FROM ledger_lines l
    JOIN book_accounts b ON b.tenant_id = l.tenant_id AND b.id = l.book_account_id AND b.role = 'receivables'
   WHERE l.tenant_id = %(tenant)s AND l.customer_id IS NOT NULL
   GROUP BY l.customer_id, l.currency)
SELECT coalesce(c.name, 'a customer that is gone') AS customer, coalesce(o.currency, k.currency) AS currency,
       coalesce(o.amount, 0) AS owed, coalesce(k.amount, 0) AS booked,
       coalesce(o.base, 0) AS base_owed, coalesce(k.base, 0) AS base_booked
  FROM owed o
  FULL JOIN booked k ON k.customer_id = o.customer_id AND k.currency = o.currency
  LEFT JOIN customers c ON c.tenant_id = %(tenant)s AND c.id = coalesce(o.customer_id, k.customer_id)
 WHERE coalesce(o.amount, 0) <> coalesce(k.amount, 0) OR coalesce(o.base, 0) <> coalesce(k.base, 0)
 ORDER BY 1, 2"""
_ADVANCES_APART = """
WITH held AS (
  SELECT customer_id, currency, sum(amount - used) AS amount,
         sum(base_amount - round(base_amount * used / amount, %(places)s)) AS base
    FROM (SELECT *, allocated_amount + refunded_amount AS used FROM customer_receipts
           WHERE tenant_id = %(tenant)s AND status = 'received') r
   GROUP BY customer_id, currency),
booked AS (
  SELECT l.customer_id, l.currency, -sum(l.amount) AS amount, -sum(l.base_amount) AS base
    FROM ledger_lines l
    JOIN book_accounts b ON b.tenant_id = l.tenant_id AND b.id = l.book_account_id AND b.role = 'customer_advances'
   WHERE l.tenant_id = %(tenant)s
   GROUP BY l.customer_id, l.currency)
SELECT coalesce(c.name, 'no customer') AS customer, coalesce(h.currency, k.currency) AS currency,
       coalesce(h.amount, 0) AS held, coalesce(k.amount, 0) AS booked,
       coalesce(h.base, 0) AS base_held, coalesce(k.base, 0) AS base_booked
  FROM held h
  FULL JOIN booked k ON k.customer_id = h.customer_id AND k.currency = h.currency
  LEFT JOIN customers c ON c.tenant_id = %(tenant)s AND c.id = coalesce(h.customer_id, k.customer_id)
 WHERE coalesce(h.amount, 0) <> coalesce(k.amount, 0) OR coalesce(h.base, 0) <> coalesce(k.base, 0)
 ORDER BY 1, 2"""
_SETTLED_APART = """
WITH parts AS (
  SELECT document_id AS id, amount, 0 AS refunded FROM allocations WHERE tenant_id = %(tenant)s AND removed_at IS NULL
  UNION ALL SELECT receipt_id, amount, 0 FROM allocations
   WHERE tenant_id = %(tenant)s AND removed_at IS NULL AND receipt_id IS NOT NULL
  UNION ALL SELECT credit_note_id, amount, 0 FROM allocations
   WHERE tenant_id = %(tenant)s AND removed_at IS NULL AND credit_note_id IS NOT NULL
  UNION ALL SELECT coalesce(receipt_id, credit_note_id), 0, amount FROM refunds
   WHERE tenant_id = %(tenant)s AND status <> 'failed'),
sums AS (SELECT id, sum(amount) AS amount, sum(refunded) AS refunded FROM parts GROUP BY id)
SELECT d.number, d.amount_paid AS said, coalesce(s.amount + s.refunded, 0) AS found
  FROM sales_documents d LEFT JOIN sums s ON s.id = d.id
 WHERE d.tenant_id = %(tenant)s AND d.number IS NOT NULL AND d.amount_paid <> coalesce(s.amount + s.refunded, 0)
UNION ALL
SELECT r.number, r.allocated_amount, coalesce(s.amount, 0)
  FROM customer_receipts r LEFT JOIN sums s ON s.id = r.id
 WHERE r.tenant_id = %(tenant)s AND r.allocated_amount <> coalesce(s.amount, 0)
UNION ALL
SELECT r.number, r.refunded_amount, coalesce(s.refunded, 0)
  FROM customer_receipts r LEFT JOIN sums s ON s.id = r.id
 WHERE r.tenant_id = %(tenant)s AND r.refunded_amount <> coalesce(s.refunded, 0)
 ORDER BY 1"""


def prove_receivables() -> Iterable[Discrepancy]:
    """Where the books and the documents disagree about what customers owe; nothing when they agree."""
    return [
        Discrepancy(
            "receivables",
            f"{row.customer}, {row.currency}: the documents come to {row.owed:f} ({row.base_owed:f}),"
            f" the books to {row.booked:f} ({row.base_booked:f})",
        )
        for row in _rows(_APART)
    ]


def prove_advances() -> Iterable[Discrepancy]:
    """Where the books and the receipts disagree about what customers have as credit; nothing when they agree."""
    return [
        Discrepancy(
            "advances",
            f"{row.customer}, {row.currency}: the receipts have {row.held:f} ({row.base_held:f}) left,"
            f" the books {row.booked:f} ({row.base_booked:f})",
        )
        for row in _rows(_ADVANCES_APART)
    ]


def prove_settled() -> Iterable[Discrepancy]:
    """Where what was paid of a document, or used of a receipt, is not the sum of what was allocated and refunded."""
    return [
        Discrepancy("settled", f"{row.number}: {row.said:f} is kept, {row.found:f} was allocated or given back")
        for row in _rows(_SETTLED_APART)
    ]


def _rows(statement: str) -> list[Any]:
    values = {"tenant": current_tenant_id(), "places": minor_unit(preferences().currency)}
    return list(db.session.connection().exec_driver_sql(statement, values).fetchmany(MOST_TOLD))
