"""Payments of which nothing was heard: the provider is asked, and the answer is taken as its webhook would be."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog

from tracktok.core import clock, context, outbox
from tracktok.core.context import Actor
from tracktok.core.db import db
from tracktok.invoices.queries import portal as queries

from .protocol import FAILED
from .recording import record_event
from .starting import ASK, PROVIDERS, WAITS

log = structlog.get_logger(__name__)
STARTED = "started"
NEVER_BEGAN = timedelta(hours=1)


def ask(payment_id: UUID, asked: int) -> str:
    """Ask about a payment that is still open; what was made of the answer, or `open`, when it is asked again later.

    Raises ProviderUnavailable (503). Safe beside a webhook that comes late: one payment is one receipt.
    """
    payment = queries.get_payment(payment_id)
    if payment is None or payment.status != STARTED:
        return "decided"
    provider = PROVIDERS.get(payment.provider)
    if not payment.provider_id:  # the pay page was never reached: its address was not given out
        if payment.created_at < clock.now() - NEVER_BEGAN:
            payment.status = FAILED
            db.session.flush()
            return FAILED
    elif provider is not None and (event := provider.ask(payment)) is not None:
        log.info("payment_asked", payment_id=str(payment.id), kind=event.kind)
        with context.acting(Actor(kind="system", name=provider.label)):
            return record_event(event)
    if asked + 1 < len(WAITS):
        again = {"payment_id": str(payment.id), "asked": asked + 1}
        outbox.send(ASK, again, once_key=f"{ASK}:{payment.id}:{asked + 1}", later=WAITS[asked + 1] - WAITS[asked])
    return "open"
