"""Growing delays between failed sign-ins of one account from one address.

Counted in Redis, so that all processes agree. Without Redis each process counts for itself: sign-in goes on, slower
guessing is still stopped, and /readyz says so. An attempt is counted before the password is looked at: many guesses
sent at once are not checked at once.
"""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass

import redis
import structlog

from tracktok.auth.rules import sign_in_delay
from tracktok.core import cache, context
from tracktok.core.errors import TooManyRequests

log = structlog.get_logger(__name__)
SECONDS_REMEMBERED = 3600


@dataclass(slots=True)
class _Record:
    attempts: int = 0
    wait_until: float = 0.0
    forget_at: float = 0.0


_lock = threading.Lock()
_local: dict[str, _Record] = {}


def _key(account: str) -> str:
    address = context.request_info().address
    digest = hashlib.blake2b(f"{account.lower()}\0{address}".encode(), digest_size=16).hexdigest()
    return f"sign_in:{digest}"


def begin(account: str) -> None:
    """Count an attempt on an account from this request's address. Raises TooManyRequests while it has to wait."""
    key = _key(account)
    try:
        wait = _begin_shared(key)
    except redis.RedisError:
        log.warning("sign_in_limits_local")
        wait = _begin_local(key)
    if wait:
        raise TooManyRequests(f"Too many attempts. Try again in {_words(wait)}.", headers={"Retry-After": str(wait)})


def succeeded(account: str) -> None:
    """Forget the failures: the right password was given."""
    key = _key(account)
    with _lock:
        _local.pop(key, None)
    cache.forget(key, f"{key}:wait")


def _begin_shared(key: str) -> int:
    store = cache.client()
    waiting = f"{key}:wait"
    left = int(store.ttl(waiting))
    if left > 0:
        return left
    attempts = int(store.incr(key))
    store.expire(key, SECONDS_REMEMBERED)
    delay = sign_in_delay(attempts)
    if delay and not store.set(waiting, 1, ex=delay, nx=True):
        return max(1, int(store.ttl(waiting)))
    return 0


def _begin_local(key: str) -> int:
    now = time.monotonic()
    with _lock:
        if len(_local) > 50_000:
            for stale in [name for name, record in _local.items() if record.forget_at < now]:
                del _local[stale]
        record = _local.setdefault(key, _Record())
        if record.forget_at < now:
            record.attempts = 0
        if record.wait_until > now:
            return max(1, round(record.wait_until - now))
        record.attempts += 1
        record.forget_at = now + SECONDS_REMEMBERED
        record.wait_until = now + sign_in_delay(record.attempts)
        return 0


def _words(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} second{'s' if seconds != 1 else ''}"
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'s' if minutes != 1 else ''}"
