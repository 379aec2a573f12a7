"""Rate cards: the list, one with its versions in time, comparing, and what is done with one button."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.audit.queries.history import history_of
from tracktok.core.permissions import permits
from tracktok.expenses.queries import projects
from tracktok.trips.queries import rate_cards as queries
from tracktok.trips.rules.differences import differences
from tracktok.trips.rules.pricing import price_trip
from tracktok.trips.rules.terms import card_from
from tracktok.trips.schemas.rate_cards import (
    RateCardQuery,
    WorkedTripIn,
)
from tracktok.trips.services import pricing
from tracktok.trips.services import rate_cards as services
from tracktok.web.addresses import address, without
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on

from . import words
from .blueprint import rate_cards as blueprint
from .reading import trip_of
from .worked import WORKED, today, worked_by

PAGE = 50


@blueprint.get("/")
@permits("rate_cards.read")
def index() -> Response:
    """The rate cards of all vendors."""
    known = {name: [request.args[name]] for name in ("q", "sort", "cursor", "archived") if request.args.get(name)}
    form = Form.read(RateCardQuery, MultiDict({"sort": ["name"], "archived": ["false"], **known, "limit": [str(PAGE)]}))
    query = form.data or RateCardQuery(sort="name", limit=PAGE, archived=False)
    page = queries.list_rate_cards(query)
    versions = queries.versions_of(row.id for row in page.rows)
    chips = [("Text", query.q, without("q"))] if query.q else []
    if query.archived:
        chips.append(("Archived", "only those", without("archived")))
    return render(
        "rate_cards/index.html",
        block={"rate-cards-list": "list", "rate-cards-more": "rows", "*": "list"},
        page=page,
        versions=versions,
        projects=project_names(page.rows),
        words=words,
        sort=query.sort,
        chips=chips,
        clear=url_for(".index"),
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
    )


def project_names(rows: Any) -> dict[Any, str]:
    """The names of the projects that cards are for."""
    wanted = {row.project_id for row in rows if row.project_id is not None}
    return {row.id: row.name for row in projects.choices() if row.id in wanted} if wanted else {}


@blueprint.get("/<uuid:rate_card_id>")
@permits("rate_cards.read")
def show(rate_card_id: UUID) -> Response:
    """A rate card: its versions in time, what the one in force says, and a worked trip."""
    row = queries.get_rate_card_row(rate_card_id)
    versions = queries.versions_of([row.id])[row.id]
    now = today()
    chosen = request.args.get("version", type=UUID)
    shown = next((one for one in versions if one.id == chosen), None)
    if shown is None:
        shown = next((one for one in versions if one.valid_from <= now), versions[-1])
    card = card_from(shown.terms)
    asked = {name: text for name, text in request.args.items() if name.startswith(("trip-", "month-"))}
    values = MultiDict(asked or WORKED)
    form: Form[Any] = Form.of(values)
    return render(
        "rate_cards/show.html",
        block={"peek-body": "record", "worked": "worked"},
        rate_card=row,
        versions=words.spans(versions),
        shown=shown,
        lines=words.card_lines(card),
        terms=card,
        worked=worked_by(form, card, max(shown.valid_from, now) if shown.valid_from > now else now),
        form=form,
        projects=project_names([row]),
        history=history_of("rate_cards", row.id),
        words=words,
    )


@blueprint.get("/<uuid:rate_card_id>/compare")
@permits("rate_cards.read")
def compare(rate_card_id: UUID) -> Response:
    """Two versions side by side."""
    row = queries.get_rate_card_row(rate_card_id)
    versions = queries.versions_of([row.id])[row.id]
    before, after = queries.two_versions(
        row.id, request.args.get("before", type=UUID), request.args.get("after", type=UUID)
    )
    trip = WorkedTripIn.model_validate(trip_of(WORKED, today()))
    prices = []
    for one in (before, after):
        card = card_from(one.terms)
        prices.append(price_trip(card, pricing.facts_of(trip, card.distance_unit)) if card.has_fare else None)
    return render(
        "rate_cards/compare.html",
        block={"compare": "compare"},
        rate_card=row,
        choices=[(one.id, words.span_words(one.valid_from, last)) for one, last in words.spans(versions)],
        before=before,
        after=after,
        differences=differences(before.terms, after.terms),
        prices=prices,
        form=Form({"before": before.id, "after": after.id}),
        words=words,
    )


@blueprint.post("/<uuid:rate_card_id>/archive")
@permits("rate_cards.write")
def archive(rate_card_id: UUID) -> Response:
    """Price no more trips by a card."""
    card = queries.get_rate_card(rate_card_id, for_update=True)
    services.archive_rate_card(card)
    here = url_for(".show", rate_card_id=rate_card_id)
    return go_on(f"“{card.name}” archived", here, undo=url_for(".unarchive", rate_card_id=rate_card_id))


@blueprint.post("/<uuid:rate_card_id>/unarchive")
@permits("rate_cards.write")
def unarchive(rate_card_id: UUID) -> Response:
    """Take a card into use again."""
    card = queries.get_rate_card(rate_card_id, for_update=True)
    here = url_for(".show", rate_card_id=rate_card_id)
    return attempt(
        lambda: services.archive_rate_card(card, archived=False),
        lambda _: go_on(f"“{card.name}” is in use again", here),
        here,
    )


@blueprint.post("/<uuid:rate_card_id>/delete")
@permits("rate_cards.write")
def delete(rate_card_id: UUID) -> Response:
    """Delete a card that no trip was priced by."""
    card = queries.get_rate_card(rate_card_id, for_update=True)
    vendor_id, name = card.vendor_id, card.name
    return attempt(
        lambda: services.delete_rate_card(card),
        lambda _: go_on(f"“{name}” deleted", url_for("vendors.show", vendor_id=vendor_id, tab="cards")),
        url_for(".show", rate_card_id=rate_card_id),
    )


@blueprint.post("/<uuid:rate_card_id>/versions/<uuid:rate_card_version_id>/delete")
@permits("rate_cards.write")
def delete_version(rate_card_id: UUID, rate_card_version_id: UUID) -> Response:
    """Take away a version that no trip was priced by."""
    card = queries.get_rate_card(rate_card_id, for_update=True)
    version = queries.get_version(card.id, rate_card_version_id, for_update=True)
    here = url_for(".show", rate_card_id=rate_card_id)
    return attempt(
        lambda: services.delete_version(card, version), lambda _: go_on("The version is taken away", here), here
    )
