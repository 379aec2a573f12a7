"""Price models: what a period's usage costs, as exact decimals, with parts that a person can read and that add up.

    price(PerUnit(per_unit=Decimal("0.001")), Usage.of_units(Decimal(100_000))).amount == 100

Nothing is rounded here: a charge is rounded once, to its currency, when it becomes a line of an invoice.

How the models count:

- `per_unit`: each unit costs the same.
- `graduated`: each unit costs what its tier says; `flat` of a tier is added once its first unit is used.
- `volume`: all units cost what the tier says that the whole quantity falls into, and its `flat`.
- `package`: units are sold by the package; a package that is begun counts whole.
- `flat_overage`: a flat amount for `included_units`, and a price for each unit beyond.
- `percentage`: of the amounts of events, with a fixed amount for each event, an allowance of so many events or of so
  much in total (whichever is used up first; an event that crosses the total is charged for what is beyond it), and a
  least and a most for each event.
- `graduated_percentage`: each part of the total amount costs the percentage of its tier.

The `to` of a tier is inclusive; a fraction between two tiers (10,000.5 where one ends at 10,000) is in the later one.
Nothing used costs nothing, but for a `flat_overage`'s flat amount and a `minimum`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal, Inexact, localcontext
from enum import StrEnum
from functools import wraps
from typing import ParamSpec, TypeVar

from tracktok.core.money import plain

from .metering import Aggregation

ZERO = Decimal(0)
_EXACT = Context(prec=200, traps=[Inexact])
P = ParamSpec("P")
R = TypeVar("R")


class Model(StrEnum):
    """A price model."""

    per_unit = "per_unit"
    graduated = "graduated"
    volume = "volume"
    package = "package"
    percentage = "percentage"
    graduated_percentage = "graduated_percentage"
    flat_overage = "flat_overage"

    @property
    def label(self) -> str:
        return {
            "per_unit": "Per unit",
            "flat_overage": "Flat fee and overage",
            "graduated_percentage": "Graduated percentage",
        }.get(self.value, self.value.capitalize())


STANDARD = "standard"
"""What a customer's price says in place of a model when it ends: from then on the price for all holds again."""


def exact(function: Callable[P, R]) -> Callable[P, R]:
    """Run with so many digits that nothing is rounded; what would be rounded all the same is a defect and raises."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        with localcontext(_EXACT):
            return function(*args, **kwargs)

    return wrapper


class NeedsEvents(ValueError):
    """The price looks at each event, and only a total is known."""


@dataclass(frozen=True, slots=True)
class Events:
    """Events that are told together: how many, and what they come to. Each is worth the same, or nobody asks."""

    total: Decimal
    count: int = 1


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used: a quantity, and for percentages the events that it is made of, the earliest first.

    Events of one instant count the largest first, so that the order in which they are told never matters.
    """

    units: Decimal
    events: tuple[Events, ...] | None = None

    @classmethod
    def of_units(cls, units: Decimal) -> Usage:
        """Only a quantity."""
        return cls(units)

    @classmethod
    def of_events(cls, amounts: Iterable[Decimal]) -> Usage:
        """Events of one instant."""
        ordered = sorted(amounts, reverse=True)
        return cls(sum(ordered, ZERO), tuple(Events(amount) for amount in ordered))


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a charge: what, how much of it, at which price for `per` units. Parts add up to the charge."""

    label: str
    amount: Decimal
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    per: str = "unit"


@dataclass(frozen=True, slots=True)
class Charge:
    """What a price comes to, exactly, and the parts it is made of."""

    amount: Decimal
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Tier:
    """A step of a tiered price, from behind the step before to `to` inclusive; None is without end."""

    to: Decimal | None
    per_unit: Decimal = ZERO
    flat: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What all prices have: free units, and a least and a most for a whole period."""

    model: Model
    free_units: Decimal = ZERO
    minimum: Decimal = ZERO
    maximum: Decimal | None = None
    per_unit: Decimal = ZERO
    tiers: tuple[Tier, ...] = ()
    package_size: Decimal = Decimal(1)
    package_amount: Decimal = ZERO
    flat_amount: Decimal = ZERO
    included_units: Decimal = ZERO
    rate_percent: Decimal = ZERO
    fixed_amount: Decimal = ZERO
    free_events: int | None = None
    free_total: Decimal | None = None
    event_minimum: Decimal | None = None
    event_maximum: Decimal | None = None

    @property
    def needs_events(self) -> bool:
        """Whether each event counts, not only their total."""
        return self.model == Model.percentage and bool(
            self.fixed_amount
            or self.free_events is not None
            or self.event_minimum is not None
            or self.event_maximum is not None
        )

    def fits(self, aggregation: str) -> bool:
        """Whether a meter that counts so knows what this price asks for: only a sum is made of each of its events."""
        return aggregation == Aggregation.sum or not self.needs_events

    @property
    def looks_at_each(self) -> bool:
        """Whether each event's own amount decides, so that events cannot be told together."""
        return self.event_minimum is not None or self.event_maximum is not None


@exact
def price(given: Price, usage: Usage) -> Charge:
    """What a whole period's usage costs, with the price's least and most. Raises NeedsEvents."""
    parts = [*standing_parts(given), *usage_parts(given, usage)]
    parts += limits(sum((part.amount for part in parts), ZERO), given.minimum, given.maximum)
    return charge_of(parts)


@exact
def charge_of(parts: Sequence[Part]) -> Charge:
    """A charge of these parts."""
    return Charge(sum((part.amount for part in parts), ZERO), tuple(parts))


def limits(amount: Decimal, minimum: Decimal, maximum: Decimal | None) -> list[Part]:
    """The part that lifts an amount to its minimum, or takes it down to its maximum; the maximum has the last word."""
    lifted = max(amount, minimum)
    parts = [Part("Up to the minimum", lifted - amount)] if lifted > amount else []
    if maximum is not None and lifted > maximum:
        return [Part("Down to the maximum", maximum - amount)] if maximum != amount else []
    return parts


def standing_parts(given: Price) -> list[Part]:
    """What is owed for a whole period, whatever is used."""
    if given.model == Model.flat_overage and given.flat_amount:
        return [Part("Flat fee", given.flat_amount, Decimal(1), given.flat_amount, "period")]
    return []


def scaled(given: Price, share: Decimal) -> Price:
    """A price whose allowances are a share of a period's: of free and included units, and of a free total."""
    if share == 1:
        return given
    return replace(
        given,
        free_units=given.free_units * share,
        included_units=given.included_units * share,
        free_total=None if given.free_total is None else given.free_total * share,
    )


@exact
def usage_parts(given: Price, usage: Usage) -> list[Part]:
    """What usage costs, without flat fees, least and most. Raises NeedsEvents."""
    parts = _free_units(given, usage)
    units = max(usage.units, ZERO)
    billed = max(units - given.free_units, ZERO)
    match given.model:
        case Model.per_unit:
            parts += _line("Units", billed, given.per_unit)
        case Model.graduated:
            parts += _graduated(given.tiers, billed, percent=False)
        case Model.volume:
            parts += _volume(given.tiers, billed)
        case Model.package:
            parts += _packages(given, billed)
        case Model.flat_overage:
            inside = min(billed, given.included_units)
            if inside:
                parts.append(Part("Included", ZERO, inside, ZERO))
            parts += _line("Beyond what is included", billed - inside, given.per_unit)
        case Model.graduated_percentage:
            parts += _graduated(given.tiers, billed, percent=True)
        case Model.percentage:
            parts = _percentage(given, usage)
    return parts


def _free_units(given: Price, usage: Usage) -> list[Part]:
    free = min(max(usage.units, ZERO), given.free_units)
    return [Part("Free", ZERO, free, ZERO)] if free else []


def _line(label: str, quantity: Decimal, unit_price: Decimal) -> list[Part]:
    return [Part(label, quantity * unit_price, quantity, unit_price)] if quantity else []


def _span(after: Decimal, to: Decimal | None) -> str:
    if to is None:
        return f"Above {plain(after)}" if after else "All"
    return f"{plain(after)} to {plain(to)}" if after else f"Up to {plain(to)}"


def _graduated(tiers: Sequence[Tier], units: Decimal, *, percent: bool) -> list[Part]:
    parts: list[Part] = []
    after = ZERO
    for tier in tiers:
        if units <= after:
            break
        inside = (units if tier.to is None else min(units, tier.to)) - after
        label = _span(after, tier.to)
        if percent:
            parts.append(Part(label, (inside * tier.per_unit).scaleb(-2), inside, tier.per_unit, "percent"))
        else:
            parts.append(Part(label, inside * tier.per_unit, inside, tier.per_unit))
        if tier.flat:
            parts.append(Part(f"{label}: flat", tier.flat, Decimal(1), tier.flat, "tier"))
        after += inside
    return parts


def tier_of(tiers: Sequence[Tier], units: Decimal) -> tuple[Decimal, Tier]:
    """The tier that a quantity falls into, and where the tier begins."""
    after = ZERO
    for tier in tiers:
        if tier.to is None or units <= tier.to:
            return after, tier
        after = tier.to
    raise ValueError("the last tier has an end")


def _volume(tiers: Sequence[Tier], units: Decimal) -> list[Part]:
    if not units:
        return []
    after, tier = tier_of(tiers, units)
    label = _span(after, tier.to)
    parts = [Part(f"All units ({label.lower()})", units * tier.per_unit, units, tier.per_unit)]
    if tier.flat:
        parts.append(Part(f"{label}: flat", tier.flat, Decimal(1), tier.flat, "tier"))
    return parts


def packages_of(units: Decimal, size: Decimal) -> Decimal:
    """How many packages hold so many units: one that is begun counts whole."""
    whole, rest = divmod(units, size)
    return whole + (1 if rest else 0)


def _packages(given: Price, units: Decimal) -> list[Part]:
    count = packages_of(units, given.package_size)
    label = f"Packages of {plain(given.package_size)}"
    return [Part(label, count * given.package_amount, count, given.package_amount, "package")] if count else []


def _percentage(given: Price, usage: Usage) -> list[Part]:
    if usage.events is None:
        if given.needs_events:
            raise NeedsEvents("this price looks at each event")
        events: Sequence[Events] = (Events(usage.units),) if usage.units > 0 else ()
    else:
        events = usage.events
    free, charged = split_free(given, events)
    parts: list[Part] = []
    if free:
        parts.append(Part("Free", ZERO, sum((one.total for one in free), ZERO), ZERO, "percent"))
    total = max(sum((one.total for one in charged), ZERO), ZERO)
    count = sum(one.count for one in charged)
    if total:
        parts.append(
            Part(f"{plain(given.rate_percent)} %", (total * given.rate_percent).scaleb(-2), total,
                 given.rate_percent, "percent")
        )  # fmt: skip
    if given.fixed_amount and count:
        parts.append(Part("Each event", count * given.fixed_amount, Decimal(count), given.fixed_amount, "event"))
    if given.looks_at_each:
        parts += _event_limits(given, charged)
    return parts


def split_free(given: Price, events: Sequence[Events]) -> tuple[list[Events], list[Events]]:
    """Which events an allowance covers, from the first on, and which are charged.

    The allowance ends with its number of events or its total, whichever comes first. The event that crosses the total
    is charged for what is beyond. Events told together are never split by number: tell the first ones one by one.
    """
    no_events, no_total = given.free_events is None, given.free_total is None
    if no_events and no_total:
        return [], list(events)
    events_left = given.free_events if given.free_events is not None else None
    total_left = given.free_total
    free: list[Events] = []
    charged: list[Events] = []
    for one in events:
        over = charged or (events_left is not None and events_left < one.count)
        if over or (total_left is not None and total_left <= 0 and one.total > 0):
            charged.append(one)
            continue
        if total_left is not None and one.total > total_left:
            free.append(Events(total_left, 0))
            charged.append(Events(one.total - total_left, one.count))
            continue
        free.append(one)
        events_left = None if events_left is None else events_left - one.count
        total_left = None if total_left is None else total_left - one.total
    return free, charged


def _event_limits(given: Price, charged: Sequence[Events]) -> list[Part]:
    lifted = lowered = ZERO
    for one in charged:
        own = (one.total * given.rate_percent).scaleb(-2) + one.count * given.fixed_amount
        least = max(own, (given.event_minimum or ZERO) * one.count)
        most = least if given.event_maximum is None else min(least, given.event_maximum * one.count)
        lifted += max(most - own, ZERO)
        lowered += min(most - own, ZERO)
    parts = [Part("Up to the minimum of an event", lifted)] if lifted else []
    return [*parts, Part("Down to the maximum of an event", lowered)] if lowered else parts
