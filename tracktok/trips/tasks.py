"""Jobs of trips."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from tracktok.core.jobs import JobRun, job

from .services.rerating import RERATE_JOB, rerate_now
from .services.statements.mailing import MAIL_JOB, send_statement


@job(RERATE_JOB)
def rerate(run: JobRun) -> dict[str, Any]:
    """Price the trips of a vendor and a period again."""
    payload = run.payload
    first, last = date.fromisoformat(payload["date_from"]), date.fromisoformat(payload["date_to"])
    done = rerate_now(UUID(payload["vendor_id"]), first, last, run)
    return {"trips": done.trips, "superseded": done.superseded, "adjusted": done.adjusted}


@job(MAIL_JOB)
def mail_statement(run: JobRun) -> dict[str, Any]:
    """Send an approved statement to those at the vendor who get it."""
    return send_statement(UUID(run.payload["statement_id"]))
