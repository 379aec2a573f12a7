"""What prices are reckoned from, and what they are: facts of a trip, totals of a month, parts, a price."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from tracktok.core.money import format_amount

from .cards import ZERO, Surcharge, Tax, plain

HUNDRED = Decimal(100)
_GROUPS: dict[str, frozenset[str]] = {
    "fare": frozenset({"trip", "distance", "time", "package", "package_distance", "package_time", "minimum_fare"}),
    "distance": frozenset({"distance", "package_distance", "dead"}),
    "time": frozenset({"time", "package_time"}),
    "monthly": frozenset({"monthly", "extra_trips", "extra_distance", "extra_time"}),
}


class TripFacts(NamedTuple):
    """What is known of a trip (a plain tuple, for a million of them are made). Times are those of the tenant's clock.

    `seconds` is how long it really took, also when the clock was changed meanwhile.
    """

    local_start: datetime
    local_end: datetime
    seconds: int = 0
    distance_km: Decimal = ZERO
    dead_km: Decimal = ZERO
    waiting_minutes: int = 0
    late_minutes: int = 0
    tolls: Decimal = ZERO
    parking: Decimal = ZERO
    escort: bool = False
    status: str = "completed"
    passengers: int = 1
    vehicle_class: str = ""
    trip_type: str = "spot"


_COUNTED = frozenset({"trip", "vehicle", "month", "night"})


def unit_words(quantity: Decimal, unit: str) -> str:
    """A unit behind a quantity: 1 trip, 6 vehicles; km and h stay as they are."""
    return f"{unit}s" if unit in _COUNTED and quantity != 1 else unit


class Part(NamedTuple):
    """A line of a trace: what, how much of it, at which rate, and what that comes to.

    quantity x rate is the amount; where the unit is "%" the quantity is an amount, and it is quantity x rate / 100.
    """

    code: str
    label: str
    quantity: Decimal
    unit: str
    rate: Decimal
    amount: Decimal
    note: str = ""

    @property
    def unit_words(self) -> str:
        """The unit as it is said behind the quantity."""
        return unit_words(self.quantity, self.unit)


class PricedTrip(NamedTuple):
    """A price. `parts` add up to `amount`, which is without tax; `total` is amount and tax.

    `passed_on` is what of the amount is tolls and parking, which no guarantee counts.
    """

    parts: tuple[Part, ...]
    amount: Decimal
    tax: Decimal
    total: Decimal
    currency: str
    passed_on: Decimal = ZERO


class MonthTotals(NamedTuple):
    """A month under one version of a card, which held from `from_day` to `to_day` (both of the month, both included).

    `amount` and `tax` are of its trips, without what was passed on; distance and seconds of those that were completed.
    """

    from_day: date
    to_day: date
    trips: int = 0
    distance_km: Decimal = ZERO
    seconds: int = 0
    vehicles: int = 1
    amount: Decimal = ZERO
    tax: Decimal = ZERO


def total_of(parts: Iterable[Part]) -> Decimal:
    """What parts come to."""
    total = ZERO
    for part in parts:
        total += part[5]
    return total


def surcharge_part(charge: Surcharge, codes: frozenset[str], parts: Iterable[Part], quantum: Decimal) -> Part | None:
    """A percentage on some of the parts; None when there is nothing to take it of."""
    base = ZERO
    for part in parts:
        if part[0] in codes:
            base += part[5]
    if not base:
        return None
    amount = (base * charge.percent / HUNDRED).quantize(quantum, ROUND_HALF_UP)
    return Part("surcharge", charge.name, base, "%", charge.percent, amount)


def codes_of(on: Iterable[str]) -> frozenset[str]:
    """The codes of the parts that a surcharge is reckoned on."""
    found: set[str] = set()
    for name in on:
        found |= _GROUPS.get(name, frozenset({name}))
    return frozenset(found)


def with_tax(
    parts: list[Part], tax: Tax | None, exempt: frozenset[str], quantum: Decimal, currency: str, passed_on: Decimal
) -> PricedTrip:
    """The price of these parts: tax on top of them or, where the card's prices hold it, taken out of them by a line."""
    amount = total_of(parts)
    if tax is None:
        return PricedTrip(tuple(parts), amount, ZERO, amount, currency, passed_on)
    base = amount
    if passed_on and exempt:
        for part in parts:
            if part[0] in exempt:
                base -= part[5]
    percent = tax.percent
    if not tax.inclusive:
        levied = (base * percent / HUNDRED).quantize(quantum, ROUND_HALF_UP)
        return PricedTrip(tuple(parts), amount, levied, amount + levied, currency, passed_on)
    levied = (base * percent / (HUNDRED + percent)).quantize(quantum, ROUND_HALF_UP)
    if levied:
        note = f"{plain(percent)}% {tax.name} is within the prices of this card; it is shown apart"
        parts.append(Part("tax_included", f"Less {tax.name} included", -levied, "", Decimal(1), -levied, note))
    return PricedTrip(tuple(parts), amount - levied, levied, amount, currency, passed_on)


def part_json(part: Part, currency: str) -> dict[str, Any]:
    """A line as it is stored and answered: numbers as text."""
    return {
        "code": part.code,
        "label": part.label,
        "quantity": plain(part.quantity),
        "unit": part.unit,
        "rate": plain(part.rate),
        "amount": format_amount(part.amount, currency),
        "note": part.note,
    }


def part_of(stored: dict[str, Any]) -> Part:
    """A line that `part_json` wrote."""
    return Part(
        stored["code"],
        stored["label"],
        Decimal(stored["quantity"]),
        stored["unit"],
        Decimal(stored["rate"]),
        Decimal(stored["amount"]),
        stored.get("note", ""),
    )
