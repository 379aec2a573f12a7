"""The people at a customer and its further addresses."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, url_for

from tracktok.core.permissions import permits
from tracktok.customers import queries, services
from tracktok.customers.rules.states import state_choices
from tracktok.customers.schemas.customers import AddressIn, ContactIn
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save

from . import words
from .blueprint import blueprint


def _people(customer_id: UUID) -> str:
    return url_for(".show", customer_id=customer_id, tab="people")


def _contact_page(form: Form[Any], customer: Any, contact: Any = None) -> Response:
    return render(
        "customers/contact_form.html", block="form", status=form.status, form=form, customer=customer, contact=contact
    )


@blueprint.get("/customers/<uuid:customer_id>/contacts/new")
@permits("customers.write")
def new_contact(customer_id: UUID) -> Response:
    """An empty form of a contact."""
    form: Form[Any] = Form({"gets_documents": True, "gets_reminders": True})
    return _contact_page(form, queries.get_customer(customer_id))


@blueprint.post("/customers/<uuid:customer_id>/contacts")
@permits("customers.write")
def create_contact(customer_id: UUID) -> Response:
    """Add a person at a customer."""
    customer = queries.get_customer(customer_id, for_update=True)
    return save(
        Form.read(ContactIn),
        lambda data: services.add_contact(customer, data),
        lambda made: go_on(
            f"“{made.name}” added", _people(customer_id), another=url_for(".new_contact", customer_id=customer_id)
        ),
        lambda form: _contact_page(form, customer),
    )


@blueprint.get("/customers/<uuid:customer_id>/contacts/<uuid:contact_id>")
@permits("customers.write")
def edit_contact(customer_id: UUID, contact_id: UUID) -> Response:
    """The form of a contact."""
    customer, contact = queries.get_customer(customer_id), queries.get_contact(customer_id, contact_id)
    return _contact_page(Form({name: getattr(contact, name) for name in ContactIn.model_fields}), customer, contact)


@blueprint.post("/customers/<uuid:customer_id>/contacts/<uuid:contact_id>")
@permits("customers.write")
def update_contact(customer_id: UUID, contact_id: UUID) -> Response:
    """Change a person at a customer."""
    customer = queries.get_customer(customer_id, for_update=True)
    contact = queries.get_contact(customer_id, contact_id)
    return save(
        Form.read(ContactIn),
        lambda data: services.change_contact(contact, data),
        lambda _: go_on("Contact saved", _people(customer_id)),
        lambda form: _contact_page(form, customer, contact),
    )


@blueprint.post("/customers/<uuid:customer_id>/contacts/<uuid:contact_id>/delete")
@permits("customers.write")
def delete_contact(customer_id: UUID, contact_id: UUID) -> Response:
    """Delete a person at a customer."""
    queries.get_customer(customer_id, for_update=True)
    contact = queries.get_contact(customer_id, contact_id)
    return attempt(
        lambda: services.drop(contact),
        lambda _: go_on(f"“{contact.name}” deleted", _people(customer_id)),
        _people(customer_id),
    )


def _address_page(form: Form[Any], customer: Any, place: Any = None) -> Response:
    return render(
        "customers/address_form.html", block="form", status=form.status, form=form, customer=customer, place=place,
        states=state_choices(), countries=words.country_choices(),
    )  # fmt: skip


@blueprint.get("/customers/<uuid:customer_id>/addresses/new")
@permits("customers.write")
def new_address(customer_id: UUID) -> Response:
    """An empty form of an address."""
    customer = queries.get_customer(customer_id)
    return _address_page(Form({"country": customer.country, "state_code": customer.state_code}), customer)


@blueprint.post("/customers/<uuid:customer_id>/addresses")
@permits("customers.write")
def create_address(customer_id: UUID) -> Response:
    """Add a further address."""
    customer = queries.get_customer(customer_id, for_update=True)
    return save(
        Form.read(AddressIn),
        lambda data: services.add_address(customer, data),
        lambda made: go_on(f"“{made.label}” added", _people(customer_id)),
        lambda form: _address_page(form, customer),
    )


@blueprint.get("/customers/<uuid:customer_id>/addresses/<uuid:address_id>")
@permits("customers.write")
def edit_address(customer_id: UUID, address_id: UUID) -> Response:
    """The form of an address."""
    customer, place = queries.get_customer(customer_id), queries.get_address(customer_id, address_id)
    return _address_page(Form({name: getattr(place, name) for name in AddressIn.model_fields}), customer, place)


@blueprint.post("/customers/<uuid:customer_id>/addresses/<uuid:address_id>")
@permits("customers.write")
def update_address(customer_id: UUID, address_id: UUID) -> Response:
    """Change a further address."""
    customer = queries.get_customer(customer_id, for_update=True)
    place = queries.get_address(customer_id, address_id)
    return save(
        Form.read(AddressIn),
        lambda data: services.change_address(place, data),
        lambda _: go_on("Address saved", _people(customer_id)),
        lambda form: _address_page(form, customer, place),
    )


@blueprint.post("/customers/<uuid:customer_id>/addresses/<uuid:address_id>/delete")
@permits("customers.write")
def delete_address(customer_id: UUID, address_id: UUID) -> Response:
    """Delete a further address."""
    queries.get_customer(customer_id, for_update=True)
    place = queries.get_address(customer_id, address_id)
    return attempt(
        lambda: services.drop(place),
        lambda _: go_on(f"“{place.label}” deleted", _people(customer_id)),
        _people(customer_id),
    )
