"""Statements that run with nearly every request, given to the driver as they are.

    rows = run("SELECT id FROM expenses WHERE tenant_id = %(tenant)s AND ...", {"tenant": current_tenant_id(), ...})

SQLAlchemy's own way from a text to its rows costs as much again as the driver's. What is run here is part of the
session's transaction all the same. Wall 1 is the caller's: the statement names its tenant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError

from .db import db

DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]
_CURSOR = "tracktok_cursor"


def run(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run a statement with named parameters; its rows as Python values, none where it returns none.

    Pending changes of the session are not flushed first. Raises what SQLAlchemy would raise.
    """
    connection = db.session.connection()
    kept = connection.info  # of the driver's connection, however often it is lent
    cursor: psycopg.Cursor[Any] | None = kept.get(_CURSOR)
    if cursor is None:
        driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
        # The binary form of results is what the driver reads fastest.
        cursor = kept[_CURSOR] = driver.cursor(binary=True)
    for tell in connection.dispatch.before_cursor_execute:  # who watches statements sees these too
        tell(connection, cursor, sql, values, None, False)
    try:
        cursor.execute(sql, values)
        found = cursor.pgresult
        return cursor.fetchall() if found is not None and found.nfields else []
    except psycopg.Error as error:
        # A lost connection is left for good, so that what follows is the rollback of a transaction that is no more.
        if is_lost := cursor.connection.closed:
            connection.invalidate(error)
        raise DBAPIError.instance(
            sql, dict(values), error, psycopg.Error, connection_invalidated=is_lost, dialect=DIALECT
        ) from error
