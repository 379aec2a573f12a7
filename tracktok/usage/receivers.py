"""What metered usage does on facts of others, and what it proves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from tracktok.core.errors import Conflict
from tracktok.customers.models import Customer
from tracktok.customers.services.cards import Card, provide_card
from tracktok.customers.signals import customer_deleting, customers_in_use
from tracktok.ledger.queries import prove_summaries_also
from tracktok.ledger.services import rebuild_also
from tracktok.tenants.models import Tenant
from tracktok.tenants.signals import tenant_created

from .queries.current import current_of_customer
from .queries.proving import prove_usage
from .queries.uses import customers_used
from .services.meters import seed_meters
from .services.rebuilding import rebuild_usage

prove_summaries_also(prove_usage)
rebuild_also(rebuild_usage)


def _current_of(customer: Any) -> dict[str, Any] | None:
    found = current_of_customer(customer.id)
    return {"found": found} if found else None


provide_card(Card("Usage", "usage/customer_card.html", _current_of, permission="usage.read"))


@tenant_created.connect
def make_meters_of_tenant(_tenant: Tenant, **_: Any) -> None:
    """A new company finds the usual meters."""
    seed_meters()


class CustomerMetered(Conflict):
    code, title = "in_use", "This customer is in use"


@customer_deleting.connect
def keep_customers_with_usage(_sender: Any, customer: Customer, **_: Any) -> None:
    """A customer whose usage is recorded, or who has a subscription, stays."""
    if customers_used([customer.id]):
        raise CustomerMetered(f"{customer.name} has metered usage. Archive the customer instead.")


@customers_in_use.connect
def tell_customers_with_usage(_sender: Any, ids: Iterable[UUID], **_: Any) -> set[UUID]:
    """Those of these customers who have usage, a price, a quota or a subscription."""
    return customers_used(ids)
