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
from .use import Outside, Scope, Span, provide_outside, scopes_of, use_by_day

__all__ = [
    "Outside",
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
    "provide_outside",
    "scope_names",
    "scopes_of",
    "transfer_rows",
    "transfers_of",
    "use_by_day",
]
