"""What pages say of budgets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from tracktok.budgets.rules import Enforcement, Figures, Period, Rollover, Slice, near_mark
from tracktok.web.filters import format_day

PERIODS = [
    (Period.weekly.value, "Weekly"),
    (Period.monthly.value, "Monthly"),
    (Period.quarterly.value, "Quarterly"),
    (Period.yearly.value, "Yearly"),
    (Period.custom.value, "Every so many days"),
]
ROLLOVERS = [
    (Rollover.off.value, "Begins anew", "Each period has the amount, no more and no less"),
    (Rollover.on.value, "What is left goes over", "It is added to the next period"),
    (Rollover.both.value, "What is left or overspent goes over", "Overspending is taken from the next period"),
]
ENFORCEMENTS = [
    (Enforcement.off.value, "Nothing", "It is only counted"),
    (Enforcement.warn.value, "Warn", "The expense is recorded, and whoever records it is told"),
    (Enforcement.block.value, "Refuse", "The expense is not recorded"),
]
STATES = {"ok": ("On track", "green"), "near": ("Near its limit", "amber"), "over": ("Over budget", "red")}


def period_words(budget: Any) -> str:
    """How often: "Monthly", "Every 10 days"."""
    if budget.period == Period.custom:
        days = budget.period_days or 1
        return f"Every {days} days" if days != 1 else "Daily"
    return Period(budget.period).label


def scope_words(named: Sequence[tuple[str, str]]) -> str:
    """What is counted, in one line."""
    return " · ".join(name for _, name in named) if named else "All spending"


def state_of(budget: Any, figures: Figures | None, today: date) -> tuple[str, str]:
    """(words, tone) of a budget's state."""
    if figures is not None:
        return STATES[figures.status]
    return ("Not begun", "grey") if today < budget.start_date else ("Ended", "grey")


def period_state(figures: Figures, today: date) -> tuple[str, str]:
    """(words, tone) of a period's state: one that has ended was kept, or not."""
    if figures.end < today:
        return ("Over budget", "red") if figures.status == "over" else ("Within budget", "green")
    return STATES[figures.status]


def breach_words(figures: Figures, today: date) -> str:
    """When the limit was, or will be, passed; empty when it will not be."""
    if figures.breach_date is None:
        return ""
    if figures.breach_date <= today:
        return f"Passed on {format_day(figures.breach_date)}"
    return f"Will be passed on {format_day(figures.breach_date)}"


def span_words(period: Slice | Figures) -> str:
    """From the first to the last day."""
    return f"{format_day(period.start)} to {format_day(period.end)}"


__all__ = [
    "ENFORCEMENTS",
    "PERIODS",
    "ROLLOVERS",
    "STATES",
    "breach_words",
    "near_mark",
    "period_state",
    "period_words",
    "scope_words",
    "span_words",
    "state_of",
]
