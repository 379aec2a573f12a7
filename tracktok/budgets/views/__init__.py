"""The pages of budgets."""

from tracktok.web.records import record_page

from . import actions, budgets, forms
from .blueprint import blueprint

record_page("budgets", "budget", "budgets.show", "budget_id")
record_page("budget_transfers", "transfer between budgets")

__all__ = ["actions", "blueprint", "budgets", "forms"]
