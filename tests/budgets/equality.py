"""What must always hold of budgets: their figures are what their rules make of the expenses themselves."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from tracktok.budgets import queries, rules, services
from tracktok.core.db import db
from tracktok.expenses.models import Expense, ExpenseTag


def check_budgets_equal_rows(today: date) -> None:
    """Assert that the figures of each budget, now and in each period before, are what the tenant's rows come to."""
    tagged = defaultdict(set)
    for row in db.session.execute(select(ExpenseTag.expense_id, ExpenseTag.tag_id)):
        tagged[row.expense_id].add(row.tag_id)
    rows = db.session.execute(
        select(Expense).where(Expense.deleted_at.is_(None), Expense.status != "draft")
    ).scalars().all()  # fmt: skip
    budgets = queries.live_budgets()
    scopes = queries.scopes_of(budgets)
    found = services.figures_for(budgets)
    for budget in budgets:
        days: dict[date, rules.Use] = {}
        for row in rows:
            if scopes[budget.id].holds(row.category_id, row.project_id, row.account_id, tagged[row.id]):
                paid = row.status == "paid"
                use = rules.Use(row.base_amount if paid else Decimal(0), Decimal(0) if paid else row.base_amount)
                days[row.expense_date] = days.get(row.expense_date, rules.Use()) + use
        plan = queries.plan_of(budget)
        period = rules.slice_at(plan, today)
        expected = rules.figures_of(plan, period, days, {}, budget.alert_thresholds, today)
        assert found[budget.id].figures == expected
        history, _ = services.history_of(budget, limit=60)
        for at, one in enumerate(history):
            its = rules.slice_number(plan, period.number - at)
            assert one == rules.figures_of(plan, its, days, {}, budget.alert_thresholds, today)
