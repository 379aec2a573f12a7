"""Prepared reads: the same rows, behind the same walls."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import Connection, bindparam, event, select
from sqlalchemy.exc import OperationalError, ProgrammingError

from tests.factories.tenants import Company
from tracktok.core.db import db
from tracktok.core.money import format_amount
from tracktok.core.prepared import Prepared, one_of
from tracktok.core.tenancy import NoTenant, door
from tracktok.expenses.models import Category

_NAMES = Prepared(select(Category.id, Category.name).order_by(Category.name))
_ONE = Prepared(select(Category.id, Category.name).where(Category.id == bindparam("id")))


def test_rows_are_those_of_the_tenant_that_is_entered(company: Company, other_company: Company):
    with company.owner.acting():
        ours = _NAMES.fetch({})
        assert [row.name for row in ours] == list(db.session.scalars(select(Category.name).order_by(Category.name)))
    with other_company.owner.acting():
        assert {row.id for row in _NAMES.fetch({})}.isdisjoint({row.id for row in ours})
        assert _ONE.fetch_one({"id": ours[0].id}) is None
    with company.owner.acting():
        assert _ONE.fetch_one({"id": ours[0].id}) == ours[0]


def test_wall_one_is_in_the_statement_itself():
    assert "categories.tenant_id = %(current_tenant)s" in _NAMES.sql


def test_without_a_tenant_it_is_refused(app):
    with app.app_context():
        with pytest.raises(NoTenant):
            _NAMES.fetch({})
        with door("a test"), pytest.raises(NoTenant):
            _NAMES.fetch({})


def test_errors_are_those_of_sqlalchemy_and_listeners_hear(company: Company):
    broken = Prepared(select(Category.id))
    broken.sql = "SELECT 1 FROM nowhere"
    with company.owner.acting():
        with pytest.raises((ProgrammingError, OperationalError)):
            broken.fetch({})
        db.session.rollback()
        seen: list[str] = []

        def note(*event_arguments: object) -> None:
            seen.append(str(event_arguments[2]))

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            _NAMES.fetch({})
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        assert seen == [_NAMES.sql]


def test_lists_of_changing_length_are_refused():
    with pytest.raises(ValueError, match="changing length"):
        Prepared(select(Category.id).where(Category.name.in_(["a", "b"])))


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("125.5000", "INR", "125.50"), ("-0.0100", "INR", "-0.01"), ("10.0050", "INR", "10.01"), ("7.0000", "JPY", "7"),
        ("7.5000", "JPY", "8"), ("1.2340", "KWD", "1.234"), ("1.2345", "CLF", "1.2345"), ("1.5E+3", "INR", "1500.00"),
        ("0.0000", "INR", "0.00"), ("3", "INR", "3.00"),
    ],
)  # fmt: skip
def test_amounts_are_written_with_the_places_of_their_currency(amount: str, currency: str, text: str):
    assert format_amount(Decimal(amount), currency) == text


def test_what_the_driver_cannot_take_as_it_is_is_refused_when_it_is_written():
    from tracktok.invoices.models import SalesDocument

    with pytest.raises(ValueError, match="changing length"):
        Prepared(select(SalesDocument.id).where(SalesDocument.kind.in_(["invoice"])))
    with pytest.raises(ValueError, match="step by step"):
        Prepared(select(SalesDocument.snapshot[("customer", "name")].astext.label("name")))
    prepared = Prepared(select(SalesDocument.id).where(one_of(SalesDocument.kind, ("invoice", "quote"))))
    assert "sales_documents.kind IN ('invoice', 'quote')" in prepared.sql


def test_the_connection_that_was_used_last_is_used_next(app):
    """It has the statements prepared; others that a rush of requests has opened rest."""
    with app.app_context():
        rush = [db.engine.connect() for _ in range(3)]
        assert len({_backend(one) for one in rush}) == 3
        for one in rush:
            one.close()
        used = set()
        for _ in range(4):
            with db.engine.connect() as connection:
                used.add(_backend(connection))
    assert len(used) == 1


def _backend(connection: Connection) -> int:
    return int(connection.connection.driver_connection.info.backend_pid)
