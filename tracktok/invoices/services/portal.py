"""The customer's own page: its link, and what a customer does there.

A link is signed and carries the company, the customer and the `portal_version` that it was made at. It has no end, but
raising the customer's version makes all links of before invalid.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from tracktok.core import clock, context
from tracktok.core.context import Actor
from tracktok.core.db import db
from tracktok.core.errors import Conflict, Invalid, NotFound
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.models import Customer
from tracktok.invoices.models import Dispute, SalesDocument
from tracktok.invoices.queries import portal as queries
from tracktok.invoices.rules import statuses
from tracktok.tenants.queries import get_current
from tracktok.web.filters import format_day
from tracktok.web.links import tenant_link

from .deriving import today
from .telling import tell_people

_SALT = "tracktok.invoices.portal"
LONGEST_PROMISE = 365
DISPUTED, PAID_ONLINE, ANSWERED = "invoice.dispute", "invoice.payment", "quote.answer"


class PortalLinkInvalid(NotFound):
    code, title = "link_invalid", "This link no longer works"


class AlreadyDisputed(Conflict):
    code, title = "already_disputed", "This is being looked at already"


class NotDisputed(Conflict):
    code, title = "not_disputed", "Nothing is disputed"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a link says."""

    tenant_id: UUID
    customer_id: UUID
    version: int


def token_of(customer: Customer) -> str:
    """What the links of a customer carry, as long as the version stays."""
    return str(_serializer().dumps([str(current_tenant_id()), str(customer.id), customer.portal_version]))


def portal_link(customer: Customer, document: SalesDocument | None = None) -> str:
    """The address of a customer's page, or of a document there."""
    path = f"/portal/{token_of(customer)}"
    return tenant_link(get_current().subdomain, f"{path}/documents/{document.id}" if document is not None else path)


def read_token(token: str) -> Ticket:
    """What a token says. Raises PortalLinkInvalid (404) for one that is not ours."""
    try:
        tenant_id, customer_id, version = _serializer().loads(token)
        return Ticket(UUID(tenant_id), UUID(customer_id), int(version))
    except (BadSignature, ValueError, TypeError) as error:
        raise _invalid() from error


def visitor_of(ticket: Ticket) -> Customer:
    """The customer of a ticket, inside the tenant. Raises PortalLinkInvalid when it was taken back."""
    found = queries.find_customer(ticket.customer_id)
    if found is None or found.deleted_at is not None or found.portal_version != ticket.version:
        raise _invalid()
    return found


def _invalid() -> PortalLinkInvalid:
    return PortalLinkInvalid("Ask the company that sent it for a new one.")


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=_SALT)


def revoke_links(customer: Customer) -> None:
    """Make all links to a customer's page invalid, locked by the caller."""
    customer.portal_version += 1
    db.session.flush()


def acting_customer(customer: Customer) -> Actor:
    """Who acts on the customer's page, for the history. It may do nothing by permission."""
    return Actor(kind="customer", name=customer.name)


def note_view(document: SalesDocument) -> None:
    """Remember when a customer saw a document for the first time."""
    if document.viewed_at is None:
        document.viewed_at = clock.now()
        db.session.flush()


def dispute(document: SalesDocument, said: str) -> Dispute:
    """A customer says what is wrong with a document, locked by the caller. Reminders rest until it is resolved.

    Raises Invalid at `said`, AlreadyDisputed or NotDisputed (409).
    """
    if not said.strip():
        raise Invalid.at("said", "Say what is wrong, so that it can be put right.")
    if document.status not in statuses.OPEN_INVOICES:
        raise NotDisputed(f"Nothing is owed on {document.number}.")
    if document.disputed_at is not None:
        raise AlreadyDisputed(f"{document.number} is disputed already.")
    made = Dispute(id=new_id(), document_id=document.id, customer_id=document.customer_id, said=said.strip())
    db.session.add(made)
    document.disputed_at = clock.now()
    db.session.flush()
    tell(document, DISPUTED, f"{document.number} is disputed", made.said, f"dispute:{made.id}")
    return made


def resolve_dispute(document: SalesDocument, answer: str = "", *, status: str = statuses.RESOLVED) -> SalesDocument:
    """End the dispute of a document, locked by the caller. Reminders go on. Raises NotDisputed (409)."""
    if document.disputed_at is None:
        raise NotDisputed(f"{document.number} is not disputed.")
    open_one, who = queries.open_dispute(document.id), context.actor()
    if open_one is not None:
        open_one.status, open_one.answer, open_one.resolved_at = status, answer.strip(), clock.now()
        open_one.resolved_by = who.person_id if who else None
    document.disputed_at = None
    db.session.flush()
    db.session.refresh(document)
    return document


def promise(document: SalesDocument, day: date) -> None:
    """A customer says when they will pay, document locked by the caller: reminders rest until the day has passed.

    Raises Invalid at `day`, NotDisputed never.
    """
    now = today()
    if document.status not in statuses.OPEN_INVOICES:
        raise Invalid.at("day", f"Nothing is owed on {document.number}.")
    if day < now:
        raise Invalid.at("day", "Choose today or a day that comes.")
    if day > now + timedelta(days=LONGEST_PROMISE):
        raise Invalid.at("day", "Choose a day within a year.")
    document.promised_on = day
    db.session.flush()
    said = f"They say that they pay by {format_day(day)}."
    tell(document, PAID_ONLINE, f"{document.number}: payment is promised", said, f"promise:{document.id}:{day}")


def tell(document: SalesDocument, event: str, title: str, body: str, once_key: str) -> None:
    """Tell those who send documents what a customer did."""
    customer = queries.find_customer(document.customer_id)
    name = customer.name if customer is not None else ""
    tell_people(
        "invoices.send", event, title, f"{name}: {body}" if name else body, f"/invoices/open/{document.id}", once_key,
        template="invoices/customer_said", customer=name, said=body,
    )  # fmt: skip
