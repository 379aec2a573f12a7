"""What the books do when a company begins."""

from __future__ import annotations

from typing import Any

from tracktok.tenants.models import Tenant
from tracktok.tenants.signals import tenant_created

from . import services
from .signals import books_opened


@tenant_created.connect
def open_books_of_tenant(tenant: Tenant, **_: Any) -> None:
    """Open the books, then tell those whose defaults need them (receivers of one signal run in no fixed order)."""
    services.open_books(tenant.currency)
    books_opened.send(tenant)
