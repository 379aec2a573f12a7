"""Making balances and totals anew from the lines, while people go on working."""

from __future__ import annotations

from collections.abc import Callable

from tracktok.core.db import db, lock_key
from tracktok.core.tenancy import current_tenant_id
from tracktok.ledger.queries.summaries import BALANCES_APART, TOTALS_APART

# What lacks is added to what is there, and found in the same moment's picture as what is there: an entry that is posted
# meanwhile adds its own part, before or after, and the sum is right. The order is that of `posting`.
_REBUILD = f"""
WITH totals AS MATERIALIZED ({TOTALS_APART}),
balances AS MATERIALIZED ({BALANCES_APART}),
balanced AS (
  INSERT INTO ledger_balances AS kept
         (tenant_id, book_account_id, month, currency, debit, credit, base_debit, base_credit)
  SELECT %(tenant)s, book_account_id, month, currency, debit, credit, base_debit, base_credit FROM balances
   ORDER BY book_account_id, month, currency
  ON CONFLICT (tenant_id, book_account_id, month, currency) DO UPDATE SET
    debit = kept.debit + excluded.debit, credit = kept.credit + excluded.credit,
    base_debit = kept.base_debit + excluded.base_debit, base_credit = kept.base_credit + excluded.base_credit
  RETURNING 1),
totalled AS (
  INSERT INTO ledger_totals AS kept (tenant_id, book_type, dimension, dimension_id, day, base_amount, items)
  SELECT %(tenant)s, book_type, dimension, dimension_id, day, base_amount, items FROM totals
   ORDER BY book_type, dimension, dimension_id, day
  ON CONFLICT (tenant_id, book_type, dimension, dimension_id, day) DO UPDATE SET
    base_amount = kept.base_amount + excluded.base_amount, items = kept.items + excluded.items
  RETURNING 1)
SELECT (SELECT count(*) FROM totalled) AS totals, (SELECT count(*) FROM balanced) AS balances
"""  # noqa: S608 - made of constants


_also: list[Callable[[], int]] = []


def rebuild_also(rebuild: Callable[[], int]) -> None:
    """An area above says here how its own sums are made anew; it returns how many it put right."""
    if rebuild not in _also:
        _also.append(rebuild)


def rebuild_summaries() -> int:
    """Make the current tenant's balances and totals (and sums of areas above) equal to the rows they are of.

    Returns how many rows were put right.
    """
    connection = db.session.connection()
    # Two at once would both add what lacks.
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%(key)s)", {"key": lock_key("ledger.rebuild")})
    row = connection.exec_driver_sql(_REBUILD, {"tenant": current_tenant_id()}).one()
    return int(row.totals + row.balances) + sum(rebuild() for rebuild in _also)
