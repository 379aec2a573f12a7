"""The function that writes the rows of imports holds wall 3 by itself: asked here without the service around it."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests.factories.imports import begin
from tests.factories.tenants import Company
from tracktok.core.db import db, raw_connection
from tracktok.core.tenancy import tenant_scope
from tracktok.expenses.models import Expense
from tracktok.expenses.services.imports.expense_rows import STAGED

_ROW = (
    "INSERT INTO import_chunk (p, expense_date, title, description, merchant, reference, amount, currency, base_amount,"
    " exchange_rate, rate_source, account_amount, is_billable, tags, {column}) VALUES"
    " (1, '2026-11-01', 'Toll', '', '', '', 5, 'INR', 5, 1, '', 5, false, '', %s)"
)
_WRITE = "SELECT write_import_chunk('019acb00-1234-7abc-8def-', %s, NULL, 'paid')"
PLAIN = b"Date,Title,Amount\n2026-11-01,Toll,5.00\n"


def _stage(cursor, column="category_id", value=None):
    cursor.execute(f"CREATE TEMP TABLE import_chunk (p bigint NOT NULL, {STAGED}) ON COMMIT DROP")
    cursor.execute("GRANT SELECT ON import_chunk TO tracktok_import")
    cursor.execute(_ROW.format(column=column), (value,))


def _write(company: Company, import_id, column="category_id", value=None):
    with tenant_scope(company.id), raw_connection().cursor() as cursor:
        _stage(cursor, column, value)
        cursor.execute(_WRITE, (import_id,))
        return cursor.fetchone()[0]


def _some_import(company: Company):
    return begin(company.owner.api(), PLAIN)["id"]


@pytest.mark.tenancy
@pytest.mark.parametrize("thing", ["categories", "projects", "accounts"])
def test_a_row_of_an_import_cannot_name_what_another_company_has(company, other_company, thing):
    bodies = {
        "projects": {"name": "Theirs"},
        "accounts": {"name": "Theirs", "type": "cash", "currency": "INR", "opening_date": "2026-01-01"},
        "categories": {"name": "Theirs"},
    }
    theirs = other_company.owner.api().post(f"/{thing}/", json=bodies[thing]).json["id"]
    ours = company.owner.api().post(f"/{thing}/", json=bodies[thing]).json["id"]
    column = {"categories": "category_id", "projects": "project_id", "accounts": "account_id"}[thing]
    import_id = _some_import(company)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        _write(company, import_id, column, theirs)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        _write(company, import_id, column, uuid4())
    assert _write(company, import_id, column, ours) == 1


@pytest.mark.tenancy
def test_rows_are_written_for_an_import_of_this_company_only(company, other_company):
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        _write(company, _some_import(other_company))


@pytest.mark.tenancy
def test_the_function_runs_nothing_of_its_callers(company):
    import_id = _some_import(company)
    with tenant_scope(company.id), raw_connection().cursor() as cursor:
        cursor.execute("CREATE TEMP VIEW import_chunk AS SELECT 1 AS p")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            cursor.execute(_WRITE, (import_id,))


@pytest.mark.tenancy
def test_the_application_cannot_put_foreign_keys_to_rest_itself(app):
    engine = create_engine(app.config["SQLALCHEMY_DATABASE_URI"])
    with engine.connect() as connection, pytest.raises(Exception, match="permission denied to set parameter"):
        connection.execute(text("SET session_replication_role = replica"))
    engine.dispose()


def test_the_function_checks_every_foreign_key_of_expenses(app_context):
    source = db.session.execute(text("SELECT prosrc FROM pg_proc WHERE proname = 'write_import_chunk'")).scalar_one()
    for key in Expense.__table__.foreign_key_constraints:
        assert key.name in source
        assert f"FROM {key.referred_table.name} r" in source
