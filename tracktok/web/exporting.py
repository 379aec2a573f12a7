"""Lists as files: CSV straight from the database's COPY, XLSX row by row; both in constant memory, of any area's list.

    COLUMNS = (ExportColumn("Date", Expense.expense_date, "date"), ExportColumn("Title", Expense.title), ...)
    return export_response(COLUMNS, lambda columns: select(*columns).where(...), parameters, "csv", "expenses-acme")

Cells that a spreadsheet would take for formulas are made harmless. Dates and decimals are written as the tenant does.
"""
# ruff: noqa: RUF001 - full-width signs begin formulas too

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from babel.numbers import get_decimal_symbol
from flask import Response
from sqlalchemy import ColumnElement, Select, String, and_, case, cast, collate, func, literal, literal_column, or_
from sqlalchemy.orm import InstrumentedAttribute

from tracktok.core import clock, money
from tracktok.core.context import preferences
from tracktok.core.db import db, raw_connection
from tracktok.core.errors import Invalid, TooLarge

from .edge import stream_in_scope

FORMATS: Final = ("csv", "xlsx")
MOST_XLSX_ROWS: Final = 250_000
_PIECE: Final = 128 * 1024
_SECONDS: Final = 900
_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# What begins a formula, as code points: = + - @ and their full-width forms; and what may stand before one.
_STARTS: Final = (61, 43, 45, 64, 65309, 65291, 65293, 65312)
_WHITE: Final = (9, 10, 13)
_PLAIN: Final = r"^([+-]?[0-9][0-9 ]*([.,][0-9]+)?|.)$"
_BY_PLACES: Final = {
    places: tuple(sorted(code for code, own in money.MINOR_UNITS.items() if own == places)) for places in (0, 3, 4)
}
# What PostgreSQL writes by itself when told to, quicker than `to_char` does.
_DATE_STYLES: Final = {
    "YYYY-MM-DD": "ISO, YMD", "DD/MM/YYYY": "SQL, DMY", "MM/DD/YYYY": "SQL, MDY", "DD.MM.YYYY": "German",
    "DD-MM-YYYY": "Postgres, DMY",
}  # fmt: skip
Kind = Literal["text", "word", "date", "amount", "rate", "number", "flag", "list"]


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column of an export.

    `kind`: text (somebody typed it), word (the product's own word), date, amount (`currency` is a code or the column
    that holds it), rate, number, flag, list (an array of words). `guarded`: the same text made `harmless` already, in a
    place where it stands once for many rows.
    """

    label: str
    value: Any
    kind: Kind = "text"
    currency: Any = None
    guarded: Any = None


def export_name(subject: str, company: str) -> str:
    """`expenses-acme-2026-11-21`: what it is, whose, and of which day."""
    safe = "".join(one if one.isalnum() else "-" for one in company.lower())
    parts = [part for part in safe.split("-") if part]
    return "-".join([subject, *parts[:6], clock.today(preferences().timezone).isoformat()])


def export_response(
    columns: Sequence[ExportColumn],
    statement_of: Callable[[Sequence[Any]], Select[Any]],
    parameters: Mapping[str, Any],
    file_format: str,
    name: str,
) -> Response:
    """A file of what a statement gives, streamed while it is read.

    `statement_of` makes the statement from the columns that it is to select. Raises Invalid at `format`, and TooLarge
    for XLSX of more than 250,000 rows.
    """
    if file_format not in FORMATS:
        raise Invalid.at("format", f"Use one of: json, {', '.join(FORMATS)}.")
    if file_format == "csv":
        body = stream_in_scope(lambda: _csv(columns, statement_of, parameters))
    else:
        _check_size(statement_of, parameters)
        body = stream_in_scope(lambda: _xlsx(columns, statement_of, parameters))
    response = Response(body, content_type=_TYPES[file_format])
    response.headers["Content-Disposition"] = f'attachment; filename="{_ascii(name)}.{file_format}"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _ascii(name: str) -> str:
    return "".join(one for one in name if one.isascii() and (one.isalnum() or one in "-_.")) or "export"


def _csv(
    columns: Sequence[ExportColumn], statement_of: Callable[[Sequence[Any]], Select[Any]], parameters: Mapping[str, Any]
) -> Iterator[bytes]:
    decimal = str(get_decimal_symbol(preferences().locale))
    delimiter = ";" if decimal == "," else ","
    statement = statement_of([_as_csv(one, decimal).label(f"c{number}") for number, one in enumerate(columns)])
    sql, values = _compiled(statement, parameters)
    header = io.StringIO()
    csv.writer(header, delimiter=delimiter, lineterminator="\n").writerow([one.label for one in columns])
    yield ("\ufeff" + header.getvalue()).encode()
    # Typed text is always quoted: a semicolon in it must not begin a new cell where lists are parted by semicolons.
    quoted = ", ".join(f"c{number}" for number, one in enumerate(columns) if one.kind in {"text", "list"})
    options = f"FORMAT csv, DELIMITER '{delimiter}'" + (f", FORCE_QUOTE ({quoted})" if quoted else "")
    with (
        _reading(_DATE_STYLES.get(_sql_date(), "ISO")) as cursor,
        cursor.copy(f"COPY ({sql}) TO STDOUT WITH ({options})", values) as copy,
    ):
        held, size = [], 0
        for row in copy:
            held.append(row)
            size += len(row)
            if size >= _PIECE:
                yield b"".join(held)
                held, size = [], 0
        if held:
            yield b"".join(held)


def csv_pieces(
    columns: Sequence[ExportColumn], statement_of: Callable[[Sequence[Any]], Select[Any]], parameters: Mapping[str, Any]
) -> Iterator[bytes]:
    """The CSV file of what a statement gives, piece by piece, within the transaction of the caller."""
    return _csv(columns, statement_of, parameters)


def _xlsx(
    columns: Sequence[ExportColumn], statement_of: Callable[[Sequence[Any]], Select[Any]], parameters: Mapping[str, Any]
) -> Iterator[bytes]:
    import xlsxwriter  # noqa: PLC0415 - slow to import, and needed for few requests

    wanted = [one.value for one in columns] + [one.currency for one in columns if _has_currency_column(one)]
    statement = statement_of([_labelled(one, number) for number, one in enumerate(wanted)])
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as file:
        book = xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": folder, "strings_to_formulas": False,
                                          "strings_to_urls": False, "strings_to_numbers": False})  # fmt: skip
        _write_sheet(book, columns, statement, parameters)
        book.close()
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _write_sheet(
    book: Any, columns: Sequence[ExportColumn], statement: Select[Any], parameters: Mapping[str, Any]
) -> None:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    formats: dict[str | int, Any] = {
        "date": book.add_format({"num_format": _excel_date()}),
        "rate": book.add_format({"num_format": "0.0###########"}),
        **{places: book.add_format({"num_format": "0" if places == 0 else f"0.{'0' * places}"}) for places in range(5)},
    }
    for place, one in enumerate(columns):
        sheet.write_string(0, place, one.label, bold)
        sheet.set_column(place, place, {"date": 12, "amount": 14, "text": 28}.get(one.kind, 16))
    with_currency = [place for place, one in enumerate(columns) if _has_currency_column(one)]
    options = {"stream_results": True, "yield_per": 2_000}
    db.session.execute(db.text("SELECT set_config('statement_timeout', :ms, true)"), {"ms": f"{_SECONDS}s"})
    rows = db.session.execute(statement, dict(parameters), execution_options=options)
    for number, row in enumerate(rows, 1):
        currencies = dict(zip(with_currency, row[len(columns) :], strict=True))
        for place, one in enumerate(columns):
            value = row[place]
            if value is None or value == "":
                continue
            if one.kind == "date":
                sheet.write_datetime(number, place, value, formats["date"])
            elif one.kind == "amount":
                code = currencies.get(place) or one.currency or preferences().currency
                sheet.write_number(number, place, value, formats[money.MINOR_UNITS.get(code, 2)])
            elif one.kind == "rate":
                sheet.write_number(number, place, value, formats["rate"])
            elif one.kind == "number":
                sheet.write_number(number, place, value)
            elif one.kind == "flag":
                sheet.write_string(number, place, "yes" if value else "no")
            else:
                sheet.write_string(number, place, ", ".join(value) if one.kind == "list" else _clean(str(value)))


def _clean(text: str) -> str:
    """XML takes no control characters, and a cell no more than 32,767 characters."""
    if not text.isprintable():
        text = "".join(one for one in text if one >= " " or one in "\t\n")
    return text[:32_000]


def _check_size(statement_of: Callable[[Sequence[Any]], Select[Any]], parameters: Mapping[str, Any]) -> None:
    some = statement_of([literal_column("1")]).order_by(None).limit(MOST_XLSX_ROWS + 1).subquery()
    count = db.session.execute(db.select(func.count()).select_from(some), dict(parameters)).scalar_one()
    if count > MOST_XLSX_ROWS:
        raise TooLarge(f"XLSX takes {MOST_XLSX_ROWS:,} rows. Narrow the filter, or take CSV, which has no limit.")


def _reading(date_style: str) -> Any:
    """A cursor that may read for a while, and rather goes along an index than sorts what is about to be sent."""
    cursor = raw_connection().cursor()
    cursor.execute(
        "SELECT set_config('statement_timeout', %s, true), set_config('work_mem', '64MB', true),"
        " set_config('enable_sort', 'off', true), set_config('max_parallel_workers_per_gather', '0', true),"
        " set_config('datestyle', %s, true)",
        (f"{_SECONDS}s", date_style),
    )
    return cursor


def _compiled(statement: Select[Any], parameters: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The statement's text with psycopg's placeholders, and its values as psycopg wants them."""
    compiled = statement.compile(dialect=db.engine.dialect, compile_kwargs={"render_postcompile": True})
    values = compiled.construct_params(dict(parameters), escape_names=True)
    processors: Any = compiled._bind_processors  # noqa: SLF001 - what SQLAlchemy itself does before it executes
    return str(compiled), {
        name: processors[name](value) if name in processors else value for name, value in values.items()
    }


def _as_csv(one: ExportColumn, decimal: str) -> ColumnElement[Any]:
    value = one.value
    if one.guarded is not None:
        return one.guarded
    if one.kind == "text":
        return harmless(value)
    if one.kind == "date":
        return value if _sql_date() in _DATE_STYLES else func.to_char(value, _sql_date())
    if one.kind == "list":
        return harmless(func.array_to_string(value, ", "))
    if one.kind == "flag":
        return case((value, "yes"), else_="no")
    if one.kind == "amount":
        return _with_decimal(_rounded(value, one.currency), decimal)
    if one.kind == "rate":
        return _with_decimal(func.trim_scale(value), decimal)
    return cast(value, String) if not isinstance(value, InstrumentedAttribute) else value  # type: ignore[return-value]


def harmless(value: Any) -> ColumnElement[Any]:
    """Text with an apostrophe in front where a spreadsheet would take it for a formula; plain numbers stay."""
    # Nearly all text begins with a letter: two comparisons of bytes settle that, before the careful look.
    plain = collate(value, "C")
    suspect = or_(plain < literal_column("'A'"), plain >= literal_column("'＋'"))
    first = func.ascii(func.ltrim(value))
    begins = and_(first.in_(_literals(_STARTS)), value.op("!~")(literal_column(f"'{_PLAIN}'")))
    guarded = and_(suspect, value != literal_column("''"), or_(begins, func.ascii(value).in_(_literals(_WHITE))))
    return case((guarded, literal_column("''''").op("||")(value)), else_=value)


def _literals(numbers: Sequence[int]) -> list[Any]:
    return [literal_column(str(number)) for number in numbers]


def _rounded(value: Any, currency: Any) -> ColumnElement[Any]:
    """An amount with as many places as its currency has."""
    if currency is None or isinstance(currency, str):
        return func.round(value, literal_column(str(money.MINOR_UNITS.get(currency or preferences().currency, 2))))
    base = preferences().currency
    # Most are in the company's own currency: one comparison settles those.
    own = func.round(value, literal_column(str(money.MINOR_UNITS.get(base, 2))))
    cases = [(value.is_(None), None), (currency == literal(base), own)] + [
        (currency.in_([literal_column(f"'{code}'") for code in codes]), func.round(value, literal_column(str(places))))
        for places, codes in _BY_PLACES.items()
    ]
    return case(*cases, else_=func.round(value, literal_column("2")))


def _with_decimal(value: ColumnElement[Any], decimal: str) -> ColumnElement[Any]:
    return value if decimal == "." else func.replace(cast(value, String), ".", literal(decimal))


def _has_currency_column(one: ExportColumn) -> bool:
    return one.kind == "amount" and one.currency is not None and not isinstance(one.currency, str)


def _labelled(value: Any, number: int) -> Any:
    return value.label(f"c{number}")


def _sql_date() -> str:
    return preferences().date_format.replace("MMM", "Mon").replace("D Mon", "FMDD Mon")


def _excel_date() -> str:
    return preferences().date_format.lower()


__all__ = ["ExportColumn", "csv_pieces", "export_name", "export_response", "harmless"]
