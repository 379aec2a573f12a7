"""Statements of vendors: the list, one with what it is made of, its files, approval and payment; costs, employees."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.audit.queries import history
from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.permissions import permits
from tracktok.expenses.queries import accounts
from tracktok.tenants.queries import get_current
from tracktok.trips.models.trips import StatementStatus
from tracktok.trips.queries import imports as names
from tracktok.trips.queries import statements as queries
from tracktok.trips.queries.adjustments import adjustments_of
from tracktok.trips.queries.costs import costs_of
from tracktok.trips.rules.rating import parts_of
from tracktok.trips.rules.trips import last_day, month_of, shown_id
from tracktok.trips.schemas.statements import ApproveIn, PayIn, StatementIn, StatementQuery
from tracktok.trips.services import statements as services
from tracktok.trips.services.employees import employees_of
from tracktok.trips.services.statements.sheets import costs_sheet, employees_sheet
from tracktok.web.addresses import address, without
from tracktok.web.exporting import export_name
from tracktok.web.filters import format_month
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save
from tracktok.web.sheets import file_answer, sheet_response

blueprint = Blueprint("trip_statements", __name__, url_prefix="/statements", template_folder="../templates")
PER_PAGE = 25
STATUSES = [(one.value, one.value.capitalize()) for one in StatementStatus]


@blueprint.get("/")
@permits("trips.read")
def index() -> Response:
    """The list, the latest month first."""
    known = {name: request.args.getlist(name) for name in StatementQuery.model_fields if request.args.get(name)}
    known["limit"] = [str(PER_PAGE)]
    form = Form.read(StatementQuery, MultiDict(known))
    query = form.data or StatementQuery(limit=PER_PAGE)
    page = queries.list_statements(query)
    vendors = names.vendor_choices()
    chips = []
    if query.vendor_id:
        word = next((name for one, name in vendors if one == query.vendor_id), "…")
        chips.append(("Vendor", word, without("vendor_id")))
    if query.status:
        chips.append(("Status", query.status.value.capitalize(), without("status")))
    if query.month:
        chips.append(("Month", format_month(query.month), without("month")))
    return render(
        "trips/statements.html", block={"statements-list": "list", "statements-more": "rows", "*": "list"}, page=page,
        form=form, sums_by_id=services.figures_of_all(page.rows), vendors=vendors, chips=chips,
        statuses=STATUSES, clear=url_for(".index"), sort=query.sort, base=preferences().currency,
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
    )  # fmt: skip


@blueprint.post("/")
@permits("trips.write")
def create() -> Response:
    """Open the statement of a vendor and month, made when there is none yet."""
    return save(
        Form.read(StatementIn),
        services.make_statement,
        lambda made: go_on("Here it is", url_for(".show", statement_id=made.id)),
        _new,
    )


@blueprint.get("/new")
@permits("trips.write")
def new() -> Response:
    """Choose a vendor and a month: for months with a fixed fee and no trip."""
    return _new(Form({"vendor_id": request.args.get("vendor_id"), "month": clock.today(preferences().timezone)}))


def _new(form: Form[Any]) -> Response:
    return render(
        "trips/statement_new.html", block="form", status=form.status, form=form, vendors=names.vendor_choices()
    )


@blueprint.get("/<uuid:statement_id>")
@permits("trips.read")
def show(statement_id: UUID) -> Response:
    """A statement: its sums, the parts of the month, adjustments, the way to its trips."""
    return _record(services.load_statement(statement_id), Form({"paid_on": clock.today(preferences().timezone)}))


def _record(found: services.Statement, form: Form[Any]) -> Response:
    row = found.row
    today = clock.today(preferences().timezone)
    around = {
        "vendor_id": row.vendor_id,
        "date_from": row.month.isoformat(),
        "date_to": last_day(row.month).isoformat(),
    }
    return render(
        "trips/statement.html", block={"peek-body": "record"}, status=form.status, found=found, statement=row,
        told=found.figures, main=found.figures.main, form=form, parts_of=parts_of, shown_id=shown_id,
        adjustments=adjustments_of(row.vendor_id, row.month),
        accounts_choices=[(one.id, one.name, one.currency) for one in accounts.choices()],
        trips_href=url_for("trips.index", **around),
        has_ended=last_day(row.month) < today, history=history.history_of("trip_statements", row.id),
        base=preferences().currency,
    )  # fmt: skip


@blueprint.get("/<uuid:statement_id>/file.<any(csv, xlsx, pdf):file_format>")
@permits("trips.read")
def download(statement_id: UUID, file_format: str) -> Response:
    """A statement as a file."""
    found = services.load_statement(statement_id)
    return file_answer(services.file_of(found, file_format), file_format, services.name_of(found))


@blueprint.post("/<uuid:statement_id>/approve")
@permits("statements.approve")
def approve(statement_id: UUID) -> Response:
    """Approve a statement."""
    row = services.lock_to_approve(statement_id)
    body = ApproveIn(vendor_reference=request.form.get("vendor_reference", "")[:60])
    return attempt(
        lambda: services.approve_statement(row, body),
        lambda _: go_on(
            "Approved: the month is closed, and what is owed is in the books", url_for(".show", statement_id=row.id)
        ),
        url_for(".show", statement_id=statement_id),
    )


@blueprint.post("/<uuid:statement_id>/pay")
@permits("statements.approve")
def pay(statement_id: UUID) -> Response:
    """Record the payment of a statement."""
    row = queries.get_statement(statement_id, for_update=True)
    return save(
        Form.read(PayIn),
        lambda data: services.pay_statement(row, data),
        lambda _: go_on("Payment recorded", url_for(".show", statement_id=statement_id)),
        lambda form: _record(services.load_statement(statement_id), form),
        version=row.version,
    )


@blueprint.post("/<uuid:statement_id>/unpay")
@permits("statements.approve")
def unpay(statement_id: UUID) -> Response:
    """Take a payment back."""
    row = queries.get_statement(statement_id, for_update=True)
    return attempt(
        lambda: services.unpay_statement(row),
        lambda _: go_on("The payment was taken back", url_for(".show", statement_id=statement_id)),
        url_for(".show", statement_id=statement_id),
    )


def _month() -> date:
    try:
        return month_of(date.fromisoformat(request.args.get("month", "")[:7] + "-01"))
    except ValueError:
        return month_of(clock.today(preferences().timezone))


def _months(month: date) -> dict[str, str]:
    before = month_of(date.fromordinal(month.toordinal() - 1))
    after = date.fromordinal(last_day(month).toordinal() + 1)
    return {"before": address({"month": f"{before:%Y-%m}"}), "after": address({"month": f"{after:%Y-%m}"})}


@blueprint.get("/costs")
@permits("trips.read")
def costs() -> Response:
    """What the trips of a month cost, by customer, project and site."""
    month = _month()
    rows = costs_of(month)
    if (file_format := request.args.get("format")) in {"csv", "xlsx"}:
        return sheet_response(costs_sheet(month, rows), file_format, export_name("trip-costs", get_current().name))
    sums: dict[str, Any] = {}
    for row in rows:
        sums[row.currency] = sums.get(row.currency, 0) + row.total
    return render(
        "trips/costs.html",
        month=month,
        rows=rows,
        sums=sums,
        steps=_months(month),
        trips=sum(row.trips for row in rows),
    )


@blueprint.get("/employees")
@permits("trips.read")
def employees() -> Response:
    """What employees were driven in a month, and their incentives."""
    month = _month()
    found = employees_of(month)
    if (file_format := request.args.get("format")) in {"csv", "xlsx"}:
        return sheet_response(employees_sheet(month, found), file_format, export_name("employees", get_current().name))
    sums: dict[str, Any] = {}
    for one in found:
        for currency, amount in one.totals.items():
            sums[currency] = sums.get(currency, 0) + amount
    return render("trips/employees.html", month=month, employees=found, sums=sums, steps=_months(month))
