"""The look at all budgets: at 09:00 in each tenant's own time, after imports, and soon after expenses."""

from __future__ import annotations

from datetime import time
from typing import Any
from uuid import UUID

from tracktok.core import schedule
from tracktok.core.db import transaction
from tracktok.core.jobs import JobRun, job
from tracktok.core.tenancy import tenant_scope
from tracktok.core.worker import celery

from . import services

KIND = services.KIND


@job(KIND)
def raise_alerts(_run: JobRun) -> dict[str, Any]:
    """Raise every alert of the tenant that is due and was not raised yet."""
    return {"raised": services.check_all()}


@celery.task(name=services.LOOK)
def look(tenant_id: str) -> None:
    """Raise what expenses written at the same time have passed together."""
    with tenant_scope(UUID(tenant_id)):
        services.begin_look()
        with transaction():
            services.check_all()


schedule.daily(KIND, at=time(9))
