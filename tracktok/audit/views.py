"""Settings > Audit: the trail with its filters, an entry, the whole history of a record, files, the seals."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core.permissions import permits
from tracktok.web import records
from tracktok.web.addresses import address, without
from tracktok.web.devices import device
from tracktok.web.filters import format_day
from tracktok.web.forms import Form
from tracktok.web.render import redirect_to, render, toast, wants_fragment
from tracktok.web.saved import saved_list

from . import queries, rules, services
from .schemas import NOBODY, AuditFilters, AuditQuery

blueprint = Blueprint("audit", __name__, template_folder="templates")
saved_list("audit", "audit.index", "audit.read", "Audit", sort="-at")
PER_PAGE = 50
BLOCKS = {"audit-list": "list", "audit-more": "rows", "*": "list"}


def read_query(args: MultiDict[str, str]) -> tuple[Form[AuditQuery], AuditQuery]:
    """The filters of an address: the form that shows them, and what is valid of them."""
    known = {name: args.getlist(name) for name in AuditQuery.model_fields if args.get(name)}
    known["limit"] = [str(PER_PAGE)]
    form = Form.read(AuditQuery, MultiDict(known))
    if form.data is not None:
        return form, form.data
    rest = {name: values for name, values in known.items() if name not in form.errors}
    return form, Form.read(AuditQuery, MultiDict(rest)).data or AuditQuery(limit=PER_PAGE)


def _choices() -> dict[str, list[tuple[str, str]]]:
    nouns = [(entity, records.kind_of(entity).noun.capitalize()) for entity in queries.entities()]
    return {
        "people": [(str(person), name) for person, name in queries.people()] + [(NOBODY, "TrackTok itself")],
        "entities": sorted(nouns, key=lambda one: one[1].lower()),
        "actions": [(action, rules.action_label(action)) for action in queries.actions()],
    }


def _chips(query: AuditFilters, offered: dict[str, list[tuple[str, str]]], record: str) -> list[tuple[str, str, str]]:
    names = {"actor_id": offered["people"], "entity": offered["entities"], "action": offered["actions"]}
    chips = []
    for name, value in query.active().items():
        if name in names:
            words = dict(names[name]).get(str(value), str(value))
        elif name in {"date_from", "date_to"}:
            words = format_day(value)
        else:
            words = record if name == "entity_id" else str(value)
        chips.append((AuditFilters.model_fields[name].title or name, words, without(name)))
    return chips


@blueprint.get("/audit")
@permits("audit.read")
def index() -> Response:
    """The trail with its filters and pages."""
    form, query = read_query(request.args)
    page = queries.list_events(query)
    told = queries.tell(page.rows, values=False)
    offered: dict[str, Any] = {} if wants_fragment() and query.cursor else _choices()
    record = ""
    if query.entity and query.entity_id:
        record = next((one.name for one in told if one.name), "") or f"this {records.kind_of(query.entity).noun}"
    here: dict[str, Any] = {name: given for name, given in request.args.lists() if name != "cursor"}
    chips = _chips(query, offered, record) if offered else []
    return render(
        "audit/index.html",
        block=BLOCKS,
        form=form,
        rows=list(zip(page.rows, told, strict=True)),
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        sort=query.sort,
        chips=chips,
        clear=url_for(".index"),
        here=here,
        record=record,
        record_href=records.href_of(query.entity, query.entity_id) if query.entity and record else "",
        noun=records.kind_of(query.entity).noun if query.entity else "",
        seal=None if query.cursor else queries.seal_state(),
        **(offered or {"people": [], "entities": [], "actions": []}),
    )


@blueprint.get("/audit/export.<any(csv, xlsx):file_format>")
@permits("audit.read")
def export(file_format: str) -> Response:
    """All entries that fit the filters of the address, as a file."""
    _, query = read_query(request.args)
    return queries.export_events(query, file_format)


@blueprint.post("/audit/verify")
@permits("audit.read")
def verify() -> Response:
    """Have every seal made anew and compared."""
    services.start_check()
    toast("The whole trail is being verified. This page says when it is done.")
    return redirect_to(url_for(".index"))


@blueprint.get("/audit/<uuid:event_id>")
@permits("audit.read")
def show(event_id: UUID) -> Response:
    """An entry: who, when, from where, and every field as it was and as it became."""
    event = queries.get_event(event_id)
    beside = queries.events_together(event)
    told, *others = queries.tell([event, *beside])
    return render(
        "audit/show.html",
        block={"peek-body": "record", "*": "record"},
        event=event,
        told=told,
        device=device(event.user_agent) if event.user_agent else "",
        seal=queries.seal_of(event.transaction_id),
        check=queries.latest_check(),
        beside=list(zip(beside, others, strict=True)),
        kept={
            name: json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
            for name, value in (("Before", event.before), ("After", event.after))
            if value is not None
        },
    )
