"""What is read about tenants."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from tracktok.core.context import Preferences
from tracktok.core.db import db

from .models import Tenant, TenantStatus

_PREFERENCES = select(
    Tenant.currency, Tenant.timezone, Tenant.date_format, Tenant.locale, Tenant.fiscal_year_start_month
).where(Tenant.id == bindparam("tenant_id"))


def load_preferences(tenant_id: UUID) -> Preferences:
    """How a tenant writes amounts, dates and times."""
    row = db.session.execute(_PREFERENCES, {"tenant_id": tenant_id}).one_or_none()
    return Preferences(*row) if row is not None else Preferences()


_ACTIVE = select(Tenant.id, Tenant.timezone, Tenant.created_at).where(Tenant.status == TenantStatus.active)


def list_active() -> list[tuple[UUID, str, datetime]]:
    """(id, time zone, made at) of every active tenant; called inside the door."""
    return [(row.id, row.timezone, row.created_at) for row in db.session.execute(_ACTIVE)]
