"""What a provider says becomes a receipt: once, whatever is told twice, late or out of order."""

from __future__ import annotations

from decimal import Decimal

import structlog

from tracktok.core.db import db
from tracktok.core.errors import DomainError
from tracktok.core.ids import new_id
from tracktok.invoices.models import Payment, PaymentEvent, Receipt, SalesDocument
from tracktok.invoices.queries import documents
from tracktok.invoices.queries import portal as queries
from tracktok.invoices.rules import statuses
from tracktok.invoices.schemas.receipts import ReceiptIn
from tracktok.invoices.services.portal import PAID_ONLINE, tell
from tracktok.invoices.services.receiving import record_receipt
from tracktok.web.filters import format_money

from .protocol import EXPIRED, FAILED, SUCCEEDED, Event

log = structlog.get_logger(__name__)
OWED = {"invoice", "debit_note"}
REPEATED, NOTHING, RECORDED, MISMATCH = "repeated", "nothing", "recorded", "mismatch"


def record_event(event: Event) -> str:
    """Take a provider's event into account, inside its tenant; says what was made of it."""
    if event.payment_id is None:
        return NOTHING
    # The payment is locked before the event is written: two events of one payment never wait in a ring.
    payment = queries.get_payment(event.payment_id, for_update=True)
    if payment is None or payment.provider != event.provider:
        log.warning("payment_unknown", provider=event.provider, event_id=event.id)
        return NOTHING
    if queries.has_event(event.provider, event.id):
        return REPEATED
    row = PaymentEvent(
        id=new_id(), provider=event.provider, event_id=event.id, kind=event.type, payment_id=payment.id,
        body=event.facts,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    row.outcome = _apply(payment, event)
    db.session.flush()
    return row.outcome


def _apply(payment: Payment, event: Event) -> str:
    if event.kind == SUCCEEDED:
        return _succeed(payment, event)
    if event.kind in {FAILED, EXPIRED} and payment.receipt_id is None:
        payment.status = event.kind
        return event.kind
    return NOTHING


def _succeed(payment: Payment, event: Event) -> str:
    if payment.receipt_id is not None:
        return NOTHING
    document = documents.lock_documents([payment.document_id])[payment.document_id]
    if event.currency != payment.currency or not event.amount:
        log.error("payment_mismatch", payment_id=str(payment.id), event_id=event.id)
        said = f"{event.provider} tells of {event.amount} {event.currency}. Look at it there; no receipt was made."
        tell(document, PAID_ONLINE, f"{document.number}: a payment does not fit", said, f"payment:{payment.id}:x")
        return MISMATCH
    receipt = _receive(payment, document, event, event.amount)
    payment.status, payment.receipt_id = SUCCEEDED, receipt.id
    payment.provider_payment_id = event.provider_payment_id
    payment.provider_id = payment.provider_id or event.provider_id
    said = f"{format_money(event.amount, event.currency)} were paid online, receipt {receipt.number}."
    rest = receipt.amount - receipt.allocated_amount
    if rest:
        said += f" {format_money(rest, event.currency)} of it are the customer's credit."
    tell(document, PAID_ONLINE, f"{document.number} was paid online", said, f"payment:{payment.id}")
    return RECORDED


def _receive(payment: Payment, document: SalesDocument, event: Event, amount: Decimal) -> Receipt:
    """The receipt: it pays its document as far as that is open, the rest is credit. Money that came is always taken."""
    open_now = document.kind in OWED and document.status in statuses.OPEN_INVOICES
    pays = min(amount, document.amount_due) if open_now else Decimal(0)
    values = {
        "customer_id": payment.customer_id,
        "company_id": document.company_id,
        "amount": amount,
        "currency": payment.currency,
        "method": "online",
        "reference": event.provider_payment_id[:100],
    }
    paying = {"allocations": [{"document_id": document.id, "amount": pays}]} if pays > 0 else {}
    tries = ({**values, **paying}, {**values, **paying, "exchange_rate": document.exchange_rate}, values)
    refusal: DomainError | None = None
    for body in tries:
        try:
            with db.session.begin_nested():
                return record_receipt(
                    ReceiptIn.model_validate(body),
                    provider=payment.provider,
                    provider_payment_id=event.provider_payment_id or str(payment.id),
                ).receipt
        except DomainError as error:
            log.warning("payment_receipt_refused", payment_id=str(payment.id), error=error.detail)
            refusal = error
    raise refusal or LookupError("no way to record a receipt")
