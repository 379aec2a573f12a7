"""Redis (or Valkey): cache and rate limits. The product works without it; what it makes faster gets slower."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import redis
import structlog
from flask import current_app

log = structlog.get_logger(__name__)


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


def cached_bytes(key: str, seconds: int, make: Callable[[], bytes]) -> bytes:
    """The value under a key (made by `tenancy.tenant_key`), made and kept when absent; made each time without Redis."""
    try:
        found = client().get(key)
        if isinstance(found, bytes):
            return found
    except redis.RedisError:
        log.warning("cache_unavailable", key=key)
        return make()
    value = make()
    try:
        client().set(key, value, ex=seconds)
    except redis.RedisError:
        log.warning("cache_unavailable", key=key)
    return value


def forget(*keys: str) -> None:
    """Drop keys; silent without Redis (they were not kept either, or expire)."""
    try:
        client().delete(*keys)
    except redis.RedisError:
        log.warning("cache_unavailable", keys=keys)
