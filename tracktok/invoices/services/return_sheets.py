"""GSTR-1 as a workbook: a sheet for each section, as an accountant reads it."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any, Final

from tracktok.invoices.rules.gstr1 import Return

SECTIONS: Final = {
    "b2b": "Registered buyers",
    "b2cl": "Large, to consumers",
    "b2cs": "To consumers",
    "exp": "Exports",
    "cdnr": "Notes, registered",
    "cdnur": "Notes, unregistered",
    "nil": "Nil-rated",
    "at": "Advances received",
    "txpd": "Advances adjusted",
    "ata": "Advances received, amended",
    "txpda": "Advances adjusted, amended",
    "hsn_b2b": "HSN, business",
    "hsn_b2c": "HSN, consumers",
    "doc_issue": "Documents issued",
}
"""The sections in the order of the form, and what people call them."""
HEADS: Final = {
    "gstin": "GSTIN", "name": "Name", "kind": "Kind", "number": "Number", "date": "Date", "value": "Value",
    "place_of_supply": "Place of supply", "reverse_charge": "Reverse charge", "supply_type": "Supply", "rate": "Rate %",
    "taxable": "Taxable value", "igst": "IGST", "cgst": "CGST", "sgst": "SGST/UTGST", "cess": "Cess",
    "month": "Month amended", "inter_state": "Inter-State", "sply_ty": "Supply", "nil_amt": "Nil-rated",
    "expt_amt": "Exempt", "ngsup_amt": "Outside GST", "hsn_sac": "HSN/SAC", "description": "Description", "unit": "UQC",
    "quantity": "Quantity",
    "doc_num": "Nature", "nature": "Documents", "from": "From", "to": "To", "total": "Total", "cancelled": "Void",
    "net": "Net issued",
}  # fmt: skip
"""Names of columns for people; what is not here is not shown."""
AMOUNTS: Final = frozenset({"value", "taxable", "igst", "cgst", "sgst", "cess", "nil_amt", "expt_amt", "ngsup_amt"})


def workbook(made: Return) -> bytes:
    """The return as XLSX. Text is text: nothing in it becomes a formula."""
    import xlsxwriter  # noqa: PLC0415 - slow to import, and needed for few requests

    file = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(file, options) as book:
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            "date": book.add_format({"num_format": "dd-mm-yyyy"}),
            "amount": book.add_format({"num_format": "#,##0.00"}),
            "total": book.add_format({"num_format": "#,##0.00", "bold": True, "top": 1}),
        }
        for name, title in SECTIONS.items():
            _write(book.add_worksheet(title), made.sections[name], formats)
        sheet = book.add_worksheet("Would be refused")
        sheet.write_row(0, 0, ["Number", "Reason"], formats["head"])
        for at, one in enumerate(made.refused, 1):
            sheet.write_string(at, 0, one.number)
            sheet.write_string(at, 1, one.reason)
        sheet.set_column(0, 0, 20)
        sheet.set_column(1, 1, 70)
    return file.getvalue()


def _write(sheet: Any, rows: list[dict[str, Any]], formats: dict[str, Any]) -> None:
    sheet.freeze_panes(1, 0)
    names = [name for name in (rows[0] if rows else ()) if name in HEADS]
    for place, name in enumerate(names):
        sheet.write_string(0, place, HEADS[name], formats["head"])
        sheet.set_column(place, place, {"name": 32, "description": 32, "nature": 28, "number": 18}.get(name, 14))
    for at, row in enumerate(rows, 1):
        for place, name in enumerate(names):
            _cell(sheet, at, place, row[name], formats["amount"] if name in AMOUNTS else None, formats)
    for place, name in enumerate(names):
        if name in AMOUNTS and name != "value":
            total = sum((row[name] for row in rows), Decimal(0))
            sheet.write_number(len(rows) + 1, place, total, formats["total"])


def _cell(sheet: Any, row: int, column: int, value: Any, number: Any, formats: dict[str, Any]) -> None:
    if isinstance(value, bool):
        sheet.write_string(row, column, "Yes" if value else "No")
    elif isinstance(value, (Decimal, int)):
        sheet.write_number(row, column, value, number)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, formats["date"])
    else:
        sheet.write_string(row, column, str(value))
