"""Reads that run with nearly every request: compiled once, run by the driver, read as plain named tuples.

    _ROWS = Prepared(select(Expense.id, Expense.title).where(Expense.status == bindparam("status")))
    for row in _ROWS.fetch({"status": "paid"}): ...

SQLAlchemy looks a statement up by its whole structure, and makes rows and their description anew, each time it runs;
for a page of 50 that is more work than the page itself. Wall 1 stands here all the same: the statement is compiled
with the ORM's tenant criteria, whose value is asked for at each run and refused where no tenant is entered. Pending
changes of the session are not flushed first (nor does the session: `autoflush` is off).
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, literal_column
from sqlalchemy.orm import InstrumentedAttribute

from . import driver, tenancy


def one_of(column: ColumnElement[Any] | InstrumentedAttribute[Any], words: Iterable[str]) -> ColumnElement[bool]:
    """`column IN ('one', 'two')` with the words in the statement itself.

    So an index for just these words fits whatever the parameters are, and a prepared statement may have it. For words
    of the code only: they are not escaped.
    """
    return column.in_([literal_column(f"'{word}'") for word in words])


class Prepared:
    """A select with named parameters, of columns that the driver reads into Python values by itself."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self._compiled = statement.options(tenancy.CRITERIA).compile(dialect=driver.DIALECT)
        self.sql = self._compiled.string
        """The statement as the driver is given it."""
        if "__[POSTCOMPILE" in self.sql:
            raise ValueError("a prepared statement cannot have lists of changing length: use = ANY(:array)")
        if any(isinstance(bound.value, tuple | dict) for bound in self._compiled.bind_names):
            raise ValueError("the driver is given values as they are: name a path of JSON step by step")
        names = [column.name for column in statement.selected_columns]
        row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024
        self._row = row._make

    def parameters(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters of the statement, the tenant and constants among them. Raises NoTenant."""
        tenancy.current_tenant_id()
        return dict(self._compiled.construct_params(dict(given)))

    def fetch(self, given: Mapping[str, Any]) -> list[Any]:
        """The rows, as named tuples. Raises what SQLAlchemy would raise."""
        return list(map(self._row, driver.run(self.sql, self.parameters(given))))

    def fetch_one(self, given: Mapping[str, Any]) -> Any | None:
        """The only row, or None."""
        rows = self.fetch(given)
        return rows[0] if rows else None
