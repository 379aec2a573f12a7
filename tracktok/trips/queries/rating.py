"""What is to be priced: the trips of a vendor, and the versions that price them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam, func, select, tuple_

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.trips.models import RateCard, RateCardVersion, Trip, Vendor
from tracktok.trips.rules.cards import Card
from tracktok.trips.rules.terms import card_from

from .trips import COLUMNS

CHUNK = 2_000
_BETWEEN = (Trip.vendor_id == bindparam("vendor", type_=Uuid())) & Trip.trip_date.between(
    bindparam("first", type_=Date()), bindparam("last", type_=Date())
) & Trip.deleted_at.is_(None)  # fmt: skip
_COUNT = select(func.count()).select_from(Trip).where(_BETWEEN)
_TRIPS = select(*COLUMNS, Trip.deleted_at).where(_BETWEEN).order_by(Trip.trip_date, Trip.id).limit(CHUNK)
_MORE = _TRIPS.where(
    tuple_(Trip.trip_date, Trip.id) > tuple_(bindparam("after_day", type_=Date()), bindparam("after_id", type_=Uuid()))
)


def count_trips(vendor_id: UUID, first: date, last: date) -> int:
    """How many live trips a vendor has from one day to another."""
    return int(db.session.execute(_COUNT, {"vendor": vendor_id, "first": first, "last": last}).scalar_one())


def trips_between(vendor_id: UUID, first: date, last: date, after: tuple[date, UUID] | None) -> Sequence[Any]:
    """The next 2,000 live trips of a vendor behind a place, in the order of days, as rows."""
    values = {"vendor": vendor_id, "first": first, "last": last}
    if after is None:
        return db.session.execute(_TRIPS, values).all()
    return db.session.execute(_MORE, {**values, "after_day": after[0], "after_id": after[1]}).all()


_VENDOR = (
    Vendor.id, Vendor.name, Vendor.code, Vendor.currency, Vendor.payment_terms_days, Vendor.gstin, Vendor.email,
    Vendor.address_line1, Vendor.address_line2, Vendor.city, Vendor.postal_code, Vendor.country,
)  # fmt: skip


def find_vendor(vendor_id: UUID) -> Any:
    """A vendor as a row; raises NotFound."""
    row = db.session.execute(select(*_VENDOR).where(Vendor.id == vendor_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such vendor.")
    return row


def find_version(version_id: UUID) -> Card | None:
    """The card of a version, or None."""
    terms = db.session.execute(
        select(RateCardVersion.terms).where(RateCardVersion.id == version_id)
    ).scalar_one_or_none()
    return card_from(terms) if terms is not None else None


def version_names(ids: Iterable[UUID]) -> dict[UUID, tuple[str, date, UUID]]:
    """(name of the card, from which day, id of the card) of versions, by id."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = db.session.execute(
        select(RateCardVersion.id, RateCardVersion.valid_from, RateCard.name, RateCard.id.label("card_id"))
        .join(RateCard, RateCard.id == RateCardVersion.rate_card_id)
        .where(RateCardVersion.id.in_(wanted))
    )
    return {row.id: (row.name, row.valid_from, row.card_id) for row in rows}
