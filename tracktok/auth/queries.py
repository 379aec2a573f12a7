"""What is read about people and their sessions."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select

from tracktok.core.db import db
from tracktok.core.tenancy import current_tenant_id, door
from tracktok.tenants.models import Tenant

from .models import LoginSession, Membership, Person
from .rules import MembershipStatus

_TENANT_BY_SUBDOMAIN = select(Tenant.id).where(func.lower(Tenant.subdomain) == bindparam("selector"))
_TENANT_BY_ID = select(Tenant.id).where(Tenant.id == bindparam("selector"))
# Every request runs this one: a Core statement on the tables, with the tenant named, costs half of the ORM's.
_m, _p, _s, _t = (model.__table__ for model in (Membership, Person, LoginSession, Tenant))
_SIGNED_IN = (
    select(
        _m.c.id.label("membership_id"),
        _m.c.role,
        _m.c.status.label("membership_status"),
        _p.c.id.label("person_id"),
        _p.c.email,
        _p.c.first_name,
        _p.c.last_name,
        _p.c.email_verified_at,
        _p.c.is_platform_admin,
        _s.c.revoked_at,
        _s.c.expires_at,
        _s.c.kind,
        _s.c.last_seen_at,
        _t.c.status.label("tenant_status"),
        _t.c.currency,
        _t.c.timezone,
        _t.c.date_format,
        _t.c.locale,
        _t.c.fiscal_year_start_month,
    )
    .select_from(_s)
    .join(
        _m,
        (_m.c.tenant_id == _s.c.tenant_id) & (_m.c.id == _s.c.membership_id),
    )
    .join(_p, _p.c.id == _s.c.person_id)
    .join(_t, _t.c.id == _s.c.tenant_id)
    .where(_s.c.tenant_id == bindparam("tenant_id"), _s.c.id == bindparam("session_id"))
)
# Subdomains are never given to another tenant, so a found one may be remembered for a while.
_SECONDS_REMEMBERED = 60.0
_remembered: dict[str, tuple[float, UUID]] = {}


def find_tenant_id(selector: str) -> UUID | None:
    """The tenant that a subdomain or an id names, or None."""
    selector = selector.lower()
    known = _remembered.get(selector)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    try:
        statement, value = _TENANT_BY_ID, UUID(selector)
    except ValueError:
        statement, value = _TENANT_BY_SUBDOMAIN, selector  # type: ignore[assignment]
    with door("resolve a tenant"):
        found = db.session.execute(statement, {"selector": value}).scalar_one_or_none()
    if found is not None:
        if len(_remembered) > 10_000:
            _remembered.clear()
        _remembered[selector] = (time.monotonic() + _SECONDS_REMEMBERED, found)
    return found


def signed_in(session_id: UUID) -> Row[Any] | None:
    """Everything that a request needs to know about its session, in one query."""
    parameters = {"tenant_id": current_tenant_id(), "session_id": session_id}
    found: Any = db.session.connection().execute(_SIGNED_IN, parameters).one_or_none()
    return found


@dataclass(frozen=True, slots=True)
class Place:
    """A tenant that a person belongs to, with their active membership."""

    tenant_id: UUID
    membership_id: UUID
    role: str
    subdomain: str
    name: str
    status: str


_PLACES = (
    select(
        Membership.tenant_id,
        Membership.id.label("membership_id"),
        Membership.role,
        Tenant.subdomain,
        Tenant.name,
        Tenant.status,
    )
    .join(Tenant, Tenant.id == Membership.tenant_id)
    .where(Membership.person_id == bindparam("person_id"), Membership.status == MembershipStatus.active)
    .order_by(func.lower(Tenant.name), Tenant.subdomain)
)


def places_of(person_id: UUID) -> list[Place]:
    """The tenants that a person may come in to, by name; opens the door."""
    with door("the companies of a person"):
        rows = db.session.execute(_PLACES, {"person_id": person_id}).all()
    return [Place(*row) for row in rows]
