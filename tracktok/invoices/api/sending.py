"""Documents to customers: `/send`; the link of a customer's page; disputes resolved."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.permissions import permits
from tracktok.customers.queries import get_customer
from tracktok.invoices.models import DocumentKind, SalesDocument
from tracktok.invoices.queries.documents import get_document
from tracktok.invoices.schemas import documents as document_schemas
from tracktok.invoices.schemas import sending as schemas
from tracktok.invoices.services import portal
from tracktok.invoices.services.sending import send_document
from tracktok.web.api import Api, instant, json_response, path_of

from . import answers

api = Api("sales_sending", __name__, prefix="", tag="Invoices")
customers = Api("customer_portal", __name__, prefix="/customers", tag="Customers")
DocumentPath = path_of("document_id")
CustomerPath = path_of("customer_id")


def sent(document: SalesDocument, body: schemas.SendIn) -> Response:
    """Mail a document, and say to whom."""
    to = send_document(document, body)
    return json_response(
        {"id": str(document.id), "number": document.number, "to": to, "sent_at": instant(document.sent_at)}
    )


def _mail(kind: DocumentKind) -> None:
    def send(path: DocumentPath, body: schemas.SendIn) -> Response:  # type: ignore[valid-type]
        return sent(get_document(path.document_id, kind, for_update=True), body)  # type: ignore[attr-defined]

    send.__name__ = f"{kind.value}_send"
    send.__doc__ = (
        f"Mail an issued {kind.label.lower()}, with its PDF and a link to the customer's own page. Without `to` it goes"
        " to the customer's contacts that get documents."
    )
    route = f"/{answers.plural(kind)}/<uuid:document_id>/send"
    api.post(route, responses={200: schemas.SentOut})(permits("invoices.send")(send))


def _resolve(kind: DocumentKind) -> None:
    def resolve(path: DocumentPath, body: schemas.AnswerIn) -> Response:  # type: ignore[valid-type]
        document: Any = get_document(path.document_id, kind, for_update=True)  # type: ignore[attr-defined]
        return answers.changed(portal.resolve_dispute(document, body.answer))

    resolve.__name__ = f"{kind.value}_resolve_dispute"
    resolve.__doc__ = f"End the dispute of a {kind.label.lower()}. Reminders go on."
    route = f"/{answers.plural(kind)}/<uuid:document_id>/resolve-dispute"
    api.post(route, responses={200: document_schemas.DocumentWritten})(permits("invoices.send")(resolve))


for _kind in DocumentKind:
    if _kind is not DocumentKind.quote:
        _mail(_kind)
for _kind in (DocumentKind.invoice, DocumentKind.debit_note):
    _resolve(_kind)


@customers.post("/<uuid:customer_id>/portal-link", responses={200: schemas.PortalLinkOut})
@permits("invoices.send")
def portal_link(path: CustomerPath) -> Response:  # type: ignore[valid-type]
    """Get the address of a customer's own page. Whoever has it sees the customer's documents."""
    return json_response({"url": portal.portal_link(get_customer(path.customer_id))})  # type: ignore[attr-defined]


@customers.post("/<uuid:customer_id>/portal-link/revoke", responses={200: schemas.PortalLinkOut})
@permits("invoices.send")
def revoke_portal_link(path: CustomerPath) -> Response:  # type: ignore[valid-type]
    """Make all links to a customer's page that were sent before invalid, and get the new one."""
    customer = get_customer(path.customer_id, for_update=True)  # type: ignore[attr-defined]
    portal.revoke_links(customer)
    return json_response({"url": portal.portal_link(customer)})
