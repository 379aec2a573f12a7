"""What pages say of vendors, rate cards and prices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tracktok.customers.views.words import country_name, happening, place, terms
from tracktok.trips.rules.cards import (
    SURCHARGE_BASES,
    BillingModel,
    Card,
    Charge,
    DrivenStatus,
    LateBand,
    Monthly,
    Night,
    SlabMode,
    Slabs,
    TripType,
    clock_of,
)
from tracktok.trips.rules.pricing import package_name
from tracktok.web.filters import format_amount, format_day, format_number

MODELS = [
    (BillingModel.trip.value, BillingModel.trip.label, "Each trip is paid by rates: base fare, distance, time, slabs"),
    (BillingModel.package.value, BillingModel.package.label, "8 h / 80 km for one price, or a cab by the month"),
    (BillingModel.hybrid.value, BillingModel.hybrid.label, "A fixed monthly fee, and a part for each trip"),
]
MODEL_WORDS = {one.value: one.label for one in BillingModel}
TYPES = [(one.value, one.label) for one in TripType]
TYPE_WORDS = dict(TYPES)
STATUSES = [(one.value, one.label) for one in DrivenStatus]
BASES = [*SURCHARGE_BASES.items(), ("distance,dead", "Distance and dead distance")]

_BASES = {name: text.lower().removesuffix(" only") for name, text in SURCHARGE_BASES.items()}


def number(value: Decimal) -> str:
    """A quantity with the decimals that it has."""
    return format_number(value, max(0, -int(value.normalize().as_tuple().exponent)))


def rate(value: Decimal, currency: str) -> str:
    """A rate with the currency's places or more."""
    places = -int(value.normalize().as_tuple().exponent)
    return format_number(value, places) if places > 2 else format_amount(value, currency)


def scope_words(card: Any, projects: dict[Any, str] | None = None) -> str:
    """For which trips a card holds, in one line."""
    parts = [getattr(card, "vehicle_class", ""), TYPE_WORDS.get(card.trip_type, "")]
    if card.project_id is not None:
        parts.append((projects or {}).get(card.project_id, "one project"))
    return " · ".join(part for part in parts if part) or "All trips"


def spans(versions: Sequence[Any]) -> list[tuple[Any, date | None]]:
    """(version, its last day) of versions that come newest first."""
    found: list[tuple[Any, date | None]] = []
    following: date | None = None
    for one in versions:
        found.append((one, following - timedelta(days=1) if following else None))
        following = one.valid_from
    return found


def span_words(first: date, last: date | None) -> str:
    """From the first day on, or to the last."""
    return f"{format_day(first)} to {format_day(last)}" if last else f"From {format_day(first)}"


def state_of(first: date, last: date | None, today: date) -> tuple[str, str]:
    """(words, tone) of a version's place in time."""
    if first > today:
        return "To come", "blue"
    return ("Past", "grey") if last is not None and last < today else ("In force", "green")


def card_lines(card: Card) -> list[tuple[str, str]]:
    """What a card says, part by part: (part, terms)."""
    unit, money = card.distance_unit, card.currency

    def at(value: Decimal) -> str:
        return rate(value, money)

    lines: list[tuple[str, str]] = []
    if card.monthly:
        lines += _monthly(card.monthly, card)
    if card.per_trip:
        lines.append(("Base fare", f"{at(card.per_trip)} a trip"))
    if card.per_distance:
        lines.append(("Distance", f"{at(card.per_distance)} a {unit}"))
    if card.distance_slabs:
        lines.append(("Distance", _slabs(card.distance_slabs, unit, money)))
    if card.per_hour:
        lines.append(("Time", f"{at(card.per_hour)} an hour"))
    if card.hour_slabs:
        lines.append(("Time", _slabs(card.hour_slabs, "h", money)))
    if card.packages:
        lines += [(f"Package {package_name(one, unit)}", at(one.amount)) for one in card.packages.options]
        if card.packages.extra_distance:
            lines.append(("Extra distance", f"{at(card.packages.extra_distance)} a {unit}"))
        if card.packages.extra_hour:
            lines.append(("Extra hours", f"{at(card.packages.extra_hour)} an hour"))
    if card.minimum_fare:
        lines.append(("Minimum fare", at(card.minimum_fare)))
    if card.minimum_month:
        lines.append(("Guaranteed for a month", at(card.minimum_month)))
    return lines + _extras(card)


def _monthly(monthly: Monthly, card: Card) -> list[tuple[str, str]]:
    fee = rate(monthly.fee, card.currency) + (" for each vehicle" if monthly.per_vehicle else "")
    lines = [("Monthly fee", fee if monthly.prorate else f"{fee}, whole also for a part month")]
    for included, extra, one, many in (
        (monthly.included_trips, monthly.extra_trip, "trip", "trips"),
        (monthly.included_distance, monthly.extra_distance, card.distance_unit, str(card.distance_unit)),
        (monthly.included_hours, monthly.extra_hour, "hour", "hours"),
    ):
        if included is not None:
            beyond = f", then {rate(extra, card.currency)} {'an' if one == 'hour' else 'a'} {one}" if extra else ""
            lines.append(("Included", f"{number(included)} {many}{beyond}"))
    return lines


def _slabs(slabs: Slabs, unit: str, currency: str) -> str:
    parts, lower = [], Decimal(0)
    for step in slabs.steps:
        reach = f"over {number(lower)}" if step.up_to is None else f"to {number(step.up_to)} {unit}"
        price = [f"{rate(step.flat, currency)} flat"] if step.flat else []
        price += [f"{rate(step.rate, currency)} a {unit}"] if step.rate or not step.flat else []
        parts.append(f"{reach}: {' and '.join(price)}")
        lower = step.up_to or lower
    whole = "; the slab reached holds for all of it" if slabs.mode == SlabMode.whole else ""
    return "; ".join(parts) + whole


def _charge(one: Charge | Night | LateBand, currency: str) -> str:
    return f"{number(one.percent)} % of the fare" if one.percent else rate(one.amount, currency)


def _extras(card: Card) -> list[tuple[str, str]]:
    unit, money = card.distance_unit, card.currency
    lines: list[tuple[str, str]] = []
    if card.dead:
        beyond = f" beyond {number(card.dead.included)} {unit}" if card.dead.included else ""
        lines.append(("Dead distance", f"{rate(card.dead.rate, money)} a {unit}{beyond}"))
    if card.waiting:
        per = "an hour" if card.waiting.per == "hour" else "a minute"
        free = f" after {card.waiting.free_minutes} free minutes" if card.waiting.free_minutes else ""
        lines.append(("Waiting", f"{rate(card.waiting.rate, money)} {per}{free}"))
    if card.night:
        window = f"{clock_of(card.night.starts)} to {clock_of(card.night.ends)}"
        lines.append(("Night", f"{_charge(card.night, money)}{'' if card.night.percent else ' a night'}, {window}"))
    if card.escort:
        lines.append(("Escort", f"{rate(card.escort, money)} a trip"))
    if card.no_show:
        lines.append(("No-show", _charge(card.no_show, money)))
    if card.cancelled:
        taken = " is taken off" if card.cancelled.deduct else ""
        lines.append(("Cancelled", f"{_charge(card.cancelled, money)}{taken}"))
    lines += [("Late", f"more than {one.after_minutes} min: {_charge(one, money)} is taken off") for one in card.late]
    lines += [
        (one.name, f"{number(one.percent)} % of {' and '.join(_BASES[base] for base in one.on)}")
        for one in card.surcharges
    ]
    lines.append(("Tolls and parking", _passed(card)))
    if card.tax:
        how = "within these prices" if card.tax.inclusive else "on top"
        lines.append((card.tax.name, f"{number(card.tax.percent)} % {how}"))
    if card.distance_step:
        lines.append(("Distance is counted", f"up to whole {number(card.distance_step)} {unit}"))
    if card.minute_step:
        lines.append(("Time is counted", f"up to whole {card.minute_step} minutes"))
    return lines


def _passed(card: Card) -> str:
    terms_of = card.pass_through
    names = [name for name, paid in (("tolls", terms_of.tolls), ("parking", terms_of.parking)) if paid]
    if not names:
        return "not paid"
    markup = f" and {number(terms_of.markup_percent)} %" if terms_of.markup_percent else ""
    only = "" if len(names) == 2 else f", {names[0]} only"
    return f"at cost{markup}{only}"


__all__ = [
    "BASES",
    "MODELS",
    "MODEL_WORDS",
    "STATUSES",
    "TYPES",
    "TYPE_WORDS",
    "card_lines",
    "country_name",
    "happening",
    "number",
    "place",
    "rate",
    "scope_words",
    "span_words",
    "spans",
    "state_of",
    "terms",
]
