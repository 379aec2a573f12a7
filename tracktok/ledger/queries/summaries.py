"""What balances and totals are: the sums of the lines. Used to keep them, to prove them and to make them anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tracktok.core.db import db
from tracktok.core.tenancy import current_tenant_id

# Grouped in one pass over the lines. The types of accounts are looked up behind OFFSET 0: seen together with the policy
# of row-level security, the planner would take the lines for a few and sort them all.
TOTALS_OF_LINES = """
SELECT tenant_id, book_type, dimension, dimension_id, day, base_amount, items FROM (
  SELECT l.tenant_id, b.type AS book_type, l.entry_date AS day,
         CASE GROUPING(l.book_account_id, l.category_id, l.project_id, l.account_id, l.vendor_id, l.customer_id)
           WHEN 31 THEN 'book' WHEN 47 THEN 'category' WHEN 55 THEN 'project' WHEN 59 THEN 'account'
           WHEN 61 THEN 'vendor' WHEN 62 THEN 'customer' ELSE 'all' END AS dimension,
         coalesce(l.book_account_id, l.category_id, l.project_id, l.account_id, l.vendor_id, l.customer_id,
                  '00000000-0000-0000-0000-000000000000') AS dimension_id,
         GROUPING(l.vendor_id, l.customer_id) <> 3 AND coalesce(l.vendor_id, l.customer_id) IS NULL AS of_nobody,
         sum(CASE b.type WHEN 'income' THEN -l.base_amount ELSE l.base_amount END) AS base_amount,
         sum(l.items)::int AS items
    FROM {lines} l
    JOIN (SELECT tenant_id, id, type FROM book_accounts WHERE type IN ('income', 'expense') OFFSET 0) b
      ON b.tenant_id = l.tenant_id AND b.id = l.book_account_id
   GROUP BY l.tenant_id, b.type, l.entry_date, GROUPING SETS (
         (), (l.book_account_id), (l.category_id), (l.project_id), (l.account_id), (l.vendor_id), (l.customer_id))
  ) AS grouped
 WHERE NOT of_nobody ORDER BY 2, 3, 4, 5"""
"""What lines add to `ledger_totals`. Vendors and customers have rows only where a line names one."""

BALANCES_OF_LINES = """
SELECT l.tenant_id, l.book_account_id, date_trunc('month', l.entry_date::timestamp)::date AS month, l.currency,
       sum(greatest(l.amount, 0)) AS debit, sum(greatest(-l.amount, 0)) AS credit,
       sum(greatest(l.base_amount, 0)) AS base_debit, sum(greatest(-l.base_amount, 0)) AS base_credit
  FROM {lines} l
 GROUP BY 1, 2, 3, 4 ORDER BY 2, 3, 4"""
"""What lines add to `ledger_balances`."""

_OWN_LINES = "(SELECT * FROM ledger_lines WHERE tenant_id = %(tenant)s)"
TOTALS_APART = f"""
SELECT book_type, dimension, dimension_id, day,
       coalesce(l.base_amount, 0) - coalesce(k.base_amount, 0) AS base_amount,
       coalesce(l.items, 0) - coalesce(k.items, 0) AS items
  FROM ({TOTALS_OF_LINES.format(lines=_OWN_LINES)}) l
  FULL JOIN (SELECT * FROM ledger_totals WHERE tenant_id = %(tenant)s) k
       USING (book_type, dimension, dimension_id, day)
 WHERE coalesce(l.base_amount, 0) <> coalesce(k.base_amount, 0) OR coalesce(l.items, 0) <> coalesce(k.items, 0)
 ORDER BY 1, 2, 3, 4"""  # noqa: S608 - made of constants
"""Where totals are not the sums of the lines, and what they lack; empty when the books are sound."""
BALANCES_APART = f"""
SELECT book_account_id, month, currency,
       coalesce(l.debit, 0) - coalesce(k.debit, 0) AS debit, coalesce(l.credit, 0) - coalesce(k.credit, 0) AS credit,
       coalesce(l.base_debit, 0) - coalesce(k.base_debit, 0) AS base_debit,
       coalesce(l.base_credit, 0) - coalesce(k.base_credit, 0) AS base_credit
  FROM ({BALANCES_OF_LINES.format(lines=_OWN_LINES)}) l
  FULL JOIN (SELECT * FROM ledger_balances WHERE tenant_id = %(tenant)s) k USING (book_account_id, month, currency)
 WHERE (coalesce(l.debit, 0), coalesce(l.credit, 0), coalesce(l.base_debit, 0), coalesce(l.base_credit, 0))
    <> (coalesce(k.debit, 0), coalesce(k.credit, 0), coalesce(k.base_debit, 0), coalesce(k.base_credit, 0))
 ORDER BY 1, 2, 3"""  # noqa: S608 - made of constants
"""Where balances are not the sums of the lines, and what they lack; empty when the books are sound."""
_ENTRIES_WRONG = """
SELECT e.number, e.entry_date, count(l.entry_id) AS lines, coalesce(sum(l.base_amount), 0) AS difference,
       CASE WHEN count(DISTINCT l.currency) = 1 THEN sum(l.amount) ELSE 0 END AS original,
       bool_and(l.entry_date = e.entry_date) AS same_day
  FROM ledger_entries e LEFT JOIN ledger_lines l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
 WHERE e.tenant_id = %(tenant)s
 GROUP BY e.id, e.number, e.entry_date
HAVING count(l.entry_id) < 2 OR sum(l.base_amount) <> 0 OR NOT bool_and(l.entry_date = e.entry_date)
    OR (count(DISTINCT l.currency) = 1 AND sum(l.amount) <> 0)
 ORDER BY e.number"""
_REVERSALS_WRONG = """
SELECT r.number, o.number AS of
  FROM ledger_entries r JOIN ledger_entries o ON o.tenant_id = r.tenant_id AND o.id = r.reverses_id
 WHERE r.tenant_id = %(tenant)s AND EXISTS (
   SELECT 1 FROM ledger_lines l
    WHERE l.tenant_id = r.tenant_id AND l.entry_id IN (r.id, o.id)
    GROUP BY l.book_account_id, l.currency HAVING sum(l.amount) <> 0 OR sum(l.base_amount) <> 0)
 ORDER BY r.number"""
_CURRENCIES_WRONG = """
SELECT b.code, b.currency, l.currency AS found, count(*) AS lines
  FROM book_accounts b JOIN ledger_lines l ON l.tenant_id = b.tenant_id AND l.book_account_id = b.id
 WHERE b.tenant_id = %(tenant)s AND l.currency <> b.currency
 GROUP BY 1, 2, 3 ORDER BY 1, 3"""
_COUNTS = """
SELECT (SELECT count(*) FROM ledger_entries WHERE tenant_id = %(tenant)s) AS entries,
       (SELECT count(*) FROM ledger_lines WHERE tenant_id = %(tenant)s) AS lines"""
MOST_TOLD = 100


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One thing that is not as it must be. `kind`: entry, reversal, currency, balance, total, or of an area above."""

    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What a look at the books found: how much was looked at, and (at most 100 of each kind) what is wrong."""

    entries: int
    lines: int
    discrepancies: list[Discrepancy]

    @property
    def is_sound(self) -> bool:
        return not self.discrepancies


_also: list[Callable[[], Iterable[Discrepancy]]] = []


def prove_also(check: Callable[[], Iterable[Discrepancy]]) -> None:
    """An area above says here what else must be so when the books are sound: that its own balances are the ledger's."""
    if check not in _also:
        _also.append(check)


_summaries_also: list[Callable[[], Iterable[Discrepancy]]] = []


def prove_summaries_also(check: Callable[[], Iterable[Discrepancy]]) -> None:
    """An area above says here where sums that it keeps beside its own rows differ from them."""
    if check not in _summaries_also:
        _summaries_also.append(check)


def prove_books() -> Proof:
    """Look at every entry and line of the current tenant; a moment's picture each, beside people who go on working."""
    counts = _rows(_COUNTS)[0]
    found = [
        *(Discrepancy("entry", _entry_wrong(row)) for row in _rows(_ENTRIES_WRONG)),
        *(
            Discrepancy("reversal", f"entry {row.number} does not undo entry {row.of}")
            for row in _rows(_REVERSALS_WRONG)
        ),
        *(
            Discrepancy("currency", f"account {row.code} holds {row.currency}, {row.lines} lines are in {row.found}")
            for row in _rows(_CURRENCIES_WRONG)
        ),
        *prove_summaries(),
        *(one for check in _also for one in check()),
    ]
    return Proof(counts.entries, counts.lines, found)


def prove_summaries() -> list[Discrepancy]:
    """Where balances, totals and sums of areas above differ from the rows they are of; empty when they are equal."""
    return [
        *(
            Discrepancy(
                "balance",
                f"account {row.book_account_id}, {row.month:%Y-%m}, {row.currency}: the lines come to"
                f" {row.debit:+f} debit, {row.credit:+f} credit ({row.base_debit:+f}, {row.base_credit:+f}) more",
            )
            for row in _rows(BALANCES_APART)
        ),
        *(
            Discrepancy(
                "total",
                f"{row.book_type} by {row.dimension} {row.dimension_id} on {row.day}: the lines come to"
                f" {row.base_amount:+f} ({row.items:+d} items) more",
            )
            for row in _rows(TOTALS_APART)
        ),
        *(one for check in _summaries_also for one in check()),
    ]


def _rows(statement: str) -> list[Any]:
    connection = db.session.connection()
    return list(connection.exec_driver_sql(statement, {"tenant": current_tenant_id()}).fetchmany(MOST_TOLD))


def _entry_wrong(row: Any) -> str:
    if row.lines < 2:
        return f"entry {row.number} has {row.lines} lines"
    if row.difference:
        return f"entry {row.number} differs by {row.difference:f}"
    if not row.same_day:
        return f"entry {row.number} has lines of another day than {row.entry_date}"
    return f"entry {row.number} differs by {row.original:f} in its own currency"
