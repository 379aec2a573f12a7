"""Jobs are done once, found again after a kill, and tell how far they are."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import text, update

from tests.factories.tenants import Company
from tracktok.core import jobs, worker
from tracktok.core.db import db, lock_key, own_connection, transaction
from tracktok.core.errors import Conflict
from tracktok.core.tables import Job, JobStatus
from tracktok.core.tenancy import tenant_scope

RUNS: list[str] = []


@jobs.job("tests.count")
def count(run: jobs.JobRun):
    RUNS.append(run.payload["name"])
    time.sleep(run.payload.get("seconds", 0))
    if run.payload.get("refuse"):
        raise Conflict("The file is empty.")
    if run.payload.get("fail"):
        raise ZeroDivisionError
    run.progress(2, 2)
    return {"counted": 2}


LOOKS: list[list[str]] = []
HOLDING = text(
    "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND backend_xmin IS NOT NULL"
    " AND state = 'idle in transaction' AND query LIKE '%advisory%'"
)


@jobs.job("tests.look")
def look_around(_run: jobs.JobRun):
    LOOKS.append(list(db.session.execute(HOLDING).scalars()))


def begin(company: Company, name: str, **payload) -> Job:
    with tenant_scope(company.id), transaction():
        job_id, _ = jobs.start("tests.count", {"name": name, **payload}, run_key=name)
        return jobs.find(job_id)


def look(company: Company, job: Job) -> Job:
    with tenant_scope(company.id):
        return jobs.find(job.id)


def run(app, company: Company, job: Job) -> bool:
    with app.app_context(), tenant_scope(company.id):
        return jobs.execute(job.id)


def test_a_job_runs_once_and_keeps_its_result(app, company: Company):
    job = begin(company, "once")
    assert run(app, company, job) is True
    assert run(app, company, job) is False
    done = look(company, job)
    assert (done.status, done.result, done.percent) == (JobStatus.done, {"counted": 2}, 100)
    assert RUNS.count("once") == 1


def test_the_guard_of_a_job_does_not_keep_dead_rows_from_being_cleared_away(app, company: Company):
    for number in range(12):  # psycopg prepares what it has seen five times
        with tenant_scope(company.id), transaction():
            job_id, _ = jobs.start("tests.look", {}, run_key=f"look {number}")
        with app.app_context(), tenant_scope(company.id):
            assert jobs.execute(job_id)
    assert LOOKS == [[]] * 12


def test_the_same_run_key_is_one_job_however_many_ask(app, company: Company):
    found, threads = [], []

    def ask():
        with app.app_context(), tenant_scope(company.id), transaction():
            found.append(jobs.start("tests.count", {"name": "race"}, run_key="race"))

    for _ in range(8):
        threads.append(threading.Thread(target=ask))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert len({job_id for job_id, _ in found}) == 1
    assert [new for _, new in found].count(True) == 1


def test_two_workers_do_not_do_one_job_twice(app, company: Company):
    job = begin(company, "two", seconds=0.5)
    results: list[bool] = []
    threads = [threading.Thread(target=lambda: results.append(run(app, company, job))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, False, False, True]
    assert RUNS.count("two") == 1


def test_a_job_whose_worker_was_killed_is_free_at_once_and_done_by_the_next(app, company: Company):
    job = begin(company, "killed")
    with tenant_scope(company.id), transaction():
        db.session.execute(update(Job).where(Job.id == job.id).values(status=JobStatus.running, attempts=1))
    assert run(app, company, job) is True
    assert look(company, job).attempts == 2


def test_a_job_that_somebody_works_on_is_left_alone(app, company: Company):
    job = begin(company, "held")
    with tenant_scope(company.id), own_connection() as guard:
        guard.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock_key("job", job.id)})
        assert run(app, company, job) is False
    assert "held" not in RUNS


def test_a_refusal_ends_the_job_with_its_reason(app, company: Company):
    job = begin(company, "refused", refuse=True)
    assert run(app, company, job) is True
    ended = look(company, job)
    assert (ended.status, ended.error) == (JobStatus.failed, "The file is empty.")


def test_a_defect_is_tried_five_times_and_then_told(app, company: Company):
    job = begin(company, "defect", fail=True)
    for _ in range(jobs.MOST_ATTEMPTS):
        with pytest.raises(ZeroDivisionError):
            run(app, company, job)
    assert look(company, job).status == JobStatus.failed
    assert run(app, company, job) is False


def test_a_cancelled_job_stops_and_stays_cancelled(app, company: Company):
    job = begin(company, "cancelled")
    with tenant_scope(company.id), transaction():
        jobs.cancel(job.id)
    assert run(app, company, job) is False
    assert look(company, job).status == JobStatus.cancelled
    with tenant_scope(company.id), pytest.raises(Conflict):
        jobs.cancel(job.id)


def test_the_sweep_finds_what_has_not_moved(app, company: Company):
    job = begin(company, "forgotten")
    assert (company.id, job.id, "tests.count") not in jobs.due_jobs(10_000)
    with tenant_scope(company.id), transaction():
        db.session.execute(update(Job).where(Job.id == job.id).values(updated_at=text("now() - interval '1 minute'")))
    assert (company.id, job.id, "tests.count") in jobs.due_jobs(10_000)


def test_the_sweep_leaves_what_waits_in_a_long_queue(app, company: Company):
    waiting, killed, old = (begin(company, name) for name in ("in the queue", "at work when killed", "long ago"))
    with tenant_scope(company.id), transaction():
        for job, status, since in ((waiting, "queued", "1"), (killed, "running", "1"), (old, "queued", "11")):
            moved = text(f"now() - interval '{since} minutes'")
            db.session.execute(update(Job).where(Job.id == job.id).values(status=status, updated_at=moved))

    def due(**how: list[str]) -> set[str]:
        found = {job_id for tenant_id, job_id, _ in jobs.due_jobs(10_000, **how) if tenant_id == company.id}
        return {job.run_key for job in (waiting, killed, old) if job.id in found}

    assert due() == due(patient=["tests.other"]) == {"in the queue", "at work when killed", "long ago"}
    assert due(patient=["tests.count"]) == {"at work when killed", "long ago"}


@pytest.mark.integration
def test_a_queue_says_when_it_is_long(app, company: Company, monkeypatch):
    queue = f"tests-{company.id}"
    assert not worker.is_long(queue), "nobody has used it"
    for _ in range(3):
        worker.enqueue(jobs.sweep, queue=queue)
    assert not worker.is_long(queue)
    monkeypatch.setattr(worker, "LONG", 2)
    assert worker.is_long(queue)
    asked = []
    monkeypatch.setattr(jobs, "is_long", lambda name: name == "jobs")
    monkeypatch.setattr(jobs, "due_jobs", lambda **how: asked.append(set(how["patient"])) or [])
    jobs.sweep.run()
    assert "tests.count" in asked[0]
    assert asked[0] == {kind for kind, (_, name) in jobs.KINDS.items() if name == "jobs"}
    with worker.celery.connection_or_acquire() as connection:
        assert connection.default_channel.queue_delete(queue) is None


def test_another_tenants_job_is_not_there(company: Company, other_company: Company):
    job = begin(company, "mine")
    with tenant_scope(other_company.id):
        assert jobs.find(job.id) is None
        assert jobs.execute(job.id) is False
