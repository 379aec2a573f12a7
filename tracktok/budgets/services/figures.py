"""Where budgets stand: their plans, scopes, use and transfers put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tracktok.budgets import queries, rules
from tracktok.budgets.queries import Scope, Span
from tracktok.core import clock
from tracktok.core.context import preferences

LONGEST_HISTORY = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget's row with one of its periods; `figures` is None outside its life."""

    budget: Any
    figures: rules.Figures | None


def today() -> date:
    """The day it is for the tenant."""
    return clock.today(preferences().timezone)


def span_of(plan: rules.Plan, scope: Scope, period: rules.Slice) -> Span:
    """What must be known for a period's figures: its days, and the sums of those before it where things roll over."""
    return Span(scope, period.start, period.end, rules.earlier_of_interest(plan, period))


def figures_for(budgets: Iterable[Any], day: date | None = None) -> dict[UUID, Standing]:
    """Where budgets stand on a day (today), by their ids. A handful of queries, however many budgets."""
    rows = list(budgets)
    now, at = today(), day or today()
    scopes = queries.scopes_of(rows)
    plans = {row.id: queries.plan_of(row) for row in rows}
    slices = {row.id: rules.slice_at(plans[row.id], at) for row in rows}
    asked = [row for row in rows if slices[row.id] is not None]
    spans = [span_of(plans[row.id], scopes[row.id], period) for row in asked if (period := slices[row.id]) is not None]
    used = queries.use_by_day(spans)
    moved = queries.transfers_of(row.id for row in asked) if asked else {}
    standings = {row.id: Standing(row, None) for row in rows}
    for row, days in zip(asked, used, strict=True):
        period = slices[row.id]
        if period is not None:
            figures = rules.figures_of(plans[row.id], period, days, moved.get(row.id, {}), row.alert_thresholds, now)
            standings[row.id] = Standing(row, figures)
    return standings


def history_of(budget: Any, *, before: int | None = None, limit: int = 12) -> tuple[list[rules.Figures], int | None]:
    """The periods of a budget, latest first, from the present one (or from number `before` - 1) back.

    Returns them with the number to go on from, or None when the first period is among them.
    """
    plan = queries.plan_of(budget)
    now = today()
    if before is None:
        last_day = now if budget.end_date is None else min(now, budget.end_date)
        current = rules.slice_at(plan, max(last_day, plan.start_date))
        newest = current.number if current else 0
    else:
        newest = before - 1
    oldest = max(0, newest - min(limit, LONGEST_HISTORY) + 1)
    if newest < 0:
        return [], None
    top = rules.slice_number(plan, newest)
    bottom = rules.slice_number(plan, oldest)
    scope = queries.scopes_of([budget])[budget.id]
    (days,) = queries.use_by_day([Span(scope, bottom.start, top.end, rules.earlier_of_interest(plan, bottom))])
    moved = queries.transfers_of([budget.id]).get(budget.id, {})
    found = [
        rules.figures_of(plan, rules.slice_number(plan, number), days, moved, budget.alert_thresholds, now)
        for number in range(newest, oldest - 1, -1)
    ]
    return found, oldest if oldest > 0 else None
