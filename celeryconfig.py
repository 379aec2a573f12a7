"""Celery: `celery -A celeryconfig worker` and `celery -A celeryconfig beat`. Queues and the beat schedule."""

from __future__ import annotations

import gc
from datetime import timedelta

# As in wsgi.py: what is made here lasts, also in the processes that the worker forks.
gc.disable()

from celery.schedules import crontab  # noqa: E402
from kombu import Queue  # noqa: E402

from tracktok.app import create_app  # noqa: E402
from tracktok.core.worker import celery as app  # noqa: E402

flask_app = create_app()
gc.freeze()
gc.enable()

QUEUES = ("default", "jobs", "mail")
app.conf.update(
    task_queues=[Queue(name) for name in QUEUES],
    beat_schedule={
        "seal": {"task": "audit.seal", "schedule": timedelta(minutes=1)},
        "sweep": {"task": "core.sweep", "schedule": timedelta(seconds=15)},
        # Every run of a tenant's local time (see core/schedule.py): 09:00 daily, 06:00 on the first, ...
        "tick": {"task": "core.tick", "schedule": crontab(minute="*/5")},
        # Who is due for the billing of metered usage: periods end at midnight of any time zone.
        "usage": {"task": "invoices.usage_tick", "schedule": crontab(minute="2,17,32,47")},
    },
)
