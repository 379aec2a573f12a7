"""What changes about tenants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from tracktok.core import clock
from tracktok.core.db import db
from tracktok.core.errors import Conflict, FieldError
from tracktok.core.ids import new_id
from tracktok.tenants.models import Tenant
from tracktok.tenants.rules import COUNTRIES, TRIAL_DAYS


class SubdomainTaken(Conflict):
    code, title = "subdomain_taken", "This subdomain is taken"

    def __init__(self) -> None:
        text = "This subdomain is taken; choose another."
        super().__init__(text, errors=[FieldError("/subdomain", self.code, text)])


@dataclass(frozen=True, slots=True)
class NewTenant:
    """What is needed to make a tenant."""

    name: str
    subdomain: str
    currency: str = "INR"
    timezone: str = "Asia/Kolkata"
    locale: str = "en_IN"
    date_format: str = "DD/MM/YYYY"
    fiscal_year_start_month: int = 4


def create_tenant(new: NewTenant, *, tenant_id: UUID | None = None, is_demo: bool = False) -> Tenant:
    """Make a tenant and start its 14-day trial. Call it inside `tenant_scope` of the id that it is to have.

    Raises SubdomainTaken. The caller then sends `tenant_created`, once the owner exists.
    """
    if db.session.execute(
        select(func.count()).select_from(Tenant).where(func.lower(Tenant.subdomain) == new.subdomain.lower())
    ).scalar_one():
        raise SubdomainTaken
    today = clock.today(new.timezone)
    tenant = Tenant(
        id=tenant_id or new_id(),
        subdomain=new.subdomain.lower(),
        name=new.name,
        currency=new.currency,
        timezone=new.timezone,
        locale=new.locale,
        date_format=new.date_format,
        fiscal_year_start_month=new.fiscal_year_start_month,
        trial_start_date=today,
        trial_end_date=today + timedelta(days=TRIAL_DAYS),
        is_trial_used=True,
        country=_country_of(new.locale),
        is_demo=is_demo,
    )
    db.session.add(tenant)
    db.session.flush()
    return tenant


def _country_of(locale: str) -> str:
    """The country that a locale such as `en_IN` names; empty when it names none."""
    code = locale.replace("-", "_").rpartition("_")[2]
    return code if code in COUNTRIES else ""
