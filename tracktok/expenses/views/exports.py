"""Files of the list of expenses."""

from __future__ import annotations

from flask import Response, request

from tracktok.core.permissions import permits
from tracktok.expenses.queries.exports import export_expenses

from .blueprint import blueprint
from .expenses import read_query


@blueprint.get("/expenses/export.<any(csv, xlsx):file_format>")
@permits("expenses.export")
def export(file_format: str) -> Response:
    """All expenses that fit the filters of the address, as a file."""
    _, query = read_query(request.args)
    return export_expenses(query, file_format)
