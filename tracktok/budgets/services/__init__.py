"""Every write of budgets, and the figures that need several reads together."""

from .changing import (
    DAYS_IN_BIN,
    BudgetNameTaken,
    change_budget,
    create_budget,
    delete_budget,
    patch_budget,
    restore_budget,
    snooze_budget,
    transfer,
)
from .figures import Look, Standing, figures_for, history_of, look_at, preview, today
from .looking import KIND, LOOK, begin_look, look_after_import, look_soon
from .watching import BudgetExceeded, check_all, raise_alerts, watch_posted, watch_posting

__all__ = [
    "DAYS_IN_BIN",
    "KIND",
    "LOOK",
    "BudgetExceeded",
    "BudgetNameTaken",
    "Look",
    "Standing",
    "begin_look",
    "change_budget",
    "check_all",
    "create_budget",
    "delete_budget",
    "figures_for",
    "history_of",
    "look_after_import",
    "look_at",
    "look_soon",
    "patch_budget",
    "preview",
    "raise_alerts",
    "restore_budget",
    "snooze_budget",
    "today",
    "transfer",
    "watch_posted",
    "watch_posting",
]
