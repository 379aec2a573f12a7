"""Making and changing a customer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core.context import preferences
from tracktok.core.permissions import permits
from tracktok.customers import queries, services
from tracktok.customers.models import Customer
from tracktok.customers.rules import identity
from tracktok.customers.rules.states import INDIA, state_label
from tracktok.customers.schemas.customers import CustomerIn
from tracktok.web.forms import Form
from tracktok.web.render import render, toast
from tracktok.web.saving import go_on, save

from . import choices, words
from .blueprint import blueprint

_PREFILLED = ("name", "email", "gstin", "code", "client_type_id", "account_manager_id")


def _read() -> Form[CustomerIn]:
    """The form as it was sent. Fields of one's own come as lines "Name: value"."""
    values = MultiDict(request.form)
    own = values.get("custom_fields", "")
    values.poplist("custom_fields")
    parsed, wrong = {}, ""
    for line in own.splitlines():
        name, colon, value = line.partition(":")
        if line.strip() and colon and name.strip():
            parsed[name.strip()] = value.strip()
        elif line.strip():
            wrong = f"Write each on a line of its own, as “Name: value”; “{line.strip()[:40]}” has no colon."
    form = Form.read(CustomerIn, values, custom_fields=parsed)
    form.values.setlist("custom_fields", [own])
    if wrong:
        form.data = None
        form.add("custom_fields", wrong)
    return form


def _values(customer: Customer) -> dict[str, Any]:
    fields = [name for name in CustomerIn.model_fields if name not in {"contacts", "addresses", "custom_fields"}]
    values = {name: getattr(customer, name) for name in fields}
    # What follows from the rest is left to follow, so that a GSTIN that is entered later changes it.
    usual = "registered" if customer.gstin else "unregistered" if customer.country == INDIA else "overseas"
    values["gst_category"] = None if customer.gst_category == usual else customer.gst_category
    values["pan"] = "" if customer.gstin and customer.pan == identity.pan_of_gstin(customer.gstin) else customer.pan
    values["custom_fields"] = "\n".join(f"{name}: {value}" for name, value in customer.custom_fields.items())
    return values


def _page(form: Form[Any], customer: Any = None) -> Response:
    return render(
        "customers/form.html", block="form", status=form.status, form=form, customer=customer,
        told=_told(form.text("gstin")), **choices.for_customer(),
    )  # fmt: skip


@blueprint.get("/customers/new")
@permits("customers.write")
def new() -> Response:
    """An empty form with what is likely."""
    company = services.default_company()
    given = {name: request.args[name] for name in _PREFILLED if request.args.get(name)}
    values = {"kind": "business", "country": company.country, "currency": preferences().currency, **given}
    return _page(Form(values))


@blueprint.post("/customers")
@permits("customers.write")
def create() -> Response:
    """Make a customer."""
    return save(_read(), services.create_customer, _made, _page)


def _made(done: services.Written) -> Response:
    _tell(done)
    here = url_for(".show", customer_id=done.customer.id)
    return go_on(f"“{done.customer.name}” added", here, another=url_for(".new"), href=here, action="Open")


def _tell(done: services.Written) -> None:
    for warning in done.warnings:
        toast(warning.detail, "warning")


@blueprint.get("/customers/<uuid:customer_id>/edit")
@permits("customers.write")
def edit(customer_id: UUID) -> Response:
    """The form of a customer."""
    customer = queries.get_customer(customer_id)
    return _page(Form(_values(customer)), customer)


@blueprint.post("/customers/<uuid:customer_id>/edit")
@permits("customers.write")
def update(customer_id: UUID) -> Response:
    """Change a customer as a whole; contacts and addresses have forms of their own."""
    customer = queries.get_customer(customer_id, for_update=True)

    def done(written: services.Written) -> Response:
        _tell(written)
        return go_on("Customer saved", url_for(".show", customer_id=customer_id))

    return save(
        _read(),
        lambda data: services.change_customer(customer, data),
        done,
        lambda form: _page(form, customer),
        version=customer.version,
    )


def _told(text: str) -> tuple[str, str]:
    """(tone, sentence) about a GSTIN that is being typed."""
    gstin = identity.clean_identity(text)
    if not gstin:
        return "", ""
    if problem := identity.gstin_problem(gstin):
        return "amber", problem
    pan, holder = identity.pan_of_gstin(gstin), identity.pan_kind(gstin)
    parts = [state_label(identity.gstin_state(gstin)), f"PAN {pan}" if pan else "", holder]
    return "green", " · ".join(part for part in parts if part)


@blueprint.get("/customers/gstin")
@permits("customers.read")
def look_at_gstin() -> Response:
    """What a GSTIN tells while it is typed: a part of the form."""
    tone, sentence = _told(request.args.get("gstin", "")[:30])
    return render("customers/gstin.html", told=(tone, sentence), words=words)
