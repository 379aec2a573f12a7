"""Any sequence of changes leaves the figures of every kind of budget equal to what the rows add up to."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from tests.budgets.equality import check_budgets_equal_rows
from tests.factories.budgets import make_budget
from tests.factories.expenses import make_account, make_category, make_expense, make_project, make_rates, make_tag
from tests.factories.tenants import Company, make_company
from tracktok.budgets import queries, services
from tracktok.core.db import db
from tracktok.expenses.models import Expense
from tracktok.expenses.queries.expenses import get_expense
from tracktok.expenses.schemas.expenses import ExpensePatch
from tracktok.expenses.services import expenses

TODAY = date(2026, 11, 21)
DAYS = [date(2026, 7, 31), date(2026, 9, 30), date(2026, 11, 1), date(2026, 11, 20), TODAY, date(2026, 11, 30)]
AMOUNTS = [("INR", "400.00"), ("INR", "-150.25"), ("INR", "999.99"), ("USD", "3.33"), ("INR", "0.01")]
pick = st.integers(0, 5)
fields = st.tuples(st.sampled_from(AMOUNTS), st.sampled_from(DAYS), pick, pick, pick, pick, pick)
step = st.one_of(
    st.tuples(st.just("create"), fields),
    st.tuples(st.just("edit"), pick, fields),
    st.tuples(st.just("delete"), pick),
    st.tuples(st.just("restore"), pick),
)


class World:
    """A company with a budget of every kind, and the changes that may be made."""

    def __init__(self, company: Company) -> None:
        with company.owner.acting():
            for day in DAYS:
                make_rates(day, INR="90.10", USD="1.0832")
            top = make_category().id
            below = make_category(parent_id=top).id
            self.categories = [None, top, below, make_category().id]
            self.projects, self.accounts = [None, make_project().id], [None, make_account().id]
            self.tag = make_tag(name="night").id
        scopes = [
            {},
            {"category_id": top},
            {"category_id": below},
            {"project_id": self.projects[1]},
            {"account_id": self.accounts[1]},
            {"tag_id": self.tag},
            {"category_id": top, "project_id": self.projects[1]},
            {"category_id": top, "account_id": self.accounts[1], "tag_id": self.tag},
        ]
        plans = [("monthly", "off"), ("monthly", "both"), ("weekly", "on"), ("custom", "both")]
        with company.owner.acting():
            for number, scope in enumerate(scopes):
                for at in (number, number + 1):
                    period, rollover = plans[at % len(plans)]
                    days = 5 if period == "custom" else None
                    make_budget(
                        period=period, rollover=rollover, period_days=days, start_date=date(2026, 7, 31),
                        alert_enabled=False, **scope,
                    )  # fmt: skip

    def values(self, given):
        (currency, amount), day, category, project, account, tagged, status = given
        return {
            "amount": amount,
            "currency": currency,
            "expense_date": day,
            "category_id": self.categories[category % 4],
            "project_id": self.projects[project % 2],
            "account_id": self.accounts[account % 2],
            "tags": ["night"] if tagged % 2 else [],
            "status": ["paid", "approved", "draft"][status % 3],
        }

    def create(self, given):
        make_expense(**self.values(given))

    def _one(self, which, *, deleted):
        live = Expense.deleted_at.is_not(None) if deleted else Expense.deleted_at.is_(None)
        ids = db.session.execute(select(Expense.id).where(live).order_by(Expense.id)).scalars().all()
        return get_expense(ids[which % len(ids)], deleted=deleted) if ids else None

    def edit(self, which, given):
        if (one := self._one(which, deleted=False)) is not None:
            expenses.patch_expense(one, ExpensePatch(**self.values(given)))

    def delete(self, which):
        if (one := self._one(which, deleted=False)) is not None:
            expenses.delete_expense(one)

    def restore(self, which):
        if (one := self._one(which, deleted=True)) is not None:
            expenses.restore_expense(one)


@pytest.mark.slow
@pytest.mark.integration
def test_any_sequence_leaves_the_figures_equal_to_the_rows(app_context):
    @settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.lists(step, min_size=4, max_size=10))
    def run(steps):
        with time_machine.travel("2026-11-21T06:30:00Z", tick=False):
            company = make_company()
            world = World(company)
            for name, *arguments in steps:
                with company.owner.acting():
                    getattr(world, name)(*arguments)
            with company.owner.acting():
                check_budgets_equal_rows(TODAY)

    run()


@pytest.fixture
def count_queries(app_context):
    """The statements that were sent since the last `clear()`."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)


def test_a_hundred_budgets_take_as_many_queries_as_ten(company: Company, count_queries):
    with company.owner.acting():
        category, tag = make_category().id, make_tag().id
        projects = [make_project().id for _ in range(10)]
    counts = []
    for many in (10, 90):
        with company.owner.acting():
            for number in range(many):
                scope = [{}, {"category_id": category}, {"project_id": projects[number % 10]}, {"tag_id": tag},
                         {"category_id": category, "project_id": projects[number % 10]}][number % 5]  # fmt: skip
                make_budget(rollover=["off", "on", "both"][number % 3], **scope)
        with company.owner.acting():
            rows = queries.live_budgets()
            count_queries.clear()
            services.figures_for(rows)
            counts.append(len(count_queries))
    assert counts[0] == counts[1] <= 8


def test_an_expense_that_no_budget_counts_costs_one_query(company: Company, count_queries):
    from tests.budgets.contributions import change

    with company.owner.acting():
        for _ in range(20):
            make_budget(project_id=make_project().id)
        make_budget(end_date=date(2026, 6, 30))
    with company.owner.acting():
        count_queries.clear()
        assert services.watch_posting([change()]) == []
        assert len([one for one in count_queries if "budgets" in one]) == 1
        assert len([one for one in count_queries if "set_config" not in one]) == 1
