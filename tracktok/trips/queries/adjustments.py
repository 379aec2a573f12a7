"""Adjustments: changes to months that were closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Uuid, and_, bindparam, func, select

from tracktok.core.db import db
from tracktok.trips.models import Trip, TripAdjustment, TripCharge

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


def adjusted(column: Any) -> Any:
    """The sum of a column of the adjustments of a trip, in the currency of the charge that stands."""
    return (
        select(func.coalesce(func.sum(column), 0))
        .where(
            TripAdjustment.tenant_id == TripCharge.tenant_id,
            TripAdjustment.trip_id == TripCharge.trip_id,
            TripAdjustment.currency == TripCharge.currency,
        )
        .scalar_subquery()
    )


_COST = (
    select(
        Trip.deleted_at, TripCharge.currency, TripCharge.amount.label("charged"), TripCharge.tax.label("charged_tax"),
        (TripCharge.amount + adjusted(TripAdjustment.amount)).label("amount"),
        (TripCharge.tax + adjusted(TripAdjustment.tax)).label("tax"),
    )
    .outerjoin(
        TripCharge,
        and_(
            TripCharge.tenant_id == Trip.tenant_id, TripCharge.trip_id == Trip.id, TripCharge.superseded_at.is_(None)
        ),
    )
    .where(Trip.id == bindparam("trip", type_=Uuid()))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TripCost:
    """What a trip costs now: by the card that priced it, with all that was adjusted and credited since."""

    is_deleted: bool
    currency: str
    """Empty while no card has priced the trip."""
    amount: Decimal
    tax: Decimal
    charged: Decimal
    charged_tax: Decimal
    """By the card alone, to tell how much of a price is tax."""

    def owed(self, *, with_tax: bool) -> Decimal:
        """The cost as a bill tells it."""
        return self.amount + self.tax if with_tax else self.amount


def cost_now(trip_id: UUID) -> TripCost:
    """What a trip costs now; nothing while no card has priced it."""
    row = db.session.execute(_COST, {"trip": trip_id}).one()
    amounts = (row.amount, row.tax, row.charged, row.charged_tax)
    return TripCost(row.deleted_at is not None, row.currency or "", *(one or Decimal(0) for one in amounts))


def adjustments_of_trip(trip_id: UUID) -> list[TripAdjustment]:
    """What changed of a trip after its month was closed, in order."""
    return list(db.session.execute(_OF_TRIP, {"trip": trip_id}).scalars())


def adjustments_of(vendor_id: UUID, month: date) -> list[Any]:
    """The adjustments on the statement of a month, with their trips."""
    return list(db.session.execute(_OF_MONTH, {"vendor": vendor_id, "month": month}))
