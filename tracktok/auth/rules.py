"""Who may do what: the one table that the code, the documentation and the tests read."""

from __future__ import annotations

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


class MembershipStatus(StrEnum):
    """Whether a membership lets its person in."""

    active = "active"
    deactivated = "deactivated"


_ALL = frozenset({Role.owner, Role.admin, Role.analyst, Role.member})
_READERS = frozenset({Role.owner, Role.admin, Role.analyst})
_MANAGERS = frozenset({Role.owner, Role.admin})
_OWNERS = frozenset({Role.owner})
_SPENDERS = frozenset({Role.owner, Role.admin, Role.member})

# permission -> (who holds it, what it allows). Members see and change their own expenses only; `*.read_all` lifts that.
PERMISSIONS: dict[str, tuple[frozenset[Role], str]] = {
    "dashboard.read": (_ALL, "See the dashboard (members: of their own spending)"),
    "expenses.read": (_ALL, "See expenses (members: their own)"),
    "expenses.read_all": (_READERS, "See everybody's expenses"),
    "expenses.write": (_SPENDERS, "Record, change and delete expenses (members: their own)"),
    "expenses.write_all": (_MANAGERS, "Change everybody's expenses"),
    "expenses.import": (_MANAGERS, "Import expenses from files"),
    "expenses.export": (_ALL, "Export expenses (members: their own)"),
    "projects.read": (_ALL, "See projects"),
    "projects.write": (_MANAGERS, "Make, change and delete projects"),
    "accounts.read": (_READERS, "See accounts and their balances"),
    "accounts.write": (_MANAGERS, "Make, change and delete accounts"),
    "categories.read": (_ALL, "See categories and tags"),
    "categories.write": (_MANAGERS, "Make, change and delete categories and tags"),
    "budgets.read": (_READERS, "See budgets"),
    "budgets.write": (_MANAGERS, "Make, change and delete budgets"),
    "reports.read": (_READERS, "See and run reports"),
    "views.write": (_ALL, "Keep saved views of one's own"),
    "ledger.read": (_READERS, "See the books"),
    "ledger.write": (_MANAGERS, "Make and rename book accounts"),
    "audit.read": (_MANAGERS, "See the audit trail"),
    "people.read": (_READERS, "See who belongs to the company"),
    "people.write": (_MANAGERS, "Invite people, change their roles, let them go"),
    "tenant.read": (_ALL, "See the company's settings"),
    "tenant.write": (_MANAGERS, "Change the company's settings"),
    "tenant.transfer": (_OWNERS, "Make somebody else the owner"),
    "subscription.write": (_OWNERS, "Ask for another plan"),
    "mailbox.read": (_MANAGERS, "See the mails that the product wrote"),
    "jobs.read": (_ALL, "See the progress of one's own long work"),
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
