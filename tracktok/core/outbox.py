"""The transactional outbox: effects are rows, written with the change they follow from.

`send(kind, payload)` in a service; `@handler(kind)` on the function that carries it out. A handler may be called more
than once for a message (a kill between the effect and its note), so it gets the message id to pass on as a dedup key.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from . import clock
from .db import db
from .effects import after_commit
from .ids import new_id
from .tables import OutboxMessage
from .tenancy import current_tenant_id, door, tenant_scope
from .worker import celery, enqueue

log = structlog.get_logger(__name__)
Handler = Callable[[UUID, dict[str, Any]], None]
HANDLERS: dict[str, Handler] = {}
MOST_ATTEMPTS = 12
LONGEST_WAIT = timedelta(hours=6)


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register what carries out messages of a kind: `(message_id, payload)`; it raises to be tried again."""

    def register(function: Handler) -> Handler:
        HANDLERS[kind] = function
        return function

    return register


def send(
    kind: str, payload: dict[str, Any], *, once_key: str | None = None, later: timedelta | None = None
) -> UUID | None:
    """Write an effect into the outbox, in the current transaction.

    With a `once_key` the same effect is written once per tenant: returns None when it was there already. One that is
    wanted `later` is carried out by the sweep once that time has passed.
    """
    if kind not in HANDLERS:
        raise LookupError(f"nobody carries out {kind!r}")
    tenant_id, message_id = current_tenant_id(), new_id()
    values: dict[str, Any] = {"kind": kind, "payload": payload, "once_key": once_key}
    if later is not None:
        values["available_at"] = clock.now() + later
    made = db.session.execute(
        insert(OutboxMessage)
        .values(tenant_id=tenant_id, id=message_id, **values)
        .on_conflict_do_nothing()
        .returning(OutboxMessage.id)
    ).scalar_one_or_none()
    if made is None:
        return None
    if later is None:
        after_commit(lambda: enqueue(deliver, tenant_id, message_id))
    return message_id


def deliver_message(message_id: UUID) -> bool:
    """Carry out one message of the current tenant if it is due and nobody else is at it; commits.

    Returns whether it was delivered now. A failure is noted with a growing delay, and given up after 12 attempts.
    """
    message = db.session.execute(
        select(OutboxMessage)
        .where(
            OutboxMessage.id == message_id,
            OutboxMessage.delivered_at.is_(None),
            OutboxMessage.given_up_at.is_(None),
            OutboxMessage.available_at <= func.now(),
        )
        .with_for_update(skip_locked=True)
    ).scalar_one_or_none()
    if message is None:
        db.session.rollback()
        return False
    kind, payload, attempts = message.kind, message.payload, message.attempts + 1
    try:
        with db.session.begin_nested():
            HANDLERS[kind](message_id, payload)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is noted and tried again
        log.warning("outbox_failed", kind=kind, message_id=str(message_id), attempts=attempts, error=repr(error))
        wait = min(LONGEST_WAIT, timedelta(seconds=5 * 2**attempts))
        db.session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == message_id)
            .values(
                attempts=attempts,
                error=repr(error)[:2000],
                available_at=clock.now() + wait,
                given_up_at=clock.now() if attempts >= MOST_ATTEMPTS else None,
            )
        )
        db.session.commit()
        return False
    db.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id)
        .values(attempts=attempts, delivered_at=clock.now(), error=None)
    )
    db.session.commit()
    return True


def due_messages(limit: int = 500) -> list[tuple[UUID, UUID]]:
    """(tenant, message) of what is due in all tenants, oldest first."""
    with door("sweep the outbox"):
        rows = db.session.execute(
            select(OutboxMessage.tenant_id, OutboxMessage.id)
            .where(
                OutboxMessage.delivered_at.is_(None),
                OutboxMessage.given_up_at.is_(None),
                OutboxMessage.available_at <= func.now(),
            )
            .order_by(OutboxMessage.available_at)
            .limit(limit)
        ).all()
        db.session.rollback()
    return [(row.tenant_id, row.id) for row in rows]


@celery.task(name="core.deliver")
def deliver(tenant_id: str, message_id: str) -> None:
    """Carry out one message of the outbox."""
    with tenant_scope(UUID(tenant_id)):
        deliver_message(UUID(message_id))
