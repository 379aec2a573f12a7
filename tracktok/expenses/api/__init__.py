"""The JSON routes of spending."""

from . import accounts, categories, expenses, projects, tags

APIS = (expenses.api, projects.api, accounts.api, categories.api, tags.api)
