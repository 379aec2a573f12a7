"""What a payment provider is to us: a way to begin a payment, a way to hear of it, a way to give money back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from tracktok.core.errors import BadRequest, Conflict, Invalid, Unavailable
from tracktok.invoices.models import Payment, SalesDocument

SUCCEEDED, FAILED, EXPIRED, OTHER = "succeeded", "failed", "expired", "other"
REFUND_PENDING, REFUND_DONE, REFUND_FAILED = "pending", "done", "failed"
_WITHOUT_PLACES = frozenset(
    "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split()  # as the providers count, not ISO 4217
)
_THREE_PLACES = frozenset("BHD JOD KWD OMR TND".split())


class SignatureInvalid(BadRequest):
    code, title = "signature_invalid", "This message is not signed by the provider"


class ProviderUnavailable(Unavailable):
    code, title = "provider_unavailable", "The payment provider does not answer"


class ProviderRefused(Conflict):
    """The provider has decided: asking again changes nothing. The message says why."""

    code, title = "provider_refused", "The payment provider refuses this"


class NotPayable(Conflict):
    code, title = "not_payable", "This cannot be paid here"


@dataclass(frozen=True, slots=True)
class RefundState:
    """How a refund stands at its provider. One that is done may fail later still: a bank sends it back."""

    provider_refund_id: str
    status: str = REFUND_DONE
    why: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What a provider tells of a payment, or of a refund. Without `payment_id` or `refund_id` it is of none of ours."""

    provider: str
    id: str
    type: str
    kind: str = OTHER
    tenant_id: UUID | None = None
    payment_id: UUID | None = None
    provider_id: str = ""
    provider_payment_id: str = ""
    amount: Decimal | None = None
    currency: str = ""
    refund_id: UUID | None = None
    refund: RefundState | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Started:
    """Where the customer goes to pay, and what the provider calls it."""

    url: str
    provider_id: str


class Provider(Protocol):
    """A payment provider. Nothing of it is called inside a transaction that holds locks, but `read_event`."""

    name: str
    label: str
    pay_hosts: tuple[str, ...]
    """Where its pay pages are: the browser may follow a form there."""

    def start(self, payment: Payment, document: SalesDocument, email: str, return_url: str) -> Started:
        """Begin a payment. Raises ProviderUnavailable (503)."""

    def read_event(self, headers: Mapping[str, str], body: bytes) -> Event:
        """What a webhook says. Raises SignatureInvalid (400)."""

    def refund(self, provider_payment_id: str, amount: Decimal, currency: str, key: str) -> RefundState:
        """Give money back, once for a `key`, the id of our refund; how it stands.

        A provider forgets its keys after a day: later `ask_refund` first. Raises ProviderRefused (409), or
        ProviderUnavailable (503) where it is not known what became of it.
        """

    def ask_refund(self, provider_payment_id: str, key: str, provider_refund_id: str) -> RefundState | None:
        """How a refund stands, by its name at the provider, or without one by our key; None where it is not known.

        Raises ProviderUnavailable (503).
        """

    def ask(self, payment: Payment) -> Event | None:
        """What has become of a payment, as a webhook would tell it; None while it is open.

        Raises ProviderUnavailable (503).
        """


def places_of(currency: str) -> int:
    """How many decimal places the providers count a currency in."""
    return 0 if currency in _WITHOUT_PLACES else 3 if currency in _THREE_PLACES else 2


def minor_amount(amount: Decimal, currency: str) -> int:
    """An amount in the smallest unit. Raises Invalid at `amount` for what the provider cannot take exactly."""
    scaled = amount.scaleb(places_of(currency))
    whole = int(scaled)
    if scaled != whole or (currency in _THREE_PLACES and whole % 10):
        raise Invalid.at("amount", f"{amount.normalize():f} {currency} cannot be paid online exactly.")
    return whole


def amount_of(minor: int, currency: str) -> Decimal:
    """An amount from the smallest unit."""
    return Decimal(minor).scaleb(-places_of(currency))


def id_of(value: Any) -> UUID | None:
    """An id that a provider gives back; None for what is none."""
    try:
        return UUID(str(value))
    except ValueError:
        return None
