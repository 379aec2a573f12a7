"""What the forms and filters of spending offer."""

from __future__ import annotations

from typing import Any

from tracktok.core.context import preferences
from tracktok.core.permissions import may
from tracktok.expenses.models import ExpenseStatus, PaymentMethod
from tracktok.expenses.queries import accounts, categories, people, projects, tags
from tracktok.expenses.rules.amounts import COMMON_CURRENCIES

Choices = list[tuple[Any, ...]]


def for_filters() -> dict[str, Any]:
    """What the filters of the list offer."""
    return {
        "categories": [("none", "No category"), *categories.choices(archived=True)],
        "projects": [("none", "No project"), *((row.id, row.name) for row in projects.choices())],
        "accounts": [("none", "No account"), *((row.id, row.name) for row in accounts.choices())],
        "people": people.choices() if may("expenses.read_all") else [],
        "statuses": [(one.value, one.label) for one in ExpenseStatus],
        "methods": [(one.value, one.label) for one in PaymentMethod],
        "all_tags": [(row.name, row.name) for row in tags.choices()],
    }


def for_form() -> dict[str, Any]:
    """What the form of an expense offers."""
    base = preferences().currency
    return {
        "categories": categories.choices(),
        "projects": [(row.id, row.name) for row in projects.choices()],
        "accounts": [(row.id, row.name, row.currency) for row in accounts.choices()],
        "people": people.choices() if may("expenses.write_all") else [],
        "methods": [(one.value, one.label) for one in PaymentMethod],
        "statuses": [
            ("paid", "Paid", "Spent: it leaves the account"),
            ("approved", "Approved", "Owed, not paid yet"),
            ("draft", "Draft", "Not in the books yet"),
        ],
        "tag_names": [row.name for row in tags.choices()],
        "currencies": [base, *(code for code in COMMON_CURRENCIES if code != base)],
    }
