"""What the routes of documents answer with."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.money import format_amount
from tracktok.core.storage import read_chunks
from tracktok.invoices.models import DocumentKind, SalesDocument
from tracktok.invoices.queries import lists, present
from tracktok.invoices.schemas.lists import DocumentFilters, DocumentQuery
from tracktok.invoices.services import Written, paper
from tracktok.web.api import json_response, list_response


def plural(kind: DocumentKind) -> str:
    """The kind in addresses: `credit-notes`."""
    return f"{kind.value.replace('_', '-')}s"


def written(done: Written, status: int = 200) -> Response:
    """A document after a change, with its warnings."""
    body = {
        **present.view(done.document, done.lines),
        "warnings": [warning.as_dict() for warning in done.warnings],
    }
    location = f"/api/v1/{plural(DocumentKind(done.document.kind))}/{done.document.id}" if status == 201 else None
    return json_response(body, status, etag=done.document.version, location=location)


def shown(document: SalesDocument) -> Response:
    """A document as it stands."""
    return json_response(present.view(document), etag=document.version)


def changed(document: SalesDocument) -> Response:
    """A document whose status was changed, with no warnings."""
    return json_response({**present.view(document), "warnings": []}, etag=document.version)


def pdf(document: SalesDocument) -> Response:
    """The file of a document; `X-Content-SHA256` is the hash of what was kept at issue."""
    found = paper.pdf_of(document)
    response = Response(read_chunks(found.stream), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{found.filename}"'
    response.headers["Content-Length"] = str(found.size)
    if found.sha256 is not None:
        response.headers["X-Content-SHA256"] = found.sha256.hex()
    return response


def listed(kind: DocumentKind, query: DocumentQuery) -> Response:
    """A page of documents, with totals on demand; or all of them as a file."""
    if query.format != "json":
        return lists.export_documents(kind, query, query.format)
    page = lists.list_documents(kind, query)
    today, base = clock.today(preferences().timezone), preferences().currency
    data = [present.row(row, today, base) for row in page.rows]
    if not query.totals:
        return list_response(page, data)
    return json_response(
        {
            "object": "list",
            "data": data,
            "has_more": page.has_more,
            "next_cursor": page.next_cursor,
            "totals": totals(kind, query),
        }
    )


def totals(kind: DocumentKind, filters: DocumentFilters) -> dict[str, Any]:
    """What the documents that fit come to."""
    rows = lists.totals(kind, filters)
    base = preferences().currency
    return {
        "count": sum(row.items for row in rows),
        "base_currency": base,
        "base_total": format_amount(sum((row.base_total for row in rows), present.Decimal(0)), base),
        "by_currency": [
            {
                "currency": row.currency,
                "count": row.items,
                "total": format_amount(row.total, row.currency),
                "amount_paid": format_amount(row.amount_paid, row.currency),
                "amount_due": format_amount(row.amount_due, row.currency),
            }
            for row in rows
        ],
    }
