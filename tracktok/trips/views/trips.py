"""The list of trips, a trip with its price explained, the form, and pricing a period again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.audit.queries import history
from tracktok.core.context import preferences
from tracktok.core.permissions import permits
from tracktok.customers.queries.customers import get_customers
from tracktok.customers.queries.customers import names_of as customer_names
from tracktok.expenses.models import Project
from tracktok.expenses.queries.names import names_of
from tracktok.trips.models.trips import TripStatus, TripType
from tracktok.trips.queries import exports
from tracktok.trips.queries import imports as names
from tracktok.trips.queries import trips as queries
from tracktok.trips.queries.adjustments import adjustments_of_trip
from tracktok.trips.queries.mileage import expenses_of
from tracktok.trips.queries.rating import version_names
from tracktok.trips.queries.vendors import names_of as vendor_names
from tracktok.trips.rules.rating import NO_CARD, NOT_YET, parts_of
from tracktok.trips.rules.trips import CLOCK_RULE, duration_words, local_of, shown_id
from tracktok.trips.schemas.trips import RerateIn, TripFilters, TripIn, TripQuery, WhatIfIn
from tracktok.trips.services import rerating
from tracktok.trips.services import trips as services
from tracktok.trips.services.offers import facts_of, offers
from tracktok.trips.services.replaying import replay_trip
from tracktok.web.addresses import address, without
from tracktok.web.filters import format_day
from tracktok.web.forms import Form
from tracktok.web.render import render, toast, wants_fragment
from tracktok.web.saving import attempt, go_on, save

from .trips_blueprint import blueprint

PER_PAGE = 50
BLOCKS = {"trips-list": "list", "trips-more": "rows", "*": "list"}
_LABELS = {
    "date_from": "From", "date_to": "To", "vendor_id": "Vendor", "status": "Status", "type": "Type",
    "project_id": "Project", "customer_id": "Customer", "employee": "Employee", "priced": "Price",
    "import_id": "Import", "q": "Text",
}  # fmt: skip
TYPES = [(one.value, one.label) for one in TripType]
STATUSES = [(one.value, one.label) for one in TripStatus]


def choices() -> dict[str, Any]:
    """What filters and forms offer."""
    return {
        "vendors": names.vendor_choices(),
        "customers": names.customer_choices(),
        "projects": names.project_choices(),
        "types": TYPES,
        "statuses": STATUSES,
    }


_NOTHING: dict[str, Any] = {name: [] for name in ("vendors", "customers", "projects", "types", "statuses")}


def read_query(args: MultiDict[str, str]) -> tuple[Form[TripQuery], TripQuery]:
    """The filters of an address: the form that shows them, and what is valid of them."""
    known = {name: args.getlist(name) for name in TripQuery.model_fields if args.get(name)}
    known["limit"] = [str(PER_PAGE)]
    form = Form.read(TripQuery, MultiDict(known))
    if form.data is not None:
        return form, form.data
    rest = {name: values for name, values in known.items() if name not in form.errors}
    again = Form.read(TripQuery, MultiDict(rest))
    return form, again.data or TripQuery(limit=PER_PAGE)


def chips_of(query: TripFilters, offered: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(label, words, address without it) of each filter that is set."""
    lists = {
        "vendor_id": offered["vendors"], "project_id": offered["projects"], "customer_id": offered["customers"],
        "status": STATUSES, "type": TYPES,
    }  # fmt: skip
    chips = []
    for name, value in query.active().items():
        if name in lists:
            raw = str(getattr(value, "value", value))
            words = next((str(one[1]) for one in lists[name] if str(one[0]) == raw), "…")
        elif name in {"date_from", "date_to"}:
            words = format_day(value)
        elif name == "priced":
            words = "priced" if value else "not priced"
        else:
            words = "one file" if name == "import_id" else str(value)
        chips.append((_LABELS[name], words, without(name)))
    return chips


@blueprint.get("/")
@permits("trips.read")
def index() -> Response:
    """The list with its filters, totals and pages."""
    form, query = read_query(request.args)
    page = queries.list_trips(query)
    first = not query.cursor
    offered = choices() if first or not wants_fragment() else _NOTHING
    chips = chips_of(query, offered) if first else []
    return render(
        "trips/index.html", block=BLOCKS, page=page, form=form, sort=query.sort, chips=chips, filtered=bool(chips),
        clear=url_for(".index"), summary=queries.summarize(query) if first else None, shown_id=shown_id,
        duration=duration_of, here={name: given for name, given in request.args.lists() if name != "cursor"},
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "", base=preferences().currency,
        offers=offers(), **offered,
    )  # fmt: skip


def duration_of(row: Any) -> str:
    """How long a trip took, in words; empty while it has no end."""
    return duration_words(int((row.ended_at - row.started_at).total_seconds())) if row.ended_at else ""


@blueprint.get("/export.<any(csv, xlsx):file_format>")
@permits("trips.read")
def export(file_format: str) -> Response:
    """All trips that fit the filters of the address, as a file."""
    _, query = read_query(request.args)
    return exports.export_trips(query, file_format)


@blueprint.get("/<uuid:trip_id>")
@permits("trips.read")
def show(trip_id: UUID) -> Response:
    """A trip, its price line by line, what it came to before, its history."""
    trip = queries.get_trip(trip_id)
    row = queries.rows_of([trip_id])[trip_id]
    charges = queries.charges_of(trip_id)
    current = charges[0] if charges and charges[0].superseded_at is None else None
    customers = get_customers([trip.customer_id]) if trip.customer_id else {}
    projects = names_of(Project)([trip.project_id]) if trip.project_id else {}
    return render(
        "trips/show.html", block={"peek-body": "record", "*": "record"}, trip=row, title=title_of(row),
        duration=duration_of(row), wall=wall_of, own_id=shown_id(row.external_id), charge=current,
        parts=parts_of(current.trace) if current else [], older=[one for one in charges if one is not current],
        parts_of=parts_of, adjustments=adjustments_of_trip(trip_id),
        versions=version_names({one.version_id for one in charges}),
        customer=customers[trip.customer_id].name if trip.customer_id in customers else "",
        project=projects.get(trip.project_id, "") if trip.project_id else "",
        why_not=NOT_YET if trip.status == TripStatus.planned else NO_CARD, received=_received(trip),
        history=history.history_of("trips", trip_id), type_words=dict(TYPES), clock_rule=CLOCK_RULE,
        known=facts_of(trip_id), mileage=expenses_of([trip_id]).get(trip_id),
    )  # fmt: skip


def wall_of(row: Any, at: datetime) -> str:
    """An instant as the clock on the wall showed it where the trip was driven."""
    local = local_of(at, ZoneInfo(row.timezone))
    return f"{format_day(local.date())} {local:%H:%M}"


def title_of(row: Any) -> str:
    """What a trip is called: its way, else its vehicle, else its id."""
    if row.origin or row.destination:
        return " to ".join(one for one in (row.origin, row.destination) if one)
    return row.route or row.vehicle or shown_id(row.external_id) or "Trip"


def _received(trip: Any) -> list[tuple[str, str]]:
    payload = trip.payload
    if isinstance(payload, dict):
        return [(str(name), str(value)) for name, value in payload.items()]
    headers = names.headers_of(trip.import_id) if trip.import_id else []
    return [
        (headers[place] if place < len(headers) else f"Column {place + 1}", str(cell))
        for place, cell in enumerate(payload)
        if cell
    ]


@blueprint.get("/new")
@permits("trips.write")
def new() -> Response:
    """An empty form."""
    values = {"status": "completed", "type": "spot", "vendor_id": request.args.get("vendor_id"), "passengers": 1}
    return _page(Form(values))


def _page(form: Form[Any], trip: Any = None) -> Response:
    zone, offered = preferences().timezone, choices()
    if trip is not None:
        _offer_own(offered, trip)
    return render("trips/form.html", block="form", status=form.status, form=form, trip=trip, zone=zone, **offered)


def _offer_own(offered: dict[str, Any], trip: Any) -> None:
    """Offer what a trip names also where it is archived, deleted or one of very many: saving takes nothing away."""
    for name, own, find in (
        ("vendors", trip.vendor_id, vendor_names),
        ("customers", trip.customer_id, customer_names),
        ("projects", trip.project_id, names_of(Project)),
    ):
        if own is not None and all(one[0] != own for one in offered[name]):
            offered[name] = [*offered[name], *find([own]).items()]


def _read(trip: Any = None, **given: Any) -> Form[TripIn]:
    values = MultiDict(request.form)
    told = values.get("employees", "")
    employees = [one.strip() for one in told.split(",") if one.strip()]
    if trip is not None and told == ", ".join(trip.employees):  # a name may have a comma of its own
        employees = trip.employees
    values.setlist("employees", employees)
    values["notes"] = values.get("notes", "").replace("\r\n", "\n")
    return Form.read(TripIn, values, **given)


@blueprint.post("/")
@permits("trips.write")
def create() -> Response:
    """Record a trip."""
    return save(
        _read(),
        services.create_trip,
        lambda made: go_on("Trip recorded", url_for(".show", trip_id=made.id), another=url_for(".new")),
        _page,
    )


@blueprint.get("/<uuid:trip_id>/edit")
@permits("trips.write")
def edit(trip_id: UUID) -> Response:
    """The form of a trip."""
    trip = queries.get_trip(trip_id)
    values = services.values_of(trip)
    values["employees"] = ", ".join(trip.employees)
    return _page(Form(values), trip)


@blueprint.post("/<uuid:trip_id>/edit")
@permits("trips.write")
def update(trip_id: UUID) -> Response:
    """Change a trip; it is priced again."""
    trip = queries.get_trip(trip_id, for_update=True)
    return save(
        _read(trip, timezone=trip.timezone),
        lambda data: services.change_trip(trip, data),
        lambda _: go_on("Trip saved and priced again", url_for(".show", trip_id=trip_id)),
        lambda form: _page(form, trip),
        version=trip.version,
    )


@blueprint.post("/<uuid:trip_id>/replay")
@permits("trips.write")
def replay(trip_id: UUID) -> Response:
    """Make a trip what its record said when it came."""
    trip = queries.get_trip(trip_id, for_update=True)
    here = url_for(".show", trip_id=trip_id)
    return attempt(lambda: replay_trip(trip), lambda _: go_on("The trip is as it was received", here), here)


@blueprint.post("/<uuid:trip_id>/delete")
@permits("trips.write")
def delete(trip_id: UUID) -> Response:
    """Take a trip away."""
    trip = queries.get_trip(trip_id, for_update=True)
    return attempt(
        lambda: services.delete_trip(trip),
        lambda _: go_on("Trip deleted", url_for(".index")),
        url_for(".show", trip_id=trip_id),
    )


@blueprint.get("/rerate")
@permits("trips.read")
def rerate_page() -> Response:
    """Compare a period under another card; then price it again, if wanted."""
    asked = {name: values for name, values in request.args.lists() if values and values[0]}
    form: Form[Any] = Form.read(WhatIfIn, MultiDict(asked)) if "vendor_id" in asked else Form({})
    found = None
    if form.data is not None:
        found = rerating.what_if(form.data)
    return _rerate(form, found)


def _rerate(form: Form[Any], found: Any = None) -> Response:
    return render(
        "trips/rerate.html", status=form.status, form=form, found=found, vendors=names.vendor_choices(),
        versions=names.version_choices(), shown_id=shown_id,
    )  # fmt: skip


@blueprint.post("/rerate")
@permits("trips.write")
def rerate() -> Response:
    """Price the trips of a period again."""
    values = MultiDict({name: request.form.get(name, "") for name in ("vendor_id", "date_from", "date_to")})
    return save(Form.read(RerateIn, values), rerating.rerate, _told, _rerate)


def _told(done: rerating.Rerated) -> Response:
    if done.job_id is not None:
        toast(f"{done.trips:,} trips are being priced again")
    return go_on(
        f"{done.trips:,} trips looked at: {done.superseded:,} have a new price, {done.adjusted:,} adjustments written"
        if done.job_id is None
        else "You can go on meanwhile",
        url_for(".index", vendor_id=request.form.get("vendor_id")),
    )
