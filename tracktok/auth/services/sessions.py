"""Sign-ins: sessions, their refresh tokens, and how they end."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import Uuid, bindparam, select, text, update

from tracktok.auth.models import LoginSession, RefreshToken
from tracktok.core import clock, context
from tracktok.core.db import db, transaction
from tracktok.core.errors import NotFound, Unauthorized
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id, door_ajar, door_is_open, tenant_scope

from .identity import issue_access_token, load_actor

log = structlog.get_logger(__name__)


class RefreshInvalid(Unauthorized):
    code, title = "refresh_invalid", "The refresh token is not valid, or has ended"

    def __init__(self) -> None:
        super().__init__("The refresh token is not valid, was used before, or has ended. Sign in again.")


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


def refresh(token: str) -> Tokens:
    """A new pair for a refresh token, which is used up by it. A unit of work of its own.

    Somebody who shows a token again holds a copy: the session ends, with all its tokens. Of two at once one gets a
    pair, and the other ends the session. Raises RefreshInvalid.
    """
    tenant_id = _tenant_of(token)
    reused = False
    with tenant_scope(tenant_id), transaction():
        row = db.session.execute(
            select(RefreshToken).where(RefreshToken.token_hash == hash_token(token)).with_for_update()
        ).scalar_one_or_none()
        if row is None:
            raise RefreshInvalid
        now = clock.now()
        session = db.session.execute(
            select(LoginSession).where(LoginSession.id == row.session_id).with_for_update()
        ).scalar_one()
        if row.used_at is not None:
            reused = True
            if session.revoked_at is None:
                session.revoked_at, session.revoked_because = now, "a refresh token was used twice"
        elif session.revoked_at is not None or session.expires_at <= now or row.expires_at <= now:
            raise RefreshInvalid
        else:
            load_actor(session.id)  # raises when the membership or the tenant no longer lets them in
            row.used_at = now
            session.last_seen_at = now
            session.expires_at = now + timedelta(days=current_app.config["REFRESH_TOKEN_DAYS"])
            db.session.flush()
            return issue_tokens(session.id)
        db.session.flush()
    if reused:
        log.warning("refresh_token_reused", session_id=str(session.id))
    raise RefreshInvalid


def _tenant_of(token: str) -> UUID:
    try:
        return UUID(token.partition(".")[0])
    except ValueError as error:
        raise RefreshInvalid from error


def end_session(session_id: UUID, because: str) -> bool:
    """Revoke a session of the current tenant, with all its tokens; returns whether it was open."""
    ended = db.session.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.revoked_at.is_(None))
        .values(revoked_at=clock.now(), revoked_because=because)
        .returning(LoginSession.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return ended is not None


def end_sessions_of_membership(membership_id: UUID, because: str) -> None:
    """Revoke all sessions of a membership of the current tenant."""
    db.session.execute(
        update(LoginSession)
        .where(LoginSession.membership_id == membership_id, LoginSession.revoked_at.is_(None))
        .values(revoked_at=clock.now(), revoked_because=because)
        .execution_options(synchronize_session=False)
    )


def end_all_sessions(person_id: UUID, because: str, *, but: UUID | None = None) -> int:
    """Revoke a person's sessions in every tenant, in the transaction that is open; `but` spares one. Returns how many.

    The current tenant must be one of the person's, or the door be open.
    """
    statement = text(
        "UPDATE login_sessions SET revoked_at = :now, revoked_because = :because, updated_at = :now"
        " WHERE person_id = :person_id AND revoked_at IS NULL AND id IS DISTINCT FROM :but RETURNING id"
    ).bindparams(bindparam("but", type_=Uuid()), bindparam("person_id", type_=Uuid()))
    values = {"now": clock.now(), "because": because, "person_id": person_id, "but": but}
    if door_is_open():
        return len(db.session.execute(statement, values).all())
    with door_ajar("end a person's sessions"):
        return len(db.session.execute(statement, values).all())


def end_own_session(person_id: UUID, session_id: UUID) -> None:
    """Revoke one of a person's own sessions, in whichever tenant. Raises NotFound."""
    statement = text(
        "UPDATE login_sessions SET revoked_at = :now, revoked_because = 'ended by its owner', updated_at = :now"
        " WHERE person_id = :person_id AND id = :session_id AND revoked_at IS NULL RETURNING id"
    )
    with door_ajar("end one of a person's sessions"):
        values = {"now": clock.now(), "person_id": person_id, "session_id": session_id}
        ended = db.session.execute(statement, values).one_or_none()
    if ended is None:
        raise NotFound
