"""What is to happen after the commit, and only then: wake-up calls for workers, dropped caches; or after a rollback.

Nothing that matters may live here alone: a killed process forgets it. What must happen is a row (outbox, jobs);
this only makes it happen soon.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from sqlalchemy import event
from sqlalchemy.orm import Session

from .db import db

log = structlog.get_logger(__name__)
_KEY = "tracktok_after_commit"
_ROLLBACK_KEY = "tracktok_after_rollback"


def after_commit(call: Callable[[], None]) -> None:
    """Run `call` once this session's transaction is committed. Its failure is logged, never raised."""
    db.session.info.setdefault(_KEY, []).append(call)


def after_rollback(call: Callable[[], None]) -> None:
    """Run `call` if this session's transaction is rolled back: takes back what was done beside the database."""
    db.session.info.setdefault(_ROLLBACK_KEY, []).append(call)


def _run(session: Session) -> None:
    session.info.pop(_ROLLBACK_KEY, None)
    for call in session.info.pop(_KEY, []):
        try:
            call()
        except Exception:
            log.exception("after_commit_failed", call=repr(call))


def _forget(session: Session) -> None:
    session.info.pop(_KEY, None)
    for call in session.info.pop(_ROLLBACK_KEY, []):
        try:
            call()
        except Exception:
            log.exception("after_rollback_failed", call=repr(call))


event.listen(db.session, "after_commit", _run)
event.listen(db.session, "after_rollback", _forget)
