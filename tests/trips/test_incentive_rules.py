"""What employees get for extra trips and hours."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracktok.trips.rules.incentives import (
    IncentiveTerms,
    Tier,
    incentive_for,
    incentive_problems,
    incentive_terms,
    period_of,
    stored_terms,
)

D = Decimal
# 44 trips a month are ordinary; the next 10 bring 150 each, those after them 200; 2,000 once more than 20 were made.
TRIPS = IncentiveTerms(
    "trips", "monthly", "INR", D(44), (Tier(D(0), D(150)), Tier(D(10), D(200)), Tier(D(20), D(200), D(2000)))
)
HOURS = IncentiveTerms("hours", "weekly", "INR", D(48), (Tier(D(0), D("112.5")),), D(1000))


@pytest.mark.parametrize(
    ("terms", "done", "amounts"),
    [
        (TRIPS, "0", []),
        (TRIPS, "44", []),
        (TRIPS, "47", ["450.00"]),
        (TRIPS, "54", ["1500.00"]),
        (TRIPS, "60", ["1500.00", "1200.00"]),
        (TRIPS, "64", ["1500.00", "2000.00"]),
        (TRIPS, "65", ["1500.00", "2000.00", "200.00", "2000.00"]),
        (HOURS, "50.5", ["281.25"]),
        (HOURS, "60", ["1350.00", "-350.00"]),  # at most 1,000 a week
    ],
)
def test_tiers_are_paid_as_worked_by_hand(terms, done, amounts):
    paid = incentive_for(terms, D(done))
    assert [str(part.amount) for part in paid.parts] == amounts
    assert paid.amount == sum(map(D, amounts))


@settings(max_examples=100, deadline=None)
@given(st.decimals(0, 400, places=4), st.decimals(0, 50, places=2))
def test_the_trace_adds_up_and_more_is_never_less(done, more):
    paid = incentive_for(TRIPS, done)
    assert sum((part.amount for part in paid.parts), D(0)) == paid.amount
    assert paid.amount <= incentive_for(TRIPS, done + more).amount + D("0.02")
    for part in paid.parts:
        assert (part.quantity * part.rate).quantize(D("0.01"), "ROUND_HALF_UP") == part.amount


def test_terms_are_stored_and_read_again():
    assert incentive_terms("trips", "monthly", "INR", stored_terms(TRIPS)) == TRIPS


def test_tiers_out_of_order_or_empty_are_named():
    bad = IncentiveTerms("trips", "monthly", "INR", D(1), (Tier(D(5), D(1)), Tier(D(5))))
    assert [field for field, _ in incentive_problems(bad)] == ["tiers/1/over", "tiers/1/rate"]
    assert [field for field, _ in incentive_problems(IncentiveTerms("trips", "monthly", "INR", D(1), ()))] == ["tiers"]


@pytest.mark.parametrize(
    ("period", "day", "span"),
    [
        ("weekly", date(2026, 3, 4), (date(2026, 3, 2), date(2026, 3, 8))),
        ("weekly", date(2026, 3, 2), (date(2026, 3, 2), date(2026, 3, 8))),
        ("monthly", date(2026, 12, 31), (date(2026, 12, 1), date(2026, 12, 31))),
        ("monthly", date(2028, 2, 10), (date(2028, 2, 1), date(2028, 2, 29))),
    ],
)
def test_periods(period, day, span):
    assert period_of(period, day) == span
