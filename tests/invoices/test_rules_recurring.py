"""The days of recurring invoices: anchored, never drifting, whole; their periods, words and monthly amounts."""

from __future__ import annotations

import calendar
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracktok.invoices.rules.recurring import (
    Schedule,
    Unit,
    date_at,
    dates_from,
    day_at,
    fill,
    first_index_from,
    in_words,
    monthly,
    ordinal,
    period_at,
    problem_of,
)


def plan(unit: str, every: int, start: str, anchor: int | None = None, **over) -> Schedule:
    day = date.fromisoformat(start)
    return Schedule(Unit(unit), every, day, anchor or day.day, **over)


def first(schedule: Schedule, count: int) -> list[str]:
    return [str(day) for _, day in islice(dates_from(schedule, 0), count)]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (plan("month", 1, "2027-01-31"), ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]),
        (plan("month", 1, "2028-01-30"), ["2028-01-30", "2028-02-29", "2028-03-30"]),
        (plan("month", 1, "2028-01-29"), ["2028-01-29", "2028-02-29", "2028-03-29"]),
        (plan("month", 1, "2027-01-29"), ["2027-01-29", "2027-02-28", "2027-03-29"]),
        (plan("month", 3, "2026-11-30"), ["2026-11-30", "2027-02-28", "2027-05-30"]),
        (plan("month", 1, "2027-04-15", 31), ["2027-04-30", "2027-05-31", "2027-06-30"]),
        (plan("month", 1, "2027-04-15", 10), ["2027-05-10", "2027-06-10"]),
        (plan("year", 1, "2028-02-29"), ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]),
        (plan("year", 1, "2027-04-15", 10), ["2028-04-10", "2029-04-10"]),
        (plan("week", 2, "2026-12-21"), ["2026-12-21", "2027-01-04", "2027-01-18"]),
        (plan("day", 10, "2028-02-20"), ["2028-02-20", "2028-03-01", "2028-03-11"]),
        (plan("month", 1, "2027-01-31", most=2), ["2027-01-31", "2027-02-28"]),
        (plan("month", 1, "2027-01-31", ends_on=date(2027, 3, 30)), ["2027-01-31", "2027-02-28"]),
        (plan("month", 1, "2027-01-31", ends_on=date(2027, 3, 31)), ["2027-01-31", "2027-02-28", "2027-03-31"]),
    ],
)
def test_days(schedule, expected):
    assert first(schedule, len(expected)) == expected
    if schedule.most or schedule.ends_on:
        assert first(schedule, 99) == expected


SCHEDULES = st.builds(
    Schedule,
    st.sampled_from(Unit),
    st.integers(1, 60),
    st.dates(date(2000, 1, 1), date(2100, 12, 31)),
    st.integers(1, 31),
)


@given(SCHEDULES, st.integers(0, 60))
def test_days_rise_begin_at_the_start_and_are_anchored(schedule, index):
    day, following = day_at(schedule, index), day_at(schedule, index + 1)
    assert schedule.starts_on <= day < following
    if schedule.unit in {Unit.day, Unit.week}:
        assert (following - day).days == schedule.every * (7 if schedule.unit is Unit.week else 1)
    else:
        last = calendar.monthrange(day.year, day.month)[1]
        assert day.day == min(schedule.anchor_day, last)
        months = (following.year - day.year) * 12 + following.month - day.month
        assert months == schedule.every * (12 if schedule.unit is Unit.year else 1)


@given(SCHEDULES, st.integers(0, 40))
def test_periods_follow_each_other_without_a_gap(schedule, index):
    start, last = period_at(schedule, index)
    assert start == day_at(schedule, index)
    assert last + timedelta(days=1) == period_at(schedule, index + 1)[0]


@given(SCHEDULES, st.integers(0, 400))
def test_the_first_from_a_day_is_the_first(schedule, index):
    day = day_at(schedule, index)
    found = first_index_from(schedule, day)
    assert found == (index if date_at(schedule, index) else None)
    if found is not None and date_at(schedule, index + 1):
        assert first_index_from(schedule, day + timedelta(days=1)) == index + 1
    assert first_index_from(schedule, schedule.starts_on - timedelta(days=900)) == 0


@given(SCHEDULES, st.integers(1, 30))
def test_an_end_by_count_or_day_ends_it(schedule, most):
    whole = [day for _, day in islice(dates_from(schedule, 0), most)]
    assert [day for _, day in dates_from(replace(schedule, most=most), 0)] == whole
    if len(whole) == most:
        assert [day for _, day in dates_from(replace(schedule, ends_on=whole[-1]), 0)] == whole
        assert first_index_from(replace(schedule, most=most), whole[-1] + timedelta(days=1)) is None


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (plan("month", 1, "2027-01-15"), "Every month on the 15th"),
        (plan("month", 3, "2027-01-31"), "Every 3 months on the last day"),
        (plan("month", 1, "2027-01-30"), "Every month on the 30th, or the last day"),
        (plan("week", 2, "2026-12-21"), "Every 2 weeks on Monday"),
        (plan("day", 1, "2026-12-21"), "Every day"),
        (plan("year", 1, "2028-02-29"), "Every year on 29 February, or the last day"),
        (plan("year", 2, "2027-04-01"), "Every 2 years on 1 April"),
    ],
)
def test_words(schedule, expected):
    assert in_words(schedule) == expected


@pytest.mark.parametrize(
    ("number", "word"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (22, "22nd"), (31, "31st")]
)
def test_ordinals(number, word):
    assert ordinal(number) == word


@pytest.mark.parametrize(
    ("unit", "every", "expected"),
    [("month", 1, "1200"), ("month", 3, "400"), ("year", 1, "100"), ("day", 1, "36500"), ("week", 1, "5214.29")],
)
def test_what_it_comes_to_in_a_month(unit, every, expected):
    assert monthly(Decimal(1200), Unit(unit), every).quantize(Decimal("0.01")) == Decimal(expected)


def test_placeholders():
    assert problem_of("Rent {month}, {period}, {previous_month}, {previous_period} of {year}") is None
    assert problem_of("Plain { text } {} is left alone") is None
    assert "There is no placeholder {monht}" in (problem_of("Rent {monht}") or "")
    assert fill("Rent {month} {other}", {"month": "May"}) == "Rent May {other}"
