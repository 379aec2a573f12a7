"""Statements as files: CSV straight from the database's COPY, XLSX row by row, PDF; each kept for an hour at most."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from babel.numbers import get_decimal_symbol
from sqlalchemy import Select, literal

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.money import format_amount
from tracktok.trips.models import Trip, TripCharge
from tracktok.trips.queries.adjustments import adjustments_of
from tracktok.trips.queries.exports import SHOWN_ID, local
from tracktok.trips.queries.statements import lines
from tracktok.trips.rules.trips import shown_id
from tracktok.web.exporting import ExportColumn, csv_pieces, export_name
from tracktok.web.filters import format_day, format_month

from .drawing import draw_statement
from .reckoning import Statement, cached

Row = tuple[Any, ...]
LABELS = (
    "Line", "Date", "Trip ID", "Start", "End", "Type", "Status", "Vehicle", "Driver", "From", "To", "Distance (km)",
    "Currency", "Amount", "Tax", "Total",
)  # fmt: skip
_COLUMNS = (
    ExportColumn("Line", literal("Trip"), "word"),
    ExportColumn("Date", TripCharge.trip_date, "date"),
    ExportColumn("Trip ID", SHOWN_ID),
    ExportColumn("Start", local(Trip.started_at), "word"),
    ExportColumn("End", local(Trip.ended_at), "word"),
    ExportColumn("Type", Trip.type, "word"),
    ExportColumn("Status", Trip.status, "word"),
    ExportColumn("Vehicle", Trip.vehicle),
    ExportColumn("Driver", Trip.driver),
    ExportColumn("From", Trip.origin),
    ExportColumn("To", Trip.destination),
    ExportColumn("Distance (km)", Trip.distance_km, "rate"),
    ExportColumn("Currency", TripCharge.currency, "word"),
    ExportColumn("Amount", TripCharge.amount, "amount", TripCharge.currency),
    ExportColumn("Tax", TripCharge.tax, "amount", TripCharge.currency),
    ExportColumn("Total", TripCharge.total, "amount", TripCharge.currency),
)
_PLAIN = (
    TripCharge.trip_date, Trip.external_id, local(Trip.started_at).label("start"), local(Trip.ended_at).label("end"),
    Trip.type, Trip.status, Trip.vehicle, Trip.driver, Trip.origin, Trip.destination, Trip.distance_km,
    TripCharge.currency, TripCharge.amount, TripCharge.tax, TripCharge.total,
)  # fmt: skip


def file_of(statement: Statement, file_format: str) -> bytes:
    """A statement as a file: `csv`, `xlsx` or `pdf`."""
    make = {"csv": _csv, "xlsx": _xlsx, "pdf": _pdf}[file_format]
    return cached(statement.row, file_format, lambda: make(statement))


def name_of(statement: Statement) -> str:
    """What the file of a statement is called, without its ending."""
    return export_name(f"statement-{statement.row.month:%Y-%m}", statement.vendor.name)


def trip_rows(statement: Statement) -> Iterator[Row]:
    """The trips of a statement as plain rows, read while they are used."""
    options = {"stream_results": True, "yield_per": 2_000}
    yield from db.session.execute(lines(_PLAIN), _keys(statement), execution_options=options)


def other_rows(statement: Statement) -> Iterator[tuple[str, Any, str, str, Decimal, Decimal, Decimal]]:
    """(kind, day, what, currency, amount, tax, total) of what stands beside the trips."""
    for part in statement.figures.parts:
        name = statement.cards.get(part.version_id, ("Rate card",))[0]
        for row in part.trace:
            amount = Decimal(row[5])
            yield "Month", part.to_day, f"{name}: {row[1]}", part.currency, amount, Decimal(0), amount
        if part.tax:
            yield "Month", part.to_day, f"{name}: tax", part.currency, Decimal(0), part.tax, part.tax
    for one in adjustments_of(statement.row.vendor_id, statement.row.month):
        what = one.reason + (f", {shown_id(one.external_id)}" if one.external_id and shown_id(one.external_id) else "")
        what = f"{format_month(one.about)}: {what}"
        yield "Adjustment", one.trip_date or one.about, what, one.currency, one.amount, one.tax, one.total


def _keys(statement: Statement) -> dict[str, Any]:
    return {"vendor": statement.row.vendor_id, "month": statement.row.month}


def _csv(statement: Statement) -> bytes:
    def statement_of(columns: Sequence[Any]) -> Select[Any]:
        return lines(columns)

    decimal = str(get_decimal_symbol(preferences().locale))
    rest = io.StringIO()
    writer = csv.writer(rest, delimiter=";" if decimal == "," else ",", lineterminator="\n")
    for kind, day, what, currency, *sums in other_rows(statement):
        amounts = [format_amount(one, currency).replace(".", decimal) for one in sums]
        writer.writerow([kind, format_day(day), _guarded(what), *[""] * 9, currency, *amounts])
    for one in statement.figures.sums:
        amounts = [
            format_amount(value, one.currency).replace(".", decimal) for value in (one.amount, one.tax, one.total)
        ]
        writer.writerow(["Total", "", *[""] * 10, one.currency, *amounts])
    return b"".join(csv_pieces(_COLUMNS, statement_of, _keys(statement))) + rest.getvalue().encode()


def _guarded(text: str) -> str:
    return f"'{text}" if text[:1] in "=+-@" else text


def _xlsx(statement: Statement) -> bytes:
    import xlsxwriter  # noqa: PLC0415 - slow to import, and needed for few requests

    made = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}  # fmt: skip
    book = xlsxwriter.Workbook(made, options)
    page = book.add_worksheet("Statement")
    page.freeze_panes(1, 0)
    bold, day_format = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    money, strong = (
        book.add_format({"num_format": "#,##0.00"}),
        book.add_format({"num_format": "#,##0.00", "bold": True}),
    )
    for place, label in enumerate(LABELS):
        page.write_string(0, place, label, bold)
        page.set_column(place, place, 22 if place in {2, 9, 10} else 13)
    at = 0
    for at, row in enumerate(trip_rows(statement), 1):
        page.write_string(at, 0, "Trip")
        page.write_datetime(at, 1, row[0], day_format)
        page.write_string(at, 2, shown_id(row[1]))
        for place, value in enumerate(row[2:10], 3):
            if value:
                page.write_string(at, place, str(value)[:32_000])
        page.write_number(at, 11, row[10])
        page.write_string(at, 12, row[11])
        for place, value in enumerate(row[12:15], 13):
            page.write_number(at, place, value, money)
    for kind, day, what, currency, *sums in other_rows(statement):
        at += 1
        page.write_string(at, 0, kind)
        page.write_datetime(at, 1, day, day_format)
        page.write_string(at, 2, what[:32_000])
        page.write_string(at, 12, currency)
        for place, value in enumerate(sums, 13):
            page.write_number(at, place, value, money)
    for one in statement.figures.sums:
        at += 1
        page.write_string(at, 0, "Total", bold)
        page.write_string(at, 12, one.currency, bold)
        for place, value in enumerate((one.amount, one.tax, one.total), 13):
            page.write_number(at, place, value, strong)
    book.close()
    return made.getvalue()


def _pdf(statement: Statement) -> bytes:
    return draw_statement(statement, trip_rows(statement), list(other_rows(statement)))


__all__ = ["file_of", "name_of", "other_rows", "trip_rows"]
