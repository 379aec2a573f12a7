"""The routes /api/v1/meters."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.permissions import permits
from tracktok.usage.queries import meters as queries
from tracktok.usage.schemas import meters as schemas
from tracktok.usage.services import meters as services
from tracktok.web.api import Api, check_if_match, json_response, list_of, list_response, path_of

from . import present

api = Api("meters", __name__, prefix="/meters", tag="Usage")
MeterPath = path_of("meter_id")


def _answer(meter: Any, status: int = 200, location: str | None = None) -> Response:
    return json_response(present.meter(meter), status, etag=meter.version, location=location)


@api.get("/", responses={200: list_of(schemas.MeterOut)})
@permits("usage.read")
def list_meters(query: schemas.MeterQuery) -> Response:
    """List meters."""
    page = queries.list_meters(query)
    return list_response(page, [present.meter(row) for row in page.rows])


@api.post("/", responses={201: schemas.MeterOut})
@permits("usage.write")
def create(body: schemas.MeterIn) -> Response:
    """Make a meter."""
    meter = services.create_meter(body)
    return _answer(meter, 201, f"/api/v1/meters/{meter.id}")


@api.get("/<uuid:meter_id>", responses={200: schemas.MeterOut})
@permits("usage.read")
def show(path: MeterPath) -> Response:  # type: ignore[valid-type]
    """Get a meter."""
    return _answer(queries.get_meter(path.meter_id))  # type: ignore[attr-defined]


@api.put("/<uuid:meter_id>", responses={200: schemas.MeterOut})
@permits("usage.write")
def replace(path: MeterPath, body: schemas.MeterIn) -> Response:  # type: ignore[valid-type]
    """Change a meter as a whole. Its code and how it is added up stay once usage is recorded."""
    meter = queries.get_meter(path.meter_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(meter.version)
    return _answer(services.change_meter(meter, body))


@api.patch("/<uuid:meter_id>", responses={200: schemas.MeterOut})
@permits("usage.write")
def patch(path: MeterPath, body: schemas.MeterPatch) -> Response:  # type: ignore[valid-type]
    """Change what is named of a meter, or archive it."""
    meter = queries.get_meter(path.meter_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(meter.version)
    return _answer(services.patch_meter(meter, body))
