"""Documents go to customers: a mail with the file and a link to the customer's page."""

from __future__ import annotations

from collections.abc import Sequence

from tracktok.core import clock
from tracktok.core.db import db
from tracktok.core.errors import Conflict, Invalid
from tracktok.documents.queries import get_file
from tracktok.invoices.models import DocumentKind, SalesDocument
from tracktok.invoices.queries import parties
from tracktok.invoices.queries.recipients import recipients_of
from tracktok.invoices.rules import statuses
from tracktok.invoices.schemas.sending import SendIn
from tracktok.notifications.services import send_template
from tracktok.tenants.queries import get_current
from tracktok.web.filters import format_day, format_money

from .paper import keep_pdf
from .portal import portal_link

MOST_RECIPIENTS = 20


class NotSendable(Conflict):
    code, title = "not_sendable", "This document cannot be sent"


def subject_of(document: SalesDocument) -> str:
    """The subject unless another is written."""
    label = DocumentKind(document.kind).label
    return f"{label} {document.number} from {document.snapshot['company']['legal_name']}"


def message_of(document: SalesDocument) -> str:
    """The message unless another is written."""
    label, amount = DocumentKind(document.kind).label.lower(), format_money(document.total, document.currency)
    text = f"Please find attached our {label} {document.number} of {amount}."
    if document.status in statuses.OPEN_INVOICES and document.kind in {"invoice", "debit_note"} and document.due_date:
        due = format_money(document.amount_due, document.currency)
        text += f" {due} is due by {format_day(document.due_date)}."
    elif document.valid_until:
        text += f" It is valid until {format_day(document.valid_until)}."
    return f"Hello,\n\n{text}\n\nThank you."


def check_sendable(document: SalesDocument) -> None:
    """Raise NotSendable (409) for what has no number yet, or is void."""
    if document.number is None:
        raise NotSendable("It is a draft. Finalize it first: what is sent has a number and does not change.")
    if document.status == statuses.VOID:
        raise NotSendable(f"{document.number} is void.")


def send_document(document: SalesDocument, body: SendIn) -> list[str]:
    """Mail an issued document, locked by the caller, with its file and the link to the customer's page.

    Returns the addresses that it goes to. Raises NotSendable (409), Invalid at `to` (422).
    """
    check_sendable(document)
    customer = parties.find_customer(document.customer_id)
    if customer is None:  # the keys of the database do not allow it
        raise LookupError("a document without its customer")
    to = check_addresses(body.to if body.to is not None else recipients_of(customer))
    kept = keep_pdf(document.id)
    if kept.pdf_file_id is None:
        raise NotSendable(f"{document.number} has no file.")
    file = get_file(kept.pdf_file_id)
    tenant, link = get_current(), portal_link(customer, document)
    for address in to:
        send_template(
            "invoices/document",
            address,
            attachment=(file.storage_key, file.filename),
            heading=body.subject.strip() or subject_of(document),
            message=body.message.strip() or message_of(document),
            number=document.number,
            payable=document.status in statuses.OPEN_INVOICES and document.kind in {"invoice", "debit_note"},
            company=tenant.name,
            link=link,
        )
    document.sent_at = clock.now()
    db.session.flush()
    db.session.refresh(document)
    return to


def check_addresses(addresses: Sequence[str]) -> list[str]:
    """Addresses without repeats. Raises Invalid at `to` for none, too many, or what is no address."""
    to = list(dict.fromkeys(one.strip() for one in addresses if one.strip()))
    if not to:
        raise Invalid.at(
            "to", "Say who gets it: the customer has no e-mail address, nor a contact that gets documents."
        )
    if len(to) > MOST_RECIPIENTS:
        raise Invalid.at("to", f"Send it to at most {MOST_RECIPIENTS} addresses at once.")
    for one in to:
        name, _, host = one.partition("@")
        if not name or "." not in host or not one.isprintable() or any(sign in one for sign in ' ,;<>"()'):
            raise Invalid.at("to", f"“{one[:80]}” is not an e-mail address.")
    return to
