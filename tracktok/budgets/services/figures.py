"""Where budgets stand: their plans, scopes, use and transfers put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from tracktok.budgets import queries, rules
from tracktok.budgets.queries import Scope, Span
from tracktok.budgets.schemas import BudgetIn
from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.errors import NotFound
from tracktok.core.ids import NIL

LONGEST_HISTORY = 60
HIGHEST_NUMBER = 20_000


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget's row with one of its periods; `figures` is None outside its life."""

    budget: Any
    figures: rules.Figures | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The scope of a budget that has no row yet."""

    id: UUID
    category_id: UUID | None
    project_id: UUID | None
    account_id: UUID | None
    tag_id: UUID | None


@dataclass(frozen=True, slots=True)
class Look:
    """One period of a budget, closely: its figures, its course, and what its limit is made of."""

    period: rules.Slice
    figures: rules.Figures
    course: list[rules.Point]
    brought: Decimal
    transferred: Decimal
    is_present: bool


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


def look_at(budget: Any, number: int | None = None) -> Look:
    """A period of a budget by its number; without one the present, or the first or last where there is none.

    Raises NotFound for a period that the budget has not.
    """
    plan, now = queries.plan_of(budget), today()
    last = rules.slice_at(plan, budget.end_date) if budget.end_date else None
    if number is None:
        day = max(budget.start_date, min(now, budget.end_date or now))
        period = rules.slice_at(plan, day) or rules.slice_number(plan, 0)
    elif number < 0 or number > (last.number if last else HIGHEST_NUMBER):
        raise NotFound("The budget has no such period.")
    else:
        period = rules.slice_number(plan, number)
    (days,) = queries.use_by_day([span_of(plan, queries.scopes_of([budget])[budget.id], period)])
    moved = queries.transfers_of([budget.id]).get(budget.id, {})
    figures = rules.figures_of(plan, period, days, moved, budget.alert_thresholds, now)
    transferred = moved.get(period.start, rules.ZERO)
    brought = figures.limit - budget.amount - transferred
    return Look(period, figures, rules.course_of(period, days, now), brought, transferred, now in period)


def preview(body: BudgetIn) -> Look:
    """The present period of a budget that is not made yet (or is being changed): nothing is carried or transferred."""
    plan = rules.Plan(body.period, body.start_date, body.amount, body.end_date, body.period_days)
    now = today()
    day = max(body.start_date, min(now, max(body.end_date or now, body.start_date)))
    period = rules.slice_at(plan, day) or rules.slice_number(plan, 0)
    scope = queries.scopes_of([Wanted(NIL, body.category_id, body.project_id, body.account_id, body.tag_id)])[NIL]
    (days,) = queries.use_by_day([Span(scope, period.start, period.end)])
    figures = rules.figures_of(plan, period, days, {}, body.thresholds, now)
    return Look(period, figures, rules.course_of(period, days, now), rules.ZERO, rules.ZERO, now in period)


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
