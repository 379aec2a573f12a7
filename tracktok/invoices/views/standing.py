"""Statements of customers; write-offs and refunds that begin at a document; what paid a document, taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core.context import preferences
from tracktok.core.permissions import permits, require
from tracktok.customers.queries import company_choices, get_customer
from tracktok.customers.services import default_company
from tracktok.invoices import services
from tracktok.invoices.models import DocumentKind
from tracktok.invoices.queries import standing, standing_views
from tracktok.invoices.queries.documents import get_document
from tracktok.invoices.rules.statuses import OPEN_INVOICES
from tracktok.invoices.schemas.receipts import CustomerStatementQuery, WriteOffIn
from tracktok.invoices.services.writing_off import tolerance
from tracktok.web.addresses import address
from tracktok.web.filters import format_money, today
from tracktok.web.forms import Form
from tracktok.web.render import redirect_to, render
from tracktok.web.saving import attempt, go_on, save

from .receipts import allocation_of_form, ask_refund, blueprint, refund_by

_ENDPOINTS = {
    "invoice": "invoices.show", "debit_note": "debit_notes.show", "credit_note": "credit_notes.show",
    "write_off": "invoices.any_document",
}  # fmt: skip


def _query() -> tuple[Form[CustomerStatementQuery], CustomerStatementQuery]:
    known = {name: request.args[name] for name in ("from", "to", "currency") if request.args.get(name)}
    form = Form.read(CustomerStatementQuery, MultiDict(known))
    if form.data is not None:
        return form, form.data
    return form, CustomerStatementQuery.model_validate({})


def _href(move: standing.Move) -> str:
    """Where a movement has its page."""
    if move.kind == "receipt":
        return url_for("receipts.show", receipt_id=move.id)
    endpoint = _ENDPOINTS.get(move.kind)
    return url_for(endpoint, document_id=move.id) if endpoint else ""


def _ages(one: standing.Standing) -> list[tuple[str, str]]:
    """(label, amount) of what is open, by age."""
    return [
        ("Not due yet" if bucket.key == "current" else bucket.label, format_money(amount, one.currency))
        for bucket, amount in one.ageing(today())
    ]


@blueprint.get("/statement/<uuid:customer_id>")
@permits("receipts.read")
def statement(customer_id: UUID) -> Response:
    """A customer's account over some days, to look at, print or download."""
    customer = get_customer(customer_id)
    form, query = _query()
    start, until = standing_views.days_of(query)
    accounts = standing.statement(customer.id, start, until, query.currency)
    for name, day in (("from", start), ("to", until)):
        if not form.text(name):
            form.values.update(Form({name: day}).values)
    now = today()
    first = now.replace(day=1)
    year_start = standing_views.year_start(now)
    spans = [
        ("This month", first, now),
        ("Last month", (first - timedelta(days=1)).replace(day=1), first - timedelta(days=1)),
        ("90 days", now - timedelta(days=standing_views.DAYS), now),
        ("This year", year_start, now),
    ]
    return render(
        "invoices/statement.html", block={"statement": "statement", "*": "statement"}, customer=customer, form=form,
        accounts=accounts, start=start, until=until, described=standing_views.described, href_of=_href,
        base=preferences().currency, company=default_company(), several=len(company_choices()) > 1,
        spans=[
            (label, address({"from": one.isoformat(), "to": two.isoformat()}), (one, two) == (start, until))
            for label, one, two in spans
        ],
        here={name: value for name, value in request.args.items() if name in {"from", "to", "currency"}},
        ages=_ages, standings=standing.standings(customer.id, now) if until == now else [],
    )  # fmt: skip


@blueprint.get("/statement/<uuid:customer_id>/export.<any(csv, xlsx):file_format>")
@permits("receipts.read")
def export_statement(customer_id: UUID, file_format: str) -> Response:
    """The same as a file."""
    _, query = _query()
    return standing_views.export_statement(get_customer(customer_id), query, file_format)


# Of documents -------------------------------------------------------------------------------------------------------


def _back(document: Any) -> str:
    return url_for("invoices.any_document", document_id=document.id)


@blueprint.get("/write-off/<uuid:document_id>")
@permits("invoices.finalize")
def writing_off(document_id: UUID) -> Response:
    """Ask how much of a document is given up."""
    document = get_document(document_id, DocumentKind.invoice, DocumentKind.debit_note)
    if document.status not in OPEN_INVOICES or not document.amount_due:
        return redirect_to(_back(document))
    return _ask_write_off(document, Form({"amount": document.amount_due}))


def _ask_write_off(document: Any, form: Form[Any]) -> Response:
    return render(
        "invoices/write_off.html", block={"modal-body": "question", "*": "form"}, status=form.status, form=form,
        document=document, tolerance=tolerance(), base=preferences().currency, back=_back(document),
    )  # fmt: skip


@blueprint.post("/write-off/<uuid:document_id>")
@permits("invoices.finalize")
def write_off(document_id: UUID) -> Response:
    """Give up what is open on a document, or an amount of it."""
    document = get_document(document_id, DocumentKind.invoice, DocumentKind.debit_note)
    return save(
        Form.read(WriteOffIn),
        lambda body: services.write_off(document_id, body.amount, body.reason),
        lambda _: go_on(f"Written off on {document.number}", _back(document)),
        lambda form: _ask_write_off(document, form),
    )


@blueprint.post("/of-document/<uuid:document_id>/take-back")
@permits("receipts.write")
def take_back(document_id: UUID) -> Response:
    """Take back what a receipt, a credit or a write-off paid of a document."""
    document = get_document(document_id, DocumentKind.invoice, DocumentKind.debit_note)
    allocation = allocation_of_form(document_id=document_id)
    if allocation.receipt_id is None:
        require("invoices.finalize")
    back = _back(document)
    return attempt(
        lambda: services.take_back(allocation.id), lambda _: go_on(f"Taken back from {document.number}", back), back
    )


@blueprint.get("/refund-note/<uuid:document_id>")
@permits("receipts.write")
def refunding_note(document_id: UUID) -> Response:
    """The form of a refund of a credit note."""
    note = get_document(document_id, DocumentKind.credit_note)
    return _ask_refund_note(
        document_id, Form({"amount": note.amount_due, "refund_date": today(), "method": "bank_transfer"})
    )


def _ask_refund_note(document_id: UUID, form: Form[Any]) -> Response:
    note = get_document(document_id, DocumentKind.credit_note)
    return ask_refund(
        form, note.number, note.currency, note.amount_due, url_for(".refund_note", document_id=document_id),
        url_for("credit_notes.show", document_id=document_id),
    )  # fmt: skip


@blueprint.post("/refund-note/<uuid:document_id>")
@permits("receipts.write")
def refund_note(document_id: UUID) -> Response:
    """Give back what is open of a credit note."""
    note = get_document(document_id, DocumentKind.credit_note)
    return refund_by(
        lambda body: services.refund_credit_note(document_id, body),
        note.number,
        url_for("credit_notes.show", document_id=document_id),
        lambda form: _ask_refund_note(document_id, form),
    )
