"""How a company and its owner begin."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from tracktok.auth.models import Membership, Person, Role
from tracktok.core.db import db
from tracktok.core.ids import new_id
from tracktok.core.tenancy import door
from tracktok.tenants.models import Tenant
from tracktok.tenants.services import NewTenant, SubdomainTaken, create_tenant
from tracktok.tenants.signals import tenant_created

from .passwords import hash_password


@dataclass(frozen=True, slots=True)
class NewOwner:
    """Who begins a company."""

    email: str
    password: str
    first_name: str = ""
    last_name: str = ""


def find_person_by_email(email: str) -> Person | None:
    """The person with an address, whatever its case. Needs the door, or a tenant that the person belongs to."""
    return db.session.execute(select(Person).where(func.lower(Person.email) == email.lower())).scalar_one_or_none()


def subdomain_is_taken(subdomain: str) -> bool:
    """Whether any tenant has this subdomain."""
    with door("is a subdomain free"):
        found = db.session.execute(
            select(Tenant.id).where(func.lower(Tenant.subdomain) == subdomain.lower())
        ).scalar_one_or_none()
    return found is not None


def add_person(owner: NewOwner) -> Person:
    """Make a person with a password. Needs the door."""
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
    from tracktok.core.tenancy import current_tenant_id  # noqa: PLC0415

    try:
        tenant = create_tenant(new, tenant_id=current_tenant_id(), is_demo=is_demo)
    except IntegrityError as error:
        raise SubdomainTaken from error
    membership = Membership(id=new_id(), person_id=person.id, role=Role.owner)
    db.session.add(membership)
    db.session.flush()
    tenant_created.send(tenant)
    return tenant, membership
