"""The walls, each alone."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, ProgrammingError

from tests.factories.tenants import Company
from tracktok.auth.models import LoginSession, Membership, Person
from tracktok.core.db import db, transaction
from tracktok.core.ids import new_id
from tracktok.core.tables import IdempotencyKey, Job
from tracktok.core.tenancy import NoTenant, WrongTenant, door, tenant_key, tenant_scope
from tracktok.tenants.models import Tenant

pytestmark = pytest.mark.tenancy


def make_job(**over):
    row = Job(kind="test", run_key=str(new_id()), payload={}, **over)
    db.session.add(row)
    db.session.flush()
    return row


def test_wall_1_refuses_every_read_and_write_without_a_tenant(app_context):
    for statement in (select(Job), select(Job.id), update(Job).values(message="x"), delete(Job)):
        with pytest.raises(NoTenant):
            db.session.execute(statement)
    with pytest.raises(NoTenant):
        make_job()
    db.session.rollback()


def test_wall_1_filters_selects_updates_and_deletes(company: Company, other_company: Company):
    with tenant_scope(company.id), transaction():
        mine = make_job().id
    with tenant_scope(other_company.id), transaction():
        theirs = make_job().id
    with tenant_scope(company.id), transaction():
        assert [row.id for row in db.session.execute(select(Job)).scalars()] == [mine]
        assert db.session.execute(select(Job.id)).scalars().all() == [mine]
        assert Job.query.filter_by(id=theirs).one_or_none() is None
        assert db.session.execute(update(Job).where(Job.id == theirs).values(message="x")).rowcount == 0
        assert db.session.execute(delete(Job).where(Job.id == theirs)).rowcount == 0
    with tenant_scope(other_company.id):
        assert db.session.execute(select(Job.message).where(Job.id == theirs)).scalar_one() == ""


def test_wall_1_stamps_new_rows_and_refuses_another_tenants(company: Company, other_company: Company):
    with tenant_scope(company.id):
        assert make_job().tenant_id == company.id
        with pytest.raises(WrongTenant):
            make_job(tenant_id=other_company.id)
        db.session.rollback()


def test_a_scope_inside_another_has_a_session_of_its_own(company: Company, other_company: Company):
    with tenant_scope(company.id), transaction():
        job = make_job()
        with tenant_scope(other_company.id):
            assert db.session.get(Job, (company.id, job.id)) is None
        assert db.session.get(Job, (company.id, job.id)) is job


def test_wall_2_hides_everything_from_raw_sql_without_a_tenant(app, company: Company):
    with company.owner.acting():
        make_job()
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as raw:
        names = [
            row[0]
            for row in raw.execute(
                "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
                " WHERE relkind IN ('r', 'p') AND nspname = 'public'"
            )
        ]
        assert "jobs" in names
        for name in set(names) - {"alembic_version", "exchange_rates"}:
            assert raw.execute(f'SELECT count(*) FROM "{name}"').fetchone() == (0,), (
                f"{name} is visible without a tenant"
            )


def test_wall_2_holds_against_raw_sql_in_another_tenant(company: Company, other_company: Company):
    with tenant_scope(company.id), transaction():
        job = make_job()
    with tenant_scope(other_company.id):
        found = db.session.execute(text("SELECT count(*) FROM jobs WHERE id = :id"), {"id": job.id}).scalar_one()
        assert found == 0
        changed = db.session.execute(text("UPDATE jobs SET message = 'x' WHERE id = :id"), {"id": job.id})
        assert changed.rowcount == 0
        with pytest.raises(ProgrammingError, match="row-level security"):
            db.session.execute(
                text("INSERT INTO tags (tenant_id, id, name) VALUES (:tenant, :id, 'x')"),
                {"tenant": company.id, "id": new_id()},
            )
        db.session.rollback()


def test_wall_2_cannot_be_lifted_by_the_applications_role(app, company: Company):
    with tenant_scope(company.id):
        for attempt in (
            "ALTER TABLE jobs DISABLE ROW LEVEL SECURITY",
            "DROP POLICY tenant ON jobs",
            "SET ROLE tracktok_owner",
            "TRUNCATE jobs",
        ):
            with pytest.raises(ProgrammingError):
                db.session.execute(text(attempt))
            db.session.rollback()
        row = db.session.execute(text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")).one()
        assert tuple(row) == (False, False)


def test_wall_3_a_row_cannot_name_another_tenants_row(company: Company, other_company: Company):
    with tenant_scope(company.id):
        row = LoginSession(
            id=new_id(),
            membership_id=other_company.owner.membership_id,
            person_id=company.owner.person_id,
            kind="api",
            expires_at=text("now()"),
        )
        db.session.add(row)
        with pytest.raises(IntegrityError, match="membership"):
            db.session.flush()
        db.session.rollback()


def test_wall_4_keys_carry_the_tenant(company: Company):
    with tenant_scope(company.id):
        assert tenant_key("dashboard", 3) == f"t:{company.id}:dashboard:3"
    with pytest.raises(NoTenant):
        tenant_key("dashboard")


def test_the_door_shows_its_own_tables_and_no_business(company: Company, other_company: Company):
    with door("test"):
        ids = set(db.session.execute(select(Tenant.id)).scalars())
        assert {company.id, other_company.id} <= ids
        assert db.session.execute(select(Membership.id).where(Membership.person_id == company.owner.person_id)).all()
        with pytest.raises(NoTenant):
            db.session.execute(select(IdempotencyKey.id))
        assert db.session.execute(text("SELECT count(*) FROM book_accounts")).scalar_one() == 0


def test_people_are_seen_by_their_own_tenants_only(company: Company, other_company: Company):
    def visible(tenant_id: UUID) -> set[UUID]:
        with tenant_scope(tenant_id):
            return set(db.session.execute(select(Person.id)).scalars())

    assert visible(company.id) == {company.owner.person_id}
    assert visible(other_company.id) == {other_company.owner.person_id}
