"""The trial balance of any days, and the running balance of an account, equal what the lines say."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.factories.ledger import make_entry, post_entry
from tests.factories.tenants import Company, make_company
from tracktok.core.db import db
from tracktok.core.errors import Invalid, NotFound
from tracktok.core.ids import new_id
from tracktok.ledger import queries, services
from tracktok.ledger.models import BookType
from tracktok.ledger.queries import JournalQuery
from tracktok.ledger.rules import Entry, Line

FIRST = date(2026, 1, 1)


@pytest.fixture(scope="module")
def busy(app: Flask) -> Company:
    """A company with an entry every third day of the year, each of another amount."""
    with app.app_context():
        company = make_company()
        with company.owner.acting():
            services.post(
                [make_entry(f"{number}.50", entry_date=FIRST + timedelta(days=number)) for number in range(1, 365, 3)]
            )
    return company


days = st.dates(date(2025, 12, 1), date(2027, 2, 1))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days, days)
def test_the_trial_balance_of_any_days_is_what_the_lines_say(app_context: Flask, busy: Company, one: date, other: date):
    start, end = min(one, other), max(one, other)
    lines = text(
        "SELECT b.code, coalesce(sum(base_amount) FILTER (WHERE l.entry_date < :start), 0),"
        " coalesce(sum(greatest(base_amount, 0)) FILTER (WHERE l.entry_date >= :start), 0),"
        " coalesce(sum(greatest(-base_amount, 0)) FILTER (WHERE l.entry_date >= :start), 0)"
        " FROM ledger_lines l JOIN book_accounts b ON b.id = l.book_account_id WHERE l.entry_date <= :end"
        " GROUP BY 1 ORDER BY 1"
    )
    with busy.owner.acting():
        trial = queries.trial_balance(start, end)
        wanted = db.session.execute(lines, {"start": start, "end": end}).all()
    assert [(row.code, row.opening, row.debit, row.credit) for row in trial.rows] == [tuple(row) for row in wanted]
    assert trial.debit == trial.credit
    assert trial.closing_debit == trial.closing_credit


def test_accounts_with_nothing_on_them_are_shown_when_asked_for(company: Company):
    with company.owner.acting():
        assert queries.trial_balance(FIRST, FIRST).rows == []
        assert len(queries.trial_balance(FIRST, FIRST, unused=True).rows) > 30


def test_the_running_balance_goes_on_over_pages(busy: Company):
    with busy.owner.acting():
        fuel = queries.book_account_for("fuel")
        seen, cursor = [], None
        while True:
            page = queries.lines_of(fuel, cursor=cursor, limit=20)
            seen += page.rows
            cursor = page.next_cursor
            if cursor is None:
                break
        assert len(seen) == len({line.entry_id for line in seen}) == 122
        running = Decimal(0)
        for line in reversed(seen):
            running += line.amount
            assert line.balance == running
        assert seen[0].balance == queries.balance_of([fuel])[fuel].amount
        some = queries.lines_of(fuel, start=date(2026, 3, 2), end=date(2026, 3, 20), limit=100).rows
        assert {line.entry_id: line.balance for line in some} == {
            line.entry_id: line.balance for line in seen if date(2026, 3, 2) <= line.entry_date <= date(2026, 3, 20)
        }


def test_lines_of_one_entry_on_one_account_keep_their_order_over_pages(company: Company):
    with company.owner.acting():
        fuel, bank = queries.book_account_for("fuel"), queries.book_account_for("payables")
        lines = tuple(Line(fuel, Decimal(one), Decimal(one), "INR") for one in range(1, 8))
        rest = Line(bank, Decimal(-28), Decimal(-28), "INR", items=0)
        services.post([Entry(FIRST, "import", "import", new_id(), "", (*lines, rest))])
        first = queries.lines_of(fuel, limit=3)
        second = queries.lines_of(fuel, limit=3, cursor=first.next_cursor)
        assert [line.amount for line in first.rows] == [7, 6, 5]
        assert [line.balance for line in first.rows] == [28, 21, 15]
        assert [line.balance for line in second.rows] == [10, 6, 3]
        for wrong in ("nonsense", "W10"):
            with pytest.raises(Invalid):
                queries.lines_of(fuel, cursor=wrong)


def test_an_account_of_one_currency_runs_in_it(company: Company):
    with company.owner.acting():
        dollars = services.create_book_account("Dollars", BookType.asset, "USD").id
        fuel = queries.book_account_for("fuel")
        for amount in (10, 20):
            lines = (
                Line(fuel, Decimal(amount * 80), Decimal(amount * 80), "INR"),
                Line(dollars, Decimal(-amount), Decimal(-amount * 80), "USD", items=0),
            )
            services.post([Entry(FIRST, "expense", "expense", new_id(), "", lines)])
        assert [(line.amount, line.balance) for line in queries.lines_of(dollars).rows] == [(-20, -30), (-10, -10)]


def test_the_journal_is_filtered_and_paged(company: Company):
    with company.owner.acting():
        ids = [post_entry(f"{number}.00", entry_date=FIRST + timedelta(days=number)) for number in range(1, 6)]
        (reversal,) = services.reverse(ids[:1])
        first = queries.list_entries(JournalQuery(), limit=4)
        second = queries.list_entries(JournalQuery(), limit=4, cursor=first.next_cursor)
        assert [row.id for row in (*first.rows, *second.rows)] == [*reversed(ids[1:]), reversal, ids[0]]
        assert [row.amount for row in first.rows] == [5, 4, 3, 2]

        def found(**filters) -> set:
            return {row.id for row in queries.list_entries(JournalQuery(**filters), limit=50).rows}

        assert found(kind="reversal") == {reversal}
        assert found(start=FIRST + timedelta(days=2), end=FIRST + timedelta(days=3)) == set(ids[1:3])
        assert found(account_id=queries.book_account_for("fuel")) == {*ids, reversal}
        assert found(account_id=queries.book_account_for("rent")) == set()


def test_an_entry_tells_its_reversal(company: Company):
    with company.owner.acting():
        entry_id = post_entry("5.00")
        (reversal,) = services.reverse([entry_id])
        assert queries.get_entry(entry_id).reversed_by[0] == reversal
        assert queries.get_entry(reversal).reverses[0] == entry_id
        with pytest.raises(NotFound):
            queries.get_entry(new_id())
