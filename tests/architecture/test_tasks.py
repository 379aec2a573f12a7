"""Every queue is consumed, every beat entry is a task that exists."""

from __future__ import annotations

import pytest

from tracktok.core.jobs import KINDS
from tracktok.core.worker import celery


@pytest.fixture(scope="module")
def celery_settings(app):
    import celeryconfig

    return celeryconfig


def test_every_beat_entry_is_a_task(celery_settings):
    assert {entry["task"] for entry in celery.conf.beat_schedule.values()} >= {"core.sweep", "core.tick", "audit.seal"}
    for name, entry in celery.conf.beat_schedule.items():
        assert entry["task"] in celery.tasks, f"{name} calls {entry['task']}, which does not exist"


def test_every_queue_that_is_written_to_is_worked(app, celery_settings):
    worked = set(celery_settings.QUEUES)
    assert {queue for _, queue in KINDS.values()} <= worked
    assert celery.conf.task_default_queue in worked
