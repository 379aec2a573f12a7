"""The routes /api/v1/mileage-rates, and the mileage expenses of trips."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.money import format_amount
from tracktok.core.permissions import permits
from tracktok.trips.queries import mileage as queries
from tracktok.trips.rules.cards import plain
from tracktok.trips.schemas import mileage as schemas
from tracktok.trips.services import mileage as services
from tracktok.web.api import Api, json_response, list_of, path_of

from .trips import TripPath
from .trips import api as trips_api

api = Api("mileage_rates", __name__, prefix="/mileage-rates", tag="Trips")
RatePath = path_of("mileage_rate_id")


def _rate(row: Any) -> dict[str, Any]:
    same = {name: getattr(row, name) for name in ("id", "valid_from", "unit", "currency", "category_id")}
    return {**same, "rate": plain(row.rate)}


def _expense(one: services.Recorded) -> dict[str, Any]:
    return {
        "trip_id": one.trip_id,
        "expense_id": one.expense_id,
        "amount": format_amount(one.amount, one.currency),
        "currency": one.currency,
    }


@api.get("/", responses={200: list_of(schemas.MileageRateOut)})
@permits("trips.read")
def list_rates() -> Response:
    """List the company's mileage rates, the latest first. Each holds from its day until the next."""
    data = [_rate(row) for row in queries.list_rates()]
    return json_response({"object": "list", "data": data, "has_more": False, "next_cursor": None})


@api.post("/", responses={201: schemas.MileageRateOut})
@permits("trips.write")
def add_rate(body: schemas.MileageRateIn) -> Response:
    """Enter what the company pays for a km or mile from a day on."""
    return json_response(_rate(services.add_rate(body)), 201)


@api.delete("/<uuid:mileage_rate_id>", responses={204: None})
@permits("trips.write")
def delete_rate(path: RatePath) -> Response:  # type: ignore[valid-type]
    """Delete a mileage rate; expenses stay as they are."""
    services.delete_rate(queries.get_rate(path.mileage_rate_id))  # type: ignore[attr-defined]
    return Response(status=204)


@trips_api.post("/mileage-expenses", responses={201: schemas.MileageExpensesOut})
@permits("trips.write")
def record_many(body: schemas.MileageTripsIn) -> Response:
    """Record trips as one's own mileage expenses, by the rate of their day: all of them or none."""
    done = services.record_mileage(body.trip_ids)
    return json_response({"expenses": [_expense(one) for one in done]}, 201)


@trips_api.post("/<uuid:trip_id>/mileage-expense", responses={201: schemas.MileageExpenseOut})
@permits("trips.write")
def record_one(path: TripPath) -> Response:  # type: ignore[valid-type]
    """Record a trip as one's own mileage expense: distance x the rate of its day. Once for each trip."""
    return json_response(_expense(services.record_mileage([path.trip_id])[0]), 201)  # type: ignore[attr-defined]


@trips_api.delete("/<uuid:trip_id>/mileage-expense", responses={204: None})
@permits("trips.write")
def undo(path: TripPath) -> Response:  # type: ignore[valid-type]
    """Put the mileage expense of a trip into the bin."""
    services.undo_mileage([path.trip_id])  # type: ignore[attr-defined]
    return Response(status=204)
