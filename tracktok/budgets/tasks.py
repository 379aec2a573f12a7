"""The daily look at all budgets, at 09:00 in each tenant's own time."""

from __future__ import annotations

from datetime import time
from typing import Any

from tracktok.core import schedule
from tracktok.core.jobs import JobRun, job

from . import services

KIND = "budgets.alerts"


@job(KIND)
def raise_alerts(_run: JobRun) -> dict[str, Any]:
    """Raise every alert of the tenant that is due and was not raised yet."""
    return {"raised": services.check_all()}


schedule.daily(KIND, at=time(9))
