"""Settings > Service types & prices: what is sold."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from tracktok.core.context import preferences
from tracktok.core.permissions import permits
from tracktok.customers import queries, services
from tracktok.customers.rules.states import INDIA
from tracktok.customers.schemas.catalog import ServiceTypeIn, ServiceTypeQuery
from tracktok.ledger.models import BookType
from tracktok.ledger.queries import chart
from tracktok.tenants.queries import currency_choices, today
from tracktok.web.addresses import address
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save

from . import choices, words
from .blueprint import blueprint


@blueprint.get("/settings/service-types")
@permits("customers.read")
def service_types() -> Response:
    """What is sold, with prices and taxes of today."""
    query = ServiceTypeQuery(q=(request.args.get("q") or "")[:120] or None, cursor=request.args.get("cursor"), limit=50)
    page = queries.list_service_types(query)
    taxes = queries.taxes_on((row.tax_rate_id for row in page.rows if row.tax_rate_id), today())
    return render(
        "customers/service_types.html",
        block={"services-list": "list", "services-more": "rows", "*": "list"},
        page=page,
        taxes=taxes,
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        words=words,
    )


def _page(form: Form[Any], service: Any = None) -> Response:
    taxes = queries.all_taxes_on(today())
    kept = service.tax_rate_id if service is not None else None
    return render(
        "customers/service_type_form.html",
        block="form",
        status=form.status,
        form=form,
        service=service,
        supplies=choices.SUPPLIES,
        units=choices.UNITS,
        indian=services.default_company().country == INDIA,
        rates=[
            (one.tax_rate_id, one.name, words.percent(one.percent))
            for one in taxes
            if not one.is_archived or one.tax_rate_id == kept
        ],
        books=[
            (one.row.id, one.row.name, one.row.code)
            for kind, held in chart()
            if kind == BookType.income
            for one in held
        ],
        currencies=currency_choices(),
        base=preferences().currency,
    )


@blueprint.get("/settings/service-types/new")
@permits("customers.write")
def new_service_type() -> Response:
    """An empty form."""
    return _page(Form({"supply_kind": "other", "currency": preferences().currency}))


@blueprint.post("/settings/service-types")
@permits("customers.write")
def create_service_type() -> Response:
    """Make a service type."""
    return save(
        Form.read(ServiceTypeIn),
        services.create_service_type,
        lambda made: go_on(f"“{made.name}” added", url_for(".service_types"), another=url_for(".new_service_type")),
        _page,
    )


@blueprint.get("/settings/service-types/<uuid:service_type_id>")
@permits("customers.write")
def edit_service_type(service_type_id: UUID) -> Response:
    """The form of a service type."""
    service = queries.get_service_type(service_type_id)
    return _page(Form({name: getattr(service, name) for name in ServiceTypeIn.model_fields}), service)


@blueprint.post("/settings/service-types/<uuid:service_type_id>")
@permits("customers.write")
def update_service_type(service_type_id: UUID) -> Response:
    """Change a service type as a whole."""
    service = queries.get_service_type(service_type_id, for_update=True)
    return save(
        Form.read(ServiceTypeIn),
        lambda data: services.change_service_type(service, data),
        lambda _: go_on("The service type is saved", url_for(".service_types")),
        lambda form: _page(form, service),
        version=service.version,
    )


@blueprint.post("/settings/service-types/<uuid:service_type_id>/delete")
@permits("customers.write")
def delete_service_type(service_type_id: UUID) -> Response:
    """Put a service type into the bin."""
    service = queries.get_service_type(service_type_id, for_update=True)
    undo = url_for(".restore_service_type", service_type_id=service_type_id)
    return attempt(
        lambda: services.delete_service_type(service),
        lambda _: go_on(f"“{service.name}” deleted", url_for(".service_types"), undo=undo),
        url_for(".service_types"),
    )


@blueprint.post("/settings/service-types/<uuid:service_type_id>/restore")
@permits("customers.write")
def restore_service_type(service_type_id: UUID) -> Response:
    """Take a service type out of the bin."""
    service = queries.get_service_type(service_type_id, for_update=True, deleted=True)
    return attempt(
        lambda: services.restore_service_type(service),
        lambda _: go_on(f"“{service.name}” is back", url_for(".service_types")),
        url_for(".service_types"),
    )
