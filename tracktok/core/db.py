"""The database: one engine, one session per scope, one transaction per request or task."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import psycopg
from flask import current_app, g, has_app_context
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.query import Query
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import (
    DateTime,
    ForeignKeyConstraint,
    MetaData,
    Numeric,
    Text,
    event,
    func,
)
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry

from . import context, tenancy
from .context import Scope

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Amount = Numeric(19, 4)
"""Column type of every amount of money."""
Rate = Numeric(28, 12)
"""Column type of unit prices, tax rates and exchange rates."""


class Base(DeclarativeBase):
    """The base of all models. Strings are TEXT, instants are with time zone, Decimal is an amount."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        datetime: DateTime(timezone=True),
        Decimal: Amount,
    }
    query: ClassVar[Any]
    """`Model.query`, filtered by the tenant that is entered."""


class TenantQuery(Query):
    """The query class of legacy `Model.query`: filtered by wall 1 like every select (see `tenancy`)."""


def _scope_key() -> int:
    """Sessions belong to scopes: entering a tenant inside another never shares an identity map."""
    current = context.scope()
    if current is not None:
        return id(current)
    if has_app_context():
        return id(g._get_current_object())  # noqa: SLF001
    return 0


db = SQLAlchemy(
    metadata=Base.metadata,
    query_class=TenantQuery,
    disable_autonaming=True,
    session_options={"scopefunc": _scope_key, "expire_on_commit": False, "autoflush": False},
)
tenancy.install(db.session)
Base.query = db.session.query_property(query_cls=TenantQuery)


class Timestamps:
    """When a row was made and last changed, by the database's clock."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now(), sort_order=91)


def tenant_fk(column: str, target: str, *, ondelete: str | None = None) -> ForeignKeyConstraint:
    """A foreign key that carries the tenant: `(tenant_id, column)` to `target (tenant_id, id)` (wall 3)."""
    return ForeignKeyConstraint(
        ["tenant_id", column], [f"{target}.tenant_id", f"{target}.id"], ondelete=ondelete, use_alter=False
    )


def init_engine_events(engine: Engine) -> None:
    """Wall 2: at the beginning of each transaction tell PostgreSQL which tenant this is (or the door)."""
    event.listen(engine, "begin", _announce_scope)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _ping_after_rest)


SECONDS_TRUSTED = 2.0
"""A pooled connection that was used this short a time ago is not asked whether it is still alive."""


def _note_use(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = time.monotonic()


def _ping_after_rest(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """A restarted database is noticed before a request fails on it; a busy pool is spared a round trip each time."""
    if time.monotonic() - record.info.get("used_at", 0.0) < SECONDS_TRUSTED:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError from error


def _announce_scope(connection: Connection) -> None:
    current = context.scope()
    if current is None:
        return
    tenant, door = current.tenant_id or "", "open" if current.door else ""
    # One round trip begins the transaction and sets the scope. psycopg sees that a transaction is open and adds no
    # BEGIN of its own. A UUID and a constant need no quoting.
    announce = f"BEGIN; SELECT set_config('app.tenant_id', '{tenant}', true), set_config('app.door', '{door}', true)"
    raw: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    if raw.autocommit or raw.pgconn.transaction_status != TransactionStatus.IDLE:
        connection.exec_driver_sql(announce.removeprefix("BEGIN; "))
        return
    result = raw.pgconn.exec_(announce.encode())
    if result.status != ExecStatus.TUPLES_OK:
        # A lost connection: let SQLAlchemy meet it, so that it is told and the pool is cleared as ever.
        connection.exec_driver_sql(announce.removeprefix("BEGIN; "))


def close_session(of: Scope) -> None:
    """Close the session of a scope that ends; what was not committed is rolled back."""
    registry = db.session.registry.registry
    session = registry.pop(id(of), None)
    if session is not None:
        session.close()


@contextmanager
def transaction() -> Iterator[None]:
    """One unit of work for tasks and commands: commit at the end, roll back when anything is raised."""
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def raw_connection() -> Any:
    """The psycopg connection of the current session's transaction, for COPY."""
    return db.session.connection().connection.driver_connection


@contextmanager
def own_connection() -> Iterator[Connection]:
    """A connection beside the session's, with a transaction of its own, in the same scope.

    For what must be seen, or stay locked, whatever becomes of the main transaction: progress, guards of jobs.
    """
    engine: Engine = current_app.extensions["sqlalchemy"].engine
    with engine.connect() as connection, connection.begin():
        yield connection


def lock_key(*parts: object) -> int:
    """A 63-bit key for advisory locks, made of the tenant and parts by a stable hash."""
    import hashlib  # noqa: PLC0415

    tenant = tenancy.current_tenant_or_none()
    digest = hashlib.blake2b(":".join(map(str, (tenant, *parts))).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def rows_as_dicts(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows of a Core result as plain dictionaries."""
    return [dict(row._mapping) for row in rows]  # noqa: SLF001


__all__ = [
    "UUID",
    "Amount",
    "Base",
    "Rate",
    "TenantQuery",
    "Timestamps",
    "close_session",
    "db",
    "init_engine_events",
    "lock_key",
    "own_connection",
    "raw_connection",
    "rows_as_dicts",
    "tenant_fk",
    "transaction",
]
