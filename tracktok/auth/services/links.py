"""Single-use links of people: to verify an address, reset a password, go over to another tenant.

Kept by hash, so that the table gives nobody a link. All of it needs the door, or a door ajar.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from tracktok.auth.models import PersonToken
from tracktok.core import clock
from tracktok.core.db import db
from tracktok.core.errors import BadRequest
from tracktok.core.ids import new_id

from .sessions import hash_token

LIVES = {
    "verify_email": timedelta(hours=48),
    "reset_password": timedelta(hours=1),
    "handoff": timedelta(seconds=60),
}


class LinkInvalid(BadRequest):
    code, title = "link_invalid", "This link does not work any more"

    def __init__(self) -> None:
        super().__init__("This link has ended, or was used before. Ask for a new one.")


@dataclass(frozen=True, slots=True)
class UsedLink:
    """What a link is for. `ended`: it was used before, or its time is over."""

    person_id: UUID
    tenant_id: UUID | None
    ended: bool = False


def make_link_token(person_id: UUID, purpose: str, tenant_id: UUID | None = None) -> str:
    """A new token of a purpose (a key of LIVES). A new reset link ends the older ones."""
    if purpose == "reset_password":
        end_links(person_id, purpose)
    token = secrets.token_urlsafe(32)
    db.session.add(
        PersonToken(
            id=new_id(),
            person_id=person_id,
            purpose=purpose,
            tenant_id=tenant_id,
            token_hash=hash_token(token),
            expires_at=clock.now() + LIVES[purpose],
        )
    )
    db.session.flush()
    return token


def peek_link_token(token: str, purpose: str, *, also_used: bool = False) -> UsedLink:
    """What a token is for, without using it up; `also_used` tells of used ones too. Raises LinkInvalid."""
    row = db.session.execute(
        select(PersonToken.person_id, PersonToken.tenant_id, PersonToken.used_at, PersonToken.expires_at).where(
            PersonToken.token_hash == hash_token(token), PersonToken.purpose == purpose
        )
    ).one_or_none()
    if row is None:
        raise LinkInvalid
    ended = row.used_at is not None or row.expires_at <= clock.now()
    if ended and not also_used:
        raise LinkInvalid
    return UsedLink(row.person_id, row.tenant_id, ended)


def use_link_token(token: str, purpose: str, *, tenant_id: UUID | None = None) -> UsedLink:
    """Use a token up; of two at once one wins. `tenant_id` wants it to lead there. Raises LinkInvalid."""
    row = db.session.execute(
        update(PersonToken)
        .where(
            PersonToken.token_hash == hash_token(token),
            PersonToken.purpose == purpose,
            PersonToken.used_at.is_(None),
            PersonToken.expires_at > clock.now(),
            *([PersonToken.tenant_id == tenant_id] if tenant_id else []),
        )
        .values(used_at=clock.now())
        .returning(PersonToken.person_id, PersonToken.tenant_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        raise LinkInvalid
    return UsedLink(row.person_id, row.tenant_id)


def end_links(person_id: UUID, purpose: str) -> None:
    """End all unused links of a purpose."""
    db.session.execute(
        update(PersonToken)
        .where(PersonToken.person_id == person_id, PersonToken.purpose == purpose, PersonToken.used_at.is_(None))
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
