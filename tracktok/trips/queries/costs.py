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

_EMPLOYEES = text(
    """
    SELECT e.employee, t.trip_date, t.type, t.project_id, count(*)::int AS trips, sum(t.distance_km) AS distance_km,
           coalesce(sum(extract(epoch FROM t.ended_at - t.started_at)), 0)::bigint AS seconds
      FROM trips t CROSS JOIN LATERAL unnest(t.employees) AS e (employee)
     WHERE t.tenant_id = :tenant AND t.deleted_at IS NULL AND t.trip_date BETWEEN :first AND :last
       AND t.status = 'completed' AND t.employees <> '{}'
       AND (cast(:employee AS text) IS NULL OR e.employee = :employee)
     GROUP BY 1, 2, 3, 4 ORDER BY 1, 2"""
).bindparams(bindparam("first", type_=Date()), bindparam("last", type_=Date()))


def costs_of(month: date) -> Sequence[Any]:
    """What the trips of a month cost, by customer, project, site and currency: for those who are billed for them."""
    values = {"tenant": current_tenant_id(), "first": month, "last": last_day(month)}
    return db.session.execute(_COSTS, values).all()


def driven(first: date, last: date, employee: str | None = None) -> Sequence[Any]:
    """What employees were driven, by employee, day, type of trip and project; of one employee when named."""
    values = {"tenant": current_tenant_id(), "first": first, "last": last, "employee": employee}
    return db.session.execute(_EMPLOYEES, values).all()
