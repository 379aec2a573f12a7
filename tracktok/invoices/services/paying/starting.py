"""Which provider takes payments, and how one begins and is given back."""

from __future__ import annotations

from uuid import UUID

from flask import current_app

from tracktok.core import outbox
from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.ids import new_id
from tracktok.invoices.models import Payment, Refund, SalesDocument
from tracktok.invoices.queries.receipts import get_receipt
from tracktok.invoices.rules import statuses
from tracktok.invoices.schemas.receipts import RefundIn
from tracktok.invoices.services.refunding import refund_receipt

from .fake import FakeProvider
from .protocol import FAILED, NotPayable, Provider, minor_amount
from .razorpay_links import RazorpayProvider
from .recording import OWED
from .stripe_checkout import StripeProvider

REFUND = "payment.refund"
PROVIDERS: dict[str, Provider] = {
    FakeProvider.name: FakeProvider(),
    StripeProvider.name: StripeProvider(),
    RazorpayProvider.name: RazorpayProvider(),
}
_SECRETS = {"stripe": "STRIPE_WEBHOOK_SECRET", "razorpay": "RAZORPAY_WEBHOOK_SECRET"}


def chosen() -> Provider | None:
    """The provider that customers pay by; None when they pay by bank alone."""
    config = current_app.config
    name = config["PAYMENT_PROVIDER"] or ("none" if config["TRACKTOK_ENV"] == "production" else "fake")
    return PROVIDERS.get(name)


def provider_named(name: str) -> Provider:
    """A provider that may tell us something: the chosen one, or one whose secret is set still. Raises NotFound."""
    found, now = PROVIDERS.get(name), chosen()
    secret = _SECRETS.get(name)
    if found is None or not (found is now or (secret and current_app.config[secret])):
        raise NotFound("There is no such payment provider.")
    return found


def may_pay(document: SalesDocument) -> bool:
    """Whether a document can be paid online now."""
    owed = document.kind in OWED and document.status in statuses.OPEN_INVOICES and document.amount_due > 0
    return owed and chosen() is not None


def begin(document: SalesDocument) -> Payment:
    """A payment over what is open of a document, not started yet. Raises NotPayable (409), Invalid at `amount`."""
    provider = chosen()
    if provider is None or not may_pay(document):
        raise NotPayable(f"Nothing can be paid online on {document.number}.")
    minor_amount(document.amount_due, document.currency)
    made = Payment(
        id=new_id(), document_id=document.id, customer_id=document.customer_id, provider=provider.name,
        amount=document.amount_due, currency=document.currency,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def start(payment: Payment, document: SalesDocument, email: str, return_url: str) -> str:
    """Begin a payment at its provider, the row committed before; the address of the pay page.

    Raises ProviderUnavailable (503).
    """
    started = PROVIDERS[payment.provider].start(payment, document, email, return_url)
    payment.provider_id = started.provider_id
    db.session.flush()
    return started.url


def give_up(payment: Payment) -> None:
    """Note that a payment did not begin."""
    payment.status = FAILED
    db.session.flush()


def refund_online(receipt_id: UUID, body: RefundIn) -> Refund:
    """Give back what is left of a receipt that came by a provider, by the same provider: told to it after the commit.

    Raises what `refund_receipt` raises, NotPayable (409) for money that came another way.
    """
    receipt = get_receipt(receipt_id, for_update=True)
    if receipt.provider not in PROVIDERS or not receipt.provider_payment_id:
        raise NotPayable(f"{receipt.number} was not paid online. Give it back by hand.")
    refund = refund_receipt(receipt_id, body)
    refund.provider = receipt.provider
    db.session.flush()
    outbox.send(REFUND, {"refund_id": str(refund.id)}, once_key=f"{REFUND}:{refund.id}")
    return refund


def carry_out_refund(refund: Refund) -> None:
    """Tell the provider of a refund. Safe to call again: the provider knows the refund by its id."""
    if refund.provider_refund_id or refund.receipt_id is None or refund.status != "done":
        return
    receipt = get_receipt(refund.receipt_id)
    refund.provider_refund_id = PROVIDERS[refund.provider].refund(
        receipt.provider_payment_id, refund.amount, refund.currency, str(refund.id)
    )
    db.session.flush()
