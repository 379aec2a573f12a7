"""The routes of a customer's contacts and further addresses."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from tracktok.core.permissions import permits
from tracktok.customers import queries, services
from tracktok.customers.schemas import customers as schemas
from tracktok.web.api import Api, Schema, json_response, list_of, path_of

from . import present

api = Api("customer_people", __name__, prefix="/customers", tag="Customers")
CustomerPath = path_of("customer_id")


class ContactPath(Schema):
    """A contact of a customer."""

    customer_id: UUID
    contact_id: UUID


class AddressPath(Schema):
    """A further address of a customer."""

    customer_id: UUID
    address_id: UUID


def _all(data: list[Any]) -> Response:
    return json_response({"object": "list", "data": data, "has_more": False, "next_cursor": None})


@api.get("/<uuid:customer_id>/contacts", responses={200: list_of(schemas.ContactOut)})
@permits("customers.read")
def list_contacts(path: CustomerPath) -> Response:  # type: ignore[valid-type]
    """List the people at a customer."""
    customer = queries.get_customer(path.customer_id)  # type: ignore[attr-defined]
    return _all([present.contact(one) for one in queries.contacts_of(customer.id)])


@api.post("/<uuid:customer_id>/contacts", responses={201: schemas.ContactOut})
@permits("customers.write")
def add_contact(path: CustomerPath, body: schemas.ContactIn) -> Response:  # type: ignore[valid-type]
    """Add a person at a customer."""
    customer = queries.get_customer(path.customer_id, for_update=True)  # type: ignore[attr-defined]
    contact = services.add_contact(customer, body)
    location = f"/api/v1/customers/{customer.id}/contacts/{contact.id}"
    return json_response(present.contact(contact), 201, location=location)


@api.put("/<uuid:customer_id>/contacts/<uuid:contact_id>", responses={200: schemas.ContactOut})
@permits("customers.write")
def change_contact(path: ContactPath, body: schemas.ContactIn) -> Response:
    """Change a person at a customer as a whole."""
    customer = queries.get_customer(path.customer_id, for_update=True)
    contact = queries.get_contact(customer.id, path.contact_id)
    return json_response(present.contact(services.change_contact(contact, body)))


@api.delete("/<uuid:customer_id>/contacts/<uuid:contact_id>", responses={204: None})
@permits("customers.write")
def delete_contact(path: ContactPath) -> Response:
    """Delete a person at a customer."""
    customer = queries.get_customer(path.customer_id, for_update=True)
    services.drop(queries.get_contact(customer.id, path.contact_id))
    return Response(status=204)


@api.get("/<uuid:customer_id>/addresses", responses={200: list_of(schemas.AddressOut)})
@permits("customers.read")
def list_addresses(path: CustomerPath) -> Response:  # type: ignore[valid-type]
    """List the further addresses of a customer."""
    customer = queries.get_customer(path.customer_id)  # type: ignore[attr-defined]
    return _all([present.address(one) for one in queries.addresses_of(customer.id)])


@api.post("/<uuid:customer_id>/addresses", responses={201: schemas.AddressOut})
@permits("customers.write")
def add_address(path: CustomerPath, body: schemas.AddressIn) -> Response:  # type: ignore[valid-type]
    """Add a further address."""
    customer = queries.get_customer(path.customer_id, for_update=True)  # type: ignore[attr-defined]
    made = services.add_address(customer, body)
    location = f"/api/v1/customers/{customer.id}/addresses/{made.id}"
    return json_response(present.address(made), 201, location=location)


@api.put("/<uuid:customer_id>/addresses/<uuid:address_id>", responses={200: schemas.AddressOut})
@permits("customers.write")
def change_address(path: AddressPath, body: schemas.AddressIn) -> Response:
    """Change a further address as a whole."""
    customer = queries.get_customer(path.customer_id, for_update=True)
    found = queries.get_address(customer.id, path.address_id)
    return json_response(present.address(services.change_address(found, body)))


@api.delete("/<uuid:customer_id>/addresses/<uuid:address_id>", responses={204: None})
@permits("customers.write")
def delete_address(path: AddressPath) -> Response:
    """Delete a further address."""
    customer = queries.get_customer(path.customer_id, for_update=True)
    services.drop(queries.get_address(customer.id, path.address_id))
    return Response(status=204)
