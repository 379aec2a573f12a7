"""One's own account: confirming the address, forgotten and changed passwords, the name."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import func, select

from tracktok.auth import queries
from tracktok.auth.models import Person
from tracktok.core import clock, context
from tracktok.core.context import Actor, acting
from tracktok.core.db import db, transaction
from tracktok.core.errors import Conflict, Invalid, NotFound
from tracktok.core.tenancy import current_tenant_id, door, door_ajar, tenant_scope
from tracktok.notifications.services import send_template
from tracktok.tenants.models import TenantStatus
from tracktok.tenants.queries import get_current
from tracktok.web.filters import format_instant
from tracktok.web.links import tenant_link

from . import attempts
from .links import LinkInvalid, UsedLink, end_links, make_link_token, peek_link_token, use_link_token
from .passwords import check_password, hash_password, verify_password
from .registration import send_verification
from .sessions import end_all_sessions
from .signing_in import KnownPerson, known_person

SECONDS_FOR_ALL = 0.25


class WrongPassword(Invalid):
    code, title = "wrong_password", "This is not your present password"


class NoHome(Conflict):
    code, title = "no_company", "You do not belong to any company now"


def _home(person_id: UUID, prefer: UUID | None = None) -> queries.Place | None:
    """The tenant whose mailbox a person's mail goes through: `prefer` if it is theirs, else their first active one."""
    places = [place for place in queries.places_of(person_id) if place.status == TenantStatus.active]
    preferred = [place for place in places if place.tenant_id == prefer]
    return next(iter(preferred or places), None)


@contextmanager
def same_time_for_all() -> Iterator[None]:
    """Take at least a fixed time, longer than the work inside: how long an answer takes tells nobody anything."""
    end = time.monotonic() + SECONDS_FOR_ALL
    try:
        yield
    finally:
        time.sleep(max(0.0, end - time.monotonic()))


def ask_for_reset(email: str, tenant_id: UUID | None = None) -> None:
    """Send a link to choose a new password, if somebody has this address. Never says whether; see the view for time."""
    with door("forgot a password"):
        person = db.session.execute(
            select(Person.id, Person.email, Person.first_name).where(func.lower(Person.email) == email.lower())
        ).one_or_none()
    home = _home(person.id, tenant_id) if person else None
    if person is None or home is None:
        return
    with tenant_scope(home.tenant_id), acting(Actor("person", person.id, email=person.email)), transaction():
        with door_ajar("a link to choose a new password"):
            token = make_link_token(person.id, "reset_password")
        send_template(
            "auth/reset",
            person.email,
            personal=True,
            name=person.first_name or person.email,
            link=tenant_link(home.subdomain, f"/reset?token={token}"),
        )


def reset_password(token: str, password: str) -> UUID:
    """Set a new password with a mailed link, which also proves the address; ends all sessions. Returns the person.

    Raises LinkInvalid, Invalid (password).
    """
    with door("reset a password"):
        link = peek_link_token(token, "reset_password")
        email = db.session.execute(select(Person.email).where(Person.id == link.person_id)).scalar_one()
    check_password(password, email)
    home = _home(link.person_id)
    if home is None:
        raise NoHome
    with tenant_scope(home.tenant_id), acting(Actor("person", link.person_id, email=email)), transaction():
        with door_ajar("reset a password"):
            use_link_token(token, "reset_password")
        person = _person(link.person_id)
        person.email_verified_at = person.email_verified_at or clock.now()
        _set_password(person, password, spare=None)
    attempts.succeeded(email)
    return link.person_id


def change_password(current: str, password: str) -> None:
    """Set the actor's password; ends their other sessions. Raises WrongPassword, Invalid, TooManyRequests."""
    who = _me()
    person = _person(who.person_id, for_update=True)
    attempts.begin(person.email)
    if not verify_password(current, person.password_hash):
        text = "This is not your present password."
        raise WrongPassword.at("current_password", text)
    attempts.succeeded(person.email)
    check_password(password, person.email)
    _set_password(person, password, spare=who.session_id)


def _set_password(person: Person, password: str, *, spare: UUID | None) -> None:
    person.password_hash = hash_password(password)
    end_all_sessions(person.id, "the password was changed", but=spare)
    with door_ajar("end older links"):
        end_links(person.id, "reset_password")
    tenant = get_current()
    send_template(
        "auth/password_changed",
        person.email,
        name=person.first_name or person.email,
        when=format_instant(clock.now()),
        address=context.request_info().address or "an unknown place",
        link=tenant_link(tenant.subdomain, "/forgot"),
    )


def verify_email(token: str) -> bool:
    """Confirm an address with a mailed link. Returns False when it was confirmed before. Raises LinkInvalid."""
    with door("confirm an address"):
        link = peek_link_token(token, "verify_email", also_used=True)
        known = db.session.execute(select(Person.email_verified_at).where(Person.id == link.person_id)).scalar_one()
    if known is not None:
        return False
    if link.ended:
        raise LinkInvalid
    home = _home(link.person_id)
    if home is None:
        raise NoHome
    with tenant_scope(home.tenant_id), acting(Actor("person", link.person_id)), transaction():
        with door_ajar("confirm an address"):
            use_link_token(token, "verify_email")
        _person(link.person_id).email_verified_at = clock.now()
        db.session.flush()
    return True


def ask_for_verification() -> bool:
    """Send the actor a new link to confirm their address; False when it is confirmed already."""
    person = _person(_me().person_id)
    if person.email_verified_at is not None:
        return False
    with door_ajar("end older links"):
        end_links(person.id, "verify_email")
    send_verification(person, get_current())
    return True


def rename(first_name: str | None, last_name: str | None) -> Person:
    """Change the actor's own name; None leaves a part as it is."""
    person = _person(_me().person_id, for_update=True)
    if first_name is not None:
        person.first_name = first_name
    if last_name is not None:
        person.last_name = last_name
    db.session.flush()
    return person


def hand_over(tenant_id: UUID) -> tuple[str, str]:
    """(subdomain, token) of a link that takes the actor's browser over to another of their tenants: 60 seconds, once.

    Raises NotFound for a tenant that is not theirs.
    """
    who = _me()
    assert who.person_id is not None  # noqa: S101 - `_me` says so
    place = next((p for p in queries.places_of(who.person_id) if p.tenant_id == tenant_id), None)
    if place is None or place.status != TenantStatus.active:
        raise NotFound
    with door_ajar("hand a browser over"):
        token = make_link_token(who.person_id, "handoff", tenant_id)
    return place.subdomain, token


def hand_over_from_sign_in(person_id: UUID, place: queries.Place) -> str:
    """The token of a link that takes a browser from the bare domain, where it signed in, to the person's tenant."""
    with tenant_scope(place.tenant_id), transaction(), door_ajar("hand a browser over"):
        return make_link_token(person_id, "handoff", place.tenant_id)


def arrive(token: str) -> tuple[KnownPerson, queries.Place]:
    """(person, place) of a hand-over link that is followed in its tenant, and so used up. Raises LinkInvalid."""
    here = current_tenant_id()
    with door_ajar("arrive by a hand-over"):
        link: UsedLink = use_link_token(token, "handoff", tenant_id=here)
    place = next((p for p in queries.places_of(link.person_id) if p.tenant_id == here), None)
    if place is None:
        raise NotFound
    return known_person(link.person_id), place


def _me() -> Actor:
    who = context.actor()
    if who is None or who.person_id is None:
        raise NotFound
    return who


def _person(person_id: UUID | None, *, for_update: bool = False) -> Person:
    statement = select(Person).where(Person.id == person_id)
    if for_update:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    person = db.session.execute(statement).scalar_one_or_none()
    if person is None:
        raise NotFound
    return person


__all__ = [
    "arrive",
    "ask_for_reset",
    "ask_for_verification",
    "change_password",
    "hand_over",
    "hand_over_from_sign_in",
    "rename",
    "reset_password",
    "same_time_for_all",
    "verify_email",
]
