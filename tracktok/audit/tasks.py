"""Seals what was recorded, every minute; looks at the seals, every night, and each month at all of them."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import structlog
from sqlalchemy import text

from tracktok.core import schedule
from tracktok.core.companies import every_company
from tracktok.core.db import lock_key, own_connection
from tracktok.core.jobs import JobRun, job
from tracktok.core.tenancy import tenant_scope
from tracktok.core.worker import celery

from . import services

log = structlog.get_logger(__name__)
_LOCK = text("SELECT pg_try_advisory_xact_lock(:key)")


@celery.task(name="audit.seal")
def seal() -> None:
    """Seal the trail of every tenant; does nothing while another worker does it. One's trouble is logged only."""
    with own_connection() as guard:
        if not guard.execute(_LOCK, {"key": lock_key("audit.seal.all")}).scalar_one():
            return
        for company in every_company("seal the audit trails"):
            try:
                with tenant_scope(company.id):
                    services.seal_tenant()
            except Exception:
                log.exception("audit_not_sealed", tenant_id=str(company.id))


@job(services.KIND)
def verify(run: JobRun) -> dict[str, Any]:
    """Look at the seals that are new; at all of them on the first of a month, and when a person asks."""
    first = date.fromisoformat(run.payload["run_date"]).day == 1 if "run_date" in run.payload else False
    check = services.check_trail(whole=first or bool(run.payload.get("whole")))
    if check is None:
        return {"events": 0, "faults": 0}
    if check.faults:
        log.error("audit_broken", faults=check.faults)
    return {"events": check.events, "faults": len(check.faults)}


schedule.daily(services.KIND, at=time(3))
