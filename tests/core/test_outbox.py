"""Effects: nothing is sent for what rolled back, nothing committed is lost, nothing is sent twice."""

from __future__ import annotations

import threading
import time
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from tests.factories.tenants import Company
from tracktok.core import outbox
from tracktok.core.db import db, transaction
from tracktok.core.tables import OutboxMessage
from tracktok.core.tenancy import tenant_scope

SENT: list[tuple[str, UUID]] = []


@outbox.handler("tests.send")
def send(message_id, payload):
    if payload.get("fail"):
        raise ConnectionError("no line")
    time.sleep(payload.get("seconds", 0))
    SENT.append((payload["name"], message_id))


def write(company: Company, name: str, *, once_key: str | None = None, **payload):
    with tenant_scope(company.id), transaction():
        return outbox.send("tests.send", {"name": name, **payload}, once_key=once_key)


def deliver(app, company: Company, message_id) -> bool:
    with app.app_context(), tenant_scope(company.id):
        return outbox.deliver_message(message_id)


def test_a_message_is_delivered_once(app, company: Company):
    message = write(company, "hello")
    assert deliver(app, company, message) is True
    assert deliver(app, company, message) is False
    assert [name for name, _ in SENT].count("hello") == 1


def test_nothing_is_written_for_what_rolled_back(company: Company):
    def change_one_s_mind():
        with tenant_scope(company.id), transaction():
            outbox.send("tests.send", {"name": "never"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_one_s_mind()
    with tenant_scope(company.id):
        assert db.session.execute(select(func.count()).select_from(OutboxMessage)).scalar_one() == 0


def test_two_workers_do_not_send_one_message_twice(app, company: Company):
    message = write(company, "race", seconds=0.3)
    results: list[bool] = []
    threads = [threading.Thread(target=lambda: results.append(deliver(app, company, message))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, False, False, True]
    assert [name for name, _ in SENT].count("race") == 1


def test_a_failure_is_tried_again_later_and_given_up_in_the_end(app, company: Company):
    message = write(company, "fails", fail=True)
    assert deliver(app, company, message) is False
    assert deliver(app, company, message) is False, "it waits before it is tried again"
    with tenant_scope(company.id):
        row = db.session.execute(select(OutboxMessage)).scalar_one()
        assert (row.attempts, row.delivered_at, row.given_up_at) == (1, None, None)
        assert "no line" in row.error
    for _ in range(outbox.MOST_ATTEMPTS):
        with tenant_scope(company.id), transaction():
            db.session.execute(update(OutboxMessage).values(available_at=func.now()))
        deliver(app, company, message)
    with tenant_scope(company.id):
        row = db.session.execute(select(OutboxMessage)).scalar_one()
        assert row.attempts == outbox.MOST_ATTEMPTS
        assert row.given_up_at is not None


def test_the_same_once_key_is_written_once(company: Company):
    assert write(company, "one", once_key="k") is not None
    assert write(company, "one", once_key="k") is None


def test_the_sweep_sees_what_is_due_in_every_tenant(company: Company, other_company: Company):
    mine, theirs = write(company, "a"), write(other_company, "b")
    due = outbox.due_messages(10_000)
    assert (company.id, mine) in due
    assert (other_company.id, theirs) in due


def test_an_effect_that_nobody_carries_out_is_a_defect(company: Company):
    with tenant_scope(company.id), pytest.raises(LookupError, match=r"tests\.unknown"):
        outbox.send("tests.unknown", {})
