"""Every read of budgets."""

from .budgets import (
    alerts_of,
    budgets_over,
    choices,
    deleted_budgets,
    get_budget,
    list_budgets,
    live_budgets,
    lock_budgets,
    names_of,
    plan_of,
    transfer_rows,
    transfers_of,
)
from .names import scope_names
from .use import Scope, Span, scopes_of, use_by_day

__all__ = [
    "Scope",
    "Span",
    "alerts_of",
    "budgets_over",
    "choices",
    "deleted_budgets",
    "get_budget",
    "list_budgets",
    "live_budgets",
    "lock_budgets",
    "names_of",
    "plan_of",
    "scope_names",
    "scopes_of",
    "transfer_rows",
    "transfers_of",
    "use_by_day",
]
