"""Every change of an audited thing is in the trail, with who, what before and after; and nothing else is."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from tests.factories.expenses import make_category, make_expense, make_project, make_tag
from tests.factories.tenants import Company
from tracktok.audit.models import AuditEvent
from tracktok.audit.services import record
from tracktok.auth.models import Person
from tracktok.core import clock, context
from tracktok.core.context import RequestInfo
from tracktok.core.db import db
from tracktok.core.ids import new_id
from tracktok.expenses.models import Project, Tag


def events(entity: str, entity_id=None) -> list[AuditEvent]:
    statement = select(AuditEvent).where(AuditEvent.entity == entity).order_by(AuditEvent.id)
    if entity_id is not None:
        statement = statement.where(AuditEvent.entity_id == entity_id)
    return list(db.session.execute(statement).scalars())


def test_making_changing_and_deleting_is_told_with_who_and_what(company: Company):
    with company.owner.acting():
        project = make_project(name="Bridge", budget_amount="5000.00")
    with company.member("admin").acting():
        project = db.session.execute(select(Project)).scalar_one()
        project.name = "Long bridge"
        db.session.flush()
        db.session.delete(project)
    with company.owner.acting():
        made, changed, gone = events("projects", project.id)
    assert (made.action, made.label, made.actor_id) == ("created", "Bridge", company.owner.person_id)
    assert made.before is None
    assert made.after["budget_amount"] == "5000.00"
    assert (changed.action, changed.before, changed.after) == (
        "updated",
        {"name": "Bridge"},
        {"name": "Long bridge"},
    )
    assert changed.actor_id == company.member("admin").person_id
    assert (gone.action, gone.after) == ("deleted", None)
    assert gone.before["name"] == "Long bridge"


def test_the_bin_is_told_as_deleting_and_restoring(company: Company):
    with company.owner.acting():
        project = make_project()
        project.deleted_at = clock.now()
        db.session.flush()
        project.deleted_at = None
        db.session.flush()
        assert [event.action for event in events("projects", project.id)] == ["created", "deleted", "restored"]


def test_an_unchanged_value_and_a_mere_load_tell_nothing(company: Company):
    with company.owner.acting():
        tag = make_tag(name="fleet")
        tag.name = "other"
        tag.name = "fleet"
        db.session.flush()
        db.session.execute(select(Tag)).scalars().all()
        assert [event.action for event in events("tags", tag.id)] == ["created"]


def test_secrets_are_told_only_as_changed(company: Company):
    with company.owner.acting():
        person = db.session.execute(select(Person).where(Person.id == company.owner.person_id)).scalar_one()
        person.password_hash = "another"
        db.session.flush()
        (event,) = events("people", person.id)
    assert event.after == {"password_hash": "(changed)"}
    assert event.before == {"password_hash": "(hidden)"}


def test_what_is_rolled_back_is_not_told(company: Company):
    with company.owner.acting():
        make_tag(name="kept")
        try:
            with db.session.begin_nested():
                make_tag(name="dropped")
                raise RuntimeError
        except RuntimeError:
            pass
        assert [event.label for event in events("tags")] == ["kept"]


def test_a_flush_that_fails_leaves_nothing_for_the_next(company: Company):
    with company.owner.acting():
        make_tag(name="fleet")
        savepoint = db.session.begin_nested()
        db.session.add(Tag(id=new_id(), name="Fleet"))
        with pytest.raises(IntegrityError):
            db.session.flush()
        savepoint.rollback()
        make_tag(name="yard")
        assert [event.label for event in events("tags")] == ["fleet", "yard"]


def test_where_a_change_came_from_is_told(company: Company):
    answer = company.owner.api().post(
        "/tags/", json={"name": "fleet"}, headers={"User-Agent": "curl/8", "X-Request-Id": "abc-1"}
    )
    assert answer.status_code == 201
    with company.owner.acting():
        (event,) = events("tags")
    assert (event.user_agent, event.request_id, event.route) == ("curl/8", "abc-1", "POST /api/v1/tags/")
    assert event.address == "127.0.0.1"
    assert event.actor_kind == "person"


def test_an_expense_through_the_api_is_told_once(company: Company):
    with company.owner.acting():
        expense = make_expense(category_id=make_category().id)
        told = events("expenses", expense.id)
    assert [event.action for event in told] == ["created"]
    assert told[0].after["amount"] == "100.00"


def test_events_of_core_statements_are_recorded_by_hand(company: Company):
    context.set_request_info(RequestInfo(request_id="r1", route="job"))
    with company.owner.acting():
        record("exported", "expenses", None, label="All of 2026", after={"rows": 12})
        (event,) = events("expenses")
    context.set_request_info(RequestInfo())
    assert (event.action, event.label, event.after, event.request_id) == ("exported", "All of 2026", {"rows": 12}, "r1")


@pytest.mark.tenancy
def test_the_applications_role_can_neither_change_nor_remove(company: Company):
    for statement in (
        "UPDATE audit_events SET action = 'x'",
        "DELETE FROM audit_events",
        "UPDATE audit_seals SET events = 0",
        "DELETE FROM audit_seals",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), company.owner.acting():
            db.session.execute(text(statement))
