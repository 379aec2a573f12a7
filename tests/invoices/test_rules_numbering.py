"""Fiscal years, patterns, numbers, and amounts in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracktok.core import money
from tracktok.invoices.rules import numbering, words
from tracktok.invoices.rules.hindi import HINDI_BELOW_HUNDRED
from tracktok.invoices.rules.numbering import SeriesFull, fiscal_year, pattern_problem, render_number

D = Decimal
NOVEMBER = date(2026, 11, 20)
GST_PATTERN, PLAIN_PATTERN = "INV-{YY}-{ORG3}-{#####}", "INV-{YYYY}-{ORG}-{#####}"


@pytest.mark.parametrize(
    ("on", "month", "start", "end", "label", "yy"),
    [
        ("2026-11-20", 4, "2026-04-01", "2027-03-31", "2026-27", "26"),
        ("2027-03-31", 4, "2026-04-01", "2027-03-31", "2026-27", "26"),
        ("2027-04-01", 4, "2027-04-01", "2028-03-31", "2027-28", "27"),
        ("2026-11-20", 1, "2026-01-01", "2026-12-31", "2026", "26"),
        ("1999-11-20", 7, "1999-07-01", "2000-06-30", "1999-00", "99"),
        ("2024-02-29", 3, "2023-03-01", "2024-02-29", "2023-24", "23"),
        ("9999-12-31", 4, "9999-04-01", "9999-12-31", "9999-99", "99"),
    ],
)
def test_fiscal_years(on, month, start, end, label, yy):
    found = fiscal_year(date.fromisoformat(on), month)
    assert (found.start.isoformat(), found.end.isoformat(), found.label, found.yy) == (start, end, label, yy)
    assert date.fromisoformat(on) in found


@pytest.mark.parametrize(
    ("pattern", "sequence", "on", "number"),
    [
        (GST_PATTERN, 1, "2026-11-20", "INV-26-IND-00001"),
        (GST_PATTERN, 99999, "2027-02-01", "INV-26-IND-99999"),
        (PLAIN_PATTERN, 1, "2027-02-01", "INV-2026-INDUSCAB-00001"),
        (PLAIN_PATTERN, 123456, "2026-11-20", "INV-2026-INDUSCAB-123456"),
        ("{FY}/{MM}/{###}", 7, "2027-02-01", "2026-27/02/007"),
        ("{#}", 12, "2026-11-20", "12"),
    ],
)
def test_numbers(pattern, sequence, on, number):
    day = date.fromisoformat(on)
    assert render_number(pattern, sequence, fiscal_year(day, 4), day, "INDUSCAB") == number


def test_a_series_under_gst_ends_and_says_so():
    year = fiscal_year(NOVEMBER, 4)
    assert len(render_number(GST_PATTERN, 99_999, year, NOVEMBER, "INDUSCAB", gst=True)) == 16
    with pytest.raises(SeriesFull, match="99,999"):
        render_number(GST_PATTERN, 100_000, year, NOVEMBER, "INDUSCAB", gst=True)
    assert render_number(GST_PATTERN, 100_000, year, NOVEMBER, "INDUSCAB").endswith("-100000")
    with pytest.raises(ValueError, match="counts from 1"):
        render_number(GST_PATTERN, 0, year, NOVEMBER, "INDUSCAB")


@pytest.mark.parametrize(
    ("pattern", "gst", "wrong"),
    [
        (GST_PATTERN, True, None),
        (PLAIN_PATTERN, False, None),
        (PLAIN_PATTERN, True, "16 characters at most"),
        ("INV-{YY}-{ORG3}-{######}", True, "has 17"),
        ("INV/{FY}/{####}", True, None),
        ("INV/{FY}/{#####}", True, "has 17"),
        ("inv-{YY}-{#####}", True, "capital letters"),
        ("inv-{YY}-{#####}", False, None),
        ("INV_{YY}_{#####}", True, "capital letters"),
        ("INV {YY} {#####}", True, "capital letters"),
        ("-INV{#####}", True, "begins with a letter"),
        ("/INV{#####}", True, "begins with a letter"),
        ("0INV{#####}", True, "begin with 0"),
        ("{#####}", True, "begin with 0"),
        ("{MM}-{#####}", True, "begin with 0"),
        ("{YY}-{#####}", True, None),
        ("INV-{YY}", False, "needs the number"),
        ("", False, "needs the number"),
        ("INV-#####", False, "in braces"),
        ("INV-{#####", False, "not closed"),
        ("INV-}{#####}", False, "not closed"),
        ("INV-{###}-{###}", False, "once"),
        ("INV-{YEAR}-{###}", False, "no field {YEAR}"),
        ("INV-{}-{###}", False, "no field {}"),
        ("INV-{#############}", False, "12 digits"),
        ("INV<{###}", False, "Use letters"),
        ("INV\n{###}", False, "Use letters"),
        (" INV{###}", False, "blank"),
        ("A" * 38 + "{###}", False, "40 characters"),
        ("बिल-{YY}-{####}", False, None),
        ("बिल-{YY}-{####}", True, "capital letters"),
    ],
)
def test_patterns(pattern, gst, wrong):
    problem = pattern_problem(pattern, gst=gst)
    assert problem is None if wrong is None else wrong in problem


def test_a_short_code_makes_room():
    assert "16 characters" in pattern_problem("INV-{YY}-{ORG}-{#####}", gst=True)
    assert pattern_problem("INV-{YY}-{ORG}-{#####}", gst=True, org="ABC") is None


@pytest.mark.parametrize("kind", numbering.DOCUMENT_PREFIXES)
def test_default_patterns_are_right(kind):
    year = fiscal_year(NOVEMBER, 4)
    for gst in (True, False):
        pattern = numbering.default_pattern(kind, gst=gst)
        assert pattern_problem(pattern, gst=gst) is None
        assert numbering.pattern_warning(pattern) is None
        number = render_number(pattern, 1, year, NOVEMBER, "INDUSCAB", gst=gst)
        assert numbering.number_problem(number, gst=gst) is None
        assert number.startswith(numbering.DOCUMENT_PREFIXES[kind])
    assert len({numbering.default_pattern(one, gst=True) for one in numbering.DOCUMENT_PREFIXES}) == 6
    assert "come again" in numbering.pattern_warning("INV-{#####}")


@given(st.text("INV-/0{}YMFORG3#a ", max_size=24), st.integers(1, 10**6))
def test_a_pattern_without_a_problem_makes_right_numbers(pattern, sequence):
    if pattern_problem(pattern, gst=True):
        return
    try:
        number = render_number(pattern, sequence, fiscal_year(NOVEMBER, 4), NOVEMBER, "INDUSCAB", gst=True)
    except SeriesFull:
        return
    assert numbering.number_problem(number, gst=True) is None


@pytest.mark.parametrize(
    ("number", "gst", "wrong"),
    [("INV-1", True, None), ("inv-1", True, None), ("0-1", True, "other than 0"), ("A" * 17, True, "16 characters"),
     ("A" * 17, False, None), ("", False, "1 to 40"), ("  ", False, "1 to 40"), ("A\x00", False, "control"),
     ("A_1", True, "letters, digits")],
)  # fmt: skip
def test_numbers_from_elsewhere(number, gst, wrong):
    problem = numbering.number_problem(number, gst=gst)
    assert problem is None if wrong is None else wrong in problem


@pytest.mark.parametrize(
    ("name", "code", "short"),
    [
        ("Indus Cabs Private Limited", "INDUSCAB", "IND"),
        ("Café Zürich", "CAFEZURI", "CAF"),
        ("A-1 Travels", "A1TRAVEL", "A1T"),
        ("007 Cabs", "7CABS", "7CA"),
        ("इंडस कैब्स", "ORG", "ORG"),
        ("", "ORG", "ORG"),
        ("Ola", "OLA", "OLA"),
        ("X", "X", "X"),
    ],
)
def test_short_codes(name, code, short):
    assert numbering.org_code(name) == code
    assert numbering.org3(code) == short


def test_series_have_names_of_their_own():
    company, year = UUID(int=7), fiscal_year(NOVEMBER, 4)
    keys = {
        numbering.series_key("invoice", company, year),
        numbering.series_key("credit_note", company, year),
        numbering.series_key("invoice", UUID(int=8), year),
        numbering.series_key("invoice", company, fiscal_year(date(2027, 4, 1), 4)),
        numbering.series_key("invoice", company, year, "B"),
    }
    assert len(keys) == 5
    assert numbering.series_key("invoice", company, fiscal_year(date(2027, 3, 31), 4)) in keys
    assert numbering.number_key("inv-1") == numbering.number_key("INV-1")
    with pytest.raises(KeyError):
        numbering.series_key("letter", company, year)


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        ("221068", "INR", "en_IN", "Rupees Two Lakh Twenty-One Thousand Sixty-Eight Only"),
        (
            "221067.87", "INR", "en_IN",
            "Rupees Two Lakh Twenty-One Thousand Sixty-Seven and Eighty-Seven Paise Only",
        ),
        ("221068", "INR", "en_US", "Rupees Two Hundred Twenty-One Thousand Sixty-Eight Only"),
        ("0", "INR", "en_IN", "Rupees Zero Only"),
        ("1", "INR", "en_IN", "Rupee One Only"),
        ("0.01", "INR", "en_IN", "Rupees Zero and One Paisa Only"),
        ("10000000", "INR", "en_IN", "Rupees One Crore Only"),
        ("120000001", "INR", "en_IN", "Rupees Twelve Crore One Only"),
        ("1234567000000", "INR", "en_IN",
         "Rupees One Lakh Twenty-Three Thousand Four Hundred Fifty-Six Crore Seventy Lakh Only"),
        ("-5.5", "USD", "en_US", "Minus US Dollars Five and Fifty Cents Only"),
        ("1000000", "USD", "en-GB", "US Dollars One Million Only"),
        ("1000000", "USD", "en-IN", "US Dollars Ten Lakh Only"),
        ("1999.995", "EUR", "de_DE", "Euros Two Thousand Only"),
        ("1234", "JPY", "ja_JP", "Japanese Yen One Thousand Two Hundred Thirty-Four Only"),
        ("1.234", "KWD", "en_AE", "Kuwaiti Dinar One and Two Hundred Thirty-Four Fils Only"),
        ("2.5", "CLF", "en", "Chilean Units Of Account (UF) Two and 5000/10000 Only"),
        ("3.25", "SEK", "en", "Swedish Kronor Three and 25/100 Only"),
        ("221068", "INR", "hi_IN", "दो लाख इक्कीस हज़ार अड़सठ रुपये मात्र"),
        ("1.01", "INR", "hi", "एक रुपया और एक पैसा मात्र"),
        ("100000000.99", "INR", "hi", "दस करोड़ रुपये और निन्यानवे पैसे मात्र"),
        ("15.5", "USD", "hi", "पंद्रह यूएस डॉलर और 50/100 मात्र"),
    ],
)  # fmt: skip
def test_amounts_in_words(amount, currency, locale, text):
    assert words.amount_in_words(D(amount), currency, locale) == text


@given(st.integers(0, 10**15), st.sampled_from(sorted(money.MINOR_UNITS)), st.sampled_from(["en_IN", "en_US", "hi_IN"]))
def test_every_amount_has_words(minor, currency, locale):
    text = words.amount_in_words(D(minor).scaleb(-money.minor_unit(currency)), currency, locale)
    assert text.endswith(("Only", "मात्र"))
    assert "  " not in text
    assert "," not in text.replace(", ", "")


def test_a_hundred_hindi_words():
    assert len(HINDI_BELOW_HUNDRED) == len(set(HINDI_BELOW_HUNDRED)) == 100
    with pytest.raises(KeyError):
        words.amount_in_words(D(1), "XXX")
