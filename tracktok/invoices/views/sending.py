"""Sending a document by mail; the link of a customer's page; the end of a dispute."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, url_for

from tracktok.core.permissions import permits
from tracktok.customers.queries import get_customer
from tracktok.invoices.models import SalesDocument
from tracktok.invoices.queries.documents import get_document
from tracktok.invoices.queries.parties import find_customer
from tracktok.invoices.queries.recipients import recipients_of
from tracktok.invoices.schemas.sending import SendIn
from tracktok.invoices.services import portal, sending
from tracktok.web.filters import plural
from tracktok.web.forms import Form
from tracktok.web.render import redirect_to, render, toast
from tracktok.web.saving import go_on, save

from .actions import with_reason
from .blueprint import here, pages

OWED = ("invoices", "debit_notes")


@pages("/<uuid:document_id>/send")
@permits("invoices.send")
def send(document_id: UUID) -> Response:
    """Ask before a document is mailed: to whom, and with which words."""
    document = get_document(document_id, here().kind)
    if document.number is None:
        toast("Finalize it first: what is sent has a number.", "warning")
        return redirect_to(url_for(".show", document_id=document_id))
    customer = find_customer(document.customer_id)
    to = recipients_of(customer) if customer is not None else []
    filled = {"to": ", ".join(to), "subject": sending.subject_of(document), "message": sending.message_of(document)}
    return _ask(document, Form(filled))


def _ask(document: SalesDocument, form: Form[Any]) -> Response:
    return render(
        "invoices/send.html", block={"modal-body": "question", "*": "form"}, status=form.status, form=form,
        section=here(), document=document,
    )  # fmt: skip


@pages("/<uuid:document_id>/send", methods=("POST",))
@permits("invoices.send")
def mail(document_id: UUID) -> Response:
    """Mail a document."""
    document = get_document(document_id, here().kind, for_update=True)
    form = Form.read(SendIn)
    if form.data is not None and form.data.to is None:
        form.data.to = []
    return save(
        form,
        lambda body: sending.send_document(document, body),
        lambda to: go_on(
            f"{document.number} is on its way to {to[0] if len(to) == 1 else plural(len(to), 'address', 'addresses')}",
            url_for(".show", document_id=document_id),
        ),
        lambda refused: _ask(document, refused),
    )


@pages("/<uuid:document_id>/resolve", methods=("POST",), of=OWED)
@permits("invoices.send")
def resolve(document_id: UUID) -> Response:
    """End the dispute of a document."""
    return with_reason(document_id, "resolve", portal.resolve_dispute)


@pages("/customer-page/<uuid:customer_id>", of=("invoices",))
@permits("invoices.send")
def customer_page(customer_id: UUID) -> Response:
    """The link of a customer's own page, to be copied or made invalid."""
    customer = get_customer(customer_id)
    return render("invoices/customer_page.html", customer=customer, link=portal.portal_link(customer))


@pages("/customer-page/<uuid:customer_id>/revoke", methods=("POST",), of=("invoices",))
@permits("invoices.send")
def revoke(customer_id: UUID) -> Response:
    """Make all links that a customer was sent invalid."""
    portal.revoke_links(get_customer(customer_id, for_update=True))
    return go_on("Old links are invalid now", url_for(".customer_page", customer_id=customer_id))
