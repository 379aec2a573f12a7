"""A period that is split at any instant bills the same as whole; anchors, proration, averages, forecasts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.usage.test_rules_pricing import CONFIGS, UNITS
from tracktok.usage.rules import pricing
from tracktok.usage.rules.metering import bucket_from, bucket_of, mean_of, share_of
from tracktok.usage.rules.periods import Anchor, Period, Span, period_at
from tracktok.usage.rules.pricing import Model, Price, Usage
from tracktok.usage.rules.quotas import passed, period_of, thresholds_of
from tracktok.usage.rules.rating import Segment, Settled, forecast, rate, settle
from tracktok.usage.schemas.pricing import read_config, to_price

ONE, ZERO = Decimal(1), Decimal(0)
NOTHING = Usage(ZERO, ())
SHARES = st.lists(st.decimals(0, 1, places=6), max_size=4).map(sorted)


def a_price(model_config: tuple[str, Any], **over: Any) -> Price:
    model, config = model_config
    return to_price(Model(model), read_config(Model(model), {**config, **over}))


@settings(max_examples=200, deadline=None)
@given(
    CONFIGS, SHARES, st.data(), UNITS,
    st.fixed_dictionaries({}, optional={"minimum": st.decimals(0, 500, places=2), "free_units": UNITS}),
)  # fmt: skip
def test_a_period_split_at_any_instants_bills_the_same_as_whole(model_config, instants, data, units, extra):
    price = a_price(model_config, **extra)
    whole = rate([Segment(price, NOTHING, Usage(units), ZERO, ONE)])
    parts, before = sorted(data.draw(st.lists(UNITS.filter(lambda u: u <= units), max_size=len(instants)))), ZERO
    segments, earlier = [], NOTHING
    for instant, used in zip(instants, parts, strict=False):
        segments.append(Segment(price, earlier, Usage(used), before, instant))
        before, earlier = instant, Usage(used)
    split = rate([*segments, Segment(price, earlier, Usage(units), before, ONE)])
    assert split.amount == whole.amount == pricing.price(price, Usage(units)).amount
    assert sum(part.amount for part in split.parts) == split.amount


def test_a_price_that_changes_within_a_period_charges_what_each_part_adds():
    """600 units under the first price, then 900 more: the tiers go on counting from the period's beginning."""
    steps = [{"to": "1000", "per_unit": "1"}, {"per_unit": "0.5"}]
    first, second = a_price(("per_unit", {"per_unit": "2"})), a_price(("graduated", {"tiers": steps}))
    found = rate([
        Segment(first, NOTHING, Usage(Decimal(600)), ZERO, Decimal("0.25")),
        Segment(second, Usage(Decimal(600)), Usage(Decimal(1500)), Decimal("0.25"), ONE),
    ])  # fmt: skip
    assert found.amount == 1200 + (400 * 1 + 500 * Decimal("0.5"))


def test_a_percentage_that_begins_within_a_period_goes_on_counting_its_free_events():
    """Five free events, three of them before the price: of the ten that follow, eight cost 1 % of 100 and 1 each."""
    taken = a_price(("percentage", {"rate_percent": "1", "fixed_amount": "1", "free_events": 5}))
    amounts = [Decimal(100)] * 13
    found = rate([
        Segment(a_price(("per_unit", {"per_unit": "0"})), NOTHING, Usage(Decimal(300)), ZERO, Decimal("0.5")),
        Segment(taken, Usage.of_events(amounts[:3]), Usage.of_events(amounts), Decimal("0.5"), ONE),
    ])  # fmt: skip
    assert found.amount == 16


@pytest.mark.parametrize(
    ("begins", "ends", "prorate", "units", "expected"),
    [
        ("0", "1", True, 1500, "150"),  # 100, and 500 beyond the 1,000 included
        ("0.5", "1", True, 600, "60"),  # 50, and 100 beyond 500
        ("0", "0.25", True, 100, "25"),
        ("0.5", "1", False, 600, "100"),
        ("0.5", "1", False, 1100, "110"),
    ],
)
def test_what_a_part_of_a_period_owes(begins, ends, prorate, units, expected):
    config = {"flat_amount": "100", "included_units": 1000, "per_unit": "0.10"}
    price = a_price(("flat_overage", config))
    segment = Segment(price, NOTHING, Usage(Decimal(units)), Decimal(begins), Decimal(ends))
    assert rate([segment], prorate=prorate).amount == Decimal(expected)


def test_without_proration_prices_share_one_whole_period():
    cheap, dear = (a_price(("flat_overage", {"flat_amount": flat, "per_unit": "0"})) for flat in ("100", "200"))
    half = [
        Segment(cheap, NOTHING, NOTHING, Decimal("0.5"), Decimal("0.75")),
        Segment(dear, NOTHING, NOTHING, Decimal("0.75"), ONE),
    ]
    assert rate(half, prorate=False).amount == 150
    assert rate(half).amount == 75


def test_commitment_and_cap():
    assert settle(Decimal(80), Decimal(100), None) == [Settled("commitment", Decimal(20))]
    assert settle(Decimal(120), Decimal(100), None) == []
    assert settle(Decimal(120), Decimal(100), Decimal(110)) == [Settled("cap", Decimal(-10))]
    assert settle(Decimal(0), Decimal(0), Decimal(0)) == []


def test_a_forecast_of_a_percentage_goes_on_with_the_allowance():
    """Two of five free events after a fifth of the time: of ten in all, five will cost 1 % of 100, and 1 each."""
    taken = a_price(("percentage", {"rate_percent": "1", "fixed_amount": "1", "free_events": 5}))
    found = forecast(Usage.of_events([Decimal(100)] * 2), Decimal("0.2"), grows=True)
    assert (found.units, pricing.price(taken, found).amount) == (1000, 5 * 2)


def test_a_forecast_stretches_what_grows():
    assert forecast(Usage(Decimal(100)), Decimal("0.25"), grows=True).units == 400
    assert forecast(Usage(Decimal(100)), Decimal("0.25"), grows=False).units == 100
    assert forecast(Usage(Decimal(100)), ZERO, grows=True).units == 100


@pytest.mark.parametrize(
    ("anchor", "day", "start", "end"),
    [
        (Anchor(Period.month, 31), "2026-02-10", "2026-01-31", "2026-02-28"),
        (Anchor(Period.month, 31), "2026-02-28", "2026-02-28", "2026-03-31"),
        (Anchor(Period.month, 31), "2026-03-31", "2026-03-31", "2026-04-30"),
        (Anchor(Period.month, 30), "2024-02-29", "2024-02-29", "2024-03-30"),
        (Anchor(Period.month, 29), "2026-03-01", "2026-02-28", "2026-03-29"),
        (Anchor(Period.month, 1), "2026-12-31", "2026-12-01", "2027-01-01"),
        (Anchor(Period.quarter, 31, 1), "2026-04-30", "2026-04-30", "2026-07-31"),
        (Anchor(Period.quarter, 15, 2), "2026-01-10", "2025-11-15", "2026-02-15"),
        (Anchor(Period.year, 29, 2), "2026-02-27", "2025-02-28", "2026-02-28"),
        (Anchor(Period.year, 29, 2), "2024-02-29", "2024-02-29", "2025-02-28"),
        (Anchor(Period.week, 1), "2026-03-08", "2026-03-02", "2026-03-09"),
        (Anchor(Period.week, 7), "2026-03-08", "2026-03-08", "2026-03-15"),
    ],
)
def test_where_periods_begin_and_end(anchor, day, start, end):
    assert period_at(anchor, date.fromisoformat(day)) == Span(date.fromisoformat(start), date.fromisoformat(end))


@settings(max_examples=200)
@given(
    st.builds(Anchor, st.sampled_from(Period), st.integers(1, 28) | st.integers(29, 31), st.integers(1, 12)),
    st.dates(date(2001, 1, 1), date(2090, 1, 1)),
)
def test_periods_follow_each_other_without_gap_or_end(anchor, day):
    if anchor.period == Period.week:
        anchor = Anchor(Period.week, anchor.day % 7 + 1)
    span = period_at(anchor, day)
    assert span.start <= day < span.end
    following = period_at(anchor, span.end)
    assert following.start == span.end
    assert period_at(anchor, span.start) == span


START = datetime(2026, 3, 1, tzinfo=UTC)
END = START + timedelta(days=31)


def test_a_level_counts_for_as_long_as_it_lasts():
    day, whole = timedelta(days=1), END - START
    area = 31 * 21 * Decimal(86_400)  # 31 from the tenth day on
    assert mean_of(area, ZERO, 10 * day, whole) == 21
    assert mean_of(area, Decimal(31), 10 * day, whole) == 31
    assert mean_of(ZERO, Decimal(62), 15.5 * day, whole) == 31
    assert mean_of(ZERO, ZERO, 0 * day, whole) == 0


def test_quarters_and_shares():
    kolkata = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)  # midnight
    assert bucket_of(kolkata) == bucket_from(kolkata) == kolkata
    assert bucket_of(kolkata + timedelta(minutes=14)) == kolkata
    assert bucket_from(kolkata + timedelta(microseconds=1)) == kolkata + timedelta(minutes=15)
    assert share_of(START, START + (END - START) / 2, END) == Decimal("0.5")
    assert share_of(START, END + timedelta(days=1), END) == 1


def test_thresholds_of_a_quota():
    found = thresholds_of(Decimal(200), [80, 100], ["50", "170"])
    assert [(one.name, one.at) for one in found] == [("50", 50), ("80%", 160), ("170", 170), ("100%", 200)]
    assert [one.name for one in passed(Decimal(165), found)] == ["50", "80%"]
    assert period_of("day", date(2026, 3, 8)) == Span(date(2026, 3, 8), date(2026, 3, 9))
    assert period_of("week", date(2026, 3, 8)) == Span(date(2026, 3, 2), date(2026, 3, 9))
