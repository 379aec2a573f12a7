"""Billing periods: by week, month, quarter or year from an anchor.

A period runs from midnight to midnight of its subscription's time zone. An anchor of the 29th, 30th or 31st means the
last day of months that are shorter, and the 31st again in those that are not: 31 January, 28 February, 31 March.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Period(StrEnum):
    """How long a billing period is."""

    week = "week"
    month = "month"
    quarter = "quarter"
    year = "year"

    @property
    def label(self) -> str:
        return {"week": "Weekly", "month": "Monthly", "quarter": "Quarterly", "year": "Yearly"}[self.value]


_MONTHS = {Period.month: 1, Period.quarter: 3, Period.year: 12}


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where periods begin: `day` of the month (of a week 1, Monday, to 7), and `month` of quarters and years."""

    period: Period
    day: int
    month: int = 1


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `start` up to but not including `end`."""

    start: date
    end: date

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)


def _in_month(index: int, day: int) -> date:
    """The day of a month (counted from year 0), or its last day when it is shorter."""
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day, monthrange(year, month + 1)[1]))


def period_at(anchor: Anchor, day: date) -> Span:
    """The whole period that a day is in."""
    if anchor.period == Period.week:
        start = day - timedelta(days=(day.isoweekday() - anchor.day) % 7)
        return Span(start, start + timedelta(days=7))
    step = _MONTHS[anchor.period]
    index = day.year * 12 + day.month - 1
    index -= (index - (anchor.month - 1)) % step
    if _in_month(index, anchor.day) > day:
        index -= step
    return Span(_in_month(index, anchor.day), _in_month(index + step, anchor.day))
