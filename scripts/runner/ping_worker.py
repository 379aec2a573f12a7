"""Wait until a Celery worker answers: `python -m runner.ping_worker NAME`, with the broker in REDIS_URL."""

from __future__ import annotations

import os
import sys
import time

from celery import Celery
from kombu.exceptions import OperationalError

_SECONDS = 60


def main(name: str) -> int:
    """0 when the worker of that name answered, 1 when it did not in time."""
    control = Celery(broker=os.environ["REDIS_URL"], set_as_current=False).control
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        try:
            if control.ping(destination=[name], timeout=0.5, limit=1):
                return 0
        except (OperationalError, OSError):  # The broker is not there yet.
            time.sleep(0.5)
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
