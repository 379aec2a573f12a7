"""The routes /api/v1/quotes and /api/v1/proformas."""

from __future__ import annotations

from flask import Response, request

from tracktok.core.permissions import permits
from tracktok.invoices import services
from tracktok.invoices.models import DocumentKind
from tracktok.invoices.queries.documents import get_document
from tracktok.invoices.schemas import documents as schemas
from tracktok.invoices.schemas.lists import DocumentListOut, DocumentQuery
from tracktok.invoices.schemas.sending import SendIn
from tracktok.invoices.services.sending import send_document
from tracktok.web.api import Api, check_if_match, path_of
from tracktok.web.edge import json_body

from . import answers

DocumentPath = path_of("document_id")


def _routes(kind: DocumentKind, name: str, tag: str) -> Api:
    """The routes that quotes and proformas share."""
    api = Api(name, __name__, prefix=f"/{name}", tag=tag)
    thing = kind.label.lower()

    @api.get("/", responses={200: DocumentListOut}, summary=f"List {name}")
    @permits("invoices.read")
    def list_documents(query: DocumentQuery) -> Response:
        return answers.listed(kind, query)

    @api.post("/", responses={201: schemas.DocumentWritten}, summary=f"Make a draft {thing}")
    @permits("invoices.write")
    def create(body: schemas.QuoteIn) -> Response:
        return answers.written(services.create_document(kind, body), 201)

    @api.get("/<uuid:document_id>", responses={200: schemas.DocumentOut}, summary=f"Get a {thing}")
    @permits("invoices.read")
    def show(path: DocumentPath) -> Response:  # type: ignore[valid-type]
        return answers.shown(get_document(path.document_id, kind))  # type: ignore[attr-defined]

    @api.put("/<uuid:document_id>", responses={200: schemas.DocumentWritten}, summary=f"Change a draft {thing}")
    @permits("invoices.write")
    def replace(path: DocumentPath, body: schemas.QuoteIn) -> Response:  # type: ignore[valid-type]
        document = get_document(path.document_id, kind, for_update=True)  # type: ignore[attr-defined]
        check_if_match(document.version)
        return answers.written(services.change_document(document, body))

    @api.patch("/<uuid:document_id>", responses={200: schemas.DocumentWritten}, summary="Change what is named")
    @permits("invoices.write")
    def patch(path: DocumentPath, body: schemas.QuotePatch) -> Response:  # type: ignore[valid-type]
        document = get_document(path.document_id, kind, for_update=True)  # type: ignore[attr-defined]
        check_if_match(document.version)
        return answers.written(services.patch_document(document, body))

    @api.delete("/<uuid:document_id>", responses={204: None}, summary=f"Delete a draft {thing}")
    @permits("invoices.write")
    def delete(path: DocumentPath) -> Response:  # type: ignore[valid-type]
        document = get_document(path.document_id, kind, for_update=True)  # type: ignore[attr-defined]
        check_if_match(document.version)
        services.delete_document(document)
        return Response(status=204)

    @api.post("/<uuid:document_id>/duplicate", responses={201: schemas.DocumentWritten}, summary="Make a copy of today")
    @permits("invoices.write")
    def duplicate(path: DocumentPath) -> Response:  # type: ignore[valid-type]
        document = get_document(path.document_id, kind)  # type: ignore[attr-defined]
        return answers.written(services.duplicate_document(document), 201)

    @api.post(
        "/<uuid:document_id>/convert",
        responses={201: schemas.DocumentWritten},
        summary="Make a draft invoice of it, once",
    )
    @permits("invoices.write")
    def convert(path: DocumentPath) -> Response:  # type: ignore[valid-type]
        return answers.written(services.convert_document(path.document_id, kind), 201)  # type: ignore[attr-defined]

    return api


quotes = _routes(DocumentKind.quote, "quotes", "Quotes")
proformas = _routes(DocumentKind.proforma, "proformas", "Proformas")


@quotes.post("/<uuid:document_id>/send", responses={200: schemas.DocumentWritten})
@permits("invoices.send")
def send(path: DocumentPath) -> Response:  # type: ignore[valid-type]
    """Give a quote its number and mark it as sent. With a body (`to`, `subject`, `message`) it is mailed, too."""
    check_if_match(get_document(path.document_id, DocumentKind.quote).version)  # type: ignore[attr-defined]
    mail = SendIn.model_validate(json_body()) if request.content_length else None
    written = services.send_quote(path.document_id)  # type: ignore[attr-defined]
    if mail is not None and mail.model_fields_set:
        send_document(written.document, mail)
    return answers.written(written)


@quotes.post("/<uuid:document_id>/accept", responses={200: schemas.DocumentWritten})
@permits("invoices.write")
def accept(path: DocumentPath) -> Response:  # type: ignore[valid-type]
    """Note that the customer accepts a quote."""
    return answers.changed(services.answer_quote(path.document_id, accepted=True))  # type: ignore[attr-defined]


@quotes.post("/<uuid:document_id>/decline", responses={200: schemas.DocumentWritten})
@permits("invoices.write")
def decline(path: DocumentPath, body: schemas.Reason) -> Response:  # type: ignore[valid-type]
    """Note that the customer declines a quote, and why."""
    quote = services.answer_quote(path.document_id, accepted=False, reason=body.reason)  # type: ignore[attr-defined]
    return answers.changed(quote)


@proformas.post("/<uuid:document_id>/finalize", responses={200: schemas.DocumentWritten})
@permits("invoices.finalize")
def finalize(path: DocumentPath) -> Response:  # type: ignore[valid-type]
    """Issue a proforma: it gets the next number of its own series. The books are not moved."""
    check_if_match(get_document(path.document_id, DocumentKind.proforma).version)  # type: ignore[attr-defined]
    return answers.written(services.finalize_document(path.document_id, DocumentKind.proforma))  # type: ignore[attr-defined]


@proformas.post("/<uuid:document_id>/void", responses={200: schemas.DocumentWritten})
@permits("invoices.finalize")
def void(path: DocumentPath, body: schemas.VoidIn) -> Response:  # type: ignore[valid-type]
    """Make an issued proforma void."""
    document = get_document(path.document_id, DocumentKind.proforma, for_update=True)  # type: ignore[attr-defined]
    check_if_match(document.version)
    return answers.changed(services.void_document(document, body.reason))
