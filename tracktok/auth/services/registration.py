"""How a company and its owner begin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from tracktok.auth.models import Membership, Person, Role
from tracktok.auth.schemas import RegisterIn
from tracktok.core.context import Actor, acting
from tracktok.core.db import db, transaction
from tracktok.core.errors import Conflict, FieldError, Invalid
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id, door, door_ajar, tenant_scope
from tracktok.notifications.services import send_template
from tracktok.tenants.models import Tenant
from tracktok.tenants.rules import subdomain_problem
from tracktok.tenants.services import NewTenant, SubdomainTaken, create_tenant
from tracktok.tenants.signals import tenant_created
from tracktok.web.links import tenant_link

from . import attempts
from .links import make_link_token
from .passwords import check_password, hash_password, verify_password
from .sessions import Tokens, issue_tokens, open_session


@dataclass(frozen=True, slots=True)
class NewOwner:
    """Who begins a company."""

    email: str
    password: str
    first_name: str = ""
    last_name: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """A company that has just begun, with its owner."""

    tenant: Tenant
    person_id: UUID
    email: str
    first_name: str
    last_name: str
    email_verified_at: datetime | None
    membership_id: UUID
    tokens: Tokens | None


class EmailTaken(Conflict):
    code, title = "email_taken", "There is a person with this e-mail address"

    def __init__(self, field: str) -> None:
        text = (
            "There is an account with this address, and this is not its password. "
            "Give its own password to add a company to it, or reset it first."
        )
        super().__init__(text, errors=[FieldError(f"/{field}", self.code, text)])


def find_person_by_email(email: str) -> Person | None:
    """The person with an address, whatever its case. Needs the door, or a tenant that the person belongs to."""
    return db.session.execute(select(Person).where(func.lower(Person.email) == email.lower())).scalar_one_or_none()


def is_known(email: str) -> bool:
    """Whether anybody has an address."""
    with door("is an address known"):
        return find_person_by_email(email) is not None


def subdomain_is_taken(subdomain: str) -> bool:
    """Whether any tenant has this subdomain."""
    with door("is a subdomain free"):
        found = db.session.execute(
            select(Tenant.id).where(func.lower(Tenant.subdomain) == subdomain.lower())
        ).scalar_one_or_none()
    return found is not None


def add_person(owner: NewOwner) -> Person:
    """Make a person with a password (not checked here). Needs the door."""
    person = Person(
        id=new_id(),
        email=owner.email.lower(),
        first_name=owner.first_name,
        last_name=owner.last_name,
        password_hash=hash_password(owner.password),
    )
    db.session.add(person)
    db.session.flush()
    return person


def begin_company(new: NewTenant, person: Person, *, is_demo: bool = False) -> tuple[Tenant, Membership]:
    """Make the tenant of the scope that is open, with its owner, its books and its defaults.

    `person` exists already. Raises SubdomainTaken.
    """
    try:
        tenant = create_tenant(new, tenant_id=current_tenant_id(), is_demo=is_demo)
    except IntegrityError as error:
        raise SubdomainTaken from error
    membership = Membership(id=new_id(), person_id=person.id, role=Role.owner)
    db.session.add(membership)
    db.session.flush()
    tenant_created.send(tenant)
    return tenant, membership


def register_company(new: NewTenant, owner: NewOwner, *, with_tokens: bool = True) -> Registered:
    """Sign up a company: the tenant with its trial, its owner, books and defaults; with a first session of the API.

    All in one transaction of its own. Somebody who is known already must give their own password. Raises Invalid
    (subdomain, owner_password), SubdomainTaken, EmailTaken, TooManyRequests.
    """
    problem = subdomain_problem(new.subdomain)
    if problem:
        raise Invalid.at("subdomain", problem)
    known = _known_owner(owner)
    if known is None:
        check_password(owner.password, owner.email, "owner_password")
    if subdomain_is_taken(new.subdomain):
        raise SubdomainTaken
    with tenant_scope(new_id()), transaction():
        with door_ajar("sign up"):
            person = known and db.session.get(Person, known)
            person = person or _add_new_person(owner)
        actor = Actor("person", person.id, role=Role.owner, name=person.name, email=person.email)
        with acting(actor):
            tenant, membership = begin_company(new, person)
            if person.email_verified_at is None:
                send_verification(person, tenant)
            tokens = None
            if with_tokens:
                tokens = issue_tokens(open_session(membership.id, person.id, "api").id)
    return Registered(
        tenant, person.id, person.email, person.first_name, person.last_name, person.email_verified_at,
        membership.id, tokens,
    )  # fmt: skip


def sign_up(form: RegisterIn, *, with_tokens: bool = True) -> Registered:
    """Sign up a company from what the API or the page was sent; see `register_company`."""
    new = NewTenant(
        name=form.name,
        subdomain=form.subdomain,
        currency=form.currency,
        timezone=form.timezone,
        locale=form.locale,
        date_format=form.date_format,
        fiscal_year_start_month=form.fiscal_year_start_month,
    )
    owner = NewOwner(form.owner_email, form.owner_password, form.owner_first_name, form.owner_last_name)
    return register_company(new, owner, with_tokens=with_tokens)


def _known_owner(owner: NewOwner) -> UUID | None:
    with door("sign up"):
        row = db.session.execute(
            select(Person.id, Person.password_hash).where(func.lower(Person.email) == owner.email.lower())
        ).one_or_none()
    if row is None:
        return None
    attempts.begin(owner.email)
    if not row.password_hash or not verify_password(owner.password, row.password_hash):
        raise EmailTaken("owner_email")
    attempts.succeeded(owner.email)
    found: UUID = row.id
    return found


def _add_new_person(owner: NewOwner) -> Person:
    try:
        return add_person(owner)
    except IntegrityError as error:  # somebody signed up with this address at the same moment
        raise EmailTaken("owner_email") from error


def send_verification(person: Person, tenant: Tenant) -> None:
    """Write the mail that asks a person of the current tenant to confirm their address."""
    with door_ajar("a link to verify an address"):
        token = make_link_token(person.id, "verify_email")
    send_template(
        "auth/verify",
        person.email,
        personal=True,
        name=person.first_name or person.email,
        company=tenant.name,
        link=tenant_link(tenant.subdomain, f"/verify?token={token}"),
    )
