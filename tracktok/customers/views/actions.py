"""What is done to customers with one button: delete, bring back, archive; and many at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from tracktok.core.permissions import permits
from tracktok.customers import queries, services
from tracktok.web.render import redirect_to, toast
from tracktok.web.saving import attempt, go_on

from .blueprint import blueprint


def _show(customer_id: UUID) -> str:
    return url_for(".show", customer_id=customer_id)


@blueprint.post("/customers/<uuid:customer_id>/delete")
@permits("customers.write")
def delete(customer_id: UUID) -> Response:
    """Put a customer into the bin."""
    customer = queries.get_customer(customer_id, for_update=True)
    return attempt(
        lambda: services.delete_customer(customer),
        lambda _: go_on(
            f"“{customer.name}” deleted", url_for(".index"), undo=url_for(".restore", customer_id=customer_id)
        ),
        _show(customer_id),
    )


@blueprint.post("/customers/<uuid:customer_id>/restore")
@permits("customers.write")
def restore(customer_id: UUID) -> Response:
    """Take a customer out of the bin."""
    customer = queries.get_customer(customer_id, for_update=True, deleted=True)
    return attempt(
        lambda: services.restore_customer(customer),
        lambda _: go_on(f"“{customer.name}” is back", _show(customer_id)),
        url_for(".bin_index"),
    )


@blueprint.post("/customers/<uuid:customer_id>/archive")
@permits("customers.write")
def archive(customer_id: UUID) -> Response:
    """Take a customer out of what is offered."""
    customer = queries.get_customer(customer_id, for_update=True)
    services.archive_customer(customer)
    return go_on(f"“{customer.name}” archived", _show(customer_id), undo=url_for(".unarchive", customer_id=customer_id))


@blueprint.post("/customers/<uuid:customer_id>/unarchive")
@permits("customers.write")
def unarchive(customer_id: UUID) -> Response:
    """Offer a customer again."""
    customer = queries.get_customer(customer_id, for_update=True)
    services.archive_customer(customer, archived=False)
    return go_on(f"“{customer.name}” is no longer archived", _show(customer_id))


_VALUES = {
    "set_client_type": "client_type_id",
    "set_account_manager": "account_manager_id",
    "set_price_list": "price_list_id",
}
_DONE = {"archive": "archived", "unarchive": "no longer archived", "delete": "deleted"}


@blueprint.post("/customers/bulk")
@permits("customers.write")
def bulk() -> Response:
    """One action on the customers that are selected."""
    ids = request.form.getlist("ids", type=UUID)
    action = request.form.get("action", "")
    value = request.form.get(_VALUES.get(action, ""), type=UUID)
    kept: dict[str, Any] = {name: given for name, given in request.args.lists() if name != "cursor"}
    back = url_for(".index", **kept)

    def done(count: int) -> Response:
        many = "1 customer" if count == 1 else f"{count:,} customers"
        return go_on(f"{many} {_DONE.get(action, 'changed')}", back)

    if not ids:
        toast("Select at least one customer.", "warning")
        return redirect_to(back)
    return attempt(lambda: services.change_customers(ids, action, value), done, back)
