"""Payments by providers."""

from .protocol import Event, NotPayable, Provider, ProviderUnavailable, SignatureInvalid
from .recording import record_event
from .starting import begin, carry_out_refund, chosen, give_up, may_pay, provider_named, refund_online, start

__all__ = [
    "Event",
    "NotPayable",
    "Provider",
    "ProviderUnavailable",
    "SignatureInvalid",
    "begin",
    "carry_out_refund",
    "chosen",
    "give_up",
    "may_pay",
    "provider_named",
    "record_event",
    "refund_online",
    "start",
]
