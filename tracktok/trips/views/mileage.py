"""Mileage rates, and trips as mileage expenses in one click."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from tracktok.core.context import preferences
from tracktok.core.errors import BadRequest
from tracktok.core.permissions import permits
from tracktok.expenses.queries.categories import choices as category_choices
from tracktok.trips.queries import mileage as queries
from tracktok.trips.queries.trips import get_trip
from tracktok.trips.rules.cards import plain
from tracktok.trips.schemas.mileage import MOST_TRIPS, MileageRateIn
from tracktok.trips.services import mileage as services
from tracktok.web.filters import plural, today
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save

from .trips_blueprint import blueprint


@blueprint.get("/mileage-rates")
@permits("trips.read")
def mileage_rates() -> Response:
    """The rates, and a form for the next."""
    return _page(Form({"valid_from": today(), "unit": "km", "currency": preferences().currency}))


def _page(form: Form[Any]) -> Response:
    return render(
        "trips/mileage.html", block="form", status=form.status, form=form, rates=queries.list_rates(),
        categories=category_choices(),
        shown=lambda rate: Decimal(plain(rate)),
    )  # fmt: skip


@blueprint.post("/mileage-rates")
@permits("trips.write")
def add_mileage_rate() -> Response:
    """Enter a rate."""
    return save(
        Form.read(MileageRateIn),
        services.add_rate,
        lambda _: go_on("The rate is kept", url_for(".mileage_rates")),
        _page,
    )


@blueprint.post("/mileage-rates/<uuid:mileage_rate_id>/delete")
@permits("trips.write")
def delete_mileage_rate(mileage_rate_id: UUID) -> Response:
    """Take a rate away."""
    services.delete_rate(queries.get_rate(mileage_rate_id))
    return go_on("The rate is deleted", url_for(".mileage_rates"))


@blueprint.post("/<uuid:trip_id>/mileage")
@permits("trips.write")
def record_mileage(trip_id: UUID) -> Response:
    """Record a trip as a mileage expense."""
    get_trip(trip_id)
    here = url_for(".show", trip_id=trip_id)
    return attempt(
        lambda: services.record_mileage([trip_id])[0],
        lambda _: go_on("Recorded as a mileage expense", here, undo=url_for(".undo_mileage", trip_id=trip_id)),
        here,
    )


@blueprint.post("/<uuid:trip_id>/mileage/undo")
@permits("trips.write")
def undo_mileage(trip_id: UUID) -> Response:
    """Take the mileage expense of a trip back."""
    get_trip(trip_id)
    here = url_for(".show", trip_id=trip_id)
    return attempt(lambda: services.undo_mileage([trip_id]), lambda _: go_on("The expense is in the bin", here), here)


@blueprint.post("/mileage")
@permits("trips.write")
def record_mileages() -> Response:
    """Record the selected trips as mileage expenses."""
    try:
        ids = [UUID(one) for one in request.form.getlist("ids")]
    except ValueError as error:
        raise BadRequest("This is not the id of a trip.") from error
    if request.form.get("all") or len(ids) > MOST_TRIPS:
        raise BadRequest(f"Choose up to {MOST_TRIPS} trips by hand: each becomes an expense of yours.")
    return attempt(
        lambda: services.record_mileage(ids),
        lambda done: go_on(f"{plural(len(done), 'trip')} recorded as mileage expenses", url_for(".index")),
        url_for(".index"),
    )
