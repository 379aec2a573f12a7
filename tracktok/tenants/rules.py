"""Plans and what they allow: the one table of entitlements that the code, the pages and the tests read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from babel import Locale
from stdnum.in_ import gstin


class Tier(StrEnum):
    """A plan."""

    basic = "basic"
    professional = "professional"
    enterprise = "enterprise"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class TenantStatus(StrEnum):
    """Whether a tenant's people may come in."""

    active = "active"
    suspended = "suspended"


class Limit(StrEnum):
    """What a plan counts."""

    users = "users"
    projects = "projects"
    accounts = "accounts"
    expenses_per_project = "expenses_per_project"
    expenses = "expenses"
    invoices_per_month = "invoices_per_month"
    customers = "customers"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def is_soft(self) -> bool:
        """Whether passing it is told, not refused."""
        return self is Limit.expenses_per_project


_LABELS = {
    Limit.users: "People",
    Limit.projects: "Projects",
    Limit.accounts: "Accounts",
    Limit.expenses_per_project: "Expenses per project",
    Limit.expenses: "Expenses",
    Limit.invoices_per_month: "Invoices per month",
    Limit.customers: "Customers",
}


class Feature(StrEnum):
    """What a plan has or has not."""

    api_access = "api_access"
    custom_branding = "custom_branding"
    webhooks = "webhooks"
    scheduled_reports = "scheduled_reports"

    @property
    def label(self) -> str:
        return {"api_access": "API access"}.get(self.value, self.value.replace("_", " ").capitalize())


@dataclass(frozen=True, slots=True)
class Plan:
    """What a tier allows. A limit of None is unlimited."""

    tier: Tier
    limits: dict[Limit, int | None]
    features: frozenset[Feature]


TRIAL_DAYS = 14
TRIAL_TIER = Tier.professional
_PAID_FEATURES = frozenset(Feature)

PLANS: dict[Tier, Plan] = {
    Tier.basic: Plan(
        Tier.basic,
        {
            Limit.users: 1,
            Limit.projects: 3,
            Limit.accounts: 3,
            Limit.expenses_per_project: 100,
            Limit.expenses: 100_000,
            Limit.invoices_per_month: 10,
            Limit.customers: 50,
        },
        frozenset({Feature.api_access}),
    ),
    Tier.professional: Plan(
        Tier.professional,
        {
            Limit.users: 25,
            Limit.projects: 100,
            Limit.accounts: 50,
            Limit.expenses_per_project: None,
            Limit.expenses: 5_000_000,
            Limit.invoices_per_month: None,
            Limit.customers: None,
        },
        _PAID_FEATURES,
    ),
    Tier.enterprise: Plan(Tier.enterprise, dict.fromkeys(Limit), _PAID_FEATURES),
}


@dataclass(frozen=True, slots=True)
class Subscription:
    """The plan that a tenant pays for, and its trial. `trial_end_date` is the first day without the trial."""

    tier: Tier
    trial_start_date: date | None
    trial_end_date: date | None

    def trial_days_remaining(self, today: date) -> int:
        """Whole days of the trial from today on; 0 when it is over or was never begun."""
        return max(0, (self.trial_end_date - today).days) if self.trial_end_date else 0

    def in_trial(self, today: date) -> bool:
        """Whether the trial lends its plan today: only to a tier that allows less."""
        return self.tier is Tier.basic and self.trial_days_remaining(today) > 0

    def plan(self, today: date) -> Plan:
        """What is allowed today (in the tenant's time zone)."""
        return PLANS[TRIAL_TIER if self.in_trial(today) else self.tier]


def fits(limit: int | None, used: int, adding: int) -> bool:
    """Whether so many more stay within a limit. Nothing more always fits, also when a downgrade left too many."""
    return limit is None or adding <= 0 or used + adding <= limit


# A count this far from its limit may be remembered for a few seconds: it cannot be used up meanwhile.
FAR = 10_000
# More than this at once is bulk work and is always counted under the lock.
BULK = 1_000


def is_far(limit: int, used: int, adding: int) -> bool:
    """Whether a limit is so far off that nobody needs to wait for anybody."""
    return adding <= BULK and limit - used - adding > FAR


SUBDOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])")
RESERVED_SUBDOMAINS = frozenset(
    """about abuse account accounts admin administrator api app apps assets auth autoconfig autodiscover billing blog
    cdn chat contact dashboard data db demo-admin dev developer docs download email example files forum ftp git graph
    guide help home hostmaster id images imap info internal invite invoices jobs legal localhost login logout mail
    mailbox media metrics mobile monitor mx new news noreply ns ns1 ns2 oauth ops payments ping pop portal postmaster
    press pricing privacy proxy public register root sales sandbox security server settings shop sign-in sign-up signin
    signup sitemap smtp sso staff staging static stats status store support system team terms test tenant tenants
    tracktok upload user users verify vpn web webhooks webmaster wiki www www1 www2""".split()
)


def subdomain_problem(subdomain: str) -> str | None:
    """What is wrong with a subdomain that somebody wants, in words, or None."""
    if not SUBDOMAIN.fullmatch(subdomain):
        return "Use 3 to 63 letters a-z, digits and hyphens, beginning and ending with a letter or digit."
    if "--" in subdomain:
        return "Use single hyphens only."
    if subdomain.isdigit():
        return "Use at least one letter."
    if subdomain in RESERVED_SUBDOMAINS:
        return "This name is kept for the product itself; choose another."
    return None


def contrast(first: str, second: str) -> float:
    """The contrast ratio (1 to 21, as WCAG 2 reckons it) of two colours written `#rrggbb`."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    def channel(at: int) -> float:
        value = int(color[at : at + 2], 16) / 255
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)


SMALLEST_CONTRAST = 4.5


def accent_problem(color: str) -> str | None:
    """What is wrong with an accent colour, in words, or None: white text on it must stay readable."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", color):
        return "Write the colour like #1f6feb."
    ratio = contrast(color, "#ffffff")
    if ratio < SMALLEST_CONTRAST:
        return f"White text on this colour has a contrast of {ratio:.1f} to 1; choose a darker one (at least 4.5 to 1)."
    return None


PRODUCT_ACCENT = "#3f51c9"
"""The colour of a company that has chosen none."""


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Where a company is. `country` is ISO 3166-1, two letters."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """As it is written on an envelope: the code stands where the country has it, the country in English."""
        first = self.country not in _CODE_LAST
        place = " ".join(filter(None, (self.postal_code, self.city) if first else (self.city, self.postal_code)))
        place = ", ".join(filter(None, (place, self.state)))
        return tuple(filter(None, (self.line1, self.line2, place, country_name(self.country))))


_CODE_LAST = frozenset("IN US CA AU GB IE NZ SG AE ZA HK".split())
_NO_COUNTRIES = frozenset("EU EZ UN ZZ QO XA XB".split())
COUNTRIES: frozenset[str] = frozenset(
    code for code in map(str, Locale("en").territories) if re.fullmatch("[A-Z]{2}", code) and code not in _NO_COUNTRIES
)


def country_name(code: str) -> str:
    """A country's name in English; empty for none."""
    return Locale("en").territories.get(code, code) if code else ""


def tax_id_problem(tax_id: str, country: str) -> str | None:
    """What is wrong with a tax id, in words, or None. Only what is surely wrong: an Indian GSTIN's check digit."""
    if country == "IN" and re.fullmatch(r"[0-9]{2}[A-Z0-9]{13}", tax_id) and not gstin.is_valid(tax_id):
        return "This GSTIN is not right: its last character does not fit the others."
    return None
