"""Stripe: its hosted Checkout page, its webhooks, its refunds, by its own SDK."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import stripe
import structlog
from flask import current_app

from tracktok.core.tenancy import current_tenant_id
from tracktok.invoices.models import DocumentKind, Payment, SalesDocument

from .protocol import (
    EXPIRED,
    FAILED,
    OTHER,
    REFUND_DONE,
    REFUND_FAILED,
    REFUND_PENDING,
    SUCCEEDED,
    Event,
    ProviderRefused,
    ProviderUnavailable,
    RefundState,
    SignatureInvalid,
    Started,
    amount_of,
    id_of,
    minor_amount,
)

log = structlog.get_logger(__name__)
SECONDS = 15


class StripeProvider:
    """Stripe Checkout."""

    name, label = "stripe", "Stripe"
    pay_hosts: tuple[str, ...] = ("https://checkout.stripe.com",)

    def start(self, payment: Payment, document: SalesDocument, email: str, return_url: str) -> Started:
        """A Checkout session over the amount."""
        ours = {"tenant_id": str(current_tenant_id()), "payment_id": str(payment.id)}
        name = f"{DocumentKind(document.kind).label} {document.number}"
        item = {
            "quantity": 1,
            "price_data": {
                "currency": payment.currency.lower(),
                "unit_amount": minor_amount(payment.amount, payment.currency),
                "product_data": {"name": name},
            },
        }
        params: dict[str, Any] = {
            "mode": "payment",
            "line_items": [item],
            "client_reference_id": str(payment.id),
            "metadata": ours,
            "payment_intent_data": {"metadata": ours, "description": name},
            "success_url": return_url,
            "cancel_url": return_url,
        }
        if email:
            params["customer_email"] = email
        session = self._call(
            lambda client: client.v1.checkout.sessions.create(
                params=params,
                options={"idempotency_key": f"payment:{payment.id}"},
            )
        )
        return Started(session.url or "", session.id)

    def read_event(self, headers: Mapping[str, str], body: bytes) -> Event:
        """A webhook's event; the signature is Stripe's, and not older than five minutes."""
        secret = current_app.config["STRIPE_WEBHOOK_SECRET"]
        try:
            stripe.Webhook.construct_event(body, headers.get("Stripe-Signature", ""), secret)
            said = json.loads(body)
        except (stripe.SignatureVerificationError, ValueError) as error:
            raise SignatureInvalid("The signature does not fit.") from error
        found, ours = said["data"]["object"], said["data"]["object"].get("metadata") or {}
        if found.get("object") == "refund":
            return Event(
                self.name, said["id"], said["type"], tenant_id=id_of(ours.get("tenant_id")),
                refund_id=id_of(ours.get("refund_id")), refund=_state(found),
                facts={name: found.get(name) for name in ("id", "status", "failure_reason", "amount", "currency")},
            )  # fmt: skip
        if found.get("object") != "checkout.session":
            return Event(self.name, said["id"], said["type"])
        return self._event(said["id"], said["type"], _kind(said["type"], found.get("payment_status", "")), found, ours)

    def _event(self, event_id: str, event_type: str, kind: str, session: Any, ours: Any) -> Event:
        currency = (session.get("currency") or "").upper()
        minor = session.get("amount_total")
        return Event(
            provider=self.name,
            id=event_id,
            type=event_type,
            kind=kind,
            tenant_id=id_of(ours.get("tenant_id")),
            payment_id=id_of(ours.get("payment_id")),
            provider_id=session["id"],
            provider_payment_id=session.get("payment_intent") or "",
            amount=amount_of(minor, currency) if minor is not None else None,
            currency=currency,
            facts={name: session.get(name) for name in ("id", "payment_status", "amount_total", "currency")},
        )

    def ask(self, payment: Payment) -> Event | None:
        """What the session says of itself: paid, expired, or still open."""
        session = self._call(lambda client: client.v1.checkout.sessions.retrieve(payment.provider_id)).to_dict()
        kind = SUCCEEDED if session.get("payment_status") == "paid" else None
        if kind is None and session.get("status") == "expired":
            kind = EXPIRED
        if kind is None:
            return None
        ours = {"tenant_id": payment.tenant_id, "payment_id": payment.id}
        return self._event(f"asked:{session['id']}:{kind}", f"asked.{kind}", kind, session, ours)

    def refund(self, provider_payment_id: str, amount: Decimal, currency: str, key: str) -> RefundState:
        """A refund of a payment intent."""
        made = self._call(
            lambda client: client.v1.refunds.create(
                params={
                    "payment_intent": provider_payment_id,
                    "amount": minor_amount(amount, currency),
                    "metadata": {"tenant_id": str(current_tenant_id()), "refund_id": key},
                },
                options={"idempotency_key": f"refund:{key}"},
            ),
            refusals=(stripe.InvalidRequestError, stripe.CardError),
        )
        return _state(made.to_dict())

    def ask_refund(self, provider_payment_id: str, key: str, provider_refund_id: str) -> RefundState | None:
        """What the refund says of itself; without its id it is looked for among those of the payment."""
        if provider_refund_id:
            return _state(self._call(lambda client: client.v1.refunds.retrieve(provider_refund_id)).to_dict())
        params = {"payment_intent": provider_payment_id, "limit": 100}
        made = self._call(lambda client: client.v1.refunds.list(params=params)).to_dict()["data"]
        return next((_state(one) for one in made if (one.get("metadata") or {}).get("refund_id") == key), None)

    def _call(self, call: Any, refusals: tuple[type[stripe.StripeError], ...] = ()) -> Any:
        config = current_app.config
        client = stripe.StripeClient(
            config["STRIPE_SECRET_KEY"],
            base_addresses={"api": config["STRIPE_API_BASE"]},
            max_network_retries=1,
            http_client=stripe.RequestsClient(timeout=SECONDS),
        )
        try:
            return call(client)
        except refusals as error:
            log.warning("stripe_refused", error=str(error), code=error.code)
            raise ProviderRefused(f"Stripe says: {error.user_message or 'this is not possible.'}") from error
        except stripe.StripeError as error:
            log.warning("stripe_refused", error=str(error), code=error.code)
            raise ProviderUnavailable("Stripe does not take this now. Try again in a moment.") from error


def _kind(event_type: str, payment_status: str) -> str:
    if event_type == "checkout.session.completed":  # of a bank debit the money comes later
        return SUCCEEDED if payment_status == "paid" else OTHER
    return {
        "checkout.session.async_payment_succeeded": SUCCEEDED,
        "checkout.session.async_payment_failed": FAILED,
        "checkout.session.expired": EXPIRED,
    }.get(event_type, OTHER)


def _state(refund: Mapping[str, Any]) -> RefundState:
    """What Stripe says of a refund: it may wait for a bank, or for the customer (`requires_action`)."""
    status = {"pending": REFUND_PENDING, "requires_action": REFUND_PENDING, "failed": REFUND_FAILED,
              "canceled": REFUND_FAILED}.get(refund.get("status") or "", REFUND_DONE)  # fmt: skip
    reason = str(refund.get("failure_reason") or refund.get("status") or "").replace("_", " ")
    return RefundState(str(refund["id"]), status, f"Stripe says: {reason}." if status == REFUND_FAILED else "")
