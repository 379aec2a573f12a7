"""The list of usage events, and one of them."""

from __future__ import annotations

from datetime import UTC, date, time, timedelta
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.permissions import permits
from tracktok.core.schedule import instant_of
from tracktok.customers.queries import names_of
from tracktok.usage.queries import events as queries
from tracktok.usage.queries import meters
from tracktok.usage.schemas.events import UsageQuery
from tracktok.web.addresses import address, without
from tracktok.web.forms import Form
from tracktok.web.inputs import plain_date
from tracktok.web.render import render

from . import words
from .blueprint import blueprint, choices

PAGE = 50


def _day(name: str) -> date | None:
    prefs = preferences()
    return plain_date(request.args.get(name, ""), prefs.date_format, clock.today(prefs.timezone))


def _query() -> UsageQuery:
    """The filters of the address; days are those of the company. What cannot be read is left out."""
    zone = preferences().timezone
    first, last = _day("from"), _day("to")
    wanted = {name: request.args[name] for name in ("event", "user_id", "cursor") if request.args.get(name)}
    form = Form.read(UsageQuery, MultiDict({**wanted, "limit": str(PAGE)}))
    query = form.data or UsageQuery(limit=PAGE)
    try:
        customer_id = UUID(request.args.get("customer_id", ""))
    except ValueError:
        customer_id = None
    moments = {
        "from_": instant_of(first, time(0), zone).astimezone(UTC) if first else None,
        "to": instant_of(last + timedelta(days=1), time(0), zone).astimezone(UTC) if last else None,
    }
    return query.model_copy(update={"customer_id": customer_id, **moments})


@blueprint.get("/")
@permits("usage.read")
def index() -> Response:
    """The usage that was recorded, the newest first."""
    query = _query()
    page = queries.list_usage(query)
    named = {row.customer_id for row in page.rows} | {query.customer_id}
    names = names_of(one for one in named if one is not None)
    known = meters.choices()
    chips: list[Any] = []
    if query.event:
        label = next((one.name for one in known if one.code == query.event), query.event)
        chips.append(("Meter", label, without("event")))
    if query.customer_id:
        chips.append(("Customer", names.get(query.customer_id, "Unknown"), without("customer_id")))
    if query.user_id:
        chips.append(("User", query.user_id, without("user_id")))
    for name, label in (("from", "From"), ("to", "To")):
        if _day(name):
            chips.append((label, request.args[name], without(name)))
    return render(
        "usage/index.html",
        block={"usage-list": "list", "usage-more": "rows", "*": "list"},
        page=page,
        names=names,
        chips=chips,
        clear=url_for(".index"),
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        meters=[(one.code, one.name) for one in known],
        customers=choices([query.customer_id]),
        filter_form=Form(dict(request.args)),
        words=words,
    )


@blueprint.get("/events/<uuid:usage_id>")
@permits("usage.read")
def event(usage_id: UUID) -> Response:
    """One event, with all that was sent."""
    row = queries.get_usage(usage_id)
    name = names_of([row.customer_id]).get(row.customer_id) if row.customer_id else None
    return render("usage/event.html", block={"peek-body": "record"}, event=row, customer=name, words=words)
