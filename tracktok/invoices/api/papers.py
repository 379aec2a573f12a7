"""The routes /api/v1/{invoices, quotes, proformas, credit-notes, debit-notes}/{id}/pdf."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.permissions import permits
from tracktok.invoices.models import DocumentKind
from tracktok.invoices.queries.documents import get_document
from tracktok.web.api import Api, path_of

from . import answers

api = Api("sales_papers", __name__, prefix="", tag="Invoices")
DocumentPath = path_of("document_id")
PDF: dict[Any, Any] = {
    200: {
        "description": "The PDF",
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def _serve(kind: DocumentKind) -> None:
    def pdf(path: DocumentPath) -> Response:  # type: ignore[valid-type]
        return answers.pdf(get_document(path.document_id, kind))  # type: ignore[attr-defined]

    pdf.__name__ = f"{kind.value}_pdf"
    pdf.__doc__ = (
        f"Get the PDF of a {kind.label.lower()}. What was issued has one file for ever, with its hash in"
        " `X-Content-SHA256`; drafts and void documents are drawn as they stand, and marked."
    )
    api.get(f"/{answers.plural(kind)}/<uuid:document_id>/pdf", responses=PDF)(permits("invoices.read")(pdf))


for _kind in DocumentKind:
    _serve(_kind)
