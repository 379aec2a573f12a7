"""Budgets as arithmetic: how a life is sliced into periods, what a period may cost, what it will come to.

Days are days of the tenant's calendar. Amounts are in the tenant's currency. "Used" is spent and committed together.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum


class Period(StrEnum):
    """How a budget's life is sliced, in the tenant's calendar. `custom`: every `period_days` days from the start."""

    weekly = "weekly"
    monthly = "monthly"
    quarterly = "quarterly"
    yearly = "yearly"
    custom = "custom"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class Rollover(StrEnum):
    """What goes over into the next period: nothing, what was left, or also what was overspent."""

    off = "off"
    on = "on"
    both = "both"


class Enforcement(StrEnum):
    """What happens when an expense would pass the budget."""

    off = "off"
    warn = "warn"
    block = "block"


ZERO = Decimal(0)
ONE_DAY = timedelta(days=1)
_MONTHS = {Period.monthly: 1, Period.quarterly: 3, Period.yearly: 12}
_TENTH = Decimal("0.1")
DEFAULT_NEAR = 80
LAST_DAY = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a budget says about time and money. `end_date` is the last day of its life, or None."""

    period: str
    start_date: date
    amount: Decimal
    end_date: date | None = None
    period_days: int | None = None
    rollover: str = Rollover.off


@dataclass(frozen=True, slots=True)
class Slice:
    """One period: the `number`-th (from 0), both days included; the last one may be cut short by the end of life."""

    number: int
    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True, slots=True)
class Use:
    """What a day, or several, used: what was paid, and what is approved but not paid."""

    spent: Decimal = ZERO
    committed: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.spent + self.committed

    def __add__(self, other: Use) -> Use:
        return Use(self.spent + other.spent, self.committed + other.committed)


Days = Mapping[date, Use]


@dataclass(frozen=True, slots=True)
class Figures:
    """Where a period stands. `percent` is used of limit, to a tenth; None when the limit is zero or less."""

    start: date
    end: date
    limit: Decimal
    spent: Decimal
    committed: Decimal
    remaining: Decimal
    percent: Decimal | None
    forecast: Decimal
    breach_date: date | None
    status: str


def add_months(anchor: date, months: int) -> date:
    """The same day some months later, or the month's last day where it has no such day; the anchor's day is kept.

    From 31 January: 28 February, 31 March (not 28 March).
    """
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = divmod(index, 12)
    if year > LAST_DAY.year:
        return LAST_DAY
    return date(year, month + 1, min(anchor.day, calendar.monthrange(year, month + 1)[1]))


def _begin(plan: Plan, number: int) -> date:
    if months := _MONTHS.get(Period(plan.period)):
        return add_months(plan.start_date, months * number)
    length = 7 if plan.period == Period.weekly else plan.period_days or 1
    return min(LAST_DAY, plan.start_date + timedelta(days=min(length * number, (LAST_DAY - plan.start_date).days)))


def slice_number(plan: Plan, number: int) -> Slice:
    """The `number`-th period, cut at the end of the budget's life."""
    start, following = _begin(plan, number), _begin(plan, number + 1)
    end = following - ONE_DAY if following > start else start
    return Slice(number, start, min(end, plan.end_date) if plan.end_date else end)


def slice_at(plan: Plan, day: date) -> Slice | None:
    """The period that a day falls into; None before the budget's life begins and after it has ended."""
    if day < plan.start_date or (plan.end_date is not None and day > plan.end_date):
        return None
    if months := _MONTHS.get(Period(plan.period)):
        apart = (day.year - plan.start_date.year) * 12 + day.month - plan.start_date.month
        number = apart // months
        if _begin(plan, number) > day:
            number -= 1
    else:
        length = 7 if plan.period == Period.weekly else plan.period_days or 1
        number = (day - plan.start_date).days // length
    return slice_number(plan, number)


def earlier_of_interest(plan: Plan, current: Slice) -> tuple[Slice, ...]:
    """The periods before one whose use must be known for its limit: all of them where things roll over, else none."""
    if plan.rollover == Rollover.off:
        return ()
    return tuple(slice_number(plan, number) for number in range(current.number))


def use_within(days: Days, period: Slice) -> Use:
    """What the days of a period used together."""
    total = Use()
    for day, use in days.items():
        if day in period:
            total += use
    return total


def carry(rollover: str, left: Decimal) -> Decimal:
    """What goes over into the next period when `left` is left: nothing, what was left, or also what was overspent."""
    if rollover == Rollover.both:
        return left
    return max(left, ZERO) if rollover == Rollover.on else ZERO


def limit_of(plan: Plan, period: Slice, days: Days, transfers: Mapping[date, Decimal]) -> Decimal:
    """What a period may cost: the amount, what came over from the periods before, and what was transferred.

    `transfers` holds the net amount by the first day of the period that it went into. Where things roll over, `days`
    must hold the use of the periods before too (see `earlier_of_interest`), on any of their days.
    """
    own = plan.amount + transfers.get(period.start, ZERO)
    if plan.rollover == Rollover.off:
        return own
    brought = ZERO
    used: dict[int, Decimal] = {}
    for day, use in days.items():
        if (at := slice_at(plan, day)) is not None:
            used[at.number] = used.get(at.number, ZERO) + use.total
    for earlier in earlier_of_interest(plan, period):
        limit = plan.amount + brought + transfers.get(earlier.start, ZERO)
        brought = carry(plan.rollover, limit - used.get(earlier.number, ZERO))
    return own + brought


def percent_of(used: Decimal, limit: Decimal) -> Decimal | None:
    """Used of limit, in percent to a tenth; None when there is nothing to divide by.

    Cut, not rounded: 79.96 does not read as the 80 that it has not reached.
    """
    if limit <= 0:
        return None
    return (used * 100 / limit).quantize(_TENTH, rounding=ROUND_DOWN)


def near_mark(thresholds: Sequence[int]) -> int:
    """From how many percent on a budget is near its limit: the highest threshold below 100, or 80 without one."""
    return max((t for t in thresholds if t < 100), default=DEFAULT_NEAR)


def status_of(used: Decimal, limit: Decimal, thresholds: Sequence[int]) -> str:
    """`over` above the limit, `near` from its near mark on, else `ok`."""
    if used > limit:
        return "over"
    return "near" if used * 100 >= limit * near_mark(thresholds) and used > 0 else "ok"


def forecast_of(period: Slice, days: Days, today: date) -> Decimal:
    """What the period will come to by its end, if it goes on like this.

    What was used up to today, plus for the days that are left the average of the days that have passed, or what is
    known already of those days, whichever is more. Before the period begins: what is known. After it has ended: what
    it came to.
    """
    used = use_within(days, period).total
    if today >= period.end or today < period.start:
        return used
    so_far = use_within(days, Slice(0, period.start, today)).total
    elapsed, left = (today - period.start).days + 1, (period.end - today).days
    expected = max(so_far, ZERO) * left / elapsed
    return so_far + max(expected, used - so_far)


def breach_of(period: Slice, days: Days, limit: Decimal, today: date) -> date | None:
    """The day on which the limit was, or will be, passed for good; None when it will not be.

    What is known, day by day, tells it for the past and for what is dated ahead; for the days that are left, so does
    the average of those that have passed. The earlier of the two counts. Passed for good: a refund may have brought
    the use below the limit again in between.
    """
    known = _known_breach(period, days, limit)
    if not period.start <= today < period.end or (known is not None and known <= today):
        return known
    so_far = use_within(days, Slice(0, period.start, today)).total
    elapsed, left = (today - period.start).days + 1, (period.end - today).days
    if so_far <= 0:
        return known
    # so_far + so_far / elapsed * n > limit: the smallest whole n that does, 1 at least.
    ahead = max(1, int((limit - so_far) * elapsed // so_far) + 1)
    if ahead > left:
        return known
    foreseen = today + timedelta(days=ahead)
    return min(foreseen, known) if known is not None else foreseen


def _known_breach(period: Slice, days: Days, limit: Decimal) -> date | None:
    """The day from which what is known stays above the limit to the end."""
    running, since = ZERO, period.start if limit < 0 else None
    for day in sorted(day for day in days if day in period):
        running += days[day].total
        if running <= limit:
            since = None
        elif since is None:
            since = day
    return since


def figures_of(
    plan: Plan,
    period: Slice,
    days: Days,
    transfers: Mapping[date, Decimal],
    thresholds: Sequence[int],
    today: date,
) -> Figures:
    """Everything that is shown of a period."""
    limit = limit_of(plan, period, days, transfers)
    own = {day: use for day, use in days.items() if day in period}
    use = use_within(own, period)
    return Figures(
        start=period.start,
        end=period.end,
        limit=limit,
        spent=use.spent,
        committed=use.committed,
        remaining=limit - use.total,
        percent=percent_of(use.total, limit),
        forecast=forecast_of(period, own, today),
        breach_date=breach_of(period, own, limit, today),
        status=status_of(use.total, limit, thresholds),
    )


def thresholds_passed(used: Decimal, limit: Decimal, thresholds: Sequence[int]) -> list[int]:
    """The thresholds (percent) that the use has reached, ascending. A limit of zero is passed by anything."""
    return sorted(t for t in thresholds if used > 0 and used * 100 >= limit * t)


@dataclass(frozen=True, slots=True)
class Point:
    """A day of a period's course: what was used by its end, or what is expected to be; today has both."""

    day: date
    used: Decimal | None
    expected: Decimal | None


def course_of(period: Slice, days: Days, today: date, *, most: int = 62) -> list[Point]:
    """How the use of a period grows, in at most about `most` steps, and on from today to its forecast."""
    step = -(-period.days // most)
    marks = {period.start + timedelta(days=n) for n in range(step - 1, period.days, step)} | {period.end}
    now = min(today, period.end)
    if now in period:
        marks.add(now)
    points, running, left = [], ZERO, sorted(day for day in days if day in period)
    forecast = forecast_of(period, days, today)
    so_far = use_within(days, Slice(0, period.start, now)).total
    for mark in sorted(marks):
        while left and left[0] <= mark:
            running += days[left.pop(0)].total
        expected = None
        if mark >= now >= period.start and today < period.end:
            expected = so_far + (forecast - so_far) * (mark - now).days / (period.end - now).days
        points.append(Point(mark, running if mark <= now else None, expected))
    return points
