"""The routes /api/v1/trips."""

from __future__ import annotations

from flask import Response

from tracktok.core.permissions import permits
from tracktok.trips.queries import exports
from tracktok.trips.queries import trips as queries
from tracktok.trips.schemas import trips as schemas
from tracktok.trips.services import rerating
from tracktok.trips.services import trips as services
from tracktok.trips.services.replaying import replay_trip
from tracktok.web.api import Api, check_if_match, json_response, list_of, list_response, path_of

from . import present_trips as present

api = Api("trips", __name__, prefix="/trips", tag="Trips")
TripPath = path_of("trip_id")


def _detail(trip_id: object, status: int = 200, location: str | None = None) -> Response:
    trip = queries.get_trip(trip_id)  # type: ignore[arg-type]
    row = queries.rows_of([trip.id])[trip.id]
    charges = [present.charge(one) for one in queries.charges_of(trip.id)]
    body = {**present.trip(row), "charges": charges, "payload": trip.payload}
    return json_response(body, status, etag=trip.version, location=location)


@api.get("/", responses={200: list_of(schemas.TripOut)})
@permits("trips.read")
def list_trips(query: schemas.TripQuery) -> Response:
    """List trips with what each comes to. Filters may be combined; totals of the same set are at `/trips/summary`."""
    if query.format != "json":
        return exports.export_trips(query, query.format)
    page = queries.list_trips(query)
    return list_response(page, [present.trip(row) for row in page.rows])


@api.post("/", responses={201: schemas.TripDetailOut})
@permits("trips.write")
def create(body: schemas.TripIn) -> Response:
    """Record a trip; it is priced by the rate card of its vendor that holds on its day."""
    trip = services.create_trip(body)
    return _detail(trip.id, 201, f"/api/v1/trips/{trip.id}")


@api.post("/bulk", responses={200: schemas.TripsOut})
@permits("trips.write")
def create_many(body: schemas.TripsIn) -> Response:
    """Record up to 10,000 trips. Each is answered for by itself: sent again, one with an external id is `known`."""
    items = services.create_trips(body.trips)
    counts = {name: sum(1 for one in items if one.status == name) for name in ("created", "known", "refused")}
    return json_response({**counts, "items": [present.item(place, one) for place, one in enumerate(items)]})


@api.get("/summary", responses={200: schemas.TripSummaryOut})
@permits("trips.read")
def summary(query: schemas.TripFilters) -> Response:
    """Count and totals of the trips that fit, by currency."""
    return json_response(present.summary(queries.summarize(query)))


@api.post("/what-if", responses={200: schemas.WhatIfOut})
@permits("trips.read")
def what_if(body: schemas.WhatIfIn) -> Response:
    """What the trips of a vendor would come to under another rate card. Nothing is written."""
    return json_response(present.what_if(rerating.what_if(body)))


@api.post("/rerate", responses={200: schemas.RerateOut, 202: schemas.RerateOut})
@permits("trips.write")
def rerate(body: schemas.RerateIn) -> Response:
    """Price the trips of a vendor again. Rows are superseded; closed months change by adjustments. Many: by a job."""
    done = rerating.rerate(body)
    return json_response(present.rerated(done), 202 if done.job_id is not None else 200)


@api.get("/<uuid:trip_id>", responses={200: schemas.TripDetailOut})
@permits("trips.read")
def show(path: TripPath) -> Response:  # type: ignore[valid-type]
    """Get a trip with its price, line by line, and what it came to before."""
    return _detail(path.trip_id)  # type: ignore[attr-defined]


@api.put("/<uuid:trip_id>", responses={200: schemas.TripDetailOut})
@permits("trips.write")
def replace(path: TripPath, body: schemas.TripIn) -> Response:  # type: ignore[valid-type]
    """Change a trip as a whole; it is priced again."""
    trip = queries.get_trip(path.trip_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(trip.version)
    services.change_trip(trip, body)
    return _detail(trip.id)


@api.post("/<uuid:trip_id>/replay", responses={200: schemas.TripDetailOut})
@permits("trips.write")
def replay(path: TripPath) -> Response:  # type: ignore[valid-type]
    """Read again what was received of a trip: it becomes what its record said, and is priced again."""
    trip = queries.get_trip(path.trip_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(trip.version)
    replay_trip(trip)
    return _detail(trip.id)


@api.delete("/<uuid:trip_id>", responses={204: None})
@permits("trips.write")
def delete(path: TripPath) -> Response:  # type: ignore[valid-type]
    """Take a trip away. On a closed month it is taken back by an adjustment."""
    trip = queries.get_trip(path.trip_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(trip.version)
    services.delete_trip(trip)
    return Response(status=204)
