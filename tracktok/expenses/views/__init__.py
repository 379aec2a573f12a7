"""The pages of spending."""

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
    tags,
)
from .blueprint import blueprint

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
    "tags",
]
