"""The routes /api/v1/customers."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.permissions import permits
from tracktok.customers import queries, services
from tracktok.customers.queries.exports import export_customers
from tracktok.customers.schemas import customers as schemas
from tracktok.web.api import Api, check_if_match, json_response, list_of, list_response, only_fields, path_of

from . import present

api = Api("customers", __name__, prefix="/customers", tag="Customers")
CustomerPath = path_of("customer_id")


def named_in(body: Any) -> dict[str, Any]:
    """What a change names."""
    return {name: getattr(body, name) for name in body.model_fields_set}


def _whole(customer_id: Any, *, deleted: bool = False) -> dict[str, Any]:
    row = queries.get_customer_row(customer_id, deleted=deleted)
    return present.whole_customer(row, queries.contacts_of(row.id), queries.addresses_of(row.id))


def _written(done: services.Written, status: int = 200, location: str | None = None) -> Response:
    body = {**_whole(done.customer.id), "warnings": [one.as_dict() for one in done.warnings]}
    return json_response(body, status, etag=done.customer.version, location=location)


@api.get("/", responses={200: list_of(schemas.CustomerListItem, partial=True)})
@permits("customers.read")
def list_customers(query: schemas.CustomerQuery) -> Response:
    """List customers. Filters may be combined."""
    if query.format != "json":
        return export_customers(query, query.format)
    page = queries.list_customers(query)
    data = [present.customer(row) for row in page.rows]
    return list_response(page, only_fields(query.fields, data, schemas.CustomerListItem))


@api.post("/", responses={201: schemas.CustomerWritten})
@permits("customers.write")
def create(body: schemas.CustomerIn) -> Response:
    """Make a customer. `warnings` says what should be known about it, such as another one with the same GSTIN."""
    done = services.create_customer(body)
    return _written(done, 201, f"/api/v1/customers/{done.customer.id}")


@api.get("/<uuid:customer_id>", responses={200: schemas.CustomerOut})
@permits("customers.read")
def show(path: CustomerPath) -> Response:  # type: ignore[valid-type]
    """Get a customer with contacts and further addresses."""
    body = _whole(path.customer_id)  # type: ignore[attr-defined]
    return json_response(body, etag=body["version"])


@api.put("/<uuid:customer_id>", responses={200: schemas.CustomerWritten})
@permits("customers.write")
def replace(path: CustomerPath, body: schemas.CustomerIn) -> Response:  # type: ignore[valid-type]
    """Change a customer as a whole. Documents that were issued keep what they say."""
    customer = queries.get_customer(path.customer_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(customer.version)
    return _written(services.change_customer(customer, body))


@api.patch("/<uuid:customer_id>", responses={200: schemas.CustomerWritten})
@permits("customers.write")
def patch(path: CustomerPath, body: schemas.CustomerPatch) -> Response:  # type: ignore[valid-type]
    """Change what is named of a customer. A new GSTIN or country tells category, State and PAN anew."""
    customer = queries.get_customer(path.customer_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(customer.version)
    return _written(services.patch_customer(customer, named_in(body)))


@api.delete("/<uuid:customer_id>", responses={204: None})
@permits("customers.write")
def delete(path: CustomerPath) -> Response:  # type: ignore[valid-type]
    """Put a customer without documents into the bin. It can be brought back for 30 days."""
    customer = queries.get_customer(path.customer_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(customer.version)
    services.delete_customer(customer)
    return Response(status=204)


@api.post("/<uuid:customer_id>/restore", responses={200: schemas.CustomerOut})
@permits("customers.write")
def restore(path: CustomerPath) -> Response:  # type: ignore[valid-type]
    """Bring a customer back from the bin."""
    customer = queries.get_customer(path.customer_id, for_update=True, deleted=True)  # type: ignore[attr-defined]
    services.restore_customer(customer)
    return json_response(_whole(customer.id), etag=customer.version)
