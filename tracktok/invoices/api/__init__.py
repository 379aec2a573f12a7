"""The JSON routes of billing."""

from . import invoices, papers

APIS = (invoices.api, papers.api)
