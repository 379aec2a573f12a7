"""Whom a vendor's or an employee's portal lets in; the directory of employees; answers to disputes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from tracktok.auth.rules import Outsider
from tracktok.core.permissions import permits
from tracktok.trips.queries import portals as queries
from tracktok.trips.queries.bills import get_dispute
from tracktok.trips.queries.vendors import get_vendor
from tracktok.trips.schemas import portals as schemas
from tracktok.trips.services import portals as services
from tracktok.web.api import Api, Schema, check_if_match, instant, json_response, list_of, list_response, path_of

from .bills import DisputePath
from .bills import disputes_api as disputes
from .portals import UPLOAD, present_messages, read_body, sent_file
from .vendors import VendorPath
from .vendors import api as vendors

employees = Api("employees", __name__, prefix="/employees", tag="Employees")
EmployeePath = path_of("employee_id")


class VendorPersonPath(Schema):
    """Somebody of a vendor."""

    vendor_id: UUID
    outsider_id: UUID


class EmployeePersonPath(Schema):
    """Somebody who may see an employee's trips."""

    employee_id: UUID
    outsider_id: UUID


def _people(record_id: UUID, status: int = 200) -> Response:
    when = ("last_seen_at", "expires_at")
    data = [{**one, **{name: instant(one[name]) for name in when}} for one in queries.people_of(record_id)]
    return json_response({"object": "list", "data": data, "has_more": False, "next_cursor": None}, status)


@vendors.get("/<uuid:vendor_id>/people", responses={200: list_of(schemas.OutsiderOut)})
@permits("people.read")
def list_vendor_people(path: VendorPath) -> Response:  # type: ignore[valid-type]
    """List who may sign in for a vendor, and the invitations that wait."""
    return _people(get_vendor(path.vendor_id).id)  # type: ignore[attr-defined]


@vendors.post("/<uuid:vendor_id>/people", responses={201: list_of(schemas.OutsiderOut)})
@permits("people.write")
def invite_vendor_person(path: VendorPath, body: schemas.OutsiderIn) -> Response:  # type: ignore[valid-type]
    """Invite somebody of a vendor by e-mail: they see its trips, statements and disputes, and nothing else."""
    vendor = get_vendor(path.vendor_id)  # type: ignore[attr-defined]
    services.invite_outsider(Outsider.vendor, vendor.id, body.email)
    return _people(vendor.id, 201)


@vendors.delete("/<uuid:vendor_id>/people/<uuid:outsider_id>", responses={204: None})
@permits("people.write")
def remove_vendor_person(path: VendorPersonPath) -> Response:
    """Let somebody of a vendor go, or take an invitation back."""
    services.remove_outsider(get_vendor(path.vendor_id).id, path.outsider_id)
    return Response(status=204)


@vendors.post("/<uuid:vendor_id>/people/<uuid:outsider_id>/let-back", responses={200: list_of(schemas.OutsiderOut)})
@permits("people.write")
def let_vendor_person_back(path: VendorPersonPath) -> Response:
    """Let somebody of a vendor in again who was let go."""
    vendor = get_vendor(path.vendor_id)
    services.let_back(vendor.id, path.outsider_id)
    return _people(vendor.id)


def _employee(row: Any, names: list[str]) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in ("id", "name", "code", "email", "version")}
    return {**told, "known_as": names}


def _shown(row: Any, status: int = 200) -> Response:
    body = _employee(row, queries.names_of_employees([row.id])[row.id])
    location = f"/api/v1/employees/{row.id}" if status == 201 else None
    return json_response(body, status, etag=row.version, location=location)


@employees.get("/", responses={200: list_of(schemas.EmployeeOut)})
@permits("trips.read")
def list_employees(query: schemas.EmployeeQuery) -> Response:
    """List the employees who are driven, and by which texts trips name them."""
    page = queries.list_employees(query.q, query.cursor, query.limit)
    names = queries.names_of_employees([row.id for row in page.rows])
    return list_response(page, [_employee(row, names[row.id]) for row in page.rows])


@employees.post("/", responses={201: schemas.EmployeeOut})
@permits("trips.write")
def create_employee(body: schemas.EmployeeIn) -> Response:
    """Add an employee. What trips call them (name, code, e-mail and `known_as`) means nobody else."""
    return _shown(services.add_employee(body), 201)


@employees.get("/<uuid:employee_id>", responses={200: schemas.EmployeeOut})
@permits("trips.read")
def show_employee(path: EmployeePath) -> Response:  # type: ignore[valid-type]
    """Get an employee."""
    return _shown(queries.get_employee(path.employee_id))  # type: ignore[attr-defined]


@employees.put("/<uuid:employee_id>", responses={200: schemas.EmployeeOut})
@permits("trips.write")
def replace_employee(path: EmployeePath, body: schemas.EmployeeIn) -> Response:  # type: ignore[valid-type]
    """Change an employee as a whole."""
    row = queries.get_employee(path.employee_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(row.version)
    return _shown(services.change_employee(row, body))


@employees.delete("/<uuid:employee_id>", responses={204: None})
@permits("trips.write")
def delete_employee(path: EmployeePath) -> Response:  # type: ignore[valid-type]
    """Delete an employee whom nobody may sign in for. Trips stay as they are."""
    services.delete_employee(queries.get_employee(path.employee_id, for_update=True))  # type: ignore[attr-defined]
    return Response(status=204)


@employees.get("/<uuid:employee_id>/people", responses={200: list_of(schemas.OutsiderOut)})
@permits("people.read")
def list_employee_people(path: EmployeePath) -> Response:  # type: ignore[valid-type]
    """List who may sign in to see an employee's trips."""
    return _people(queries.get_employee(path.employee_id).id)  # type: ignore[attr-defined]


@employees.post("/<uuid:employee_id>/people", responses={201: list_of(schemas.OutsiderOut)})
@permits("people.write")
def invite_employee(path: EmployeePath, body: schemas.OutsiderIn) -> Response:  # type: ignore[valid-type]
    """Invite an employee by e-mail: they see their own trips and incentives, and nothing else."""
    employee = queries.get_employee(path.employee_id)  # type: ignore[attr-defined]
    services.invite_outsider(Outsider.employee, employee.id, body.email)
    return _people(employee.id, 201)


@employees.delete("/<uuid:employee_id>/people/<uuid:outsider_id>", responses={204: None})
@permits("people.write")
def remove_employee_person(path: EmployeePersonPath) -> Response:
    """Let an employee go, or take an invitation back."""
    services.remove_outsider(queries.get_employee(path.employee_id).id, path.outsider_id)
    return Response(status=204)


@employees.post("/<uuid:employee_id>/people/<uuid:outsider_id>/let-back", responses={200: list_of(schemas.OutsiderOut)})
@permits("people.write")
def let_employee_person_back(path: EmployeePersonPath) -> Response:
    """Let somebody see an employee's trips again who was let go."""
    employee = queries.get_employee(path.employee_id)
    services.let_back(employee.id, path.outsider_id)
    return _people(employee.id)


@disputes.get("/<uuid:dispute_id>/messages", responses={200: list_of(schemas.DisputeMessageOut)})
@permits("trips.read")
def list_messages(path: DisputePath) -> Response:  # type: ignore[valid-type]
    """List what vendor and company said about a dispute."""
    row = get_dispute(path.dispute_id)  # type: ignore[attr-defined]
    data = present_messages(row.id)
    return json_response({"object": "list", "data": data, "has_more": False, "next_cursor": None})


@disputes.post("/<uuid:dispute_id>/messages", request_body=UPLOAD, responses={201: list_of(schemas.DisputeMessageOut)})
@permits("trips.write")
def answer(path: DisputePath) -> Response:  # type: ignore[valid-type]
    """Answer the vendor: JSON with `said`, or multipart with a `file`."""
    row = get_dispute(path.dispute_id, for_update=True)  # type: ignore[attr-defined]
    services.answer_dispute(row, read_body(schemas.MessageIn), sent_file(), by_vendor=False)
    data = present_messages(row.id)
    return json_response({"object": "list", "data": data, "has_more": False, "next_cursor": None}, 201)
