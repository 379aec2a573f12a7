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
    """An entry of the side bar, a menu or the palette.

    `permission` "" means any person; `key` is the letter after G or N; `count` names a figure of the frame; `also` are
    words in the names of other endpoints that belong under it; `words` are what the palette finds it by.
    """

    label: str
    icon: str
    endpoint: str
    permission: str = ""
    group: str = ""
    key: str = ""
    count: str = ""
    words: str = ""
    also: str = ""
    href: str = ""
    current: bool = False

    @property
    def area(self) -> str:
        """The blueprint that the entry belongs to."""
        return self.endpoint.partition(".")[0]


SETTINGS_PAGE = "tenants.settings"

SIDE_BAR: tuple[NavItem, ...] = (
    NavItem("Dashboard", "layout-dashboard", "reports.dashboard", "dashboard.read", key="d", words="home overview"),
    NavItem("Expenses", "receipt", "expenses.index", "expenses.read", "Spend", key="e", words="spend costs receipts"),
    NavItem("Import", "file-import", "imports.index", "*.import", "Spend", key="m", words="csv excel bank"),
    NavItem("Projects", "folder", "expenses.projects", "projects.read", "Spend", key="p"),
    NavItem(
        "Accounts", "building-bank", "expenses.accounts", "accounts.read", "Spend", key="a", words="bank cash card"
    ),
    NavItem("Categories", "tags", "expenses.categories", "categories.read", "Spend", key="c", words="tags", also="tag"),
    NavItem("Invoices", "file-invoice", "invoices.index", "invoices.read", "Billing", key="i", words="bill sales due"),
    NavItem("Recurring", "repeat", "recurring.index", "invoices.read", "Billing", words="subscription template mrr"),
    NavItem("Quotes", "file-pencil", "quotes.index", "invoices.read", "Billing", key="q", words="offer estimate"),
    NavItem(
        "Customers", "building-store", "customers.index", "customers.read", "Billing", key="u", words="clients buyers"
    ),
    NavItem("Receipts", "cash", "receipts.index", "receipts.read", "Billing", key="y", words="payments money received"),
    NavItem("Proformas", "file-text", "proformas.index", "invoices.read", "Billing", words="advance"),
    NavItem("Credit notes", "file-minus", "credit_notes.index", "invoices.read", "Billing", words="refund return"),
    NavItem("Debit notes", "file-plus", "debit_notes.index", "invoices.read", "Billing"),
    NavItem(
        "GST returns", "receipt-tax", "gst_returns.index", "invoices.read", "Billing", words="gstr1 tax portal irn"
    ),
    NavItem("Usage", "gauge", "usage.index", "usage.read", "Usage", key="z", words="metering events", also="event"),
    NavItem("Meters", "ruler-measure", "usage.meters", "usage.read", "Usage", words="count units"),
    NavItem("Prices of usage", "tag", "usage.prices", "usage.read", "Usage", words="tiers model", also="price"),
    NavItem(
        "Subscriptions", "repeat", "usage.subscriptions", "usage.read", "Usage", words="metered billing", also="bill"
    ),
    NavItem("Quotas", "traffic-lights", "usage.quotas", "usage.read", "Usage", words="limits alerts"),
    NavItem("Overview", "layout-dashboard", "vendor_portal.index", "vendor_portal.use", "Your firm", key="d"),
    NavItem("Trips", "car", "vendor_portal.trips", "vendor_portal.use", "Your firm", key="t"),
    NavItem("Statements", "file-dollar", "vendor_portal.statements", "vendor_portal.use", "Your firm", key="s"),
    NavItem(
        "Disputes", "message-report", "vendor_portal.disputes", "vendor_portal.use", "Your firm", also="answer", key="i"
    ),
    NavItem("My trips", "car", "employee_portal.index", "employee_portal.use", "You", key="t"),
    NavItem("Trips", "car", "trips.index", "trips.read", "Operations", key="t", words="rides fleet cabs commute"),
    NavItem("Statements", "file-dollar", "trip_statements.index", "trips.read", "Operations", words="payable month"),
    NavItem("Vendor bills", "file-search", "vendor_bills.index", "trips.read", "Operations", words="match disputes"),
    NavItem("Employees", "users", "employees.index", "trips.read", "Operations", words="people driven incentives"),
    NavItem(
        "Vendors", "steering-wheel", "vendors.index", "vendors.read", "Operations", key="v", words="suppliers cabs"
    ),
    NavItem(
        "Rate cards", "receipt-2", "rate_cards.index", "rate_cards.read", "Operations", words="contract prices slabs"
    ),
    NavItem("Incentives", "award", "incentives.index", "incentives.read", "Operations", words="employees extra trips"),
    NavItem("Budgets", "chart-donut-3", "budgets.index", "budgets.read", "Plan", key="b", words="limits alerts"),
    NavItem(
        "Profit and loss", "chart-bar", "billing_reports.profit_and_loss_page", "ledger.read", "Reports",
        words="income statement result",
    ),
    NavItem("Balance sheet", "scale", "billing_reports.balance_sheet_page", "ledger.read", "Reports", words="assets"),
    NavItem("Receivables", "hourglass", "billing_reports.ageing", "invoices.read", "Reports", words="ageing aging"),
    NavItem("GST summary", "percentage", "billing_reports.gst", "invoices.read", "Reports", words="output tax"),
    NavItem(
        "Monthly reports", "report-analytics", "reports.index", "reports.read", "Reports", key="r",
        words="reports export pdf month",
    ),
    NavItem("Bank", "building-bank", "bank.index", "receipts.read", "Books", key="k", words="statement match ofx camt"),
    NavItem("Ledger", "book-2", "ledger.index", "ledger.read", "Books", key="l", words="journal entries accounts"),
    NavItem("Tenants", "buildings", "tenants.admin", "platform.tenants", "Platform", words="plans tiers customers"),
    NavItem("Settings", "settings", "tenants.settings", "tenant.read", "Company", key="s", words="preferences"),
)  # fmt: skip

NEW: tuple[NavItem, ...] = (
    NavItem("Expense", "receipt", "expenses.new", "expenses.write", key="e"),
    NavItem("Invoice", "file-invoice", "invoices.new", "invoices.write", key="i", words="bill sales"),
    NavItem("Quote", "file-pencil", "quotes.new", "invoices.write", key="q", words="offer estimate"),
    NavItem("Receipt", "cash", "receipts.new", "receipts.write", key="r", words="payment money received"),
    NavItem("Trip", "car", "trips.new", "trips.write", key="t", words="ride cab"),
    NavItem("Import", "file-import", "imports.new", "*.import", key="m", words="csv excel"),
    NavItem("Customer", "building-store", "customers.new", "customers.write", key="c", words="client buyer"),
    NavItem("Vendor", "steering-wheel", "vendors.new", "vendors.write", key="v", words="supplier cab fleet"),
    NavItem("Budget", "chart-donut-3", "budgets.new", "budgets.write", key="b"),
    NavItem("Project", "folder-plus", "expenses.new_project", "projects.write", key="p"),
    NavItem("Account", "building-bank", "expenses.new_account", "accounts.write", key="a"),
    NavItem("Invitation", "mail-plus", "auth.invite", "people.write", key="u", words="invite person user"),
)

SETTINGS: tuple[NavItem, ...] = (
    NavItem("Company", "building", "tenants.settings", "tenant.read", "Company", words="currency locale time zone"),
    NavItem("Plan and trial", "rocket", "tenants.subscription", "tenant.read", "Company", words="upgrade billing"),
    NavItem(
        "People", "users", "auth.people", "people.read", "Company", words="invite roles members", also="person invite"
    ),
    NavItem("Audit", "history", "audit.index", "audit.read", "Company", words="log changes who"),
    NavItem(
        "Numbers", "hash", "numbers.index", "invoices.read", "Company", words="pattern series invoice", also="edit"
    ),
    NavItem("Mailbox", "mail", "notifications.mailbox", "mailbox.read", "Company", words="e-mail sent"),
    NavItem(
        "Companies and tax", "building-bank", "customers.companies", "customers.read", "Billing",
        words="gst gstin vat legal entity upi bank account terms",
    ),
    NavItem("Tax rates", "percentage", "customers.tax_rates", "customers.read", "Billing", words="gst vat cess"),
    NavItem(
        "Service types and prices", "list-details", "customers.service_types", "customers.read", "Billing",
        words="sac hsn price list products items", also="price_list",
    ),
    NavItem(
        "Client types and managers", "tags", "customers.groups", "customers.read", "Billing",
        words="account manager", also="client_type manager",
    ),
    NavItem(
        "Reminders", "bell-ringing", "reminders.index", "invoices.read", "Billing",
        words="dunning overdue late mail levels", also="edit new",
    ),
    NavItem("Your profile", "user-circle", "auth.profile", "", "You", words="name password"),
    NavItem("Sessions", "devices", "auth.sessions", "", "You", words="sign out devices"),
    NavItem("Notifications", "bell-cog", "notifications.preferences", "", "You", words="alerts e-mail told"),
)  # fmt: skip


# All of these stand under "Settings" in the side bar, whichever area they belong to.
_SETTINGS_PAGES = frozenset(item.endpoint for item in SETTINGS) | {"auth.person", "auth.invite", "notifications.mail"}


def _open(items: Iterable[NavItem], current: NavItem | None = None) -> list[NavItem]:
    """The entries whose page exists and that the actor may open, with their addresses; `current` is marked."""
    if actor() is None:
        return []
    return [
        replace(item, href=url_for(item.endpoint), current=item is current)
        for item in items
        if item.endpoint in current_app.view_functions and (not item.permission or may(item.permission))
    ]


def _leader(items: Iterable[NavItem], *, of_area: bool = True) -> NavItem | None:
    """The entry that the present page belongs under.

    `expenses.edit_project` belongs under Projects (`expenses.projects`), and with `of_area` everything else of a
    blueprint under the first entry of it.
    """
    here = request.endpoint or ""
    area, _, page = here.partition(".")
    own = [item for item in items if item.area == area]
    for item in own:
        if item.endpoint == here:
            return item
    named = [item for item in own if any(stem in page for stem in _stems(item))]
    return next(iter(named or (own if of_area else [])), None)


def _stems(item: NavItem) -> list[str]:
    """The words in names of endpoints that belong under an entry: `project` for `expenses.projects`."""
    page = item.endpoint.partition(".")[2]
    singular = page[:-3] + "y" if page.endswith("ies") else page.removesuffix("s")
    return [*([] if page == "index" else [singular]), *item.also.split()]


def side_bar() -> list[tuple[str, list[NavItem]]]:
    """The side bar's groups in their order; entries outside a group stand under ""."""
    current = _leader(SIDE_BAR, of_area=False)
    if current is None and _leader(SETTINGS, of_area=False):
        current = next(item for item in SIDE_BAR if item.endpoint == SETTINGS_PAGE)
    items = _open(SIDE_BAR, current or _leader(SIDE_BAR))
    return [(group, list(entries)) for group, entries in groupby(items, key=lambda item: item.group)]


def new_menu() -> list[NavItem]:
    """What the actor can make, for the "New" menu."""
    return _open(NEW)


def settings_menu() -> list[tuple[str, list[NavItem]]]:
    """The settings pages in their groups."""
    items = _open(SETTINGS, _leader(SETTINGS))
    return [(group, list(entries)) for group, entries in groupby(items, key=lambda item: item.group)]


def palette_entries() -> list[dict[str, str]]:
    """Every page that the palette can open without asking the server for records."""
    found = {item.href: ("Go to", item.label, item) for item in (*_open(SIDE_BAR), *_open(SETTINGS))}
    made = {item.href: ("Make", f"New {item.label.lower()}", item) for item in new_menu()}
    return [
        {"group": group, "label": label, "href": href, "words": item.words, "icon": item.icon}
        for href, (group, label, item) in {**made, **found}.items()
    ]
