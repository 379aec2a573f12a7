"""Any sequence of changes, imports among them, leaves books, balances, budgets and dashboard equal to the rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.budgets.equality import check_budgets_equal_rows
from tests.expenses.equality import check_books_equal_rows
from tests.factories.budgets import make_budget
from tests.factories.expenses import make_account, make_category, make_project, make_rates
from tests.factories.imports import begin, run_job
from tests.factories.tenants import Company, make_company
from tests.reports.equality import check_dashboard_equals_rows
from tracktok.core.db import db
from tracktok.expenses.models import Expense
from tracktok.expenses.queries.categories import get_category
from tracktok.expenses.queries.expenses import get_expense
from tracktok.expenses.schemas.expenses import BulkIn, ExpenseIn, ExpensePatch
from tracktok.expenses.services import bulk, categories, expenses

TODAY = date(2026, 11, 21)
DAYS = [date(2024, 2, 29), date(2025, 12, 31), date(2026, 11, 1), TODAY]
# fmt: off
AMOUNTS = {
    "INR": ["1.00", "-250.75", "0.01", "99999999.99"],
    "USD": ["10.00", "-3.33", "0.07"],
    "JPY": ["1500", "-7"],
    "KWD": ["1.005", "250.125"],
}
# fmt: on
STATUSES = ["draft", "approved", "paid"]
money = st.sampled_from([(currency, amount) for currency, amounts in AMOUNTS.items() for amount in amounts])
day = st.sampled_from(DAYS)
pick = st.integers(0, 7)
# A file: rows of (money, day, category, account), of which some are sent twice.
rows = st.lists(st.tuples(money, day, pick, pick), min_size=1, max_size=4)
import_file = st.tuples(
    st.just("import_file"), rows, st.integers(0, 2), st.sampled_from(["skip", "import"]), st.sampled_from(STATUSES[1:])
)
undo_import = st.tuples(st.just("undo_import"), pick)
commit_again = st.tuples(st.just("commit_again"), pick)
step = st.one_of(
    st.tuples(st.just("create"), money, day, pick, pick, pick, st.sampled_from(STATUSES)),
    import_file,
    st.tuples(st.just("edit"), pick, money, day, pick, pick, pick),
    st.tuples(st.just("status"), pick, st.sampled_from(STATUSES)),
    st.tuples(st.just("delete"), pick),
    st.tuples(st.just("restore"), pick),
    undo_import,
    commit_again,
    st.tuples(
        st.just("bulk"), st.sampled_from(["set_category", "set_account", "set_project", "delete", "restore"]), pick
    ),
    st.tuples(st.just("recategorise"), pick, pick),
)
# What an import is for: rows of it are changed, then it is taken back, then things are brought back.
story = st.tuples(
    st.lists(step, max_size=3), import_file, st.lists(step, max_size=5), undo_import,
    st.lists(st.one_of(st.tuples(st.just("restore"), pick), commit_again, step), max_size=4),
).map(lambda parts: [*parts[0], parts[1], *parts[2], parts[3], *parts[4]])  # fmt: skip


@pytest.mark.slow
@pytest.mark.integration
@pytest.mark.timeout(600)
def test_any_sequence_leaves_everything_equal_to_the_rows(app_context):
    taken: set[str] = set()

    @settings(
        max_examples=16,
        deadline=None,
        # A story is short as it is, and each takes a company of its own: to look for a shorter one takes minutes.
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        derandomize=True,
    )
    @given(story)
    def run(steps):
        with time_machine.travel("2026-11-21T06:30:00Z", tick=False):
            world = World(make_company())
            for name, *arguments in steps:
                if world.take(name, arguments):
                    taken.add(name)
                world.check()

    run()
    assert taken == {
        "create", "import_file", "edit", "status", "delete", "restore", "undo_import", "commit_again", "bulk",
        "recategorise",
    }, "each step could be taken at some time"  # fmt: skip


class World:
    """A company with something to refer to, and the steps that may be taken; each returns whether it did anything."""

    def __init__(self, company: Company) -> None:
        self.company, self.api = company, company.owner.api()
        self.imports: list[dict[str, Any]] = []
        with company.owner.acting():
            for one in DAYS:
                make_rates(one, INR="90.10", USD="1.0832", JPY="163.05", KWD="0.33215")
            self.accounts = [
                None,
                make_account(name="Rupees", opening_balance="1000.00").id,
                make_account(name="Dollars", currency="USD").id,
                make_account(name="Yen", currency="JPY", type="card").id,
            ]
            top = make_category(name="Top")
            self.categories = [None, top.id, make_category(name="Below", parent_id=top.id).id, make_category().id]
            self.projects = [None, make_project().id]
            scopes = [
                {},
                {"category_id": top.id},
                {"project_id": self.projects[1]},
                {"account_id": self.accounts[2]},
                {"category_id": self.categories[2], "account_id": self.accounts[1]},
            ]
            for number, scope in enumerate(scopes):
                make_budget(
                    period=["monthly", "quarterly", "yearly"][number % 3], rollover=["off", "both", "on"][number % 3],
                    start_date=date(2024, 2, 1), alert_enabled=False, **scope,
                )  # fmt: skip

    def take(self, name: str, arguments: list[Any]) -> bool:
        """One step: imports through the API and a job, all others through the services."""
        if name in {"import_file", "undo_import", "commit_again"}:
            return getattr(self, name)(*arguments)
        with self.company.owner.acting():
            return getattr(self, name)(*arguments)

    def check(self) -> None:
        """Hold everything that is kept or summed against the rows."""
        with self.company.owner.acting():
            check_books_equal_rows()
            check_budgets_equal_rows(TODAY)
            check_dashboard_equals_rows(date(2024, 1, 1), date(2026, 12, 31))
            check_dashboard_equals_rows(date(2026, 11, 1), date(2026, 11, 30))

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
        return True

    def edit(self, which, money, day, category, project, account):
        if (one := self._one(which, deleted=False)) is None:
            return False
        currency, amount = money
        changes = {"amount": amount, "currency": currency, "expense_date": day.isoformat()}
        expenses.patch_expense(
            one, ExpensePatch.model_validate({**changes, **self._fields(category, project, account)})
        )
        return True

    def status(self, which, wanted):
        if (one := self._one(which, deleted=False)) is None:
            return False
        expenses.patch_expense(one, ExpensePatch(status=wanted))
        return True

    def delete(self, which):
        if (one := self._one(which, deleted=False)) is None:
            return False
        expenses.delete_expense(one)
        return True

    def restore(self, which):
        if (one := self._one(which, deleted=True)) is None:
            return False
        expenses.restore_expense(one)
        return True

    def bulk(self, action, which):
        deleted = action == "restore"
        one = self._one(which, deleted=deleted)
        other = self._one(which + 1, deleted=deleted)
        if one is None or other is None:
            return False
        fields = self._fields(which, which, which)
        field = action.replace("set_", "") + "_id"
        extra = {field: fields[field]} if field in fields else {}
        bulk.change_many(BulkIn.model_validate({"action": action, "ids": [one.id, other.id], **extra}))
        return True

    def recategorise(self, source, target):
        top, *others = [one for one in self.categories if one is not None]
        if not others:
            return False
        going = others[source % len(others)]
        into = next(one for one in (*others[target % len(others) :], top) if one != going)
        categories.delete_category(get_category(going, for_update=True), into)
        self.categories.remove(going)
        return True

    def import_file(self, rows, repeated, duplicates, status):
        names = {None: "", **{one: name for one, name in zip(self.accounts, ["", "Rupees", "Dollars", "Yen"]) if one}}  # noqa: B905
        lines = []
        for (currency, amount), day, category, account in [*rows, *rows[:repeated]]:
            into = ["", "Top", "Top > Below", "Of the file"][category % 4]
            lines.append(f"{day},Step,{amount},{currency},{into},{names[self.accounts[account % 4]]}")
        content = "Date,Title,Amount,Currency,Category,Account\n" + "\n".join(lines) + "\n"
        found = begin(self.api, content, duplicates=duplicates, status=status, sign="positive", decimal=".")
        assert found["skipped"] == 0
        assert found["invalid"] == 0, found["errors"]
        assert found["valid"] + (found["duplicates"] if duplicates == "skip" else 0) == len(lines)
        self.imports.append(found)
        if found["valid"] == 0:
            assert self.api.post(f"/imports/{found['id']}/commit").status_code == 409
            return False
        return self._do(found, "commit", "committed")

    def undo_import(self, which):
        return self._on_import(which, "committed", "undo", "undone")

    def commit_again(self, which):
        return self._on_import(which, "undone", "commit", "committed")

    def _on_import(self, which: int, status: str, what: str, after: str) -> bool:
        fitting = [one for one in self.imports if self._import(one)["status"] == status]
        return bool(fitting) and self._do(fitting[which % len(fitting)], what, after)

    def _import(self, found: dict[str, Any]) -> dict[str, Any]:
        return self.api.get(f"/imports/{found['id']}").json

    def _do(self, found: dict[str, Any], what: str, status: str) -> bool:
        """Commit or undo by the job; what it says it wrote is what is there."""
        before = self._count(found)
        asked = self.api.post(f"/imports/{found['id']}/{what}")
        assert asked.status_code == 202, asked.json
        run_job(self.company, asked.json["id"])
        job = self.api.get(f"/jobs/{asked.json['id']}").json
        assert job["status"] == "done", job
        after = self._import(found)
        assert after["status"] == status
        if what == "undo":
            assert self._count(found) == 0, "nothing of it is left but in the bin"
        else:
            assert self._count(found) == before + after["committed_rows"]
            kept = job["result"]
            assert kept["written"] + kept["duplicates_meanwhile"] == after["valid"]
        return True

    def _count(self, found: dict[str, Any]) -> int:
        with self.company.owner.acting():
            statement = select(func.count()).where(Expense.import_id == found["id"], Expense.deleted_at.is_(None))
            return db.session.execute(statement).scalar_one()
