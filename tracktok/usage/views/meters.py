"""Meters: the list, one of them, its form."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from tracktok.core.permissions import permits
from tracktok.customers.queries import service_choices
from tracktok.usage.queries import meters as queries
from tracktok.usage.queries import prices
from tracktok.usage.rules.metering import Aggregation
from tracktok.usage.schemas.meters import MeterIn, MeterPatch, MeterQuery
from tracktok.usage.schemas.prices import PriceQuery
from tracktok.usage.services import meters as services
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save

from . import words
from .blueprint import blueprint


@blueprint.get("/meters")
@permits("usage.read")
def meters() -> Response:
    """The meters of the company."""
    archived = request.args.get("archived") == "1"
    page = queries.list_meters(MeterQuery(limit=100, archived=archived, cursor=request.args.get("cursor")))
    return render("usage/meters.html", block="rows", page=page, archived=archived, words=words)


@blueprint.get("/meters/<uuid:meter_id>")
@permits("usage.read")
def meter(meter_id: UUID) -> Response:
    """A meter with its prices, and how events are sent."""
    found = queries.get_meter(meter_id)
    return render(
        "usage/meter.html",
        meter=found,
        prices=prices.list_prices(PriceQuery(meter_id=meter_id, limit=100)).rows,
        aggregation=next(one for one in words.AGGREGATIONS if one[0] == found.aggregation),
        service=next((one.name for one in service_choices() if one.id == found.service_type_id), ""),
        example=_further(found),
        words=words,
    )


def _further(found: Any) -> str:
    """What an event of this meter must say beside, in the example."""
    if found.aggregation != Aggregation.unique:
        return ""
    if found.unique_property == "user_id":
        return ',\n  "user_id": "…"'
    return f',\n  "properties": {{"{found.unique_property}": "…"}}'


def _page(form: Form[Any], found: Any = None) -> Response:
    return render(
        "usage/meter_form.html",
        block="form",
        status=form.status,
        form=form,
        meter=found,
        fixed=found is not None and queries.has_events(found.id),
        aggregations=words.AGGREGATIONS,
        services=[(one.id, one.name, one.hsn_sac) for one in service_choices()],
    )


@blueprint.get("/meters/new")
@permits("usage.write")
def new_meter() -> Response:
    """An empty form."""
    return _page(Form({"aggregation": "sum"}))


def _read() -> Form[MeterIn]:
    form = Form.read(MeterIn)
    if "code" in form.errors:
        form.errors["code"] = ["Begin with a letter; small letters, figures, dots, hyphens and underscores may follow."]
    return form


@blueprint.post("/meters")
@permits("usage.write")
def create_meter() -> Response:
    """Make a meter."""
    return save(
        _read(), services.create_meter, lambda made: go_on(f"“{made.name}” made", url_for(".meter", meter_id=made.id)),
        _page,
    )  # fmt: skip


@blueprint.get("/meters/<uuid:meter_id>/edit")
@permits("usage.write")
def edit_meter(meter_id: UUID) -> Response:
    """The form of a meter."""
    found = queries.get_meter(meter_id)
    return _page(Form({name: getattr(found, name) for name in MeterIn.model_fields}), found)


@blueprint.post("/meters/<uuid:meter_id>/edit")
@permits("usage.write")
def update_meter(meter_id: UUID) -> Response:
    """Change a meter."""
    found = queries.get_meter(meter_id, for_update=True)
    return save(
        _read(),
        lambda data: services.change_meter(found, data),
        lambda _: go_on("Meter saved", url_for(".meter", meter_id=meter_id)),
        lambda form: _page(form, found),
        version=found.version,
    )


@blueprint.post("/meters/<uuid:meter_id>/archive")
@permits("usage.write")
def archive_meter(meter_id: UUID) -> Response:
    """Archive a meter, or take it back."""
    found = queries.get_meter(meter_id, for_update=True)
    archive = not found.is_archived
    return attempt(
        lambda: services.patch_meter(found, MeterPatch(is_archived=archive)),
        lambda _: go_on("Archived: it takes no more usage" if archive else "In use again", url_for(".meters")),
        url_for(".meter", meter_id=meter_id),
    )
