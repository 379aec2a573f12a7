"""The routes /api/v1/expenses/{id}/receipts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from pydantic import Field

from tracktok.core.permissions import permits
from tracktok.expenses.queries import expenses as expense_queries
from tracktok.expenses.queries import receipts as queries
from tracktok.expenses.schemas import receipts as schemas
from tracktok.expenses.services import receipts as services
from tracktok.web.api import Api, Schema, instant, json_response, list_of, path_of

from . import present

api = Api("receipts", __name__, prefix="/expenses", tag="Receipts")
ExpensePath = path_of("expense_id")
_UPLOAD: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {
                    "files": {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1}
                },
                "required": ["files"],
            }
        }
    },
}


class ReceiptPath(Schema):
    """An expense and one of its receipts."""

    expense_id: UUID = Field(description="The expense")
    receipt_id: UUID = Field(description="The receipt")


def _all(expense_id: UUID) -> list[dict[str, Any]]:
    twins = queries.twins_of(expense_id)
    return [
        {
            "id": row.id,
            "expense_id": row.expense_id,
            "filename": row.filename,
            "content_type": row.content_type,
            "size": row.size,
            "url": f"/files/{row.file_id}",
            "thumbnail_url": f"/files/{row.file_id}/thumbnail" if row.thumbnail_key else None,
            "duplicate_of": twins.get(row.id, []),
            "created_at": instant(row.created_at),
        }
        for row in queries.receipts_of(expense_id)
    ]


@api.get("/<uuid:expense_id>/receipts", responses={200: list_of(schemas.ReceiptOut)})
@permits("expenses.read")
def list_receipts(path: ExpensePath) -> Response:  # type: ignore[valid-type]
    """List the receipts of an expense."""
    expense_queries.get_row(path.expense_id, deleted=True)  # type: ignore[attr-defined]
    data = _all(path.expense_id)  # type: ignore[attr-defined]
    return json_response({"object": "list", "data": data, "has_more": False, "next_cursor": None})


@api.post("/<uuid:expense_id>/receipts", request_body=_UPLOAD, responses={201: schemas.ReceiptsAdded})
@permits("expenses.write")
def add(path: ExpensePath) -> Response:  # type: ignore[valid-type]
    """Add receipts: multipart, one or more parts named `files` (or `file`). Images and PDF, 10 MB each."""
    files = [one for one in (*request.files.getlist("files"), *request.files.getlist("file")) if one.filename]
    made, warnings = services.add_receipts(path.expense_id, files)  # type: ignore[attr-defined]
    new = {receipt.id for receipt in made}
    data = [row for row in _all(path.expense_id) if row["id"] in new]  # type: ignore[attr-defined]
    return json_response({"object": "list", "data": data, "warnings": present.warnings(warnings)}, 201)


@api.delete("/<uuid:expense_id>/receipts/<uuid:receipt_id>", responses={204: None})
@permits("expenses.write")
def remove(path: ReceiptPath) -> Response:
    """Take a receipt off an expense."""
    expense = expense_queries.get_expense(path.expense_id)
    services.remove_receipt(expense, queries.get_receipt(path.expense_id, path.receipt_id))
    return Response(status=204)
