"""Recording and changing trips. Each is priced as it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import orjson
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Conflict, FieldError, Invalid
from tracktok.core.ids import new_id
from tracktok.customers.models import Customer
from tracktok.expenses.models import Project
from tracktok.trips.models import Trip, Vendor
from tracktok.trips.queries.mileage import expenses_of
from tracktok.trips.queries.trips import known_ids
from tracktok.trips.rules.trips import content_id, contradictions, instant_of, local_of, month_of
from tracktok.trips.schemas.trips import TripIn
from tracktok.trips.signals import trip_deleting
from tracktok.web.forms import sentence_of

from .bills import match_credited
from .periods import hold_open
from .rating import price_trips, standing

_PLAIN = (
    "vendor_id", "type", "status", "vehicle", "vehicle_class", "driver", "employees", "route", "origin", "destination",
    "site", "customer_id", "project_id", "odometer_start", "odometer_end", "dead_km", "waiting_minutes", "late_minutes",
    "passengers", "escort", "tolls", "parking", "billed_amount", "notes",
)  # fmt: skip
_NAMES = {"billed": "billed_amount", "distance": "distance_km"}


class TripKnown(Conflict):
    code, title = "trip_known", "There is a trip of this vendor with this id already"


class TripIsMileage(Conflict):
    code, title = "trip_is_mileage", "This trip is a mileage expense"


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one trip of a batch: `created`, `known` or `refused`."""

    status: str
    id: UUID | None = None
    errors: tuple[FieldError, ...] = ()


def create_trip(body: TripIn, payload: Any = None) -> Trip:
    """Record a trip and price it. Raises Invalid (422), TripKnown (409)."""
    refused = _unknown([body])[0]
    if refused:
        raise Invalid(refused[0].detail, errors=refused)
    closed = hold_open([body.vendor_id])
    trip = _filled(Trip(id=new_id(), payload=payload if payload is not None else _payload(body)), body)
    if (trip.vendor_id, trip.external_id) in known_ids([(trip.vendor_id, trip.external_id)]):
        raise _known(trip)
    try:
        with db.session.begin_nested():
            db.session.add(trip)
            db.session.flush()
    except IntegrityError as error:
        if "external_id" in str(error.orig):
            raise _known(trip) from error
        raise
    price_trips([trip], closed, "entered")
    match_credited([trip.vendor_id])
    return trip


def create_trips(bodies: Sequence[dict[str, Any]]) -> list[Item]:
    """Record many trips; each is answered for by itself. One that is known, or was above, is not added again."""
    items: list[Item | None] = [None] * len(bodies)
    read: list[tuple[int, TripIn]] = []
    for place, raw in enumerate(bodies):
        try:
            read.append((place, TripIn.model_validate(raw)))
        except ValidationError as refused:
            items[place] = Item("refused", errors=errors_of(refused))
    for (place, _), errors in zip(read, _unknown([body for _, body in read]), strict=True):
        if errors:
            items[place] = Item("refused", errors=tuple(errors))
    read = [(place, body) for place, body in read if items[place] is None]
    closed = hold_open(body.vendor_id for _, body in read)
    trips: list[tuple[int, Trip]] = []
    for place, body in read:
        try:
            trips.append((place, _filled(Trip(id=new_id(), payload=bodies[place]), body)))
        except Invalid as refused:
            items[place] = Item("refused", errors=refused.errors)
    known = known_ids((trip.vendor_id, trip.external_id) for _, trip in trips)
    fresh: list[Trip] = []
    for place, trip in trips:
        key = (trip.vendor_id, trip.external_id)
        if key in known:
            items[place] = Item("known", known[key])
            continue
        known[key] = trip.id
        items[place] = Item("created", trip.id)
        fresh.append(trip)
    try:
        with db.session.begin_nested():
            db.session.add_all(fresh)
            db.session.flush()
    except IntegrityError as error:
        if "external_id" in str(error.orig):
            raise TripKnown("Some of these trips were written by somebody else just now. Send them again.") from error
        raise
    price_trips(fresh, closed, "entered")
    match_credited({trip.vendor_id for trip in fresh})
    return [one for one in items if one is not None]


def change_trip(trip: Trip, body: TripIn) -> Trip:
    """Change a trip (locked by the caller) as a whole, and price it again. Raises Invalid (422), TripKnown (409)."""
    refused = _unknown([body], trip)[0]
    if refused:
        raise Invalid(refused[0].detail, errors=refused)
    closed = hold_open({trip.vendor_id, body.vendor_id})
    before, chose, was = trip.external_id, _chooses(trip), (trip.vendor_id, month_of(trip.trip_date))
    if body.vendor_id != trip.vendor_id:
        charge = standing([trip.id]).get(trip.id)
        if charge is not None and charge.period in closed[charge.vendor_id]:
            raise Invalid.at("vendor_id", "Its month is closed: delete the trip, and record it with the other vendor.")
    _filled(trip, body, keep=before)
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as error:
        if "external_id" in str(error.orig):
            raise _known(trip) from error
        raise
    price_trips([trip], closed, "edited", moved=_chooses(trip) != chose, shown=[was])
    return trip


def _chooses(trip: Trip) -> tuple[Any, ...]:
    """What chooses the card that prices a trip."""
    return trip.trip_date, trip.vehicle_class.lower(), str(trip.type), trip.project_id


def delete_trip(trip: Trip) -> None:
    """Take a trip (locked by the caller) away. What stood on a closed month is taken back by an adjustment.

    Raises TripIsMileage (409), and what receivers of `trip_deleting` raise: an invoice bills it.
    """
    recorded = expenses_of([trip.id]).get(trip.id)
    if recorded is not None and recorded.deleted_at is None:
        raise TripIsMileage("This trip is a mileage expense. Undo the expense first, or it would stay without a trip.")
    trip_deleting.send(None, trip=trip)
    closed = hold_open([trip.vendor_id])
    trip.deleted_at = clock.now()
    db.session.flush()
    price_trips([trip], closed, "edited")


def values_of(trip: Trip) -> dict[str, Any]:
    """A trip as its form shows it: times on the wall clock of its zone."""
    zone = ZoneInfo(trip.timezone)
    values = {name: getattr(trip, name) for name in _PLAIN}
    return {
        **values,
        "external_id": "" if trip.external_id.startswith("#") else trip.external_id,
        "timezone": trip.timezone,
        "distance_km": trip.distance_km,
        "started_at": _shown(local_of(trip.started_at, zone)),
        "ended_at": _shown(local_of(trip.ended_at, zone)) if trip.ended_at else None,
    }


def _shown(local: datetime) -> str:
    return local.isoformat(timespec="seconds" if local.second else "minutes")


def _known(trip: Trip) -> TripKnown:
    text = f"There is a trip “{trip.external_id}” of this vendor already."
    if trip.external_id.startswith("#"):
        text = "The same trip is recorded already: same vendor, times, vehicle and distance."
    return TripKnown(text, errors=[FieldError("/external_id", TripKnown.code, text)])


def _filled(trip: Trip, body: TripIn, *, keep: str = "") -> Trip:
    """Write what was sent into a trip. Raises Invalid at what contradicts itself."""
    if body.timezone and body.timezone not in available_timezones():
        raise Invalid.at("timezone", "Use a time zone such as Asia/Kolkata.")
    name = body.timezone or trip.timezone or preferences().timezone
    zone = ZoneInfo(name)
    as_before = name == trip.timezone
    start = _instant(body.started_at, zone, was=trip.started_at if as_before else None)
    end = None
    if body.ended_at is not None:
        end = _instant(body.ended_at, zone, start, was=trip.ended_at if as_before else None)
    distance = body.distance_km
    if distance is None:
        run = body.odometer_start is not None and body.odometer_end is not None
        distance = body.odometer_end - body.odometer_start if run else Decimal(0)  # type: ignore[operator]
    found = contradictions(
        seconds=int((end - start).total_seconds()) if end is not None else None,
        distance_km=distance if body.distance_km is not None or distance > 0 else Decimal(0),
        odometer_start=body.odometer_start,
        odometer_end=body.odometer_end,
        amounts=(("billed", body.billed_amount), ("tolls", body.tolls), ("parking", body.parking)),
    )
    if body.dead_km < 0:
        found.append(("dead_km", "This is negative."))
    if found:
        errors = [FieldError(f"/{_NAMES.get(field, field)}", "contradiction", text) for field, text in found]
        raise Invalid(errors[0].detail, errors=errors)
    for one in _PLAIN:
        value = getattr(body, one)
        setattr(trip, one, getattr(value, "value", value))
    trip.started_at, trip.ended_at, trip.timezone = start, end, name
    trip.trip_date = local_of(start, zone).date()
    trip.distance_km = distance
    own = body.external_id.strip()
    if own.startswith("#"):
        own = f" {own}"
    if own:
        trip.external_id = own
    elif not keep.startswith("#"):
        told = (body.vendor_id, start, end, body.vehicle, body.driver, distance, body.origin, body.destination,
                body.route, sorted(body.employees))  # fmt: skip
        trip.external_id = content_id("\x1f".join(map(str, told)), 0)
    return trip


def _instant(at: datetime, zone: ZoneInfo, start: datetime | None = None, *, was: datetime | None = None) -> datetime:
    """The instant that is meant; the one that it `was` where the clock on the wall showed the same to the second."""
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    if was is not None and local_of(was, zone).replace(microsecond=0) == at:
        return was
    return instant_of(at, zone, not_before=start).at


def _payload(body: TripIn) -> Any:
    return orjson.loads(body.model_dump_json(exclude_unset=True))


def errors_of(refused: ValidationError) -> tuple[FieldError, ...]:
    """What is wrong with a trip that was sent, each at its field."""
    return tuple(
        FieldError("/" + "/".join(str(part) for part in error["loc"]), error["type"], sentence_of(error))
        for error in refused.errors(include_url=False)
    )


def _unknown(bodies: Sequence[TripIn], trip: Trip | None = None) -> list[list[FieldError]]:
    """For each trip, what it names that is not there. What the changed `trip` names already stays."""
    found: dict[str, set[UUID]] = {}
    for name, model in (("vendor_id", Vendor), ("customer_id", Customer), ("project_id", Project)):
        wanted = {one for body in bodies if (one := getattr(body, name)) is not None}
        statement = select(model.id).where(model.id.in_(wanted))
        if model is not Vendor:
            statement = statement.where(model.deleted_at.is_(None))  # type: ignore[union-attr]
        found[name] = set(db.session.execute(statement).scalars()) if wanted else set()
    return [
        [
            FieldError(f"/{name}", "unknown", f"There is no such {name.removesuffix('_id')}.")
            for name in found
            if (one := getattr(body, name)) is not None
            and one not in found[name]
            and (trip is None or one != getattr(trip, name))
        ]
        for body in bodies
    ]
