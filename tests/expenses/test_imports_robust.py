"""Imports under fire: a killed worker, memory, concurrent commits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.expenses.equality import check_books_equal_rows
from tests.factories.imports import begin, run_job, upload
from tracktok.core.db import db
from tracktok.core.tables import Job
from tracktok.core.tenancy import tenant_scope
from tracktok.expenses.models import Expense

ROOT = Path(__file__).resolve().parents[2]
# What a worker does with the task `core.run_job`, in a process of its own.
WORKER = """
import sys, time
from uuid import UUID
from tracktok.app import create_app
from tracktok.core import jobs
from tracktok.core.tenancy import tenant_scope
app = create_app()
tell = jobs.JobRun.progress
def told(run, done, total, message=""):
    run._last = 0.0
    tell(run, done, total, message)
    if done and message == sys.argv[3]:
        time.sleep(600)  # here it is killed
jobs.JobRun.progress = told
with app.app_context(), tenant_scope(UUID(sys.argv[1])):
    print("executed", jobs.execute(UUID(sys.argv[2])), flush=True)
"""
MEMORY = """
import sys
from pathlib import Path
from uuid import UUID
from tracktok.app import create_app
from tracktok.core import context, jobs
from tracktok.core.context import Actor
from tracktok.core.db import transaction
from tracktok.core.tenancy import tenant_scope
from tracktok.imports import services as imports
app = create_app()
who = Actor("person", person_id=UUID(sys.argv[3]), permissions=frozenset({"expenses.import"}))
with app.app_context(), tenant_scope(UUID(sys.argv[1])), context.acting(who):
    with transaction(), open(sys.argv[2], "rb") as file:
        found = imports.start_import(file, "big.csv", "expenses")
        job = imports.commit_import(found)
    jobs.execute(job)
    [most] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    print(found.valid, int(most.split()[1]) // 1024, jobs.find(job).status, flush=True)
"""


def many_rows(count):
    lines = ["Date,Description,Amount,Category,Account"]
    lines += [
        f"2026-{1 + number % 12:02}-{1 + number % 28:02},Row {number},{1 + number % 900}.25,Category {number % 15},Cash"
        for number in range(count)
    ]
    return "\n".join(lines) + "\n"


def count_expenses(company):
    with tenant_scope(company.id):
        return db.session.execute(
            select(func.count(), func.count(func.distinct(Expense.title))).where(Expense.deleted_at.is_(None))
        ).one()


def job_of(company, job_id):
    with tenant_scope(company.id):
        return db.session.execute(select(Job).where(Job.id == job_id)).scalar_one()


def start_worker(company, job_id, moment):
    """A process that does a job until it tells of a moment, and waits there."""
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(company.id), str(job_id), moment],
        cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.integration
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("moment", ["Writing expenses", "Posting to the books"])
def test_a_worker_that_is_killed_in_the_middle_leaves_nothing_and_the_next_one_does_it_once(company, moment):
    rows = 12_000  # written in three parts
    api = company.owner.api()
    found = begin(api, many_rows(rows))
    assert found["valid"] == rows
    job_id = api.post(f"/imports/{found['id']}/commit").json["id"]
    worker = start_worker(company, job_id, moment)
    deadline = time.monotonic() + 120
    while job_of(company, job_id).message != moment:
        assert worker.poll() is None, "it was done before it could be killed"
        assert time.monotonic() < deadline, "it never came there"
        time.sleep(0.01)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    assert count_expenses(company)[0] == 0, "nothing of a killed import is to be seen"
    assert job_of(company, job_id).status == "running"
    while not run_job(company, job_id):
        assert time.monotonic() < deadline + 60, "the lock of the killed worker is free once its connection is gone"
        time.sleep(0.2)
    assert count_expenses(company) == (rows, rows)
    assert not run_job(company, job_id), "what is done is not done again"
    after = api.get(f"/imports/{found['id']}").json
    assert (after["status"], after["committed_rows"]) == ("committed", rows)
    with company.owner.acting():
        check_books_equal_rows()


@pytest.mark.races
def test_two_commits_of_the_same_rows_at_once_write_them_once(app, company):
    api = company.owner.api()
    text = many_rows(300)
    asked = [api.post(f"/imports/{begin(api, text)['id']}/commit").json["id"] for _ in range(3)]
    failures = []

    def work(job_id):
        with app.app_context():
            try:
                run_job(company, job_id)
            except Exception as error:  # noqa: BLE001 - told below
                failures.append(error)

    threads = [threading.Thread(target=work, args=(one,)) for one in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert count_expenses(company) == (300, 300)
    with company.owner.acting():
        check_books_equal_rows()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the most memory of a process is read from /proc")
@pytest.mark.timeout(400)
def test_memory_does_not_grow_with_the_file(company, tmp_path):
    """200,000 rows are read, checked and committed in little more memory than the process has anyway."""
    file = tmp_path / "big.csv"
    file.write_text(many_rows(200_000))
    arguments = [str(company.id), str(file), str(company.owner.person_id)]
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, *arguments],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    valid, megabytes, status = done.stdout.split()[-3:]
    assert (int(valid), status) == (200_000, "done")
    assert int(megabytes) < 300


def test_a_file_to_import_may_be_larger_than_other_requests_but_not_without_end(app, company, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 4_000)
    monkeypatch.setitem(app.config, "MAX_IMPORT_BYTES", 40_000)
    rows = "".join(f"2026-11-{1 + n % 20:02},Toll {n},{n + 1}.00\n" for n in range(500))
    api = company.owner.api()
    assert upload(api, f"Date,Title,Amount\n{rows}").json["valid"] == 500
    assert upload(api, f"Date,Title,Amount\n{rows * 5}").status_code == 413
    assert api.post("/projects/", json={"name": "Large", "description": rows}).status_code == 413
    # Those who may not import are told so before their file is taken in.
    assert upload(company.member("member").api(), f"Date,Title,Amount\n{rows}").status_code == 403
