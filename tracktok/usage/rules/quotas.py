"""Quotas: which thresholds are passed, and which period a day is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from .metering import Aggregation
from .periods import Anchor, Period, Span, period_at


class QuotaPeriod(StrEnum):
    """How long a quota holds before it begins anew, by the calendar."""

    day = "day"
    week = "week"
    month = "month"
    quarter = "quarter"
    year = "year"

    @property
    def label(self) -> str:
        return {"day": "Day"}.get(self.value, self.value.capitalize())


BLOCKING = frozenset({Aggregation.sum, Aggregation.max, Aggregation.latest})
"""Aggregations of which it can be told, event by event, whether one would pass a quota."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A quantity at which somebody is told, and what it is called: `80%`, or the quantity itself."""

    at: Decimal
    name: str


def period_of(period: str, day: date) -> Span:
    """The calendar period that a day is in; weeks begin on Monday."""
    if period == QuotaPeriod.day:
        return Span(day, day + timedelta(days=1))
    return period_at(Anchor(Period(period), 1), day)


def thresholds_of(limit: Decimal, percents: Sequence[int], quantities: Sequence[str]) -> list[Threshold]:
    """All thresholds of a quota, the lowest first."""
    found = [Threshold((limit * percent).scaleb(-2), f"{percent}%") for percent in percents]
    found += [Threshold(Decimal(one), one) for one in quantities]
    return sorted(found, key=lambda one: (one.at, one.name))


def passed(used: Decimal, thresholds: Sequence[Threshold]) -> list[Threshold]:
    """The thresholds that a use has reached, the lowest first."""
    return [one for one in thresholds if used >= one.at]


def would_pass(aggregation: str, used: Decimal, quantity: Decimal, limit: Decimal) -> bool:
    """Whether an event would take a quota's use beyond its limit; one that lowers the use never does."""
    if aggregation == Aggregation.sum:
        return quantity > 0 and used + quantity > limit
    return quantity > limit
