"""Celery: `celery -A celeryconfig worker` and `celery -A celeryconfig beat`. Queues and the beat schedule."""

from __future__ import annotations

from datetime import timedelta

from celery.schedules import crontab
from kombu import Queue

from tracktok.app import create_app
from tracktok.core.worker import celery as app

flask_app = create_app()

QUEUES = ("default", "jobs", "mail")
app.conf.update(
    task_queues=[Queue(name) for name in QUEUES],
    beat_schedule={
        "sweep": {"task": "core.sweep", "schedule": timedelta(seconds=15)},
        # Every run of a tenant's local time (see core/schedule.py): 09:00 daily, 06:00 on the first, ...
        "tick": {"task": "core.tick", "schedule": crontab(minute="*/5")},
    },
)
