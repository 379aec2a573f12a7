"""Celery: `celery -A celeryconfig worker` and `celery -A celeryconfig beat`. Queues and the beat schedule."""

from __future__ import annotations

from datetime import timedelta

from celery.schedules import crontab
from kombu import Queue

from tracktok.app import create_app
from tracktok.core.worker import celery as app

flask_app = create_app()

QUEUES = ("default", "jobs", "mail")
# How long a task may run before another worker may get it too; the database keeps that from doing harm.
VISIBILITY_SECONDS = 3600

app.conf.update(
    broker_url=flask_app.config["REDIS_URL"],
    result_backend=None,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": VISIBILITY_SECONDS, "socket_timeout": 5},
    task_default_queue="default",
    task_queues=[Queue(name) for name in QUEUES],
    timezone="UTC",
    enable_utc=True,
    beat_schedule={
        "sweep": {"task": "core.sweep", "schedule": timedelta(seconds=15)},
        # Every run of a tenant's local time (see core/schedule.py): 09:00 daily, 06:00 on the first, ...
        "tick": {"task": "core.tick", "schedule": crontab(minute="*/5")},
    },
)
