"""What the routes themselves do not tell: arguments that no link gives, variations, and what is no page.

Pages with arguments (`/expenses/<uuid:expense_id>`) are opened by the first link that leads to them. Where no link
does, name the arguments here, by endpoint.
"""

from __future__ import annotations

# endpoint: arguments of a page that no other page links to.
ARGUMENTS: dict[str, dict[str, str]] = {}

# endpoint: what else to open it with: an empty result, a page further on, another tab.
VARIATIONS: dict[str, tuple[str, ...]] = {
    "audit.index": ("?q=nothing-is-called-so", "?entity=expenses&sort=at"),
    "expenses.index": ("?q=nothing-is-called-so", "?sort=-amount"),
    "billing_reports.ageing": ("?as_of=2026-10-01", "?bucket=over_90"),
    "gst_returns.index": ("?month=2026-11",),
    "bank.index": ("?q=nothing-is-called-so", "?show=matched"),
    "budgets.index": ("?q=nothing-is-called-so", "?sort=-name"),
    "invoices.index": ("?q=nothing-is-called-so", "?status=overdue", "?reminder=due"),
    "recurring.index": ("?status=failed",),
    "imports.index": ("?kind=projects",),
    "imports.new": ("?kind=projects",),
    "customers.index": ("?q=nothing-is-called-so", "?archived=true"),
    "customers.show": ("?tab=people", "?tab=history"),
    "vendors.index": ("?q=nothing-is-called-so", "?archived=true"),
    "vendors.show": ("?tab=cards", "?tab=files", "?tab=history"),
    "rate_cards.index": ("?q=nothing-is-called-so",),
    "incentives.index": ("?archived=true",),
    "receipts.index": ("?q=nothing-is-called-so", "?unallocated=1"),
    "usage.index": ("?user_id=nobody",),
    "usage.meters": ("?archived=1",),
    "usage.prices": ("?meter_id=00000000-0000-0000-0000-000000000000",),
    "vendor_portal.trips": ("?status=cancelled",),
    "employee_portal.index": ("?month=2020-01",),
    "trips.index": ("?q=nothing-is-called-so", "?priced=false"),
    "vendor_bills.show": ("?verdict=over_km",),
    "guide.index": ("?q=budget", "?q=zzzz"),
    "gallery.sample_list": ("?q=toll", "?q=zzzz"),
}

# endpoint: the status that it answers with on purpose.
STATUSES: dict[str, int] = {"auth.reset": 400, "auth.verify": 400}

# endpoint: why it is not looked at.
SKIPPED: dict[str, str] = {
    "budgets.preview": "a part of the form of a budget",
    "receipts.voucher": "a PDF",
    "receipts.share": "a part of the form of a receipt",
    "saved_views.new": "of no list by itself; with one below",
    "tenants.shade": "a part of the form of the company's colour",
    "tenants.logo": "a picture",
    "portal.logo": "a picture",
    "portal.pdf": "a PDF",
    "paying.desk": "no link leads there, a button does; looked at by tests/invoices/test_paying.py",
    "customers.find": "JSON for fields that search",
    "vendors.find": "JSON for fields that search",
    "customers.look_at_gstin": "a part of the form of a customer",
    "assets.file": "a static file",
    "imports.example": "a CSV file",
    **dict.fromkeys(
        (f"{name}.pdf" for name in ("invoices", "quotes", "proformas", "credit_notes", "debit_notes")), "a PDF"
    ),
    "usage.customers_found": "JSON for fields that search",
    "usage.price_fields": "a part of the form of a price",
    "usage.price_example": "a part of the form of a price",
    "receipts.customers_found": "JSON for fields that search",
    "trips.export": "a file",
    "trip_statements.download": "a file",
    "vendor_portal.download": "a file",
    "invoices.any_document": "leads to the page of the document",
    "invoices.fill": "JSON for the form of an invoice",
    "invoices.customers_found": "JSON for fields that search",
    "invoices.services_found": "JSON for fields that search",
    "numbers.preview": "a part of the form of a pattern",
    "reminders.preview": "a part of the form of a reminder",
    "gst_returns.file": "a file for the portal, or a workbook",
    "gst_returns.inv01": "a file for the portal",
    "assets.brand": "a style sheet",
    "web.palette": "JSON for the palette",
    "gallery.sample_dialog": "the inside of a dialog",
    "gallery.sample_progress": "a fragment that asks for itself until it is done",
    "gallery.sample_error": "each status has a picture of its own below",
}

# Addresses beyond the routes: the error pages, and a form that wants to know its list.
FURTHER: tuple[tuple[str, str, int], ...] = (
    *((f"error_{status}", f"/dev/components/error/{status}", status) for status in (403, 404, 409, 429, 500, 503)),
    ("saved_views.new", "/views/new?kind=expenses&query=q%3Dfuel", 200),
)
