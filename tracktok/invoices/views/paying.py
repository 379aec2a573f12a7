"""Where providers tell of payments, and the pay page of the fake one."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from tracktok.auth.queries import find_tenant_id
from tracktok.core import context
from tracktok.core.context import Actor
from tracktok.core.db import transaction
from tracktok.core.errors import NotFound
from tracktok.core.permissions import public
from tracktok.core.tenancy import tenant_scope
from tracktok.invoices.queries import documents
from tracktok.invoices.queries import portal as queries
from tracktok.invoices.services import paying
from tracktok.invoices.services.paying import fake
from tracktok.tenants.queries import branding, get_current
from tracktok.web.limits import portal_limit
from tracktok.web.render import redirect_to, render

blueprint = Blueprint("paying", "tracktok.invoices", template_folder="templates")


def take(name: str, headers: dict[str, str], body: bytes) -> str:
    """Take what a provider tells into account, in the tenant that the payment is of."""
    provider = paying.provider_named(name)
    event = provider.read_event(headers, body)
    if event.tenant_id is None or find_tenant_id(str(event.tenant_id)) is None:
        return "nothing"
    who = Actor(kind="system", name=provider.label)
    with tenant_scope(event.tenant_id), context.acting(who), transaction():
        return paying.record_refund(event) if event.refund is not None else paying.record_event(event)


@blueprint.post("/webhooks/payments/<name>")
@public("the provider signs what it sends")
def webhook(name: str) -> Response:
    """What a provider tells of a payment."""
    # The names of the headers in the form in which providers write them, whatever the server made of their case.
    headers = {key.title(): value for key, value in request.headers.items()}
    return jsonify(outcome=take(name, headers, request.get_data()))


@blueprint.get("/pay/fake/<token>")
@public("the link is signed, and no money moves")
@portal_limit
def desk(token: str) -> Response:
    """The pay page of development and the demo."""
    paying.provider_named("fake")
    place = fake.read_desk(token)
    with tenant_scope(place.tenant_id):
        payment = queries.get_payment(place.payment_id)
        if payment is None:
            raise NotFound("There is no such payment.")
        response = render(
            "portal/fake_pay.html",
            payment=payment,
            document=documents.get_document(payment.document_id),
            look=branding(),
            company=get_current(),
            token=token,
            has_logo=False,
        )
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


@blueprint.post("/pay/fake/<token>")
@public("the link is signed, and no money moves")
@portal_limit
def decide(token: str) -> Response:
    """Pay or decline: told as a provider's webhook would tell it."""
    paying.provider_named("fake")
    place = fake.read_desk(token)
    with tenant_scope(place.tenant_id):
        payment = queries.get_payment(place.payment_id)
    if payment is None:
        raise NotFound("There is no such payment.")
    headers, body = fake.message(payment, paid=request.form.get("do") == "pay")
    take("fake", headers, body)
    return redirect_to(place.return_url)
