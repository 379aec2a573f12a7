"""Vendors: the list, one of them with its tabs, what other pages' fields find, and what is done with one button."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, current_app, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.audit.queries.history import history_of
from tracktok.core.errors import DomainError
from tracktok.core.permissions import may, permits
from tracktok.customers.rules.states import INDIA
from tracktok.customers.services import default_company
from tracktok.trips.queries import rate_cards as card_queries
from tracktok.trips.queries import vendors as queries
from tracktok.trips.schemas.vendors import VendorFileIn, VendorQuery
from tracktok.trips.services import vendors as services
from tracktok.web.addresses import address, without
from tracktok.web.api import json_response
from tracktok.web.filters import plural
from tracktok.web.forms import Form
from tracktok.web.render import render, wants_fragment
from tracktok.web.saving import attempt, go_on

from . import words
from .blueprint import vendors as blueprint
from .rate_cards import project_names
from .worked import today

PAGE = 50
TABS = ("cards", "files", "history")
ENDING_DAYS = 30


@blueprint.get("/")
@permits("vendors.read")
def index() -> Response:
    """The list of vendors."""
    names = ("q", "billing_model", "currency", "archived", "sort", "cursor", "import_id")
    known = {name: [request.args[name]] for name in names if request.args.get(name)}
    sent: Any = MultiDict({"sort": ["name"], "archived": ["false"], **known, "limit": [str(PAGE)]})
    form = Form.read(VendorQuery, sent)
    query = form.data or VendorQuery(sort="name", limit=PAGE, archived=False)
    page = queries.list_vendors(query)
    first = not (query.cursor and wants_fragment())
    ids = [row.id for row in page.rows]
    return render(
        "vendors/index.html",
        block={"vendors-list": "list", "vendors-more": "rows", "*": "list"},
        page=page,
        count=queries.count_matching(query) if first else None,
        cards=queries.count_cards(ids),
        ending=queries.papers_ending(ids, today() + timedelta(days=ENDING_DAYS)),
        form=form,
        chips=_chips(query),
        clear=url_for(".index"),
        sort=query.sort,
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        words=words,
        has_page=lambda name: name in current_app.view_functions,
    )


def _chips(query: VendorQuery) -> list[tuple[str, str, str]]:
    found = []
    if query.q:
        found.append(("Text", query.q, without("q")))
    if query.billing_model:
        found.append(("Billing", query.billing_model.label, without("billing_model")))
    if query.currency:
        found.append(("Currency", query.currency.upper(), without("currency")))
    if query.archived:
        found.append(("Archived", "only those", without("archived")))
    if query.import_id:
        found.append(("Import", "one file", without("import_id")))
    return found


@blueprint.get("/<uuid:vendor_id>")
@permits("vendors.read")
def show(vendor_id: UUID) -> Response:
    """A vendor: what is known and whom to call; its rate cards, papers or history by `tab`."""
    return record(queries.get_vendor(vendor_id), Form())


def record(vendor: Any, upload: Form[Any], status: int = 200) -> Response:
    """The page of a vendor; `upload` is the form of its papers, with its errors."""
    wanted = request.args.get("tab", "")
    tab = "files" if upload.errors else wanted if wanted in TABS else "overview"
    files = queries.files_of(vendor.id)
    cards = card_queries.cards_of(vendor.id) if may("rate_cards.read") else []
    now = today()
    return render(
        "vendors/show.html",
        block={"peek-body": "record", "*": "record"},
        status=status,
        vendor=vendor,
        tab=tab,
        tabs_shown=_tabs(vendor.id, tab, len(cards), len(files)),
        contacts=queries.contacts_of(vendor.id),
        files=files,
        cards=cards,
        versions=card_queries.versions_of(row.id for row in cards) if cards else {},
        projects=project_names(cards),
        upload=upload,
        soon=now + timedelta(days=ENDING_DAYS),
        history=history_of("vendors", vendor.id) if tab == "history" else [],
        indian=default_company().country == INDIA,
        words=words,
    )


def _tabs(vendor_id: UUID, now: str, cards: int, files: int) -> list[tuple[str, str, bool, int | None]]:
    def here(tab: str) -> str:
        query: dict[str, Any] = {"tab": tab} if tab != "overview" else {}
        return url_for(".show", vendor_id=vendor_id, **query)

    return [
        ("Overview", here("overview"), now == "overview", None),
        ("Rate cards", here("cards"), now == "cards", cards or None),
        ("Files", here("files"), now == "files", files or None),
        *([("People", url_for(".people", vendor_id=vendor_id), False, None)] if may("people.read") else []),
        ("History", here("history"), now == "history", None),
    ]


@blueprint.get("/find")
@permits("vendors.read")
def find() -> Response:
    """Vendors by part of name, code or GSTIN, for fields that search."""
    rows = queries.find_vendors(request.args.get("q", "")[:200])
    found = [
        {"value": str(row.id), "label": row.name, "note": " · ".join(part for part in (row.code, row.city) if part)}
        for row in rows
    ]
    return json_response(found)


@blueprint.post("/<uuid:vendor_id>/archive")
@permits("vendors.write")
def archive(vendor_id: UUID) -> Response:
    """Take a vendor out of what is offered."""
    vendor = queries.get_vendor(vendor_id, for_update=True)
    services.archive_vendor(vendor)
    here = url_for(".show", vendor_id=vendor_id)
    return go_on(f"“{vendor.name}” archived", here, undo=url_for(".unarchive", vendor_id=vendor_id))


@blueprint.post("/<uuid:vendor_id>/unarchive")
@permits("vendors.write")
def unarchive(vendor_id: UUID) -> Response:
    """Offer a vendor again."""
    vendor = queries.get_vendor(vendor_id, for_update=True)
    services.archive_vendor(vendor, archived=False)
    return go_on(f"“{vendor.name}” is no longer archived", url_for(".show", vendor_id=vendor_id))


@blueprint.post("/<uuid:vendor_id>/delete")
@permits("vendors.write")
def delete(vendor_id: UUID) -> Response:
    """Delete a vendor that has no rate card and no trip."""
    vendor = queries.get_vendor(vendor_id, for_update=True)
    name = vendor.name
    return attempt(
        lambda: services.delete_vendor(vendor),
        lambda _: go_on(f"“{name}” deleted", url_for(".index")),
        url_for(".show", vendor_id=vendor_id),
    )


@blueprint.post("/<uuid:vendor_id>/files")
@permits("vendors.write")
def attach(vendor_id: UUID) -> Response:
    """Keep papers of a vendor."""
    vendor = queries.get_vendor(vendor_id, for_update=True)
    form = Form.read(VendorFileIn)
    if form.data is not None:
        files = [one for one in request.files.getlist("files") if one.filename]
        try:
            made = services.attach_files(vendor, files, form.data)
        except DomainError as refusal:
            form.add("files", refusal.detail)
            form.status = refusal.status
        else:
            return go_on(f"{plural(len(made), 'file')} added", url_for(".show", vendor_id=vendor_id, tab="files"))
    return record(vendor, form, form.status)


@blueprint.post("/<uuid:vendor_id>/files/<uuid:vendor_file_id>/delete")
@permits("vendors.write")
def detach(vendor_id: UUID, vendor_file_id: UUID) -> Response:
    """Take a paper off a vendor."""
    queries.get_vendor(vendor_id, for_update=True)
    services.detach_file(queries.get_file(vendor_id, vendor_file_id))
    return go_on("File taken off", url_for(".show", vendor_id=vendor_id, tab="files"))
