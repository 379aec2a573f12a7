"""The JSON routes of billing."""

from . import (
    bank,
    invoices,
    notes,
    numbers,
    papers,
    quotes,
    receipts,
    recurring,
    reminders,
    returns,
    sending,
    standing,
    trips,
    usage_billing,
)

APIS = (
    invoices.api,
    standing.invoices,
    quotes.quotes,
    quotes.proformas,
    notes.credit_notes,
    standing.notes,
    notes.debit_notes,
    standing.debit_notes,
    receipts.api,
    receipts.refunds,
    standing.customers,
    numbers.api,
    papers.api,
    sending.api,
    sending.customers,
    returns.api,
    bank.statements,
    bank.lines,
    reminders.levels,
    reminders.settings,
    reminders.documents,
    reminders.customers,
    recurring.api,
    recurring.repeating,
    usage_billing.api,
)

__all__ = ["APIS", "trips"]
