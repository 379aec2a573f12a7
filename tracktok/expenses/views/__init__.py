"""The pages of spending."""

from tracktok.web.records import record_page
from tracktok.web.saved import saved_list

from . import (
    accounts,
    actions,
    categories,
    expenses,
    exports,
    forms,
    inline,
    palette,
    projects,
    receipts,
    sample,
    tags,
)
from .blueprint import blueprint

saved_list("expenses", "expenses.index", "expenses.read", "Expenses", sort="-expense_date")
record_page("expenses", "expense", "expenses.show", "expense_id")
record_page("projects", "project", "expenses.project", "project_id")
record_page("accounts", "account", "expenses.account", "account_id")
record_page("categories", "category", "expenses.category", "category_id")
record_page("tags", "tag", "expenses.edit_tag", "tag_id")
record_page("receipts", "receipt")

__all__ = [
    "accounts",
    "actions",
    "blueprint",
    "categories",
    "expenses",
    "exports",
    "forms",
    "inline",
    "palette",
    "projects",
    "receipts",
    "sample",
    "tags",
]
