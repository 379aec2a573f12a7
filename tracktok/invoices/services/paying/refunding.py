"""Money that goes back by the provider that it came by.

The refund is written first, as pending, and leaves the books at once; then the provider is told, outside that
transaction. What it refuses is taken back by itself, with its reason.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog

from tracktok.auth.queries import holders
from tracktok.core import outbox
from tracktok.core.db import db
from tracktok.core.errors import Conflict
from tracktok.invoices.models import Receipt, ReceiptMethod, Refund
from tracktok.invoices.queries.receipts import get_receipt, get_refund
from tracktok.invoices.schemas.receipts import OnlineRefundIn, RefundIn
from tracktok.invoices.services.refunding import DONE, PENDING, refund_receipt, undo_refund
from tracktok.notifications.services import notify
from tracktok.web.filters import format_money

from .protocol import NotPayable, ProviderRefused, ProviderUnavailable, minor_amount
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

    Raises ProviderUnavailable (503): it is tried again by the outbox.
    """
    refund = get_refund(refund_id)
    if refund.status != PENDING or refund.receipt_id is None:
        return refund
    receipt = get_receipt(refund.receipt_id)
    try:
        # The provider knows the refund by its id: told twice, it makes one.
        made = PROVIDERS[refund.provider].refund(
            receipt.provider_payment_id, refund.amount, refund.currency, str(refund.id)
        )
    except ProviderRefused as refusal:
        return _refused(refund, receipt, refusal.detail)
    receipt = get_receipt(refund.receipt_id, for_update=True)
    refund = get_refund(refund_id, for_update=True)
    if refund.status == PENDING:
        refund.status, refund.provider_refund_id = DONE, made
        db.session.flush()
    return refund


def carry_out_now(refund_id: UUID) -> Refund:
    """The same for a request that has committed the refund; while the provider does not answer it stays pending."""
    try:
        return carry_out(refund_id)
    except ProviderUnavailable:
        log.warning("refund_waits", refund_id=str(refund_id))
        return get_refund(refund_id)


def _refused(refund: Refund, receipt: Receipt, why: str) -> Refund:
    get_receipt(receipt.id, for_update=True)
    found = get_refund(refund.id, for_update=True)
    if found.status != PENDING:
        return found
    undo_refund(found.id)
    found.failure = why[:500]
    db.session.flush()
    said = f"{format_money(found.amount, found.currency)} were not given back. {why}"
    for person in holders("receipts.write"):
        key = f"refund-refused:{found.id}:{person.person_id}"
        notify(
            person.person_id, REFUSED, f"A refund of {receipt.number} was refused", said, f"/receipts/{receipt.id}", key
        )
    return found
