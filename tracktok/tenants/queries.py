"""What is read about tenants."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select

from tracktok.core import clock, context
from tracktok.core.context import Preferences
from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.tenancy import current_tenant_id

from .models import Tenant, TenantStatus
from .rules import Feature, Limit, Plan, Subscription, Tier

_PREFERENCES = select(
    Tenant.currency, Tenant.timezone, Tenant.date_format, Tenant.locale, Tenant.fiscal_year_start_month
).where(Tenant.id == bindparam("tenant_id"))
_SUBSCRIPTION = select(Tenant.tier, Tenant.trial_start_date, Tenant.trial_end_date).where(
    Tenant.id == bindparam("tenant_id")
)
_FACT = "tenants.subscription"


def load_preferences(tenant_id: UUID) -> Preferences:
    """How a tenant writes amounts, dates and times."""
    row = db.session.execute(_PREFERENCES, {"tenant_id": tenant_id}).one_or_none()
    return Preferences(*row) if row is not None else Preferences()


_ACTIVE = select(Tenant.id, Tenant.timezone, Tenant.created_at).where(Tenant.status == TenantStatus.active)


def list_active() -> list[tuple[UUID, str, datetime]]:
    """(id, time zone, made at) of every active tenant; called inside the door."""
    return [(row.id, row.timezone, row.created_at) for row in db.session.execute(_ACTIVE)]


def get_current(*, for_update: bool = False) -> Tenant:
    """The tenant that is entered; `for_update` locks its row. Raises NotFound."""
    statement = select(Tenant).where(Tenant.id == current_tenant_id())
    if for_update:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    tenant = db.session.execute(statement).scalar_one_or_none()
    if tenant is None:
        raise NotFound
    return tenant


def subscription() -> Subscription:
    """The current tenant's plan and trial, read once per scope."""
    scope = context.scope()
    known = scope.facts.get(_FACT) if scope else None
    if isinstance(known, Subscription):
        return known
    row = db.session.execute(_SUBSCRIPTION, {"tenant_id": current_tenant_id()}).one()
    found = Subscription(Tier(row.tier), row.trial_start_date, row.trial_end_date)
    if scope:
        scope.facts[_FACT] = found
    return found


def forget_subscription() -> None:
    """Read the plan anew in this scope: it has been changed."""
    scope = context.scope()
    if scope:
        scope.facts.pop(_FACT, None)


def today() -> date:
    """Today in the current tenant's time zone."""
    return clock.today(context.preferences().timezone)


def current_plan() -> Plan:
    """What the current tenant may do today."""
    return subscription().plan(today())


def limit_of(name: str) -> int | None:
    """A limit of the current tenant's plan; None is unlimited."""
    return current_plan().limits[Limit(name)]


def has_feature(name: str) -> bool:
    """Whether the current tenant's plan has a feature."""
    return Feature(name) in current_plan().features


def find_by_subdomain(subdomain: str) -> Tenant | None:
    """A tenant by its subdomain. Needs the door."""
    return db.session.execute(
        select(Tenant).where(func.lower(Tenant.subdomain) == subdomain.lower())
    ).scalar_one_or_none()
