"""What is read about tenants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from babel import Locale
from babel.numbers import format_decimal
from sqlalchemy import Select, bindparam, func, select, text

from tracktok.core import clock, context
from tracktok.core.context import Preferences
from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.money import MINOR_UNITS
from tracktok.core.pagination import DEFAULT_LIMIT, Page, keyset, make_page, page_parameters, sort_by
from tracktok.core.storage import storage
from tracktok.core.tenancy import current_tenant_id, door
from tracktok.web.filters import currency_name

from .models import Tenant, TenantStatus
from .rules import COUNTRIES, PRODUCT_ACCENT, Feature, Limit, Plan, Subscription, Tier, country_name

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


_EVERYONE = select(Tenant.id, Tenant.subdomain).order_by(Tenant.created_at, Tenant.id)


def list_everyone() -> list[tuple[UUID, str]]:
    """(id, subdomain) of every tenant, the oldest first; called inside the door."""
    return [(row.id, row.subdomain) for row in db.session.execute(_EVERYONE)]


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
    return remember_subscription(row)


def remember_subscription(row: Any) -> Subscription:
    """Keep for this scope what a row of the current tenant says of its plan: tier, trial_start_date, trial_end_date."""
    found = Subscription(Tier(row.tier), row.trial_start_date, row.trial_end_date)
    scope = context.scope()
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


@dataclass(frozen=True, slots=True)
class Branding:
    """How a company looks: its name, its colour, its logo. Without branding in the plan: the product's own."""

    name: str
    accent: str
    """`#rrggbb`, dark enough for white text on it."""
    has_own_accent: bool
    on_accent: str
    logo_key: str
    logo_type: str
    logo_url: str
    logo_width: int
    logo_height: int

    def read_logo(self) -> bytes | None:
        """The logo as PNG or JPEG, at most 800 by 320 pixels; None without one, or when the storage has lost it."""
        if not self.logo_key:
            return None
        try:
            with storage().open(self.logo_key) as stream:
                return stream.read()
        except NotFound:
            return None


def branding(tenant: Tenant | None = None) -> Branding:
    """How the current tenant looks, for pages and documents."""
    tenant = tenant or get_current()
    own = has_feature(Feature.custom_branding)
    logo = own and bool(tenant.logo_key)
    return Branding(
        name=tenant.name,
        accent=(tenant.accent_color if own else "") or PRODUCT_ACCENT,
        has_own_accent=own and bool(tenant.accent_color),
        on_accent="#ffffff",
        logo_key=tenant.logo_key if logo else "",
        logo_type=tenant.logo_type if logo else "",
        logo_url=(tenant.logo_url or "") if logo else "",
        logo_width=tenant.logo_width,
        logo_height=tenant.logo_height,
    )


def find_by_subdomain(subdomain: str) -> Tenant | None:
    """A tenant by its subdomain. Needs the door."""
    return db.session.execute(
        select(Tenant).where(func.lower(Tenant.subdomain) == subdomain.lower())
    ).scalar_one_or_none()


_PLATFORM = text("SELECT email FROM people WHERE is_platform_admin ORDER BY email")
# People are the auth area's table; here only their addresses, and how many belong to a tenant, are read.
_USERS = text(
    "SELECT tenant_id, count(*) AS users FROM memberships WHERE status = 'active' AND tenant_id = ANY(:ids) GROUP BY 1"
)
_LOCALES = "en_IN en_GB en_US en_AU en_CA en_SG en_AE de_DE de_CH fr_FR es_ES it_IT nl_NL pt_BR hi_IN ja_JP".split()
_TENANT_SORTS = {"created_at": sort_by(Tenant.created_at)}
_NEWEST = "-created_at"


def platform_addresses() -> list[str]:
    """The addresses of platform staff."""
    with door("tell platform staff"):
        return list(db.session.execute(_PLATFORM).scalars())


@cache
def _tenant_list(*, search: bool, tier: bool, requested: bool, after: bool) -> Select[Any]:
    statement: Any = select(
        Tenant.id,
        Tenant.subdomain,
        Tenant.name,
        Tenant.status,
        Tenant.tier,
        Tenant.trial_end_date,
        Tenant.timezone,
        Tenant.requested_tier,
        Tenant.requested_at,
        Tenant.is_demo,
        Tenant.created_at,
    )
    if search:
        pattern = bindparam("pattern", type_=db.Text())
        statement = statement.where(Tenant.name.ilike(pattern) | Tenant.subdomain.ilike(pattern))
    if tier:
        statement = statement.where(Tenant.tier == bindparam("tier"))
    if requested:
        statement = statement.where(Tenant.requested_tier.is_not(None))
    return keyset(statement, sorts=_TENANT_SORTS, id_column=Tenant.id, sort=_NEWEST, after=after)


def list_tenants(
    *,
    search: str | None = None,
    tier: str | None = None,
    requested: bool = False,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> tuple[Page, dict[UUID, int]]:
    """(a page of all tenants, newest first; how many people each has). For platform staff: opens the door."""
    parameters = page_parameters(sorts=_TENANT_SORTS, sort=_NEWEST, cursor=cursor, limit=limit)
    if search:
        for sign in "\\%_":
            search = search.replace(sign, "\\" + sign)
        parameters["pattern"] = f"%{search}%"
    if tier:
        parameters["tier"] = tier
    statement = _tenant_list(search=bool(search), tier=bool(tier), requested=requested, after=bool(cursor))
    with door("platform staff list the tenants"):
        rows = db.session.execute(statement, parameters).all()
        page = make_page(rows, sort=_NEWEST, limit=limit, sort_key="created_at")
        users = db.session.execute(_USERS, {"ids": [row.id for row in page.rows]}).all()
    return page, {row.tenant_id: row.users for row in users}


def find_tenant(tenant_id: UUID) -> Tenant:
    """Any tenant. For platform staff: opens the door. Raises NotFound."""
    with door("platform staff look at a tenant"):
        found = db.session.execute(select(Tenant).where(Tenant.id == tenant_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


@cache
def currency_choices() -> list[tuple[str, str]]:
    """(code, "INR, Indian Rupee") of every currency, those used most first."""
    first = ["INR", "EUR", "USD", "GBP", "AED", "AUD", "CAD", "CHF", "JPY", "SGD"]
    codes = [*first, *sorted(set(MINOR_UNITS) - set(first))]
    return [(code, f"{code}, {currency_name(code, 'en')}") for code in codes]


@cache
def country_choices() -> list[tuple[str, str]]:
    """(code, name) of every country, by name."""
    return sorted(((code, country_name(code)) for code in COUNTRIES), key=lambda one: one[1])


@cache
def timezone_choices() -> list[tuple[str, str]]:
    """(name, name) of the time zones that are places, by name."""
    unwanted = ("Etc/", "posix", "right", "SystemV")
    kept = sorted(name for name in available_timezones() if "/" in name and not name.startswith(unwanted))
    return [(name, name.replace("_", " ")) for name in [*kept, "UTC"]]


@cache
def locale_choices() -> list[tuple[str, str]]:
    """(code, its name and how a number looks there) of the locales offered on the page; the API takes any."""
    number = Decimal("1234567.89")
    return [
        (code, f"{Locale.parse(code).get_display_name('en')}: {format_decimal(number, locale=code)}")
        for code in _LOCALES
    ]
