"""What statements come to by day and project: what budgets count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam, select, text

from tracktok.core.db import db
from tracktok.core.prepared import Prepared
from tracktok.core.tenancy import current_tenant_id
from tracktok.trips.models import TripStatement

_STATEMENTS = Prepared(  # asked whenever an expense is recorded
    select(
        TripStatement.id, TripStatement.vendor_id, TripStatement.month, TripStatement.status, TripStatement.revision,
        TripStatement.version, TripStatement.figures,
    ).where(TripStatement.month.between(bindparam("first", type_=Date()), bindparam("last", type_=Date())))
)  # fmt: skip
_COSTS = text(
    """
    SELECT c.trip_date, t.project_id, c.currency, sum(c.amount - c.passed_on) AS hire, sum(c.passed_on) AS passed_on
      FROM trip_charges c JOIN trips t ON t.tenant_id = c.tenant_id AND t.id = c.trip_id
     WHERE c.tenant_id = :tenant AND c.vendor_id = :vendor AND c.period = :month AND c.superseded_at IS NULL
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
).bindparams(bindparam("month", type_=Date()), bindparam("vendor", type_=Uuid()))


def statements_between(first: date, last: date) -> Sequence[Any]:
    """The statements of the months that a range of days touches."""
    return _STATEMENTS.fetch({"first": first.replace(day=1), "last": last})


def costs_by_day(vendor_id: UUID, month: date) -> Sequence[Any]:
    """What the trips of a statement cost by day, project and currency."""
    values = {"tenant": current_tenant_id(), "vendor": vendor_id, "month": month}
    return db.session.execute(_COSTS, values).all()
