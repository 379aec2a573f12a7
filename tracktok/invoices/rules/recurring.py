"""Invoices that come again: their days, the periods that they bill, and what they come to in a month."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

PLACEHOLDERS: Mapping[str, str] = {
    "month": "The month of the invoice's day: November 2026",
    "previous_month": "The month before it",
    "period": "The days from this invoice to the next: 01/11/2026 to 30/11/2026",
    "previous_period": "The days from the last invoice to this one",
    "year": "The year of the invoice's day",
}
LAST_DAY = date(2199, 12, 31)
MOST_EVERY = 365
DAYS_OF_YEAR, MONTHS_OF_YEAR = Decimal(365), Decimal(12)
_BRACES = re.compile(r"\{([a-z_]+)\}")


class Unit(StrEnum):
    """What a schedule counts in."""

    day = "day"
    week = "week"
    month = "month"
    year = "year"


class Action(StrEnum):
    """What is made on the day."""

    draft = "draft"
    finalize = "finalize"
    send = "send"

    @property
    def label(self) -> str:
        return {"draft": "Make a draft", "finalize": "Finalize it", "send": "Finalize and send it"}[self.value]


ACTIVE, PAUSED, ENDED = "active", "paused", "ended"
MADE, FAILED, SKIPPED = "made", "failed", "skipped"
TRANSITIONS: Mapping[tuple[str, str], str] = {
    (ACTIVE, "pause"): PAUSED,
    (ACTIVE, "end"): ENDED,
    (PAUSED, "resume"): ACTIVE,
    (PAUSED, "end"): ENDED,
}


@dataclass(frozen=True, slots=True)
class Schedule:
    """Every so many days, weeks, months or years from a day on.

    Months and years fall on `anchor_day`, or on the last day of a month that has fewer, and on the anchor again after
    it: 31 January, 28 February, 31 March. Nothing is reckoned from the day before, so nothing drifts.
    """

    unit: Unit
    every: int
    starts_on: date
    anchor_day: int
    ends_on: date | None = None
    most: int | None = None
    """How many periods there are; None for no end by count."""


def date_at(schedule: Schedule, index: int) -> date | None:
    """The day of a period, from 0; None beyond the end of the schedule."""
    if index < 0 or (schedule.most is not None and index >= schedule.most):
        return None
    day = day_at(schedule, index)
    return None if day > (schedule.ends_on or LAST_DAY) or day > LAST_DAY else day


def day_at(schedule: Schedule, index: int) -> date:
    """The day of a period, as if there were no end; below 0 before the first."""
    start, steps = schedule.starts_on, index * schedule.every
    if schedule.unit in {Unit.day, Unit.week}:
        return _later(start, steps * (7 if schedule.unit is Unit.week else 1))
    step = schedule.every * (1 if schedule.unit is Unit.month else 12)
    first = 0 if _in_month(start, 0, schedule.anchor_day) >= start else (1 if schedule.unit is Unit.month else step)
    return _in_month(start, first + index * step, schedule.anchor_day)


def _later(day: date, days: int) -> date:
    number = day.toordinal() + days
    return date.fromordinal(min(max(number, 1), date.max.toordinal()))


def _in_month(start: date, months: int, anchor: int) -> date:
    years, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    year = min(max(years, 1), date.max.year)
    return date(year, month + 1, min(anchor, calendar.monthrange(year, month + 1)[1]))


def first_index_from(schedule: Schedule, day: date) -> int | None:
    """The first period whose day is not before a day; None when the schedule ends before."""
    low, high = 0, 1
    while day_at(schedule, high) < day:
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        if day_at(schedule, middle) < day:
            low = middle + 1
        else:
            high = middle
    return low if date_at(schedule, low) is not None else None


def dates_from(schedule: Schedule, index: int) -> Iterator[tuple[int, date]]:
    """(index, day) of the periods from one on, to the end of the schedule."""
    while (day := date_at(schedule, index)) is not None:
        yield index, day
        index += 1


def period_at(schedule: Schedule, index: int) -> tuple[date, date]:
    """The first and the last day that a period bills: until the day before the next one."""
    return day_at(schedule, index), _later(day_at(schedule, index + 1), -1)


def in_words(schedule: Schedule) -> str:
    """When it comes: "Every month on the 31st, or the last day", "Every 2 weeks on Monday"."""
    count = f"Every {schedule.unit.value}" if schedule.every == 1 else f"Every {schedule.every} {schedule.unit.value}s"
    if schedule.unit is Unit.day:
        return count
    if schedule.unit is Unit.week:
        return f"{count} on {calendar.day_name[schedule.starts_on.weekday()]}"
    anchor = schedule.anchor_day
    day = f"the {ordinal(anchor)}" if anchor < 29 else f"the {ordinal(anchor)}, or the last day"
    if anchor == 31:
        day = "the last day"
    if schedule.unit is Unit.year:
        month = calendar.month_name[day_at(schedule, 0).month]
        day = f"{anchor} {month}" + (", or the last day" if month == "February" and anchor > 28 else "")
    return f"{count} on {day}"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 11th."""
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def monthly(amount: Decimal, unit: Unit, every: int) -> Decimal:
    """What an amount of each period comes to in a month on average; not rounded."""
    a_month = {
        Unit.day: DAYS_OF_YEAR / MONTHS_OF_YEAR,
        Unit.week: DAYS_OF_YEAR / 7 / MONTHS_OF_YEAR,
        Unit.month: Decimal(1),
        Unit.year: 1 / MONTHS_OF_YEAR,
    }[unit]
    return amount * a_month / every


def problem_of(text: str) -> str | None:
    """What is wrong with the placeholders of a description, in words, or None."""
    for found in _BRACES.finditer(text):
        if found.group(1) not in PLACEHOLDERS:
            known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            return f"There is no placeholder {found.group()}. Use {known}."
    return None


def fill(text: str, values: Mapping[str, str]) -> str:
    """A description with its placeholders filled."""
    return _BRACES.sub(lambda found: values.get(found.group(1), found.group()), text)
