"""Who asks: from a bearer token or a browser session to the actor of the request."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
from flask import Request, current_app
from sqlalchemy import update

from tracktok.auth import queries
from tracktok.auth.models import LoginSession, MembershipStatus
from tracktok.auth.rules import permissions_of
from tracktok.core import clock, context
from tracktok.core.context import Actor, Preferences
from tracktok.core.db import own_connection
from tracktok.core.errors import Forbidden, Unauthorized
from tracktok.core.tenancy import current_tenant_id
from tracktok.tenants.models import TenantStatus
from tracktok.tenants.queries import remember_subscription
from tracktok.web import browser

ALGORITHM = "HS256"
ISSUER = "tracktok"
SEEN_EVERY = timedelta(minutes=5)
# Signatures that this process has verified, until the token ends. Only the arithmetic is spared: whether the session
# still holds is asked of the database with every request.
MOST_VERIFIED = 5_000
_verified: dict[tuple[str, str], tuple[int, UUID, UUID]] = {}


class TokenInvalid(Unauthorized):
    code, title = "token_invalid", "The access token is not valid, or has ended"


class SignedOut(Unauthorized):
    code, title = "signed_out", "You have been signed out"


class TenantSuspended(Forbidden):
    code, title = "tenant_suspended", "This company's account is suspended"


def issue_access_token(tenant_id: UUID, session_id: UUID) -> tuple[str, int]:
    """A signed access token for a session, and its life in seconds."""
    seconds = current_app.config["ACCESS_TOKEN_MINUTES"] * 60
    issued = clock.now()
    claims = {
        "iss": ISSUER,
        "iat": issued,
        "exp": issued + timedelta(seconds=seconds),
        "tid": str(tenant_id),
        "sid": str(session_id),
    }
    return jwt.encode(claims, current_app.config["JWT_SECRET"], algorithm=ALGORITHM), seconds


def read_access_token(token: str) -> tuple[UUID, UUID]:
    """(tenant, session) of an access token. Raises TokenInvalid."""
    secret = current_app.config["JWT_SECRET"]
    known = _verified.get((secret, token))
    if known is not None and known[0] > time.time():
        return known[1], known[2]
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            options={"require": ["exp", "tid", "sid"]},
        )
        tenant_id, session_id = UUID(claims["tid"]), UUID(claims["sid"])
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise TokenInvalid("The access token is not valid, or has ended. Sign in, or refresh it.") from error
    if len(_verified) >= MOST_VERIFIED:
        _verified.clear()
    _verified[secret, token] = (int(claims["exp"]), tenant_id, session_id)
    return tenant_id, session_id


def identify(request: Request, _selected: UUID | None) -> tuple[UUID, Callable[[], Actor]] | None:
    """The tenant that the request's credentials are for, and how to load their holder; None for nobody.

    Programs send `Authorization: Bearer`; pages carry a session cookie, which the API does not accept (no CSRF there).
    """
    header = request.headers.get("Authorization", "")
    if header[:7].lower() == "bearer ":
        tenant_id, session_id = read_access_token(header[7:].strip())
        return tenant_id, lambda: load_actor(session_id)
    if request.path.startswith("/api/"):
        return None
    kept = browser.signed_in_as()
    return (kept.tenant_id, lambda: load_actor(kept.session_id)) if kept is not None else None


def load_actor(session_id: UUID) -> Actor:
    """The holder of a session of the current tenant, with the permissions of their role now.

    Raises SignedOut when the session is revoked, has ended or the membership is deactivated; TenantSuspended.
    """
    row = queries.signed_in(session_id)
    if row is None or row.revoked_at is not None or row.expires_at <= clock.now():
        raise SignedOut
    if row.membership_status != MembershipStatus.active:
        raise SignedOut("Your place in this company has been deactivated.")
    if row.tenant_status != TenantStatus.active and not row.is_platform_admin:
        raise TenantSuspended
    if row.last_seen_at < clock.now() - SEEN_EVERY:
        _touch(session_id, row.kind)
    current = context.scope()
    if current is not None:
        current.preferences = Preferences(
            row.currency, row.timezone, row.date_format, row.locale, row.fiscal_year_start_month
        )
    remember_subscription(row)
    return Actor(
        kind="person",
        person_id=row.person_id,
        membership_id=row.membership_id,
        session_id=session_id,
        role=row.role,
        record_id=row.record_id,
        name=" ".join(filter(None, (row.first_name, row.last_name))) or row.email,
        email=row.email,
        permissions=permissions_of(row.role, platform_admin=row.is_platform_admin),
        email_verified=row.email_verified_at is not None,
    )


def _touch(session_id: UUID, kind: str) -> None:
    """Note that a session is in use; a browser's goes on for as long again. On a connection of its own, briefly."""
    now = clock.now()
    values: dict[str, Any] = {"last_seen_at": now}
    if kind == "browser":
        values["expires_at"] = now + timedelta(days=current_app.config["SESSION_DAYS"])
    with own_connection() as connection:
        connection.execute(
            update(LoginSession)
            .where(LoginSession.tenant_id == current_tenant_id(), LoginSession.id == session_id)
            .values(**values)
        )
