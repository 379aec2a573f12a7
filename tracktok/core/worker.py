"""The Celery application and its tasks of the core. Areas add theirs in `tasks.py`; the factory binds Flask.

Tasks carry ids only and may run twice: the database decides what is still to do. With Redis as the broker a task of a
killed worker comes back late, so a sweep (`core.sweep`, every 15 seconds) re-queues what the database says is due.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from celery import Celery, Task
from kombu.exceptions import OperationalError

from . import context
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
            from tracktok.app import create_app  # noqa: PLC0415 - the worker makes its own application, lazily

            application = create_app()
            FlaskTask.flask_app = application
        with application.app_context(), context.acting(SYSTEM):
            context.set_request_info(RequestInfo(request_id=str(self.request.id or new_id()), route=self.name))
            return self.run(*args, **kwargs)


celery = Celery("tracktok", task_cls=FlaskTask)


def enqueue(task: Any, *args: Any, queue: str | None = None) -> None:
    """Ask a worker to run a task soon. Without a broker this is logged only: the sweep finds the work later."""
    try:
        task.apply_async(args=[str(a) for a in args], queue=queue, retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        log.warning("broker_unavailable", task=task.name, error=str(error))
