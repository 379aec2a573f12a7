"""Alert runs in trouble: a worker that is killed, two at once, no Redis, expenses written at the same time, imports."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest
import redis
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from tests.factories.budgets import make_budget
from tests.factories.expenses import make_expense
from tests.factories.tenants import Company
from tracktok.budgets import queries, services
from tracktok.budgets.models import BudgetAlert
from tracktok.budgets.tasks import KIND, look
from tracktok.core import clock, jobs, worker
from tracktok.core.db import db
from tracktok.core.ids import new_id
from tracktok.core.tables import Job, OutboxMessage
from tracktok.core.tenancy import tenant_scope
from tracktok.expenses.signals import ImportedSpending, expenses_imported
from tracktok.notifications.models import Notification

ROOT = Path(__file__).resolve().parents[2]
BROKER_DATABASE = 14
"""The tests' workers have queues of their own: others may use the same server."""


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


@pytest.fixture
def broker(app) -> Iterator[dict[str, str]]:
    """The environment of a worker, with an empty broker of its own."""
    url = app.config["REDIS_URL"].rpartition("/")[0] + f"/{BROKER_DATABASE}"
    client = redis.Redis.from_url(url)

    def empty() -> None:
        for key in client.scan_iter():
            client.delete(key)

    empty()
    yield {**os.environ, "REDIS_URL": url, "PYTHONWARNINGS": "ignore", "LOG_LEVEL": "ERROR"}
    empty()


@pytest.fixture
def start_worker(broker) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start a real Celery worker; all are killed at the end."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-A", "celeryconfig", "worker", "-P", "solo", "-l", "error",
                   "-n", f"w{len(started)}@test", "--without-mingle", "--without-gossip"]  # fmt: skip
        started.append(subprocess.Popen(command, cwd=ROOT, env=broker))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def send(broker: dict[str, str], company: Company, job_id) -> None:
    """Ask whichever worker to run a job."""
    command = [sys.executable, "-m", "celery", "-A", "celeryconfig", "call", "core.run_job", "--queue", "jobs",
               "--args", f'["{company.id}", "{job_id}"]']  # fmt: skip
    subprocess.run(command, cwd=ROOT, env=broker, check=True, capture_output=True)


def wait_for(what: str, happened: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.races
@pytest.mark.integration
def test_a_worker_killed_in_the_middle_loses_nothing_and_tells_nothing_twice(app, company, broker, start_worker):
    passed_budgets(company, 6)
    with company.owner.acting():
        last = max(row.id for row in queries.live_budgets())
        job_id, _ = jobs.start(KIND, {"run_date": "2026-11-21"}, run_key="alerts:killed")
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as blocker:
        # The last alert is being written elsewhere: the worker comes that far, with all others raised, and waits.
        blocker.execute("SELECT set_config('app.tenant_id', %s, true)", (str(company.id),))
        blocker.execute(
            "INSERT INTO budget_alerts (tenant_id, id, budget_id, period_start, threshold, spent, limit_amount)"
            " VALUES (%s, %s, %s, %s, 80, 0, 0)",
            (company.id, new_id(), last, clock.today("Asia/Kolkata").replace(day=1)),
        )
        first = start_worker()
        send(broker, company, job_id)

        def waits() -> bool:
            found = blocker.execute("SELECT cardinality(pg_blocking_pids(pid)) FROM pg_locks WHERE NOT granted")
            return found.fetchone() is not None

        wait_for("the worker to come to the last budget", waits)
        first.send_signal(signal.SIGKILL)
        first.wait()
        blocker.rollback()
    assert count(company, BudgetAlert) == 0
    assert count(company, Notification) == 0
    assert count(company, Job, Job.id == job_id, Job.status == "running") == 1

    start_worker(), start_worker()
    send(broker, company, job_id)
    send(broker, company, job_id)
    wait_for("the job to be done", lambda: count(company, Job, Job.id == job_id, Job.status == "done") == 1)
    assert count(company, BudgetAlert) == 12, "80 and 100 of six budgets"
    assert count(company, Notification, Notification.person_id == company.owner.person_id) == 6
    assert count(company, OutboxMessage, OutboxMessage.kind == "mail") == 6


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
    monkeypatch.setattr(worker, "_resting_until", time.monotonic() + 60)
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
    assert company.owner.browser().get("/budgets").status_code == 200


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
