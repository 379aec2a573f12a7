"""The JSON routes of billing."""

from . import invoices

APIS = (invoices.api,)
