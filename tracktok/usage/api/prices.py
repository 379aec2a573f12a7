"""The routes /api/v1/prices."""

from __future__ import annotations

from flask import Response

from tracktok.core.permissions import permits
from tracktok.usage.schemas.pricing import EstimateIn, EstimateOut
from tracktok.usage.services.estimating import estimate as estimate_price
from tracktok.web.api import Api, json_response

from . import present

api = Api("prices", __name__, prefix="/prices", tag="Usage")


@api.post("/estimate", responses={200: EstimateOut})
@permits("usage.read")
def estimate(body: EstimateIn) -> Response:
    """What a price would come to for a quantity, or for the amounts of events. Nothing is kept, nothing rounded."""
    return json_response(present.charge(estimate_price(body)))
