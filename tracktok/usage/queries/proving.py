"""Proof that what quarters of an hour come to is what their events are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tracktok.core.db import db
from tracktok.core.ids import NIL
from tracktok.core.tenancy import current_tenant_id
from tracktok.ledger.queries import Discrepancy

MOST_TOLD = 100
_NOBODY = f"'{NIL}'::uuid"
_BUCKET = "date_bin('15 minutes', occurred_at, '2000-01-01T00:00:00Z')"
APART = f"""
SELECT customer_id, meter_id, bucket,
       coalesce(e.events, 0) - coalesce(k.events, 0) AS events,
       coalesce(e.quantity, 0) - coalesce(k.quantity, 0) AS quantity,
       e.maximum, k.maximum AS kept_maximum, coalesce(k.events, 0) AS kept_events
  FROM (SELECT coalesce(customer_id, {_NOBODY}) AS customer_id, meter_id, {_BUCKET} AS bucket,
               count(*) AS events, sum(quantity) AS quantity, max(quantity) AS maximum
          FROM usage_events WHERE tenant_id = %(tenant)s GROUP BY 1, 2, 3) e
  FULL JOIN (SELECT customer_id, meter_id, bucket, sum(events) AS events, sum(quantity) AS quantity,
                    max(maximum) AS maximum
               FROM usage_rollups WHERE tenant_id = %(tenant)s GROUP BY 1, 2, 3) k
       USING (customer_id, meter_id, bucket)
 WHERE coalesce(e.events, 0) <> coalesce(k.events, 0) OR coalesce(e.quantity, 0) <> coalesce(k.quantity, 0)
    OR (e.events > 0 AND e.maximum IS DISTINCT FROM k.maximum)
 ORDER BY 1, 2, 3"""  # noqa: S608 - made of constants
"""Where rollups are not the sums of the events, and what they lack; empty when they are."""
UNIQUES_APART = f"""
SELECT customer_id, meter_id, bucket, value, e.there IS NOT NULL AS lacks
  FROM (SELECT DISTINCT coalesce(customer_id, {_NOBODY}) AS customer_id, meter_id, {_BUCKET} AS bucket,
               unique_value AS value, true AS there
          FROM usage_events WHERE tenant_id = %(tenant)s AND unique_value IS NOT NULL) e
  FULL JOIN (SELECT customer_id, meter_id, bucket, value, true AS kept
               FROM usage_uniques WHERE tenant_id = %(tenant)s) k
       USING (customer_id, meter_id, bucket, value)
 WHERE e.there IS NULL OR k.kept IS NULL
 ORDER BY 1, 2, 3, 4"""  # noqa: S608 - made of constants
"""Where the kept values are not those of the events."""


def prove_usage() -> Iterable[Discrepancy]:
    """Where sums of usage differ from the events; nothing when they agree."""
    yield from (
        Discrepancy(
            "usage",
            f"meter {row.meter_id}, customer {row.customer_id}, {row.bucket:%Y-%m-%d %H:%M}: the events come to"
            f" {row.quantity:+f} ({int(row.events):+d} events) more, at most {row.maximum}, not {row.kept_maximum}",
        )
        for row in _rows(APART)
    )
    yield from (
        Discrepancy(
            "usage_value",
            f"meter {row.meter_id}, customer {row.customer_id}, {row.bucket:%Y-%m-%d %H:%M}: “{row.value}” is"
            f" {'not kept' if row.lacks else 'kept and of no event'}",
        )
        for row in _rows(UNIQUES_APART)
    )


def _rows(statement: str) -> list[Any]:
    connection = db.session.connection()
    return list(connection.exec_driver_sql(statement, {"tenant": current_tenant_id()}).fetchmany(MOST_TOLD))
