"""What paid a document, write-offs, refunds of credit notes; and how customers stand: balance and statement."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from tracktok.core.permissions import permits, require
from tracktok.customers.queries import get_customer
from tracktok.invoices import services
from tracktok.invoices.models import DocumentKind
from tracktok.invoices.queries import receipt_views as present
from tracktok.invoices.queries import standing_views
from tracktok.invoices.queries.documents import get_document
from tracktok.invoices.queries.receipts import get_allocation
from tracktok.invoices.schemas import receipts as schemas
from tracktok.web.api import Api, Schema, check_if_match, json_response, path_of

customers = Api("customer_standing", __name__, prefix="/customers", tag="Customers")
notes = Api("credit_note_refunds", __name__, prefix="/credit-notes", tag="Credit notes")
CustomerPath = path_of("customer_id")
NotePath = path_of("note_id")
OwedPath = path_of("owed_id")


class PaymentPath(Schema):
    """What paid a document."""

    owed_id: UUID
    allocation_id: UUID


def _payments(kind: DocumentKind, name: str, tag: str) -> Api:
    """The routes of what paid documents of a kind."""
    api = Api(f"{kind.value}_payments", __name__, prefix=f"/{name}", tag=tag)
    thing = kind.label.lower()
    here = "/<uuid:owed_id>"

    def found(path: Any, *, for_update: bool = False) -> Any:
        return get_document(path.owed_id, kind, for_update=for_update)

    @api.get(f"{here}/payments", responses={200: schemas.PaymentsOut}, summary=f"List what paid a {thing}")
    @permits("receipts.read")
    def payments(path: OwedPath) -> Response:  # type: ignore[valid-type]
        return json_response(present.payments(found(path)))

    @api.post(
        f"{here}/payments/<uuid:allocation_id>/take-back",
        responses={200: schemas.PaymentsOut},
        summary=f"Take back a payment, credit or write-off of a {thing}",
    )
    @permits("receipts.write")
    def take_back(path: PaymentPath) -> Response:
        document = found(path)
        allocation = get_allocation(path.allocation_id, document_id=document.id)
        if allocation.receipt_id is None:
            require("invoices.finalize")
        services.take_back(allocation.id)
        return json_response(present.payments(found(path, for_update=True)))

    @api.post(
        f"{here}/write-off",
        responses={200: schemas.PaymentsOut},
        summary=f"Give up what is open on a {thing}, or an amount of it",
        description="Small differences are rounding, larger ones bad debts.",
    )
    @permits("invoices.finalize")
    def write_off(path: OwedPath, body: schemas.WriteOffIn) -> Response:  # type: ignore[valid-type]
        document = found(path)
        check_if_match(document.version)
        services.write_off(document.id, body.amount, body.reason)
        return json_response(present.payments(found(path, for_update=True)))

    return api


invoices = _payments(DocumentKind.invoice, "invoices", "Invoices")
debit_notes = _payments(DocumentKind.debit_note, "debit-notes", "Debit notes")


@notes.post("/<uuid:note_id>/refund", responses={201: schemas.RefundOut})
@permits("receipts.write")
def refund_note(path: NotePath, body: schemas.RefundIn) -> Response:  # type: ignore[valid-type]
    """Give back what is open of a credit note, or an amount of it, as money."""
    note = get_document(path.note_id, DocumentKind.credit_note)  # type: ignore[attr-defined]
    check_if_match(note.version)
    return json_response(present.refund(services.refund_credit_note(note.id, body)), 201)


@customers.get("/<uuid:customer_id>/balance", responses={200: schemas.BalanceOut})
@permits("receipts.read")
def balance(path: CustomerPath) -> Response:  # type: ignore[valid-type]
    """How a customer stands: what is owed, what of it is overdue and how long, what they have as credit."""
    customer = get_customer(path.customer_id)  # type: ignore[attr-defined]
    return json_response(standing_views.balance(customer))


@customers.get("/<uuid:customer_id>/statement", responses={200: schemas.StatementOut})
@permits("receipts.read")
def statement(path: CustomerPath, query: schemas.CustomerStatementQuery) -> Response:  # type: ignore[valid-type]
    """A customer's account: invoices, notes, receipts, refunds and write-offs, with the balance after each."""
    customer = get_customer(path.customer_id)  # type: ignore[attr-defined]
    if query.format != "json":
        return standing_views.export_statement(customer, query, query.format)
    return json_response(standing_views.statement(customer, query))
