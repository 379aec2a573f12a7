"""Rate limits, counted in Redis: of the whole application by person (or address) and by tenant; of sign-ins by address.

The first two are on every request, so they cost one round trip together (Flask-Limiter would take four); the few
routes that take a password use Flask-Limiter. Without Redis each process counts for itself, so nothing stops.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Response, current_app, g, request
from flask_limiter import Limiter
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from redis.commands.core import Script
from redis.exceptions import RedisError

from tracktok.core import cache, context
from tracktok.core.errors import TooManyRequests
from tracktok.core.tenancy import current_tenant_or_none

if TYPE_CHECKING:
    from flask import Flask

_FREE = {"health.alive", "health.ready", "metrics.metrics"}


def asker() -> str:
    """Whose requests are counted together: a person in a tenant, else an address."""
    who = context.actor()
    if who is not None and who.person_id is not None:
        return f"t:{current_tenant_or_none()}:p:{who.person_id}"
    return by_address()


def by_address() -> str:
    """The address that the request came from."""
    return f"a:{request.remote_addr or 'unknown'}"


def _setting(name: str) -> str:
    return str(current_app.config[name])


class RouteLimiter(Limiter):
    """Flask-Limiter for the routes that name a limit. None is for all routes: it need not look at each request."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:  # noqa: FBT001, FBT002
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


limiter = RouteLimiter(
    key_func=asker,
    headers_enabled=True,
    strategy="fixed-window",
    key_prefix="limit",
)
sign_in_limit = limiter.shared_limit(
    lambda: _setting("RATE_LIMIT_SIGN_IN"),
    scope="sign-in",
    key_func=by_address,
    methods=["POST", "PUT"],
    override_defaults=False,
)
"""On every route that takes a password or a secret link: one count for all of them, by address."""

portal_limit = limiter.shared_limit(
    lambda: _setting("RATE_LIMIT_PORTAL"), scope="portal", key_func=by_address, override_defaults=False
)
"""On every page that a signed link opens: nobody tries links in great numbers."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit in its present window, which ends in `seconds`."""

    limit: int
    left: int
    seconds: int


# One command counts in all windows, and stops at the first that is full: what a person is refused does not use up
# their company's. ARGV holds seconds and amount of each.
_COUNT = """
local counts = {}
for i, key in ipairs(KEYS) do
  counts[i] = redis.call('INCR', key)
  if counts[i] == 1 then redis.call('EXPIRE', key, ARGV[2 * i - 1]) end
  if counts[i] > tonumber(ARGV[2 * i]) then break end
end
return counts
"""


@lru_cache(maxsize=4)
def _script(_url: str) -> Script:
    return cache.client().register_script(_COUNT)


_memory = FixedWindowRateLimiter(MemoryStorage())
_parsed = lru_cache(maxsize=64)(parse)


def count_request() -> None:
    """Count the request for its person and its tenant; raises TooManyRequests (429) when a limit is passed."""
    if not current_app.config["RATE_LIMITS_ENABLED"] or _is_free():
        return
    keys = [(asker(), _parsed(_setting("RATE_LIMIT_DEFAULT")))]
    if (tenant_id := current_tenant_or_none()) is not None:
        keys.append((f"t:{tenant_id}", _parsed(_setting("RATE_LIMIT_TENANT"))))
    allowances = _count(keys)
    tightest = min(allowances, key=lambda allowance: allowance.left)
    g.allowance = tightest
    if tightest.left < 0:
        raise TooManyRequests(headers={"Retry-After": str(max(1, tightest.seconds))})


def _count(keys: list[tuple[str, RateLimitItem]]) -> list[Allowance]:
    now = time.time()
    if not cache.is_resting():
        try:
            windows = [f"limit:{key}:{int(now // item.get_expiry())}" for key, item in keys]
            facts = [number for _, item in keys for number in (item.get_expiry(), item.amount)]
            counts = _script(current_app.config["REDIS_URL"])(keys=windows, args=facts)
            cache.answered()
            return [
                Allowance(item.amount, item.amount - count, int(item.get_expiry() - now % item.get_expiry()))
                for (_, item), count in zip(keys, counts, strict=False)
            ]
        except RedisError:
            cache.rest()
    counted = []
    for key, item in keys:
        counted.append(_count_here(key, item))
        if counted[-1].left < 0:
            break
    return counted


def _count_here(key: str, item: RateLimitItem) -> Allowance:
    allowed = _memory.hit(item, key)
    stats = _memory.get_window_stats(item, key)
    return Allowance(item.amount, stats.remaining if allowed else -1, max(0, int(stats.reset_time - time.time())))


def _is_free() -> bool:
    endpoint = request.endpoint or ""
    return endpoint in _FREE or endpoint.endswith("static") or endpoint.startswith("assets.")


def _tell(response: Response) -> Response:
    """`RateLimit-*` of the tightest limit, unless a route's own limit has told of itself."""
    allowance: Allowance | None = g.get("allowance")
    if allowance is not None and "RateLimit-Limit" not in response.headers:
        response.headers["RateLimit-Limit"] = str(allowance.limit)
        response.headers["RateLimit-Remaining"] = str(max(0, allowance.left))
        response.headers["RateLimit-Reset"] = str(allowance.seconds)
    return response


def _tidy_headers(response: Response) -> Response:
    """`RateLimit-Reset` in seconds from now (as the IETF draft has it); `Retry-After` on refusals only."""
    reset = response.headers.get("RateLimit-Reset", "")
    if reset.isdigit():
        response.headers["RateLimit-Reset"] = str(max(0, int(reset) - int(time.time())))
    if response.status_code not in {429, 503}:
        response.headers.pop("Retry-After", None)
    elif response.status_code == 429 and response.headers.get("Retry-After", "1").startswith(("-", "0")):
        response.headers["Retry-After"] = "1"
    return response


def init_app(app: Flask) -> None:
    """Put the limits on. Call it after the edge: who asks must be known."""
    config = app.config
    config.update(
        RATELIMIT_ENABLED=config["RATE_LIMITS_ENABLED"],
        RATELIMIT_STORAGE_URI=config["REDIS_URL"],
        RATELIMIT_STORAGE_OPTIONS={"socket_timeout": 0.5, "socket_connect_timeout": 0.25},
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_HEADER_LIMIT="RateLimit-Limit",
        RATELIMIT_HEADER_REMAINING="RateLimit-Remaining",
        RATELIMIT_HEADER_RESET="RateLimit-Reset",
        RATELIMIT_HEADER_RETRY_AFTER_VALUE="delta-seconds",
    )
    app.before_request(count_request)
    if config["RATE_LIMITS_ENABLED"]:
        app.after_request(_tell)
        app.after_request(_tidy_headers)
    limiter.init_app(app)
