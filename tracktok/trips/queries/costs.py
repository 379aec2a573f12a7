"""What trips cost by customer, project and site; and what employees were driven."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, bindparam, text

from tracktok.core.db import db
from tracktok.core.tenancy import current_tenant_id
from tracktok.trips.rules.trips import last_day

_COSTS = text(
    """
    SELECT t.customer_id, coalesce(cu.name, '') AS customer, t.project_id, coalesce(p.name, '') AS project, t.site,
           c.currency, count(*)::int AS trips, sum(t.distance_km) AS distance_km, sum(c.amount) AS amount,
           sum(c.tax) AS tax, sum(c.total) AS total
      FROM trips t
      JOIN trip_charges c ON c.tenant_id = t.tenant_id AND c.trip_id = t.id AND c.superseded_at IS NULL
      LEFT JOIN customers cu ON cu.tenant_id = t.tenant_id AND cu.id = t.customer_id
      LEFT JOIN projects p ON p.tenant_id = t.tenant_id AND p.id = t.project_id
     WHERE t.tenant_id = :tenant AND t.deleted_at IS NULL AND t.trip_date BETWEEN :first AND :last
     GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY customer, project, t.site, c.currency"""
).bindparams(bindparam("first", type_=Date()), bindparam("last", type_=Date()))

# A text of the directory means its employee, as in the employee's own portal; each trip counts once for each.
_EMPLOYEES = text(
    """
    WITH named AS (
      SELECT t.id, n.employee_id, CASE WHEN n.employee_id IS NULL THEN e.name END AS stranger, min(e.name) AS called
        FROM trips t CROSS JOIN LATERAL unnest(t.employees) AS e (name)
        LEFT JOIN employee_names n ON n.tenant_id = t.tenant_id AND n.name = lower(e.name)
       WHERE t.tenant_id = :tenant AND t.deleted_at IS NULL AND t.trip_date BETWEEN :first AND :last
         AND t.status = 'completed' AND t.employees <> '{}'
       GROUP BY 1, 2, 3)
    SELECT named.employee_id, coalesce(p.name, named.stranger) AS employee, t.trip_date, t.type, t.project_id,
           min(named.called) AS called, count(*)::int AS trips, sum(t.distance_km) AS distance_km,
           coalesce(sum(extract(epoch FROM t.ended_at - t.started_at)), 0)::bigint AS seconds
      FROM named JOIN trips t ON t.tenant_id = :tenant AND t.id = named.id
      LEFT JOIN employees p ON p.tenant_id = :tenant AND p.id = named.employee_id
     GROUP BY 1, 2, 3, 4, 5 ORDER BY 2, 3"""
).bindparams(bindparam("first", type_=Date()), bindparam("last", type_=Date()))


def costs_of(month: date) -> Sequence[Any]:
    """What the trips of a month cost, by customer, project, site and currency: for those who are billed for them."""
    values = {"tenant": current_tenant_id(), "first": month, "last": last_day(month)}
    return db.session.execute(_COSTS, values).all()


def driven(first: date, last: date) -> Sequence[Any]:
    """What employees were driven, by employee, day, type of trip and project.

    Whom the directory knows has an `employee_id`, whatever trips call them; others are known by what they are called.
    """
    return db.session.execute(_EMPLOYEES, {"tenant": current_tenant_id(), "first": first, "last": last}).all()
