"""Periods, limits, forecasts: tables of cases, and properties that hold for any budget."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracktok.budgets import rules
from tracktok.budgets.rules import Plan, Use


def day(text: str) -> date:
    return date.fromisoformat(text)


def spent(**amounts: str) -> dict[date, Use]:
    """`spent(d2026_11_05="10")`."""
    return {day(name[1:].replace("_", "-")): Use(Decimal(amount)) for name, amount in amounts.items()}


def plan(period: str = "monthly", start: str = "2026-01-01", **over) -> Plan:
    return Plan(**{"period": period, "start_date": day(start), "amount": Decimal(1000), **over})


@pytest.mark.parametrize(
    ("period", "start", "on", "first", "last"),
    [
        ("monthly", "2026-01-01", "2026-11-21", "2026-11-01", "2026-11-30"),
        ("monthly", "2026-01-15", "2026-03-14", "2026-02-15", "2026-03-14"),
        ("monthly", "2026-01-15", "2026-03-15", "2026-03-15", "2026-04-14"),
        ("monthly", "2026-01-31", "2026-02-27", "2026-01-31", "2026-02-27"),
        ("monthly", "2026-01-31", "2026-02-28", "2026-02-28", "2026-03-30"),
        ("monthly", "2026-01-31", "2026-03-31", "2026-03-31", "2026-04-29"),
        ("monthly", "2024-01-30", "2024-02-29", "2024-02-29", "2024-03-29"),
        ("monthly", "2024-01-29", "2025-02-28", "2025-02-28", "2025-03-28"),
        ("quarterly", "2026-04-01", "2026-11-21", "2026-10-01", "2026-12-31"),
        ("quarterly", "2025-11-30", "2026-02-28", "2026-02-28", "2026-05-29"),
        ("yearly", "2024-02-29", "2026-11-21", "2026-02-28", "2027-02-27"),
        ("yearly", "2024-02-29", "2028-02-29", "2028-02-29", "2029-02-27"),
        ("weekly", "2026-11-16", "2026-11-22", "2026-11-16", "2026-11-22"),
        ("weekly", "2026-11-16", "2026-11-23", "2026-11-23", "2026-11-29"),
    ],
)
def test_a_day_falls_into_its_period(period, start, on, first, last):
    found = rules.slice_at(plan(period, start), day(on))
    assert (found.start, found.end) == (day(first), day(last))


def test_a_custom_period_has_its_own_length():
    found = rules.slice_at(plan("custom", "2026-01-01", period_days=10), day("2026-01-25"))
    assert (found.number, found.start, found.end) == (2, day("2026-01-21"), day("2026-01-30"))


def test_nothing_is_before_the_life_or_after_it_and_the_last_period_is_cut():
    one = plan(start="2026-01-01", end_date=day("2026-03-10"))
    assert rules.slice_at(one, day("2025-12-31")) is None
    assert rules.slice_at(one, day("2026-03-11")) is None
    assert rules.slice_at(one, day("2026-03-05")).end == day("2026-03-10")


PLANS = st.builds(
    Plan,
    period=st.sampled_from(["weekly", "monthly", "quarterly", "yearly", "custom"]),
    start_date=st.dates(date(1990, 1, 1), date(2060, 12, 31)),
    amount=st.decimals(1, 10**9, places=2),
    period_days=st.integers(1, 400),
    rollover=st.sampled_from(["off", "on", "both"]),
)


@given(PLANS, st.integers(0, 60))
def test_periods_tile_a_life_without_gap_or_overlap(one, number):
    this, following = rules.slice_number(one, number), rules.slice_number(one, number + 1)
    assert this.start <= this.end
    assert following.start == this.end + timedelta(days=1)


@given(PLANS, st.integers(0, 20_000))
def test_every_day_is_in_exactly_the_period_that_is_found_for_it(one, ahead):
    on = one.start_date + timedelta(days=ahead)
    found = rules.slice_at(one, on)
    assert found.start <= on <= found.end
    assert rules.slice_number(one, found.number) == found


@pytest.mark.parametrize(
    ("rollover", "limit"),
    [("off", "1000"), ("on", "1600"), ("both", "600")],
)
def test_what_goes_over_into_the_third_period(rollover, limit):
    # January leaves 600; February is overspent by 1,000 of 1,000 (off), of 1,600 by 400 (on, both).
    days = spent(d2026_01_10="400", d2026_02_10="2000")
    days_on = spent(d2026_01_10="400", d2026_02_10="1000")
    used = days_on if rollover == "on" else days
    one = plan(rollover=rollover)
    assert rules.limit_of(one, rules.slice_at(one, day("2026-03-05")), used, {}) == Decimal(limit)


def test_what_was_overspent_is_forgotten_when_only_what_is_left_goes_over():
    one = plan(rollover="on")
    used = spent(d2026_01_10="5000")
    assert rules.limit_of(one, rules.slice_at(one, day("2026-02-05")), used, {}) == 1000


def test_transfers_raise_and_lower_the_limit_of_their_period_only():
    one = plan()
    moved = {day("2026-02-01"): Decimal(-250)}
    assert rules.limit_of(one, rules.slice_at(one, day("2026-02-05")), {}, moved) == 750
    assert rules.limit_of(one, rules.slice_at(one, day("2026-03-05")), {}, moved) == 1000


NOVEMBER = rules.slice_at(plan(), day("2026-11-05"))


@pytest.mark.parametrize(
    ("days", "today", "forecast", "breach"),
    [
        ({}, "2026-11-10", "0", None),
        (spent(d2026_11_05="400"), "2026-11-10", "1200", "2026-11-26"),
        (spent(d2026_11_05="300"), "2026-11-10", "900", None),
        (spent(d2026_11_05="1000"), "2026-11-10", "3000", "2026-11-11"),
        (spent(d2026_11_05="600", d2026_11_07="401"), "2026-11-10", "3003", "2026-11-07"),
        (spent(d2026_11_05="100", d2026_11_25="950"), "2026-11-10", "1050", "2026-11-25"),
        (spent(d2026_11_05="900"), "2026-11-30", "900", None),
        (spent(d2026_11_05="900"), "2026-12-15", "900", None),
        (spent(d2026_11_05="900"), "2026-10-15", "900", None),
        (spent(d2026_11_05="-50"), "2026-11-10", "-50", None),
    ],
)
def test_the_forecast_and_the_day_the_limit_is_passed(days, today, forecast, breach):
    assert rules.forecast_of(NOVEMBER, days, day(today)) == Decimal(forecast)
    assert rules.breach_of(NOVEMBER, days, Decimal(1000), day(today)) == (day(breach) if breach else None)


@given(
    st.dictionaries(st.integers(1, 30), st.decimals(0, 5000, places=2), max_size=12),
    st.integers(1, 30),
    st.decimals(1, 20000, places=2),
)
def test_a_breach_is_foreseen_exactly_when_the_forecast_passes_the_limit(amounts, today, limit):
    days = {date(2026, 11, number): Use(amount) for number, amount in amounts.items()}
    on = date(2026, 11, today)
    forecast = rules.forecast_of(NOVEMBER, days, on)
    breach = rules.breach_of(NOVEMBER, days, limit, on)
    if forecast > limit:
        assert breach is not None
        assert breach in NOVEMBER
    else:
        assert breach is None


@pytest.mark.parametrize(
    ("days", "today", "limit", "breach"),
    [
        # At this pace on the 22nd, although what is dated ahead would pass it on the 25th only.
        (spent(d2026_11_05="900", d2026_11_25="950"), "2026-11-20", "950", "2026-11-22"),
        # What is dated ahead passes it before the pace does.
        (spent(d2026_11_05="100", d2026_11_12="950"), "2026-11-10", "1000", "2026-11-12"),
        # Passed on the 3rd, back under it by a refund on the 4th, passed for good on the 8th.
        (spent(d2026_11_03="1100", d2026_11_04="-600", d2026_11_08="700"), "2026-11-10", "1000", "2026-11-08"),
        (spent(d2026_11_03="1100", d2026_11_04="-600"), "2026-12-10", "1000", None),
        # Nothing was left when it began.
        ({}, "2026-11-10", "-5", "2026-11-01"),
        (spent(d2026_11_10="1"), "2026-11-10", "0", "2026-11-10"),
    ],
)
def test_the_day_is_the_earlier_of_what_is_known_and_what_is_foreseen(days, today, limit, breach):
    found = rules.breach_of(NOVEMBER, days, Decimal(limit), day(today))
    assert found == (day(breach) if breach else None)


@pytest.mark.parametrize(
    ("thresholds", "mark"), [([80, 100], 80), ([50, 80, 100], 80), ([50], 50), ([100], 80), ([], 80), ([120], 80)]
)
def test_from_where_on_a_budget_is_near_its_limit(thresholds, mark):
    assert rules.near_mark(thresholds) == mark


@given(
    PLANS,
    st.dictionaries(st.integers(0, 400), st.decimals(-100, 5000, places=2), max_size=10),
    st.integers(0, 400),
)
def test_a_course_goes_from_what_was_used_to_the_forecast(one, amounts, ahead):
    today = one.start_date + timedelta(days=ahead)
    period = rules.slice_at(one, one.start_date + timedelta(days=200))
    days = {one.start_date + timedelta(days=number): Use(amount) for number, amount in amounts.items()}
    course = rules.course_of(period, days, today)
    assert [point.day for point in course] == sorted({point.day for point in course})
    assert course[-1].day == period.end
    assert all(point.day in period for point in course)
    assert len(course) <= 65
    last = course[-1]
    if today >= period.end:
        assert (last.used, last.expected) == (rules.use_within(days, period).total, None)
    elif today >= period.start:
        assert abs(last.expected - rules.forecast_of(period, days, today)) < Decimal("0.0001")
        assert next(point for point in course if point.day == today).used is not None


@given(
    PLANS, st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)), st.sampled_from(sorted(available_timezones()))
)
def test_every_instant_is_in_one_period_in_every_time_zone(one, moment, zone):
    local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()
    found = rules.slice_at(replace(one, start_date=min(one.start_date, local)), local)
    assert found.start <= local <= found.end


@pytest.mark.parametrize(
    ("used", "limit", "status", "percent"),
    [
        ("0", "1000", "ok", "0.0"),
        ("799.99", "1000", "ok", "79.9"),
        ("800", "1000", "near", "80.0"),
        ("1000", "1000", "near", "100.0"),
        ("1000.01", "1000", "over", "100.0"),
        ("5", "0", "over", None),
        ("-10", "1000", "ok", "-1.0"),
    ],
)
def test_status_and_percent(used, limit, status, percent):
    assert rules.status_of(Decimal(used), Decimal(limit), [80, 100]) == status
    found = rules.percent_of(Decimal(used), Decimal(limit))
    assert (None if found is None else str(found)) == percent


@pytest.mark.parametrize(
    ("used", "passed"),
    [("0", []), ("499.99", []), ("500", [50]), ("1000", [50, 100]), ("1200", [50, 100, 120]), ("-5", [])],
)
def test_thresholds_that_are_passed(used, passed):
    assert rules.thresholds_passed(Decimal(used), Decimal(1000), [50, 100, 120]) == passed
