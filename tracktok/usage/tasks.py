"""The look at all quotas, at 09:00 in each tenant's own time: for what events of one moment passed together."""

from __future__ import annotations

from datetime import time
from typing import Any

from tracktok.core import schedule
from tracktok.core.jobs import JobRun, job

from .services import quotas

KIND = "usage.quotas"


@job(KIND)
def look_at_quotas(_run: JobRun) -> dict[str, Any]:
    """Raise every alert of a quota that is due and was not raised yet."""
    return {"raised": quotas.check_all()}


schedule.daily(KIND, at=time(9))
