"""Every read of budgets."""

from .budgets import (
    alerts_of,
    budgets_over,
    get_budget,
    list_budgets,
    live_budgets,
    lock_budgets,
    plan_of,
    transfer_rows,
    transfers_of,
)
from .use import Scope, Span, scopes_of, use_by_day

__all__ = [
    "Scope",
    "Span",
    "alerts_of",
    "budgets_over",
    "get_budget",
    "list_budgets",
    "live_budgets",
    "lock_budgets",
    "plan_of",
    "scopes_of",
    "transfer_rows",
    "transfers_of",
    "use_by_day",
]
