"""Bills of vendors: the list, one against our trips; disputes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core.permissions import permits
from tracktok.trips.models.bills import DisputeStatus, Verdict
from tracktok.trips.queries import bills as queries
from tracktok.trips.queries import imports as names
from tracktok.trips.queries.portals import messages_of
from tracktok.trips.queries.rating import find_vendor
from tracktok.trips.rules.matching import words_for
from tracktok.trips.rules.trips import shown_id
from tracktok.trips.schemas.bills import AgreeIn, BillQuery, DisputeQuery, LineQuery, RejectIn, TripDisputeIn
from tracktok.trips.services import bills as services
from tracktok.web.addresses import address, without
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save

blueprint = Blueprint("vendor_bills", __name__, url_prefix="/vendor-bills", template_folder="../templates")
PER_PAGE = 50
VERDICTS = {one.value: one.label for one in Verdict}
TONES = {"matched": "green", "missing": "red", "duplicate": "red", "over_km": "amber", "rate_drift": "amber"}


def _query(schema: Any) -> Any:
    known = {name: request.args.getlist(name) for name in schema.model_fields if request.args.get(name)}
    known["limit"] = [str(PER_PAGE)]
    form: Form[Any] = Form.read(schema, MultiDict(known))
    return form, form.data or schema(limit=PER_PAGE)


@blueprint.get("/")
@permits("trips.read")
def index() -> Response:
    """The list of bills."""
    form, query = _query(BillQuery)
    page = queries.list_bills(query)
    vendors = names.vendor_choices()
    chips = []
    if query.vendor_id:
        chips.append(
            ("Vendor", next((one for key, one in vendors if key == query.vendor_id), "…"), without("vendor_id"))
        )
    return render(
        "trips/bills.html", block={"bills-list": "list", "bills-more": "rows", "*": "list"}, page=page, form=form,
        verdicts=queries.verdicts_of([row.id for row in page.rows]), vendors=vendors, chips=chips,
        clear=url_for(".index"), more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
    )  # fmt: skip


@blueprint.get("/<uuid:bill_id>")
@permits("trips.read")
def show(bill_id: UUID) -> Response:
    """A bill: what agrees, what does not, what it leaves out."""
    bill = queries.get_bill(bill_id)
    _, query = _query(LineQuery)
    page = queries.list_lines(bill_id, query)
    return render(
        "trips/bill.html", block={"lines-more": "rows", "peek-body": "record"}, bill=bill,
        vendor=find_vendor(bill.vendor_id), page=page, verdicts=queries.verdicts_of([bill_id])[bill_id],
        verdict=query.verdict.value if query.verdict else "", words=VERDICTS, tones=TONES, words_for=words_for,
        not_billed=queries.not_billed(bill) if not query.cursor else [], shown_id=shown_id,
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
    )  # fmt: skip


@blueprint.post("/<uuid:bill_id>/match")
@permits("trips.write")
def match(bill_id: UUID) -> Response:
    """Match the lines anew."""
    bill = queries.get_bill(bill_id)
    return attempt(
        lambda: services.match_bill(bill),
        lambda _: go_on("Matched with the trips as they are now", url_for(".show", bill_id=bill_id)),
        url_for(".show", bill_id=bill_id),
    )


@blueprint.post("/<uuid:bill_id>/lines/<uuid:line_id>/dispute")
@permits("trips.write")
def dispute(bill_id: UUID, line_id: UUID) -> Response:
    """Dispute a line."""
    bill = queries.get_bill(bill_id)
    line = queries.get_line(bill_id, line_id)
    body = TripDisputeIn(reason=request.form.get("reason", "")[:1000])
    return attempt(
        lambda: services.open_dispute(bill, line, body),
        lambda made: go_on("The line is disputed", url_for(".show_dispute", dispute_id=made.id)),
        url_for(".show", bill_id=bill_id),
    )


@blueprint.get("/disputes")
@permits("trips.read")
def disputes() -> Response:
    """The list of disputes."""
    form, query = _query(DisputeQuery)
    page = queries.list_disputes(query)
    chips = [("Status", query.status.value.capitalize(), without("status"))] if query.status else []
    return render(
        "trips/disputes.html", block={"disputes-list": "list", "disputes-more": "rows", "*": "list"}, page=page,
        form=form, statuses=[(one.value, one.value.capitalize()) for one in DisputeStatus], chips=chips,
        clear=url_for(".disputes"), vendors=names.vendor_choices(),
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
    )  # fmt: skip


@blueprint.get("/disputes/<uuid:dispute_id>")
@permits("trips.read")
def show_dispute(dispute_id: UUID) -> Response:
    """A dispute and what can be done with it."""
    row = queries.get_dispute(dispute_id)
    return _dispute(row, Form({"agreed": row.expected}))


def _dispute(row: Any, form: Form[Any]) -> Response:
    line = queries.find_line(row.line_id) if row.line_id else None
    return render(
        "trips/dispute.html", block={"peek-body": "record"}, status=form.status, dispute=row, form=form, line=line,
        messages=messages_of(row.id), before_tax=not queries.is_with_tax(row),
        vendor=find_vendor(row.vendor_id),
    )  # fmt: skip


@blueprint.post("/disputes/<uuid:dispute_id>/agree")
@permits("trips.write")
def agree(dispute_id: UUID) -> Response:
    """Say what both agreed on."""
    row = queries.get_dispute(dispute_id, for_update=True)
    return save(
        Form.read(AgreeIn),
        lambda data: services.agree(row, data),
        lambda _: go_on("Agreed", url_for(".show_dispute", dispute_id=dispute_id)),
        lambda form: _dispute(row, form),
        version=row.version,
    )


@blueprint.post("/disputes/<uuid:dispute_id>/<any(reject, reopen, credit):step>")
@permits("trips.write")
def move(dispute_id: UUID, step: str) -> Response:
    """Reject, open again, or bring what was agreed onto the next statement."""
    row = queries.get_dispute(dispute_id, for_update=True)
    body = RejectIn(resolution=request.form.get("resolution", "")[:1000])
    calls = {"reject": lambda: services.reject(row, body), "reopen": lambda: services.reopen(row),
             "credit": lambda: services.credit(row)}  # fmt: skip
    told = {"reject": "Rejected: it stays as the rate card says", "reopen": "Open again",
            "credit": "What was agreed stands on the next open statement"}  # fmt: skip
    here = url_for(".show_dispute", dispute_id=dispute_id)
    return attempt(calls[step], lambda _: go_on(told[step], here), here)
