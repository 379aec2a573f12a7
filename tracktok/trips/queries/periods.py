"""Which months of which vendors are closed: those whose statement was approved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from tracktok.core.db import db
from tracktok.trips.models import StatementStatus, TripStatement

_CLOSED = select(TripStatement.vendor_id, TripStatement.month).where(
    TripStatement.vendor_id == any_(bindparam("vendors", type_=ARRAY(Uuid()))),
    TripStatement.status != StatementStatus.draft,
)


def closed_months(vendor_ids: Iterable[UUID]) -> dict[UUID, set[date]]:
    """The closed months of vendors; each vendor has an entry."""
    ids = list(set(vendor_ids))
    found: dict[UUID, set[date]] = {one: set() for one in ids}
    if ids:
        for row in db.session.execute(_CLOSED, {"vendors": ids}):
            found[row.vendor_id].add(row.month)
    return found
