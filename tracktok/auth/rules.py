"""Who may do what: the one table that the code, the documentation and the tests read."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a person is in a tenant."""

    owner = "owner"
    admin = "admin"
    analyst = "analyst"
    member = "member"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class Outsider(StrEnum):
    """What somebody from outside is in a tenant: bound to one record, and seeing only what belongs to it."""

    vendor = "vendor"
    employee = "employee"

    @property
    def label(self) -> str:
        return self.value.capitalize()


def is_outsider(role: str) -> bool:
    """Whether a role is one of somebody from outside."""
    return role in set(Outsider)


def label_of(role: str) -> str:
    """A role as people read it."""
    return (Outsider(role) if is_outsider(role) else Role(role)).label


class MembershipStatus(StrEnum):
    """Whether a membership lets its person in."""

    active = "active"
    deactivated = "deactivated"


_ALL = frozenset({Role.owner, Role.admin, Role.analyst, Role.member})
_READERS = frozenset({Role.owner, Role.admin, Role.analyst})
_MANAGERS = frozenset({Role.owner, Role.admin})
_OWNERS = frozenset({Role.owner})
_SPENDERS = frozenset({Role.owner, Role.admin, Role.member})

_VENDORS = frozenset({Outsider.vendor})
_EMPLOYEES = frozenset({Outsider.employee})

# permission -> (who holds it, what it allows). Members see and change their own expenses only; `*.read_all` lifts that.
PERMISSIONS: dict[str, tuple[frozenset[Role] | frozenset[Outsider], str]] = {
    "dashboard.read": (_ALL, "See the dashboard (members: of their own spending)"),
    "expenses.read": (_ALL, "See expenses (members: their own)"),
    "expenses.read_all": (_READERS, "See everybody's expenses"),
    "expenses.write": (_SPENDERS, "Record, change and delete expenses (members: their own)"),
    "expenses.write_all": (_MANAGERS, "Change everybody's expenses"),
    "expenses.import": (_MANAGERS, "Import expenses from files"),
    "expenses.export": (_ALL, "Export expenses (members: their own)"),
    "projects.read": (_ALL, "See projects"),
    "projects.write": (_MANAGERS, "Make, change and delete projects"),
    "projects.import": (_MANAGERS, "Import projects from files"),
    "accounts.read": (_READERS, "See accounts and their balances"),
    "accounts.write": (_MANAGERS, "Make, change and delete accounts"),
    "categories.read": (_ALL, "See categories and tags"),
    "categories.write": (_MANAGERS, "Make, change and delete categories and tags"),
    "budgets.read": (_READERS, "See budgets"),
    "budgets.write": (_MANAGERS, "Make, change and delete budgets"),
    "customers.read": (_READERS, "See customers, service types and tax rates"),
    "customers.write": (_MANAGERS, "Make, change and delete customers, service types, tax rates and price lists"),
    "customers.import": (_MANAGERS, "Import customers from files"),
    "companies.write": (_MANAGERS, "Change the companies that bill, their tax settings and number series"),
    "invoices.read": (_READERS, "See quotes, invoices, credit and debit notes"),
    "invoices.write": (_MANAGERS, "Make and change drafts of quotes, invoices, credit and debit notes"),
    "invoices.finalize": (_MANAGERS, "Finalize, void and write off documents"),
    "invoices.send": (_MANAGERS, "Send documents, reminders and statements to customers"),
    "receipts.read": (_READERS, "See receipts and what they paid"),
    "receipts.write": (_MANAGERS, "Record, allocate and refund receipts"),
    "usage.read": (_READERS, "See meters, usage, its prices, subscriptions and quotas"),
    "usage.write": (_MANAGERS, "Make meters and record usage"),
    "prices.write": (_MANAGERS, "Set prices of usage, subscriptions and quotas, and bill them"),
    "vendors.read": (_READERS, "See vendors, their contacts and papers"),
    "vendors.write": (_MANAGERS, "Make, change, archive and delete vendors"),
    "vendors.import": (_MANAGERS, "Import vendors from files"),
    "rate_cards.read": (_READERS, "See rate cards and what a trip costs under them"),
    "rate_cards.write": (_MANAGERS, "Make rate cards and change them by versions"),
    "incentives.read": (_READERS, "See the incentive rules of employees"),
    "incentives.write": (_MANAGERS, "Make, change and delete incentive rules"),
    "trips.read": (_READERS, "See trips, what they come to, statements and vendors' bills"),
    "trips.write": (_MANAGERS, "Record, change and price trips; match vendors' bills, open and settle disputes"),
    "trips.import": (_MANAGERS, "Import trips and vendors' bills from files"),
    "statements.approve": (
        _MANAGERS,
        "Approve vendors' statements, which closes their month, and record their payment",
    ),
    "reports.read": (_READERS, "See and run reports"),
    "ledger.read": (_READERS, "See the books"),
    "ledger.write": (_MANAGERS, "Add, rename and archive accounts of the books"),
    "audit.read": (_MANAGERS, "See the audit trail"),
    "people.read": (_READERS, "See who belongs to the company"),
    "people.write": (_MANAGERS, "Invite people, change their roles, let them go"),
    "tenant.read": (_ALL, "See the company's settings"),
    "tenant.write": (_MANAGERS, "Change the company's settings"),
    "tenant.transfer": (_OWNERS, "Make somebody else the owner"),
    "subscription.write": (_OWNERS, "Ask for another plan"),
    "mailbox.read": (_MANAGERS, "See the mails that the product wrote"),
    "views.write": (_ALL, "Keep lists with their filters under a name of one's own"),
    "views.share": (_MANAGERS, "Share such views with the company, and change those that are shared"),
    "jobs.read": (_ALL, "See the progress of one's own long work"),
    "vendor_portal.use": (_VENDORS, "Vendors: see their own trips and statements, and dispute a line"),
    "employee_portal.use": (_EMPLOYEES, "Employees: see their own trips and incentives"),
}

PLATFORM_PERMISSIONS: dict[str, str] = {
    "platform.tenants": "See all tenants and change their plan (platform staff only)",
}


def permissions_of(role: str, *, platform_admin: bool = False) -> frozenset[str]:
    """The permissions that a role holds; platform staff hold theirs beside."""
    held = {name for name, (roles, _) in PERMISSIONS.items() if role in roles}
    if platform_admin:
        held.update(PLATFORM_PERMISSIONS)
    return frozenset(held)


# A role may be given, changed and taken away by those listed here. Nobody but an owner touches owners.
_MAY_MANAGE: dict[str, frozenset[str]] = {
    Role.owner: frozenset((*Role, *Outsider)),
    Role.admin: frozenset((Role.admin, Role.analyst, Role.member, *Outsider)),
}


def holders_of(permission: str) -> list[str]:
    """The roles that hold a permission, the mightiest first; none for those of platform staff.

    `*.import` is held by the roles that hold any permission of that ending.
    """
    names = [one for one in PERMISSIONS if one.endswith(permission[1:])] if permission[:2] == "*." else [permission]
    roles: set[str] = {role for name in names for role in PERMISSIONS.get(name, (frozenset[Role](), ""))[0]}
    return [role.value for role in (*Role, *Outsider) if role in roles]


def may_manage(manager: str, role: str) -> bool:
    """Whether a person of the role `manager` may give the role, or change somebody who has it."""
    return role in _MAY_MANAGE.get(manager, frozenset())


SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200


def password_problem(password: str, email: str, common: Collection[str]) -> str | None:
    """What is wrong with a password that somebody chose, in words, or None. `common` is in lower case."""
    lowered = password.lower()
    name = email.lower().partition("@")[0]
    if len(password) < SHORTEST_PASSWORD:
        return f"Use at least {SHORTEST_PASSWORD} characters."
    if len(password) > LONGEST_PASSWORD:
        return f"Use at most {LONGEST_PASSWORD} characters."
    if lowered in common:
        return "This is one of the passwords that are tried first; choose another."
    if len(set(lowered)) < 4:
        return "Use more than a few different characters."
    if email.lower() in lowered or (len(name) >= 4 and name in lowered):
        return "Leave your e-mail address out of the password."
    return None


FREE_FAILURES = 3
LONGEST_DELAY = 900


def sign_in_delay(attempt: int) -> int:
    """Seconds to wait before the attempt after this one, counted from the last success: 0, 0, 1, 2, 4 ... 900."""
    return min(LONGEST_DELAY, 1 << min(attempt - FREE_FAILURES, 10)) if attempt >= FREE_FAILURES else 0


EMAIL_PATTERN = (
    r"^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$"
)
_EMAIL = re.compile(EMAIL_PATTERN)


def is_email(address: str) -> bool:
    """Whether a text has the form of an e-mail address that mail servers take."""
    name = address.partition("@")[0]
    return bool(_EMAIL.match(address)) and len(address) <= 254 and ".." not in name and name.strip(".") == name


def invitation_state(
    accepted_at: datetime | None, revoked_at: datetime | None, expires_at: datetime, now: datetime
) -> str:
    """open, accepted, revoked or ended."""
    if accepted_at is not None:
        return "accepted"
    if revoked_at is not None:
        return "revoked"
    return "open" if expires_at > now else "ended"
