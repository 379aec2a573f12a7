"""Pure decisions, by tables of cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracktok.expenses.rules import amounts, statuses
from tracktok.expenses.rules.categories import DEEPEST, ancestors, descendants, height, move_problem
from tracktok.expenses.rules.posting import Change, Contribution, entries_of, entry_of
from tracktok.ledger.rules import check_balance

D = Decimal


def uid(number: int) -> UUID:
    return UUID(int=number)


@pytest.mark.parametrize(
    ("amount", "currency", "wrong"),
    [
        ("125.50", "INR", None),
        ("-125.50", "INR", None),
        ("0", "INR", "zero"),
        ("0.00", "JPY", "zero"),
        ("1.5", "JPY", "no decimal places"),
        ("1500", "JPY", None),
        ("1.005", "KWD", None),
        ("1.0005", "KWD", "3 decimal places"),
        ("1.005", "USD", "2 decimal places"),
        ("999999999999.99", "INR", None),
        ("1000000000000.00", "INR", "too large"),
        ("-1000000000000.00", "INR", "too large"),
        ("NaN", "INR", "number"),
        ("Infinity", "INR", "number"),
    ],
)
def test_amounts(amount, currency, wrong):
    problem = amounts.amount_problem(D(amount), currency)
    assert problem is None if wrong is None else wrong in problem


@pytest.mark.parametrize(
    ("tax", "amount", "wrong"),
    [("18.00", "118.00", None), ("0", "118", None), ("118.01", "118", "part of"), ("-18", "118", "same sign"),
     ("-18", "-118", None), ("1.005", "118", "2 decimal")],
)  # fmt: skip
def test_tax(tax, amount, wrong):
    problem = amounts.tax_problem(D(tax), D(amount), "INR")
    assert problem is None if wrong is None else wrong in problem


@pytest.mark.parametrize(
    ("amount", "rate", "currency", "result"),
    [
        ("10.00", "83.255", "INR", "832.55"),
        ("0.005", "1", "INR", "0.01"),
        ("-0.005", "1", "INR", "-0.01"),
        ("100", "1.5555", "JPY", "156"),
        ("1", "0.33215", "KWD", "0.332"),
        ("0.01", "0.001", "INR", "0.00"),
    ],
)
def test_conversion_rounds_once_to_the_minor_unit(amount, rate, currency, result):
    assert amounts.convert(D(amount), D(rate), currency) == D(result)


@pytest.mark.parametrize(
    ("day", "wrong"),
    [(date(2024, 2, 29), False), (date(1969, 12, 31), True), (date(2036, 12, 31), False), (date(2037, 1, 1), True)],
)
def test_dates(day, wrong):
    assert (amounts.date_problem(day, date(2026, 11, 21)) is not None) is wrong


def test_statuses():
    assert statuses.move("draft", "approve") == "approved"
    assert statuses.move("draft", "pay") == "paid"
    assert statuses.move("paid", "approve") is None
    assert statuses.move("approved", "approve") is None
    assert statuses.actions_from("draft")[0] == "approve"
    assert statuses.may_become("paid", "paid")
    assert set(statuses.ACTION_LABELS) == {action for _, action in statuses.TRANSITIONS}
    assert all(statuses.may_become(origin, target) for (origin, _), target in statuses.TRANSITIONS.items())


TREE = {uid(1): None, uid(2): uid(1), uid(3): uid(2), uid(4): uid(3), uid(5): None, uid(6): uid(5)}


@pytest.mark.parametrize(
    ("category", "parent", "code"),
    [
        (None, None, None),
        (None, uid(3), None),
        (None, uid(4), "too_deep"),
        (uid(1), uid(4), "cycle"),
        (uid(1), uid(1), "cycle"),
        (uid(5), uid(2), None),
        (uid(5), uid(3), "too_deep"),
        (uid(2), uid(5), None),
        (uid(2), uid(6), "too_deep"),
        (uid(4), None, None),
    ],
)
def test_where_a_category_may_stand(category, parent, code):
    problem = move_problem(category, parent, TREE)
    assert (problem.code if problem else None) == code


@given(st.lists(st.tuples(st.integers(1, 12), st.one_of(st.none(), st.integers(1, 12))), max_size=40))
def test_moves_that_are_allowed_never_make_a_circle_or_a_fifth_level(moves):
    tree = {uid(number): None for number in range(1, 13)}
    for child, parent in moves:
        target = uid(parent) if parent else None
        if move_problem(uid(child), target, tree) is None:
            tree[uid(child)] = target
    for one in tree:
        up = ancestors(one, tree)
        assert tree[up[-1]] is None
        assert len(up) <= DEEPEST
        assert one in descendants(up[-1], tree)
    assert max(height(one, tree) for one in tree) <= DEEPEST


def contribution(**over) -> Contribution:
    return Contribution(
        **{
            "expense_id": uid(1),
            "expense_date": date(2026, 11, 10),
            "status": "paid",
            "amount": D("10.00"),
            "currency": "USD",
            "base_amount": D("832.55"),
            "credit_amount": D("832.55"),
            "credit_currency": "INR",
            "debit_id": uid(10),
            "credit_id": uid(20),
            "category_id": uid(30),
            **over,
        }
    )


def test_an_entry_debits_what_it_was_for_and_credits_what_it_was_paid_from():
    entry = entry_of(contribution())
    check_balance(entry)
    debit, credit = entry.lines
    assert (debit.book_account_id, debit.amount, debit.currency, debit.base_amount) == (
        uid(10),
        D(10),
        "USD",
        D("832.55"),
    )
    assert (credit.book_account_id, credit.amount, credit.currency, credit.items) == (uid(20), D("-832.55"), "INR", 0)


@pytest.mark.parametrize(
    ("old", "new", "kinds", "matters"),
    [
        (None, {}, ["expense"], True),
        ({}, None, ["reversal"], True),
        ({}, {"base_amount": D("833.00"), "credit_amount": D("833.00")}, ["reversal", "expense"], True),
        ({}, {"memo": "Another title"}, [], False),
        ({}, {"tag_ids": frozenset({uid(7)})}, [], True),
        ({}, {"status": "draft"}, ["reversal"], True),
        ({"status": "draft"}, {"status": "draft", "amount": D(5)}, [], False),
        ({"status": "draft"}, {"status": "approved"}, ["expense"], True),
        (None, {"status": "draft"}, [], False),
        ({}, {"person_id": uid(8)}, [], True),
    ],
)
def test_what_a_change_posts(old, new, kinds, matters):
    change = Change(
        None if old is None else contribution(**old), None if new is None else replace(contribution(), **new)
    )
    entries = entries_of([change])
    assert [entry.kind for entry in entries] == kinds
    assert change.matters is matters
    for entry in entries:
        check_balance(entry)
