"""Money rounds once, half up, to its own minor unit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracktok.core.money import MINOR_UNITS, Money, fits_minor_unit, format_amount, minor_unit, round_amount


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("0.005", "INR", "0.01"),
        ("0.0049", "INR", "0.00"),
        ("-0.005", "INR", "-0.01"),
        ("2.5", "JPY", "3"),
        ("1.0005", "KWD", "1.001"),
        ("1.00005", "CLF", "1.0001"),
        ("125.5", "USD", "125.50"),
    ],
)
def test_rounds_half_up_to_the_minor_unit(amount, currency, expected):
    assert format_amount(round_amount(Decimal(amount), currency), currency) == expected


@pytest.mark.parametrize(("currency", "places"), [("INR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("EUR", 2)])
def test_minor_units_are_those_of_iso_4217(currency, places):
    assert minor_unit(currency) == places


def test_an_unknown_currency_is_no_currency():
    with pytest.raises(KeyError):
        round_amount(Decimal(1), "XXX")


def test_currencies_do_not_mix():
    with pytest.raises(ValueError, match="cannot mix INR and USD"):
        Money.of(1, "INR") + Money.of(1, "USD")


def test_money_is_shown_with_its_currency():
    assert str(Money.of("1234.5", "INR")) == "1234.50 INR"
    assert str(-Money.of("7", "JPY")) == "-7 JPY"


@given(
    st.decimals(min_value=-(10**12), max_value=10**12, places=4),
    st.sampled_from(sorted(MINOR_UNITS)),
)
def test_rounding_is_idempotent_and_never_off_by_more_than_half_a_unit(amount, currency):
    rounded = round_amount(amount, currency)
    assert round_amount(rounded, currency) == rounded
    assert fits_minor_unit(rounded, currency)
    assert abs(rounded - amount) <= Decimal(1).scaleb(-minor_unit(currency)) / 2


@given(st.integers(0, 10**10), st.integers(0, 10**10), st.sampled_from(["INR", "JPY", "KWD", "CLF"]))
def test_sums_and_differences_are_exact(a, b, currency):
    scale = -minor_unit(currency)
    left, right = Money(Decimal(a).scaleb(scale), currency), Money(Decimal(b).scaleb(scale), currency)
    assert (left + right) - right == left
