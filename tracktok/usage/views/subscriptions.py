"""Subscriptions: the list, one of them with its present period and bills, a bill, the form."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.permissions import permits
from tracktok.tenants.queries import currency_choices, timezone_choices
from tracktok.usage.queries import meters
from tracktok.usage.queries import subscriptions as queries
from tracktok.usage.queries.current import current_of
from tracktok.usage.schemas.subscriptions import UsageSubscriptionIn, UsageSubscriptionQuery
from tracktok.usage.services import subscriptions as services
from tracktok.web.addresses import address
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import go_on, save

from . import words
from .blueprint import blueprint, choices


@blueprint.get("/subscriptions")
@permits("usage.read")
def subscriptions() -> Response:
    """Who is billed for usage."""
    page = queries.list_subscriptions(UsageSubscriptionQuery(limit=50, cursor=request.args.get("cursor")))
    ids = [row.id for row in page.rows]
    known = meters.by_ids({one for found in queries.meters_of(ids).values() for one in found})
    return render(
        "usage/subscriptions.html",
        block="rows",
        page=page,
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        meters={key: [known[one].name for one in found] for key, found in queries.meters_of(ids).items()},
        words=words,
    )


@blueprint.get("/subscriptions/<uuid:subscription_id>")
@permits("usage.read")
def subscription(subscription_id: UUID) -> Response:
    """A subscription: where its present period stands, and what was billed."""
    row = queries.subscription_row(subscription_id)
    return render(
        "usage/subscription.html",
        subscription=row,
        current=current_of([row])[0],
        bills=queries.bills_of(subscription_id),
        words=words,
    )


@blueprint.get("/bills/<uuid:bill_id>")
@permits("usage.read")
def bill(bill_id: UUID) -> Response:
    """A bill of a period: its lines, and how each came about."""
    found = queries.get_bill(bill_id)
    row = queries.subscription_row(found.subscription_id)
    return render("usage/bill.html", bill=found, charges=queries.charges_of(bill_id), subscription=row, words=words)


def _page(form: Form[Any], found: Any = None) -> Response:
    return render(
        "usage/subscription_form.html",
        block="form",
        status=form.status,
        form=form,
        subscription=found,
        meters=[(one.id, one.name, one.code) for one in meters.choices()],
        customers=choices([form.text("customer_id")]),
        currencies=currency_choices(),
        timezones=timezone_choices(),
        periods=words.PERIODS,
    )


@blueprint.get("/subscriptions/new")
@permits("prices.write")
def new_subscription() -> Response:
    """A form with what is likely: monthly, from the first of this month."""
    values = {
        "name": "Metered usage",
        "period": "month",
        "start_date": clock.today(preferences().timezone).replace(day=1),
        "timezone": preferences().timezone,
        "prorate": True,
        "grace_hours": 24,
        "customer_id": request.args.get("customer_id", ""),
    }
    return _page(Form(values))


def _read() -> Form[UsageSubscriptionIn]:
    values = MultiDict(request.form)
    values.poplist("version")
    return Form.read(UsageSubscriptionIn, values)


@blueprint.post("/subscriptions")
@permits("prices.write")
def create_subscription() -> Response:
    """Begin to bill a customer's usage."""
    return save(
        _read(),
        services.create_subscription,
        lambda made: go_on("Subscription made", url_for(".subscription", subscription_id=made.id)),
        _page,
    )


@blueprint.get("/subscriptions/<uuid:subscription_id>/edit")
@permits("prices.write")
def edit_subscription(subscription_id: UUID) -> Response:
    """The form of a subscription."""
    found = queries.get_subscription(subscription_id)
    names = [name for name in UsageSubscriptionIn.model_fields if name != "meters"]
    values: dict[str, Any] = {name: getattr(found, name) for name in names}
    values["commitment"] = found.commitment or ""
    return _page(Form({**values, "meters": queries.meters_of([found.id])[found.id]}), found)


@blueprint.post("/subscriptions/<uuid:subscription_id>/edit")
@permits("prices.write")
def update_subscription(subscription_id: UUID) -> Response:
    """Change a subscription."""
    found = queries.get_subscription(subscription_id, for_update=True)
    return save(
        _read(),
        lambda data: services.change_subscription(found, data),
        lambda _: go_on("Subscription saved", url_for(".subscription", subscription_id=subscription_id)),
        lambda form: _page(form, found),
        version=found.version,
    )
