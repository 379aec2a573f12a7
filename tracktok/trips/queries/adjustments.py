"""Adjustments: changes to months that were closed."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam, select

from tracktok.core.db import db
from tracktok.trips.models import Trip, TripAdjustment

_OF_TRIP = select(TripAdjustment).where(TripAdjustment.trip_id == bindparam("trip")).order_by(TripAdjustment.id)
_OF_MONTH = (
    select(
        TripAdjustment.id, TripAdjustment.trip_id, TripAdjustment.about, TripAdjustment.kind, TripAdjustment.reason,
        TripAdjustment.currency, TripAdjustment.amount, TripAdjustment.tax, TripAdjustment.total,
        TripAdjustment.created_at, Trip.external_id, Trip.trip_date, Trip.vehicle, Trip.project_id, Trip.customer_id,
    )
    .outerjoin(Trip, (Trip.tenant_id == TripAdjustment.tenant_id) & (Trip.id == TripAdjustment.trip_id))
    .where(
        TripAdjustment.vendor_id == bindparam("vendor", type_=Uuid()),
        TripAdjustment.period == bindparam("month", type_=Date()),
    )
    .order_by(TripAdjustment.id)
)  # fmt: skip


def adjustments_of_trip(trip_id: UUID) -> list[TripAdjustment]:
    """What changed of a trip after its month was closed, in order."""
    return list(db.session.execute(_OF_TRIP, {"trip": trip_id}).scalars())


def adjustments_of(vendor_id: UUID, month: date) -> list[Any]:
    """The adjustments on the statement of a month, with their trips."""
    return list(db.session.execute(_OF_MONTH, {"vendor": vendor_id, "month": month}))
