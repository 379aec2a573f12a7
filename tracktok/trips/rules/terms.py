"""The terms of a card as they are stored, and what may be wrong with them.

Stored terms are plain JSON: numbers are text, times of day are "22:00", what a card does not have is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from decimal import Decimal
from enum import StrEnum
from typing import Any

from .cards import (
    ZERO,
    BillingModel,
    Card,
    Charge,
    Dead,
    LateBand,
    Monthly,
    Night,
    Package,
    Packages,
    PassThrough,
    SlabMode,
    Slabs,
    Step,
    Surcharge,
    Tax,
    Waiting,
    clock_of,
    minutes_of,
    plain,
)

Problems = tuple[tuple[str, str], ...]
"""(field, sentence) of all that is wrong; nested fields have a slash: `distance_slabs/steps/1/up_to`."""


def card_from(terms: Mapping[str, Any]) -> Card:
    """A card of terms as they are stored. They have been checked: a wrong shape is a defect and raises."""
    plain = {one.name: _read(one.name, terms[one.name]) for one in fields(Card) if terms.get(one.name) is not None}
    return Card(**plain)


def _read(name: str, value: Any) -> Any:
    if name in _NUMBERS:
        return Decimal(value)
    if name in _ONE:
        return _part(_ONE[name], value)
    if name in _SEVERAL:
        return tuple(_part(_SEVERAL[name], one) for one in value)
    return value


def _part(kind: type[Any], value: Mapping[str, Any]) -> Any:
    given = {name: one for name, one in value.items() if one is not None}
    for name, one in given.items():
        if name in _PART_NUMBERS:
            given[name] = Decimal(one)
        elif name in {"on", "exempt"}:
            given[name] = tuple(one)
        elif name in {"starts", "ends"}:
            given[name] = minutes_of(one)
        elif name == "steps":
            given[name] = tuple(_part(Step, {"up_to": None, **step}) for step in one)
        elif name == "options":
            given[name] = tuple(_part(Package, package) for package in one)
    if kind is Step:
        given.setdefault("up_to", None)
    return kind(**given)


_NUMBERS = frozenset(
    "per_trip per_distance per_hour minimum_fare minimum_month escort distance_step".split()
)  # fmt: skip
_PART_NUMBERS = frozenset(
    "up_to rate flat hours distance amount extra_distance extra_hour fee included_trips included_distance"
    " included_hours extra_trip included percent markup_percent".split()
)
DECIMAL_FIELDS = _NUMBERS | _PART_NUMBERS
"""The names, at any depth, that hold a number with decimals."""
_ONE: dict[str, type[Any]] = {
    "distance_slabs": Slabs,
    "hour_slabs": Slabs,
    "packages": Packages,
    "monthly": Monthly,
    "dead": Dead,
    "night": Night,
    "waiting": Waiting,
    "no_show": Charge,
    "cancelled": Charge,
    "pass_through": PassThrough,
    "tax": Tax,
}
_SEVERAL: dict[str, type[Any]] = {"late": LateBand, "surcharges": Surcharge}


def to_terms(card: Card) -> dict[str, Any]:
    """The card as it is stored: `card_from(to_terms(card)) == card`."""
    return {name: value for name, value in _written(card).items() if value not in (None, [])}


def _written(part: Any) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for one in fields(part):
        value = getattr(part, one.name)
        if value == ZERO and one.default == ZERO and not isinstance(value, bool):
            continue
        out[one.name] = clock_of(value) if one.name in {"starts", "ends"} else _write(value)
    return out


def _write(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, tuple):
        return [_write(one) for one in value]
    if hasattr(value, "__dataclass_fields__"):
        return _written(value)
    return value.value if isinstance(value, StrEnum) else value


def card_problems(card: Card) -> Problems:
    """What contradicts itself in a card whose shape is right, each at its field."""
    found: list[tuple[str, str]] = [*_model_problems(card)]
    for name, slabs in (("distance_slabs", card.distance_slabs), ("hour_slabs", card.hour_slabs)):
        found += _slab_problems(name, slabs) if slabs else ()
    if card.distance_slabs and card.per_distance:
        found.append(("per_distance", "Distance is paid by slabs here; leave this empty, or take the slabs away."))
    if card.hour_slabs and card.per_hour:
        found.append(("per_hour", "Hours are paid by slabs here; leave this empty, or take the slabs away."))
    if card.minimum_fare and not card.has_fare:
        found.append(("minimum_fare", "There is no fare that this could be the minimum of."))
    found += _monthly_problems(card)
    found += _charge_problems(card)
    return tuple(found)


def _model_problems(card: Card) -> Iterable[tuple[str, str]]:
    if card.model == BillingModel.trip:
        if card.packages:
            yield "packages", "A card by trip has no packages; choose the package model for them."
        if card.monthly:
            yield "monthly/fee", "A card by trip has no monthly fee; choose the hybrid model for one."
        if not card.has_fare and not card.packages:
            yield "per_trip", "Say what a trip costs: a base fare, a rate for distance or time, or slabs."
    elif card.model == BillingModel.package:
        by_trip = ("per_trip", "per_distance", "per_hour", "distance_slabs", "hour_slabs")
        for name in by_trip:
            if getattr(card, name):
                yield name, "A package card has none of this; choose the hybrid model to pay for each trip too."
        if not card.packages and not card.monthly:
            yield "packages", "Add a package such as 8 h / 80 km, or a monthly package."
    else:
        if not card.monthly:
            yield "monthly/fee", "A hybrid card has a fixed monthly fee."
        if not card.has_fare:
            yield "per_trip", "A hybrid card also pays for each trip: a base fare, a rate, slabs or a package."
        if card.packages and (
            card.per_trip or card.per_distance or card.per_hour or card.distance_slabs or card.hour_slabs
        ):
            yield "packages", "A trip is paid by package or by rates, not by both."


def _slab_problems(name: str, slabs: Slabs) -> Iterable[tuple[str, str]]:
    before = ZERO
    last = len(slabs.steps) - 1
    for at, step in enumerate(slabs.steps):
        here = f"{name}/steps/{at}"
        if step.up_to is None:
            if at != last:
                yield f"{here}/up_to", "Only the last slab is open; say where this one ends."
        elif step.up_to <= before:
            yield (
                f"{here}/up_to",
                f"This slab ends at or before the one in front of it; write more than {plain(before)}.",
            )
        else:
            before = step.up_to
        if at == last and step.up_to is not None:
            yield f"{here}/up_to", "Leave the end of the last slab empty, so that longer trips have a price."
        if step.flat and slabs.mode == SlabMode.graduated:
            yield f"{here}/flat", "A flat price belongs to slabs that are paid as a whole."


def _monthly_problems(card: Card) -> Iterable[tuple[str, str]]:
    monthly = card.monthly
    if monthly is None:
        return
    pairs = (
        ("included_trips", "extra_trip"),
        ("included_distance", "extra_distance"),
        ("included_hours", "extra_hour"),
    )
    for included, extra in pairs:
        if getattr(monthly, extra) and getattr(monthly, included) is None:
            yield f"monthly/{included}", "Say how much is included before this rate begins; 0 for nothing."


def _charge_problems(card: Card) -> Iterable[tuple[str, str]]:
    if card.night:
        if card.night.starts == card.night.ends:
            yield "night/ends", "The night ends when it starts; write another time."
        yield from _one_of("night", card.night)
    if card.no_show:
        yield from _one_of("no_show", card.no_show)
    if card.cancelled:
        yield from _one_of("cancelled", card.cancelled)
    before = -1
    for at, band in enumerate(card.late):
        if band.after_minutes <= before:
            yield f"late/{at}/after_minutes", "Put the bands in order, each later than the one in front of it."
        before = max(before, band.after_minutes)
        yield from _one_of(f"late/{at}", band)


def _one_of(name: str, charge: Night | Charge | LateBand) -> Iterable[tuple[str, str]]:
    if charge.amount and charge.percent:
        yield f"{name}/percent", "Write an amount or a percentage, not both."
    elif not charge.amount and not charge.percent:
        yield f"{name}/amount", "Write an amount or a percentage."
