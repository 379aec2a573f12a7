"""Quotes and proformas: sent, accepted, declined, and turned into an invoice once."""

from __future__ import annotations

from uuid import UUID

from tracktok.core import clock
from tracktok.core.db import db
from tracktok.core.errors import Conflict
from tracktok.invoices.models import DocumentKind, SalesDocument
from tracktok.invoices.queries import documents as queries
from tracktok.invoices.rules import statuses
from tracktok.invoices.schemas.documents import InvoiceIn
from tracktok.invoices.signals import quote_answered

from .drafts import Written, create_document, values_of
from .issuing import IllegalStatus, finalize_document, next_status

_NOT_CARRIED = {"date", "valid_until", "exchange_rate"}


class AlreadyInvoiced(Conflict):
    code, title = "already_invoiced", "An invoice was made of this already"


def send_quote(quote_id: UUID) -> Written:
    """Give a draft its number and mark it as sent; one that was sent already is marked again.

    The mail is of those who hear `document_finalized`, or of a person who hands it over.
    """
    quote = queries.get_document(quote_id, DocumentKind.quote, for_update=True)
    written = (
        finalize_document(quote_id, DocumentKind.quote, action="send")
        if quote.status == statuses.DRAFT
        else Written(quote, queries.lines_of(quote_id))
    )
    if written.document.status != statuses.SENT:
        raise IllegalStatus(f"This quote is {written.document.status}; it is not sent again.")
    written.document.sent_at = clock.now()
    db.session.flush()
    db.session.refresh(written.document)
    return written


def answer_quote(quote_id: UUID, *, accepted: bool, reason: str = "") -> SalesDocument:
    """Note that the customer accepts or declines a quote. Raises IllegalStatus (409)."""
    quote = queries.get_document(quote_id, DocumentKind.quote, for_update=True)
    action = "accept" if accepted else "decline"
    if accepted and quote.status == statuses.DRAFT:
        quote = finalize_document(quote_id, DocumentKind.quote, action=action).document
    else:
        quote.status = next_status(quote, action)
    quote.reason = reason or quote.reason
    db.session.flush()
    quote_answered.send(None, document=quote)
    db.session.refresh(quote)
    return quote


def convert_document(document_id: UUID, kind: DocumentKind) -> Written:
    """Make a draft invoice of a quote or proforma, of today, at its prices. Once only.

    A quote that was sent is accepted by it. Raises AlreadyInvoiced or IllegalStatus (409).
    """
    document = queries.get_document(document_id, kind, for_update=True)
    if document.status == statuses.INVOICED:
        made = queries.invoice_made_of(document.id)
        where = f"invoice {made.number}" if made and made.number else "a draft invoice"
        raise AlreadyInvoiced(f"{document.number} is {where} already.", invoice_id=str(made.id) if made else None)
    if kind is DocumentKind.quote and document.status in {statuses.SENT, statuses.EXPIRED}:
        document.status = next_status(document, "accept")
    document.status = next_status(document, "invoice")
    values = values_of(document, queries.lines_of(document.id))
    kept = {name: value for name, value in values.items() if name not in _NOT_CARRIED}
    # A price that was quoted holds, and so does its currency, whatever the customer's is now.
    body = InvoiceIn.model_validate({**kept, "currency": document.currency})
    body.reference = body.reference or (document.number or "")
    written = create_document(DocumentKind.invoice, body, original_id=document.id)
    db.session.flush()
    return written
