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
from tracktok.trips.signals import months_written

_SHARE = text("SELECT pg_advisory_xact_lock_shared(:key)")
_ALONE = text("SELECT pg_advisory_xact_lock(:key)")
_STIR = text(
    "UPDATE trip_statements SET revision = revision + 1"
    " WHERE tenant_id = :tenant AND vendor_id = :vendor AND month = :month"
)
_STIR_DRAFTS = text(
    "UPDATE trip_statements s SET revision = s.revision + 1 FROM ("
    "  SELECT id FROM trip_statements WHERE tenant_id = :tenant AND vendor_id = :vendor AND status = 'draft'"
    "   ORDER BY month FOR UPDATE) f"
    " WHERE s.tenant_id = :tenant AND s.id = f.id"
)
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


def touch(months: Iterable[tuple[UUID, date]], shown: Iterable[tuple[UUID, date]] = ()) -> None:
    """Say that something of these vendors and months was written: their statements are there, and reckoned anew.

    `shown`: months of which only something that statements show was changed; none is made for it. The number of the
    revision is part of what answers are cached under, so that what was kept is old at once.
    """
    written, shown = set(months), set(shown)
    for vendor_id, month in sorted(written | shown):  # in one order, so that nobody waits in a circle
        values = {"tenant": current_tenant_id(), "vendor": vendor_id, "month": month}
        if (vendor_id, month) in written:
            db.session.execute(_TOUCH, {"id": new_id(), **values})
        else:
            db.session.execute(_STIR, values)
    if written or shown:
        months_written.send(None)


def stir_drafts(vendor_id: UUID) -> None:
    """Say that a rate card of a vendor was changed: fees and guarantees of its drafts are reckoned anew."""
    db.session.execute(_STIR_DRAFTS, {"tenant": current_tenant_id(), "vendor": vendor_id})
    months_written.send(None)
