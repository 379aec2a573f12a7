"""What is read about people and their sessions."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Uuid, bindparam, func, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import DEFAULT_LIMIT, Page, keyset, make_page, page_parameters, sort_by
from tracktok.core.prepared import Prepared
from tracktok.core.tenancy import current_tenant_id, door
from tracktok.tenants.models import Tenant

from .models import Invitation, LoginSession, Membership, Person
from .rules import MembershipStatus, Role, holders_of

_TENANT_BY_SUBDOMAIN = select(Tenant.id).where(func.lower(Tenant.subdomain) == bindparam("selector"))
_TENANT_BY_ID = select(Tenant.id).where(Tenant.id == bindparam("selector"))
# Every request runs this one: on the tables, with the tenant named.
_m, _p, _s, _t = (model.__table__ for model in (Membership, Person, LoginSession, Tenant))
_SIGNED_IN = Prepared(
    select(
        _m.c.id.label("membership_id"),
        _m.c.role,
        _m.c.record_id,
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
        _t.c.tier,
        _t.c.trial_start_date,
        _t.c.trial_end_date,
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


def signed_in(session_id: UUID) -> Any | None:
    """Everything that a request needs to know about its session, in one query."""
    return _SIGNED_IN.fetch_one({"tenant_id": current_tenant_id(), "session_id": session_id})


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


def person_by_id(person_id: UUID) -> Row[Any]:
    """id, email, first_name, last_name, email_verified_at of a person; opens the door."""
    with door("who arrives"):
        found: Any = db.session.execute(
            select(Person.id, Person.email, Person.first_name, Person.last_name, Person.email_verified_at).where(
                Person.id == person_id
            )
        ).one()
    return found


_PEOPLE_COLUMNS = (
    Membership.id,
    Membership.person_id,
    Membership.role,
    Membership.status,
    Membership.version,
    Membership.created_at,
    Person.email,
    Person.first_name,
    Person.last_name,
    Person.email_verified_at,
)
_PEOPLE_SORTS = {"created_at": sort_by(Membership.created_at)}
_OLDEST = "created_at"
_LAST_SEEN = (
    select(func.max(LoginSession.last_seen_at))
    .where(LoginSession.tenant_id == Membership.tenant_id, LoginSession.membership_id == Membership.id)
    .correlate(Membership)
    .scalar_subquery()
    .label("last_seen_at")
)


def _people() -> Any:
    return select(*_PEOPLE_COLUMNS, _LAST_SEEN).join(Person, Person.id == Membership.person_id)


_OF_RECORD = _people().where(Membership.record_id == bindparam("record_id")).order_by(Membership.created_at).limit(100)


@cache
def _people_list(*, status: bool, after: bool) -> Any:
    statement = _people().where(Membership.record_id.is_(None))
    if status:
        statement = statement.where(Membership.status == bindparam("status"))
    return keyset(statement, sorts=_PEOPLE_SORTS, id_column=Membership.id, sort=_OLDEST, after=after)


def list_people(*, status: str | None = None, cursor: str | None = None, limit: int = DEFAULT_LIMIT) -> Page:
    """Who belongs to the current tenant, the first first, with when they were last seen. Outsiders do not."""
    parameters = page_parameters(sorts=_PEOPLE_SORTS, sort=_OLDEST, cursor=cursor, limit=limit)
    if status:
        parameters["status"] = status
    rows = db.session.execute(_people_list(status=bool(status), after=bool(cursor)), parameters).all()
    return make_page(rows, sort=_OLDEST, limit=limit, sort_key="created_at")


def outsiders_of(record_id: UUID) -> Sequence[Row[Any]]:
    """The people from outside who are bound to a record, as `list_people` has them; a hundred at most."""
    found: Any = db.session.execute(_OF_RECORD, {"record_id": record_id}).all()
    return found


def invitations_of(record_id: UUID) -> Sequence[Row[Any]]:
    """The invitations that wait for people from outside, for a record."""
    return list_invitations(record_id=record_id)


def get_person(membership_id: UUID) -> Row[Any]:
    """Somebody of the current tenant. Raises NotFound."""
    found: Any = db.session.execute(_people().where(Membership.id == membership_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def managers() -> Sequence[Row[Any]]:
    """The active owners and admins of the current tenant: person_id, email, first_name."""
    found: Any = db.session.execute(
        select(Membership.person_id, Person.email, Person.first_name)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.role.in_([Role.owner, Role.admin]), Membership.status == MembershipStatus.active)
        .order_by(Membership.created_at)
    ).all()
    return found


def holders(permission: str) -> Sequence[Row[Any]]:
    """The active people of the current tenant who hold a permission: person_id, email, first_name."""
    found: Any = db.session.execute(
        select(Membership.person_id, Person.email, Person.first_name)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.role.in_(holders_of(permission)), Membership.status == MembershipStatus.active)
        .order_by(Membership.created_at)
    ).all()
    return found


def owners() -> Sequence[Row[Any]]:
    """The active owners of the current tenant: person_id, email, first_name."""
    found: Any = db.session.execute(
        select(Membership.person_id, Person.email, Person.first_name)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.role == Role.owner, Membership.status == MembershipStatus.active)
        .order_by(Membership.created_at)
    ).all()
    return found


def list_invitations(*, all_of_them: bool = False, record_id: UUID | None = None) -> Sequence[Row[Any]]:
    """Invitations of the current tenant, newest first; the open and the ended ones unless `all_of_them`.

    Those of outsiders are apart: they are asked for by the record that they will be bound to.
    """
    statement = select(
        Invitation.id,
        Invitation.email,
        Invitation.role,
        Invitation.created_at,
        Invitation.expires_at,
        Invitation.accepted_at,
        Invitation.revoked_at,
    ).order_by(Invitation.created_at.desc(), Invitation.id.desc())
    statement = statement.where(Invitation.record_id.is_not_distinct_from(record_id))
    if not all_of_them:
        statement = statement.where(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
    found: Any = db.session.execute(statement.limit(100)).all()
    return found


_SESSIONS = (
    select(
        LoginSession.id,
        LoginSession.kind,
        LoginSession.address,
        LoginSession.user_agent,
        LoginSession.created_at,
        LoginSession.last_seen_at,
        LoginSession.expires_at,
        Tenant.name.label("company"),
    )
    .join(Tenant, Tenant.id == LoginSession.tenant_id)
    .where(
        LoginSession.person_id == bindparam("person_id"),
        LoginSession.revoked_at.is_(None),
        LoginSession.expires_at > func.now(),
    )
    .order_by(LoginSession.last_seen_at.desc(), LoginSession.id)
    .limit(100)
)


def sessions_of(person_id: UUID) -> Sequence[Row[Any]]:
    """A person's open sign-ins in all their tenants, those used last first; opens the door."""
    with door("the sessions of a person"):
        found: Any = db.session.execute(_SESSIONS, {"person_id": person_id}).all()
    return found


_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_PERSON_NAME = func.coalesce(func.nullif(func.concat_ws(" ", Person.first_name, Person.last_name), ""), Person.email)
_NAMES_OF_PEOPLE = select(Person.id, _PERSON_NAME.label("name")).where(Person.id == _IDS.any_())
_NAMES_OF_MEMBERS = (
    select(Membership.id, _PERSON_NAME.label("name"))
    .join(Person, Person.id == Membership.person_id)
    .where(Membership.id == _IDS.any_())
)


def names_of_people(ids: Sequence[UUID]) -> dict[UUID, str]:
    """The names of people of the current tenant, by id."""
    return {row.id: row.name for row in db.session.execute(_NAMES_OF_PEOPLE, {"ids": list(ids)})}


def names_of_members(ids: Sequence[UUID]) -> dict[UUID, str]:
    """The names of the people of memberships of the current tenant, by the membership."""
    return {row.id: row.name for row in db.session.execute(_NAMES_OF_MEMBERS, {"ids": list(ids)})}
