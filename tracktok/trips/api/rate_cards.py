"""The routes /api/v1/rate-cards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from tracktok.core.permissions import permits
from tracktok.trips.queries import rate_cards as queries
from tracktok.trips.rules.differences import differences
from tracktok.trips.schemas import rate_cards as schemas
from tracktok.trips.services import pricing, rate_cards
from tracktok.web.api import Api, Schema, check_if_match, json_response, list_of, list_response, path_of

from . import present

api = Api("rate_cards", __name__, prefix="/rate-cards", tag="Rate cards")
RateCardPath = path_of("rate_card_id")


class VersionPath(Schema):
    """A version of a rate card."""

    rate_card_id: UUID
    rate_card_version_id: UUID


def _whole(rate_card_id: UUID) -> dict[str, Any]:
    row = queries.get_rate_card_row(rate_card_id)
    return {**present.rate_card(row), "versions": present.versions(queries.versions_of([row.id])[row.id])}


def _answer(rate_card_id: UUID, status: int = 200) -> Response:
    body = _whole(rate_card_id)
    location = f"/api/v1/rate-cards/{rate_card_id}" if status == 201 else None
    return json_response(body, status, etag=body["version"], location=location)


def _version(rate_card_id: UUID, version_id: UUID, status: int = 200) -> Response:
    found = present.versions(queries.versions_of([rate_card_id])[rate_card_id])
    body = next(one for one in found if one["id"] == version_id)
    location = f"/api/v1/rate-cards/{rate_card_id}/versions/{version_id}" if status == 201 else None
    return json_response(body, status, etag=body["version"], location=location)


@api.get("/", responses={200: list_of(schemas.RateCardListItem)})
@permits("rate_cards.read")
def list_rate_cards(query: schemas.RateCardQuery) -> Response:
    """List rate cards, of one vendor or of all."""
    page = queries.list_rate_cards(query)
    return list_response(page, [present.rate_card(row) for row in page.rows])


@api.post("/", responses={201: schemas.RateCardOut})
@permits("rate_cards.write")
def create(body: schemas.RateCardIn) -> Response:
    """Make a rate card with its first version."""
    return _answer(rate_cards.create_rate_card(body).id, 201)


@api.post("/price", responses={200: schemas.CardPriceOut})
@permits("rate_cards.read")
def preview(body: schemas.PreviewIn) -> Response:
    """Price a trip under terms that are not saved, line by line."""
    return json_response(present.price(pricing.price_unsaved(body.terms, body.currency, body.trip)))


@api.get("/<uuid:rate_card_id>", responses={200: schemas.RateCardOut})
@permits("rate_cards.read")
def show(path: RateCardPath) -> Response:  # type: ignore[valid-type]
    """Get a rate card with its versions, the newest first."""
    return _answer(path.rate_card_id)  # type: ignore[attr-defined]


@api.put("/<uuid:rate_card_id>", responses={200: schemas.RateCardOut})
@permits("rate_cards.write")
def replace(path: RateCardPath, body: schemas.RateCardChange) -> Response:  # type: ignore[valid-type]
    """Change name and scope of a card, or archive it. Its prices are changed by versions."""
    card = queries.get_rate_card(path.rate_card_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(card.version)
    return _answer(rate_cards.change_rate_card(card, body).id)


@api.delete("/<uuid:rate_card_id>", responses={204: None})
@permits("rate_cards.write")
def delete(path: RateCardPath) -> Response:  # type: ignore[valid-type]
    """Delete a card by which no trip was priced; archive it otherwise."""
    card = queries.get_rate_card(path.rate_card_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(card.version)
    rate_cards.delete_rate_card(card)
    return Response(status=204)


@api.post("/<uuid:rate_card_id>/copy", responses={201: schemas.RateCardOut})
@permits("rate_cards.write")
def copy(path: RateCardPath, body: schemas.CopyIn) -> Response:  # type: ignore[valid-type]
    """Copy the terms that hold on a day to another vendor, as a card of its own."""
    card = queries.get_rate_card(path.rate_card_id)  # type: ignore[attr-defined]
    return _answer(rate_cards.copy_rate_card(card, body).id, 201)


@api.post("/<uuid:rate_card_id>/price", responses={200: schemas.CardPriceOut})
@permits("rate_cards.read")
def price(path: RateCardPath, body: schemas.CardPriceIn) -> Response:  # type: ignore[valid-type]
    """Price a trip: by the version of its day, by the one named, or under terms that are not saved yet."""
    card = queries.get_rate_card(path.rate_card_id)  # type: ignore[attr-defined]
    if body.terms is not None:
        return json_response(present.price(pricing.price_unsaved(body.terms, card.currency, body.trip)))
    return json_response(present.price(pricing.price_by(card, body.trip, body.version_id)))


@api.post("/<uuid:rate_card_id>/price-month", responses={200: schemas.CardPriceOut})
@permits("rate_cards.read")
def price_month(path: RateCardPath, body: schemas.MonthPriceIn) -> Response:  # type: ignore[valid-type]
    """Price a month beside its trips: the fixed fee, what goes beyond it, the top-up to the guarantee."""
    card = queries.get_rate_card(path.rate_card_id)  # type: ignore[attr-defined]
    return json_response(present.price(pricing.price_month_by(card, body.month, body.version_id)))


@api.get("/<uuid:rate_card_id>/compare", responses={200: schemas.ComparisonOut})
@permits("rate_cards.read")
def compare(path: RateCardPath, query: schemas.CompareQuery) -> Response:  # type: ignore[valid-type]
    """Tell in what two versions of a card differ, term by term."""
    card = queries.get_rate_card(path.rate_card_id)  # type: ignore[attr-defined]
    before, after = queries.two_versions(card.id, query.before, query.after)
    found = [
        {"field": one.field, "label": one.label, "before": one.before, "after": one.after}
        for one in differences(before.terms, after.terms)
    ]
    return json_response({"before": before.id, "after": after.id, "differences": found})


@api.post("/<uuid:rate_card_id>/versions", responses={201: schemas.VersionOut})
@permits("rate_cards.write")
def add_version(path: RateCardPath, body: schemas.VersionIn) -> Response:  # type: ignore[valid-type]
    """Add terms from a day on."""
    card = queries.get_rate_card(path.rate_card_id, for_update=True)  # type: ignore[attr-defined]
    return _version(card.id, rate_cards.add_version(card, body).id, 201)


@api.get("/<uuid:rate_card_id>/versions/<uuid:rate_card_version_id>", responses={200: schemas.VersionOut})
@permits("rate_cards.read")
def show_version(path: VersionPath) -> Response:
    """Get a version of a card."""
    return _version(path.rate_card_id, queries.get_version(path.rate_card_id, path.rate_card_version_id).id)


@api.put("/<uuid:rate_card_id>/versions/<uuid:rate_card_version_id>", responses={200: schemas.VersionOut})
@permits("rate_cards.write")
def change_version(path: VersionPath, body: schemas.VersionIn) -> Response:
    """Change a version by which no trip was priced yet."""
    card = queries.get_rate_card(path.rate_card_id, for_update=True)
    version = queries.get_version(card.id, path.rate_card_version_id, for_update=True)
    check_if_match(version.version)
    return _version(card.id, rate_cards.change_version(card, version, body).id)


@api.delete("/<uuid:rate_card_id>/versions/<uuid:rate_card_version_id>", responses={204: None})
@permits("rate_cards.write")
def delete_version(path: VersionPath) -> Response:
    """Take away a version by which no trip was priced; the one before it holds on."""
    card = queries.get_rate_card(path.rate_card_id, for_update=True)
    version = queries.get_version(card.id, path.rate_card_version_id, for_update=True)
    check_if_match(version.version)
    rate_cards.delete_version(card, version)
    return Response(status=204)
