"""Redis (or Valkey): cache and rate limits. The product works without it; what it makes faster gets slower."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import lru_cache

import redis
import structlog
from flask import current_app

log = structlog.get_logger(__name__)
SECONDS_OF_REST = 5.0
_resting_until = -SECONDS_OF_REST


@lru_cache(maxsize=4)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_timeout=0.5, socket_connect_timeout=0.25, health_check_interval=15, retry_on_timeout=False
    )


def client() -> redis.Redis:
    """The connection pool of this process."""
    return _client(current_app.config["REDIS_URL"])


def is_up() -> bool:
    """Whether Redis answers now."""
    try:
        return bool(client().ping())
    except redis.RedisError:
        return False


def rest() -> None:
    """Note that Redis did not answer: who can do without need not ask again for a while, and pages say so."""
    global _resting_until  # noqa: PLW0603 - one fact of this process
    _resting_until = time.monotonic() + SECONDS_OF_REST


def answered() -> None:
    """Note that Redis answers again."""
    global _resting_until  # noqa: PLW0603 - one fact of this process
    _resting_until = -SECONDS_OF_REST


def is_resting() -> bool:
    """Whether Redis is not to be asked now."""
    return time.monotonic() < _resting_until


def is_missed() -> bool:
    """Whether Redis did not answer when this process last asked, a moment ago."""
    return time.monotonic() < _resting_until + SECONDS_OF_REST


def cached_bytes(key: str, seconds: int, make: Callable[[], bytes]) -> bytes:
    """The value under a key (made by `tenancy.tenant_key`), made and kept when absent; made each time without Redis."""
    return cached_each({key: make}, seconds)[key]


def cached_each(makes: Mapping[str, Callable[[], bytes]], seconds: int) -> dict[str, bytes]:
    """The values under several keys, asked for at once; what is absent is made by its own call and kept."""
    if not makes:
        return {}
    try:
        found = client().mget(list(makes))
    except redis.RedisError:
        rest()
        log.warning("cache_unavailable", keys=len(makes))
        return {key: make() for key, make in makes.items()}
    values = {key: value for key, value in zip(makes, found, strict=True) if isinstance(value, bytes)}
    made = {key: make() for key, make in makes.items() if key not in values}
    if made:
        try:
            with client().pipeline(transaction=False) as pipe:
                for key, value in made.items():
                    pipe.set(key, value, ex=seconds)
                pipe.execute()
        except redis.RedisError:
            log.warning("cache_unavailable", keys=len(made))
    return {**values, **made}


def forget(*keys: str) -> None:
    """Drop keys; silent without Redis (they were not kept either, or expire)."""
    try:
        client().delete(*keys)
    except redis.RedisError:
        rest()
        log.warning("cache_unavailable", keys=keys)
