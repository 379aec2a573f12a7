"""The JSON routes of spending."""

from . import accounts, categories, expenses, projects, receipts, tags

APIS = (expenses.api, receipts.api, projects.api, accounts.api, categories.api, tags.api)
