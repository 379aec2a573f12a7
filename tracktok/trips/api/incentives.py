"""The routes /api/v1/incentive-rules."""

from __future__ import annotations

from flask import Response

from tracktok.core.permissions import permits
from tracktok.trips.queries import incentives as queries
from tracktok.trips.schemas import incentives as schemas
from tracktok.trips.services import incentives as services
from tracktok.web.api import Api, check_if_match, json_response, list_of, list_response, path_of

from . import present

api = Api("incentive_rules", __name__, prefix="/incentive-rules", tag="Incentive rules")
IncentiveRulePath = path_of("incentive_rule_id")


@api.get("/", responses={200: list_of(schemas.IncentiveRuleOut)})
@permits("incentives.read")
def list_rules(query: schemas.IncentiveQuery) -> Response:
    """List incentive rules."""
    page = queries.list_incentive_rules(query)
    return list_response(page, [present.incentive_rule(row) for row in page.rows])


@api.post("/", responses={201: schemas.IncentiveRuleOut})
@permits("incentives.write")
def create(body: schemas.IncentiveRuleIn) -> Response:
    """Make an incentive rule."""
    rule = services.create_incentive_rule(body)
    location = f"/api/v1/incentive-rules/{rule.id}"
    return json_response(present.incentive_rule(rule), 201, etag=rule.version, location=location)


@api.get("/<uuid:incentive_rule_id>", responses={200: schemas.IncentiveRuleOut})
@permits("incentives.read")
def show(path: IncentiveRulePath) -> Response:  # type: ignore[valid-type]
    """Get an incentive rule."""
    rule = queries.get_incentive_rule(path.incentive_rule_id)  # type: ignore[attr-defined]
    return json_response(present.incentive_rule(rule), etag=rule.version)


@api.put("/<uuid:incentive_rule_id>", responses={200: schemas.IncentiveRuleOut})
@permits("incentives.write")
def replace(path: IncentiveRulePath, body: schemas.IncentiveRuleIn) -> Response:  # type: ignore[valid-type]
    """Change an incentive rule as a whole. What was paid stays."""
    rule = queries.get_incentive_rule(path.incentive_rule_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(rule.version)
    rule = services.change_incentive_rule(rule, body)
    return json_response(present.incentive_rule(rule), etag=rule.version)


@api.delete("/<uuid:incentive_rule_id>", responses={204: None})
@permits("incentives.write")
def delete(path: IncentiveRulePath) -> Response:  # type: ignore[valid-type]
    """Delete an incentive rule by which nothing was paid."""
    rule = queries.get_incentive_rule(path.incentive_rule_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(rule.version)
    services.delete_incentive_rule(rule)
    return Response(status=204)


@api.post("/<uuid:incentive_rule_id>/price", responses={200: schemas.IncentiveOut})
@permits("incentives.read")
def price(path: IncentiveRulePath, body: schemas.IncentivePriceIn) -> Response:  # type: ignore[valid-type]
    """Tell what a rule pays for a period in which so many trips were made, or hours were worked."""
    rule = queries.get_incentive_rule(path.incentive_rule_id)  # type: ignore[attr-defined]
    return json_response(present.incentive(services.price_incentive(rule, body.done)))
