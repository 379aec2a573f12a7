"""The directory of employees, whom portals let in, and answers to vendors."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from tracktok.auth.rules import Outsider
from tracktok.core.permissions import permits
from tracktok.trips.queries import portals as queries
from tracktok.trips.queries.bills import get_dispute
from tracktok.trips.queries.vendors import get_vendor
from tracktok.trips.schemas.portals import EmployeeIn, MessageIn, OutsiderIn
from tracktok.trips.services import portals as services
from tracktok.web.addresses import address
from tracktok.web.forms import Form
from tracktok.web.render import redirect_to, render, toast
from tracktok.web.saving import attempt, go_on, save

from .bills import blueprint as bills
from .blueprint import vendors
from .vendor_portal import sent_file

employees = Blueprint("employees", __name__, url_prefix="/employees", template_folder="../templates")
PER_PAGE = 50


@vendors.get("/<uuid:vendor_id>/people")
@permits("people.read")
def people(vendor_id: UUID) -> Response:
    """Who may sign in for a vendor."""
    return _vendor_people(vendor_id, Form({"email": ""}))


def _vendor_people(vendor_id: UUID, form: Form[Any]) -> Response:
    vendor = get_vendor(vendor_id)
    return render(
        "outsiders/people.html", block="form", status=form.status, name=vendor.name, form=form,
        people=queries.people_of(vendor.id), invite_to=url_for("vendors.invite_person", vendor_id=vendor_id),
        remove_endpoint="vendors.remove_person", back_endpoint="vendors.let_back_in", record={"vendor_id": vendor_id},
        crumbs=[("Vendors", url_for("vendors.index")), (vendor.name, url_for("vendors.show", vendor_id=vendor_id))],
        sees="this vendor's trips with their price, statements and disputes, and can dispute a trip",
        suggested=vendor.email,
    )  # fmt: skip


@vendors.post("/<uuid:vendor_id>/people")
@permits("people.write")
def invite_person(vendor_id: UUID) -> Response:
    """Invite somebody of a vendor."""
    vendor = get_vendor(vendor_id)
    return save(
        Form.read(OutsiderIn),
        lambda body: services.invite_outsider(Outsider.vendor, vendor.id, body.email),
        lambda made: go_on(f"{made.email} is invited", url_for("vendors.people", vendor_id=vendor_id)),
        lambda form: _vendor_people(vendor_id, form),
    )


@vendors.post("/<uuid:vendor_id>/people/<uuid:outsider_id>/remove")
@permits("people.write")
def remove_person(vendor_id: UUID, outsider_id: UUID) -> Response:
    """Let somebody of a vendor go, or take an invitation back."""
    services.remove_outsider(get_vendor(vendor_id).id, outsider_id)
    return go_on("They can no longer sign in here", url_for("vendors.people", vendor_id=vendor_id))


@vendors.post("/<uuid:vendor_id>/people/<uuid:outsider_id>/back")
@permits("people.write")
def let_back_in(vendor_id: UUID, outsider_id: UUID) -> Response:
    """Let somebody in again."""
    services.let_back(get_vendor(vendor_id).id, outsider_id)
    return go_on("They can sign in again", url_for("vendors.people", vendor_id=vendor_id))


@employees.get("/")
@permits("trips.read")
def index() -> Response:
    """The directory."""
    q = request.args.get("q", "").strip()[:120]
    page = queries.list_employees(q or None, request.args.get("cursor"), PER_PAGE)
    return render(
        "outsiders/employees.html", block={"employees-list": "list", "employees-more": "rows", "*": "list"}, page=page,
        names=queries.names_of_employees([row.id for row in page.rows]), q=q,
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
    )  # fmt: skip


@employees.get("/new")
@permits("trips.write")
def new() -> Response:
    """An empty form."""
    return _form(Form({}))


def _form(form: Form[Any], employee: Any = None) -> Response:
    return render("outsiders/employee_form.html", block="form", status=form.status, form=form, employee=employee)


@employees.post("/")
@permits("trips.write")
def create() -> Response:
    """Add an employee."""
    return save(
        Form.read(EmployeeIn),
        services.add_employee,
        lambda made: go_on(
            f"{made.name} is added", url_for("employees.show", employee_id=made.id), another=url_for("employees.new")
        ),
        _form,
    )


@employees.get("/<uuid:employee_id>")
@permits("trips.read")
def show(employee_id: UUID) -> Response:
    """An employee, what trips call them, and who may sign in for them."""
    return _show(employee_id, Form({"email": ""}))


def _show(employee_id: UUID, form: Form[Any]) -> Response:
    employee = queries.get_employee(employee_id)
    return render(
        "outsiders/employee_record.html", block={"peek-body": "record", "*": "record"}, status=form.status,
        employee=employee, form=form, names=queries.names_of_employees([employee.id])[employee.id],
        people=queries.people_of(employee.id),
        invite_to=url_for("employees.invite_person_of_employee", employee_id=employee_id),
        remove_endpoint="employees.remove_employee_person", back_endpoint="employees.let_employee_back_in",
        record={"employee_id": employee_id}, suggested=employee.email,
        sees="their own trips and incentives",
    )  # fmt: skip


@employees.get("/<uuid:employee_id>/edit")
@permits("trips.write")
def edit(employee_id: UUID) -> Response:
    """The form of an employee."""
    employee = queries.get_employee(employee_id)
    own = {one.lower() for one in (employee.name, employee.code, employee.email)}
    known = [one for one in queries.names_of_employees([employee.id])[employee.id] if one not in own]
    values = {"name": employee.name, "code": employee.code, "email": employee.email, "known_as": "\n".join(known)}
    return _form(Form(values), employee)


@employees.post("/<uuid:employee_id>/edit")
@permits("trips.write")
def update(employee_id: UUID) -> Response:
    """Change an employee."""
    employee = queries.get_employee(employee_id, for_update=True)
    return save(
        Form.read(EmployeeIn),
        lambda body: services.change_employee(employee, body),
        lambda _: go_on("Saved", url_for("employees.show", employee_id=employee_id)),
        lambda form: _form(form, employee),
        version=employee.version,
    )


@employees.post("/<uuid:employee_id>/delete")
@permits("trips.write")
def delete(employee_id: UUID) -> Response:
    """Take an employee out of the directory."""
    employee = queries.get_employee(employee_id, for_update=True)
    name = employee.name
    return attempt(
        lambda: services.delete_employee(employee),
        lambda _: go_on(f"{name} is deleted", url_for("employees.index")),
        url_for("employees.show", employee_id=employee_id),
    )


@employees.post("/<uuid:employee_id>/people")
@permits("people.write")
def invite_person_of_employee(employee_id: UUID) -> Response:
    """Invite an employee."""
    employee = queries.get_employee(employee_id)
    return save(
        Form.read(OutsiderIn),
        lambda body: services.invite_outsider(Outsider.employee, employee.id, body.email),
        lambda made: go_on(f"{made.email} is invited", url_for("employees.show", employee_id=employee_id)),
        lambda form: _show(employee_id, form),
    )


@employees.post("/<uuid:employee_id>/people/<uuid:outsider_id>/remove")
@permits("people.write")
def remove_employee_person(employee_id: UUID, outsider_id: UUID) -> Response:
    """Let an employee go, or take an invitation back."""
    services.remove_outsider(queries.get_employee(employee_id).id, outsider_id)
    return go_on("They can no longer sign in here", url_for("employees.show", employee_id=employee_id))


@employees.post("/<uuid:employee_id>/people/<uuid:outsider_id>/back")
@permits("people.write")
def let_employee_back_in(employee_id: UUID, outsider_id: UUID) -> Response:
    """Let an employee in again."""
    services.let_back(queries.get_employee(employee_id).id, outsider_id)
    return go_on("They can sign in again", url_for("employees.show", employee_id=employee_id))


@bills.post("/disputes/<uuid:dispute_id>/answer")
@permits("trips.write")
def answer_vendor(dispute_id: UUID) -> Response:
    """Answer a vendor about a dispute."""
    row = get_dispute(dispute_id, for_update=True)
    here = url_for("vendor_bills.show_dispute", dispute_id=dispute_id)
    form: Form[Any] = Form.read(MessageIn)
    if form.data is None:
        toast(next(iter(form.errors.values()))[0], "danger")
        return redirect_to(here)
    body = form.data
    return attempt(
        lambda: services.answer_dispute(row, body, sent_file(), by_vendor=False),
        lambda _: go_on("Your answer was sent", here),
        here,
    )
