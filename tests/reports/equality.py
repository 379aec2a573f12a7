"""What must always hold of the dashboard: it shows what the rows of its range come to, to the last minor unit."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from tracktok.core.db import db
from tracktok.expenses.models import Category, Expense
from tracktok.reports.queries.dashboard import load_dashboard, read_range

Sums = dict[UUID | None, tuple[Decimal, int]]


def _sum(rows: list[tuple[UUID | None, Decimal]]) -> Sums:
    found: Sums = defaultdict(lambda: (Decimal(0), 0))
    for one, amount in rows:
        total, items = found[one]
        found[one] = (total + amount, items + 1)
    return dict(found)


def check_dashboard_equals_rows(start: date, end: date) -> None:
    """Assert that the totals, the trend, and the sums by category (with those below it) and project are the rows'."""
    rows = db.session.execute(
        select(Expense).where(
            Expense.deleted_at.is_(None), Expense.status != "draft", Expense.expense_date.between(start, end)
        )
    ).scalars().all()  # fmt: skip
    board = load_dashboard(read_range(None, start, end))
    total = sum((row.base_amount for row in rows), Decimal(0))
    paid = sum((row.base_amount for row in rows if row.status == "paid"), Decimal(0))
    assert (board.total.value, board.spent.value, board.committed.value) == (total, paid, total - paid)
    assert board.count.value == len(rows)
    assert sum((point.value for point in board.trend), Decimal(0)) == total
    assert sum(point.items for point in board.trend) == len(rows)
    for point in board.trend:
        within = [row for row in rows if point.span.start <= row.expense_date <= point.span.end]
        assert (point.value, point.items) == (sum((row.base_amount for row in within), Decimal(0)), len(within))
    above = {row.id: row.parent_id for row in db.session.execute(select(Category.id, Category.parent_id))}
    held: list[tuple[UUID | None, Decimal]] = []
    for row in rows:
        at = row.category_id
        held.append((at, row.base_amount))
        while (at := above.get(at)) is not None:
            held.append((at, row.base_amount))
    assert {one.id: (one.figure.value, one.items) for one in board.categories if one.items} == _sum(held)
    of_projects = _sum([(row.project_id, row.base_amount) for row in rows])
    assert {one.id: (one.figure.value, one.items) for one in board.projects if one.items} == of_projects
