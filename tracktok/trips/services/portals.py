"""Outsiders: let in and let go; what vendors say about a trip's price; whom trips name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import IO, Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from tracktok.auth import queries as auth_queries
from tracktok.auth.models import Invitation
from tracktok.auth.rules import Outsider
from tracktok.auth.services import invitations, people
from tracktok.core.context import actor
from tracktok.core.db import db
from tracktok.core.errors import Conflict, Invalid, NotFound
from tracktok.core.ids import new_id
from tracktok.core.money import round_amount
from tracktok.core.tenancy import current_tenant_id
from tracktok.documents.services import store_file
from tracktok.trips.models import DisputeMessage, Employee, EmployeeName, Trip, TripDispute
from tracktok.trips.queries import portals as queries
from tracktok.trips.queries.adjustments import cost_now
from tracktok.trips.queries.rating import find_vendor
from tracktok.trips.queries.trips import lock_trip
from tracktok.trips.rules.trips import last_day, month_of
from tracktok.trips.schemas.portals import EmployeeIn, MessageIn, VendorDisputeIn

from .bills import STILL_TALKING
from .dispute_news import tell_company, tell_vendor
from .employees import Earned, earned_of

ZERO = Decimal(0)


class DisputedAlready(Conflict):
    code, title = "already_disputed", "This trip is disputed already"


class DisputeOver(Conflict):
    code, title = "dispute_over", "This dispute is settled"


# People of a record.
def invite_outsider(role: Outsider, record_id: UUID, email: str) -> Invitation:
    """Ask somebody in by e-mail, for one record. Raises AlreadyMember, AlreadyInvited, RoleNotYours."""
    return invitations.invite(email, role.value, record_id)


def let_go(record_id: UUID, membership_id: UUID) -> None:
    """Let somebody of a record go: they are signed out and come in no more. Raises NotFound."""
    if membership_id not in {row.id for row in auth_queries.outsiders_of(record_id)}:
        raise NotFound("There is no such person.")
    people.deactivate(membership_id)


def let_back(record_id: UUID, membership_id: UUID) -> None:
    """Let somebody of a record in again. Raises NotFound."""
    if membership_id not in {row.id for row in auth_queries.outsiders_of(record_id)}:
        raise NotFound("There is no such person.")
    people.reactivate(membership_id)


def take_back(record_id: UUID, invitation_id: UUID) -> None:
    """Take an invitation back. Raises NotFound."""
    if invitation_id not in {row.id for row in auth_queries.invitations_of(record_id)}:
        raise NotFound("There is no such invitation.")
    invitations.revoke(invitation_id)


def remove_outsider(record_id: UUID, outsider_id: UUID) -> None:
    """Let somebody go, or take an invitation back, whichever the id is of. Raises NotFound."""
    if outsider_id in {row.id for row in auth_queries.invitations_of(record_id)}:
        take_back(record_id, outsider_id)
    else:
        let_go(record_id, outsider_id)


# Disputes.
def open_vendor_dispute(trip: Trip, body: VendorDisputeIn, file: tuple[IO[bytes], str] | None = None) -> TripDispute:
    """The vendor says that a trip should come to something else. Raises DisputedAlready (409), Invalid (422)."""
    lock_trip(trip.id)
    if any(row.status in STILL_TALKING for row in queries.disputes_of_trip(trip.id)):
        raise DisputedAlready("This trip is disputed already. Answer there.")
    cost, vendor = cost_now(trip.id), find_vendor(trip.vendor_id)
    currency, expected = cost.currency or vendor.currency, cost.owed(with_tax=True)
    claimed = round_amount(body.claimed, currency)
    if claimed == expected:
        raise Invalid.at("claimed", "This is what the trip comes to already.")
    who = actor()
    dispute = TripDispute(
        id=new_id(),
        vendor_id=trip.vendor_id,
        trip_id=trip.id,
        about=month_of(trip.trip_date),
        reason=body.reason,
        currency=currency,
        claimed=claimed,
        expected=expected,
        opened_by=who.person_id if who else None,
    )
    db.session.add(dispute)
    db.session.flush()
    if file is not None:
        _write(dispute, body.reason, file, by_vendor=True)
    tell_company(dispute, f"{vendor.name} disputes a trip", body.reason)
    db.session.refresh(dispute)
    return dispute


def answer_dispute(
    dispute: TripDispute, body: MessageIn, file: tuple[IO[bytes], str] | None = None, *, by_vendor: bool
) -> None:
    """Say something about a dispute; the other side is told. Raises DisputeOver (409)."""
    if dispute.status == "credited":
        raise DisputeOver("This dispute is settled and stands on a statement.")
    _write(dispute, body.said, file, by_vendor=by_vendor)
    if by_vendor:
        tell_company(dispute, f"{find_vendor(dispute.vendor_id).name} answers about a disputed trip", body.said)
        return
    tell_vendor(dispute, "An answer about your dispute", body.said)


def _write(dispute: TripDispute, said: str, file: tuple[IO[bytes], str] | None, *, by_vendor: bool) -> None:
    who = actor()
    stored = store_file(file[0], file[1]) if file is not None else None
    db.session.add(
        DisputeMessage(
            id=new_id(),
            dispute_id=dispute.id,
            by_vendor=by_vendor,
            person_id=who.person_id if who else None,
            said=said,
            file_id=stored.id if stored else None,
        )
    )
    db.session.flush()


def may_open_file(file_id: UUID) -> bool:
    """Whether the actor may open a file of a dispute: the company, and the vendor whose dispute it is."""
    who = actor()
    if who is None or not (who.may("trips.read") or who.may("vendor_portal.use")):
        return False
    vendors = queries.vendors_of_file(file_id)
    return bool(vendors) if who.may("trips.read") else who.record_id in vendors


# Employees.
def add_employee(body: EmployeeIn) -> Employee:
    """An employee of the directory. Raises Invalid (422) where a text means somebody else already."""
    employee = Employee(id=new_id(), name=body.name, code=body.code, email=body.email.lower())
    db.session.add(employee)
    db.session.flush()
    _name(employee, body)
    return employee


def change_employee(employee: Employee, body: EmployeeIn) -> Employee:
    """Change an employee (locked by the caller) as a whole."""
    employee.name, employee.code, employee.email = body.name, body.code, body.email.lower()
    db.session.flush()
    _name(employee, body)
    return employee


def delete_employee(employee: Employee) -> None:
    """Take an employee out of the directory. Raises Conflict (409) while somebody can sign in for them."""
    waiting = auth_queries.invitations_of(employee.id)
    if auth_queries.outsiders_of(employee.id) or waiting:
        raise Conflict(f"{employee.name} was let in. Let them go; the entry stays with what they may see.")
    db.session.delete(employee)
    db.session.flush()


def _name(employee: Employee, body: EmployeeIn) -> None:
    texts = list(
        dict.fromkeys(one.strip().lower() for one in (body.name, body.code, body.email, *body.known_as) if one.strip())
    )
    db.session.execute(delete(EmployeeName).where(EmployeeName.employee_id == employee.id))
    rows = [
        {"tenant_id": current_tenant_id(), "id": new_id(), "employee_id": employee.id, "name": one} for one in texts
    ]
    try:
        with db.session.begin_nested():
            db.session.execute(insert(EmployeeName), rows)
    except IntegrityError as error:
        taken = set(db.session.execute(select(EmployeeName.name).where(EmployeeName.name.in_(texts))).scalars())
        for name, value in (
            ("name", [body.name]),
            ("code", [body.code]),
            ("email", [body.email]),
            ("known_as", body.known_as),
        ):
            if any(one.strip().lower() in taken for one in value):
                raise Invalid.at(name, "This means another employee already; trips would be shown to both.") from error
        raise


@dataclass(slots=True)
class OwnMonth:
    """An employee's month."""

    employee: Employee
    month: date
    rows: Sequence[Any]
    trips: int = 0
    seconds: int = 0
    distance_km: Decimal = ZERO
    earned: list[Earned] = field(default_factory=list)

    @property
    def hours(self) -> Decimal:
        return (Decimal(self.seconds) / 3600).quantize(Decimal("0.01"))

    @property
    def totals(self) -> dict[str, Decimal]:
        """What is paid, by currency."""
        found: dict[str, Decimal] = {}
        for one in self.earned:
            found[one.incentive.currency] = found.get(one.incentive.currency, ZERO) + one.incentive.amount
        return found


def own_month(month: date) -> OwnMonth:
    """The trips and incentives of the signed-in employee in a month. Raises NotFound."""
    employee = queries.get_employee(queries.own_record())
    names = queries.names_of_employees([employee.id])[employee.id]
    first, last = month_of(month), last_day(month_of(month))
    found = OwnMonth(employee, first, queries.trips_of_names(names, first, last))
    rows = queries.driven_of_names(names, first - timedelta(days=6), last)
    for row in rows:
        if row.trip_date >= first:
            found.trips += row.trips
            found.seconds += row.seconds
            found.distance_km += row.distance_km
    found.earned = earned_of(rows, first, last)
    return found
