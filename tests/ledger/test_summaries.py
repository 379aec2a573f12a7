"""Whatever is posted and reversed, by however many at once: balances and totals are the sums of the lines."""

from __future__ import annotations

import json
import os
import threading
from datetime import date, timedelta
from decimal import Decimal

import psycopg
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from tests.factories.ledger import make_entry, post_entry
from tests.factories.tenants import Company, make_company
from tracktok.core.db import transaction
from tracktok.core.ids import new_id
from tracktok.core.tenancy import tenant_scope
from tracktok.ledger import queries, services
from tracktok.ledger.models import BookType, Dimension
from tracktok.ledger.rules import Entry, Line

CATEGORIES = [new_id() for _ in range(3)]
PROJECTS = [None, new_id()]
RATES = {"INR": 1, "USD": 83}
ROLES = ("fuel", "rent", "sales", "payables", "unassigned_payments", "receivables", "exchange_difference")


@pytest.fixture(scope="module")
def shared(app: Flask) -> Company:
    with app.app_context():
        return make_company()


line = st.tuples(
    st.sampled_from(ROLES),
    st.decimals(min_value=-100000, max_value=100000, places=2),
    st.sampled_from(["INR", "USD"]),
    st.sampled_from([*CATEGORIES, None]),
    st.sampled_from(PROJECTS),
    st.integers(0, 5),
)
step = st.one_of(
    st.tuples(st.just("post"), st.lists(st.lists(line, min_size=1, max_size=4), min_size=1, max_size=3)),
    st.tuples(st.just("reverse"), st.integers(0, 20)),
    st.tuples(st.just("replace"), st.integers(0, 20)),
)


def entry_of(lines, number: int) -> Entry:
    """Lines as they come, and one that makes the entry balance."""
    made = [
        Line(queries.book_account_for(role), amount, amount * RATES[currency], currency, items, category, project)
        for role, amount, currency, category, project, items in lines
    ]
    currencies = {one.currency for one in made}
    rest = -sum((one.base_amount for one in made), Decimal(0))
    if len(currencies) == 1:
        made.append(Line(queries.book_account_for("capital"), -sum(one.amount for one in made), rest, currencies.pop()))
    else:
        made.append(Line(queries.book_account_for("capital"), rest, rest, "INR"))
    day = date(2026, 1, 1) + timedelta(days=7 * (number % 20))
    return Entry(day, "test", "test", new_id(), "", tuple(made))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=1, max_size=8))
def test_any_sequence_of_posts_and_reversals_keeps_the_sums(app_context: Flask, shared: Company, steps):
    with shared.owner.acting():
        standing: list[tuple] = []
        for number, (kind, what) in enumerate(steps):
            if kind == "post":
                entries = [entry_of(lines, number + at) for at, lines in enumerate(what)]
                standing += zip(services.post(entries), entries, strict=True)
            elif standing:
                entry_id, entry = standing.pop(what % len(standing))
                if kind == "reverse":
                    services.reverse([entry_id])
                else:
                    services.replace(entry.source, entry.source_id, [entry])
        assert queries.prove_books().discrepancies == []
        wholes = {
            dimension: queries.sum_total(BookType.expense, dimension, date.min, date.max)
            for dimension in (Dimension.all, Dimension.book, Dimension.category, Dimension.project, Dimension.account)
        }
        assert len(set(wholes.values())) == 1, "every dimension adds up to the whole"


@pytest.mark.races
def test_writers_of_the_same_rows_wait_for_each_other_and_never_deadlock(app: Flask, company: Company):
    """Six connections post to overlapping days and categories in every order, and reverse what they posted."""
    failures: list[BaseException] = []

    def work(worker: int) -> None:
        try:
            with app.app_context(), tenant_scope(company.id):
                for turn in range(15):
                    with transaction():
                        entries = [
                            make_entry(
                                f"{at + 1}.00",
                                entry_date=date(2026, 11, 1) + timedelta(days=(at * (1 + worker % 2) * 7 + turn) % 30),
                                category_id=CATEGORIES[(at + worker) % 3],
                            )
                            for at in range(10)
                        ]
                        if worker % 2:
                            entries.reverse()
                        ids = services.post(entries)
                    with transaction():
                        services.reverse(ids[: turn % 4])
        except Exception as error:  # noqa: BLE001 - told to the test
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with company.owner.acting():
        proof = queries.prove_books()
        assert proof.discrepancies == []
        reversals = sum(turn % 4 for turn in range(15))
        assert proof.entries == 6 * (150 + reversals)


@pytest.mark.races
def test_an_entry_is_reversed_once_however_many_try(app: Flask, company: Company):
    with company.owner.acting():
        entry_id = post_entry("10.00")
    done: list[str] = []

    def work() -> None:
        with app.app_context(), tenant_scope(company.id):
            try:
                with transaction():
                    services.reverse([entry_id])
                done.append("reversed")
            except services.AlreadyReversed:
                done.append("refused")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["refused", "refused", "refused", "reversed"]
    with company.owner.acting():
        assert queries.prove_books().is_sound


@pytest.fixture
def superuser(app: Flask):
    """A connection of a superuser to the tests' database: row-level security and grants do not hold for it."""
    admin = make_url(os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:54320/postgres"))
    name = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).database
    dsn = admin.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def break_summaries(raw: psycopg.Connection, company: Company) -> None:
    raw.execute("UPDATE ledger_totals SET base_amount = base_amount + 1 WHERE tenant_id = %s", [company.id])
    raw.execute("DELETE FROM ledger_balances WHERE tenant_id = %s", [company.id])
    raw.execute(
        "INSERT INTO ledger_totals SELECT %s, 'expense', 'category', %s, '2020-01-01', 5, 1", [company.id, new_id()]
    )


def test_check_finds_what_differs_and_rebuild_puts_it_right(
    app: Flask, company: Company, superuser: psycopg.Connection
):
    with company.owner.acting():
        post_entry("10.00", category_id=CATEGORIES[0])
        post_entry("20.00", entry_date=date(2026, 10, 1))
    run = app.test_cli_runner().invoke
    check = ["rollups", "rebuild", "--check", "--json", "--tenant", company.subdomain]
    assert run(args=check).exit_code == 0
    break_summaries(superuser, company)
    result = run(args=check)
    assert result.exit_code == 1
    kinds = {one["kind"] for one in json.loads(result.output)["tenants"][0]["discrepancies"]}
    assert kinds == {"balance", "total"}
    assert run(args=["ledger", "verify", "--tenant", company.subdomain]).exit_code == 1
    result = run(args=["rollups", "rebuild", "--tenant", company.subdomain])
    assert (result.exit_code, "rows put right" in result.output) == (0, True)
    assert run(args=check).exit_code == 0
    result = run(args=["ledger", "verify", "--tenant", company.subdomain])
    assert (result.exit_code, result.output) == (0, f"{company.subdomain}: sound, 2 entries, 4 lines\n")
    with company.owner.acting():
        assert queries.sum_total(BookType.expense, Dimension.all, date.min, date.max).base_amount == Decimal(30)


@pytest.mark.races
def test_a_rebuild_is_right_while_others_post(app: Flask, company: Company, superuser: psycopg.Connection):
    with company.owner.acting():
        services.post([make_entry("1.00", entry_date=date(2026, 1, 1) + timedelta(days=at)) for at in range(200)])
    break_summaries(superuser, company)
    stop = threading.Event()
    failures: list[BaseException] = []

    def post() -> None:
        try:
            with app.app_context(), tenant_scope(company.id):
                while not stop.is_set():
                    with transaction():
                        services.post([make_entry("1.00", entry_date=date(2026, 1, 1) + timedelta(days=at * 9 % 200))
                                       for at in range(12)])  # fmt: skip
        except Exception as error:  # noqa: BLE001 - told to the test
            failures.append(error)

    def rebuild() -> None:
        try:
            with app.app_context(), tenant_scope(company.id), transaction():
                services.rebuild_summaries()
        except Exception as error:  # noqa: BLE001 - told to the test
            failures.append(error)

    writers = [threading.Thread(target=post) for _ in range(3)]
    for thread in writers:
        thread.start()
    rebuilders = [threading.Thread(target=rebuild) for _ in range(3)]
    for thread in rebuilders:
        thread.start()
    for thread in rebuilders:
        thread.join()
    stop.set()
    for thread in writers:
        thread.join()
    assert failures == []
    with company.owner.acting():
        assert queries.prove_books().discrepancies == []


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE ledger_lines SET base_amount = base_amount + 1 WHERE tenant_id = %s AND line_number = 1", "entry"),
        ("DELETE FROM ledger_lines WHERE tenant_id = %s AND line_number = 2", "entry"),
        ("UPDATE ledger_lines SET currency = 'USD' WHERE tenant_id = %s AND line_number = 2", "balance"),
        ("UPDATE ledger_entries SET entry_date = '2020-01-01' WHERE tenant_id = %s", "entry"),
    ],
)
def test_verify_finds_lines_that_were_tampered_with(
    company: Company, superuser: psycopg.Connection, statement: str, kind: str
):
    with company.owner.acting():
        post_entry("10.00")
    superuser.execute(statement, [company.id])
    with company.owner.acting():
        assert kind in {one.kind for one in queries.prove_books().discrepancies}
