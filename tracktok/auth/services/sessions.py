"""Sign-ins: sessions, their refresh tokens, and how they end."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import update

from tracktok.auth.models import LoginSession, RefreshToken
from tracktok.core import clock, context
from tracktok.core.db import db
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id

from .identity import issue_access_token


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an API client gets when it signs in. `expires_in` is the access token's life in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme


def hash_token(token: str) -> bytes:
    """What is kept of a random token: its SHA-256 (it has 256 bits of its own, so no salt is needed)."""
    return hashlib.sha256(token.encode()).digest()


def open_session(membership_id: UUID, person_id: UUID, kind: str) -> LoginSession:
    """Start a session of the current tenant; `kind` is browser or api."""
    days = current_app.config["REFRESH_TOKEN_DAYS" if kind == "api" else "SESSION_DAYS"]
    info = context.request_info()
    row = LoginSession(
        id=new_id(),
        membership_id=membership_id,
        person_id=person_id,
        kind=kind,
        address=info.address,
        user_agent=info.user_agent,
        expires_at=clock.now() + timedelta(days=days),
    )
    db.session.add(row)
    db.session.flush()
    return row


def issue_tokens(session_id: UUID) -> Tokens:
    """An access token and a fresh refresh token for a session of the current tenant."""
    tenant_id = current_tenant_id()
    secret = secrets.token_urlsafe(32)
    refresh = f"{tenant_id.hex}.{secret}"
    db.session.add(
        RefreshToken(
            session_id=session_id,
            token_hash=hash_token(refresh),
            expires_at=clock.now() + timedelta(days=current_app.config["REFRESH_TOKEN_DAYS"]),
        )
    )
    db.session.flush()
    access, seconds = issue_access_token(tenant_id, session_id)
    return Tokens(access, refresh, seconds)


def end_session(session_id: UUID, because: str) -> None:
    """Revoke a session of the current tenant, with all its tokens."""
    db.session.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.revoked_at.is_(None))
        .values(revoked_at=clock.now(), revoked_because=because)
    )
