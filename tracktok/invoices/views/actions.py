"""What buttons do with a document: finalize, void, give up, expect again, copy, delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from tracktok.core.errors import Invalid
from tracktok.core.permissions import permits, require
from tracktok.invoices import services
from tracktok.invoices.models import SalesDocument
from tracktok.invoices.queries.documents import get_document
from tracktok.invoices.schemas.documents import Reason
from tracktok.invoices.services.bulk import finalize_one
from tracktok.web.forms import Form
from tracktok.web.render import toast
from tracktok.web.saving import attempt, go_on, save

from .blueprint import EVERY, WRITTEN, here, pages
from .record import QUESTIONS, ask, ask_to_finalize

OWED = ("invoices", "debit_notes")


@pages("/<uuid:document_id>/finalize", methods=("POST",))
@permits("invoices.write")
def finalize(document_id: UUID) -> Response:
    """Issue a draft; a quote is sent by it."""
    section = here()
    require(section.issues)
    document = get_document(document_id, section.kind)
    takes_deposits = request.form.get("apply_deposits") == "1" and section.name == "invoices"
    if takes_deposits:
        require("receipts.write")
    return save(
        Form.read(Reason),
        lambda _: (
            services.finalize_with_deposits(document_id) if takes_deposits else finalize_one(section.kind, document_id)
        ),
        _finalized,
        lambda form: ask_to_finalize(document, form),
        version=document.version,
    )


def _finalized(made: Any) -> Response:
    document = made.document
    for warning in made.warnings:
        toast(warning.detail, "warning")
    word = "sent" if document.status == "sent" else "finalized"
    return go_on(f"{document.number} {word}", url_for(".show", document_id=document.id))


def with_reason(document_id: UUID, action: str, call: Callable[[SalesDocument, str], Any]) -> Response:
    """What follows from the answer to one of the QUESTIONS."""
    """Do what asks for a reason first; without one, ask again."""
    document = get_document(document_id, here().kind, for_update=True)
    question = QUESTIONS[action]

    def act(body: Reason) -> Any:
        if question.required and not body.reason.strip():
            raise Invalid.at("reason", "Say why; it stands in the history.")
        return call(document, body.reason.strip())

    return save(
        Form.read(Reason),
        act,
        lambda _: go_on(f"{document.number} {question.done}", url_for(".show", document_id=document_id)),
        lambda form: ask(document, action, form),
    )


@pages("/<uuid:document_id>/void", methods=("POST",))
@permits("invoices.finalize")
def void(document_id: UUID) -> Response:
    """Make an issued document void."""
    return with_reason(document_id, "void", services.void_document)


@pages("/<uuid:document_id>/uncollectible", methods=("POST",), of=OWED)
@permits("invoices.finalize")
def uncollectible(document_id: UUID) -> Response:
    """Give up what is owed."""
    return with_reason(document_id, "uncollectible", services.mark_uncollectible)


@pages("/<uuid:document_id>/reopen", methods=("POST",), of=OWED)
@permits("invoices.finalize")
def reopen(document_id: UUID) -> Response:
    """Expect the money again."""
    document = get_document(document_id, here().kind, for_update=True)
    back = url_for(".show", document_id=document_id)
    return attempt(
        lambda: services.reopen_document(document),
        lambda _: go_on(f"{document.number} is expected again", back),
        back,
    )


@pages("/<uuid:document_id>/duplicate", methods=("POST",), of=WRITTEN)
@permits("invoices.write")
def duplicate(document_id: UUID) -> Response:
    """Make a new draft like a document, and go on in its form."""
    section = here()
    document = get_document(document_id, section.kind)
    return attempt(
        lambda: services.duplicate_document(document),
        lambda made: go_on(
            f"This is the copy: a draft {section.noun} of today", url_for(".edit", document_id=made.document.id)
        ),
        url_for(".show", document_id=document_id),
    )


@pages("/<uuid:document_id>/delete", methods=("POST",), of=EVERY)
@permits("invoices.write")
def delete(document_id: UUID) -> Response:
    """Delete a draft."""
    document = get_document(document_id, here().kind, for_update=True)
    return attempt(
        lambda: services.delete_document(document),
        lambda _: go_on("Draft deleted", url_for(".index")),
        url_for(".show", document_id=document_id),
    )


@pages("/<uuid:document_id>/apply-deposits", methods=("POST",), of=("invoices",))
@permits("receipts.write")
def apply_deposits(document_id: UUID) -> Response:
    """Let what the customer paid in advance pay an issued invoice."""
    back = url_for(".show", document_id=get_document(document_id, here().kind).id)
    return attempt(
        lambda: services.apply_deposits(document_id),
        lambda done: go_on(f"Advances pay {done.number}", back),
        back,
    )
