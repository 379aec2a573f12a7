"""The routes /api/v1/invoices."""

from __future__ import annotations

from uuid import UUID

from flask import Response
from pydantic import Field

from tracktok.core.money import format_amount
from tracktok.core.permissions import permits, require
from tracktok.invoices import services
from tracktok.invoices.models import DocumentKind
from tracktok.invoices.queries import billable
from tracktok.invoices.queries.documents import get_document
from tracktok.invoices.schemas import documents as schemas
from tracktok.invoices.schemas.lists import DocumentFilters, DocumentListOut, DocumentQuery, TotalsOut
from tracktok.web.api import Api, ListQuery, Schema, check_if_match, json_response, list_of, list_response, path_of

from . import answers

api = Api("invoices", __name__, prefix="/invoices", tag="Invoices")
InvoicePath = path_of("invoice_id")
KIND = DocumentKind.invoice


class BillableQuery(ListQuery):
    """Which billable expenses."""

    project_id: UUID | None = Field(None, description="Of this project only")


class BillableOut(Schema):
    """An expense that waits to be billed."""

    id: UUID
    title: str
    merchant: str
    amount: str
    currency: str
    expense_date: str
    project_id: UUID | None


@api.get("/", responses={200: DocumentListOut})
@permits("invoices.read")
def list_invoices(query: DocumentQuery) -> Response:
    """List invoices. Filters may be combined; `totals=1` adds what all that fit come to."""
    return answers.listed(KIND, query)


@api.post("/", responses={201: schemas.DocumentWritten})
@permits("invoices.write")
def create(body: schemas.InvoiceIn) -> Response:
    """Make a draft invoice. It gets its number when it is finalized."""
    return answers.written(services.create_document(KIND, body), 201)


@api.get("/summary", responses={200: TotalsOut})
@permits("invoices.read")
def summary(query: DocumentFilters) -> Response:
    """What the invoices that fit come to, by currency; those that are void count nothing."""
    return json_response(answers.totals(KIND, query))


@api.post("/preview", responses={200: schemas.DocumentWritten})
@permits("invoices.write")
def preview(body: schemas.InvoiceIn) -> Response:
    """Compute an invoice without keeping it: lines, taxes and totals as they would be."""
    return json_response(services.preview(KIND, body))


@api.get("/billable-expenses", responses={200: list_of(BillableOut)})
@permits("invoices.write")
def list_billable(query: BillableQuery) -> Response:
    """List the billable expenses that no invoice bills yet, the oldest first."""
    page = billable.list_billable(limit=query.limit, cursor=query.cursor, project_id=query.project_id)
    data = [
        {
            "id": row.id,
            "title": row.title,
            "merchant": row.merchant,
            "amount": format_amount(row.amount, row.currency),
            "currency": row.currency,
            "expense_date": row.expense_date,
            "project_id": row.project_id,
        }
        for row in page.rows
    ]
    return list_response(page, data)


@api.get("/<uuid:invoice_id>", responses={200: schemas.DocumentOut})
@permits("invoices.read")
def show(path: InvoicePath) -> Response:  # type: ignore[valid-type]
    """Get an invoice with its lines, taxes and parties."""
    return answers.shown(get_document(path.invoice_id, KIND))  # type: ignore[attr-defined]


@api.put("/<uuid:invoice_id>", responses={200: schemas.DocumentWritten})
@permits("invoices.write")
def replace(path: InvoicePath, body: schemas.InvoiceIn) -> Response:  # type: ignore[valid-type]
    """Change a draft as a whole. An issued invoice answers 409 and names the way."""
    invoice = get_document(path.invoice_id, KIND, for_update=True)  # type: ignore[attr-defined]
    check_if_match(invoice.version)
    return answers.written(services.change_document(invoice, body))


@api.patch("/<uuid:invoice_id>", responses={200: schemas.DocumentWritten})
@permits("invoices.write")
def patch(path: InvoicePath, body: schemas.InvoicePatch) -> Response:  # type: ignore[valid-type]
    """Change what is named of a draft."""
    invoice = get_document(path.invoice_id, KIND, for_update=True)  # type: ignore[attr-defined]
    check_if_match(invoice.version)
    return answers.written(services.patch_document(invoice, body))


@api.delete("/<uuid:invoice_id>", responses={204: None})
@permits("invoices.write")
def delete(path: InvoicePath) -> Response:  # type: ignore[valid-type]
    """Delete a draft. An issued invoice answers 409 and names the way."""
    invoice = get_document(path.invoice_id, KIND, for_update=True)  # type: ignore[attr-defined]
    check_if_match(invoice.version)
    services.delete_document(invoice)
    return Response(status=204)


@api.post("/<uuid:invoice_id>/finalize", responses={200: schemas.DocumentWritten})
@permits("invoices.finalize")
def finalize(path: InvoicePath, query: schemas.FinalizeQuery) -> Response:  # type: ignore[valid-type]
    """Issue a draft: it gets the next number of its series, and stands in the books.

    With `apply_deposits=true` the customer's deposits pay it, and its paper says so:
    for that one needs `receipts.write` too.
    """
    check_if_match(lambda: get_document(path.invoice_id, KIND).version)  # type: ignore[attr-defined]
    if query.apply_deposits:
        require("receipts.write")
        return answers.written(services.finalize_with_deposits(path.invoice_id))  # type: ignore[attr-defined]
    return answers.written(services.finalize_document(path.invoice_id, KIND))  # type: ignore[attr-defined]


@api.post("/<uuid:invoice_id>/apply-deposits", responses={200: schemas.DocumentOut})
@permits("receipts.write")
def apply_deposits(path: InvoicePath) -> Response:  # type: ignore[valid-type]
    """Let the customer's deposits pay an issued invoice: those for its quote or proforma first, then the oldest."""
    check_if_match(get_document(path.invoice_id, KIND).version)  # type: ignore[attr-defined]
    return answers.shown(services.apply_deposits(path.invoice_id))  # type: ignore[attr-defined]


@api.post("/<uuid:invoice_id>/void", responses={200: schemas.DocumentWritten})
@permits("invoices.finalize")
def void(path: InvoicePath, body: schemas.VoidIn) -> Response:  # type: ignore[valid-type]
    """Make an issued invoice void: its entry is reversed, its number stays. Not when something was paid or credited."""
    invoice = get_document(path.invoice_id, KIND, for_update=True)  # type: ignore[attr-defined]
    check_if_match(invoice.version)
    return answers.changed(services.void_document(invoice, body.reason))


@api.post("/<uuid:invoice_id>/uncollectible", responses={200: schemas.DocumentWritten})
@permits("invoices.finalize")
def uncollectible(path: InvoicePath, body: schemas.Reason) -> Response:  # type: ignore[valid-type]
    """Give up what is owed on an invoice: it goes to bad debts."""
    invoice = get_document(path.invoice_id, KIND, for_update=True)  # type: ignore[attr-defined]
    check_if_match(invoice.version)
    return answers.changed(services.mark_uncollectible(invoice, body.reason))


@api.post("/<uuid:invoice_id>/reopen", responses={200: schemas.DocumentWritten})
@permits("invoices.finalize")
def reopen(path: InvoicePath) -> Response:  # type: ignore[valid-type]
    """Expect the money of an uncollectible invoice again."""
    invoice = get_document(path.invoice_id, KIND, for_update=True)  # type: ignore[attr-defined]
    return answers.changed(services.reopen_document(invoice))


@api.post("/<uuid:invoice_id>/duplicate", responses={201: schemas.DocumentWritten})
@permits("invoices.write")
def duplicate(path: InvoicePath) -> Response:  # type: ignore[valid-type]
    """Make a new draft like an invoice, of today. Expenses that it billed are not billed again."""
    return answers.written(services.duplicate_document(get_document(path.invoice_id, KIND)), 201)  # type: ignore[attr-defined]
