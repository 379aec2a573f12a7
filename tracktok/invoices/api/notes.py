"""The routes /api/v1/credit-notes and /api/v1/debit-notes."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.permissions import permits, require
from tracktok.invoices import services
from tracktok.invoices.models import DocumentKind
from tracktok.invoices.queries.documents import get_document, lock_documents
from tracktok.invoices.schemas import documents as schemas
from tracktok.invoices.schemas.lists import DocumentListOut, DocumentQuery
from tracktok.web.api import Api, check_if_match, path_of

from . import answers

NotePath = path_of("note_id")


def _create(kind: DocumentKind, body: Any) -> Response:
    if body.finalize:
        require("invoices.finalize")
    done = services.create_note(kind, body)
    if body.finalize:
        done = services.finalize_note(done.document.id, kind, apply=getattr(body, "apply", None))
    return answers.written(done, 201)


def _routes(kind: DocumentKind, name: str, tag: str) -> Api:
    """The routes that credit and debit notes share."""
    api = Api(name.replace("-", "_"), __name__, prefix=f"/{name}", tag=tag)
    thing = kind.label.lower()

    @api.get("/", responses={200: DocumentListOut}, summary=f"List {name.replace('-', ' ')}")
    @permits("invoices.read")
    def list_notes(query: DocumentQuery) -> Response:
        return answers.listed(kind, query)

    @api.get("/<uuid:note_id>", responses={200: schemas.DocumentOut}, summary=f"Get a {thing}")
    @permits("invoices.read")
    def show(path: NotePath) -> Response:  # type: ignore[valid-type]
        return answers.shown(get_document(path.note_id, kind))  # type: ignore[attr-defined]

    @api.delete("/<uuid:note_id>", responses={204: None}, summary=f"Delete a draft {thing}")
    @permits("invoices.write")
    def delete(path: NotePath) -> Response:  # type: ignore[valid-type]
        note = get_document(path.note_id, kind, for_update=True)  # type: ignore[attr-defined]
        check_if_match(note.version)
        services.delete_document(note)
        return Response(status=204)

    @api.post(
        "/<uuid:note_id>/finalize",
        responses={200: schemas.DocumentWritten},
        summary=f"Issue a {thing}: number and entry in the books",
    )
    @permits("invoices.finalize")
    def finalize(path: NotePath) -> Response:  # type: ignore[valid-type]
        check_if_match(get_document(path.note_id, kind).version)  # type: ignore[attr-defined]
        return answers.written(services.finalize_note(path.note_id, kind))  # type: ignore[attr-defined]

    @api.post("/<uuid:note_id>/void", responses={200: schemas.DocumentWritten}, summary=f"Make a {thing} void")
    @permits("invoices.finalize")
    def void(path: NotePath, body: schemas.VoidIn) -> Response:  # type: ignore[valid-type]
        note = services.lock_note(path.note_id, kind)  # type: ignore[attr-defined]
        check_if_match(note.version)
        return answers.changed(services.void_document(note, body.reason))

    return api


credit_notes = _routes(DocumentKind.credit_note, "credit-notes", "Credit notes")
debit_notes = _routes(DocumentKind.debit_note, "debit-notes", "Debit notes")


@credit_notes.post("/", responses={201: schemas.DocumentWritten})
@permits("invoices.write")
def create_credit_note(body: schemas.CreditNoteIn) -> Response:
    """Take back some lines of an issued invoice, or without lines all that is left of it.

    A draft, unless `finalize` is set. Over all of an unpaid invoice it pays the invoice when it is issued; any other
    is an open credit of the customer.
    """
    return _create(DocumentKind.credit_note, body)


@credit_notes.put("/<uuid:note_id>", responses={200: schemas.DocumentWritten})
@permits("invoices.write")
def replace_credit_note(path: NotePath, body: schemas.CreditNoteIn) -> Response:  # type: ignore[valid-type]
    """Change a draft credit note as a whole."""
    note = services.lock_note(path.note_id, DocumentKind.credit_note)  # type: ignore[attr-defined]
    check_if_match(note.version)
    return answers.written(services.change_note(note, body))


@credit_notes.post("/<uuid:note_id>/apply", responses={200: schemas.DocumentWritten})
@permits("invoices.finalize")
def apply(path: NotePath, body: schemas.ApplyIn) -> Response:  # type: ignore[valid-type]
    """Let an open credit pay an invoice or debit note of the same customer."""
    note_id = path.note_id  # type: ignore[attr-defined]
    note = get_document(note_id, DocumentKind.credit_note)
    invoice = get_document(body.invoice_id, DocumentKind.invoice, DocumentKind.debit_note)
    lock_documents([note.id, invoice.id])
    services.apply_credit_note(note, invoice, body.amount)
    return answers.changed(note)


@credit_notes.post("/<uuid:note_id>/unapply", responses={200: schemas.DocumentWritten})
@permits("invoices.finalize")
def unapply(path: NotePath) -> Response:  # type: ignore[valid-type]
    """Take back what a credit note pays: it is an open credit again."""
    return answers.changed(services.unapply_credit_note(path.note_id))  # type: ignore[attr-defined]


@debit_notes.post("/", responses={201: schemas.DocumentWritten})
@permits("invoices.write")
def create_debit_note(body: schemas.DebitNoteIn) -> Response:
    """Bill more of the lines of an issued invoice, taxed as they were. A draft, unless `finalize` is set."""
    return _create(DocumentKind.debit_note, body)


@debit_notes.put("/<uuid:note_id>", responses={200: schemas.DocumentWritten})
@permits("invoices.write")
def replace_debit_note(path: NotePath, body: schemas.DebitNoteIn) -> Response:  # type: ignore[valid-type]
    """Change a draft debit note as a whole."""
    note = services.lock_note(path.note_id, DocumentKind.debit_note)  # type: ignore[attr-defined]
    check_if_match(note.version)
    return answers.written(services.change_note(note, body))
