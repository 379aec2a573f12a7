"""`Idempotency-Key`: the same POST sent twice is carried out once and answered alike.

The key is scoped to tenant and route and kept for 24 hours. Its row is written in the transaction of the request, so a
request that fails or is killed leaves no trace and may be sent again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Request, Response
from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import insert

from .db import db, lock_key
from .errors import BadRequest, Conflict, Invalid
from .ids import new_id
from .tables import IdempotencyKey
from .tenancy import current_tenant_id

LONGEST_KEY = 255
HOURS_KEPT = 24
_KEPT_HEADERS = ("Location", "ETag", "Content-Type")
# Made once: an API writes with every request, and building statements costs more than running these.
# The lock is a statement of its own, so that the look-up behind it sees what its last holder committed.
_LOCK = "SELECT pg_try_advisory_xact_lock(%(key)s)"
_KEPT = select(IdempotencyKey.request_hash, IdempotencyKey.status, IdempotencyKey.headers, IdempotencyKey.body).where(
    IdempotencyKey.route == bindparam("route"),
    IdempotencyKey.key == bindparam("key"),
    IdempotencyKey.created_at > text(f"now() - interval '{HOURS_KEPT} hours'"),
)
_ADD = insert(IdempotencyKey)
_KEEP = _ADD.on_conflict_do_update(
    index_elements=["tenant_id", "route", "key"],
    set_={
        **{name: _ADD.excluded[name] for name in ("request_hash", "status", "headers", "body")},
        "created_at": text("now()"),
    },
)


class KeyReused(Invalid):
    code, title = "idempotency_key_reused", "This Idempotency-Key was used for another request"


class StillRunning(Conflict):
    code, title = "still_running", "A request with this Idempotency-Key is still running"


def fingerprint(request: Request) -> bytes:
    """A hash of what was asked: query, form, files and body."""
    digest = hashlib.sha256(request.query_string)
    if request.files:
        for name, value in sorted(request.form.items(multi=True)):
            digest.update(f"\0{name}\0{value}".encode())
        for name, file in request.files.items(multi=True):
            digest.update(f"\0{name}\0{file.filename}\0".encode())
            while chunk := file.stream.read(1 << 20):
                digest.update(chunk)
            file.stream.seek(0)
    else:
        digest.update(request.get_data(cache=True))
    return digest.digest()


def once(request: Request, route: str, key: str, proceed: Callable[[], Response]) -> Response:
    """The kept answer to this key, or the answer of `proceed`, which is then kept if it is a success.

    Raises BadRequest for a key that is too long, StillRunning (409) while another request with it runs, KeyReused
    (422) when it came with another request before.
    """
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise BadRequest(f"An Idempotency-Key has at most {LONGEST_KEY} printable characters.")
    connection = db.session.connection()
    if not connection.exec_driver_sql(_LOCK, {"key": lock_key("idempotency", route, key)}).scalar_one():
        raise StillRunning
    asked = fingerprint(request)
    kept = db.session.execute(_KEPT, {"route": route, "key": key}).one_or_none()
    if kept is not None:
        if kept.request_hash != asked:
            raise KeyReused
        return Response(kept.body, status=kept.status, headers={**kept.headers, "Idempotent-Replayed": "true"})
    response = proceed()
    if response.status_code < 400 and not response.is_streamed:
        values: dict[str, Any] = {
            "tenant_id": current_tenant_id(),
            "id": new_id(),
            "route": route,
            "key": key,
            "request_hash": asked,
            "status": response.status_code,
            "headers": {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers},
            "body": response.get_data(),
        }
        db.session.execute(_KEEP, values)
    return response


def forget_old() -> int:
    """Delete the current tenant's keys older than 24 hours; returns how many."""
    result = db.session.execute(
        delete(IdempotencyKey).where(IdempotencyKey.created_at < text(f"now() - interval '{HOURS_KEPT} hours'"))
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
