"""The routes /api/v1/service-types, /api/v1/tax-rates and /api/v1/price-lists."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.permissions import permits
from tracktok.customers import queries, services
from tracktok.customers.schemas import catalog as schemas
from tracktok.tenants.queries import today
from tracktok.web.api import Api, check_if_match, json_response, list_of, list_response, path_of

from . import present
from .customers import named_in

services_api = Api("service_types", __name__, prefix="/service-types", tag="Service types")
rates_api = Api("tax_rates", __name__, prefix="/tax-rates", tag="Tax rates")
lists_api = Api("price_lists", __name__, prefix="/price-lists", tag="Price lists")
ServicePath = path_of("service_type_id")
RatePath = path_of("tax_rate_id")
ListPath = path_of("price_list_id")


# Service types -----------------------------------------------------------------------------------------------------


def _service(service_type_id: Any, status: int = 200, location: str | None = None) -> Response:
    row = queries.get_service_row(service_type_id)
    taxes = queries.taxes_on([row.tax_rate_id], today()) if row.tax_rate_id else {}
    return json_response(present.service_type(row, taxes), status, etag=row.version, location=location)


@services_api.get("/", responses={200: list_of(schemas.ServiceTypeOut)})
@permits("customers.read")
def list_service_types(query: schemas.ServiceTypeQuery) -> Response:
    """List service types, each with what its tax rate comes to today."""
    page = queries.list_service_types(query)
    taxes = queries.taxes_on((row.tax_rate_id for row in page.rows if row.tax_rate_id), today())
    return list_response(page, [present.service_type(row, taxes) for row in page.rows])


@services_api.post("/", responses={201: schemas.ServiceTypeOut})
@permits("customers.write")
def create_service_type(body: schemas.ServiceTypeIn) -> Response:
    """Make a service type."""
    made = services.create_service_type(body)
    return _service(made.id, 201, f"/api/v1/service-types/{made.id}")


@services_api.get("/<uuid:service_type_id>", responses={200: schemas.ServiceTypeOut})
@permits("customers.read")
def show_service_type(path: ServicePath) -> Response:  # type: ignore[valid-type]
    """Get a service type."""
    return _service(path.service_type_id)  # type: ignore[attr-defined]


@services_api.put("/<uuid:service_type_id>", responses={200: schemas.ServiceTypeOut})
@permits("customers.write")
def replace_service_type(path: ServicePath, body: schemas.ServiceTypeIn) -> Response:  # type: ignore[valid-type]
    """Change a service type as a whole. Documents that were issued keep what they say."""
    found = queries.get_service_type(path.service_type_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    return _service(services.change_service_type(found, body).id)


@services_api.patch("/<uuid:service_type_id>", responses={200: schemas.ServiceTypeOut})
@permits("customers.write")
def patch_service_type(path: ServicePath, body: schemas.ServiceTypePatch) -> Response:  # type: ignore[valid-type]
    """Change what is named of a service type."""
    found = queries.get_service_type(path.service_type_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    return _service(services.patch_service_type(found, named_in(body)).id)


@services_api.delete("/<uuid:service_type_id>", responses={204: None})
@permits("customers.write")
def delete_service_type(path: ServicePath) -> Response:  # type: ignore[valid-type]
    """Put a service type into the bin. It can be brought back for 30 days."""
    found = queries.get_service_type(path.service_type_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    services.delete_service_type(found)
    return Response(status=204)


@services_api.post("/<uuid:service_type_id>/restore", responses={200: schemas.ServiceTypeOut})
@permits("customers.write")
def restore_service_type(path: ServicePath) -> Response:  # type: ignore[valid-type]
    """Bring a service type back from the bin."""
    found = queries.get_service_type(path.service_type_id, for_update=True, deleted=True)  # type: ignore[attr-defined]
    return _service(services.restore_service_type(found).id)


# Tax rates ---------------------------------------------------------------------------------------------------------


def _rate(row: Any, status: int = 200, location: str | None = None) -> Response:
    now = queries.taxes_on([row.id], today()).get(row.id)
    body = present.tax_rate(row, queries.periods_of([row.id]).get(row.id, []), now)
    return json_response(body, status, etag=row.version, location=location)


@rates_api.get("/", responses={200: list_of(schemas.TaxRateOut)})
@permits("customers.read")
def list_tax_rates(query: schemas.TaxRateQuery) -> Response:
    """List tax rates with their periods and what holds today."""
    page = queries.list_tax_rates(query)
    ids = [row.id for row in page.rows]
    periods, now = queries.periods_of(ids), queries.taxes_on(ids, today())
    return list_response(page, [present.tax_rate(row, periods.get(row.id, []), now.get(row.id)) for row in page.rows])


@rates_api.post("/", responses={201: schemas.TaxRateOut})
@permits("customers.write")
def create_tax_rate(body: schemas.TaxRateIn) -> Response:
    """Make a tax rate, with one percentage or with periods."""
    made = services.create_tax_rate(body)
    return _rate(made, 201, f"/api/v1/tax-rates/{made.id}")


@rates_api.get("/<uuid:tax_rate_id>", responses={200: schemas.TaxRateOut})
@permits("customers.read")
def show_tax_rate(path: RatePath) -> Response:  # type: ignore[valid-type]
    """Get a tax rate."""
    return _rate(queries.get_tax_rate(path.tax_rate_id))  # type: ignore[attr-defined]


@rates_api.put("/<uuid:tax_rate_id>", responses={200: schemas.TaxRateOut})
@permits("customers.write")
def replace_tax_rate(path: RatePath, body: schemas.TaxRateIn) -> Response:  # type: ignore[valid-type]
    """Change a tax rate as a whole. Documents that were issued keep their percentages."""
    found = queries.get_tax_rate(path.tax_rate_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    return _rate(services.change_tax_rate(found, body))


@rates_api.patch("/<uuid:tax_rate_id>", responses={200: schemas.TaxRateOut})
@permits("customers.write")
def patch_tax_rate(path: RatePath, body: schemas.TaxRatePatch) -> Response:  # type: ignore[valid-type]
    """Change what is named of a tax rate."""
    found = queries.get_tax_rate(path.tax_rate_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    return _rate(services.patch_tax_rate(found, body))


@rates_api.delete("/<uuid:tax_rate_id>", responses={204: None})
@permits("customers.write")
def delete_tax_rate(path: RatePath) -> Response:  # type: ignore[valid-type]
    """Delete a tax rate that nothing uses."""
    found = queries.get_tax_rate(path.tax_rate_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    services.delete_tax_rate(found)
    return Response(status=204)


# Price lists -------------------------------------------------------------------------------------------------------


def _list(row: Any, status: int = 200, location: str | None = None) -> Response:
    customers = queries.count_customers_of([row.id]).get(row.id, 0)
    body = present.price_list(row, queries.items_of([row.id])[row.id], customers)
    return json_response(body, status, etag=row.version, location=location)


@lists_api.get("/", responses={200: list_of(schemas.PriceListOut)})
@permits("customers.read")
def list_price_lists(query: schemas.PriceListQuery) -> Response:
    """List price lists with their prices."""
    page = queries.list_price_lists(query)
    ids = [row.id for row in page.rows]
    items, customers = queries.items_of(ids), queries.count_customers_of(ids)
    data = [present.price_list(row, items[row.id], customers.get(row.id, 0)) for row in page.rows]
    return list_response(page, data)


@lists_api.post("/", responses={201: schemas.PriceListOut})
@permits("customers.write")
def create_price_list(body: schemas.PriceListIn) -> Response:
    """Make a price list."""
    made = services.create_price_list(body)
    return _list(made, 201, f"/api/v1/price-lists/{made.id}")


@lists_api.get("/<uuid:price_list_id>", responses={200: schemas.PriceListOut})
@permits("customers.read")
def show_price_list(path: ListPath) -> Response:  # type: ignore[valid-type]
    """Get a price list."""
    return _list(queries.get_price_list(path.price_list_id))  # type: ignore[attr-defined]


@lists_api.put("/<uuid:price_list_id>", responses={200: schemas.PriceListOut})
@permits("customers.write")
def replace_price_list(path: ListPath, body: schemas.PriceListIn) -> Response:  # type: ignore[valid-type]
    """Change a price list as a whole, with all its prices."""
    found = queries.get_price_list(path.price_list_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    return _list(services.change_price_list(found, body))


@lists_api.patch("/<uuid:price_list_id>", responses={200: schemas.PriceListOut})
@permits("customers.write")
def patch_price_list(path: ListPath, body: schemas.PriceListPatch) -> Response:  # type: ignore[valid-type]
    """Change what is named of a price list."""
    found = queries.get_price_list(path.price_list_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    return _list(services.patch_price_list(found, body))


@lists_api.delete("/<uuid:price_list_id>", responses={204: None})
@permits("customers.write")
def delete_price_list(path: ListPath) -> Response:  # type: ignore[valid-type]
    """Delete a price list that no customer has."""
    found = queries.get_price_list(path.price_list_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    services.delete_price_list(found)
    return Response(status=204)
