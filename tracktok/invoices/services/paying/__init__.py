"""Payments by providers."""

from .asking import ask
from .protocol import Event, NotPayable, Provider, ProviderRefused, ProviderUnavailable, SignatureInvalid
from .recording import record_event
from .refunding import (
    carry_out,
    carry_out_now,
    label_of,
    look_after,
    may_refund_online,
    record_refund,
    refund_online,
)
from .starting import begin, chosen, give_up, may_pay, provider_named, start

__all__ = [
    "Event",
    "NotPayable",
    "Provider",
    "ProviderRefused",
    "ProviderUnavailable",
    "SignatureInvalid",
    "ask",
    "begin",
    "carry_out",
    "carry_out_now",
    "chosen",
    "give_up",
    "label_of",
    "look_after",
    "may_pay",
    "may_refund_online",
    "provider_named",
    "record_event",
    "record_refund",
    "refund_online",
    "start",
]
