"""Posting keeps balances and totals; the database refuses what is no entry."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from tests.factories.ledger import make_entry, post_entry
from tests.factories.tenants import Company
from tracktok.core.db import db
from tracktok.core.ids import NIL, new_id
from tracktok.ledger import queries, services
from tracktok.ledger.models import BookAccount, BookType, Dimension
from tracktok.ledger.rules import Entry, Line, Unbalanced
from tracktok.ledger.services import posting

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def total(dimension: Dimension = Dimension.all, ids=None, kind: BookType = BookType.expense):
    found = queries.sum_total(kind, dimension, *YEAR, ids)
    return found.base_amount, found.items


def balance(role: str) -> Decimal:
    account = queries.book_account_for(role)
    return queries.balance_of([account])[account].base_amount


def test_an_entry_moves_balances_and_totals_along_its_dimensions(company: Company):
    category, project = new_id(), new_id()
    with company.owner.acting():
        post_entry("250.00", category_id=category)
        post_entry("50.00", project_id=project)
        assert (balance("fuel"), balance("unassigned_payments")) == (Decimal(300), Decimal(-300))
        assert total() == (Decimal(300), 2)
        assert total(Dimension.category, [category]) == (Decimal(250), 1)
        assert total(Dimension.category, [NIL]) == (Decimal(50), 1)
        assert total(Dimension.project, [project, NIL]) == (Decimal(300), 2)
        assert total(Dimension.book, [queries.book_account_for("fuel")]) == (Decimal(300), 2)
        assert total(Dimension.vendor) == (Decimal(0), 0)
        assert queries.prove_books().is_sound


def test_income_counts_credits(company: Company):
    with company.owner.acting():
        sales, cash = queries.book_account_for("sales"), queries.book_account_for("receivables")
        services.post([make_entry("900.00", debit=cash, credit=sales, items=1)])
        assert total(kind=BookType.income) == (Decimal(900), 0)  # the counterpart counts no document
        assert total() == (Decimal(0), 0)
        assert queries.balance_of([sales])[sales].base_amount == Decimal(-900)


def test_by_day_month_and_id(company: Company):
    first, second = new_id(), new_id()
    with company.owner.acting():
        services.post(
            [
                make_entry("10.00", entry_date=date(2026, 1, 31), category_id=first),
                make_entry("20.00", entry_date=date(2026, 2, 1), category_id=second),
                make_entry("30.00", entry_date=date(2026, 2, 28), category_id=second),
            ]
        )
        days = queries.totals_by_day(BookType.expense, Dimension.all, date(2026, 1, 31), date(2026, 2, 27))
        assert [(one.day, one.base_amount) for one in days] == [
            (date(2026, 1, 31), Decimal(10)),
            (date(2026, 2, 1), Decimal(20)),
        ]
        months = queries.totals_by_month(BookType.expense, Dimension.category, *YEAR, [second])
        assert [(one.day, one.base_amount, one.items) for one in months] == [(date(2026, 2, 1), Decimal(50), 2)]
        by_id = queries.totals_by_id(BookType.expense, Dimension.category, *YEAR)
        assert {one.dimension_id: one.base_amount for one in by_id} == {first: Decimal(10), second: Decimal(50)}


def test_an_account_of_one_currency_has_its_balance_in_it(company: Company):
    with company.owner.acting():
        dollars = services.create_book_account("Dollar account", BookType.asset, "USD").id
        fuel = queries.book_account_for("fuel")
        lines = (
            Line(fuel, Decimal(830), Decimal(830), "INR"),
            Line(dollars, Decimal(-10), Decimal(-830), "USD", items=0),
        )
        services.post([Entry(date(2026, 3, 1), "expense", "expense", new_id(), "", lines)])
        found = queries.balance_of([dollars, fuel])
        assert (found[dollars].amount, found[dollars].base_amount, found[dollars].currency) == (
            Decimal(-10),
            Decimal(-830),
            "USD",
        )
        with pytest.raises(IntegrityError, match="the account holds USD, the ledger line is in INR"):
            services.post([make_entry("5.00", credit=dollars)])
        db.session.rollback()


def test_reversing_takes_it_back_once(company: Company):
    with company.owner.acting():
        entry_id = post_entry("75.00")
        services.reverse([entry_id])
        assert (balance("fuel"), total()) == (Decimal(0), (Decimal(0), 0))
        with pytest.raises(services.AlreadyReversed):
            services.reverse([entry_id])
        assert queries.prove_books().is_sound


def test_replacing_leaves_one_standing_entry_of_a_source(company: Company):
    source_id = new_id()
    with company.owner.acting():
        services.replace("expense", source_id, [make_entry("75.00", source_id=source_id)])
        services.replace("expense", source_id, [make_entry("80.00", source_id=source_id)])
        (standing,) = queries.standing_entries("expense", source_id)
        assert standing.lines[0].amount == Decimal(80)
        assert total() == (Decimal(80), 1)
        services.replace("expense", source_id)
        assert queries.standing_entries("expense", source_id) == []
        assert total() == (Decimal(0), 0)


def test_what_does_not_balance_is_refused_before_anything_is_written(company: Company):
    with company.owner.acting():
        fuel = queries.book_account_for("fuel")
        with pytest.raises(Unbalanced):
            services.post(
                [Entry(date(2026, 1, 1), "x", "x", new_id(), "", (Line(fuel, Decimal(1), Decimal(1), "INR"),))]
            )
        assert queries.prove_books().entries == 0


def test_many_lines_travel_by_copy_to_the_same_result(company: Company, monkeypatch):
    category = new_id()

    def entries() -> list[Entry]:
        start = date(2026, 1, 1)
        return [
            make_entry(f"{number}.25", entry_date=start + timedelta(days=number % 90), category_id=category)
            for number in range(1, 301)
        ]

    with company.owner.acting():
        services.post(entries())
        once = (total(), total(Dimension.category, [category]), balance("fuel"))
        monkeypatch.setattr(posting, "MOST_LINES_AS_JSON", 10)
        services.post(entries())
        assert (total(), total(Dimension.category, [category]), balance("fuel")) == tuple(
            tuple(2 * part for part in one) if isinstance(one, tuple) else 2 * one for one in once
        )
        assert queries.prove_books().is_sound


def test_a_book_account_gets_the_next_code_and_is_told(company: Company):
    with company.owner.acting():
        first = services.create_book_account("HDFC current", BookType.asset, "INR")
        second = services.create_book_account("Petty cash", "asset")
        taken = {row.code for row in db.session.execute(select(BookAccount.code))}
        assert int(second.code) == int(first.code) + 1
        assert taken >= {first.code, second.code}
        assert (first.type, first.currency) == ("asset", "INR")
        assert (second.type, second.currency) == ("asset", None)


@pytest.fixture
def raw(app, company: Company):
    """A connection as the application's role, in the company, past the application's code."""
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, false)", [str(company.id)])
        connection.commit()
        yield connection
        connection.rollback()


class Books:
    """Raw inserts, as an attacker or a defect would make them."""

    def __init__(self, raw: psycopg.Connection, company: Company) -> None:
        self.raw, self.tenant, self.entry = raw, company.id, new_id()
        with company.owner.acting():
            self.fuel = queries.book_account_for("fuel")
            self.payables = queries.book_account_for("payables")

    def add_entry(self) -> None:
        self.raw.execute(
            "INSERT INTO ledger_entries (tenant_id, id, entry_date, kind, source, source_id)"
            " VALUES (%s, %s, '2026-11-10', 'test', 'test', %s)",
            [self.tenant, self.entry, new_id()],
        )

    def add_line(
        self, number: int, amount: str, account=None, day: str = "2026-11-10", base: str | None = None
    ) -> None:
        self.raw.execute(
            "INSERT INTO ledger_lines (tenant_id, entry_id, line_number, book_account_id, entry_date, currency, amount,"
            " base_amount) VALUES (%s, %s, %s, %s, %s, 'INR', %s, %s)",
            [self.tenant, self.entry, number, account or self.fuel, day, amount, base or amount],
        )


@pytest.fixture
def books(raw, company: Company) -> Books:
    return Books(raw, company)


def test_the_database_takes_a_balanced_entry(books: Books):
    books.add_entry()
    books.add_line(1, "10")
    books.add_line(2, "-10", books.payables)
    books.raw.commit()
    kept = books.raw.execute("SELECT line_number, amount FROM ledger_lines WHERE entry_id = %s", [books.entry])
    assert sorted(kept.fetchall()) == [(1, Decimal(10)), (2, Decimal(-10))]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "has 0 lines"),
        ([("0",)], "has 1 lines"),
        ([("10",), ("-9",)], "does not balance"),
        ([("10", "20"), ("-9", "-20")], "does not balance"),
    ],
)
def test_the_database_refuses_what_does_not_balance(books: Books, lines, said):
    books.add_entry()
    for number, (amount, *base) in enumerate(lines, 1):
        books.add_line(number, amount, base=base[0] if base else None)
    with pytest.raises(psycopg.errors.CheckViolation, match=said):
        books.raw.commit()


def test_the_database_refuses_lines_that_come_later(books: Books):
    books.add_entry()
    books.add_line(1, "10")
    books.add_line(2, "-10", books.payables)
    books.raw.commit()
    with pytest.raises(psycopg.errors.CheckViolation, match="takes no more lines"):
        books.add_line(3, "5")


def test_the_database_refuses_lines_of_another_day(books: Books):
    books.add_entry()
    with pytest.raises(psycopg.errors.CheckViolation, match="another day"):
        books.add_line(1, "10", day="2026-11-11")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_lines SET amount = 0, base_amount = 0",
        "DELETE FROM ledger_lines",
        "UPDATE ledger_entries SET memo = 'x'",
        "DELETE FROM ledger_entries",
        "TRUNCATE ledger_lines",
        "ALTER TABLE ledger_entries DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
    ],
)
def test_the_applications_role_cannot_change_or_remove_what_is_posted(raw: psycopg.Connection, statement: str):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        raw.execute(statement)


@pytest.mark.tenancy
def test_the_database_refuses_lines_on_another_tenants_account(books: Books, other_company: Company):
    with other_company.owner.acting():
        theirs = queries.book_account_for("fuel")
    books.add_entry()
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        books.add_line(1, "10", theirs)


@pytest.mark.tenancy
def test_services_refuse_another_tenants_account_too(company: Company, other_company: Company):
    with other_company.owner.acting():
        theirs = queries.book_account_for("fuel")
    with pytest.raises(IntegrityError), company.owner.acting():
        post_entry("10.00", debit=theirs)
    with other_company.owner.acting():
        assert queries.balance_of([theirs])[theirs].base_amount == 0


@pytest.mark.tenancy
def test_one_company_sees_nothing_of_anothers_books(company: Company, other_company: Company):
    with company.owner.acting():
        entry_id = post_entry("10.00")
        fuel = queries.book_account_for("fuel")
    with other_company.owner.acting():
        assert queries.load_entries([entry_id]) == []
        assert queries.balance_of([fuel])[fuel].base_amount == 0
        assert total() == (Decimal(0), 0)
        assert db.session.execute(text("SELECT count(*) FROM ledger_totals")).scalar_one() == 0
        with pytest.raises(LookupError):
            services.reverse([entry_id])
