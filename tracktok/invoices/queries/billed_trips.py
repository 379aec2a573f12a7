"""Trips and invoices: which were not billed yet, their locks while a document takes them, what bills a trip."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, Date, Select, Uuid, and_, bindparam, func, select

from tracktok.core.db import db
from tracktok.core.pagination import Page, keyset, make_page, page_parameters, sort_by
from tracktok.invoices.models import BilledTrip, SalesDocument, SalesLine
from tracktok.invoices.rules.trip_lines import TripToBill
from tracktok.trips.models import Trip, TripAdjustment, TripCharge, Vendor
from tracktok.trips.queries.trips import standing_charge
from tracktok.trips.rules.trips import shown_id

TRIPS = "trips"
"""The source of lines that bill trips."""
_IDS = bindparam("ids", type_=ARRAY(Uuid())).any_()
_SORTS = {"trip_date": sort_by(Trip.trip_date)}
# What changed of the cost after its month was closed belongs to it.
_ADJUSTED = (
    select(func.coalesce(func.sum(TripAdjustment.amount), 0))
    .where(
        TripAdjustment.tenant_id == Trip.tenant_id,
        TripAdjustment.trip_id == Trip.id,
        TripAdjustment.currency == TripCharge.currency,
    )
    .scalar_subquery()
)
_COLUMNS = (
    Trip.id, Trip.external_id, Trip.vendor_id, Vendor.name.label("vendor"), Trip.trip_date, Trip.route, Trip.origin,
    Trip.destination, Trip.vehicle, Trip.distance_km, Trip.status, Trip.customer_id, Trip.project_id,
    TripCharge.currency, (TripCharge.amount + _ADJUSTED).label("cost"),
)  # fmt: skip
_HELD = (
    select(BilledTrip.id)
    .where(BilledTrip.tenant_id == Trip.tenant_id, BilledTrip.trip_id == Trip.id, BilledTrip.holds)
    .exists()
)
_CONDITIONS: dict[str, Any] = {
    "date_from": Trip.trip_date >= bindparam("date_from", type_=Date()),
    "date_to": Trip.trip_date <= bindparam("date_to", type_=Date()),
    "project_id": Trip.project_id == bindparam("project_id", type_=Uuid()),
    "vendor_id": Trip.vendor_id == bindparam("vendor_id", type_=Uuid()),
}


def _trips() -> Select[Any]:
    found: Any = (
        select(*_COLUMNS)
        .select_from(Trip)
        .join(Vendor, and_(Vendor.tenant_id == Trip.tenant_id, Vendor.id == Trip.vendor_id))
        .outerjoin(TripCharge, standing_charge())
        .where(Trip.deleted_at.is_(None))
    )
    return cast("Select[Any]", found)


def _waiting(shape: frozenset[str]) -> Select[Any]:
    statement = _trips().where(
        Trip.customer_id == bindparam("customer", type_=Uuid()), Trip.status == "completed", ~_HELD
    )
    for name in sorted(shape):
        statement = statement.where(_CONDITIONS[name])
    return statement


def _selection(which: Any) -> tuple[frozenset[str], dict[str, Any]]:
    found = {name: value for name in _CONDITIONS if (value := getattr(which, name)) is not None}
    return frozenset(found), {**found, "customer": which.customer_id}


@cache
def _page_statement(shape: frozenset[str], after: bool) -> Select[Any]:  # noqa: FBT001 - part of the key
    return keyset(_waiting(shape), sorts=_SORTS, id_column=Trip.id, sort="trip_date", after=after)


def list_unbilled(query: Any) -> Page:
    """A page of a customer's completed trips that no document bills yet, the oldest first."""
    shape, parameters = _selection(query)
    wanted = page_parameters(sorts=_SORTS, sort="trip_date", cursor=query.cursor, limit=query.limit)
    rows = db.session.execute(_page_statement(shape, bool(query.cursor)), {**parameters, **wanted}).all()
    return make_page(rows, sort="trip_date", limit=query.limit, sort_key="trip_date")


@cache
def _all_statement(shape: frozenset[str]) -> Select[Any]:
    return _waiting(shape).order_by(Trip.trip_date, Trip.id).limit(bindparam("most"))


def find_unbilled(which: Any, most: int) -> Sequence[Any]:
    """A customer's completed trips that no document bills yet; `most` at most."""
    shape, parameters = _selection(which)
    return db.session.execute(_all_statement(shape), {**parameters, "most": most}).all()


MOST_COUNTED = 100
"""A form says "and more" from here on: it counts no further whenever it is drawn."""
_COUNT = (
    select(func.count())
    .select_from(
        select(Trip.id)
        .where(
            Trip.customer_id == bindparam("customer", type_=Uuid()),
            Trip.status == "completed",
            Trip.deleted_at.is_(None),
            ~_HELD,
        )
        .limit(MOST_COUNTED)
        .subquery()
    )
)  # fmt: skip


def count_unbilled(customer_id: UUID) -> int:
    """How many trips of a customer wait to be billed; counted to a hundred."""
    return int(db.session.execute(_COUNT, {"customer": customer_id}).scalar_one())


_READ = _trips().where(Trip.id == _IDS)
# Locked by whoever bills them, in the order of their ids: of two documents over one trip the second sees the first.
_LOCKS = select(Trip.id).where(Trip.id == _IDS).order_by(Trip.id).with_for_update()


def read_trips(ids: Collection[UUID], *, lock: bool) -> dict[UUID, Any]:
    """Live trips by id with what they cost; locked until the transaction ends."""
    if lock:
        db.session.execute(_LOCKS, {"ids": sorted(ids)})
    return {row.id: row for row in db.session.execute(_READ, {"ids": list(ids)})}


def to_bill(row: Any) -> TripToBill:
    """A row as rules take it."""
    return TripToBill(
        row.id, shown_id(row.external_id), row.trip_date, row.route, row.vehicle, row.origin, row.destination,
        row.distance_km, row.currency, row.cost,
    )  # fmt: skip


_HOLDERS = (
    select(BilledTrip.trip_id, BilledTrip.document_id, SalesDocument.number)
    .join(
        SalesDocument,
        and_(SalesDocument.tenant_id == BilledTrip.tenant_id, SalesDocument.id == BilledTrip.document_id),
    )
    .where(BilledTrip.trip_id == _IDS, BilledTrip.holds)
)


def holders_of(ids: Collection[UUID]) -> Sequence[Any]:
    """Which documents bill these trips now: (trip_id, document_id, number)."""
    return db.session.execute(_HOLDERS, {"ids": list(ids)}).all() if ids else ()


_HELD_BETWEEN = (
    select(func.count(), func.max(SalesDocument.number))
    .select_from(BilledTrip)
    .join(
        SalesDocument,
        and_(SalesDocument.tenant_id == BilledTrip.tenant_id, SalesDocument.id == BilledTrip.document_id),
    )
    .where(
        BilledTrip.trip_id.between(bindparam("first", type_=Uuid()), bindparam("last", type_=Uuid())),
        BilledTrip.holds,
    )
)


def held_between(first: UUID, last: UUID) -> tuple[int, str | None]:
    """How many trips of a range of ids documents bill now, and the number of one of the documents."""
    count, number = db.session.execute(_HELD_BETWEEN, {"first": first, "last": last}).one()
    return count, number


_OF_DOCUMENT = (
    select(
        BilledTrip.trip_id, BilledTrip.holds, SalesLine.id.label("line_id"), SalesLine.position, Trip.external_id,
        Vendor.name.label("vendor"), Trip.trip_date, Trip.distance_km,
    )
    .join(Trip, and_(Trip.tenant_id == BilledTrip.tenant_id, Trip.id == BilledTrip.trip_id))
    .join(Vendor, and_(Vendor.tenant_id == Trip.tenant_id, Vendor.id == Trip.vendor_id))
    .outerjoin(
        SalesLine,
        and_(
            SalesLine.tenant_id == BilledTrip.tenant_id,
            SalesLine.document_id == BilledTrip.document_id,
            SalesLine.source == TRIPS,
            SalesLine.source_id == BilledTrip.batch_id,
        ),
    )
    .where(BilledTrip.document_id == bindparam("document", type_=Uuid()))
    .order_by(SalesLine.position.nulls_last(), Trip.trip_date, Trip.id)
)  # fmt: skip


def trips_of(document_id: UUID) -> Sequence[Any]:
    """The trips that a document bills, or billed before it was made void, by line and day."""
    return db.session.execute(_OF_DOCUMENT, {"document": document_id}).all()


__all__ = [
    "TRIPS", "count_unbilled", "find_unbilled", "held_between", "holders_of", "list_unbilled", "read_trips", "to_bill",
    "trips_of",
]  # fmt: skip
