"""The button that bills a customer's metered usage at once."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request, url_for

from tracktok.core import clock
from tracktok.core.errors import Invalid
from tracktok.core.permissions import permits
from tracktok.customers.queries import get_customer
from tracktok.invoices.services.usage_billing import BillingRun, bill_customer
from tracktok.web.filters import plural
from tracktok.web.render import redirect_to, toast

from .blueprint import pages


@pages("/bill-usage", methods=("POST",), of=("invoices",))
@permits("prices.write")
def bill_usage() -> Response:
    """Bill what is due of a customer's usage, as it runs by itself each hour, and at once what closed periods owe."""
    customer = get_customer(_id("customer_id"))
    run = bill_customer(customer.id, clock.now(), at_once=True)
    toast(_said(run), "danger" if run.problems else "success")
    return redirect_to(url_for("usage.subscription", subscription_id=_id("subscription_id")))


def _id(name: str) -> UUID:
    try:
        return UUID(request.form.get(name, ""))
    except ValueError as error:
        raise Invalid.at(name, "Choose one from the list.") from error


def _said(run: BillingRun) -> str:
    if run.problems:
        return run.problems[0]
    if run.opened:
        return f"{plural(len(run.opened), 'period')} billed"
    return "Late usage has changed the draft" if run.changed else "Nothing is due"
