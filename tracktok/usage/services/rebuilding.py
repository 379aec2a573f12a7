"""Making what quarters of an hour come to anew from the events, while more are recorded."""

from __future__ import annotations

from tracktok.core.db import db, lock_key
from tracktok.core.tenancy import current_tenant_id
from tracktok.usage.queries.proving import APART, UNIQUES_APART

# As in the ledger: what lacks is added, found in the same moment's picture as what is there. A maximum that is too high
# is lowered only where nothing was added meanwhile.
_REBUILD = f"""
WITH apart AS MATERIALIZED ({APART}),
lowered AS (
  UPDATE usage_rollups r SET maximum = a.maximum
    FROM apart a
   WHERE r.tenant_id = %(tenant)s AND r.customer_id = a.customer_id AND r.meter_id = a.meter_id
     AND r.bucket = a.bucket AND r.shard > 0 AND a.kept_events > 0 AND r.maximum > a.maximum
  RETURNING 1),
added AS (
  INSERT INTO usage_rollups AS kept (tenant_id, customer_id, meter_id, bucket, shard, events, quantity, maximum)
  SELECT %(tenant)s, customer_id, meter_id, bucket, 0, events, quantity, coalesce(maximum, 0) FROM apart
   ORDER BY customer_id, meter_id, bucket
  ON CONFLICT (tenant_id, customer_id, meter_id, bucket, shard) DO UPDATE SET
    events = kept.events + excluded.events, quantity = kept.quantity + excluded.quantity, maximum = excluded.maximum
  RETURNING 1)
SELECT (SELECT count(*) FROM added) AS added, (SELECT count(*) FROM lowered) AS lowered
"""  # noqa: S608 - made of constants
_UNIQUES = f"""
WITH apart AS MATERIALIZED ({UNIQUES_APART}),
added AS (
  INSERT INTO usage_uniques (tenant_id, customer_id, meter_id, bucket, value)
  SELECT %(tenant)s, customer_id, meter_id, bucket, value FROM apart WHERE lacks ORDER BY 2, 3, 4, 5
  ON CONFLICT DO NOTHING RETURNING 1),
removed AS (
  DELETE FROM usage_uniques u USING apart a
   WHERE NOT a.lacks AND u.tenant_id = %(tenant)s AND u.customer_id = a.customer_id AND u.meter_id = a.meter_id
     AND u.bucket = a.bucket AND u.value = a.value
  RETURNING 1)
SELECT (SELECT count(*) FROM added) + (SELECT count(*) FROM removed) AS changed
"""  # noqa: S608 - made of constants


def rebuild_usage() -> int:
    """Make the current tenant's sums of usage equal to its events; returns how many rows were put right."""
    connection = db.session.connection()
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%(key)s)", {"key": lock_key("usage.rebuild")})
    given = {"tenant": current_tenant_id()}
    row = connection.exec_driver_sql(_REBUILD, given).one()
    return int(row.added) + int(connection.exec_driver_sql(_UNIQUES, given).one().changed)
