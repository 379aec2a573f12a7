"""What people type into amounts and dates."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracktok.web.filters import figures, group_digits
from tracktok.web.inputs import plain_date, plain_decimal

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "decimal", "plain"),
    [
        ("125.50", ".", "125.50"),
        ("1,234.5", ".", "1234.5"),
        ("1.234,5", ".", "1234.5"),
        ("1.234,5", ",", "1234.5"),
        ("12,34,567.89", ".", "1234567.89"),
        ("1,234", ".", "1234"),
        ("1,234", ",", "1.234"),
        ("1.234", ",", "1234"),
        ("1.234", ".", "1.234"),
        ("1,5", ".", "1.5"),
        ("1'234.50", ".", "1234.50"),
        ("1 234,50", ",", "1234.50"),
        ("₹ 1,23,456", ".", "123456"),
        ("INR 99", ".", "99"),
        ("99 €", ",", "99"),
        ("-5", ".", "-5"),
        ("\N{MINUS SIGN}5.10", ".", "-5.10"),
        ("(125.50)", ".", "-125.50"),
        ("125-", ".", "-125"),
        (".5", ".", "0.5"),
        ("0012", ".", "12"),
        ("-0", ".", "0"),
        ("1.234.567", ".", "1234567"),
        ("Rs. 500", ".", "500"),
        ("500 kr.", ",", "500"),
    ],
)
def test_an_amount_is_understood(text, decimal, plain):
    assert plain_decimal(text, decimal) == plain


@pytest.mark.parametrize(
    "text",
    ["", "abc", "12abc3", "1.2.3", "12,34,5", "1,2,3.4.5", "--", "1'5", "2 lakh rupees", "5k", "5 cr", "()", "1,,000"],
)
def test_what_is_no_amount_is_not_guessed(text):
    assert plain_decimal(text) is None


@given(st.integers(0, 10**15), st.integers(0, 99), st.sampled_from(["en_IN", "en_US", "de", "fr", "de_CH", "hi_IN"]))
def test_what_we_write_we_can_read(whole, cents, locale):
    style = figures(locale)
    written = f"{group_digits(str(whole), style)}{style.decimal}{cents:02}"
    assert plain_decimal(written, style.decimal) == f"{whole}.{cents:02}"


@pytest.mark.parametrize(
    ("text", "date_format", "day"),
    [
        ("2026-11-05", "DD/MM/YYYY", date(2026, 11, 5)),
        ("05/11/2026", "DD/MM/YYYY", date(2026, 11, 5)),
        ("05/11/2026", "MM/DD/YYYY", date(2026, 5, 11)),
        ("5.11.26", "DD/MM/YYYY", date(2026, 11, 5)),
        ("5-11", "DD/MM/YYYY", date(2026, 11, 5)),
        ("11/5", "MM/DD/YYYY", date(2026, 11, 5)),
        ("05/11/2026", "YYYY-MM-DD", date(2026, 11, 5)),
        ("5 nov", "DD/MM/YYYY", date(2026, 11, 5)),
        ("Nov 5, 2025", "DD/MM/YYYY", date(2025, 11, 5)),
        ("5th November 2026", "MM/DD/YYYY", date(2026, 11, 5)),
        ("today", "DD/MM/YYYY", TODAY),
        ("Yesterday", "DD/MM/YYYY", date(2026, 11, 20)),
        ("tomorrow", "DD/MM/YYYY", date(2026, 11, 22)),
    ],
)
def test_a_date_is_understood(text, date_format, day):
    assert plain_date(text, date_format, TODAY) == day


@pytest.mark.parametrize("text", ["", "31/02/2026", "13/13/2026", "soon", "1", "1/2/3/4", "5 nov 123", "x/y/z"])
def test_what_is_no_date_is_not_guessed(text):
    assert plain_date(text, "DD/MM/YYYY", TODAY) is None
