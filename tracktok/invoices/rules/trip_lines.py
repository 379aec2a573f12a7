"""Trips as lines of an invoice: which stand on one line, what the line says, and what it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from tracktok.core.money import round_amount
from tracktok.trips.rules.pricing import KM_A_MILE

MILES = frozenset({"mi", "mile", "miles"})
_DISTANCE = Decimal("0.001")


class TripGrouping(StrEnum):
    """What stands on one line."""

    trip = "trip"
    day = "day"
    route = "route"
    vehicle = "vehicle"
    all = "all"

    @property
    def label(self) -> str:
        return {
            "trip": "One line per trip",
            "day": "One line per day",
            "route": "One line per route",
            "vehicle": "One line per vehicle",
            "all": "All on one line",
        }[self.value]


class TripPricing(StrEnum):
    """What a line asks for its trips."""

    cost = "cost"
    markup = "markup"
    per_trip = "per_trip"
    per_km = "per_km"

    @property
    def label(self) -> str:
        return {
            "cost": "What they cost",
            "markup": "What they cost, and a mark-up",
            "per_trip": "The price of a service, for each trip",
            "per_km": "The price of a service, for each km",
        }[self.value]

    @property
    def is_by_cost(self) -> bool:
        return self in {TripPricing.cost, TripPricing.markup}


@dataclass(frozen=True, slots=True)
class TripToBill:
    """A trip as a line needs it. `cost` is before tax; None where no rate card has priced it."""

    id: UUID
    name: str
    """The vendor's id of it, or empty."""
    trip_date: date
    route: str
    vehicle: str
    origin: str
    destination: str
    distance_km: Decimal
    currency: str | None
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class TripLine:
    """A line to be: its trips in order, its words, and how much of it."""

    trips: tuple[TripToBill, ...]
    description: str
    quantity: Decimal
    unit: str
    unit_price: Decimal | None
    """None: that of the service type."""


def group_trips(trips: Iterable[TripToBill], grouping: TripGrouping) -> list[tuple[TripToBill, ...]]:
    """The trips of each line, in the order of their days. Trips without a route or vehicle stand together, last."""
    ordered = sorted(trips, key=lambda one: (one.trip_date, one.name, one.id))
    groups: dict[object, list[TripToBill]] = {}
    for one in ordered:
        key: object = {
            TripGrouping.trip: one.id,
            TripGrouping.day: one.trip_date,
            TripGrouping.route: way_of(one),
            TripGrouping.vehicle: one.vehicle,
            TripGrouping.all: "",
        }[grouping]
        groups.setdefault(key, []).append(one)
    if grouping in {TripGrouping.route, TripGrouping.vehicle}:
        return [tuple(groups[key]) for key in sorted(groups, key=lambda key: (key == "", str(key).lower()))]
    return [tuple(group) for group in groups.values()]


def cost_of(
    trips: Sequence[TripToBill],
    currency: str,
    markup_percent: Decimal,
    rate_from: Callable[[str], Decimal],
) -> Decimal:
    """What trips cost in a currency, with a mark-up; rounded once."""
    sums: dict[str, Decimal] = {}
    for one in trips:
        if one.currency is not None and one.cost is not None:
            sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.cost
    total = sum((amount * rate_from(own) for own, amount in sums.items()), Decimal(0))
    return round_amount(total * (100 + markup_percent) / 100, currency)


def quantity_of(trips: Sequence[TripToBill], pricing: TripPricing, unit: str) -> tuple[Decimal, str]:
    """How much a line bills, and of what. A service that is sold by the mile is billed by the mile."""
    if pricing is TripPricing.per_trip:
        return Decimal(len(trips)), unit or "trip"
    if pricing is TripPricing.per_km:
        km = sum((one.distance_km for one in trips), Decimal(0))
        if unit.lower() in MILES:
            return (km / KM_A_MILE).quantize(_DISTANCE), unit
        return km.quantize(_DISTANCE), unit or "km"
    return Decimal(1), ""


def way_of(one: TripToBill) -> str:
    """Which way a trip went: its route, or from where to where."""
    return one.route or " to ".join(filter(None, (one.origin, one.destination)))


def describe(trips: Sequence[TripToBill], grouping: TripGrouping, day: Callable[[date], str]) -> str:
    """What a line says of its trips: which, when, how many and how far."""
    first, last = trips[0].trip_date, trips[-1].trip_date
    when = day(first) if first == last else f"{day(first)} to {day(last)}"
    km = f"{sum((one.distance_km for one in trips), Decimal(0)).quantize(Decimal('0.1'))} km"
    if grouping is TripGrouping.trip:
        one = trips[0]
        title = f"Trip {one.name}".strip()
        return ", ".join(filter(None, (f"{title} on {when}", way_of(one), km, one.vehicle)))
    count = f"{len(trips)} trip" if len(trips) == 1 else f"{len(trips)} trips"
    if grouping is TripGrouping.day:
        return f"Trips on {when}: {count}, {km}"
    if grouping is TripGrouping.route:
        return f"{way_of(trips[0]) or 'Trips without a route'}, {when}: {count}, {km}"
    if grouping is TripGrouping.vehicle:
        name = f"Vehicle {trips[0].vehicle}" if trips[0].vehicle else "Trips without a vehicle"
        return f"{name}, {when}: {count}, {km}"
    return f"Trips, {when}: {count}, {km}"
