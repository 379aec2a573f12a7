"""Signing in: who it is, and which of their tenants they come to.

No tenant is entered yet, so these functions open the door, and units of work of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from tracktok.auth import queries
from tracktok.auth.models import Person
from tracktok.core.context import Actor, acting
from tracktok.core.db import db, transaction
from tracktok.core.errors import Conflict, Forbidden, Unauthorized
from tracktok.core.tenancy import door, tenant_scope
from tracktok.tenants.models import Tenant, TenantStatus

from . import attempts
from .identity import TenantSuspended
from .passwords import hash_password, needs_rehash, verify_or_pretend
from .sessions import Tokens, issue_tokens, open_session


class InvalidCredentials(Unauthorized):
    code, title = "invalid_credentials", "The e-mail address or the password is not right"


class NotAMember(Forbidden):
    code, title = "not_a_member", "You do not belong to this company"


class ChooseTenant(Conflict):
    """The person belongs to several tenants. Member: tenants [{id, subdomain, name}]."""

    code, title = "choose_tenant", "Choose the company to sign in to"


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person who has given the right password."""

    id: UUID
    email: str
    first_name: str
    last_name: str
    email_verified_at: datetime | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in by the API."""

    tenant: Tenant
    person: KnownPerson
    role: str
    tokens: Tokens


def authenticate(email: str, password: str) -> KnownPerson:
    """The person with this address and password; an old hash is made anew.

    Raises InvalidCredentials, alike and as late for an unknown address as for a wrong password; TooManyRequests.
    """
    attempts.begin(email)
    with door("sign in"):
        row = db.session.execute(
            select(
                Person.id,
                Person.email,
                Person.first_name,
                Person.last_name,
                Person.email_verified_at,
                Person.password_hash,
            ).where(func.lower(Person.email) == email.lower())
        ).one_or_none()
    if not verify_or_pretend(password, row.password_hash if row else None) or row is None:
        raise InvalidCredentials
    attempts.succeeded(email)
    if needs_rehash(row.password_hash):
        with door("upgrade a password hash"), transaction():
            # Only if it is still the same: a password that is changed meanwhile stays changed.
            db.session.execute(
                update(Person)
                .where(Person.id == row.id, Person.password_hash == row.password_hash)
                .values(password_hash=hash_password(password))
                .execution_options(synchronize_session=False)
            )
    return KnownPerson(row.id, row.email, row.first_name, row.last_name, row.email_verified_at)


def known_person(person_id: UUID) -> KnownPerson:
    """A person who has proved themselves otherwise, by a link."""
    row = queries.person_by_id(person_id)
    return KnownPerson(row.id, row.email, row.first_name, row.last_name, row.email_verified_at)


def choose_place(person_id: UUID, tenant_id: UUID | None = None) -> queries.Place:
    """The tenant that a person comes to: the one named, or their only one.

    Raises ChooseTenant (with the choices), NotAMember, TenantSuspended.
    """
    places = queries.places_of(person_id)
    if tenant_id is not None:
        places = [place for place in places if place.tenant_id == tenant_id]
    if not places:
        if tenant_id is None:
            raise NotAMember("You do not belong to any company now. Ask for an invitation, or sign up a company.")
        raise NotAMember
    if len(places) > 1:
        raise ChooseTenant(
            "You belong to several companies. Name one by the header X-Tenant-Id.",
            tenants=[{"id": str(p.tenant_id), "subdomain": p.subdomain, "name": p.name} for p in places],
        )
    [place] = places
    if place.status != TenantStatus.active:
        raise TenantSuspended
    return place


def sign_in_by_api(email: str, password: str, tenant_id: UUID | None = None) -> SignedIn:
    """Sign in and get tokens. Raises what `authenticate` and `choose_place` raise."""
    person = authenticate(email, password)
    place = choose_place(person.id, tenant_id)
    with tenant_scope(place.tenant_id), acting(actor_of(person, place)), transaction():
        session = open_session(place.membership_id, person.id, "api")
        tokens = issue_tokens(session.id)
        tenant = db.session.execute(select(Tenant).where(Tenant.id == place.tenant_id)).scalar_one()
    return SignedIn(tenant, person, place.role, tokens)


def open_browser_session(person: KnownPerson, place: queries.Place) -> UUID:
    """Start a browser's session in a tenant; returns its id, for the cookie."""
    with tenant_scope(place.tenant_id), acting(actor_of(person, place)), transaction():
        return open_session(place.membership_id, person.id, "browser").id


def actor_of(person: KnownPerson, place: queries.Place) -> Actor:
    """The person as the actor of what signing in writes; holds no permission yet."""
    name = " ".join(filter(None, (person.first_name, person.last_name))) or person.email
    return Actor("person", person.id, place.membership_id, role=place.role, name=name, email=person.email)
