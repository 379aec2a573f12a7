"""Jobs: long work with progress, done once, found again after a kill.

    @job("expenses.import")
    def commit_import(run: JobRun) -> dict[str, Any] | None: ...

    start("expenses.import", {"import_id": str(id)}, run_key=f"import:{id}")

A worker holds an advisory lock for as long as it works on a job. The lock goes with its connection, so a killed
worker's job is free at once: the sweep queues it again and the function runs anew from its beginning (or from where
its own rows say). The function's work is one transaction, committed together with the job's end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from . import clock, context
from .db import db, lock_key, own_connection
from .effects import after_commit
from .errors import Conflict, DomainError
from .ids import new_id
from .tables import Job, JobStatus
from .tenancy import current_tenant_id, door, tenant_scope
from .worker import celery, enqueue, is_long

log = structlog.get_logger(__name__)
MOST_ATTEMPTS = 5
JobFunction = Callable[["JobRun"], dict[str, Any] | None]
KINDS: dict[str, tuple[JobFunction, str]] = {}


class JobCancelled(Conflict):
    code, title = "job_cancelled", "The job was cancelled"


@dataclass(slots=True)
class JobRun:
    """A running job, as its function sees it."""

    id: UUID
    payload: dict[str, Any]
    requested_by: UUID | None
    _last: float = field(default=0.0)

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Tell how far it is (seen at once by others, at most four times a second); raises JobCancelled if it was."""
        now = time.monotonic()
        if now - self._last < 0.25 and done < total:
            return
        self._last = now
        with own_connection() as connection:
            status = connection.execute(
                update(Job)
                .where(Job.tenant_id == current_tenant_id(), Job.id == self.id)
                .values(done_units=done, total_units=total, message=message, updated_at=func.now())
                .returning(Job.status)
            ).scalar_one()
        if status == JobStatus.cancelled:
            raise JobCancelled


def job(kind: str, *, queue: str = "jobs") -> Callable[[JobFunction], JobFunction]:
    """Register the function that does jobs of a kind, and the queue they wait in."""

    def register(function: JobFunction) -> JobFunction:
        KINDS[kind] = (function, queue)
        return function

    return register


def start(kind: str, payload: dict[str, Any], *, run_key: str) -> tuple[UUID, bool]:
    """Ask for a job in the current transaction: `(job id, whether it is new)`.

    A job with the same run key is found instead of made again, however many ask at once.
    """
    _, queue = KINDS[kind]
    who = context.actor()
    tenant_id, job_id = current_tenant_id(), new_id()
    made = db.session.execute(
        insert(Job)
        .values(
            tenant_id=tenant_id,
            id=job_id,
            kind=kind,
            payload=payload,
            run_key=run_key,
            requested_by=who.person_id if who else None,
        )
        .on_conflict_do_nothing()
        .returning(Job.id)
    ).scalar_one_or_none()
    if made is None:
        found = db.session.execute(select(Job.id).where(Job.run_key == run_key)).scalar_one()
        return found, False
    after_commit(lambda: enqueue(run, tenant_id, job_id, queue=queue))
    return job_id, True


def find(job_id: UUID) -> Job | None:
    """A job of the current tenant."""
    return db.session.execute(select(Job).where(Job.id == job_id)).scalar_one_or_none()


def cancel(job_id: UUID) -> None:
    """Ask a job to stop: at once when queued, at its next progress when running. Raises Conflict when it has ended."""
    changed = db.session.execute(
        update(Job)
        .where(Job.id == job_id, Job.status.in_([JobStatus.queued, JobStatus.running]))
        .values(status=JobStatus.cancelled, finished_at=func.now())
        .returning(Job.id)
    ).scalar_one_or_none()
    if changed is None:
        raise Conflict("The job has already ended.")


def execute(job_id: UUID) -> bool:
    """Do a job of the current tenant, if it is still to be done and nobody else is at it; commits.

    Returns whether it was done now. A refusal (DomainError) ends the job as failed with its text; any other
    failure leaves it to be tried again, five times in all.
    """
    # The number stands in the statement, which is not prepared. One with parameters keeps its snapshot until the next:
    # here for as long as the job is at work, and meanwhile no dead row could be cleared away in the whole database.
    # What is written again and again (sums of the books, series of numbers) became slower with each time.
    take = f"SELECT pg_try_advisory_xact_lock({lock_key('job', job_id)})"
    with own_connection() as guard:
        raw: Any = guard.connection.driver_connection
        if not raw.execute(take, prepare=False).fetchone()[0]:
            return False
        return _execute_guarded(job_id)


def _execute_guarded(job_id: UUID) -> bool:
    claimed = db.session.execute(
        update(Job)
        .where(Job.id == job_id, Job.status.in_([JobStatus.queued, JobStatus.running]))
        .values(
            status=JobStatus.running,
            attempts=Job.attempts + 1,
            started_at=func.coalesce(Job.started_at, func.now()),
            updated_at=func.now(),
        )
        .returning(Job.kind, Job.payload, Job.requested_by, Job.attempts)
    ).one_or_none()
    db.session.commit()
    if claimed is None:
        return False
    function, _ = KINDS[claimed.kind]
    try:
        if claimed.attempts > MOST_ATTEMPTS:
            raise Conflict("It was interrupted too many times; ask for it again.")
        result = function(JobRun(job_id, claimed.payload, claimed.requested_by))
        _finish(job_id, JobStatus.done, result=result)
    except JobCancelled:
        db.session.rollback()
        return False
    except DomainError as error:
        db.session.rollback()
        _finish(job_id, JobStatus.failed, error=error.detail)
    except Exception as error:
        db.session.rollback()
        log.exception("job_failed", job_id=str(job_id), kind=claimed.kind, attempts=claimed.attempts)
        if claimed.attempts >= MOST_ATTEMPTS:
            _finish(job_id, JobStatus.failed, error="Something went wrong on our side. It has been noted.")
        if current_app.testing:
            raise
        del error
        return False
    return True


def _finish(job_id: UUID, status: JobStatus, *, result: dict[str, Any] | None = None, error: str | None = None) -> None:
    db.session.execute(
        update(Job)
        .where(Job.id == job_id, Job.status == JobStatus.running)
        .values(
            status=status,
            result=result,
            error=error,
            finished_at=clock.now(),
            **({"done_units": Job.total_units} if status == JobStatus.done else {}),
        )
    )
    db.session.commit()


def due_jobs(limit: int = 200, *, patient: Collection[str] = ()) -> list[tuple[UUID, UUID, str]]:
    """(tenant, job, kind) of what waits or was running and has not moved for 15 seconds, in all tenants.

    What only waits, of the `patient` kinds, is due after ten minutes.
    """
    waited = text("interval '10 minutes'")
    begun_or_old = or_(Job.status == JobStatus.running, Job.kind.not_in(patient), Job.updated_at < func.now() - waited)
    with door("sweep the jobs"):
        rows = db.session.execute(
            select(Job.tenant_id, Job.id, Job.kind)
            .where(
                Job.status.in_([JobStatus.queued, JobStatus.running]),
                Job.updated_at < func.now() - text("interval '15 seconds'"),
                begun_or_old,
            )
            .order_by(Job.updated_at)
            .limit(limit)
        ).all()
        db.session.rollback()
    return [(row.tenant_id, row.id, row.kind) for row in rows]


@celery.task(name="core.run_job")
def run(tenant_id: str, job_id: str) -> None:
    """Do one job."""
    with tenant_scope(UUID(tenant_id)):
        execute(UUID(job_id))


@celery.task(name="core.sweep")
def sweep() -> None:
    """Queue again what the database says is due: effects not carried out, jobs whose worker is gone.

    A job that waits in a long queue is not put into it once more: each message costs, and it was not lost, most likely.
    """
    from .outbox import deliver, due_messages  # noqa: PLC0415 - outbox and jobs are beside each other

    for tenant_id, message_id in due_messages():
        enqueue(deliver, tenant_id, message_id)
    long = {queue for queue in {queue for _, queue in KINDS.values()} if is_long(queue)}
    patient = [kind for kind, (_, queue) in KINDS.items() if queue in long]
    for tenant_id, job_id, kind in due_jobs(patient=patient):
        if kind in KINDS:
            enqueue(run, tenant_id, job_id, queue=KINDS[kind][1])
