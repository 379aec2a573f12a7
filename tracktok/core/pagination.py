"""Keyset pages: a cursor names the last row seen, so pages stay right while rows are added, at any depth.

    EXPENSE_SORTS = {"expense_date": Sort(Expense.expense_date), "amount": Sort(Expense.base_amount)}
    page = fetch_page(statement, EXPENSE_SORTS, id_column=Expense.id, sort="-expense_date", cursor=..., limit=25)

The sort column and the id decide the order together; both run in the same direction, so one index
`(tenant_id, column, id)` serves both directions.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Select, bindparam, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from .db import db
from .errors import Invalid

DEFAULT_LIMIT = 25
LARGEST_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Sort:
    """A column that a list can be sorted by; it must not be nullable and must have an index with the id."""

    column: InstrumentedAttribute[Any]
    parse: Any = str

    def read(self, raw: str) -> Any:
        """The value of the column from its text in a cursor."""
        return self.parse(raw)


def sort_by(column: InstrumentedAttribute[Any]) -> Sort:
    """A Sort whose values are parsed by the column's Python type."""
    kind = column.type.python_type
    parsers: dict[type, Any] = {
        date: date.fromisoformat,
        datetime: datetime.fromisoformat,
        Decimal: Decimal,
        UUID: UUID,
        int: int,
        str: str,
    }
    return Sort(column, parsers[kind])


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows. `next_cursor` is None on the last page."""

    rows: Sequence[Any]
    next_cursor: str | None
    limit: int
    sort: str = ""
    totals: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_more(self) -> bool:
        return self.next_cursor is not None


def split_sort(sort: str, allowed: Mapping[str, Sort]) -> tuple[str, bool]:
    """`-amount` is ("amount", descending=True). Raises Invalid for a column that cannot be sorted by."""
    name, descending = (sort[1:], True) if sort.startswith("-") else (sort, False)
    if name not in allowed:
        raise Invalid.at("sort", f"Sort by one of: {', '.join(sorted(allowed))}; a minus in front turns it around.")
    return name, descending


def encode_cursor(sort: str, value: Any, row_id: UUID) -> str:
    """An opaque, URL-safe name of a place in a sorted list."""
    text = value.isoformat() if isinstance(value, date) else str(value)
    return base64.urlsafe_b64encode(orjson.dumps([sort, text, str(row_id)])).rstrip(b"=").decode()


def decode_cursor(cursor: str, sort: str, allowed: Mapping[str, Sort]) -> tuple[Any, UUID]:
    """The place that a cursor names. Raises Invalid for one that is broken or of another sort order."""
    try:
        raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        of_sort, text, row_id = orjson.loads(raw)
        if of_sort != sort:
            raise Invalid.at("cursor", "This cursor belongs to another sort order; start from the first page.")
        return allowed[sort.lstrip("-")].read(text), UUID(row_id)
    except (binascii.Error, ValueError, TypeError, InvalidOperation, OverflowError, AttributeError) as error:
        raise Invalid.at("cursor", "This cursor is not valid; start from the first page.") from error


def keyset(
    statement: Select[*tuple[Any, ...]], *, sorts: Mapping[str, Sort], id_column: Any, sort: str, after: bool
) -> Select[*tuple[Any, ...]]:
    """Order a statement, limit it by `page_limit`, and (with `after`) start behind `after_value, after_id`.

    Call it once per shape when statements are built (`functools.cache`), and execute with `page_parameters`.
    """
    name, descending = split_sort(sort, sorts)
    column = sorts[name].column
    if after:
        place = tuple_(bindparam("after_value", type_=column.type), bindparam("after_id", type_=id_column.type))
        row = tuple_(column, id_column)
        statement = statement.where(row < place if descending else row > place)
    order = (column.desc(), id_column.desc()) if descending else (column.asc(), id_column.asc())
    return statement.order_by(*order).limit(bindparam("page_limit", type_=db.Integer))


def page_parameters(*, sorts: Mapping[str, Sort], sort: str, cursor: str | None, limit: int) -> dict[str, Any]:
    """The parameters that a `keyset` statement wants."""
    split_sort(sort, sorts)
    parameters: dict[str, Any] = {"page_limit": limit + 1}
    if cursor:
        parameters["after_value"], parameters["after_id"] = decode_cursor(cursor, sort, sorts)
    return parameters


def make_page(rows: Sequence[Any], *, sort: str, limit: int, sort_key: str, id_key: str = "id") -> Page:
    """Cut the extra row that tells whether there is more, and name the next page.

    `sort_key` and `id_key` are the names of the sort column and the id in the rows.
    """
    if len(rows) <= limit:
        return Page(rows, None, limit, sort)
    rows = rows[:limit]
    last = rows[-1]
    return Page(rows, encode_cursor(sort, getattr(last, sort_key), getattr(last, id_key)), limit, sort)


def fetch_page(
    statement: Select[*tuple[Any, ...]],
    *,
    sorts: Mapping[str, Sort],
    id_column: Any,
    sort: str,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
    parameters: Mapping[str, Any] | None = None,
) -> Page:
    """One page of a statement that selects the sort column and the id under their own names."""
    built = keyset(statement, sorts=sorts, id_column=id_column, sort=sort, after=bool(cursor))
    wanted = page_parameters(sorts=sorts, sort=sort, cursor=cursor, limit=limit)
    rows = db.session.execute(built, {**(parameters or {}), **wanted}).all()
    name, _ = split_sort(sort, sorts)
    return make_page(rows, sort=sort, limit=limit, sort_key=sorts[name].column.key, id_key=id_column.key)
