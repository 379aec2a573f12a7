"""Razorpay: payment links, webhooks and refunds, by its own SDK."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import razorpay  # type: ignore[import-untyped]
import structlog
from flask import current_app

from tracktok.core.tenancy import current_tenant_id
from tracktok.invoices.models import DocumentKind, Payment, SalesDocument

from .protocol import (
    EXPIRED,
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
_REFUSALS = (razorpay.errors.BadRequestError, razorpay.errors.GatewayError, razorpay.errors.ServerError)
_FOR_NOW = ("progress", "idempotency", "too many", "try again", "temporarily", "timed out")
"""What Razorpay says in refusals that are none."""
_KINDS = {
    "payment_link.paid": SUCCEEDED, "payment_link.expired": EXPIRED, "payment_link.cancelled": EXPIRED,
}  # fmt: skip


class RazorpayProvider:
    """Razorpay payment links."""

    name, label = "razorpay", "Razorpay"
    pay_hosts: tuple[str, ...] = ("https://rzp.io", "https://*.razorpay.com")

    def start(self, payment: Payment, document: SalesDocument, email: str, return_url: str) -> Started:
        """A payment link over the amount."""
        body: dict[str, Any] = {
            "amount": minor_amount(payment.amount, payment.currency),
            "currency": payment.currency,
            "reference_id": str(payment.id),
            "description": f"{DocumentKind(document.kind).label} {document.number}",
            "notes": {"tenant_id": str(current_tenant_id()), "payment_id": str(payment.id)},
            "notify": {"sms": False, "email": False},
            "reminder_enable": False,
            "callback_url": return_url,
            "callback_method": "get",
        }
        if email:
            body["customer"] = {"email": email}
        made = self._call(lambda client: client.payment_link.create(body, timeout=SECONDS))
        return Started(made["short_url"], made["id"])

    def read_event(self, headers: Mapping[str, str], body: bytes) -> Event:
        """A webhook's event, signed by HMAC with the webhook's secret."""
        secret = current_app.config["RAZORPAY_WEBHOOK_SECRET"]
        right = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        if not secret or not hmac.compare_digest(headers.get("X-Razorpay-Signature", ""), right):
            raise SignatureInvalid("The signature does not fit.")
        said = json.loads(body)
        # Razorpay names its events in a header; one without is told by what it says.
        event_id = headers.get("X-Razorpay-Event-Id") or hashlib.sha256(body).hexdigest()
        refund = said.get("payload", {}).get("refund", {}).get("entity") or {}
        if refund:
            whose = refund.get("notes") or {}
            return Event(
                self.name, event_id, said.get("event", ""), tenant_id=id_of(whose.get("tenant_id")),
                refund_id=id_of(whose.get("refund_id")), refund=_state(refund),
                facts={name: refund.get(name) for name in ("id", "status", "amount", "currency")},
            )  # fmt: skip
        link = said.get("payload", {}).get("payment_link", {}).get("entity") or {}
        paid = said.get("payload", {}).get("payment", {}).get("entity") or {}
        ours, currency = link.get("notes") or {}, paid.get("currency") or link.get("currency") or ""
        minor = paid.get("amount")
        return Event(
            provider=self.name,
            id=event_id,
            type=said.get("event", ""),
            kind=_KINDS.get(said.get("event", ""), OTHER),
            tenant_id=id_of(ours.get("tenant_id")),
            payment_id=id_of(ours.get("payment_id")),
            provider_id=link.get("id", ""),
            provider_payment_id=paid.get("id", ""),
            amount=amount_of(minor, currency) if minor is not None else None,
            currency=currency,
            facts={"link": link.get("id"), "status": link.get("status"), "amount": minor, "currency": currency},
        )

    def refund(self, provider_payment_id: str, amount: Decimal, currency: str, key: str) -> RefundState:
        """A refund of a payment; the header keeps the same refund from being made twice."""
        body = {
            "amount": minor_amount(amount, currency),
            "receipt": key,
            "notes": {"tenant_id": str(current_tenant_id()), "refund_id": key},
        }
        once = {"X-Refund-Idempotency": key}
        made = self._call(
            lambda client: client.payment.refund(provider_payment_id, body, timeout=SECONDS, headers=dict(once)),
            may_refuse=True,
        )
        return _state(made)

    def ask_refund(self, provider_payment_id: str, key: str, provider_refund_id: str) -> RefundState | None:
        """What the refund says of itself; without its id it is looked for among those of the payment."""
        if provider_refund_id:
            return _state(self._call(lambda client: client.refund.fetch(provider_refund_id, timeout=SECONDS)))
        made = self._call(
            lambda client: client.payment.fetch_multiple_refund(provider_payment_id, {"count": 100}, timeout=SECONDS)
        )
        return next((_state(one) for one in made.get("items") or [] if one.get("receipt") == key), None)

    def ask(self, payment: Payment) -> Event | None:
        """What the link says of itself: paid, expired or cancelled, or still open."""
        link = self._call(lambda client: client.payment_link.fetch(payment.provider_id, timeout=SECONDS))
        status, currency = link.get("status", ""), link.get("currency") or ""
        kind = SUCCEEDED if status == "paid" else EXPIRED if status in {"expired", "cancelled"} else None
        if kind is None:
            return None
        paid: dict[str, Any] = next((one for one in link.get("payments") or [] if one.get("status") == "captured"), {})
        minor = paid.get("amount", link.get("amount_paid"))
        return Event(
            provider=self.name,
            id=f"asked:{link['id']}:{kind}",
            type=f"asked.{status}",
            kind=kind,
            tenant_id=payment.tenant_id,
            payment_id=payment.id,
            provider_id=link["id"],
            provider_payment_id=paid.get("payment_id", ""),
            amount=amount_of(minor, currency) if minor is not None else None,
            currency=currency,
            facts={"link": link["id"], "status": status, "amount": minor, "currency": currency},
        )

    def _call(self, call: Callable[[Any], Any], *, may_refuse: bool = False) -> Any:
        config = current_app.config
        keys = (config["RAZORPAY_KEY_ID"], config["RAZORPAY_KEY_SECRET"])
        statuses: list[int] = []  # of the last answer: the SDK does not tell it
        client = razorpay.Client(auth=keys, base_url=config["RAZORPAY_API_BASE"])
        client.session.hooks["response"].append(lambda answer, *_, **__: statuses.append(answer.status_code))
        try:
            return call(client)
        except (*_REFUSALS, OSError) as error:  # what requests raises is an OSError
            status = statuses[-1] if statuses else 0
            log.warning("razorpay_refused", error=str(error), status=status)
            if may_refuse and _is_decided(error, status):
                raise ProviderRefused(f"Razorpay says: {str(error) or 'this is not possible.'}") from error
            raise ProviderUnavailable("Razorpay does not take this now. Try again in a moment.") from error


def _is_decided(error: Exception, status: int) -> bool:
    """Whether Razorpay says no for ever.

    It calls much a bad request that is none: too many requests (429), the same refund under way (409), keys that are
    changed just now (401), an idempotency key that it knows with other words.
    """
    if not isinstance(error, razorpay.errors.BadRequestError) or status != HTTPStatus.BAD_REQUEST:
        return False
    said = str(error).lower()
    return not any(one in said for one in _FOR_NOW)


def _state(refund: Mapping[str, Any]) -> RefundState:
    """What Razorpay says of a refund: it may wait for a bank for days."""
    status = {"processed": REFUND_DONE, "failed": REFUND_FAILED, "": REFUND_DONE}.get(
        refund.get("status") or "", REFUND_PENDING
    )
    return RefundState(str(refund["id"]), status, "Razorpay could not give it back." if status == REFUND_FAILED else "")
