"""Months: held open while something is written into them, and marked as changed so that nothing old is shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import text

from tracktok.core.db import db, lock_key
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.trips.queries.periods import closed_months

_SHARE = text("SELECT pg_advisory_xact_lock_shared(:key)")
_ALONE = text("SELECT pg_advisory_xact_lock(:key)")
_TOUCH = text(
    "INSERT INTO trip_statements (tenant_id, id, vendor_id, month) VALUES (:tenant, :id, :vendor, :month)"
    " ON CONFLICT (tenant_id, vendor_id, month) DO UPDATE SET revision = trip_statements.revision + 1"
)


def hold_open(vendor_ids: Iterable[UUID]) -> dict[UUID, set[date]]:
    """The closed months of vendors, which stay the same until the transaction ends: nothing is approved meanwhile."""
    ids = sorted(set(vendor_ids))
    for one in ids:
        db.session.execute(_SHARE, {"key": lock_key("trips.months", one)})
    return closed_months(ids)


def hold_alone(vendor_id: UUID) -> None:
    """Wait until nobody writes trips of a vendor, and let nobody until the transaction ends: its months may close."""
    db.session.execute(_ALONE, {"key": lock_key("trips.months", vendor_id)})


def touch(months: Iterable[tuple[UUID, date]]) -> None:
    """Say that something of these vendors and months was written: their statements are there, and reckoned anew.

    The number of the revision is part of what answers are cached under, so that what was kept is old at once.
    """
    for vendor_id, month in sorted(set(months)):
        db.session.execute(_TOUCH, {"tenant": current_tenant_id(), "id": new_id(), "vendor": vendor_id, "month": month})
