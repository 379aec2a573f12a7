"""The trail is sealed once, in order, by whoever comes first; and what is tampered with is found."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import make_url

from migrations.walls import note_cluster
from tests.factories.tenants import Company
from tracktok.audit import queries, tasks
from tracktok.audit.models import AuditEvent, AuditSeal
from tracktok.audit.rules import Verification
from tracktok.audit.services import record, seal_next, seal_tenant
from tracktok.core.db import db, transaction
from tracktok.core.ids import new_id
from tracktok.core.tenancy import tenant_scope


def tell(company: Company, *labels: str) -> None:
    with company.owner.acting():
        for label in labels:
            record("tested", "things", None, label=label)


def settle(company: Company) -> None:
    """Wait until no older transaction is open anywhere on the server, which other tests may use too."""
    until = time.monotonic() + 60
    waits = text(
        "SELECT count(*) FROM audit_events WHERE tenant_id = :tenant"
        " AND transaction_id >= transaction_number(pg_snapshot_xmin(pg_current_snapshot()))"
    )
    with tenant_scope(company.id):
        while db.session.execute(waits, {"tenant": company.id}).scalar_one():
            db.session.rollback()
            assert time.monotonic() < until, "some transaction stays open"
            time.sleep(0.05)


def seal(company: Company) -> int:
    settle(company)
    with tenant_scope(company.id):
        return seal_tenant()


def verify(company: Company, from_seal: int = 1) -> Verification:
    with tenant_scope(company.id):
        return queries.verify_chain(from_seal)


@pytest.fixture
def superuser(app: Flask):
    """A connection of a superuser to the tests' database: row-level security and grants do not hold for it."""
    admin = make_url(os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:54320/postgres"))
    name = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).database
    dsn = admin.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def test_what_was_told_is_sealed_once_and_the_chain_holds(company: Company):
    tell(company, "one", "two")
    assert seal(company) == 1
    assert seal(company) == 0
    tell(company, "three")
    assert seal(company) == 1
    found = verify(company)
    assert found.is_sound
    assert (found.seals, found.unsealed) == (2, 0)
    with tenant_scope(company.id):
        first, second = db.session.execute(select(AuditSeal).order_by(AuditSeal.number)).scalars()
        events = db.session.execute(select(AuditEvent)).scalars().all()
    assert (second.from_transaction, second.previous_hash) == (first.to_transaction, first.hash)
    assert first.events + second.events == found.events == len(events)


def test_events_of_a_transaction_that_is_still_open_wait_and_so_do_later_ones(company: Company):
    seal(company)
    with tenant_scope(company.id), transaction():
        record("tested", "things", None, label="slow")
        with tenant_scope(company.id), transaction():
            record("tested", "things", None, label="quick")
        with tenant_scope(company.id):
            assert seal_tenant() == 0
        assert verify(company).unsealed == 1  # the quick one: it could be sealed out of order otherwise
    assert seal(company) == 1
    assert verify(company).is_sound


def test_a_long_trail_is_sealed_in_pieces_that_never_divide_a_transaction(company: Company):
    seal(company)
    tell(company, *"abcde")
    tell(company, "f")
    tell(company, "g", "h")
    sizes = []
    settle(company)
    with tenant_scope(company.id):
        while True:
            with transaction():
                found = seal_next(2)
                if found is None:
                    break
                sizes.append(found.events)
    assert sizes[0] == 5
    assert sum(sizes) == 8
    assert verify(company).is_sound


Tamper = Callable[[psycopg.Connection, Company], None]


def change_label(raw: psycopg.Connection, company: Company) -> None:
    raw.execute("UPDATE audit_events SET label = 'three' WHERE tenant_id = %s AND label = 'two'", [company.id])


def change_value(raw: psycopg.Connection, company: Company) -> None:
    raw.execute(
        "UPDATE audit_events SET after = after || '{\"accounts\": 1}' WHERE tenant_id = %s AND entity = 'books'",
        [company.id],
    )


def change_actor(raw: psycopg.Connection, company: Company) -> None:
    raw.execute("UPDATE audit_events SET actor_id = NULL WHERE tenant_id = %s AND label = 'two'", [company.id])


def remove(raw: psycopg.Connection, company: Company) -> None:
    raw.execute("DELETE FROM audit_events WHERE tenant_id = %s AND label = 'two'", [company.id])


def insert(raw: psycopg.Connection, company: Company) -> None:
    raw.execute(
        "INSERT INTO audit_events (tenant_id, id, transaction_id, actor_kind, actor_name, action, entity)"
        " SELECT tenant_id, %s, transaction_id, 'person', 'Mallory', 'created', 'things' FROM audit_events"
        " WHERE tenant_id = %s AND label = 'two'",
        [new_id(), company.id],
    )


def remove_seal(raw: psycopg.Connection, company: Company) -> None:
    raw.execute("DELETE FROM audit_seals WHERE tenant_id = %s AND number = 1", [company.id])


def change_seal(raw: psycopg.Connection, company: Company) -> None:
    raw.execute("UPDATE audit_seals SET hash = sha256('x') WHERE tenant_id = %s AND number = 1", [company.id])


def insert_seal(raw: psycopg.Connection, company: Company) -> None:
    raw.execute(
        "INSERT INTO audit_seals (tenant_id, id, number, from_transaction, to_transaction, events, previous_hash, hash)"
        " SELECT tenant_id, %s, 4, to_transaction, to_transaction + 1, 0, hash, hash FROM audit_seals"
        " WHERE tenant_id = %s AND number = 2",
        [new_id(), company.id],
    )


@pytest.mark.parametrize(
    ("tamper", "kinds"),
    [
        (change_label, {"changed"}),
        (change_value, {"changed"}),
        (change_actor, {"changed"}),
        (remove, {"removed"}),
        (insert, {"inserted"}),
        (remove_seal, {"missing"}),
        (change_seal, {"changed", "chain"}),
        (insert_seal, {"missing", "changed"}),
    ],
)
def test_tampering_by_somebody_who_may_do_anything_is_found(
    company: Company, superuser: psycopg.Connection, tamper: Tamper, kinds: set[str]
):
    tell(company, "one", "two")
    seal(company)
    tell(company, "three")
    seal(company)
    assert verify(company).is_sound
    tamper(superuser, company)
    found = verify(company)
    assert {fault.kind for fault in found.faults} == kinds


def test_a_trail_whose_end_was_cut_off_is_found_by_a_hash_that_was_noted(
    app: Flask, company: Company, superuser: psycopg.Connection
):
    tell(company, "one")
    seal(company)
    tell(company, "two")
    seal(company)
    noted = verify(company).head.hex()
    arguments = ["audit", "verify", "--json", "--tenant", company.subdomain, "--expect-head", noted]
    result = app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 0, result.output
    superuser.execute("DELETE FROM audit_events WHERE tenant_id = %s AND label = 'two'", [company.id])
    superuser.execute("DELETE FROM audit_seals WHERE tenant_id = %s AND number = 2", [company.id])
    assert verify(company).is_sound
    result = app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 1
    assert json.loads(result.output)["tenants"][0]["faults"][0]["kind"] == "removed"


def test_verifying_may_begin_later(company: Company, superuser: psycopg.Connection):
    tell(company, "one", "two")
    seal(company)
    tell(company, "three")
    seal(company)
    change_label(superuser, company)
    assert not verify(company).is_sound
    assert verify(company, 2).is_sound
    assert verify(company, 9).faults[0].kind == "missing"


def test_the_command_says_what_is_wrong_and_exits_with_1(app: Flask, company: Company, superuser: psycopg.Connection):
    tell(company, "one", "two")
    seal(company)
    run = app.test_cli_runner().invoke
    assert "sound" in run(args=["audit", "verify", "--tenant", company.subdomain]).output
    change_label(superuser, company)
    result = run(args=["audit", "verify", "--tenant", str(company.id)])
    assert result.exit_code == 1
    assert "BROKEN" in result.output
    assert "the events of seal 1 are not those that were sealed" in result.output
    assert run(args=["audit", "verify", "--tenant", "nobody"]).exit_code == 1


@pytest.mark.races
def test_many_workers_make_one_chain(app: Flask, company: Company):
    tell(company, *(f"event {number}" for number in range(200)))
    made: list[int] = []
    settle(company)

    def work() -> None:
        with app.app_context(), tenant_scope(company.id):
            made.append(seal_tenant())

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 1
    assert verify(company).is_sound


def test_the_task_seals_every_tenant_and_gives_way_to_another(app: Flask, company: Company, other_company: Company):
    tell(company, "one")
    tell(other_company, "one")
    settle(company)
    settle(other_company)
    tasks.seal.run()
    assert verify(company).unsealed == verify(other_company).unsealed == 0


def test_data_that_moves_to_another_cluster_goes_on_in_a_new_epoch(app: Flask, company: Company):
    """A restored dump: transaction ids begin anew, yet what follows is sealed after what was there."""
    tell(company, "before")
    seal(company)
    engine = create_engine(app.config["DATABASE_OWNER_URL"])
    with engine.begin() as owner:
        assert not note_cluster(owner)
        owner.exec_driver_sql("COMMENT ON FUNCTION transaction_epoch() IS 'another cluster'")
        assert note_cluster(owner)
        assert not note_cluster(owner)
    engine.dispose()
    tell(company, "after")
    with tenant_scope(company.id):
        before, after = db.session.execute(
            select(AuditEvent.transaction_id).where(AuditEvent.label.in_(["before", "after"])).order_by(AuditEvent.id)
        ).scalars()
        assert after - before > 2**39
        db.session.execute(text("SELECT 1"))
    assert seal(company) == 1
    assert verify(company).is_sound
