"""Rate limits of the whole application, counted in Redis: by person (or address), and by tenant.

Without Redis each process counts for itself, so nothing stops; the library looks for Redis again by itself.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flask import Response, current_app, request
from flask_limiter import ApplicationLimit, Limiter

from tracktok.core import context
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


def _by_tenant() -> str:
    return f"t:{current_tenant_or_none()}"


def _no_tenant() -> bool:
    return current_tenant_or_none() is None


def _setting(name: str) -> str:
    return str(current_app.config[name])


limiter = Limiter(
    key_func=asker,
    headers_enabled=True,
    strategy="fixed-window",
    key_prefix="limit",
    application_limits=[
        ApplicationLimit(lambda: _setting("RATE_LIMIT_DEFAULT"), key_function=asker, scope="asker"),
        ApplicationLimit(
            lambda: _setting("RATE_LIMIT_TENANT"), key_function=_by_tenant, scope="tenant", exempt_when=_no_tenant
        ),
    ],
)
sign_in_limit = limiter.shared_limit(
    lambda: _setting("RATE_LIMIT_SIGN_IN"),
    scope="sign-in",
    key_func=by_address,
    methods=["POST", "PUT"],
    override_defaults=False,
)
"""On every route that takes a password or a secret link: one count for all of them, by address."""


def _is_free() -> bool:
    endpoint = request.endpoint or ""
    return endpoint in _FREE or endpoint.endswith("static")


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
    if config["RATE_LIMITS_ENABLED"]:
        app.after_request(_tidy_headers)
    limiter.init_app(app)
    limiter.request_filter(_is_free)
