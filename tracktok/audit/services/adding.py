"""A new row of an audited model with its event, by one statement: for what is recorded with many requests.

    _EXPENSES = Adding(Expense)
    _EXPENSES.add(expense)      # in place of db.session.add(expense); db.session.flush()

The session would write the row by a unit of work and then the event: twice the round trips, and several times the work
of the statement itself. The walls stand here as well: the tenant is put in and checked, row-level security judges. The
session knows the row afterwards as one that it has read.
"""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import LargeBinary, Table
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from tracktok.core.db import db
from tracktok.core.driver import run
from tracktok.core.inserting import typed
from tracktok.core.tenancy import TenantScoped, WrongTenant, current_tenant_id

from .recording import EVENT_INSERT, created_event


class Adding:
    """The insert of one row of an audited model of tenants. Its defaults must be constants, or functions of nothing."""

    def __init__(self, model: type[TenantScoped]) -> None:
        table: Table = model.__table__  # type: ignore[attr-defined]
        by_database = [c for c in table.columns if c.computed is not None or _is_of_the_database(c)]
        # Bytes have no form in JSON; a new row has none.
        given = [c for c in table.columns if c not in set(by_database) and not isinstance(c.type, LargeBinary)]
        self._defaults = {c.name: c.default for c in given}
        self._told = [c.name for c in by_database]
        names = ", ".join(c.name for c in given)
        self.sql = (
            f"WITH told AS ({EVENT_INSERT})"  # noqa: S608 - names of the model only
            f" INSERT INTO {table.name} ({names}) SELECT {names} FROM json_to_record(%(row)s::json) AS r"
            f" ({typed(table, self._defaults)})"
            f" RETURNING {', '.join(self._told) or 'id'}"
        )

    def add(self, row: TenantScoped) -> None:
        """Insert a new row, which is in no session yet, with the event that tells of it; it is the session's then.

        Raises WrongTenant, and IntegrityError as SQLAlchemy does.
        """
        tenant_id = current_tenant_id()
        if row.__dict__.get("tenant_id") is None:
            row.tenant_id = tenant_id
        if row.tenant_id != tenant_id:
            raise WrongTenant(f"{type(row).__name__} {row.id} does not belong to the tenant that is entered")
        state = row.__dict__
        for name, default in self._defaults.items():
            if name not in state:
                set_committed_value(row, name, _value_of(default))
        values = {name: state[name] for name in self._defaults}
        parameters = {
            "row": orjson.dumps(values, default=str).decode(),
            "events": orjson.dumps([created_event(row)], default=str).decode(),
        }
        (told,) = run(self.sql, parameters)
        for name, value in zip(self._told, told, strict=False):
            set_committed_value(row, name, value)
        make_transient_to_detached(row)
        db.session.add(row)


def _is_of_the_database(column: Any) -> bool:
    return column.default is None and column.server_default is not None


def _value_of(default: Any) -> Any:
    if default is None:
        return None
    return default.arg(None) if default.is_callable else default.arg
