"""What people of a vendor see: their own trips, statements and disputes."""

from __future__ import annotations

from datetime import date
from typing import IO, Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core.context import preferences
from tracktok.core.permissions import permits
from tracktok.trips.models.bills import DisputeStatus
from tracktok.trips.models.trips import StatementStatus, TripStatus, TripType
from tracktok.trips.queries import bills as bill_queries
from tracktok.trips.queries import portals as queries
from tracktok.trips.queries import statements as statement_queries
from tracktok.trips.queries.adjustments import adjustments_of
from tracktok.trips.queries.rating import find_vendor, version_names
from tracktok.trips.queries.trips import charges_of, list_trips, rows_of, summarize
from tracktok.trips.rules.rating import NOT_YET, parts_of
from tracktok.trips.rules.trips import last_day, month_of, shown_id
from tracktok.trips.schemas.bills import DisputeQuery
from tracktok.trips.schemas.portals import (
    MessageIn,
    PortalDisputeQuery,
    PortalStatementQuery,
    PortalTripQuery,
    VendorDisputeIn,
)
from tracktok.trips.schemas.statements import StatementQuery
from tracktok.trips.schemas.trips import TripFilters, TripQuery
from tracktok.trips.services import portals as services
from tracktok.trips.services import statements as statement_services
from tracktok.web.addresses import address, without
from tracktok.web.filters import format_day, today
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import go_on, save
from tracktok.web.sheets import file_answer

from .trips import duration_of, title_of, wall_of

blueprint = Blueprint("vendor_portal", __name__, url_prefix="/vendor", template_folder="../templates")
PER_PAGE = 50
NO_PRICE = "No rate card of yours holds for this trip yet."
LABELS = {"date_from": "From", "date_to": "To", "status": "Status", "type": "Type", "priced": "Price", "q": "Text"}


def sent_file() -> tuple[IO[bytes], str] | None:
    """The file of a form, if one was chosen."""
    found = request.files.get("file")
    return (found.stream, found.filename) if found is not None and found.filename else None


def _query(schema: Any) -> tuple[Form[Any], Any]:
    known = {name: request.args.getlist(name) for name in schema.model_fields if request.args.get(name)}
    known["limit"] = [str(PER_PAGE)]
    form: Form[Any] = Form.read(schema, MultiDict(known))
    return form, form.data or schema(limit=PER_PAGE)


def _more(page: Any) -> str:
    return address({"cursor": page.next_cursor}) if page.next_cursor else ""


@blueprint.get("/")
@permits("vendor_portal.use")
def index() -> Response:
    """The month so far, the latest statements, open disputes."""
    vendor = find_vendor(queries.own_record())
    month = month_of(today())
    filters = TripFilters(vendor_id=vendor.id, date_from=month, date_to=last_day(month))
    statements = statement_queries.list_statements(StatementQuery(vendor_id=vendor.id, limit=4)).rows
    return render(
        "outsiders/overview.html", vendor=vendor, month=month, summary=summarize(filters), statements=statements,
        sums=statement_services.figures_of_all(statements),
        open_disputes=queries.count_open_disputes(vendor.id),
        disputes=bill_queries.list_disputes(DisputeQuery(vendor_id=vendor.id, limit=4)).rows,
        trips_href=url_for(".trips", date_from=month.isoformat(), date_to=last_day(month).isoformat()),
    )  # fmt: skip


@blueprint.get("/trips")
@permits("vendor_portal.use")
def trips() -> Response:
    """The list of their trips."""
    form, query = _query(PortalTripQuery)
    whole = TripQuery(vendor_id=queries.own_record(), **dict(query))
    page = list_trips(whole)
    chips = []
    for name, label in LABELS.items():
        value = getattr(query, name)
        if value is None:
            continue
        words = getattr(value, "label", None) or (
            format_day(value)
            if isinstance(value, date)
            else ("set" if value else "none")
            if name == "priced"
            else str(value)
        )
        chips.append((label, words, without(name)))
    return render(
        "outsiders/trips.html", block={"trips-list": "list", "trips-more": "rows", "*": "list"}, page=page, form=form,
        sort=query.sort, chips=chips, clear=url_for(".trips"), shown_id=shown_id, duration=duration_of,
        title_of=title_of, summary=summarize(whole) if not query.cursor else None, more=_more(page),
        types=[(one.value, one.label) for one in TripType], statuses=[(one.value, one.label) for one in TripStatus],
        base=preferences().currency,
    )  # fmt: skip


@blueprint.get("/trips/<uuid:own_trip_id>")
@permits("vendor_portal.use")
def trip(own_trip_id: UUID) -> Response:
    """A trip with its price explained, and a form to dispute it."""
    return _trip(own_trip_id, Form())


def _trip(trip_id: UUID, form: Form[Any]) -> Response:
    found = queries.own_trip(trip_id)
    row = rows_of([found.id])[found.id]
    charges = charges_of(found.id)
    charge = charges[0] if charges and charges[0].superseded_at is None else None
    disputes = queries.disputes_of_trip(found.id)
    return render(
        "outsiders/trip.html", block={"peek-body": "record", "*": "record"}, status=form.status, trip=row,
        title=title_of(row), own_id=shown_id(row.external_id), duration=duration_of(row), wall=wall_of, charge=charge,
        parts=parts_of(charge.trace) if charge else [], form=form, disputes=disputes,
        disputable=not any(one.status in {"open", "agreed"} for one in disputes),
        version=version_names({charge.version_id}).get(charge.version_id) if charge else None,
        why_not=NOT_YET if found.status == TripStatus.planned else NO_PRICE,
        type_words={one.value: one.label for one in TripType},
    )  # fmt: skip


@blueprint.post("/trips/<uuid:own_trip_id>/dispute")
@permits("vendor_portal.use")
def dispute_trip(own_trip_id: UUID) -> Response:
    """Say what a trip should come to."""
    found = queries.own_trip(own_trip_id)
    return save(
        Form.read(VendorDisputeIn),
        lambda body: services.open_vendor_dispute(found, body, sent_file()),
        lambda made: go_on("Your dispute was sent", url_for(".dispute", own_dispute_id=made.id)),
        lambda form: _trip(own_trip_id, form),
    )


@blueprint.get("/statements")
@permits("vendor_portal.use")
def statements() -> Response:
    """The list of their statements."""
    form, query = _query(PortalStatementQuery)
    page = statement_queries.list_statements(StatementQuery(vendor_id=queries.own_record(), **dict(query)))
    chips = [("Status", query.status.value.capitalize(), without("status"))] if query.status else []
    return render(
        "outsiders/statements.html", block={"statements-list": "list", "statements-more": "rows", "*": "list"},
        page=page, form=form, sums=statement_services.figures_of_all(page.rows), chips=chips,
        clear=url_for(".statements"), more=_more(page),
        statuses=[(one.value, one.value.capitalize()) for one in StatementStatus],
    )  # fmt: skip


@blueprint.get("/statements/<uuid:own_statement_id>")
@permits("vendor_portal.use")
def statement(own_statement_id: UUID) -> Response:
    """A statement: what it comes to and what it is made of."""
    row = queries.own_statement(own_statement_id)
    found = statement_services.load_statement(row.id)
    return render(
        "outsiders/statement.html", block={"peek-body": "record", "*": "record"}, found=found, statement=row,
        told=found.figures, main=found.figures.main, parts_of=parts_of, shown_id=shown_id,
        adjustments=adjustments_of(row.vendor_id, row.month),
        trips_href=url_for(".trips", date_from=row.month.isoformat(), date_to=last_day(row.month).isoformat()),
    )  # fmt: skip


@blueprint.get("/statements/<uuid:own_statement_id>/file.<any(csv, xlsx, pdf):file_format>")
@permits("vendor_portal.use")
def download(own_statement_id: UUID, file_format: str) -> Response:
    """A statement as a file."""
    found = statement_services.load_statement(queries.own_statement(own_statement_id).id)
    return file_answer(statement_services.file_of(found, file_format), file_format, statement_services.name_of(found))


@blueprint.get("/disputes")
@permits("vendor_portal.use")
def disputes() -> Response:
    """The list of disputes."""
    form, query = _query(PortalDisputeQuery)
    page = bill_queries.list_disputes(DisputeQuery(vendor_id=queries.own_record(), **dict(query)))
    chips = [("Status", query.status.value.capitalize(), without("status"))] if query.status else []
    return render(
        "outsiders/disputes.html", block={"disputes-list": "list", "disputes-more": "rows", "*": "list"}, page=page,
        form=form, chips=chips, clear=url_for(".disputes"), more=_more(page),
        statuses=[(one.value, one.value.capitalize()) for one in DisputeStatus],
    )  # fmt: skip


@blueprint.get("/disputes/<uuid:own_dispute_id>")
@permits("vendor_portal.use")
def dispute(own_dispute_id: UUID) -> Response:
    """A dispute with what was said, and a form to answer."""
    return _dispute(own_dispute_id, Form())


def _dispute(dispute_id: UUID, form: Form[Any]) -> Response:
    row = queries.own_dispute(dispute_id)
    found = rows_of([row.trip_id]).get(row.trip_id) if row.trip_id else None
    return render(
        "outsiders/dispute.html", block={"peek-body": "record", "*": "record"}, status=form.status, dispute=row,
        form=form, trip=found, title=title_of(found) if found else "A line of your bill",
        messages=queries.messages_of(row.id), before_tax=not bill_queries.is_with_tax(row),
    )  # fmt: skip


@blueprint.post("/disputes/<uuid:own_dispute_id>/answer")
@permits("vendor_portal.use")
def answer(own_dispute_id: UUID) -> Response:
    """Answer the company."""
    row = queries.own_dispute(own_dispute_id, for_update=True)
    return save(
        Form.read(MessageIn),
        lambda body: services.answer_dispute(row, body, sent_file(), by_vendor=True),
        lambda _: go_on("Your answer was sent", url_for(".dispute", own_dispute_id=own_dispute_id)),
        lambda form: _dispute(own_dispute_id, form),
    )
