"""Many rows of a model by one statement with one parameter: parsed once by the server, whatever their number.

    _LINES = Inserting(SalesLine, ("id", "document_id", "position", ...))
    _LINES.run([{"id": ..., "document_id": ..., "position": 1}, ...])

For rows that are written with many requests and are nobody's entities: the session neither keeps nor audits them. The
tenant is put in here (wall 1); row-level security judges it (wall 2). Columns that are not named get the database's
default. What the session holds is to be flushed before, where the rows refer to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Table

from .driver import DIALECT, run
from .tenancy import TenantScoped, current_tenant_id


def typed(table: Table, names: Iterable[str]) -> str:
    """Columns with their types, as `json_to_recordset` wants to be told them."""
    return ", ".join(f"{name} {table.c[name].type.compile(dialect=DIALECT)}" for name in names)


class Inserting:
    """An insert of rows of a tenant's table, given as dictionaries with all of `names`."""

    def __init__(self, model: type[TenantScoped], names: Sequence[str]) -> None:
        table: Table = model.__table__  # type: ignore[attr-defined]
        columns = ", ".join(names)
        self.sql = (
            f"INSERT INTO {table.name} (tenant_id, {columns}) SELECT %(tenant)s, {columns}"  # noqa: S608 - names only
            f" FROM json_to_recordset(%(rows)s::json) AS r ({typed(table, names)})"
        )

    def run(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert the rows. Decimals travel as text, so no digit is lost. Raises IntegrityError as SQLAlchemy does."""
        if rows:
            run(self.sql, {"tenant": current_tenant_id(), "rows": orjson.dumps(rows, default=str).decode()})
