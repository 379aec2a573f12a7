"""Money that goes back by the provider that it came by.

The refund is written first, as pending, and leaves the books at once; then the provider is told, outside that
transaction. What it refuses, or fails to carry out, is taken back by itself, with its reason. What stays pending is
asked about each day.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog

from tracktok.core import outbox
from tracktok.core.db import db
from tracktok.core.errors import Conflict
from tracktok.core.ids import new_id
from tracktok.invoices.models import PaymentEvent, Receipt, ReceiptMethod, Refund
from tracktok.invoices.queries import portal as payments
from tracktok.invoices.queries.receipts import find_refund, get_receipt, get_refund
from tracktok.invoices.schemas.receipts import OnlineRefundIn, RefundIn
from tracktok.invoices.services.refunding import DONE, FAILED, PENDING, refund_receipt, undo_refund, waits_long
from tracktok.invoices.services.telling import tell_people
from tracktok.web.filters import format_money

from .protocol import Event, NotPayable, ProviderRefused, ProviderUnavailable, RefundState, minor_amount
from .recording import NOTHING, REPEATED
from .starting import PROVIDERS

log = structlog.get_logger(__name__)
REFUND = "payment.refund"
REFUSED = "invoice.payment"
SOON = timedelta(seconds=30)


class ReceiptChanged(Conflict):
    code, title = "receipt_changed", "This receipt was changed in between"


def may_refund_online(receipt: Receipt) -> bool:
    """Whether money of a receipt can go back the way that it came."""
    return receipt.provider in PROVIDERS and bool(receipt.provider_payment_id)


def label_of(receipt: Receipt) -> str:
    """What the provider of a receipt is called; empty for one that came another way."""
    return PROVIDERS[receipt.provider].label if may_refund_online(receipt) else ""


def refund_online(
    receipt_id: UUID, body: OnlineRefundIn, version: int | None = None, *, told_later: bool = False
) -> Refund:
    """Give back what is left of a receipt that came by a provider, by the same provider. Commit, then `carry_out`.

    What is `told_later` is carried out by the outbox as soon as it is committed.

    With the `version` that a person saw, a second click is refused. Raises what `refund_receipt` raises, NotPayable or
    ReceiptChanged (409).
    """
    receipt = get_receipt(receipt_id, for_update=True)
    if not may_refund_online(receipt):
        raise NotPayable(f"{receipt.number} was not paid online. Give it back by hand.")
    if version is not None and receipt.version != version:
        raise ReceiptChanged("Something was given back or allocated in the meantime. Look at it again.")
    if body.amount is not None:
        minor_amount(body.amount, receipt.currency)
    money = RefundIn(
        amount=body.amount, method=ReceiptMethod.online, account_id=receipt.account_id, reason=body.reason,
        reference=receipt.provider_payment_id[:100],
    )  # fmt: skip
    refund = refund_receipt(receipt_id, money)
    refund.provider, refund.status = receipt.provider, PENDING
    db.session.flush()
    # The request tells the provider itself, so that a refusal is seen at once; this is for when it could not.
    wait = None if told_later else SOON
    outbox.send(REFUND, {"refund_id": str(refund.id)}, once_key=f"{REFUND}:{refund.id}", later=wait)
    return refund


def carry_out(refund_id: UUID) -> Refund:
    """Tell the provider of a refund that is committed, and note what it says. Safe to call again and at once.

    What the provider knows already is asked (`look_after`), not told. Raises ProviderUnavailable (503): it is tried
    again by the outbox.
    """
    refund = get_refund(refund_id)
    if refund.status != PENDING or refund.receipt_id is None or refund.provider_refund_id:
        return refund
    receipt = get_receipt(refund.receipt_id)
    try:
        # The provider knows the refund by its id: told twice, it makes one.
        made = PROVIDERS[refund.provider].refund(
            receipt.provider_payment_id, refund.amount, refund.currency, str(refund.id)
        )
    except ProviderRefused as refusal:
        return note_state(refund_id, RefundState("", FAILED, refusal.detail))
    return note_state(refund_id, made)


def carry_out_now(refund_id: UUID) -> Refund:
    """The same for a request that has committed the refund; while the provider does not answer it stays pending."""
    try:
        return carry_out(refund_id)
    except ProviderUnavailable:
        log.warning("refund_waits", refund_id=str(refund_id))
        return get_refund(refund_id)


def look_after(refund_id: UUID) -> Refund:
    """Ask the provider how a refund stands that is pending for long; one that it does not know is told to it again.

    After some days people are told. Raises ProviderUnavailable never: it is asked again the next day.
    """
    refund = get_refund(refund_id)
    if refund.status != PENDING or refund.receipt_id is None:
        return refund
    receipt = get_receipt(refund.receipt_id)
    provider = PROVIDERS[refund.provider]
    try:
        said = provider.ask_refund(receipt.provider_payment_id, str(refund.id), refund.provider_refund_id)
        refund = carry_out(refund_id) if said is None else note_state(refund_id, said)
    except ProviderUnavailable:
        log.warning("refund_waits", refund_id=str(refund_id))
    if refund.status == PENDING and waits_long(refund):
        money = format_money(refund.amount, refund.currency)
        said_so = (
            f"{provider.label} has taken it, and waits itself: for a bank, or for the customer."
            if refund.provider_refund_id
            else f"{provider.label} does not answer. Look for it there; if it is not there, take it back here."
        )
        _tell(receipt, f"{money} of {receipt.number} are still on their way back", said_so, f"refund-waits:{refund.id}")
    return refund


def record_refund(event: Event) -> str:
    """Take into account what a provider tells of a refund, inside its tenant; says what was made of it."""
    known = find_refund(event.refund_id) if event.refund_id is not None else None
    if known is None or event.refund is None or known.receipt_id is None or known.provider != event.provider:
        return NOTHING
    payment = payments.payment_of_receipt(known.receipt_id, for_update=True)
    if payment is None:
        return note_state(known.id, event.refund).status
    if payments.has_event(event.provider, event.id):
        return REPEATED
    outcome = note_state(known.id, event.refund).status
    row = PaymentEvent(
        id=new_id(), provider=event.provider, event_id=event.id, kind=event.type, payment_id=payment.id,
        body=event.facts, outcome=outcome,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return outcome


def note_state(refund_id: UUID, said: RefundState) -> Refund:
    """Write how a refund stands at its provider. What has failed is taken back, also when it was done before.

    A refusal, which has no name at the provider, says nothing of one that it has carried out.
    """
    refund = get_refund(refund_id)
    if refund.receipt_id is None:
        return refund
    receipt = get_receipt(refund.receipt_id, for_update=True)
    refund = get_refund(refund_id, for_update=True)
    if refund.status != FAILED:  # what has failed is not touched again: returns tell of the day on which it did
        refund.provider_refund_id = refund.provider_refund_id or said.provider_refund_id
    if said.status == DONE and refund.status == PENDING:
        refund.status = DONE
    elif said.status == FAILED and (refund.status == PENDING or (refund.status == DONE and said.provider_refund_id)):
        _fail(refund, receipt, said.why)
    elif said.status == DONE and refund.status == FAILED and not refund.failure:
        money, label = format_money(refund.amount, refund.currency), PROVIDERS[refund.provider].label
        title = f"{money} of {receipt.number} went back after all"
        why = f"This refund was taken back here, and {label} says that it is carried out. Record it by hand."
        _tell(receipt, title, why, f"refund-after-all:{refund.id}")
    db.session.flush()
    return refund


def _fail(refund: Refund, receipt: Receipt, why: str) -> None:
    was_done = refund.status == DONE
    undo_refund(refund.id)
    refund.failure = why[:500]
    db.session.flush()
    money = format_money(refund.amount, refund.currency)
    said = f"{money} {'came back' if was_done else 'were not given back'}. {why}"
    title = f"A refund of {receipt.number} {'has failed' if was_done else 'was refused'}"
    _tell(receipt, title, said, f"refund-refused:{refund.id}")


def _tell(receipt: Receipt, title: str, said: str, once_key: str) -> None:
    tell_people("receipts.write", REFUSED, title, said, f"/receipts/{receipt.id}", once_key)
