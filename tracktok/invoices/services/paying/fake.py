"""A provider for development and the demo: a pay page of our own, on which no money moves. Not in production."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from tracktok.core.errors import NotFound
from tracktok.core.tenancy import current_tenant_id
from tracktok.invoices.models import Payment, SalesDocument

from .protocol import FAILED, OTHER, SUCCEEDED, Event, RefundState, SignatureInvalid, Started, id_of

SIGNATURE = "X-Fake-Signature"
_SALT = "tracktok.invoices.pay.fake"


@dataclass(frozen=True, slots=True)
class Desk:
    """Which payment a pay page is of, and where it leads back to."""

    tenant_id: UUID
    payment_id: UUID
    return_url: str


class FakeProvider:
    """Says that a payment succeeded or failed, as the person at its page wishes."""

    name, label = "fake", "Test payments"
    pay_hosts: tuple[str, ...] = ()

    def start(self, payment: Payment, document: SalesDocument, email: str, return_url: str) -> Started:  # noqa: ARG002
        """A page of our own."""
        token = _serializer().dumps([str(current_tenant_id()), str(payment.id), return_url])
        return Started(f"/pay/fake/{token!s}", f"fake_{payment.id}")

    def read_event(self, headers: Mapping[str, str], body: bytes) -> Event:
        """What the page said, signed with our own secret."""
        if not hmac.compare_digest(headers.get(SIGNATURE, ""), sign(body)):
            raise SignatureInvalid("The signature does not fit.")
        said = json.loads(body)
        amount = said.get("amount")
        return Event(
            provider=self.name,
            id=said["id"],
            type=said["type"],
            kind={"payment.succeeded": SUCCEEDED, "payment.failed": FAILED}.get(said["type"], OTHER),
            tenant_id=id_of(said.get("tenant_id")),
            payment_id=id_of(said.get("payment_id")),
            provider_payment_id=f"fakepay_{said.get('payment_id')}",
            amount=Decimal(amount) if amount is not None else None,
            currency=said.get("currency", ""),
            facts={"type": said["type"]},
        )

    def ask(self, payment: Payment) -> Event | None:  # noqa: ARG002
        """What its page decides is told at once: nothing is ever lost."""
        return None

    def refund(self, provider_payment_id: str, amount: Decimal, currency: str, key: str) -> RefundState:  # noqa: ARG002
        """Nothing moved, nothing moves back."""
        return RefundState(f"fakerefund_{key}")

    def ask_refund(self, provider_payment_id: str, key: str, provider_refund_id: str) -> RefundState | None:  # noqa: ARG002
        """Done as soon as it is asked for."""
        return RefundState(f"fakerefund_{key}")


def read_desk(token: str) -> Desk:
    """Which payment the token of a pay page is of. Raises NotFound."""
    try:
        tenant_id, payment_id, return_url = _serializer().loads(token)
        return Desk(UUID(tenant_id), UUID(payment_id), return_url)
    except (BadSignature, ValueError, TypeError) as error:
        raise NotFound("There is no such payment.") from error


def message(payment: Payment, *, paid: bool) -> tuple[dict[str, str], bytes]:
    """(headers, body) of what the pay page tells, as a provider's webhook would."""
    told = "payment.succeeded" if paid else "payment.failed"
    body: dict[str, Any] = {
        "id": f"{payment.id}:{told}",
        "type": told,
        "tenant_id": str(payment.tenant_id),
        "payment_id": str(payment.id),
        "amount": str(payment.amount),
        "currency": payment.currency,
    }
    written = json.dumps(body).encode()
    return {SIGNATURE: sign(written)}, written


def sign(body: bytes) -> str:
    """The signature of a message."""
    key = f"{_SALT}:{current_app.config['SECRET_KEY']}".encode()
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=_SALT)
