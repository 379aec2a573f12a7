"""What balances, what a reversal is, and the chart that a company begins with."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracktok.core.ids import new_id
from tracktok.ledger.rules import (
    STANDARD_CHART,
    Entry,
    Line,
    Unbalanced,
    check_balance,
    next_code,
    reversed_entry,
    two_lines,
)

A, B, C = new_id(), new_id(), new_id()


def entry(*lines: Line) -> Entry:
    return Entry(date(2026, 4, 1), "expense", "expense", new_id(), "Diesel", lines)


def line(account, amount: str, base: str | None = None, currency: str = "INR") -> Line:
    return Line(account, Decimal(amount), Decimal(base or amount), currency)


@pytest.mark.parametrize(
    "lines",
    [
        (line(A, "10.00"), line(B, "-10.00")),
        (line(A, "10.00"), line(B, "-4.00"), line(C, "-6.00")),
        (line(A, "10.00", "830.00", "USD"), line(B, "-830.00", "-830.00", "INR")),
        (line(A, "0"), line(B, "0")),
    ],
)
def test_what_balances_is_taken(lines):
    whole = entry(*lines)
    check_balance(whole)
    first = replace(lines[0], base_amount=lines[0].base_amount + 1)
    with pytest.raises(Unbalanced):
        check_balance(entry(first, *lines[1:]))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((), "two lines or more"),
        ((line(A, "0"),), "two lines or more"),
        ((line(A, "10.00"), line(B, "-9.99")), "0.01"),
        ((line(A, "10.00", "830.00", "USD"), line(B, "-9.00", "-830.00", "USD")), "1.00 USD"),
        ((line(A, "10.00", "830.00", "USD"), line(B, "-830.00", "-829.00", "INR")), "1.00"),
    ],
)
def test_what_does_not_balance_is_refused(lines, said):
    with pytest.raises(Unbalanced, match=said):
        check_balance(entry(*lines))


amounts = st.decimals(min_value="-99999999", max_value="99999999", places=4)


@given(amounts, amounts, st.integers(-1000, 1000))
def test_a_reversal_takes_everything_back_and_twice_is_the_first(amount, base, items):
    first = entry(*two_lines(Line(A, amount, base, "USD", items=items, category_id=C), B))
    back = reversed_entry(first)
    check_balance(back)
    for one, other in zip(first.lines, back.lines, strict=True):
        assert (one.amount + other.amount, one.base_amount + other.base_amount, one.items + other.items) == (0, 0, 0)
        assert (one.book_account_id, one.category_id) == (other.book_account_id, other.category_id)
    assert reversed_entry(back).lines == first.lines
    assert back.entry_date == first.entry_date


def test_a_reversal_names_what_it_reverses_once_that_is_posted():
    posted = replace(entry(*two_lines(line(A, "1"), B)), id=new_id())
    assert reversed_entry(posted).reverses_id == posted.id
    assert reversed_entry(posted, entry_date=date(2026, 5, 1)).entry_date == date(2026, 5, 1)


def test_a_document_is_counted_once_though_it_has_two_sides():
    debit, credit = two_lines(line(A, "5"), B)
    assert (debit.items, credit.items) == (1, 0)


def test_the_standard_chart_has_every_code_and_part_once():
    assert len({account.code for account in STANDARD_CHART}) == len(STANDARD_CHART)
    assert len({account.role for account in STANDARD_CHART}) == len(STANDARD_CHART)
    digits = {"asset": "1", "liability": "2", "equity": "3", "income": "4"}
    for account in STANDARD_CHART:
        assert account.code[0] in digits.get(account.type, "56")


def test_codes_of_own_accounts_follow_one_another_and_sort_under_their_type():
    assert next_code("asset", []) == "10001"
    assert next_code("asset", ["1100", "10001", "10007", "20009"]) == "10008"
    assert next_code("expense", ["59999"]) == "510000"
    assert sorted(["1100", "10001", "2100", "20001"]) == ["10001", "1100", "20001", "2100"]
