"""One statement for a row and its event: both as the session would write them, behind the same walls."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.factories.tenants import Company
from tracktok.audit.models import AuditEvent
from tracktok.audit.services import Adding
from tracktok.core.db import db
from tracktok.core.ids import new_id
from tracktok.core.tenancy import NoTenant, WrongTenant, current_tenant_id
from tracktok.expenses.models import Expense

_EXPENSES = Adding(Expense)
OWN = {"id", "created_at", "updated_at"}


def expense(**over: Any) -> Expense:
    values = {
        "amount": Decimal("99999999999.9999"), "currency": "INR", "base_amount": Decimal("0.0001"),
        "account_amount": Decimal("12.5"), "expense_date": date(2024, 2, 29), "title": "“Fuel”, \\N \t ½",
    }  # fmt: skip
    return Expense(id=new_id(), **{**values, **over})


def stored(row: Expense) -> dict[str, Any]:
    """The row as the database has it."""
    table = Expense.__table__
    found = db.session.execute(select(*table.c).where(table.c.tenant_id == current_tenant_id(), table.c.id == row.id))
    return dict(found.one()._mapping)


def events_of(row: Expense) -> list[AuditEvent]:
    return list(db.session.execute(select(AuditEvent).where(AuditEvent.entity_id == row.id)).scalars())


def test_the_row_and_its_event_are_those_of_the_session(company: Company):
    with company.owner.acting():
        ours, theirs = expense(), expense()
        _EXPENSES.add(ours)
        db.session.add(theirs)
        db.session.flush()
        mine, other = stored(ours), stored(theirs)
        assert {name for name in mine if mine[name] != other[name]} <= OWN
        (told,), (known,) = events_of(ours), events_of(theirs)
        for name in ("action", "entity", "label", "before", "actor_id", "actor_kind"):
            assert getattr(told, name) == getattr(known, name), name
        # What the database computes is not told.
        assert told.after == {n: v for n, v in known.after.items() if n != "base_units"} | {"id": str(ours.id)}


def test_the_session_goes_on_with_the_row(company: Company):
    with company.owner.acting():
        row = expense()
        _EXPENSES.add(row)
        assert row in db.session
        assert (row.version, row.receipts, row.created_at) == (1, 0, stored(row)["created_at"])
        row.title = "Diesel"
        db.session.flush()
        assert (stored(row)["title"], stored(row)["version"]) == ("Diesel", 2)
        assert sorted(event.action for event in events_of(row)) == ["created", "updated"]


def test_what_fails_leaves_neither_row_nor_event(company: Company):
    with company.owner.acting():
        row = expense(category_id=new_id())
        with pytest.raises(IntegrityError), db.session.begin_nested():
            _EXPENSES.add(row)
        assert events_of(row) == []
        assert db.session.execute(select(Expense).where(Expense.id == row.id)).first() is None


def test_another_tenants_row_and_a_row_of_nobody_are_refused(company: Company, other_company: Company, app):
    with company.owner.acting(), pytest.raises(WrongTenant):
        _EXPENSES.add(expense(tenant_id=other_company.id))
    with app.app_context(), pytest.raises(NoTenant):
        _EXPENSES.add(expense())
