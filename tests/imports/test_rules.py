"""Forms of dates and numbers: what the evidence of a column says, and how single cells are read."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from tracktok.core import money
from tracktok.imports.rules import dates, numbers
from tracktok.imports.rules.dates import DateOrder

DAY, MONTH = DateOrder.day_first, DateOrder.month_first


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("2026-11-21", DAY, date(2026, 11, 21)),
        ("2026-11-21T10:30:00Z", MONTH, date(2026, 11, 21)),
        ("2026-11-21 10:30:00.123+05:30", DAY, date(2026, 11, 21)),
        ("2026/3/1", MONTH, date(2026, 3, 1)),
        ("20261121", DAY, date(2026, 11, 21)),
        ("03/04/2026", DAY, date(2026, 4, 3)),
        ("03/04/2026", MONTH, date(2026, 3, 4)),
        ("3.4.26", DAY, date(2026, 4, 3)),
        ("1/2/2016 21:11", MONTH, date(2016, 1, 2)),
        ("1/2/2016 9:11 PM", MONTH, date(2016, 1, 2)),
        ("20/09/2018 12:04:08", DAY, date(2018, 9, 20)),
        ("20 Sep 2018", MONTH, date(2018, 9, 20)),
        ("20-Sep-18", MONTH, date(2018, 9, 20)),
        ("Sep 20, 2018", DAY, date(2018, 9, 20)),
        ("September 20th, 2018", DAY, date(2018, 9, 20)),
        ("Thu, 20 Sep 2018", DAY, date(2018, 9, 20)),
        ("20. März 2018", DAY, date(2018, 3, 20)),
        ("29/02/2024", DAY, date(2024, 2, 29)),
        ("01/01/69", DAY, date(1969, 1, 1)),
    ],
)
def test_reads_a_date(text, order, expected):
    assert dates.parse_date(text, order) == expected


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("", DAY),
        ("Total", DAY),
        ("20/09/2018", MONTH),
        ("29/02/2023", DAY),
        ("31/04/2026", DAY),
        ("12/34", DAY),
        ("1/2/0001", DAY),
        ("2026-13-01", DAY),
        ("20 Foo 2018", DAY),
        ("125.50", DAY),
        ("9" * 5000, DAY),
    ],
)
def test_refuses_what_is_no_date_and_says_why(text, order):
    with pytest.raises(dates.NotADate) as refusal:
        dates.parse_date(text, order)
    assert 0 < len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    ("cells", "order", "mixed"),
    [
        (["13/01/2026", "02/03/2026"], DAY, False),
        (["01/13/2026", "02/03/2026"], MONTH, False),
        (["13/01/2026", "01/13/2026"], None, True),
        (["02/03/2026", "04/05/2026"], None, False),
        (["02/02/2026", "05/05/2026"], DateOrder.year_first, False),
        (["2026-01-13", "2 Mar 2026"], DateOrder.year_first, False),
        (["20/09/2018 12:04:08", "1/5/2017", "2018-01-01"], DAY, False),
    ],
)
def test_the_column_decides_which_part_is_the_day(cells, order, mixed):
    verdict = dates.judge(dates.weigh(Counter(map(dates.date_part, cells))))
    assert (verdict.order, verdict.is_mixed) == (order, mixed)
    assert verdict.because


def test_the_tenants_own_form_is_a_suggestion_not_evidence():
    seen = dates.weigh({"02/03/2026": 5})
    assert dates.judge(seen, MONTH).order is None
    assert dates.judge(seen, MONTH).suggestion is MONTH


@pytest.mark.parametrize(
    ("text", "decimal", "value", "sign"),
    [
        ("1234", ".", "1234", ""),
        ("1,234.50", ".", "1234.50", ""),
        ("1.234,50", ",", "1234.50", ""),
        ("1 234,50", ",", "1234.50", ""),
        ("1\u00a0234,50", ",", "1234.50", ""),
        ("1'234.50", ".", "1234.50", ""),
        ("1,23,456.00", ".", "123456.00", ""),
        ("12,34,56,789", ".", "123456789", ""),
        (".5", ".", "0.5", ""),
        ("(123.45)", ".", "-123.45", ""),
        ("123-", ".", "-123", ""),
        ("-123", ".", "-123", ""),
        ("\u2212123.45", ".", "-123.45", ""),
        ("+12.50", ".", "12.50", ""),
        ("12.00 CR", ".", "-12.00", ""),
        ("12.00 Dr", ".", "12.00", ""),
        ("₹ 500", ".", "500", "₹"),
        ("Rs. 1,200.00", ".", "1200.00", "rs."),
        ("€1.234,56", ",", "1234.56", "€"),
        ("12,30 EUR", ",", "12.30", "eur"),
        ("-$12.00", ".", "-12.00", "$"),
        ("£(5.00)", ".", "-5.00", "£"),
        (numbers.TYPED + "1.234", ",", "1.234", ""),
    ],
)
def test_reads_an_amount(text, decimal, value, sign):
    parsed = numbers.parse_amount(text, decimal)
    assert (parsed.value, parsed.sign) == (Decimal(value), sign)


@pytest.mark.parametrize(
    ("text", "decimal"),
    [("", "."), ("abc", "."), ("1.234,50", "."), ("1,234.50", ","), ("1,2", "."), ("--3", "."), ("1e5", "."),
     ("=1+1", "."), ("12.5.1", "."), ("1,23,45.00", "."), ("9" * 4000 + "x", ".")],
)  # fmt: skip
def test_refuses_what_is_no_amount_and_says_why(text, decimal):
    with pytest.raises(numbers.NotANumber) as refusal:
        numbers.parse_amount(text, decimal)
    assert 0 < len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    ("cells", "decimal"),
    [
        (["1,234.50", "1,234"], "."),
        (["1.234,50", "1.234"], ","),
        (["12.5", "3"], "."),
        (["1,234,567"], "."),
        (["1.234", "5.678"], None),
        (["1,234", "5,678"], None),
        (["12,50", "12.50"], None),
        (["12", "500"], "."),
        ([numbers.TYPED + "1.234", numbers.TYPED + "7"], "."),
    ],
)
def test_the_column_decides_the_decimal_sign(cells, decimal):
    verdict = numbers.judge(numbers.weigh(Counter(map(numbers.shape, cells))))
    assert verdict.decimal == decimal
    assert verdict.because


@pytest.mark.parametrize(
    ("sign", "own", "currency"),
    [("", "INR", "INR"), ("₹", "EUR", "INR"), ("usd", "INR", "USD"), ("$", "CAD", "CAD"), ("$", "INR", None),
     ("¥", "JPY", "JPY"), ("xyz", "INR", None)],
)  # fmt: skip
def test_a_sign_names_a_currency_only_when_there_is_no_doubt(sign, own, currency):
    assert numbers.currency_of_sign(sign, own, money.MINOR_UNITS) == currency
