"""The house rules that the database keeps: asked of the models and of a database that the migrations made."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Float, create_engine, text

from tests.conftest import ROOT
from tracktok import models as _models  # noqa: F401
from tracktok.core.db import Base
from tracktok.core.tenancy import TenantScoped

# Tables without a tenant: what they are, and why nothing of a tenant's is in them.
WITHOUT_TENANT = {
    "tenants": "the tenants themselves; seen by themselves",
    "people": "a person may belong to several tenants; seen by those",
    "person_tokens": "links sent to a person before a tenant is known; seen through the door only",
    "exchange_rates": "published figures",
}
TABLES = sorted(Base.metadata.tables.values(), key=lambda table: table.name)
MAPPERS = {mapper.local_table.name: mapper.class_ for mapper in Base.registry.mappers}


@pytest.fixture(scope="module")
def owner(app):
    engine = create_engine(app.config["DATABASE_OWNER_URL"])
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_carries_the_tenant_first_in_its_keys(table):
    if table.name in WITHOUT_TENANT:
        return
    assert next(iter(table.primary_key.columns)).name == "tenant_id"
    assert not table.c.tenant_id.nullable
    for constraint in table.constraints:
        if type(constraint).__name__ == "UniqueConstraint":
            assert "tenant_id" in constraint.columns, f"{constraint.name} is unique across tenants"
    for index in table.indexes:
        if index.unique:
            assert "tenant_id" in index.columns, f"{index.name} is unique across tenants"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_foreign_keys_between_tenants_rows_carry_the_tenant(table):
    for key in table.foreign_key_constraints:
        if key.referred_table.name in WITHOUT_TENANT:
            continue
        assert key.column_keys[0] == "tenant_id", f"{key.name} could name another tenant's row"
        assert next(iter(key.elements)).column.name == "tenant_id"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_models_of_tenants_rows_are_tenant_scoped(table):
    model = MAPPERS[table.name]
    scoped = issubclass(model, TenantScoped) or getattr(model, "__tenant_table__", False)
    assert scoped == (table.name not in WITHOUT_TENANT)


def test_row_level_security_is_forced_on_every_table(owner):
    rows = owner.execute(
        text(
            "SELECT relname, relrowsecurity AND relforcerowsecurity,"
            " (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid)"
            " FROM pg_class c WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        )
    ).all()
    without = {name for name, forced, policies in rows if not forced or not policies}
    assert without == {"alembic_version", "exchange_rates"}
    assert {name for name, *_ in rows} - {"alembic_version"} == {table.name for table in TABLES}


def test_the_applications_role_owns_nothing_and_cannot_bypass(owner):
    role = owner.execute(
        text("SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'tracktok_app'")
    ).one()
    assert not any(role)
    assert not owner.execute(text("SELECT relname FROM pg_class WHERE relowner = 'tracktok_app'::regrole")).all()


@pytest.mark.parametrize(
    "table", [table.name for table in TABLES if getattr(MAPPERS[table.name], "__append_only__", False)]
)
def test_append_only_tables_grant_no_change(owner, table):
    rights = owner.execute(
        text(
            "SELECT privilege_type FROM information_schema.role_table_grants"
            " WHERE grantee = 'tracktok_app' AND table_name = :t"
        ),
        {"t": table},
    ).scalars()
    assert set(rights) == {"SELECT", "INSERT"}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_column_is_a_float(table):
    assert not [column.name for column in table.columns if isinstance(column.type, Float)]


def test_every_foreign_key_has_an_index_or_is_never_looked_up_from_the_other_side(owner):
    """A key that people's rows are found by has an index; those of parents that are never deleted may do without."""
    bare = owner.execute(
        text(
            """
            SELECT c.conrelid::regclass::text || '.' || a.attname
              FROM pg_constraint c JOIN pg_attribute a
                ON a.attrelid = c.conrelid AND a.attnum = c.conkey[array_length(c.conkey, 1)]
             WHERE c.contype = 'f' AND c.confdeltype = 'c'
               AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND a.attnum = ANY (i.indkey))
            """
        )
    ).scalars()
    assert list(bare) == [], "deleting the parent would read the whole table"


def test_there_is_one_migration_head_and_it_makes_the_models(owner):
    config = AlembicConfig()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1
    context = MigrationContext.configure(
        owner,
        opts={
            "compare_type": True,
            "include_object": lambda _o, name, kind, reflected, _c: (
                not (kind == "index" and reflected and (name or "").startswith("hand_"))
            ),
        },
    )
    assert compare_metadata(context, Base.metadata) == []
