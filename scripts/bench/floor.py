"""The floor that a list is held against: a bare WSGI function, the same SQL by psycopg, the answer by orjson.

`BENCH_SQL` holds statements with their parameters as JSON, captured from the product; `BENCH_TENANT` the tenant.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import orjson
import psycopg

_STATEMENTS: list[tuple[str, Any]] = json.loads(os.environ["BENCH_SQL"])
_URL = os.environ["DATABASE_URL"].replace("postgresql+psycopg://", "postgresql://")
_local = threading.local()


def _connection() -> psycopg.Connection:
    if not hasattr(_local, "connection"):
        _local.connection = psycopg.connect(_URL, autocommit=True)
        _local.connection.execute("SELECT set_config('app.tenant_id', %s, false)", (os.environ["BENCH_TENANT"],))
    connection: psycopg.Connection = _local.connection
    return connection


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError


def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer every request with the rows."""
    body = orjson.dumps([_rows(sql, parameters) for sql, parameters in _STATEMENTS], default=_plain)
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _rows(sql: str, parameters: Any) -> list[dict[str, Any]]:
    cursor = _connection().execute(sql, parameters, prepare=True)
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
