"""The list of reports, with the jobs that make them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import and_, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, fetch_page, sort_by
from tracktok.core.tables import Job
from tracktok.reports.models import Report

SORTS = {"created_at": sort_by(Report.created_at)}
_COLUMNS = (
    Report.id,
    Report.kind,
    Report.month,
    Report.subject,
    Report.run_key,
    Report.file_id,
    Report.requested_by,
    Report.created_at,
    Report.finished_at,
    Job.status,
    Job.done_units,
    Job.total_units,
    Job.message,
    Job.error,
)


def _rows() -> Any:
    return select(*_COLUMNS).outerjoin(Job, and_(Job.tenant_id == Report.tenant_id, Job.id == Report.job_id))


def list_reports(*, cursor: str | None = None, limit: int = 25) -> Page:
    """One page of reports, the newest first."""
    return fetch_page(_rows(), sorts=SORTS, id_column=Report.id, sort="-created_at", cursor=cursor, limit=limit)


def get_report(report_id: UUID) -> Any:
    """A report with its job. Raises NotFound."""
    found = db.session.execute(_rows().where(Report.id == report_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such report.")
    return found


def get_report_of_job(job_id: UUID) -> Any:
    """The report that a job makes. Raises NotFound."""
    found = db.session.execute(_rows().where(Report.job_id == job_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such report.")
    return found


def is_report_file(file_id: UUID) -> bool:
    """Whether a file is that of a report."""
    return db.session.execute(select(Report.id).where(Report.file_id == file_id)).first() is not None


def percent_of(row: Any) -> int:
    """How far a report is, in whole percent; 100 only when it is there."""
    if row.finished_at is not None:
        return 100
    return min(99, row.done_units * 100 // row.total_units) if row.total_units else 0


def status_of(row: Any) -> str:
    """Where a report stands: queued, running, done, failed or cancelled."""
    return "done" if row.finished_at is not None else str(row.status or "queued")
