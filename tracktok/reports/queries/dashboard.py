"""What the dashboard shows. It reads the totals that the books keep by day, never the expenses of a range.

Members see their own spending, which is read from their own expenses by the index of persons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam, func, select

from tracktok.budgets.queries import live_budgets
from tracktok.budgets.services import Standing, figures_for
from tracktok.core import clock
from tracktok.core.context import Actor, preferences
from tracktok.core.db import db
from tracktok.core.permissions import current_actor
from tracktok.core.prepared import Prepared
from tracktok.expenses.models import Category, Expense, Project
from tracktok.expenses.queries.expense_list import list_expenses
from tracktok.expenses.schemas.expenses import ExpenseQuery
from tracktok.ledger.models import BookType, Dimension
from tracktok.ledger.queries import compare_by_id, totals_by_day
from tracktok.reports.rules.figures import (
    NOTHING,
    Figure,
    Item,
    Node,
    Sum,
    TrendPoint,
    biggest_change,
    breakdown,
    trend,
)
from tracktok.reports.rules.ranges import Preset, Range, custom_range, preset_range

ZERO = Decimal(0)
RECENT = 8
MOST_BUDGETS = 6
Days = Mapping[tuple[bool, date], tuple[Decimal, int]]
Unpaid = Mapping[tuple[bool, date], Decimal]
Sums = Mapping[UUID, Sum]
Read = tuple[Days, Unpaid, Sums, Sums]
"""What was spent by day, what of it is unpaid, and the sums by category and by project."""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything that the dashboard shows of a range. Amounts are in the tenant's currency."""

    range: Range
    currency: str
    total: Figure
    spent: Figure
    committed: Figure
    count: Figure
    average: Figure
    trend: Sequence[TrendPoint]
    categories: Sequence[Item]
    projects: Sequence[Item]
    change: Item | None
    budgets: Sequence[Standing]
    recent: Sequence[Any]
    is_own: bool
    """Whether the figures are those of the actor's own expenses."""


_CATEGORIES = Prepared(select(Category.id, Category.name, Category.parent_id, Category.color))
_PROJECTS = Prepared(select(Project.id, Project.name))
_UNPAID = Prepared(
    select(Expense.expense_date, func.sum(Expense.base_amount).label("total"))
    .where(
        Expense.deleted_at.is_(None),
        Expense.status == "approved",
        Expense.status != "paid",
        Expense.expense_date.between(bindparam("start", type_=Date), bindparam("end", type_=Date)),
    )
    .group_by(Expense.expense_date)
)
_OWN = (
    select(
        Expense.expense_date,
        Expense.category_id,
        Expense.project_id,
        Expense.status,
        func.sum(Expense.base_amount).label("total"),
        func.count().label("items"),
    )
    .where(
        Expense.deleted_at.is_(None),
        Expense.status != "draft",
        Expense.person_id == bindparam("person", type_=Uuid()),
        Expense.expense_date.between(bindparam("start", type_=Date), bindparam("end", type_=Date)),
    )
    .group_by(Expense.expense_date, Expense.category_id, Expense.project_id, Expense.status)
)


def read_range(preset: str | None, start: date | None, end: date | None) -> Range:
    """The range that an address names: days, a preset, or this month. Raises ValueError with words for a person."""
    settings = preferences()
    today = clock.today(settings.timezone)
    if start is not None and end is not None:
        return custom_range(start, end, today)
    chosen = Preset(preset) if preset in set(Preset) else Preset.this_month
    return preset_range(chosen, today, settings.fiscal_year_start_month)


def load_dashboard(wanted: Range, who: Actor | None = None) -> Dashboard:
    """The figures of a range for an actor: the company's, or their own."""
    who = who or current_actor()
    own = not who.may("expenses.read_all")
    read = _own(wanted, who) if own else _all(wanted)
    recent = list_expenses(ExpenseQuery(limit=RECENT)).rows
    return _put_together(wanted, read, _budgets(who), recent, own=own)


def load_company(wanted: Range) -> Dashboard:
    """The figures of a range for the whole company, without budgets and recent expenses."""
    return _put_together(wanted, _all(wanted), [], [], own=False)


def _put_together(
    wanted: Range, read: Read, budgets: Sequence[Standing], recent: Sequence[Any], *, own: bool
) -> Dashboard:
    days, unpaid, categories, projects = read
    total, count = _sums(days)
    committed = Figure(
        sum((amount for (is_now, _), amount in unpaid.items() if is_now), ZERO),
        sum((amount for (is_now, _), amount in unpaid.items() if not is_now), ZERO),
    )
    nodes = [Node(row.id, row.name, row.parent_id, row.color) for row in _CATEGORIES.fetch({})]
    by_category = breakdown(categories, nodes, nothing="Uncategorised")
    by_project = breakdown(projects, [Node(row.id, row.name) for row in _PROJECTS.fetch({})], nothing="No project")
    return Dashboard(
        range=wanted,
        currency=preferences().currency,
        total=total,
        spent=Figure(total.value - committed.value, total.before - committed.before),
        committed=committed,
        count=count,
        average=Figure(total.value / wanted.elapsed_days, total.before / wanted.before.days),
        trend=trend(wanted.span, wanted.before, wanted.step, days),
        categories=by_category,
        projects=by_project,
        change=biggest_change(by_category),
        budgets=budgets,
        recent=recent,
        is_own=own,
    )


def _sides(wanted: Range, day: date) -> list[bool]:
    """Whether a day is of the present span, of the one before, or of both."""
    return [is_now for is_now, span in ((True, wanted.span), (False, wanted.before)) if day in span]


def _all(wanted: Range) -> Read:
    first, last = min(wanted.before.start, wanted.span.start), max(wanted.before.end, wanted.span.end)
    days: dict[tuple[bool, date], tuple[Decimal, int]] = {}
    for row in totals_by_day(BookType.expense, Dimension.all, first, last):
        if row.day is not None:
            for is_now in _sides(wanted, row.day):
                days[is_now, row.day] = (row.base_amount, row.items)
    unpaid = {
        (is_now, row.expense_date): row.total
        for row in _UNPAID.fetch({"start": first, "end": last})
        for is_now in _sides(wanted, row.expense_date)
    }
    return days, unpaid, _compared(Dimension.category, wanted), _compared(Dimension.project, wanted)


def _compared(dimension: Dimension, wanted: Range) -> Sums:
    rows = compare_by_id(
        BookType.expense, dimension, (wanted.span.start, wanted.span.end), (wanted.before.start, wanted.before.end)
    )
    return {row.dimension_id: Sum(row.base_amount, row.base_before, row.items, row.items_before) for row in rows}


def _own(wanted: Range, who: Actor) -> Read:
    first, last = min(wanted.before.start, wanted.span.start), max(wanted.before.end, wanted.span.end)
    days: dict[tuple[bool, date], tuple[Decimal, int]] = {}
    unpaid: dict[tuple[bool, date], Decimal] = {}
    categories: dict[UUID, Sum] = {}
    projects: dict[UUID, Sum] = {}
    for row in db.session.execute(_OWN, {"person": who.person_id, "start": first, "end": last}):
        for is_now in _sides(wanted, row.expense_date):
            key = (is_now, row.expense_date)
            old = days.get(key, (ZERO, 0))
            days[key] = (old[0] + row.total, old[1] + row.items)
            if row.status == "approved":
                unpaid[key] = unpaid.get(key, ZERO) + row.total
            one = Sum(row.total, ZERO, row.items, 0) if is_now else Sum(ZERO, row.total, 0, row.items)
            for sums, name in ((categories, row.category_id), (projects, row.project_id)):
                sums[name or NOTHING] = sums.get(name or NOTHING, Sum()) + one
    return days, unpaid, categories, projects


def _sums(days: Days) -> tuple[Figure, Figure]:
    amounts, counts = [ZERO, ZERO], [0, 0]
    for (is_now, _), (amount, items) in days.items():
        at = 0 if is_now else 1
        amounts[at] += amount
        counts[at] += items
    return Figure(*amounts), Figure(Decimal(counts[0]), Decimal(counts[1]))


def _budgets(who: Actor) -> list[Standing]:
    """The budgets that are fullest, of those with a present period."""
    if not who.may("budgets.read"):
        return []
    standings = [one for one in figures_for(live_budgets()).values() if one.figures is not None]
    standings.sort(key=lambda one: (-(one.figures.percent or ZERO) if one.figures else ZERO, one.budget.name))
    return standings[:MOST_BUDGETS]
