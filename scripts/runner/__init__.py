"""What `scripts/start` and `scripts/test` are made of: Python's own library only, so that it runs at once."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
"""The project's folder."""


class ProblemError(Exception):
    """Something that the person at the terminal can mend; the message says what happened and what to do."""


class StoppedError(Exception):
    """A signal asked to stop."""


def say(text: str, *, source: str = "", urgent: bool = False) -> None:
    """Print to the terminal at once, with the name of the part that speaks; quietly nothing when it is gone."""
    prefix = f"{source:<8} | " if source else ""
    if urgent and sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        prefix, text = f"\033[33m{prefix}", f"{text}\033[0m"
    try:
        print(f"{prefix}{text}", flush=True)
    except OSError:
        # The terminal was closed; what runs goes on until it is told to stop.
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - open until the end


def explain(error: OSError) -> str:
    """An operating system's error in words that say what to do."""
    where = f" ({error.filename})" if error.filename else ""
    reasons = {
        errno.ENOSPC: f"the disk is full{where}: make room and start again",
        errno.EDQUOT: f"the disk quota is used up{where}: make room and start again",
        errno.EACCES: f"no permission{where}: use another --data folder, or give this user the right to write there",
        errno.EPERM: f"not permitted{where}",
        errno.EROFS: f"the disk can only be read{where}: use another --data folder",
        errno.EMFILE: "too many open files: raise the limit with `ulimit -n 4096`",
        errno.ENOMEM: "not enough memory to start another process",
    }
    return reasons.get(error.errno or 0, str(error))
