"""What goes in and out about tenants."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import available_timezones

from babel.localedata import exists as locale_exists
from pydantic import AfterValidator, Field

from tracktok.core.money import MINOR_UNITS
from tracktok.web.api import ListQuery, Schema

from .models import Tenant
from .rules import COUNTRIES, Tier, accent_problem, subdomain_problem

DATE_FORMATS = ("DD/MM/YYYY", "DD-MM-YYYY", "DD.MM.YYYY", "MM/DD/YYYY", "YYYY-MM-DD", "D MMM YYYY")


@cache
def timezones() -> frozenset[str]:
    """The IANA time zones that may be chosen."""
    return frozenset(available_timezones() - {"localtime", "Factory"})


def _subdomain(value: str) -> str:
    value = value.lower()
    problem = subdomain_problem(value)
    if problem:
        raise ValueError(problem)
    return value


def _currency(value: str) -> str:
    value = value.upper()
    if value not in MINOR_UNITS:
        raise ValueError("Use an ISO 4217 code such as INR, EUR or USD.")
    return value


def _timezone(value: str) -> str:
    if value not in timezones():
        raise ValueError("Use an IANA time zone such as Asia/Kolkata or Europe/Berlin.")
    return value


def _locale(value: str) -> str:
    value = value.replace("-", "_")
    if not locale_exists(value):
        raise ValueError("Use a locale such as en_IN, en_US or de_DE.")
    return value


def _date_format(value: str) -> str:
    if value not in DATE_FORMATS:
        raise ValueError(f"Use one of: {', '.join(DATE_FORMATS)}.")
    return value


def _country(value: str) -> str:
    value = value.upper()
    if value and value not in COUNTRIES:
        raise ValueError("Use a country's two letters, such as IN or DE.")
    return value


def _tax_id(value: str) -> str:
    return "".join(value.split()).upper()


def _accent(value: str) -> str:
    problem = accent_problem(value) if value else None
    if problem:
        raise ValueError(problem)
    return value.lower()


Subdomain = Annotated[
    str,
    Field(
        min_length=3,
        max_length=63,
        description="The company's address: SUBDOMAIN.example.com. Letters a-z, digits, single hyphens",
        examples=["acme"],
    ),
    AfterValidator(_subdomain),
]
Currency = Annotated[str, Field(description="ISO 4217", examples=["INR"], max_length=3), AfterValidator(_currency)]
TimeZone = Annotated[str, Field(examples=["Asia/Kolkata"], max_length=64), AfterValidator(_timezone)]
LocaleName = Annotated[str, Field(examples=["en_IN"], max_length=20), AfterValidator(_locale)]
DateFormat = Annotated[str, Field(json_schema_extra={"enum": list(DATE_FORMATS)}), AfterValidator(_date_format)]
FiscalMonth = Annotated[int, Field(ge=1, le=12, description="The month that the fiscal year begins with")]
Accent = Annotated[str, Field(max_length=7, description="#rrggbb, or empty"), AfterValidator(_accent)]


Country = Annotated[
    str,
    Field(max_length=2, description="ISO 3166-1, two letters; or empty", examples=["IN"]),
    AfterValidator(_country),
]
TaxId = Annotated[str, Field(max_length=50, description="GSTIN, VAT id; spaces are left out"), AfterValidator(_tax_id)]


class TenantPath(Schema):
    """The id of a tenant."""

    tenant_id: UUID


class TenantSettings(Schema):
    """A company's settings. Members that are left out stay as they are."""

    name: str | None = Field(None, min_length=1, max_length=200, title="Company name")
    currency: Currency | None = Field(None, title="Currency")
    timezone: TimeZone | None = Field(None, title="Time zone")
    date_format: DateFormat | None = Field(None, title="Date format")
    locale: LocaleName | None = Field(None, title="Language and number format")
    fiscal_year_start_month: FiscalMonth | None = Field(None, title="Fiscal year begins in")
    address_line1: str | None = Field(None, max_length=200, title="Address")
    address_line2: str | None = Field(None, max_length=200, title="Second line")
    city: str | None = Field(None, max_length=100, title="City")
    state: str | None = Field(None, max_length=100, title="State")
    postal_code: str | None = Field(None, max_length=20, title="Postal code")
    country: Country | None = Field(None, title="Country")
    tax_id: TaxId | None = Field(None, title="Tax id (GSTIN, VAT id)")
    accent_color: Accent | None = Field(None, title="Accent colour")


class CompanyForm(Schema):
    """All of a company's settings, as its page sends them."""

    name: str = Field(min_length=1, max_length=200, title="Company name")
    currency: Currency = Field(title="Currency")
    timezone: TimeZone = Field(title="Time zone")
    date_format: DateFormat = Field(title="Date format")
    locale: LocaleName = Field(title="Numbers and words")
    fiscal_year_start_month: FiscalMonth = Field(title="Fiscal year begins in")
    address_line1: str = Field("", max_length=200, title="Address")
    address_line2: str = Field("", max_length=200, title="Second line")
    city: str = Field("", max_length=100, title="City")
    state: str = Field("", max_length=100, title="State")
    postal_code: str = Field("", max_length=20, title="Postal code")
    country: Country = Field("", title="Country")
    tax_id: TaxId = Field("", title="Tax id")


class BrandForm(Schema):
    """The company's colour, as its page sends it; the logo is a file beside it."""

    accent_color: Accent = Field("", title="Accent colour")


class TenantOut(Schema):
    """A company."""

    id: UUID
    subdomain: str
    name: str
    status: str
    tier: str
    currency: str
    timezone: str
    date_format: str
    locale: str
    fiscal_year_start_month: int
    address: str = Field(description="All of the address, line by line, as on an envelope")
    address_line1: str
    address_line2: str
    city: str
    state: str
    postal_code: str
    country: str
    tax_id: str
    accent_color: str
    logo_url: str | None = Field(description="The logo's picture, for those who are signed in; null without one")
    trial_start_date: date | None
    trial_end_date: date | None
    is_trial_used: bool
    created_at: datetime
    version: int


class LimitOut(Schema):
    """A limit of the plan. `limit` null is unlimited; `used` null is not counted yet."""

    name: str
    limit: int | None
    used: int | None
    is_soft: bool


class SubscriptionOut(Schema):
    """A company's plan: `tier` is paid for, `plan` is what holds today (the trial lends one)."""

    tier: str
    plan: str
    status: str = Field(description="trial, active or free")
    trial_start_date: date | None
    trial_end_date: date | None
    is_trial_used: bool
    trial_days_remaining: int
    limits: list[LimitOut]
    features: dict[str, bool]
    requested_tier: str | None
    requested_at: datetime | None
    upgrade_url: str


class UpgradeIn(Schema):
    """A wish for another plan; platform staff decide."""

    tier: Tier = Field(title="Plan")
    message: str = Field("", max_length=2000, title="Message")


class TierIn(Schema):
    """The plan that platform staff give a tenant."""

    tier: Tier = Field(title="Plan")
    reason: str = Field(min_length=3, max_length=500, title="Reason", description="Kept in the tenant's audit trail")


class TenantListQuery(ListQuery):
    """Which tenants to list."""

    q: str | None = Field(None, max_length=100, description="Part of the name or subdomain")
    tier: Tier | None = None
    requested: bool | None = Field(None, description="Only those that asked for another plan")


class AdminTenantOut(Schema):
    """A tenant as platform staff see it."""

    id: UUID
    subdomain: str
    name: str
    status: str
    tier: str
    trial_end_date: date | None
    requested_tier: str | None
    requested_at: datetime | None
    users: int
    created_at: datetime


class AdminTenantList(Schema):
    """Tenants."""

    object: Literal["list"] = "list"
    data: list[AdminTenantOut]
    has_more: bool
    next_cursor: str | None


def tenant_out(tenant: Tenant) -> dict[str, Any]:
    """A company as the API shows it."""
    return TenantOut.model_validate(tenant).model_dump(mode="json")
