"""Which provider takes payments, and how one begins."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app

from tracktok.core import outbox
from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.ids import new_id
from tracktok.invoices.models import Payment, SalesDocument
from tracktok.invoices.rules import statuses

from .fake import FakeProvider
from .protocol import FAILED, NotPayable, Provider, minor_amount
from .razorpay_links import RazorpayProvider
from .recording import OWED
from .stripe_checkout import StripeProvider

ASK = "payment.ask"
WAITS = tuple(timedelta(minutes=one) for one in (15, 45, 180, 720, 1440, 2880, 4320, 8640))
"""After which times a provider is asked about a payment of which it has told nothing: its webhook may be lost."""
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
    outbox.send(ASK, {"payment_id": str(made.id), "asked": 0}, once_key=f"{ASK}:{made.id}:0", later=WAITS[0])
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
