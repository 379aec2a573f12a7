"""A vendor's bill against our trips: what agrees, what is not ours, billed twice, too far, or at another price."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from tracktok.imports.rules.columns import Field, FieldType, Kind

ZERO = Decimal(0)
KM_TOLERANCE = Decimal(1)
"""A kilometre, or 2%, is the difference between two odometers."""
KM_SHARE = Decimal("0.02")
AMOUNT_TOLERANCE = Decimal("0.01")
TRANSITIONS: dict[tuple[str, str], str] = {
    ("open", "agree"): "agreed",
    ("open", "reject"): "rejected",
    ("rejected", "reopen"): "open",
    ("agreed", "reopen"): "open",
    ("agreed", "credit"): "credited",
}


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line as the vendor bills it."""

    number: int
    external_id: str
    day: date | None
    vehicle: str
    km: Decimal | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class OurTrip:
    """A trip as we have it; `price` is None while no card has priced it."""

    id: UUID
    external_id: str
    day: date
    vehicle: str
    km: Decimal
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class Matched:
    """What a line is."""

    verdict: str
    trip: OurTrip | None = None


def plate(vehicle: str) -> str:
    """A registration number as it is compared: letters and digits."""
    return "".join(one for one in vehicle.upper() if one.isalnum())


def match(lines: Sequence[BillLine], trips: Iterable[OurTrip], billed_before: Collection[UUID] = ()) -> list[Matched]:
    """What each line is, in order. By the trip's id; where a line has none, by day and vehicle, the nearest first."""
    by_id: dict[str, OurTrip] = {}
    by_day: dict[tuple[date, str], list[OurTrip]] = {}
    for trip in trips:
        by_id[trip.external_id.strip().lower()] = trip
        by_day.setdefault((trip.day, plate(trip.vehicle)), []).append(trip)
    taken: set[UUID] = set(billed_before)
    found: list[Matched | None] = [None] * len(lines)
    for place, line in enumerate(lines):
        if line.external_id:
            found[place] = _judge(line, by_id.get(line.external_id.strip().lower()), taken)
    for place, line in enumerate(lines):
        if found[place] is None:
            near = by_day.get((line.day, plate(line.vehicle)), []) if line.day and line.vehicle else []
            free = [one for one in near if one.id not in taken] or near
            found[place] = _judge(line, min(free, key=lambda one: _distance(line, one), default=None), taken)
    return [one for one in found if one is not None]


def _distance(line: BillLine, trip: OurTrip) -> tuple[Decimal, Decimal]:
    far = abs(line.km - trip.km) if line.km is not None else ZERO
    return far, abs(line.amount - (trip.price or ZERO))


def _judge(line: BillLine, trip: OurTrip | None, taken: set[UUID]) -> Matched:
    if trip is None:
        return Matched("missing")
    if trip.id in taken:
        return Matched("duplicate", trip)
    taken.add(trip.id)
    if line.km is not None and line.km > trip.km + max(KM_TOLERANCE, trip.km * KM_SHARE):
        return Matched("over_km", trip)
    if trip.price is None or abs(line.amount - trip.price) > AMOUNT_TOLERANCE:
        return Matched("rate_drift", trip)
    return Matched("matched", trip)


def words_for(
    verdict: str, line_km: Decimal | None, km: Decimal | None, amount: Decimal, expected: Decimal | None
) -> str:
    """What is wrong with a line, in words, as it is told to the vendor."""
    if verdict == "missing":
        return "There is no such trip in our records."
    if verdict == "duplicate":
        return "This trip was billed before."
    if verdict == "over_km" and line_km is not None and km is not None:
        return f"{line_km.normalize():f} km are billed; the trip was {km.normalize():f} km."
    if expected is None:
        return "The rate card has no price for this trip."
    return f"{amount:.2f} is billed; by the rate card it is {expected:.2f}."


BILLS = Kind(
    name="vendor_bills",
    label="Vendor bills",
    noun="line",
    nouns="lines",
    needs=(("amount",), ("external_id", "trip_date", "vehicle")),
    fields=(
        Field("vendor", "Vendor", FieldType.reference,
              ("vendor", "vendor name", "vendor code", "supplier", "transporter", "travels"), most_values=500,
              help="Without such a column, choose whose bill it is.", examples=("Sahyadri Cabs", "Sahyadri Cabs")),
        Field("external_id", "Trip ID", FieldType.text,
              ("trip id", "trip no", "trip number", "duty slip no", "duty slip number", "duty slip", "booking id",
               "booking no", "ride id", "reference no", "reference"),
              longest=120, examples=("AC-1001", "AC-1002")),
        Field("trip_date", "Date", FieldType.date,
              ("trip date", "duty date", "date of trip", "travel date", "service date", "start date", "start time",
               "date"),
              examples=("2026-11-20", "2026-11-20")),
        Field("vehicle", "Vehicle", FieldType.text,
              ("vehicle no", "vehicle number", "vehicle", "cab no", "car no", "registration no", "cab number"),
              longest=60, examples=("KA 01 AB 1234", "KA 05 MN 4321")),
        Field("distance", "Distance (km)", FieldType.amount,
              ("distance km", "total km", "total kms", "billed km", "kms", "km", "distance"), examples=("21.4", "34")),
        Field("amount", "Amount", FieldType.amount,
              ("total amount", "bill amount", "billed amount", "line total", "net amount", "amount", "total fare",
               "fare", "total", "cost"),
              examples=("342.50", "480.00")),
    ),
)  # fmt: skip
