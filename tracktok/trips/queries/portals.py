"""What outsiders may see: everything is asked for by the record that they are bound to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Text, Uuid, and_, bindparam, func, or_, select, text

from tracktok.auth import queries as auth_queries
from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, fetch_page, sort_by
from tracktok.core.permissions import current_actor
from tracktok.core.tenancy import current_tenant_id
from tracktok.documents.models import StoredFile
from tracktok.trips.models import DisputeMessage, Employee, EmployeeName, Trip, TripDispute, TripStatement

from .bills import get_dispute
from .statements import get_statement
from .trips import get_trip

MOST_TRIPS = 500


class EmployeeNotFound(NotFound):
    code, title = "employee_not_found", "There is no such employee"


def own_record() -> UUID:
    """The record that the signed-in outsider is bound to; raises NotFound for others."""
    record = current_actor().record_id
    if record is None:
        raise NotFound("There is nothing of yours here.")
    return record


def own_trip(trip_id: UUID) -> Trip:
    """A trip of the signed-in vendor; raises TripNotFound for anybody else's."""
    trip = get_trip(trip_id)
    if trip.vendor_id != own_record():
        raise NotFound("There is no such trip.")
    return trip


def own_statement(statement_id: UUID) -> TripStatement:
    """A statement of the signed-in vendor; raises NotFound for anybody else's."""
    statement = get_statement(statement_id)
    if statement.vendor_id != own_record():
        raise NotFound("There is no such statement.")
    return statement


def own_dispute(dispute_id: UUID, *, for_update: bool = False) -> TripDispute:
    """A dispute of the signed-in vendor; raises NotFound for anybody else's."""
    dispute = get_dispute(dispute_id, for_update=for_update)
    if dispute.vendor_id != own_record():
        raise NotFound("There is no such dispute.")
    return dispute


_MESSAGES = (
    select(
        DisputeMessage.id, DisputeMessage.by_vendor, DisputeMessage.said, DisputeMessage.file_id,
        DisputeMessage.person_id, DisputeMessage.created_at, StoredFile.filename,
    )
    .outerjoin(
        StoredFile, and_(StoredFile.tenant_id == DisputeMessage.tenant_id, StoredFile.id == DisputeMessage.file_id)
    )
    .where(DisputeMessage.dispute_id == bindparam("dispute", type_=Uuid()))
    .order_by(DisputeMessage.created_at, DisputeMessage.id)
)  # fmt: skip
_VENDORS_OF_FILE = (
    select(TripDispute.vendor_id)
    .join(
        DisputeMessage,
        and_(DisputeMessage.tenant_id == TripDispute.tenant_id, DisputeMessage.dispute_id == TripDispute.id),
    )
    .where(DisputeMessage.file_id == bindparam("file", type_=Uuid()))
)
_OPEN = select(func.count()).where(
    TripDispute.vendor_id == bindparam("vendor", type_=Uuid()), TripDispute.status == "open"
)
_OF_TRIP = (
    select(TripDispute.id, TripDispute.status, TripDispute.claimed, TripDispute.currency, TripDispute.created_at)
    .where(TripDispute.trip_id == bindparam("trip", type_=Uuid()))
    .order_by(TripDispute.created_at.desc(), TripDispute.id.desc())
    .limit(20)
)


def messages_of(dispute_id: UUID) -> Sequence[Any]:
    """What was said about a dispute, in order."""
    return db.session.execute(_MESSAGES, {"dispute": dispute_id}).all()


def vendors_of_file(file_id: UUID) -> set[UUID]:
    """The vendors with whom a file was exchanged in disputes."""
    return set(db.session.execute(_VENDORS_OF_FILE, {"file": file_id}).scalars())


def count_open_disputes(vendor_id: UUID) -> int:
    """How many disputes of a vendor are open."""
    return int(db.session.execute(_OPEN, {"vendor": vendor_id}).scalar_one())


def disputes_of_trip(trip_id: UUID) -> Sequence[Any]:
    """The disputes of a trip, the latest first."""
    return db.session.execute(_OF_TRIP, {"trip": trip_id}).all()


# Employees.
_SORTS = {"name": sort_by(Employee.name)}
_COLUMNS = (
    Employee.id, Employee.name, Employee.code, Employee.email, Employee.version,
)  # fmt: skip


def get_employee(employee_id: UUID, *, for_update: bool = False) -> Employee:
    """An employee of the directory; raises EmployeeNotFound."""
    statement = select(Employee).where(Employee.id == employee_id)
    if for_update:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = db.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise EmployeeNotFound
    return found


def list_employees(q: str | None, cursor: str | None, limit: int) -> Page:
    """A page of the directory, by name."""
    statement = select(*_COLUMNS)
    if q:
        like = f"%{q.lower().replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        statement = statement.where(
            or_(*(func.lower(one).like(like, escape="!") for one in (Employee.name, Employee.code, Employee.email)))
        )
    return fetch_page(statement, sorts=_SORTS, id_column=Employee.id, sort="name", cursor=cursor, limit=limit)


_NAMES = (
    select(EmployeeName.employee_id, EmployeeName.name)
    .where(EmployeeName.employee_id == bindparam("ids", type_=ARRAY(Uuid())).any_())
    .order_by(EmployeeName.name)
)


def names_of_employees(ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """What trips call employees, in small letters."""
    found: dict[UUID, list[str]] = {one: [] for one in ids}
    for row in db.session.execute(_NAMES, {"ids": list(ids)}):
        found[row.employee_id].append(row.name)
    return found


_MEANT = "EXISTS (SELECT FROM unnest(t.employees) AS e (name) WHERE lower(e.name) = ANY (:names))"
_OWN = text(
    f"""
    SELECT t.id, t.trip_date, t.started_at, t.ended_at, t.timezone, t.type, t.status, t.vehicle, t.driver, t.route,
           t.origin, t.destination, t.distance_km
      FROM trips t
     WHERE t.tenant_id = :tenant AND t.deleted_at IS NULL AND t.trip_date BETWEEN :first AND :last
       AND t.employees <> '{{}}' AND {_MEANT}
     ORDER BY t.trip_date DESC, t.started_at DESC, t.id LIMIT :most"""  # noqa: S608 - a constant
).bindparams(bindparam("first", type_=Date()), bindparam("last", type_=Date()), bindparam("names", type_=ARRAY(Text())))
_DRIVEN = text(
    f"""
    SELECT t.trip_date, t.type, t.project_id, count(*)::int AS trips, sum(t.distance_km) AS distance_km,
           coalesce(sum(extract(epoch FROM t.ended_at - t.started_at)), 0)::bigint AS seconds
      FROM trips t
     WHERE t.tenant_id = :tenant AND t.deleted_at IS NULL AND t.trip_date BETWEEN :first AND :last
       AND t.status = 'completed' AND t.employees <> '{{}}' AND {_MEANT}
     GROUP BY 1, 2, 3 ORDER BY 1"""  # noqa: S608 - a constant
).bindparams(bindparam("first", type_=Date()), bindparam("last", type_=Date()), bindparam("names", type_=ARRAY(Text())))


def trips_of_names(names: Sequence[str], first: date, last: date) -> Sequence[Any]:
    """The trips of days that name somebody by one of these, the latest first; 500 at most."""
    values = {"tenant": current_tenant_id(), "names": list(names), "first": first, "last": last, "most": MOST_TRIPS}
    return db.session.execute(_OWN, values).all()


def driven_of_names(names: Sequence[str], first: date, last: date) -> Sequence[Any]:
    """What somebody was driven, by day, type of trip and project; each trip once, however often it names them."""
    values = {"tenant": current_tenant_id(), "names": list(names), "first": first, "last": last}
    return db.session.execute(_DRIVEN, values).all()


def people_of(record_id: UUID) -> list[dict[str, Any]]:
    """Who is in for a record, and whose invitation waits."""
    found: list[dict[str, Any]] = [
        {
            "id": row.id,
            "kind": "person",
            "email": row.email,
            "name": " ".join(filter(None, (row.first_name, row.last_name))),
            "status": row.status,
            "last_seen_at": row.last_seen_at,
            "expires_at": None,
        }
        for row in auth_queries.outsiders_of(record_id)
    ]
    found += [
        {
            "id": row.id, "kind": "invitation", "email": row.email, "name": "", "status": "invited",
            "last_seen_at": None, "expires_at": row.expires_at,
        }
        for row in auth_queries.invitations_of(record_id)
    ]  # fmt: skip
    return found
