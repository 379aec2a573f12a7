"""Companies and their people, made through the services and committed."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Response, current_app
from flask.testing import FlaskClient
from sqlalchemy import update

from tracktok.auth.models import Membership, Person, Role
from tracktok.auth.rules import permissions_of
from tracktok.auth.services import identity, registration, sessions
from tracktok.core import clock, context
from tracktok.core.context import Actor
from tracktok.core.db import db, transaction
from tracktok.core.ids import new_id
from tracktok.core.tenancy import door, tenant_scope
from tracktok.tenants.models import Tenant
from tracktok.tenants.services import NewTenant
from tracktok.web.browser import BrowserUser

PASSWORD = "correct horse battery"


@dataclass
class Member:
    """A person of a company, who can act in services, call the API and open pages."""

    company: Company = field(repr=False)
    person_id: UUID
    membership_id: UUID
    role: str
    email: str
    record_id: UUID | None = None
    is_staff: bool = False
    """Of the platform, beside."""

    @property
    def actor(self) -> Actor:
        return Actor(
            kind="person",
            person_id=self.person_id,
            membership_id=self.membership_id,
            role=self.role,
            record_id=self.record_id,
            name=self.email,
            email=self.email,
            permissions=permissions_of(self.role, platform_admin=self.is_staff),
        )

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Inside: the company is entered, this person acts, and what is done is committed at the end."""
        with tenant_scope(self.company.id), context.acting(self.actor), transaction():
            yield

    def _session(self, kind: str) -> UUID:
        with tenant_scope(self.company.id), transaction():
            return sessions.open_session(self.membership_id, self.person_id, kind).id

    @property
    def headers(self) -> dict[str, str]:
        """Headers of an API call as this person."""
        token, _ = identity.issue_access_token(self.company.id, self._session("api"))
        return {"Authorization": f"Bearer {token}"}

    def api(self) -> ApiClient:
        """A client of the API as this person."""
        return ApiClient(current_app.test_client(), self.headers)

    def browser(self) -> Browser:
        """A client of the pages as this person, signed in, on the company's subdomain."""
        address = f"http://{self.company.subdomain}.{current_app.config['BASE_DOMAIN']}"
        client = Browser(current_app, Response, address=address)
        with client.session_transaction(base_url=address) as browser_session:
            browser_session["_user_id"] = BrowserUser(self.company.id, self._session("browser")).get_id()
        return client


class Browser(FlaskClient):
    """The Flask test client on a company's subdomain."""

    def __init__(self, *args: Any, address: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.address = address

    def open(self, *args: Any, **options: Any) -> Any:
        """One request, on the company's subdomain unless another `base_url` is given."""
        if args and isinstance(args[0], str):
            options.setdefault("base_url", self.address)
        return super().open(*args, **options)


@dataclass
class ApiClient:
    """The Flask test client with a person's headers."""

    client: FlaskClient
    headers: dict[str, str]

    def open(self, method: str, path: str, **options: Any) -> Any:
        """One call under /api/v1."""
        headers = {**self.headers, **options.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> Any:
        return self.open("GET", path, **options)

    def post(self, path: str, **options: Any) -> Any:
        return self.open("POST", path, **options)

    def put(self, path: str, **options: Any) -> Any:
        return self.open("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Any:
        return self.open("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Any:
        return self.open("DELETE", path, **options)


@dataclass
class Company:
    """A tenant with its people, as tests need it."""

    id: UUID
    subdomain: str
    members: dict[str, Member] = field(default_factory=dict)

    @property
    def owner(self) -> Member:
        return self.members["owner"]

    def member(self, role: str) -> Member:
        """The company's person of a role, made when there is none yet."""
        if role not in self.members:
            self.members[role] = add_member(self, role)
        return self.members[role]

    def outsider(self, role: str, record_id: UUID) -> Member:
        """Somebody from outside who is bound to a record, such as a vendor."""
        return add_member(self, role, record_id=record_id)


def make_company(**over: Any) -> Company:
    """A company with books, defaults and an owner. `over`: fields of NewTenant, and `tier`."""
    tier = over.pop("tier", "enterprise")
    name = secrets.token_hex(5)
    tenant_id = new_id()
    settings = NewTenant(**{"name": f"Company {name}", "subdomain": f"c{name}", **over})
    with door("test company"), transaction():
        person = registration.add_person(registration.NewOwner(f"owner@{name}.test", PASSWORD, "Olga", "Owner"))
        person.email_verified_at = clock.now()
    with tenant_scope(tenant_id), transaction():
        tenant, membership = registration.begin_company(settings, person)
        tenant.tier = tier
        membership_id = membership.id
    company = Company(tenant_id, settings.subdomain)
    company.members["owner"] = Member(company, person.id, membership_id, Role.owner, person.email)
    return company


def add_member(company: Company, role: str, *, email: str | None = None, record_id: UUID | None = None) -> Member:
    """A person who joins a company in a role; outsiders are bound to a record."""
    address = email or f"{role}-{secrets.token_hex(4)}@{company.subdomain}.test"
    with door("test person"), transaction():
        person = registration.add_person(registration.NewOwner(address, PASSWORD, role.capitalize(), "Person"))
        person.email_verified_at = clock.now()
        person_id = person.id
    with tenant_scope(company.id), transaction():
        membership = Membership(id=new_id(), person_id=person_id, role=role, record_id=record_id)
        db.session.add(membership)
        db.session.flush()
        membership_id = membership.id
    return Member(company, person_id, membership_id, role, address, record_id)


def make_platform_admin(company: Company) -> Member:
    """The owner of a company, who is platform staff beside."""
    with door("test staff"), transaction():
        db.session.execute(update(Person).where(Person.id == company.owner.person_id).values(is_platform_admin=True))
    company.owner.is_staff = True
    return company.owner


def set_tier(company: Company, tier: str) -> None:
    """Put a company on a plan, with no trial."""
    with tenant_scope(company.id), transaction():
        db.session.execute(update(Tenant).where(Tenant.id == company.id).values(tier=tier, trial_end_date=None))
