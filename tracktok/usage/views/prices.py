"""Prices: the list, and the form with an example that is worked as one types."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.errors import DomainError
from tracktok.core.permissions import permits
from tracktok.customers.queries import names_of
from tracktok.customers.views.rows import put_rows, take_rows, typed
from tracktok.tenants.queries import currency_choices
from tracktok.usage.queries import meters
from tracktok.usage.queries import prices as queries
from tracktok.usage.rules.pricing import STANDARD, Charge, Model
from tracktok.usage.schemas.prices import PriceQuery, UsagePriceIn
from tracktok.usage.schemas.pricing import EstimateIn
from tracktok.usage.services import prices as services
from tracktok.usage.services.estimating import estimate
from tracktok.web.addresses import address, without
from tracktok.web.filters import figures
from tracktok.web.forms import Form
from tracktok.web.inputs import plain_decimal
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save

from . import words
from .blueprint import blueprint, choices

_LIMITS = [("minimum", "At least", "For a period, whatever is used"), ("maximum", "At most", "For a period")]
_FREE = [("free_units", "Free units", "In each period")]
# What the form of each model asks for: (name, label, help).
FIELDS: dict[str, list[tuple[str, str, str]]] = {
    Model.per_unit: [("per_unit", "Price of a unit", ""), *_FREE, *_LIMITS],
    Model.graduated: [*_FREE, *_LIMITS],
    Model.volume: [*_FREE, *_LIMITS],
    Model.package: [("package_size", "Units in a package", ""), ("package_amount", "Price of a package", ""),
                    *_FREE, *_LIMITS],
    Model.flat_overage: [("flat_amount", "Flat fee", "For each period"), ("included_units", "Units included", ""),
                         ("per_unit", "Price of a unit beyond", ""), *_LIMITS],
    Model.percentage: [("rate_percent", "Percentage", ""), ("fixed_amount", "And for each event", ""),
                       ("free_events", "Free events", "In each period"), ("free_total", "Free total", "In each period"),
                       ("event_minimum", "At least for an event", ""), ("event_maximum", "At most for an event", ""),
                       *_LIMITS],
    Model.graduated_percentage: [*_FREE, *_LIMITS],
    STANDARD: [],
}  # fmt: skip
NEEDED = {"per_unit", "package_size", "package_amount", "flat_amount", "rate_percent"}
TIERED: dict[str, str] = {
    Model.graduated: "per_unit", Model.volume: "per_unit", Model.graduated_percentage: "rate_percent",
}  # fmt: skip
_TIER = ("to", "per_unit", "rate_percent", "flat")
SPARE = 2
EXAMPLE = {"units": "15,000", "events": "200, 100, 100, 50"}
_OUTSIDE = ("version", "then", "example", "price_id")


@blueprint.get("/prices")
@permits("usage.read")
def prices() -> Response:
    """Prices of all meters, the latest first."""
    given = {name: request.args[name] for name in ("meter_id", "customer_id", "cursor") if request.args.get(name)}
    form = Form.read(PriceQuery, MultiDict({**given, "limit": "50"}))
    query = form.data or PriceQuery(limit=50)
    page = queries.list_prices(query)
    known = {one.id: one.name for one in meters.choices()}
    chips: list[Any] = []
    if query.meter_id:
        chips.append(("Meter", known.get(query.meter_id, "Unknown"), without("meter_id")))
    if query.customer_id:
        chips.append(
            ("Customer", names_of([query.customer_id]).get(query.customer_id, "Unknown"), without("customer_id"))
        )
    return render(
        "usage/prices.html",
        block={"prices-list": "list", "prices-more": "rows", "*": "list"},
        page=page,
        chips=chips,
        clear=url_for(".prices"),
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        meters=[(str(key), name) for key, name in known.items()],
        customers=choices([query.customer_id]),
        words=words,
        models={key: label for key, label, _ in words.MODELS},
    )


def _model(values: Any) -> str:
    given = values.get("model", "")
    return given if given in FIELDS else Model.per_unit.value


def _config(values: MultiDict[str, str], model: str) -> dict[str, Any]:
    """The config that the fields of a model say; takes them out of the values, but for what is shown again."""
    decimal = figures(preferences().locale).decimal
    config: dict[str, Any] = {}
    for name, _, _ in FIELDS[model]:
        said = values.get(f"config-{name}", "").strip()
        if said:
            config[name] = plain_decimal(said.rstrip(" %"), decimal) or said
    if model in TIERED:
        names = ("to", TIERED[model], "flat")
        config["tiers"] = [typed(row, decimals=names) for row in _tiers(values, names)]
    return config


def _tiers(values: MultiDict[str, str], names: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of tiers that are filled in, with what this model's tiers have."""
    rows = take_rows(MultiDict(values), "config-tiers", _TIER)
    return [{name: row.get(name, "") for name in names} for row in rows]


def _read() -> Form[UsagePriceIn]:
    values = MultiDict(request.form)
    for name in _OUTSIDE:
        values.poplist(name)
    model = _model(values)
    plain = MultiDict({key: value for key, value in values.items(multi=True) if not key.startswith("config-")})
    form = Form.read(UsagePriceIn, plain, config=_config(values, model), model=model)
    form.values = MultiDict(request.form)
    form.values.pop("csrf_token", None)
    _number_tiers(form)
    if request.form.get("then") == "more":
        form.data, form.errors, form.general, form.status = None, {}, [], 200
    for model_fields in FIELDS.values():
        form.labels |= {f"config-{name}": label for name, label, _ in model_fields}
    return form


def _number_tiers(form: Form[Any]) -> None:
    """Rows of tiers without gaps, as errors count them."""
    rows = take_rows(form.values, "config-tiers", _TIER)
    put_rows(form.values, "config-tiers", rows)


def _worked(values: MultiDict[str, str]) -> tuple[Charge | None, str]:
    """(what the example comes to, what is wrong) of a price that is being filled in."""
    model = _model(values)
    if model == STANDARD:
        return None, "What the price for all comes to."
    decimal = figures(preferences().locale).decimal
    said = values.get("example", "").strip() or (EXAMPLE["events" if model == Model.percentage else "units"])
    amounts = [plain_decimal(one, decimal) for one in (said.split(", ") if model == Model.percentage else [said])]
    if any(one is None for one in amounts):
        return None, "Write numbers in the example."
    named = {"events": amounts} if model == Model.percentage else {"units": amounts[0]}
    try:
        body = EstimateIn.model_validate({"model": model, "config": _config(values, model), **named})
        return estimate(body), ""
    except DomainError as error:
        if error.errors and error.errors[0].code == "missing":
            return None, "Fill in the price to see what the example comes to."
        return None, error.errors[0].detail if error.errors else error.detail
    except ValueError:
        return None, "Write numbers of up to 12 decimal places in the example."


def _page(form: Form[Any], found: Any = None) -> Response:
    model = _model(form.values)
    rows = {key.split("-")[2] for key in form.values if key.startswith("config-tiers-")}
    charge, wrong = _worked(form.values)
    return render(
        "usage/price_form.html",
        block={"price-fields": "fields", "*": "form"},
        status=form.status,
        form=form,
        price=found,
        model=model,
        fields=FIELDS[model],
        needed=NEEDED,
        tiered=TIERED.get(model),
        count=len(rows) + SPARE,
        models=words.MODELS,
        meters=[(one.id, one.name, one.code) for one in meters.choices()],
        customers=choices([form.text("customer_id")]),
        currencies=currency_choices(),
        charge=charge,
        wrong=wrong,
        currency=form.text("currency") or preferences().currency,
        example=form.text("example") or EXAMPLE["events" if model == Model.percentage else "units"],
        of_events=model == Model.percentage,
        words=words,
    )


@blueprint.get("/prices/new")
@permits("prices.write")
def new_price() -> Response:
    """An empty form, for the meter and customer of the address."""
    today = clock.today(preferences().timezone)
    values = {"model": Model.per_unit.value, "valid_from": today.replace(day=1), "currency": preferences().currency}
    return _page(Form({**values, **{n: request.args[n] for n in ("meter_id", "customer_id") if request.args.get(n)}}))


@blueprint.get("/prices/fields")
@permits("prices.write")
def price_fields() -> Response:
    """The fields of the model that was chosen: a part of the form."""
    form: Form[UsagePriceIn] = Form.of(MultiDict(request.args))
    form.values.pop("example", None)
    return _page(form)


@blueprint.get("/prices/example")
@permits("prices.write")
def price_example() -> Response:
    """What the example comes to under the price that is being filled in: a part of the form."""
    values = MultiDict(request.args)
    charge, wrong = _worked(values)
    currency = values.get("currency") or preferences().currency
    return render("usage/price_example.html", charge=charge, wrong=wrong, currency=currency, words=words)


@blueprint.post("/prices")
@permits("prices.write")
def create_price() -> Response:
    """Set a price."""
    return save(_read(), services.create_price, lambda _: go_on("Price set", url_for(".prices")), _page)


@blueprint.get("/prices/<uuid:price_id>/edit")
@permits("prices.write")
def edit_price(price_id: UUID) -> Response:
    """The form of a price."""
    found = queries.price_row(price_id)
    values = {
        name: getattr(found, name) for name in ("meter_id", "customer_id", "currency", "valid_from", "note", "model")
    }
    config = dict(found.config)
    for number, tier in enumerate(config.pop("tiers", [])):
        values |= {f"config-tiers-{number}-{name}": words.tidy(tier[name]) for name in _TIER if tier.get(name)}
    values |= {f"config-{name}": words.tidy(str(value)) for name, value in config.items() if value is not None}
    return _page(Form(values), found)


@blueprint.post("/prices/<uuid:price_id>/edit")
@permits("prices.write")
def update_price(price_id: UUID) -> Response:
    """Change a price."""
    found = queries.get_price(price_id, for_update=True)
    return save(
        _read(),
        lambda data: services.change_price(found, data),
        lambda _: go_on("Price saved", url_for(".prices")),
        lambda form: _page(form, found),
        version=found.version,
    )


@blueprint.post("/prices/<uuid:price_id>/delete")
@permits("prices.write")
def delete_price(price_id: UUID) -> Response:
    """Take a price away."""
    found = queries.get_price(price_id, for_update=True)
    return attempt(
        lambda: services.delete_price(found), lambda _: go_on("Price deleted", url_for(".prices")), url_for(".prices")
    )
