"""What employees get for trips and hours beyond what is ordinary, per period, with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from tracktok.core.money import MINOR_UNITS

from .cards import ZERO, plain
from .priced import Part, total_of

ONE = Decimal(1)
_PLACES = Decimal("0.0001")
MOST_TIERS = 10


class Measure(StrEnum):
    """What is counted."""

    trips = "trips"
    hours = "hours"

    @property
    def label(self) -> str:
        return {"trips": "Extra trips", "hours": "Extra hours"}[self.value]


class IncentivePeriod(StrEnum):
    """Over what it is counted and paid: calendar months, or weeks from Monday."""

    weekly = "weekly"
    monthly = "monthly"

    @property
    def label(self) -> str:
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Tier:
    """From more than `over` extra trips or hours on: `rate` for each, and `bonus` once when it is reached."""

    over: Decimal
    rate: Decimal = ZERO
    bonus: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class IncentiveTerms:
    """What is ordinary in a period, what extra ones bring, and the most that is paid in a period (0: no limit)."""

    measure: str
    period: str
    currency: str
    ordinary: Decimal
    tiers: tuple[Tier, ...]
    cap: Decimal = ZERO


class Incentive(NamedTuple):
    """What an employee gets for a period; `parts` add up to `amount`."""

    parts: tuple[Part, ...]
    amount: Decimal
    currency: str


def incentive_for(terms: IncentiveTerms, done: Decimal) -> Incentive:
    """What is paid for a period in which so many trips were made, or hours were worked."""
    quantum = Decimal(1).scaleb(-MINOR_UNITS[terms.currency])
    done = done.quantize(_PLACES, ROUND_HALF_UP)
    unit = "trip" if terms.measure == Measure.trips else "h"
    extra = done - terms.ordinary
    parts: list[Part] = []
    for at, tier in enumerate(terms.tiers):
        if extra <= tier.over:
            break
        above = terms.tiers[at + 1].over if at + 1 < len(terms.tiers) else None
        within = (extra if above is None or extra <= above else above) - tier.over
        reach = f"over {plain(tier.over)}" if above is None else f"{plain(tier.over)} to {plain(above)}"
        if tier.rate:
            amount = (within * tier.rate).quantize(quantum, ROUND_HALF_UP)
            note = f"{plain(done)} less {plain(terms.ordinary)} ordinary" if at == 0 else ""
            label = f"Extra {terms.measure}, {reach}"
            parts.append(Part("extra", label, within, unit, tier.rate, amount, note))
        if tier.bonus:
            amount = tier.bonus.quantize(quantum, ROUND_HALF_UP)
            label = f"Bonus for more than {plain(tier.over)} extra {terms.measure}"
            parts.append(Part("bonus", label, ONE, "once", tier.bonus, amount))
    if terms.cap:
        most = terms.cap.quantize(quantum, ROUND_HALF_UP)
        over = total_of(parts) - most
        if over > ZERO:
            note = f"At most {plain(terms.cap)} is paid for a period"
            parts.append(Part("cap", "Down to the most that is paid", ONE, "once", -over, -over, note))
    return Incentive(tuple(parts), total_of(parts), terms.currency)


def incentive_terms(measure: str, period: str, currency: str, stored: Mapping[str, Any]) -> IncentiveTerms:
    """The terms of a rule as it is stored: {ordinary, tiers: [{over, rate, bonus}], cap}; numbers are text."""
    tiers = tuple(
        Tier(Decimal(one["over"]), Decimal(one.get("rate") or 0), Decimal(one.get("bonus") or 0))
        for one in stored["tiers"]
    )
    return IncentiveTerms(
        measure, period, currency, Decimal(stored.get("ordinary") or 0), tiers, Decimal(stored.get("cap") or 0)
    )


def stored_terms(terms: IncentiveTerms) -> dict[str, Any]:
    """What of a rule's terms is stored as JSON."""
    return {
        "ordinary": plain(terms.ordinary),
        "tiers": [{"over": plain(one.over), "rate": plain(one.rate), "bonus": plain(one.bonus)} for one in terms.tiers],
        "cap": plain(terms.cap),
    }


def incentive_problems(terms: IncentiveTerms) -> tuple[tuple[str, str], ...]:
    """What contradicts itself in a rule: (field, sentence)."""
    found: list[tuple[str, str]] = []
    if not terms.tiers:
        found.append(("tiers", "Say what extra ones bring."))
    before = Decimal(-1)
    for at, tier in enumerate(terms.tiers):
        if tier.over <= before:
            found.append((f"tiers/{at}/over", "Put the tiers in order, each above the one in front of it."))
        before = max(before, tier.over)
        if not tier.rate and not tier.bonus:
            found.append((f"tiers/{at}/rate", "Write a rate or a bonus."))
    return tuple(found)


def period_of(period: str, day: date) -> tuple[date, date]:
    """First and last day of the period that a day lies in."""
    if period == IncentivePeriod.weekly:
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return first, following - timedelta(days=1)
