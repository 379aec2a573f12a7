"""Proof that the receivables of the books are what the documents say is due, by customer and currency.

What a document has in receivables is its total less what was settled of it, in its own currency; in the tenant's, its
base total less the part that was settled (`rules.allocating.settled_base`). Credit notes count the other way.
"""

from __future__ import annotations

from collections.abc import Iterable

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
   WHERE l.tenant_id = %(tenant)s
   GROUP BY l.customer_id, l.currency)
SELECT coalesce(c.name, 'no customer') AS customer, coalesce(o.currency, k.currency) AS currency,
       coalesce(o.amount, 0) AS owed, coalesce(k.amount, 0) AS booked,
       coalesce(o.base, 0) AS base_owed, coalesce(k.base, 0) AS base_booked
  FROM owed o
  FULL JOIN booked k ON k.customer_id = o.customer_id AND k.currency = o.currency
  LEFT JOIN customers c ON c.tenant_id = %(tenant)s AND c.id = coalesce(o.customer_id, k.customer_id)
 WHERE coalesce(o.amount, 0) <> coalesce(k.amount, 0) OR coalesce(o.base, 0) <> coalesce(k.base, 0)
 ORDER BY 1, 2"""


def prove_receivables() -> Iterable[Discrepancy]:
    """Where the books and the documents disagree about what customers owe; nothing when they agree."""
    values = {"tenant": current_tenant_id(), "places": minor_unit(preferences().currency)}
    rows = db.session.connection().exec_driver_sql(_APART, values).fetchmany(MOST_TOLD)
    return [
        Discrepancy(
            "receivables",
            f"{row.customer}, {row.currency}: the documents come to {row.owed:f} ({row.base_owed:f}),"
            f" the books to {row.booked:f} ({row.base_booked:f})",
        )
        for row in rows
    ]
