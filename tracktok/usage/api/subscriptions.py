"""The routes /api/v1/usage-subscriptions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from tracktok.core.permissions import permits
from tracktok.usage.queries import subscriptions as queries
from tracktok.usage.queries.current import current_of
from tracktok.usage.schemas import subscriptions as schemas
from tracktok.usage.services import subscriptions as services
from tracktok.web.api import Api, check_if_match, json_response, list_of, list_response, path_of

from . import present

api = Api("usage_subscriptions", __name__, prefix="/usage-subscriptions", tag="Usage")
SubscriptionPath = path_of("subscription_id")


def _answer(subscription_id: UUID, status: int = 200, location: str | None = None) -> Response:
    row: Any = queries.subscription_row(subscription_id)
    body = present.subscription(row, queries.meters_of([row.id])[row.id])
    return json_response(body, status, etag=row.version, location=location)


@api.get("/", responses={200: list_of(schemas.UsageSubscriptionOut)})
@permits("usage.read")
def list_subscriptions(query: schemas.UsageSubscriptionQuery) -> Response:
    """List subscriptions to metered usage."""
    page = queries.list_subscriptions(query)
    meters = queries.meters_of([row.id for row in page.rows])
    return list_response(page, [present.subscription(row, meters[row.id]) for row in page.rows])


@api.post("/", responses={201: schemas.UsageSubscriptionOut})
@permits("prices.write")
def create(body: schemas.UsageSubscriptionIn) -> Response:
    """Begin to bill a customer's metered usage by period."""
    made = services.create_subscription(body)
    return _answer(made.id, 201, f"/api/v1/usage-subscriptions/{made.id}")


@api.get("/<uuid:subscription_id>", responses={200: schemas.UsageSubscriptionOut})
@permits("usage.read")
def show(path: SubscriptionPath) -> Response:  # type: ignore[valid-type]
    """Get a subscription."""
    return _answer(path.subscription_id)  # type: ignore[attr-defined]


@api.put("/<uuid:subscription_id>", responses={200: schemas.UsageSubscriptionOut})
@permits("prices.write")
def replace(path: SubscriptionPath, body: schemas.UsageSubscriptionIn) -> Response:  # type: ignore[valid-type]
    """Change a subscription as a whole; periods that are billed stay as they are."""
    found = queries.get_subscription(path.subscription_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    return _answer(services.change_subscription(found, body).id)


@api.get("/<uuid:subscription_id>/current", responses={200: schemas.CurrentOut})
@permits("usage.read")
def current(path: SubscriptionPath) -> Response:  # type: ignore[valid-type]
    """What the present period comes to so far, and may come to at its end."""
    row = queries.subscription_row(path.subscription_id)  # type: ignore[attr-defined]
    return json_response(present.current(current_of([row])[0]))
