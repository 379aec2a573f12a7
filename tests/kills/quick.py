"""The product's worker and scheduler with a quick sweep: nobody wants to wait a quarter of a minute here.

There are no ticks at the hour: a test says by the task `tests.tick_at` what time it is to be.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from celeryconfig import app
from tracktok.core import schedule

app.conf.beat_schedule = {
    "seal": {"task": "audit.seal", "schedule": timedelta(seconds=3)},
    "sweep": {"task": "core.sweep", "schedule": timedelta(seconds=1)},
}


@app.task(name="tests.tick_at")
def tick_at(instant: str) -> None:
    """What `core.tick` would do at another time."""
    schedule.start_due(datetime.fromisoformat(instant))


__all__ = ["app"]
