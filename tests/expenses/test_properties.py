"""Any sequence of changes leaves the books equal to the rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.expenses.equality import check_books_equal_rows
from tests.factories.expenses import make_account, make_category, make_project, make_rates
from tests.factories.tenants import Company, make_company
from tracktok.core.db import db
from tracktok.expenses.models import Expense
from tracktok.expenses.queries.categories import get_category
from tracktok.expenses.queries.expenses import get_expense
from tracktok.expenses.schemas.expenses import BulkIn, ExpenseIn, ExpensePatch
from tracktok.expenses.services import bulk, categories, expenses

DAYS = [date(2024, 2, 29), date(2025, 12, 31), date(2026, 1, 1), date(2026, 10, 31)]
# fmt: off
AMOUNTS = {
    "INR": ["1.00", "-250.75", "0.01", "99999999.99"],
    "USD": ["10.00", "-3.33", "0.07"],
    "JPY": ["1500", "-7"],
    "KWD": ["1.005", "250.125"],
}
# fmt: on
money = st.sampled_from([(currency, amount) for currency, amounts in AMOUNTS.items() for amount in amounts])
pick = st.integers(0, 7)
step = st.one_of(
    st.tuples(
        st.just("create"),
        money,
        st.sampled_from(DAYS),
        pick,
        pick,
        pick,
        st.sampled_from(["draft", "approved", "paid"]),
    ),
    st.tuples(st.just("edit"), pick, money, st.sampled_from(DAYS), pick, pick, pick),
    st.tuples(st.just("status"), pick, st.sampled_from(["draft", "approved", "paid"])),
    st.tuples(st.just("delete"), pick),
    st.tuples(st.just("restore"), pick),
    st.tuples(
        st.just("bulk"), st.sampled_from(["set_category", "set_account", "set_project", "delete", "restore"]), pick
    ),
    st.tuples(st.just("recategorise"), pick, pick),
)


@pytest.mark.slow
@pytest.mark.integration
def test_any_sequence_leaves_the_books_equal_to_the_rows(app_context):
    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        derandomize=True,
    )
    @given(st.lists(step, min_size=3, max_size=14))
    def run(steps):
        company = make_company()
        world = World(company)
        for name, *arguments in steps:
            with company.owner.acting():
                getattr(world, name)(*arguments)
        with company.owner.acting():
            check_books_equal_rows()

    run()


class World:
    """A company with something to refer to, and the steps that may be taken."""

    def __init__(self, company: Company) -> None:
        with company.owner.acting():
            for day in DAYS:
                make_rates(day, INR="90.10", USD="1.0832", JPY="163.05", KWD="0.33215")
            self.accounts = [
                None,
                make_account(opening_balance="1000.00").id,
                make_account(currency="USD").id,
                make_account(currency="JPY", type="card").id,
            ]
            top = make_category()
            self.categories = [None, top.id, make_category(parent_id=top.id).id, make_category().id]
            self.projects = [None, make_project().id]

    def _one(self, which: int, *, deleted: bool) -> Expense | None:
        live = Expense.deleted_at.is_not(None) if deleted else Expense.deleted_at.is_(None)
        ids = db.session.execute(select(Expense.id).where(live).order_by(Expense.id)).scalars().all()
        return get_expense(ids[which % len(ids)], deleted=deleted) if ids else None

    def _fields(self, category: int, project: int, account: int) -> dict[str, object]:
        return {
            "category_id": self.categories[category % len(self.categories)],
            "project_id": self.projects[project % len(self.projects)],
            "account_id": self.accounts[account % len(self.accounts)],
        }

    def create(self, money, day, category, project, account, status):
        currency, amount = money
        expenses.record_expense(
            ExpenseIn(
                amount=Decimal(amount),
                currency=currency,
                title="Step",
                expense_date=day,
                status=status,
                **self._fields(category, project, account),
            )
        )

    def edit(self, which, money, day, category, project, account):
        if (one := self._one(which, deleted=False)) is None:
            return
        currency, amount = money
        changes = {"amount": amount, "currency": currency, "expense_date": day.isoformat()}
        expenses.patch_expense(
            one, ExpensePatch.model_validate({**changes, **self._fields(category, project, account)})
        )

    def status(self, which, wanted):
        if (one := self._one(which, deleted=False)) is not None:
            expenses.patch_expense(one, ExpensePatch(status=wanted))

    def delete(self, which):
        if (one := self._one(which, deleted=False)) is not None:
            expenses.delete_expense(one)

    def restore(self, which):
        if (one := self._one(which, deleted=True)) is not None:
            expenses.restore_expense(one)

    def bulk(self, action, which):
        deleted = action == "restore"
        one = self._one(which, deleted=deleted)
        other = self._one(which + 1, deleted=deleted)
        if one is None or other is None:
            return
        fields = self._fields(which, which, which)
        field = action.replace("set_", "") + "_id"
        extra = {field: fields[field]} if field in fields else {}
        bulk.change_many(BulkIn.model_validate({"action": action, "ids": [one.id, other.id], **extra}))

    def recategorise(self, source, target):
        known = [one for one in self.categories if one is not None]
        if len(known) < 2:
            return
        going, into = known[source % len(known)], known[target % len(known)]
        if going == into or going == known[0]:
            return
        categories.delete_category(get_category(going, for_update=True), into)
        self.categories.remove(going)
