"""Settings > Service types & prices: price lists."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core.context import preferences
from tracktok.core.permissions import permits
from tracktok.customers import queries, services
from tracktok.customers.schemas.catalog import PriceListIn, PriceListQuery
from tracktok.tenants.queries import currency_choices
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save

from . import words
from .blueprint import blueprint
from .rows import SPARE, name_rows, put_rows, take_rows, typed

_NAMES = ("service_type_id", "unit_price", "valid_from", "valid_to")
_WORDS = {"service_type_id": "service", "unit_price": "price", "valid_from": "from", "valid_to": "until"}
_MORE = 10


@blueprint.get("/settings/price-lists")
@permits("customers.read")
def price_lists() -> Response:
    """The price lists, with how many prices and customers each has."""
    page = queries.list_price_lists(PriceListQuery(limit=100))
    ids = [row.id for row in page.rows]
    return render(
        "customers/price_lists.html",
        rows=sorted(page.rows, key=lambda row: (row.is_archived, row.name.lower())),
        prices=queries.count_items(ids),
        customers=queries.count_customers_of(ids),
    )


@blueprint.get("/settings/price-lists/<uuid:price_list_id>")
@permits("customers.read")
def price_list(price_list_id: UUID) -> Response:
    """A price list with its prices."""
    found = queries.get_price_list(price_list_id)
    return render(
        "customers/price_list.html",
        found=found,
        items=queries.items_of([found.id])[found.id],
        customers=queries.count_customers_of([found.id]).get(found.id, 0),
        words=words,
    )


def _page(form: Form[Any], found: Any = None) -> Response:
    numbers = {key.split("-")[1] for key in form.values if key.startswith("items-")}
    offered = [(row.id, row.name, row.unit) for row in queries.service_choices()]
    named = {str(one[0]) for one in offered}
    if found is not None:
        for row in queries.items_of([found.id])[found.id]:
            if str(row.service_type_id) not in named:
                named.add(str(row.service_type_id))
                offered.append((row.service_type_id, f"{row.service_type} (no longer sold)", row.unit))
    return render(
        "customers/price_list_form.html",
        block="form",
        status=form.status,
        form=form,
        found=found,
        offered=offered,
        count=len(numbers) + (_MORE if form.text("then") == "more" else SPARE),
        currencies=currency_choices(),
    )


def _read() -> Form[PriceListIn]:
    values = MultiDict(request.form)
    rows = take_rows(values, "items", _NAMES)
    items = [typed(row, decimals=("unit_price",), days=("valid_from", "valid_to")) for row in rows]
    form = Form.read(PriceListIn, values, items=items)
    put_rows(form.values, "items", rows)
    name_rows(form.labels, "items", len(rows), _WORDS)
    if form.text("then") == "more":
        form.data, form.errors, form.general, form.status = None, {}, [], 200
    for name, sentences in list(form.errors.items()):
        if re.fullmatch(r"items-\d+-service_type_id", name) and sentences == ["Fill this in."]:
            form.errors[name] = ["Choose what the price is for."]
    return form


@blueprint.get("/settings/price-lists/new")
@permits("customers.write")
def new_price_list() -> Response:
    """An empty form."""
    return _page(Form({"currency": preferences().currency}))


@blueprint.post("/settings/price-lists")
@permits("customers.write")
def create_price_list() -> Response:
    """Make a price list."""
    return save(
        _read(), services.create_price_list, lambda made: go_on(f"“{made.name}” added", url_for(".price_lists")), _page
    )


@blueprint.get("/settings/price-lists/<uuid:price_list_id>/edit")
@permits("customers.write")
def edit_price_list(price_list_id: UUID) -> Response:
    """The form of a price list."""
    found = queries.get_price_list(price_list_id)
    values: dict[str, Any] = {"name": found.name, "currency": found.currency, "is_archived": found.is_archived}
    for number, row in enumerate(queries.items_of([found.id])[found.id]):
        values |= {f"items-{number}-{name}": getattr(row, name) for name in _NAMES}
    return _page(Form(values), found)


@blueprint.post("/settings/price-lists/<uuid:price_list_id>/edit")
@permits("customers.write")
def update_price_list(price_list_id: UUID) -> Response:
    """Change a price list with all its prices."""
    found = queries.get_price_list(price_list_id, for_update=True)
    return save(
        _read(),
        lambda data: services.change_price_list(found, data),
        lambda _: go_on("The price list is saved", url_for(".price_list", price_list_id=price_list_id)),
        lambda form: _page(form, found),
        version=found.version,
    )


@blueprint.post("/settings/price-lists/<uuid:price_list_id>/delete")
@permits("customers.write")
def delete_price_list(price_list_id: UUID) -> Response:
    """Delete a price list that no customer has."""
    found = queries.get_price_list(price_list_id, for_update=True)
    return attempt(
        lambda: services.delete_price_list(found),
        lambda _: go_on(f"“{found.name}” deleted", url_for(".price_lists")),
        url_for(".price_list", price_list_id=price_list_id),
    )
