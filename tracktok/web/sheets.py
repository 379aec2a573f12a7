"""Small tables as files: statements and summaries that are in memory already, as CSV, XLSX or PDF.

    sheet = Sheet("Profit and loss", [SheetColumn("Account"), SheetColumn("Amount", "amount")], [("Sales", total)])
    return sheet_response(sheet, "xlsx", "profit-and-loss-acme")

Lists go through `web.exporting`, which streams. Text that a spreadsheet would take for a formula is made harmless.
"""
# ruff: noqa: RUF001 - full-width signs begin formulas too

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from babel.numbers import get_decimal_symbol
from flask import Response

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.errors import Invalid
from tracktok.core.money import minor_unit

from .filters import format_day, format_instant
from .sheet_paper import draw_sheet

FORMATS: Final = ("csv", "xlsx", "pdf")
_TYPES: Final = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FORMULA: Final = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column: text, amount (of the tenant's currency), number, or date."""

    label: str
    kind: Literal["text", "amount", "number", "date"] = "text"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a title. Cells are str, Decimal, int, date, or None for nothing; `bold` are the places of sums."""

    title: str
    columns: Sequence[SheetColumn]
    rows: Sequence[Sequence[Any]]
    bold: frozenset[int] = frozenset()
    grouped: bool = False
    """Whether the first column names a group: on paper a heading above its rows."""
    note: str = ""
    """What paper says below the title: the days."""


def sheet_response(sheet: Sheet, file_format: str, name: str, company: str = "") -> Response:
    """The table as a file; `company` stands on paper. Raises Invalid at `format`."""
    if file_format not in FORMATS:
        raise Invalid.at("format", f"Use one of: json, {', '.join(FORMATS)}.")
    if file_format == "pdf":
        made = draw_sheet(sheet, company, format_instant(clock.now()))
    else:
        made = (_csv if file_format == "csv" else _xlsx)(sheet)
    response = Response(made, content_type=_TYPES[file_format])
    safe = "".join(one for one in name if one.isascii() and (one.isalnum() or one in "-_.")) or "export"
    response.headers["Content-Disposition"] = f'attachment; filename="{safe}.{file_format}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def file_answer(content: bytes, file_format: str, name: str, *, version: int | str | None = None) -> Response:
    """A file that is there already (CSV, XLSX or PDF) as an answer; `version` is that of the record that it shows."""
    response = Response(content, content_type=_TYPES.get(file_format, "application/pdf"))
    safe = "".join(one for one in name if one.isascii() and (one.isalnum() or one in "-_.")) or "export"
    response.headers["Content-Disposition"] = f'attachment; filename="{safe}.{file_format}"'
    response.headers["Cache-Control"] = "private, no-store"
    if version is not None:
        response.headers["ETag"] = f'"{version}"'
    return response


def _csv(sheet: Sheet) -> bytes:
    decimal = str(get_decimal_symbol(preferences().locale))
    places = minor_unit(preferences().currency)
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";" if decimal == "," else ",", lineterminator="\n")
    writer.writerow([one.label for one in sheet.columns])
    for row in sheet.rows:
        cells = zip(sheet.columns, row, strict=True)
        writer.writerow([_text(column, value, decimal, places) for column, value in cells])
    return ("\ufeff" + file.getvalue()).encode()


def _text(column: SheetColumn, value: Any, decimal: str, places: int) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return format_day(value)
    if isinstance(value, Decimal):
        return (f"{value:.{places}f}" if column.kind == "amount" else f"{value:f}").replace(".", decimal)
    text = str(value)
    return f"'{text}" if column.kind == "text" and _FORMULA.match(text) else text


def _xlsx(sheet: Sheet) -> bytes:
    import xlsxwriter  # noqa: PLC0415 - slow to import, and needed for few requests

    file = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    places = minor_unit(preferences().currency)
    amount = "#,##0" + (f".{'0' * places}" if places else "")
    with xlsxwriter.Workbook(file, options) as book:
        page = book.add_worksheet(sheet.title[:31])
        page.freeze_panes(1, 0)
        formats = {
            (kind, bold): book.add_format({**look, **({"bold": True} if bold else {})})
            for kind, look in (
                ("text", {}),
                ("number", {}),
                ("amount", {"num_format": amount}),
                ("date", {"num_format": "yyyy-mm-dd"}),
            )
            for bold in (False, True)
        }
        for place, column in enumerate(sheet.columns):
            page.write_string(0, place, column.label, formats["text", True])
            page.set_column(place, place, 32 if column.kind == "text" and place < 2 else 16)
        for number, row in enumerate(sheet.rows):
            for place, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
                look = formats[column.kind, number in sheet.bold]
                if value is None:
                    continue
                if isinstance(value, date):
                    page.write_datetime(number + 1, place, value, look)
                elif isinstance(value, (Decimal, int)):
                    page.write_number(number + 1, place, value, look)
                else:
                    page.write_string(number + 1, place, str(value)[:32_000], look)
    return file.getvalue()


__all__ = ["FORMATS", "Sheet", "SheetColumn", "file_answer", "sheet_response"]
