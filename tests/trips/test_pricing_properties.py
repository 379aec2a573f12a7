"""What holds of any card and any trip."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trips.cards import amounts, card, cards, positive, rates, trip, trips
from tracktok.core.money import MINOR_UNITS, round_amount
from tracktok.trips.rules.cards import DistanceUnit, Tax
from tracktok.trips.rules.months import price_month
from tracktok.trips.rules.priced import MonthTotals
from tracktok.trips.rules.pricing import price_trip
from tracktok.trips.rules.terms import card_from, to_terms

FEW = settings(max_examples=150, deadline=None)


@FEW
@given(cards(), trips())
def test_the_trace_adds_up_and_each_line_is_its_own_product(card, facts):
    priced = price_trip(card, facts)
    assert sum((part.amount for part in priced.parts), Decimal(0)) == priced.amount
    assert priced.total == priced.amount + priced.tax
    for part in priced.parts:
        product = part.quantity * part.rate / (100 if part.unit == "%" else 1)
        assert round_amount(product, card.currency) == part.amount, part
        assert part.label
        assert -part.amount.as_tuple().exponent <= MINOR_UNITS[card.currency]


@FEW
@given(cards(), trips())
def test_the_same_card_gives_the_same_price_again_also_when_it_was_stored(card, facts):
    assert price_trip(card, facts) == price_trip(card, facts) == price_trip(card_from(to_terms(card)), facts)
    assert card_from(to_terms(card)) == card


@FEW
@given(cards(), trips())
def test_only_what_is_taken_for_a_cancelled_trip_is_below_zero(card, facts):
    priced = price_trip(card, facts)
    credit = facts.status == "cancelled" and card.cancelled is not None and card.cancelled.deduct
    if not credit:
        assert priced.amount >= 0
        assert priced.tax >= 0
    assert priced.passed_on >= 0


@FEW
@given(cards(), trips())
def test_a_tax_within_the_prices_is_the_tax_on_what_is_left(card, facts):
    bare = replace(card, tax=None)
    gross = price_trip(bare, facts)
    within = price_trip(replace(card, tax=Tax(Decimal(18), inclusive=True)), facts)
    assert within.total == gross.total
    on_top = (within.amount - within.passed_on) * Decimal(18) / 100
    assert abs(on_top - within.tax) <= Decimal(1).scaleb(-MINOR_UNITS[card.currency])


@FEW
@given(st.lists(st.integers(1, 90), min_size=1, max_size=4, unique=True), st.data())
def test_graduated_slabs_are_continuous_at_their_edges(edges, data):
    steps = [{"up_to": str(edge), "rate": data.draw(rates)} for edge in sorted(edges)]
    slabs = {"steps": [*steps, {"up_to": None, "rate": data.draw(rates)}]}
    made = card(distance_slabs=slabs)
    for edge in edges:
        at, above = (price_trip(made, trip(km=km)).amount for km in (str(edge), f"{edge}.001"))
        assert abs(above - at) <= Decimal("0.10")  # a metre at the dearest rate is 9 paise, and a paisa of rounding
        below = price_trip(made, trip(km=str(Decimal(edge) - Decimal("0.001")))).amount
        assert abs(at - below) <= Decimal("0.10") + Decimal("0.01")


@FEW
@given(cards(), trips(), st.decimals(0, 100, places=3))
def test_going_farther_never_costs_less_where_rates_rise_with_distance(card, facts, more):
    if card.distance_slabs and card.distance_slabs.mode == "whole":
        return  # a rate for the whole may fall at an edge: that is what it is for
    if facts.status != "completed":
        return
    farther = facts._replace(distance_km=facts.distance_km + more)
    assert price_trip(card, farther).amount >= price_trip(card, facts).amount - Decimal(1).scaleb(
        -MINOR_UNITS[card.currency]
    ) * (22)


@FEW
@given(positive, st.integers(0, 300), st.decimals(0, 300, places=6))
def test_miles_and_kilometres_agree_to_a_thousandth(rate, minutes, km):
    by_mile = card(per_distance=rate, distance_unit=DistanceUnit.mi)
    priced = price_trip(by_mile, trip(minutes=minutes, km=str(km)))
    exact = km / Decimal("1.609344") * Decimal(rate)
    assert abs(priced.amount - exact) <= Decimal(rate) * Decimal("0.0005") + Decimal("0.005")


@FEW
@given(positive, amounts, st.integers(1, 28), st.integers(0, 60), st.integers(0, 5000))
def test_a_month_in_two_versions_of_the_same_terms_is_a_whole_month(fee, minimum, split, trips_made, km):
    terms = {"fee": fee, "included_trips": "20", "extra_trip": "100"}
    hybrid = card(model="hybrid", per_distance="10", monthly=terms, minimum_month=minimum)
    first, last = date(2026, 3, 1), date(2026, 3, 31)
    cut = first + timedelta(days=split)
    whole = price_month(hybrid, MonthTotals(first, last))
    halves = [price_month(hybrid, MonthTotals(*days)) for days in ((first, cut - timedelta(days=1)), (cut, last))]
    assert abs(sum(one.amount for one in halves) - whole.amount) <= Decimal("0.02")
    busy = price_month(hybrid, MonthTotals(first, last, trips=trips_made, amount=Decimal(km)))
    assert sum((part.amount for part in busy.parts), Decimal(0)) == busy.amount
    assert busy.amount + km >= Decimal(minimum)
