"""Sealing: the finished part of the trail gets a hash that hangs on the one before. Writers never wait for it."""

from __future__ import annotations

import structlog
from sqlalchemy import text

from tracktok.audit import queries
from tracktok.audit.models import AuditSeal
from tracktok.audit.rules import MOST_EVENTS, Sealing
from tracktok.core.db import db, lock_key, transaction
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id

log = structlog.get_logger(__name__)
_LOCK = text("SELECT pg_try_advisory_xact_lock(:key)")


def seal_next(most: int = MOST_EVENTS) -> AuditSeal | None:
    """Seal the next events of the current tenant; None when none wait, or somebody else is at it.

    One call makes one seal: call it in a transaction of its own until it returns None.
    """
    number, first, previous = queries.head_seal()
    end = queries.range_end(first, most)
    if end is None:
        return None
    if not db.session.execute(_LOCK, {"key": lock_key("audit.seal")}).scalar_one():
        return None
    if queries.head_seal()[0] != number:  # somebody else has just sealed it
        return None
    sealing = Sealing(previous, current_tenant_id(), number + 1, first, end)
    for event in queries.stream_events(first, end):
        sealing.add(event)
    seal = AuditSeal(
        id=new_id(),
        number=number + 1,
        from_transaction=first,
        to_transaction=end,
        events=sealing.events,
        previous_hash=previous,
        hash=sealing.hash(),
    )
    db.session.add(seal)
    db.session.flush()
    return seal


def seal_tenant() -> int:
    """Seal all that waits in the current tenant, each seal in a transaction of its own; returns how many were made.

    For tasks and commands: it ends the transaction that is open.
    """
    made = 0
    while True:
        with transaction():
            found = seal_next()
            if found is None:
                return made
            # The log goes elsewhere than the database: who holds it can tell when the end of a trail was cut off.
            log.info("audit_sealed", number=found.number, events=found.events, hash=found.hash.hex())
            made += 1
