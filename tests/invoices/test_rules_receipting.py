"""Entries of receipts, allocations, refunds and write-offs: tables of cases and properties."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracktok.invoices.rules import receipting as rules
from tracktok.ledger.rules import Entry, check_balance

D = Decimal
DAY = date(2026, 11, 21)
BOOKS = rules.Books(UUID(int=1), UUID(int=2), UUID(int=3))
BANK, CUSTOMER, SOURCE, LOSS = UUID(int=4), UUID(int=5), UUID(int=6), UUID(int=7)
HEAD = {"day": DAY, "memo": "", "customer_id": CUSTOMER, "currency": "USD", "books": BOOKS}


def lines(entry: Entry) -> list[tuple[int, str, str, str]]:
    check_balance(entry)
    return [(one.book_account_id.int, str(one.amount), str(one.base_amount), one.currency) for one in entry.lines]


@pytest.mark.parametrize(
    ("currency", "account", "held"),
    [("USD", None, "USD"), ("USD", "USD", "USD"), ("USD", "INR", "INR"), ("INR", "USD", None), ("EUR", "USD", None)],
)
def test_what_an_account_can_hold(currency, account, held):
    assert rules.held_in(currency, account, "INR") == held


@pytest.mark.parametrize(
    ("amount", "currency", "wrong"),
    [("0.01", "INR", None), ("0", "INR", "above zero"), ("-1", "INR", "above zero"), ("NaN", "INR", "above zero"),
     ("1.5", "JPY", "whole number"), ("1.001", "KWD", None), ("1.0001", "KWD", "3 decimal"),
     ("1000000000000", "INR", "too large")],
)  # fmt: skip
def test_amounts(amount, currency, wrong):
    problem = rules.amount_problem(D(amount), currency)
    assert problem is None if wrong is None else wrong in problem
    if wrong is None:
        assert "is left" in rules.left_problem(D(amount), D(0), currency, "RCT-1")


def test_money_comes_into_an_account_of_its_currency_or_of_the_companys():
    common = {"receipt_id": SOURCE, "amount": D("10.00"), "base_amount": D("832.55"), **HEAD}
    dollars = rules.receipt_entry(till=rules.Till(BANK, "USD", BANK), **common)
    assert lines(dollars) == [(4, "10.00", "832.55", "USD"), (2, "-10.00", "-832.55", "USD")]
    rupees = rules.receipt_entry(till=rules.Till(BANK, "INR", BANK), **common)
    assert lines(rupees) == [(4, "832.55", "832.55", "INR"), (2, "-10.00", "-832.55", "USD")]
    assert [one.items for one in rupees.lines] == [1, 0]


@pytest.mark.parametrize(
    ("taken", "owed", "gain"), [("832.55", "830.00", "-2.55"), ("830.00", "832.55", "2.55"), ("830.00", "830.00", None)]
)
def test_the_exchange_difference_is_a_line_of_its_own(taken, owed, gain):
    entry = rules.allocation_entry(
        allocation_id=SOURCE, amount=D("10.00"), advances_base=D(taken), receivables_base=D(owed), **HEAD
    )
    found = lines(entry)
    assert found[:2] == [(2, "10.00", taken, "USD"), (1, "-10.00", f"-{owed}", "USD")]
    assert [one[2] for one in found[2:]] == ([gain] if gain else [])


def test_a_refund_goes_out_at_what_it_is_worth():
    entry = rules.refund_entry(
        refund_id=SOURCE, amount=D("10.00"), taken_base=D("832.55"), paid_base=D("900.00"), taken_from=BOOKS.advances,
        till=rules.Till(BANK, "INR", BANK), **HEAD,
    )  # fmt: skip
    assert lines(entry) == [
        (2, "10.00", "832.55", "USD"), (4, "-900.00", "-900.00", "INR"), (3, "0", "67.45", "USD"),
    ]  # fmt: skip


def test_a_write_off_and_its_way_back():
    values = {"allocation_id": SOURCE, "loss": LOSS, **HEAD}
    given_up = rules.write_off_entry(amount=D("1.00"), base=D("83.26"), **values)
    assert lines(given_up) == [(7, "1.00", "83.26", "USD"), (1, "-1.00", "-83.26", "USD")]
    back = rules.write_off_entry(amount=D("-1.00"), base=D("-83.26"), **values)
    assert lines(back) == [(7, "-1.00", "-83.26", "USD"), (1, "1.00", "83.26", "USD")]
    assert [one.items for one in (*given_up.lines, *back.lines)] == [1, 0, -1, 0]


@given(*[st.integers(-(10**9), 10**9)] * 3)
def test_every_entry_balances(amount, taken, owed):
    amount, taken, owed = (D(one).scaleb(-2) for one in (amount, taken, owed))
    check_balance(
        rules.allocation_entry(allocation_id=SOURCE, amount=amount, advances_base=taken, receivables_base=owed, **HEAD)
    )
    for currency in ("USD", "INR"):
        till = rules.Till(BANK, currency, BANK)
        check_balance(
            rules.refund_entry(
                refund_id=SOURCE,
                amount=amount,
                taken_base=taken,
                paid_base=owed,
                taken_from=BOOKS.advances,
                till=till,
                **HEAD,
            )
        )


@given(st.integers(1, 10**10), st.integers(1, 10**10))
def test_the_rate_gives_back_what_arrived(amount, base_amount):
    one, other = D(amount).scaleb(-2), D(base_amount).scaleb(-2)
    rate = rules.rate_from_base(one, other)
    assert abs(one * rate - other) <= one * D("0.000000000001")
