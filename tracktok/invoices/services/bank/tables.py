"""Statements that are tables: opened, their columns told, read as was chosen, and the choice remembered."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import FieldError, Invalid
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.imports.rules.columns import headers_hash
from tracktok.imports.rules.dates import DateOrder
from tracktok.imports.rules.plan import Plan
from tracktok.imports.rules.profile import ColumnProfile
from tracktok.imports.rules.tables import MOST_COLUMNS, find_header, name_columns
from tracktok.imports.services.readers import Row, open_table
from tracktok.invoices.models import BankTableForm
from tracktok.invoices.queries import bank as queries
from tracktok.invoices.rules.bank_lines import MOST_LINES, Statement, Unreadable
from tracktok.invoices.rules.bank_tables import TABLE, Choices, ReadTable, decide, is_table, read_rows, says_decimal

_LOOKED_AT: Final = 60
_MOST_TOLD: Final = 10
_ORDERS: Final = {"D": DateOrder.day_first, "M": DateOrder.month_first, "Y": DateOrder.year_first}


@dataclass(slots=True)
class TableReading:
    """A table and how it is read. `read` is None while something has to be answered first."""

    kind: str
    currency: str
    columns: list[dict[str, Any]]
    facts: dict[str, Any]
    plan: Plan
    is_remembered: bool
    rows: int
    says_date: bool = False
    says_decimal: bool = False
    """Whether the forms are known, by choice, evidence or memory, and not only because nothing speaks against them."""
    read: ReadTable | None = None
    notes: list[str] = field(default_factory=list)


def open_reading(data: bytes, account: Any, choices: Choices) -> TableReading:
    """Look at a table of an account. Raises Unreadable for what is no statement, and what opening tables raises."""
    table = open_table(io.BytesIO(data), delimiter=choices.delimiter, sheet=choices.sheet)
    rows = [row for row in _up_to(table.rows) if any(cell and not cell.isspace() for cell in row[1])]
    header, at, because = _header(rows[:_LOOKED_AT], choices.header_row)
    body = [row for row in rows if row[0] > at]
    if not body:
        raise Unreadable("This is no bank statement of a kind that is known: there is no row below a header.")
    width = min(max(len(header), *(len(cells) for _, cells in body)), MOST_COLUMNS)
    profiles = [ColumnProfile(name) for name in name_columns(header, width)[:width]]
    preferred = _ORDERS.get(preferences().date_format[:1].upper(), DateOrder.day_first)
    for place, profile in enumerate(profiles):
        profile.add([cells[place] if place < len(cells) else "" for _, cells in body])
    columns = [one.summary(preferred) for one in profiles]
    if not is_table(columns) and not choices.mapping:
        raise Unreadable("This is no bank statement of a kind that is known: no column of it holds dates and amounts.")
    remembered = _remembered(account.id, columns)
    plan = decide(columns, _checked(choices, columns), remembered)
    found = TableReading(
        table.type, account.currency, columns, {**table.facts, "header_row": at, "header_because": because}, plan,
        remembered is not None and choices.mapping is None, len(body),
    )  # fmt: skip
    found.says_date = bool(choices.date_form) or plan.options.get("date_form") in {"DMY", "MDY"}
    found.says_decimal = says_decimal(plan) or bool(choices.decimal or (remembered and remembered.decimal))
    found.notes = [one["text"] for one in plan.notes]
    if not plan.questions:
        found.read = read_rows(body, plan, account.currency)
        if out := found.read.left_out:
            place_of = f"Row {out[0]}" if len(out) == 1 else f"{len(out)} rows from row {out[0]} on"
            found.notes.append(f"{place_of}, below the last date, are no lines and are left out.")
    return found


def statement_of(reading: TableReading) -> Statement:
    """The statement of a table. Raises Invalid (422): at what is to be answered, or at bad rows."""
    if reading.plan.questions:
        pointers = {"date_form": "/date_order"}
        errors = [
            FieldError(
                pointers.get(one.option, "/" + one.option.replace(".", "/")), "to_be_said",
                f"{one.text} The file does not say it by itself.",
            )
            for one in reading.plan.questions
        ]  # fmt: skip
        raise Invalid(errors[0].detail if len(errors) == 1 else None, errors=errors)
    assert reading.read is not None  # noqa: S101 - nothing is asked
    problems = reading.read.problems
    if problems:
        errors = [FieldError(f"/rows/{one.row}", "unreadable", f"Row {one.row}: {one.detail}") for one in problems]
        more = "" if len(problems) == 1 else f" {len(problems)} rows cannot be read."
        raise Invalid(f"{errors[0].detail}{more}", errors=errors[:_MOST_TOLD])
    return reading.read.statement


def remember(account_id: UUID, reading: TableReading) -> None:
    """Keep how a table of these headers was read for this account."""
    values = {
        "mapping": reading.plan.mapping,
        "date_form": str(reading.plan.options.get("date_form", "")) if reading.says_date else "",
        "decimal": str(reading.plan.options.get("decimal", "")) if reading.says_decimal else "",
    }
    statement = insert(BankTableForm).values(
        tenant_id=current_tenant_id(), id=new_id(), account_id=account_id, headers=_hash(reading.columns), **values
    )
    db.session.execute(
        statement.on_conflict_do_update(index_elements=["tenant_id", "account_id", "headers"], set_=values)
    )


def _remembered(account_id: UUID, columns: Sequence[dict[str, Any]]) -> Choices | None:
    row = queries.table_form(account_id, _hash(columns))
    return Choices(row.mapping, row.date_form, row.decimal) if row is not None else None


def _hash(columns: Sequence[dict[str, Any]]) -> bytes:
    return headers_hash([one["name"] for one in columns])


def _checked(choices: Choices, columns: Sequence[dict[str, Any]]) -> Choices:
    names, fields = {one["name"] for one in columns}, {one.name for one in TABLE.fields}
    for name, column in (choices.mapping or {}).items():
        if name not in fields:
            raise Invalid.at(f"mapping/{name}", f"There is no field {name}. Use: {', '.join(sorted(fields))}.")
        if column and column not in names:
            raise Invalid.at(f"mapping/{name}", f"The file has no column “{column}”.")
    return choices


def _up_to(rows: Any) -> list[Row]:
    found: list[Row] = []
    for row in rows:
        found.append(row)
        if len(found) > MOST_LINES + 1_000:
            raise Unreadable(f"This file has more than {MOST_LINES:,} lines. Export fewer days.")
    return found


def _header(head: Sequence[Row], wanted: int | None) -> tuple[list[str], int, str]:
    if wanted == 0:
        return [], 0, "There is no header, as chosen."
    if wanted is not None:
        for number, cells in head:
            if number == wanted:
                return cells, number, "As chosen."
        raise Invalid.at("header_row", f"The header must be one of the first {_LOOKED_AT} rows that are not empty.")
    layout = find_header([cells for _, cells in head])
    if layout.header_row is None:
        return [], 0, layout.because
    number, cells = head[layout.header_row]  # empty rows above it were left out
    return cells, number, layout.because.replace(f"row {layout.header_row + 1},", f"row {number},")
