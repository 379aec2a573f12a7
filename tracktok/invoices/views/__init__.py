"""The pages of sales documents and receipts."""

from tracktok.web.records import record_page
from tracktok.web.saved import saved_list

from . import (
    actions,
    attachments,
    bank,
    bank_tables,
    editor,
    index,
    notes,
    numbers,
    offers,
    palette,
    paying,
    portal,
    receipt_palette,
    receipts,
    receiving,
    record,
    recurring,
    reminders,
    returns,
    sending,
    standing,
    trips,
    usage_billing,
)
from .blueprint import BLUEPRINTS, NUMBERS, SECTIONS

record_page("sales_documents", "sales document", "invoices.any_document", "document_id")
record_page("customer_receipts", "receipt", "receipts.show", "receipt_id")
record_page("allocations", "allocation")
record_page("refunds", "refund")
record_page("recurring_invoices", "recurring invoice", "recurring.show", "recurring_id")
record_page("recurring_runs", "period of a recurring invoice")
record_page("reminder_levels", "level of reminders", "reminders.edit", "reminder_level_id")
record_page("reminder_settings", "reminder setting")
record_page("bank_lines", "bank line", "bank.show", "bank_line_id")
record_page("bank_statements", "bank statement")
for _section in SECTIONS.values():
    saved_list(_section.name, f"{_section.name}.index", "invoices.read", _section.title, sort="-date")
saved_list("receipts", "receipts.index", "receipts.read", "Receipts", sort="-date")

PAGES = (
    *BLUEPRINTS.values(),
    NUMBERS,
    receipts.blueprint,
    portal.blueprint,
    paying.blueprint,
    returns.blueprint,
    bank.blueprint,
    bank_tables.blueprint,
    reminders.blueprint,
    recurring.blueprint,
)

__all__ = [
    "PAGES",
    "actions",
    "attachments",
    "bank",
    "bank_tables",
    "editor",
    "index",
    "notes",
    "numbers",
    "offers",
    "palette",
    "paying",
    "portal",
    "receipt_palette",
    "receipts",
    "receiving",
    "record",
    "recurring",
    "reminders",
    "returns",
    "sending",
    "standing",
    "trips",
    "usage_billing",
]
