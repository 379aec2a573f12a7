"""Alert runs in trouble: two at once, no Redis, expenses written at the same time, imports. Kills: see tests/kills."""

from __future__ import annotations

import threading
import time
from datetime import date

import pytest
from sqlalchemy import func, select

from tests.factories.budgets import make_budget
from tests.factories.expenses import make_expense
from tests.factories.tenants import Company
from tracktok.budgets import services
from tracktok.budgets.models import BudgetAlert
from tracktok.budgets.tasks import KIND, look
from tracktok.core import cache, clock, jobs, worker
from tracktok.core.db import db
from tracktok.core.ids import new_id
from tracktok.core.tables import Job, OutboxMessage
from tracktok.core.tenancy import tenant_scope
from tracktok.expenses.signals import ImportedSpending, expenses_imported
from tracktok.notifications.models import Notification


def count(company: Company, model, *where) -> int:
    with tenant_scope(company.id):
        return db.session.execute(select(func.count()).select_from(model).where(*where)).scalar_one()


def passed_budgets(company: Company, many: int) -> None:
    """Budgets that are past both their thresholds, with nothing raised yet."""
    today = clock.today("Asia/Kolkata")
    with company.owner.acting():
        make_expense(amount="1000.00", expense_date=today)
    with company.owner.acting():
        for number in range(many):
            make_budget(name=f"Budget {number}", amount="900.00", start_date=date(2026, 1, 1))


@pytest.mark.races
def test_looks_and_daily_runs_at_the_same_time_raise_each_alert_once(app, company: Company):
    passed_budgets(company, 8)
    barrier, failures = threading.Barrier(4), []

    def work() -> None:
        with app.app_context():
            barrier.wait()
            try:
                look.run(str(company.id))
            except Exception as error:  # noqa: BLE001 - told below
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert count(company, BudgetAlert) == 16
    assert count(company, Notification, Notification.person_id == company.owner.person_id) == 8


def test_what_two_expenses_only_together_pass_is_found_by_the_look_after_them(app, company: Company, monkeypatch):
    asked = []
    monkeypatch.setattr(services.looking, "enqueue", lambda task, *args, **_: asked.append((task.task, *args)))
    today = clock.today("Asia/Kolkata")
    with company.owner.acting():
        make_budget(amount="100.00", alert_thresholds=[80], start_date=date(2026, 1, 1))
    seen, written = threading.Event(), threading.Event()

    def first() -> None:
        with app.app_context(), company.owner.acting():
            make_expense(amount="50.00", expense_date=today)
            seen.set()

    def second() -> None:
        with app.app_context(), company.owner.acting():
            measured = services.watching._measure

            def slowly(touched):
                found = measured(touched)
                written.set()
                seen.wait(20)
                return found

            monkeypatch.setattr(services.watching, "_measure", slowly)
            make_expense(amount="50.00", expense_date=today)

    other = threading.Thread(target=second)
    other.start()
    assert written.wait(20)
    monkeypatch.undo()
    monkeypatch.setattr(services.looking, "enqueue", lambda task, *args, **_: asked.append((task.task, *args)))
    first()
    other.join()
    assert count(company, BudgetAlert) == 0, "each saw 50 of 100"
    assert asked[:1] == [("budgets.look", company.id)]
    look.run(str(company.id))
    assert count(company, BudgetAlert) == 1


def test_one_look_waits_at_a_time_and_what_comes_after_it_began_asks_again(app, company: Company, monkeypatch):
    asked = []
    monkeypatch.setattr(services.looking, "enqueue", lambda *args, **_: asked.append(args))
    today = clock.today("Asia/Kolkata")
    with company.owner.acting():
        make_budget(amount="100000.00", start_date=date(2026, 1, 1))
    for _ in range(3):
        with company.owner.acting():
            make_expense(amount="1.00", expense_date=today)
    assert len(asked) == 1
    look.run(str(company.id))
    with company.owner.acting():
        make_expense(amount="1.00", expense_date=today)
    assert len(asked) == 2


def test_without_redis_expenses_are_written_watched_and_told_of(app, company: Company, monkeypatch):
    monkeypatch.setitem(app.config, "REDIS_URL", "redis://127.0.0.1:1/0")
    for module in (worker, cache):
        monkeypatch.setattr(module, "_resting_until", time.monotonic() + 60)
    today = clock.today("Asia/Kolkata").isoformat()
    api = company.owner.api()
    body = {"name": "Fuel", "amount": "100.00", "start_date": "2026-01-01", "enforcement": "block"}
    assert api.post("/budgets/", json=body).status_code == 201
    spend = {"amount": "90.00", "title": "Diesel", "expense_date": today}
    assert api.post("/expenses/", json=spend).status_code == 201
    assert api.post("/expenses/", json=spend).status_code == 409
    assert count(company, BudgetAlert) == 1
    assert count(company, Notification, Notification.person_id == company.owner.person_id) == 1
    assert count(company, OutboxMessage, OutboxMessage.kind == "mail") == 1
    page = company.owner.browser().get("/budgets")
    assert page.status_code == 200
    assert "Work in the background waits" in page.text


def test_an_import_is_looked_at_once_and_taking_it_back_is_not(company: Company):
    passed_budgets(company, 1)
    today, import_id = clock.today("Asia/Kolkata"), new_id()

    def tell(*, undone: bool) -> None:
        nothing = frozenset()
        with company.owner.acting():
            spending = ImportedSpending(import_id, undone, 3, 1000, today, today, nothing, nothing, nothing, nothing)
            expenses_imported.send(None, spending=spending)

    tell(undone=True)
    assert count(company, Job, Job.kind == KIND) == 0
    tell(undone=False)
    tell(undone=False)
    assert count(company, Job, Job.kind == KIND) == 1
    with tenant_scope(company.id):
        job_id = db.session.execute(select(Job.id).where(Job.kind == KIND)).scalar_one()
        assert jobs.execute(job_id)
    assert count(company, BudgetAlert) == 2
