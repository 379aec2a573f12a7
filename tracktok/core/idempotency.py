"""`Idempotency-Key`: the same POST sent twice is carried out once and answered alike.

The key is scoped to tenant and route and kept for 24 hours. Its row is written in the transaction of the request, so a
request that fails or is killed leaves no trace and may be sent again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import orjson
from flask import Request, Response
from sqlalchemy import delete, text

from .db import db, lock_key
from .driver import run
from .errors import BadRequest, Conflict, Invalid
from .ids import new_id
from .tables import IdempotencyKey
from .tenancy import current_tenant_id

LONGEST_KEY = 255
HOURS_KEPT = 24
_FORMS = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})
_KEPT_HEADERS = ("Location", "ETag", "Content-Type")
# As plain SQL, for an API writes with every request. The function locks the key, then looks for what the lock's last
# holder committed: one round trip for both.
_TAKE = """
SELECT taken, request_hash, status, headers, body
  FROM take_idempotency_key(%(lock)s, %(tenant)s, %(route)s, %(key)s, %(hours)s)
"""
_KEEP = """
INSERT INTO idempotency_keys (tenant_id, id, route, key, request_hash, status, headers, body)
VALUES (%(tenant)s, %(id)s, %(route)s, %(key)s, %(hash)s, %(status)s, %(headers)s, %(body)s)
ON CONFLICT (tenant_id, route, key) DO UPDATE SET
  request_hash = excluded.request_hash, status = excluded.status, headers = excluded.headers, body = excluded.body,
  created_at = now()
"""


class KeyReused(Invalid):
    code, title = "idempotency_key_reused", "This Idempotency-Key was used for another request"


class StillRunning(Conflict):
    code, title = "still_running", "A request with this Idempotency-Key is still running"


def fingerprint(request: Request) -> bytes:
    """A hash of what was asked: query, form, files and body."""
    digest = hashlib.sha256(request.query_string)
    if request.mimetype in _FORMS:
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

    Raises BadRequest for a key that is empty or too long, StillRunning (409) while another request with it runs,
    KeyReused (422) when it came with another request before.
    """
    if not 0 < len(key) <= LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise BadRequest(f"An Idempotency-Key has 1 to {LONGEST_KEY} printable ASCII characters.")
    named = {"tenant": current_tenant_id(), "route": route, "key": key}
    lock = lock_key("idempotency", route, key)
    ((taken, kept_hash, status, headers, body),) = run(_TAKE, {**named, "lock": lock, "hours": HOURS_KEPT})
    if not taken:
        raise StillRunning
    asked = fingerprint(request)
    if status is not None:
        if kept_hash != asked:
            raise KeyReused
        return Response(body, status=status, headers={**headers, "Idempotent-Replayed": "true"})
    response = proceed()
    if response.status_code < 400 and not response.is_streamed:
        told = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        values: dict[str, Any] = {
            **named,
            "id": new_id(),
            "hash": asked,
            "status": response.status_code,
            "headers": orjson.dumps(told).decode(),
            "body": response.get_data(),
        }
        run(_KEEP, values)
    return response


def forget_old() -> int:
    """Delete the current tenant's keys older than 24 hours; returns how many."""
    result = db.session.execute(
        delete(IdempotencyKey).where(IdempotencyKey.created_at < text(f"now() - interval '{HOURS_KEPT} hours'"))
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
