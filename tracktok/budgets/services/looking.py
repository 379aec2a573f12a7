"""A look at all budgets of a tenant, asked for: soon after spending was written, and surely after an import."""

from __future__ import annotations

import time
from uuid import UUID

import redis
import structlog

from tracktok.core import cache, effects, jobs
from tracktok.core.tenancy import current_tenant_id, tenant_key
from tracktok.core.worker import celery, enqueue

log = structlog.get_logger(__name__)
KIND = "budgets.alerts"
LOOK = "budgets.look"
WAIT_SECONDS = 2
FORGET_SECONDS = 60
# A look that this process asked for less long ago than this has not begun, so it will see what is written now.
_SURE_SECONDS = WAIT_SECONDS * 0.75
_MOST_REMEMBERED = 10_000
_asked: dict[UUID, float] = {}


def look_soon() -> None:
    """Look at the budgets once this transaction is committed, and those of others beside it.

    One look waits at a time: expenses that are written meanwhile are seen by it. Nothing depends on it alone (without
    Redis there is none): the daily look finds what it would have.
    """
    tenant_id, key = current_tenant_id(), _key()
    effects.after_commit(lambda: _ask(tenant_id, key))


def begin_look() -> None:
    """Called by the look before it reads: what is committed from now on asks for another."""
    cache.forget(_key())
    _asked.pop(current_tenant_id(), None)


def look_after_import(import_id: UUID) -> None:
    """Look at the budgets after an import, by a job that is written with it and so is not lost."""
    jobs.start(KIND, {"import_id": str(import_id)}, run_key=f"{KIND}:import:{import_id}")


def _key() -> str:
    return tenant_key("budgets", "look")


def _ask(tenant_id: UUID, key: str) -> None:
    now = time.monotonic()
    if now - _asked.get(tenant_id, -_SURE_SECONDS) < _SURE_SECONDS:
        return
    try:
        if cache.client().set(key, b"1", nx=True, ex=FORGET_SECONDS):
            enqueue(celery.signature(LOOK), tenant_id, countdown=WAIT_SECONDS)
            if len(_asked) >= _MOST_REMEMBERED:
                _asked.clear()
            _asked[tenant_id] = now
    except redis.RedisError as error:
        log.warning("look_not_asked_for", error=str(error))
