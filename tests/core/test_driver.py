"""Statements that go to the driver as they are: part of the transaction, with SQLAlchemy's errors, by one cursor."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from tests.factories.tenants import Company
from tracktok.core.db import db, own_connection
from tracktok.core.driver import run
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id

_TAG = "INSERT INTO tags (tenant_id, id, name, color) VALUES (%(tenant)s, %(id)s, %(name)s, '')"
_NAMES = "SELECT name FROM tags WHERE tenant_id = %(tenant)s"


def _tag(name: str) -> dict[str, object]:
    return {"tenant": current_tenant_id(), "id": new_id(), "name": name}


def test_it_is_part_of_the_transaction(company: Company):
    with company.owner.acting():
        mine = {"tenant": company.id}
        assert run(_TAG, _tag("Night")) == []
        assert run(_NAMES, mine) == [("Night",)]
        with own_connection() as other:
            assert other.exec_driver_sql(_NAMES, mine).all() == []
        db.session.rollback()
        assert run(_NAMES, mine) == []


def test_values_come_as_the_column_has_them(company: Company):
    with company.owner.acting():
        ((amount, words, facts, nothing),) = run(
            "SELECT 12.3400::numeric, ARRAY['a', 'b'], '{\"a\": [1]}'::jsonb, %(none)s::uuid", {"none": None}
        )
        assert (amount, str(amount)) == (Decimal("12.34"), "12.3400")
        assert (words, facts, nothing) == (["a", "b"], {"a": [1]}, None)


def test_errors_are_those_of_sqlalchemy_and_the_connection_goes_on(company: Company):
    with company.owner.acting():
        run(_TAG, _tag("Night"))
        with pytest.raises(IntegrityError) as refused, db.session.begin_nested():
            run(_TAG, _tag("night"))
        assert "uq_tags" in str(refused.value.orig)
        assert run(_NAMES, {"tenant": company.id}) == [("Night",)]
        with pytest.raises(ProgrammingError), db.session.begin_nested():
            run("SELECT nothing FROM nowhere", {})
        assert run("SELECT 1", {}) == [(1,)]


def test_a_broken_connection_is_left_and_the_next_transaction_has_another(company: Company):
    with company.owner.acting():
        ((gone,),) = run("SELECT pg_backend_pid()", {})
        with own_connection() as other:
            other.exec_driver_sql("SELECT pg_terminate_backend(%(pid)s, 5000)", {"pid": gone})
        with pytest.raises(OperationalError) as lost:
            run("SELECT 1", {})
        assert lost.value.connection_invalidated
        db.session.rollback()
        ((now,),) = run("SELECT pg_backend_pid()", {})
        assert now != gone


def test_the_walls_stand_here_too(company: Company, other_company: Company):
    with company.owner.acting():
        run(_TAG, _tag("Night"))
        db.session.commit()
    with other_company.owner.acting():
        assert run(_NAMES, {"tenant": company.id}) == []
