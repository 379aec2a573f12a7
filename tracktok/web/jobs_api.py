"""The routes /api/v1/jobs: the progress of one's own long work."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Response
from pydantic import Field

from tracktok.core import jobs
from tracktok.core.context import actor
from tracktok.core.errors import NotFound
from tracktok.core.permissions import permits
from tracktok.core.tables import Job, JobStatus

from .api import Api, Schema, instant, json_response, path_of

api = Api("jobs", __name__, prefix="/jobs", tag="Jobs")
JobPath = path_of("job_id")


class JobOut(Schema):
    """Long work and how far it is."""

    id: UUID
    kind: str
    status: JobStatus
    done: int = Field(description="Units done, of `total`")
    total: int
    percent: int
    message: str
    seconds_left: int | None = Field(description="Estimated by the speed so far; null before there is one")
    result: dict[str, Any] | None
    error: str | None
    created_at: str
    started_at: str | None
    finished_at: str | None


class JobNotFound(NotFound):
    code, title = "job_not_found", "There is no such job"


def own_job(job_id: UUID) -> Job:
    """A job that the current actor asked for. Raises JobNotFound, also for another person's."""
    found, who = jobs.find(job_id), actor()
    if found is None or who is None or found.requested_by is None or found.requested_by != who.person_id:
        raise JobNotFound
    return found


def seconds_left(found: Job) -> int | None:
    """How long a running job will go on, by its speed so far."""
    if found.status != JobStatus.running or not found.done_units or found.started_at is None:
        return None
    spent = (datetime.now(UTC) - found.started_at).total_seconds()
    return max(0, round(spent / found.done_units * (found.total_units - found.done_units)))


def job_out(found: Job) -> dict[str, Any]:
    """A job as the API answers it."""
    return {
        "id": found.id,
        "kind": found.kind,
        "status": found.status,
        "done": found.done_units,
        "total": found.total_units,
        "percent": found.percent,
        "message": found.message,
        "seconds_left": seconds_left(found),
        "result": found.result,
        "error": found.error,
        "created_at": instant(found.created_at),
        "started_at": instant(found.started_at),
        "finished_at": instant(found.finished_at),
    }


@api.get("/<uuid:job_id>", responses={200: JobOut})
@permits("jobs.read")
def show(path: JobPath) -> Response:  # type: ignore[valid-type]
    """Get the progress of a job that one asked for."""
    found = own_job(path.job_id)  # type: ignore[attr-defined]
    response = json_response(job_out(found))
    if found.status in {JobStatus.queued, JobStatus.running}:
        response.headers["Retry-After"] = "1"
    return response


@api.post("/<uuid:job_id>/cancel", responses={200: JobOut})
@permits("jobs.read")
def cancel(path: JobPath) -> Response:  # type: ignore[valid-type]
    """Stop a job that one asked for: what it did is undone. Refused (409) when it has ended."""
    found = own_job(path.job_id)  # type: ignore[attr-defined]
    jobs.cancel(found.id)
    return json_response(job_out(own_job(found.id)))
