"""Reports are made by jobs: the scheduled one at 06:00 on the first of the month, in each tenant's own time."""

from __future__ import annotations

from datetime import time
from typing import Any
from uuid import UUID

from tracktok.core import schedule
from tracktok.core.jobs import JobRun, job

from .services import monthly, usage


@job(monthly.KIND)
def make_monthly(run: JobRun) -> dict[str, Any]:
    """The report of the month that has ended."""
    return monthly.make_scheduled(monthly.due_month(str(run.payload["run_date"])), run)


@job(monthly.MAKE)
def make_asked(run: JobRun) -> dict[str, Any]:
    """A report that a person asked for."""
    return monthly.make_asked(UUID(run.payload["report_id"]), run)


@job(usage.MAKE)
def make_usage(run: JobRun) -> dict[str, Any]:
    """A report of a user's or customer's usage."""
    return usage.make_asked(UUID(run.payload["report_id"]), run)


schedule.monthly(monthly.KIND, at=time(6))
