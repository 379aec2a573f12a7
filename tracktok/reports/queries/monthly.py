"""What the monthly report tells of a month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select

from tracktok.budgets.queries import live_budgets
from tracktok.budgets.services import Standing, figures_for
from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.tenancy import TENANT
from tracktok.expenses.models import Category, Expense
from tracktok.ledger.models import BookType, Dimension
from tracktok.ledger.queries import sum_total
from tracktok.reports.rules.figures import Figure
from tracktok.reports.rules.ranges import custom_range, month_span, shift_months

from .dashboard import Dashboard, load_company

BIGGEST = 8


@dataclass(frozen=True, slots=True)
class Month:
    """The figures of a month: the dashboard's, the same month a year before, its budgets and its biggest expenses."""

    month: date
    board: Dashboard
    year_before: Figure
    budgets: Sequence[Standing]
    biggest: Sequence[Any]


_BIGGEST = (
    select(Expense.title, Expense.merchant, Expense.expense_date, Expense.base_amount, Category.name.label("category"))
    .outerjoin(Category, (Category.tenant_id == Expense.tenant_id) & (Category.id == Expense.category_id))
    .where(
        Expense.tenant_id == TENANT,
        Expense.deleted_at.is_(None),
        Expense.status != "draft",
        Expense.expense_date.between(bindparam("start"), bindparam("end")),
    )
    .order_by(Expense.base_amount.desc(), Expense.id.desc())
    .limit(BIGGEST)
)


def load_month(month: date) -> Month:
    """The figures of the month that a day lies in, for the whole company."""
    span = month_span(month)
    today = clock.today(preferences().timezone)
    board = load_company(custom_range(span.start, span.end, today))
    earlier = month_span(shift_months(span.start, -12))
    before = sum_total(BookType.expense, Dimension.all, earlier.start, earlier.end).base_amount
    standings = [one for one in figures_for(live_budgets(), min(span.end, today)).values() if one.figures is not None]
    standings.sort(key=lambda one: one.budget.name.casefold())
    return Month(
        month=span.start,
        board=board,
        year_before=Figure(board.total.value, before or Decimal(0)),
        budgets=standings,
        biggest=db.session.execute(_BIGGEST, {"start": span.start, "end": span.end}).all(),
    )
