"""What the books do when a company begins."""

from __future__ import annotations

from typing import Any

from tracktok.tenants.models import Tenant
from tracktok.tenants.services import CurrencyFixed
from tracktok.tenants.signals import currency_changing, settings_changed, tenant_created

from . import queries, services
from .signals import books_opened


@tenant_created.connect
def open_books_of_tenant(tenant: Tenant, **_: Any) -> None:
    """Open the books, then tell those whose defaults need them (receivers of one signal run in no fixed order)."""
    services.open_books(tenant.currency)
    books_opened.send(tenant)


@currency_changing.connect
def keep_currency_of_books(tenant: Tenant, *, currency: str, **_: Any) -> None:
    """Refuse another currency once something is posted: every entry was converted into the present one."""
    if queries.has_entries():
        raise CurrencyFixed("The books hold entries", tenant.currency, currency)


@settings_changed.connect
def follow_currency(tenant: Tenant, *, changed: dict[str, Any], **_: Any) -> None:
    """Accounts that held the old currency, and never anything in it, hold the new one."""
    if "currency" in changed:
        services.redenominate(changed["currency"], tenant.currency)
