"""One change of many customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tracktok.core.db import db
from tracktok.core.errors import Invalid
from tracktok.customers.models import AccountManager, ClientType, Customer, PriceList

from .customers import delete_customer

MOST = 500
_SETS: dict[str, tuple[str, Any, str]] = {
    "set_client_type": ("client_type_id", ClientType, "client type"),
    "set_account_manager": ("account_manager_id", AccountManager, "account manager"),
    "set_price_list": ("price_list_id", PriceList, "price list"),
}
ACTIONS = (*_SETS, "archive", "unarchive", "delete")


def change_customers(ids: Sequence[UUID], action: str, value: UUID | None = None) -> int:
    """Carry out one action on customers, all or nothing; how many were changed. Those that are gone are left out.

    Raises Invalid for an action or a value that there is not, Conflict when one of them may not be deleted.
    """
    if action not in ACTIONS:
        raise Invalid.at("action", f"Use one of: {', '.join(ACTIONS)}.")
    if len(ids) > MOST:
        raise Invalid.at("ids", f"Choose {MOST} customers at most.")
    if action in _SETS and value is not None:
        _, model, thing = _SETS[action]
        if db.session.execute(select(model.id).where(model.id == value)).first() is None:
            raise Invalid.at(_SETS[action][0], f"There is no such {thing}.", "not_found")
    locked = (
        select(Customer)
        .where(Customer.id.in_(sorted(ids)), Customer.deleted_at.is_(None))
        .order_by(Customer.id)
        .with_for_update()
    )
    rows = db.session.execute(locked, execution_options={"populate_existing": True}).scalars().all()
    with db.session.begin_nested():
        for customer in rows:
            if action == "delete":
                delete_customer(customer)
            elif action in _SETS:
                setattr(customer, _SETS[action][0], value)
            else:
                customer.is_archived = action == "archive"
        db.session.flush()
    return len(rows)
