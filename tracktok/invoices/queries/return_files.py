"""Returns and e-invoices as files for portals and accountants."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
from flask import Response

from tracktok.invoices.rules.gstr1 import Return

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_numbers(value: Any) -> Any:
    """What the portals read: amounts as JSON numbers, to the last paisa as they are (a float would not hold them)."""
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    if isinstance(value, dict):
        return {key: as_numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_numbers(one) for one in value]
    return value


def portal_file(content: Any, name: str) -> Response:
    """A JSON file for a portal."""
    response = Response(orjson.dumps(as_numbers(content), option=orjson.OPT_INDENT_2), content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return response


def return_name(made: Return) -> str:
    """What files of a return are called."""
    return f"GSTR1-{made.gstin}-{made.month:%Y-%m}"


def sheet_file(made: Return, workbook: bytes) -> Response:
    """The return as a workbook."""
    response = Response(workbook, content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{return_name(made)}.xlsx"'
    return response
