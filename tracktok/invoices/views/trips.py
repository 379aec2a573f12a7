"""Trips to an invoice: choose which, how they stand on it and what they ask; see the lines; bill them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core.context import preferences
from tracktok.core.errors import BadRequest, DomainError
from tracktok.core.permissions import permits
from tracktok.customers.queries import service_choices
from tracktok.invoices import services
from tracktok.invoices.models import DocumentKind
from tracktok.invoices.queries import billed_trips as queries
from tracktok.invoices.queries import lists
from tracktok.invoices.rules.trip_lines import TripGrouping, TripPricing
from tracktok.invoices.schemas.lists import DocumentQuery
from tracktok.invoices.schemas.trips import MOST_TRIPS, BillTripsIn
from tracktok.invoices.services.billing_trips import bill_trips, look_at_lines
from tracktok.trips.queries import imports as names
from tracktok.trips.queries.trips import matching_ids
from tracktok.trips.schemas.trips import TripQuery
from tracktok.web.filters import format_day, today
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import go_on, save

from . import entering
from .blueprint import pages
from .index import customer_options

SHOWN = 60
GROUPS = [(one.value, one.label) for one in TripGrouping]
PRICINGS = [(one.value, one.label) for one in TripPricing]


def _page(form: Form[Any]) -> Response:
    customer_id = entering.uuid_of(form.text("customer_id"))
    drafts: Sequence[Any] = ()
    if customer_id is not None:
        drafts = lists.list_documents(
            DocumentKind.invoice, DocumentQuery(customer_id=customer_id, status="draft", limit=50)
        ).rows
    return render(
        "invoices/trips.html", block={"trips-look": "look", "*": "form"}, status=form.status, form=form,
        ids=form.values.getlist("trip_ids"), customers=customer_options(form.text("customer_id")), groups=GROUPS,
        pricings=PRICINGS, vendors=names.vendor_choices(), projects=names.project_choices(),
        services=[(row.id, row.name, row.hsn_sac) for row in service_choices()],
        drafts=[(row.id, f"Draft of {format_day(row.document_date)}") for row in drafts],
        base=preferences().currency, **_look(form),
    )  # fmt: skip


def _look(form: Form[Any]) -> dict[str, Any]:
    """The lines as they would be, or why there are none."""
    if not form.text("customer_id"):
        return {"lines": [], "found": None, "why_not": "Choose the customer, and the lines are shown here."}
    read = Form.read(BillTripsIn, form.values)
    if read.data is None:
        return {"lines": [], "found": None, "why_not": next(iter(read.errors.values()))[0]}
    try:
        lines, found = look_at_lines(read.data)
    except DomainError as refused:
        return {"lines": [], "found": None, "why_not": refused.detail}
    return {"lines": lines, "found": found, "why_not": "", "shown": SHOWN}


@pages("/trips", of=("invoices",))
@permits("invoices.write")
def trips() -> Response:
    """Choose the trips of a customer and see their lines."""
    form: Form[Any] = Form({"group": "trip", "pricing": "cost", "invoice_date": today()})
    for name in BillTripsIn.model_fields:
        if given := request.args.getlist(name):
            form.values.setlist(name, given)
    return _page(form)


@pages("/trips/choose", methods=("POST",), of=("invoices",))
@permits("invoices.write")
def choose_trips() -> Response:
    """The same for trips that were selected in their list."""
    ids = [str(one) for text in request.form.getlist("ids") if (one := entering.uuid_of(text)) is not None]
    if request.form.get("all"):
        ids = [str(one) for one in _matching()]
    form: Form[Any] = Form({"group": "day" if len(ids) > SHOWN else "trip", "pricing": "cost", "invoice_date": today()})
    form.values.setlist("trip_ids", ids)
    rows = queries.read_trips([UUID(one) for one in ids], lock=False).values()
    customers = {row.customer_id for row in rows if row.customer_id is not None}
    form.values.setlist("customer_id", [str(customers.pop())] if len(customers) == 1 else [])
    return _page(form)


def _matching() -> list[UUID]:
    """The trips that fit the filters of the address, up to as many as one invoice takes."""
    known = {name: request.args.getlist(name) for name in TripQuery.model_fields if request.args.get(name)}
    query = Form.read(TripQuery, MultiDict(known)).data
    if query is None:
        raise BadRequest("One of the filters of the list is not right. Choose the trips again.")
    return matching_ids(query, MOST_TRIPS)


@pages("/trips", methods=("POST",), of=("invoices",))
@permits("invoices.write")
def bill() -> Response:
    """Bill them; or show the form with what was changed in it."""
    if request.form.get("do") != "bill":
        return _page(Form.of(request.form))
    return save(
        Form.read(BillTripsIn),
        bill_trips,
        _billed,
        _page,
    )


def _billed(made: services.Written) -> Response:
    return go_on("The trips stand on this draft", url_for("invoices.show", document_id=made.document.id))
