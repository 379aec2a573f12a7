"""Ranges of days: the presets, the range before to compare with, and the slices that a trend is drawn in.

A range's days are the tenant's calendar days; both ends are included. "To date" ranges run to the end of their month,
quarter or year, but are compared with as many days of the one before as have passed.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

LONGEST_DAYS = 366 * 10
DAILY_UP_TO, WEEKLY_UP_TO = 45, 182
"""A trend of at most so many days is drawn by day, or by week; longer ones by month."""
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)


class Preset(StrEnum):
    """A range with a name."""

    this_month = "this_month"
    last_month = "last_month"
    this_quarter = "this_quarter"
    last_quarter = "last_quarter"
    fiscal_year = "fiscal_year"
    last_fiscal_year = "last_fiscal_year"
    last_12_months = "last_12_months"
    custom = "custom"

    @property
    def label(self) -> str:
        return {"custom": "Custom", "fiscal_year": "This fiscal year", "last_12_months": "Last 12 months"}.get(
            self.value, self.value.replace("_", " ").capitalize()
        )


class Step(StrEnum):
    """What a slice of a trend is."""

    day = "day"
    week = "week"
    month = "month"


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `start` to `end`, both included."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True, slots=True)
class Range:
    """What is looked at: the span, the span before that it is compared with, and the day that it is seen on."""

    preset: Preset
    span: Span
    before: Span
    today: date

    @property
    def elapsed_days(self) -> int:
        """How many days of the span have begun: what an average by day is divided by. At least one."""
        return max(1, (min(self.span.end, self.today) - self.span.start).days + 1)

    @property
    def step(self) -> Step:
        """How finely a trend of this range is drawn."""
        if self.span.days <= DAILY_UP_TO:
            return Step.day
        return Step.week if self.span.days <= WEEKLY_UP_TO else Step.month


def first_of_month(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def shift_months(day: date, months: int) -> date:
    """The same day some months on (or back, when negative); the last of the month when it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def end_of_month(day: date) -> date:
    """The last day of a day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def month_span(month: date, count: int = 1) -> Span:
    """`count` whole months from the one that `month` lies in."""
    start = first_of_month(month)
    return Span(start, shift_months(start, count) - timedelta(days=1))


def fiscal_year_start(day: date, start_month: int) -> date:
    """The first day of the fiscal year that a day lies in, when it begins with month `start_month` (1 to 12)."""
    return date(day.year if day.month >= start_month else day.year - 1, start_month, 1)


def fiscal_quarter_start(day: date, start_month: int) -> date:
    """The first day of the quarter that a day lies in; quarters are counted from the fiscal year's beginning."""
    year = fiscal_year_start(day, start_month)
    passed = (day.year * 12 + day.month) - (year.year * 12 + year.month)
    return shift_months(year, passed // 3 * 3)


def preset_range(preset: Preset, today: date, fiscal_month: int) -> Range:
    """The range that a preset means on a day. `custom` means this month: its days are given to `custom_range`."""
    if preset in {Preset.this_month, Preset.custom}:
        return _whole_months(Preset.this_month, today, first_of_month(today), 1)
    if preset is Preset.last_month:
        return _whole_months(preset, today, shift_months(first_of_month(today), -1), 1)
    if preset is Preset.this_quarter:
        return _whole_months(preset, today, fiscal_quarter_start(today, fiscal_month), 3)
    if preset is Preset.last_quarter:
        return _whole_months(preset, today, shift_months(fiscal_quarter_start(today, fiscal_month), -3), 3)
    if preset is Preset.fiscal_year:
        return _whole_months(preset, today, fiscal_year_start(today, fiscal_month), 12)
    if preset is Preset.last_fiscal_year:
        return _whole_months(preset, today, shift_months(fiscal_year_start(today, fiscal_month), -12), 12)
    return _whole_months(preset, today, shift_months(first_of_month(today), -11), 12)


def custom_range(start: date, end: date, today: date) -> Range:
    """The range of any days. Whole months are compared with as many whole months before, others with as many days.

    Raises ValueError with a sentence for a person when the days are in the wrong order or too many.
    """
    if not (EARLIEST <= start <= LATEST and EARLIEST <= end <= LATEST):
        raise ValueError(f"Choose days between {EARLIEST.year} and {LATEST.year}.")
    if start > end:
        raise ValueError("The last day is before the first.")
    span = Span(start, end)
    if span.days > LONGEST_DAYS:
        raise ValueError("Choose at most ten years.")
    if start.day == 1 and end == end_of_month(end):
        months = (end.year - start.year) * 12 + end.month - start.month + 1
        return _whole_months(Preset.custom, today, start, months)
    before = Span(start - timedelta(days=span.days), start - timedelta(days=1))
    return Range(Preset.custom, span, before, today)


def _whole_months(preset: Preset, today: date, start: date, months: int) -> Range:
    span = month_span(start, months)
    before = month_span(shift_months(start, -months), months)
    if today in span and today != span.end:
        # Not over yet: as many days of the one before. 31 March is compared with the whole of February.
        until = min(before.end, shift_months(today, -months))
        before = Span(before.start, until)
    return Range(preset, span, before, today)


@dataclass(frozen=True, slots=True)
class Slice:
    """A piece of a trend: its days, cut at the ends of the range."""

    span: Span
    key: date
    """The day, the Monday, or the first of the month that it belongs to, also when cut."""


def slice_key(day: date, step: Step) -> date:
    """The day that names the slice in which a day lies."""
    if step is Step.day:
        return day
    return day - timedelta(days=day.weekday()) if step is Step.week else first_of_month(day)


def next_key(key: date, step: Step) -> date:
    """The name of the following slice."""
    if step is Step.month:
        return shift_months(key, 1)
    return key + timedelta(days=1 if step is Step.day else 7)


def slices(span: Span, step: Step) -> list[Slice]:
    """The slices of a span in order, without gaps."""
    found, key = [], slice_key(span.start, step)
    while key <= span.end:
        following = next_key(key, step)
        found.append(Slice(Span(max(key, span.start), min(following - timedelta(days=1), span.end)), key))
        key = following
    return found
