"""Migrations go both ways, on data."""

from __future__ import annotations

import os

import psycopg
import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests.conftest import ROOT

TENANT = "01930000-0000-7000-8000-000000000001"


@pytest.fixture
def fresh_database(app, monkeypatch):
    """The owner's URL of an empty database; the settings point at it while the test runs."""
    admin = make_url(os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:54320/postgres"))
    mine = make_url(app.config["DATABASE_OWNER_URL"])
    name = f"{mine.database}_migrations"
    dsn = admin.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER tracktok_owner").format(sql.Identifier(name)))
    url = mine.set(database=name)
    monkeypatch.setenv("DATABASE_OWNER_URL", url.render_as_string(hide_password=False))
    yield url
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def fill(url: URL) -> None:
    """One row in every table that the schema holds now and that stands at the root of others."""
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as raw:
        raw.execute("SELECT set_config('app.tenant_id', %s, true), set_config('app.door', 'test', true)", (TENANT,))
        tables = {row[0] for row in raw.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
        rows = {
            "tenants": ("id, subdomain, name", (TENANT, "a", "A")),
            "jobs": ("tenant_id, id, kind, run_key, payload", (TENANT, TENANT, "k", "r", "{}")),
            "tags": ("tenant_id, id, name", (TENANT, TENANT, "urgent")),
            "projects": ("tenant_id, id, name", (TENANT, TENANT, "Bridge")),
            "book_accounts": ("tenant_id, id, code, name, type", (TENANT, TENANT, "1000", "Cash", "asset")),
        }
        for table, (columns, values) in rows.items():
            if table in tables:
                places = ", ".join(["%s"] * len(values))
                raw.execute(f"INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT DO NOTHING", values)


def test_every_step_goes_up_with_data_and_down_again(fresh_database):
    config = AlembicConfig()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    steps = list(reversed([script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]))
    for step in steps:
        command.upgrade(config, step)
        fill(fresh_database)
    for step in [*reversed(steps[:-1]), "base"]:
        command.downgrade(config, step)
    with psycopg.connect(fresh_database.set(drivername="postgresql").render_as_string(hide_password=False)) as raw:
        left = raw.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')"
            " AND relname <> 'alembic_version'"
        ).fetchall()
        assert left == []
    command.upgrade(config, "head")
    fill(fresh_database)
