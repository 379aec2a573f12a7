"""Making and changing a rate card and its versions, with a worked trip; copying one."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core.context import preferences
from tracktok.core.permissions import permits
from tracktok.expenses.queries import projects
from tracktok.tenants.queries import currency_choices
from tracktok.trips.models import RateCard
from tracktok.trips.queries import rate_cards as queries
from tracktok.trips.queries import vendors as vendor_queries
from tracktok.trips.schemas.rate_cards import (
    CopyIn,
    RateCardChange,
    RateCardIn,
    VersionIn,
)
from tracktok.trips.services import rate_cards as services
from tracktok.web.filters import format_day
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import go_on, save

from . import words
from .blueprint import rate_cards as blueprint
from .reading import fill_terms, row_counts, take_terms
from .worked import WORKED, plain_names, preview_of, today

DEFAULTS: dict[str, Any] = {
    "model": "trip",
    "distance_unit": "km",
    "pass_through-tolls": True,
    "pass_through-parking": True,
    "tax-exempt": ["tolls", "parking"],
    "tax-name": "GST",
    "monthly-prorate": True,
    "distance_slabs-mode": "graduated",
    "hour_slabs-mode": "graduated",
    "waiting-per": "minute",
}


@blueprint.post("/preview")
@permits("rate_cards.read")
def preview() -> Response:
    """What the worked trip costs under the terms that are being typed, and what is wrong with them."""
    values = MultiDict(request.form)
    currency = values.get("currency", "")
    if currency not in dict(currency_choices()):
        currency = preferences().currency
    form, worked = preview_of(values, currency)
    return render("rate_cards/preview.html", form=form, worked=worked, words=words, live=values.getlist("live"))


def _page(
    form: Form[Any], *, card: Any = None, version: Any = None, vendor: Any = None, title: str = "New rate card"
) -> Response:
    plain_names(form)
    form.values = MultiDict({name: texts for name, texts in form.values.lists() if texts})
    shown = MultiDict(form.values)
    if not any(name.startswith("trip-") for name in shown):
        for name, text in WORKED.items():
            shown[name] = form.values[name] = text
    _, worked = preview_of(shown, form.text("currency") or (card.currency if card else preferences().currency))
    return render(
        "rate_cards/form.html",
        block="form",
        status=form.status,
        form=form,
        card=card,
        version=version,
        vendor=vendor,
        title=title,
        worked=worked,
        counts=row_counts(form.values),
        vendors=[(row.id, row.name, row.code) for row in vendor_queries.find_vendors(limit=500)],
        currencies=currency_choices(),
        projects=[(row.id, row.name) for row in projects.choices()],
        bases=_bases(form),
        words=words,
    )


def _bases(form: Form[Any]) -> list[tuple[str, str]]:
    """What surcharges may be on, with the combinations that this card has."""
    known = dict(words.BASES)
    for name in form.values:
        text = form.text(name) if name.startswith("surcharges-") and name.endswith("-on") else ""
        if text and text not in known:
            parts = [known.get(part, part) for part in text.split(",")]
            known[text] = ", ".join(parts)
    return list(known.items())


def _sent(schema: type[Any]) -> Form[Any]:
    """The form that was sent, checked; `then=more` only adds rows."""
    values = MultiDict(request.form)
    terms = take_terms(values)
    form = Form.read(schema, values, terms=terms)
    if form.text("then") == "more":
        form.data, form.errors, form.general, form.status = None, {}, [], 200
    return form


@blueprint.get("/new")
@permits("rate_cards.write")
def new() -> Response:
    """An empty form, for the vendor of the address."""
    wanted = request.args.get("vendor_id", type=UUID)
    vendor = vendor_queries.get_vendor(wanted) if wanted else None
    values = {**DEFAULTS, **WORKED, "valid_from": today().replace(day=1), "currency": preferences().currency}
    if vendor is not None:
        values |= {"vendor_id": vendor.id, "currency": vendor.currency, "model": vendor.billing_model}
    return _page(Form(values), vendor=vendor)


@blueprint.post("/")
@permits("rate_cards.write")
def create() -> Response:
    """Make a rate card with its first version."""
    return save(
        _sent(RateCardIn),
        services.create_rate_card,
        lambda made: go_on(f"“{made.name}” made", url_for(".show", rate_card_id=made.id)),
        _page,
    )


@blueprint.get("/<uuid:rate_card_id>/edit")
@permits("rate_cards.write")
def edit(rate_card_id: UUID) -> Response:
    """The form of a card's name and scope."""
    card = queries.get_rate_card(rate_card_id)
    values = {name: getattr(card, name) for name in ("name", "vehicle_class", "trip_type", "project_id", "is_archived")}
    return _scope_page(Form(values), card)


def _scope_page(form: Form[Any], card: RateCard) -> Response:
    return render(
        "rate_cards/scope_form.html",
        block="form",
        status=form.status,
        form=form,
        rate_card=card,
        projects=[(row.id, row.name) for row in projects.choices()],
        words=words,
    )


@blueprint.post("/<uuid:rate_card_id>/edit")
@permits("rate_cards.write")
def update(rate_card_id: UUID) -> Response:
    """Change a card's name and scope."""
    card = queries.get_rate_card(rate_card_id, for_update=True)
    return save(
        Form.read(RateCardChange),
        lambda data: services.change_rate_card(card, data),
        lambda _: go_on("Rate card saved", url_for(".show", rate_card_id=rate_card_id)),
        lambda form: _scope_page(form, card),
        version=card.version,
    )


def _version_page(form: Form[Any], card: RateCard, version: Any = None) -> Response:
    form.values.setlist("model", [card.billing_model])
    form.values.setlist("currency", [card.currency])
    return _page(form, card=card, version=version, title="Edit version" if version else "New version")


@blueprint.get("/<uuid:rate_card_id>/versions/new")
@permits("rate_cards.write")
def new_version(rate_card_id: UUID) -> Response:
    """The terms that hold now, to be changed from a day on."""
    card = queries.get_rate_card(rate_card_id)
    versions = queries.versions_of([card.id])[card.id]
    day = max(today(), versions[0].valid_from)
    first = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return _version_page(Form({**DEFAULTS, **_shown(versions[0].terms), **WORKED, "valid_from": first}), card)


def _shown(terms: dict[str, Any]) -> dict[str, Any]:
    filled = fill_terms(terms)
    # A tick that the terms have not is no tick.
    ticks = dict.fromkeys(("pass_through-tolls", "pass_through-parking", "monthly-prorate"), False)
    held = {name.split("-")[0] for name in filled}
    out = {name: value for name, value in ticks.items() if name.split("-")[0] in held} | filled
    if "tax" in held and "tax-exempt" not in filled:
        out["tax-exempt"] = []
    return out


@blueprint.post("/<uuid:rate_card_id>/versions")
@permits("rate_cards.write")
def create_version(rate_card_id: UUID) -> Response:
    """Add a version."""
    card = queries.get_rate_card(rate_card_id, for_update=True)
    return save(
        _sent(VersionIn),
        lambda data: services.add_version(card, data),
        lambda made: go_on(
            f"A version from {format_day(made.valid_from)} is added", url_for(".show", rate_card_id=rate_card_id)
        ),
        lambda form: _version_page(form, card),
    )


@blueprint.get("/<uuid:rate_card_id>/versions/<uuid:rate_card_version_id>/edit")
@permits("rate_cards.write")
def edit_version(rate_card_id: UUID, rate_card_version_id: UUID) -> Response:
    """The form of a version that no trip was priced by."""
    card = queries.get_rate_card(rate_card_id)
    version = queries.get_version(card.id, rate_card_version_id)
    values = {**DEFAULTS, **_shown(version.terms), **WORKED, "valid_from": version.valid_from, "note": version.note}
    return _version_page(Form(values), card, version)


@blueprint.post("/<uuid:rate_card_id>/versions/<uuid:rate_card_version_id>/edit")
@permits("rate_cards.write")
def update_version(rate_card_id: UUID, rate_card_version_id: UUID) -> Response:
    """Change a version that no trip was priced by."""
    card = queries.get_rate_card(rate_card_id, for_update=True)
    version = queries.get_version(card.id, rate_card_version_id, for_update=True)
    return save(
        _sent(VersionIn),
        lambda data: services.change_version(card, version, data),
        lambda _: go_on("Version saved", url_for(".show", rate_card_id=rate_card_id)),
        lambda form: _version_page(form, card, version),
        version=version.version,
    )


@blueprint.get("/<uuid:rate_card_id>/copy")
@permits("rate_cards.write")
def copy_form(rate_card_id: UUID) -> Response:
    """The form for a copy."""
    card = queries.get_rate_card(rate_card_id)
    return _copy_page(Form({"name": card.name, "valid_from": today().replace(day=1)}), card)


def _copy_page(form: Form[Any], card: RateCard) -> Response:
    return render(
        "rate_cards/copy_form.html",
        block="form",
        status=form.status,
        form=form,
        rate_card=card,
        vendors=[(row.id, row.name, row.code) for row in vendor_queries.find_vendors(limit=500)],
    )


@blueprint.post("/<uuid:rate_card_id>/copy")
@permits("rate_cards.write")
def copy(rate_card_id: UUID) -> Response:
    """Copy a card to a vendor."""
    card = queries.get_rate_card(rate_card_id)
    return save(
        Form.read(CopyIn),
        lambda data: services.copy_rate_card(card, data),
        lambda made: go_on(f"“{made.name}” copied", url_for(".show", rate_card_id=made.id)),
        lambda form: _copy_page(form, card),
    )
