"""Where a person can go: one table for the side bar, the "New" menu, the settings pages and the palette.

An entry is shown when its page exists in this application and the actor may open it. To add a page, add a line.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from flask import current_app, request, url_for

from tracktok.core.context import actor
from tracktok.core.permissions import may


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry. `permission` "" means any person; `key` is the letter after G; `count` names a figure of the frame."""

    label: str
    icon: str
    endpoint: str
    permission: str = ""
    group: str = ""
    key: str = ""
    count: str = ""
    words: str = ""
    href: str = ""
    current: bool = False

    @property
    def area(self) -> str:
        """The blueprint that the entry belongs to."""
        return self.endpoint.partition(".")[0]


SIDE_BAR: tuple[NavItem, ...] = (
    NavItem("Dashboard", "layout-dashboard", "reports.dashboard", "dashboard.read", key="d", words="home overview"),
    NavItem("Expenses", "receipt", "expenses.index", "expenses.read", "Spend", key="e", words="spend costs receipts"),
    NavItem("Import", "file-import", "expenses.imports", "expenses.import", "Spend", key="m", words="csv excel bank"),
    NavItem("Projects", "folder", "expenses.projects", "projects.read", "Spend", key="p"),
    NavItem(
        "Accounts", "building-bank", "expenses.accounts", "accounts.read", "Spend", key="a", words="bank cash card"
    ),
    NavItem("Categories", "tags", "expenses.categories", "categories.read", "Spend", key="c"),
    NavItem("Budgets", "chart-donut-3", "budgets.index", "budgets.read", "Plan", key="b", words="limits alerts"),
    NavItem("Reports", "report-analytics", "reports.index", "reports.read", "Plan", key="r", words="export pdf month"),
    NavItem("Ledger", "book-2", "ledger.index", "ledger.read", "Books", key="l", words="journal entries accounts"),
    NavItem("Tenants", "buildings", "tenants.admin", "platform.tenants", "Platform", words="plans tiers customers"),
    NavItem("Settings", "settings", "tenants.settings", "tenant.read", "Company", key="s", words="preferences"),
)

NEW: tuple[NavItem, ...] = (
    NavItem("Expense", "receipt", "expenses.new", "expenses.write", key="e"),
    NavItem("Import of expenses", "file-import", "expenses.new_import", "expenses.import", key="m", words="csv excel"),
    NavItem("Budget", "chart-donut-3", "budgets.new", "budgets.write", key="b"),
    NavItem("Project", "folder-plus", "expenses.new_project", "projects.write", key="p"),
    NavItem("Account", "building-bank", "expenses.new_account", "accounts.write", key="a"),
    NavItem("Invitation", "mail-plus", "auth.invite", "people.write", key="i", words="invite person user"),
)

SETTINGS: tuple[NavItem, ...] = (
    NavItem("Company", "building", "tenants.settings", "tenant.read", "Company", words="currency locale time zone"),
    NavItem("Plan and trial", "rocket", "tenants.subscription", "tenant.read", "Company", words="upgrade billing"),
    NavItem("People", "users", "auth.people", "people.read", "Company", words="invite roles members"),
    NavItem("Audit", "history", "audit.index", "audit.read", "Company", words="log changes who"),
    NavItem("Mailbox", "mail", "notifications.mailbox", "mailbox.read", "Company", words="e-mail sent"),
    NavItem("Your profile", "user-circle", "auth.profile", "", "You", words="name password"),
    NavItem("Sessions", "devices", "auth.sessions", "", "You", words="sign out devices"),
    NavItem("What you are told", "bell-cog", "notifications.preferences", "", "You", words="notifications alerts"),
)


# All of these stand under "Settings" in the side bar, whichever area they belong to.
_SETTINGS_PAGES = frozenset(item.endpoint for item in SETTINGS) | {"auth.person", "auth.invite", "notifications.mail"}


def _open(items: Iterable[NavItem]) -> list[NavItem]:
    """The entries whose page exists and that the actor may open, with their addresses."""
    if actor() is None:
        return []
    here = request.endpoint or ""
    exact = any(item.endpoint == here for item in items)
    shown = []
    for item in items:
        if item.endpoint not in current_app.view_functions or (item.permission and not may(item.permission)):
            continue
        current = item.endpoint == here if exact else _leads(item, here, items)
        shown.append(replace(item, href=url_for(item.endpoint), current=current))
    return shown


def _leads(item: NavItem, here: str, items: Iterable[NavItem]) -> bool:
    """Whether a page without an entry of its own (a record, a form) belongs under this entry.

    `expenses.project_edit` belongs under Projects (`expenses.projects`), and everything else of the blueprint under
    the first entry of the area.
    """
    area, _, page = here.partition(".")
    if items is SIDE_BAR and here in _SETTINGS_PAGES:
        return item.endpoint == "tenants.settings"
    if item.area != area:
        return False
    own = [other for other in items if other.area == area]
    named = [other for other in own if _stem(other) and _stem(other) in page]
    return item is (named or own)[0]


def _stem(item: NavItem) -> str:
    page = item.endpoint.partition(".")[2]
    if page == "index":
        return ""
    return page[:-3] + "y" if page.endswith("ies") else page.removesuffix("s")


def side_bar() -> list[tuple[str, list[NavItem]]]:
    """The side bar's groups in their order; entries outside a group stand under ""."""
    return [(group, list(items)) for group, items in groupby(_open(SIDE_BAR), key=lambda item: item.group)]


def new_menu() -> list[NavItem]:
    """What the actor can make, for the "New" menu."""
    return _open(NEW)


def settings_menu() -> list[tuple[str, list[NavItem]]]:
    """The settings pages in their groups."""
    return [(group, list(items)) for group, items in groupby(_open(SETTINGS), key=lambda item: item.group)]


def palette_entries() -> list[dict[str, str]]:
    """Every page that the palette can open without asking the server for records."""
    found = {item.href: ("Go to", item.label, item) for item in (*_open(SIDE_BAR), *_open(SETTINGS))}
    made = {item.href: ("Make", f"New {item.label.lower()}", item) for item in new_menu()}
    return [
        {"group": group, "label": label, "href": href, "words": item.words, "icon": item.icon}
        for href, (group, label, item) in {**made, **found}.items()
    ]
