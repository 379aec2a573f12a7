"""What customers and companies do on facts of others."""

from __future__ import annotations

from typing import Any

from tracktok.imports.services import register
from tracktok.ledger.models import Dimension
from tracktok.ledger.queries import provide_names
from tracktok.tenants.models import Tenant
from tracktok.tenants.services import count_usage
from tracktok.tenants.signals import settings_changed, tenant_created

from . import queries, services
from .services.imports import CUSTOMER_HANDLER

count_usage("customers", queries.count_customers)
provide_names(Dimension.customer, queries.names_of)
register(CUSTOMER_HANDLER)


@tenant_created.connect
def open_billing_of_tenant(tenant: Tenant, **_: Any) -> None:
    """A new tenant finds its first company, tax rates, service types and client types."""
    services.open_billing(tenant)


@settings_changed.connect
def follow_settings(tenant: Tenant, *, changed: dict[str, Any], **_: Any) -> None:
    """The first company keeps the tenant's name, and default service types its currency."""
    services.follow_tenant(tenant, changed)
    if "currency" in changed:
        services.redenominate(changed["currency"], tenant.currency)
