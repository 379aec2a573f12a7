"""The Celery application and its tasks of the core. Areas add theirs in `tasks.py`; the factory binds Flask.

Tasks carry ids only and may run twice: the database decides what is still to do. With Redis as the broker a task of a
killed worker comes back late, so a sweep (`core.sweep`, every 15 seconds) re-queues what the database says is due.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import structlog
from celery import Celery, Task
from kombu.exceptions import ChannelError, OperationalError
from redis.exceptions import RedisError

from . import broker, cache, context
from .context import SYSTEM, RequestInfo
from .ids import new_id

if TYPE_CHECKING:
    from flask import Flask

log = structlog.get_logger(__name__)


class FlaskTask(Task):  # type: ignore[misc]
    """A task that runs in an application context, as the system, in no tenant until it enters one."""

    abstract = True
    flask_app: Flask | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task's body inside the application."""
        application = self.flask_app
        if application is None:
            raise RuntimeError("tasks need the application: start workers with `celery -A celeryconfig worker`")
        with application.app_context(), context.acting(SYSTEM):
            context.set_request_info(RequestInfo(request_id=str(self.request.id or new_id()), route=self.name))
            return self.run(*args, **kwargs)


celery = Celery("tracktok", task_cls=FlaskTask)

# How long a task may run before the broker offers it to another worker; the database keeps that from doing harm.
VISIBILITY_SECONDS = 3600
# After the broker did not answer, do not ask it again for a while: pages must not wait for it on every write.
SECONDS_OF_REST = 5.0
LONG = 100
_resting_until = 0.0


def configure(broker_url: str) -> None:
    """Point every process, web and worker alike, at the broker; one that is down is noticed within half a second."""
    broker.install()
    celery.conf.update(
        broker_url=broker_url,
        result_backend=None,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        # A broker that is gone does not end what is at work: the lock of a job keeps a second worker from it. (And
        # Celery, when it ends processes of its pool for that, does not survive the next connection.)
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": VISIBILITY_SECONDS,
            "socket_connect_timeout": 0.5,
            "socket_timeout": 5,
            "max_retries": 0,
            "retry_on_timeout": False,
        },
        task_default_queue="default",
        timezone="UTC",
        enable_utc=True,
    )


def is_long(queue: str) -> bool:
    """Whether a queue is so long that to put more into it of what may be in it already is of no use.

    No, when the broker does not say.
    """
    try:
        with celery.connection_or_acquire() as connection:
            found = connection.default_channel.queue_declare(queue, passive=True)
    except (OperationalError, ChannelError, OSError, RedisError):
        return False
    return int(found.message_count) > LONG


def enqueue(task: Any, *args: Any, queue: str | None = None, countdown: float | None = None) -> None:
    """Ask a worker to run a task soon, or in `countdown` seconds.

    Without a broker this is logged only: the sweep finds the work later.
    """
    global _resting_until  # noqa: PLW0603 - one fact of this process
    if time.monotonic() < _resting_until:
        return
    try:
        task.apply_async(args=[str(a) for a in args], queue=queue, countdown=countdown, retry=False, ignore_result=True)
    except (OperationalError, OSError, RedisError) as error:
        _resting_until = time.monotonic() + SECONDS_OF_REST
        cache.rest()
        log.warning("broker_unavailable", task=task.name, error=str(error))
