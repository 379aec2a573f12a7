"""The JSON routes of billing."""

from . import invoices, notes, numbers, papers, quotes, returns

APIS = (
    invoices.api,
    quotes.quotes,
    quotes.proformas,
    notes.credit_notes,
    notes.debit_notes,
    numbers.api,
    papers.api,
    returns.api,
)
