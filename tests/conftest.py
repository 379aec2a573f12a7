"""The application on a real PostgreSQL and Valkey: a database for each xdist worker, made by the migrations.

`TEST_POSTGRES_URL` names a server where the tests may make databases and roles, `TEST_REDIS_URL` one whose databases
they may fill (scripts/test starts both). Without them no test runs: somebody's own servers are not to be guessed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import time_machine
from flask import Flask
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.factories.tenants import Company, make_company
from tracktok.app import create_app
from tracktok.config import Config
from tracktok.core import cache, context
from tracktok.core.db import db

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to run on servers that nobody named."""
    missing = [name for name in ("TEST_POSTGRES_URL", "TEST_REDIS_URL") if not os.environ.get(name)]
    if missing and not config.option.collectonly:
        raise pytest.UsageError(
            f"{' and '.join(missing)} not set: run the tests with scripts/test, which starts servers of their own "
            "(`scripts/test tests/core -x`), or name servers where tests may make and drop databases."
        )


@pytest.fixture(scope="session")
def worker_id_or_master(request: pytest.FixtureRequest) -> str:
    """`gw0`, `gw1`... under xdist, else `master`."""
    return os.environ.get("PYTEST_XDIST_WORKER", "master")


@pytest.fixture(scope="session")
def database_urls(worker_id_or_master: str) -> Iterator[tuple[str, str]]:
    """(application's URL, owner's URL) of a new database of this worker, migrated to head."""
    admin = make_url(os.environ["TEST_POSTGRES_URL"])
    prefix = os.environ.get("TEST_DATABASE_PREFIX", "tracktok_test")
    name = f"{prefix}_{worker_id_or_master}"
    dsn = admin.set(drivername="postgresql").render_as_string(hide_password=False)
    password = admin.password or "tests"
    with psycopg.connect(dsn, autocommit=True) as connection:
        # Roles and their rights belong to the whole server: one worker after another.
        connection.execute("SELECT pg_advisory_lock(727000)")
        for role in ("tracktok_owner", "tracktok_app"):
            with contextlib.suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD {}").format(
                        sql.Identifier(role), sql.Literal(password)
                    )
                )
        for role in ("tracktok_search", "tracktok_import"):
            with contextlib.suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
                connection.execute(sql.SQL("GRANT {} TO tracktok_owner").format(sql.Identifier(role)))
        connection.execute("GRANT SET ON PARAMETER session_replication_role TO tracktok_import")
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER tracktok_owner TEMPLATE template0").format(sql.Identifier(name))
        )
        # The same rights as scripts/init_db.py gives, and no more.
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO tracktok_app").format(sql.Identifier(name))
        )
    urls = tuple(
        admin.set(drivername="postgresql+psycopg", username=role, password=password, database=name).render_as_string(
            hide_password=False
        )
        for role in ("tracktok_app", "tracktok_owner")
    )
    yield urls[0], urls[1]
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def app(
    database_urls: tuple[str, str], worker_id_or_master: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The application of this worker."""
    from alembic import command
    from alembic.config import Config as AlembicConfig

    number = int("".join(filter(str.isdigit, worker_id_or_master)) or 0)
    redis = os.environ["TEST_REDIS_URL"]
    environment = {
        "TRACKTOK_ENV": "testing",
        "DATABASE_URL": database_urls[0],
        "DATABASE_OWNER_URL": database_urls[1],
        "REDIS_URL": f"{redis.rstrip('/')}/{number % 16}",
        "DATA_DIR": str(tmp_path_factory.mktemp("data")),
        "BASE_DOMAIN": "tracktok.test",
        "RATE_LIMITS_ENABLED": "false",
        "LOG_LEVEL": "WARNING",
        "SECRET_KEY": "a-secret-of-the-tests-0123456789",
        "JWT_SECRET": "another-secret-of-the-tests-0123456789",
    }
    before = dict(os.environ)
    os.environ.update(environment)
    alembic = AlembicConfig()
    alembic.set_main_option("script_location", str(ROOT / "migrations"))
    command.upgrade(alembic, "head")
    application = create_app(Config.from_environment(environment))
    yield application
    with application.app_context():
        db.engine.dispose()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(autouse=True)
def _nothing_ambient() -> Iterator[None]:
    """No test leaves an actor, a tenant or the memory of a Redis that was gone behind."""
    assert context.scope() is None
    yield
    assert context.scope() is None, "a test left a tenant entered"
    context.set_actor(None)
    cache.answered()


@pytest.fixture
def in_november() -> Iterator[None]:
    """It is the 25th of November 2026, noon in India: for tests of what depends on the day. Name it first."""
    with time_machine.travel("2026-11-25T06:30:00Z"):
        yield


@pytest.fixture
def app_context(app: Flask) -> Iterator[Flask]:
    """An application context, for tests of services and queries."""
    with app.app_context():
        yield app


@pytest.fixture
def company(app_context: Flask) -> Company:
    """A new company with its owner, committed: each test has its own, so tests do not see one another's rows."""
    return make_company()


@pytest.fixture
def other_company(app_context: Flask) -> Company:
    """Another company, whose rows nobody of the first may see."""
    return make_company()
