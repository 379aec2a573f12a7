"""Making and changing a vendor and the people there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from tracktok.core.context import preferences
from tracktok.core.permissions import permits
from tracktok.customers.rules import identity
from tracktok.customers.rules.states import INDIA, state_choices
from tracktok.customers.services import default_company
from tracktok.customers.views.words import country_choices
from tracktok.tenants.queries import currency_choices
from tracktok.trips.queries import vendors as queries
from tracktok.trips.schemas.vendors import VendorContactIn, VendorIn
from tracktok.trips.services import vendors as services
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save

from . import words
from .blueprint import vendors as blueprint


def _page(form: Form[Any], vendor: Any = None) -> Response:
    return render(
        "vendors/form.html",
        block="form",
        status=form.status,
        form=form,
        vendor=vendor,
        indian=default_company().country == INDIA,
        states=state_choices(),
        countries=country_choices(),
        currencies=currency_choices(),
        words=words,
    )


def _values(vendor: Any) -> dict[str, Any]:
    values = {name: getattr(vendor, name) for name in VendorIn.model_fields if name != "contacts"}
    # What follows from the GSTIN is left to follow, so that another one changes it.
    if vendor.gstin and vendor.pan == identity.pan_of_gstin(vendor.gstin):
        values["pan"] = ""
    return values


@blueprint.get("/new")
@permits("vendors.write")
def new() -> Response:
    """An empty form with what is likely."""
    company = default_company()
    values = {"billing_model": "trip", "country": company.country, "currency": preferences().currency}
    return _page(Form({**values, "payment_terms_days": 30, "name": request.args.get("name", "")}))


@blueprint.post("/")
@permits("vendors.write")
def create() -> Response:
    """Make a vendor."""

    def made(vendor: Any) -> Response:
        here = url_for(".show", vendor_id=vendor.id)
        return go_on(f"“{vendor.name}” added", here, another=url_for(".new"), href=here, action="Open")

    return save(Form.read(VendorIn), services.create_vendor, made, _page)


@blueprint.get("/<uuid:vendor_id>/edit")
@permits("vendors.write")
def edit(vendor_id: UUID) -> Response:
    """The form of a vendor."""
    vendor = queries.get_vendor(vendor_id)
    return _page(Form(_values(vendor)), vendor)


@blueprint.post("/<uuid:vendor_id>/edit")
@permits("vendors.write")
def update(vendor_id: UUID) -> Response:
    """Change a vendor as a whole; contacts have forms of their own."""
    vendor = queries.get_vendor(vendor_id, for_update=True)
    return save(
        Form.read(VendorIn),
        lambda data: services.change_vendor(vendor, data),
        lambda _: go_on("Vendor saved", url_for(".show", vendor_id=vendor_id)),
        lambda form: _page(form, vendor),
        version=vendor.version,
    )


def _contact_page(form: Form[Any], vendor: Any, contact: Any = None) -> Response:
    return render(
        "vendors/contact_form.html", block="form", status=form.status, form=form, vendor=vendor, contact=contact
    )


@blueprint.get("/<uuid:vendor_id>/contacts/new")
@permits("vendors.write")
def new_contact(vendor_id: UUID) -> Response:
    """An empty form of a contact."""
    return _contact_page(Form({"gets_statements": True}), queries.get_vendor(vendor_id))


@blueprint.post("/<uuid:vendor_id>/contacts")
@permits("vendors.write")
def create_contact(vendor_id: UUID) -> Response:
    """Add a person at a vendor."""
    vendor = queries.get_vendor(vendor_id, for_update=True)
    return save(
        Form.read(VendorContactIn),
        lambda data: services.add_contact(vendor, data),
        lambda made: go_on(
            f"“{made.name}” added",
            url_for(".show", vendor_id=vendor_id),
            another=url_for(".new_contact", vendor_id=vendor_id),
        ),
        lambda form: _contact_page(form, vendor),
    )


@blueprint.get("/<uuid:vendor_id>/contacts/<uuid:vendor_contact_id>")
@permits("vendors.write")
def edit_contact(vendor_id: UUID, vendor_contact_id: UUID) -> Response:
    """The form of a contact."""
    vendor, contact = queries.get_vendor(vendor_id), queries.get_contact(vendor_id, vendor_contact_id)
    return _contact_page(Form({name: getattr(contact, name) for name in VendorContactIn.model_fields}), vendor, contact)


@blueprint.post("/<uuid:vendor_id>/contacts/<uuid:vendor_contact_id>")
@permits("vendors.write")
def update_contact(vendor_id: UUID, vendor_contact_id: UUID) -> Response:
    """Change a person at a vendor."""
    vendor = queries.get_vendor(vendor_id, for_update=True)
    contact = queries.get_contact(vendor_id, vendor_contact_id)
    return save(
        Form.read(VendorContactIn),
        lambda data: services.change_contact(contact, data),
        lambda _: go_on("Contact saved", url_for(".show", vendor_id=vendor_id)),
        lambda form: _contact_page(form, vendor, contact),
    )


@blueprint.post("/<uuid:vendor_id>/contacts/<uuid:vendor_contact_id>/delete")
@permits("vendors.write")
def delete_contact(vendor_id: UUID, vendor_contact_id: UUID) -> Response:
    """Delete a person at a vendor."""
    queries.get_vendor(vendor_id, for_update=True)
    contact = queries.get_contact(vendor_id, vendor_contact_id)
    here = url_for(".show", vendor_id=vendor_id)
    return attempt(lambda: services.drop_contact(contact), lambda _: go_on(f"“{contact.name}” deleted", here), here)
