"""What is read about people and their sessions."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select

from tracktok.core.db import db
from tracktok.core.tenancy import door
from tracktok.tenants.models import Tenant

from .models import LoginSession, Membership, Person

_TENANT_BY_SUBDOMAIN = select(Tenant.id).where(func.lower(Tenant.subdomain) == bindparam("selector"))
_TENANT_BY_ID = select(Tenant.id).where(Tenant.id == bindparam("selector"))
_SIGNED_IN = (
    select(
        Membership.id.label("membership_id"),
        Membership.role,
        Membership.status.label("membership_status"),
        Person.id.label("person_id"),
        Person.email,
        Person.first_name,
        Person.last_name,
        Person.email_verified_at,
        Person.is_platform_admin,
        LoginSession.revoked_at,
        LoginSession.expires_at,
        LoginSession.kind,
        LoginSession.last_seen_at,
        Tenant.status.label("tenant_status"),
        Tenant.currency,
        Tenant.timezone,
        Tenant.date_format,
        Tenant.locale,
        Tenant.fiscal_year_start_month,
    )
    .join(
        Membership,
        (Membership.tenant_id == LoginSession.tenant_id) & (Membership.id == LoginSession.membership_id),
    )
    .join(Person, Person.id == LoginSession.person_id)
    .join(Tenant, Tenant.id == LoginSession.tenant_id)
    .where(LoginSession.id == bindparam("session_id"))
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
    found: Any = db.session.execute(_SIGNED_IN, {"session_id": session_id}).one_or_none()
    return found
