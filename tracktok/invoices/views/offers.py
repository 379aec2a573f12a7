"""What becomes of quotes and proformas: accepted, declined, made an invoice."""

from __future__ import annotations

from uuid import UUID

from flask import Response, url_for

from tracktok.core.permissions import permits
from tracktok.invoices import services
from tracktok.invoices.queries.documents import get_document
from tracktok.web.saving import attempt, go_on

from .actions import with_reason
from .blueprint import here, pages

QUOTES, OFFERS = ("quotes",), ("quotes", "proformas")


@pages("/<uuid:document_id>/accept", methods=("POST",), of=QUOTES)
@permits("invoices.write")
def accept(document_id: UUID) -> Response:
    """Note that the customer accepts a quote."""
    get_document(document_id, here().kind)  # what is not there is told as such, not as a refusal
    back = url_for(".show", document_id=document_id)
    return attempt(
        lambda: services.answer_quote(document_id, accepted=True),
        lambda quote: go_on(f"{quote.number} is accepted", back),
        back,
    )


@pages("/<uuid:document_id>/decline", methods=("POST",), of=QUOTES)
@permits("invoices.write")
def decline(document_id: UUID) -> Response:
    """Note that the customer declines a quote, and why."""
    return with_reason(
        document_id, "decline", lambda quote, reason: services.answer_quote(quote.id, accepted=False, reason=reason)
    )


@pages("/<uuid:document_id>/convert", methods=("POST",), of=OFFERS)
@permits("invoices.write")
def convert(document_id: UUID) -> Response:
    """Make a draft invoice of it, once, and go on in its form."""
    section = here()
    get_document(document_id, section.kind)
    return attempt(
        lambda: services.convert_document(document_id, section.kind),
        lambda made: go_on(
            f"A draft invoice was made of this {section.noun}", url_for("invoices.edit", document_id=made.document.id)
        ),
        url_for(".show", document_id=document_id),
    )
