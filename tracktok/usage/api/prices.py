"""The routes /api/v1/prices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from tracktok.core.permissions import permits
from tracktok.usage.queries import prices as queries
from tracktok.usage.schemas import prices as schemas
from tracktok.usage.schemas.pricing import EstimateIn, EstimateOut
from tracktok.usage.services import prices as services
from tracktok.usage.services.estimating import estimate as estimate_price
from tracktok.web.api import Api, check_if_match, json_response, list_of, list_response, path_of

from . import present

api = Api("prices", __name__, prefix="/prices", tag="Usage")
PricePath = path_of("price_id")


@api.post("/estimate", responses={200: EstimateOut})
@permits("usage.read")
def estimate(body: EstimateIn) -> Response:
    """What a price would come to for a quantity, or for the amounts of events. Nothing is kept, nothing rounded."""
    return json_response(present.charge(estimate_price(body)))


def _answer(price_id: UUID, status: int = 200, location: str | None = None) -> Response:
    row: Any = queries.price_row(price_id)
    return json_response(present.price(row), status, etag=row.version, location=location)


@api.get("/", responses={200: list_of(schemas.UsagePriceOut)})
@permits("usage.read")
def list_prices(query: schemas.PriceQuery) -> Response:
    """List prices; with `customer_id`, those for all customers and the customer's own."""
    page = queries.list_prices(query)
    return list_response(page, [present.price(row) for row in page.rows])


@api.post("/", responses={201: schemas.UsagePriceOut})
@permits("prices.write")
def create(body: schemas.UsagePriceIn) -> Response:
    """Set the price of a meter from a day on, for all customers or for one."""
    price = services.create_price(body)
    return _answer(price.id, 201, f"/api/v1/prices/{price.id}")


@api.get("/<uuid:price_id>", responses={200: schemas.UsagePriceOut})
@permits("usage.read")
def show(path: PricePath) -> Response:  # type: ignore[valid-type]
    """Get a price."""
    return _answer(path.price_id)  # type: ignore[attr-defined]


@api.put("/<uuid:price_id>", responses={200: schemas.UsagePriceOut})
@permits("prices.write")
def replace(path: PricePath, body: schemas.UsagePriceIn) -> Response:  # type: ignore[valid-type]
    """Change a price as a whole, as long as nothing was billed by it."""
    price = queries.get_price(path.price_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(price.version)
    return _answer(services.change_price(price, body).id)


@api.delete("/<uuid:price_id>", responses={204: None})
@permits("prices.write")
def delete(path: PricePath) -> Response:  # type: ignore[valid-type]
    """Take a price away, as long as nothing was billed by it."""
    price = queries.get_price(path.price_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(price.version)
    services.delete_price(price)
    return Response(status=204)
