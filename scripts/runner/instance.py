"""The data folder of one running TrackTok: its lock, secrets, ports, what was done before, and what was left over."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shlex
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from . import ProblemError, explain, say

MARK = "TRACKTOK_INSTANCE"
"""Every process that we start carries its folder in this variable, so that leftovers of a killed run can be told."""
_LEAST_FREE = 200 * 1024 * 1024
_SECRETS = ("secret_key", "jwt_secret", "postgres_password", "owner_password", "app_password", "valkey_password")


class Instance:
    """The folder. Made with mode 0700 when it is not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: IO[str] | None = None

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def open(self, about: str) -> None:
        """Make the folder and take its lock. Raises ProblemError when another start holds it or it is not writable."""
        try:
            if not self.folder.exists():
                self.folder.mkdir(parents=True, mode=0o700)
            if not self.folder.is_dir():
                raise ProblemError(f"--data {self.folder} is a file: name a folder")
            handle = (self.folder / "lock").open("a+")
        except OSError as error:
            raise ProblemError(f"cannot use {self.folder}: {explain(error)}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            running = handle.read().strip()
            raise ProblemError(
                f"TrackTok already runs with --data {self.folder}{f' ({running})' if running else ''}: "
                "stop it first, or use another --data and --port"
            ) from error
        self._lock = handle
        try:
            handle.truncate(0)
            handle.write(f"process {os.getpid()}, {about}")
            handle.flush()
            self.logs.mkdir(exist_ok=True)
        except OSError as error:
            raise ProblemError(f"cannot use {self.folder}: {explain(error)}") from error
        free = shutil.disk_usage(self.folder).free
        if free < _LEAST_FREE:
            raise ProblemError(f"only {free // 2**20} MB are free on the disk of {self.folder}: make room first")

    def close(self) -> None:
        """Give the lock back."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def secrets(self) -> dict[str, str]:
        """The secrets of this folder: made once, kept with mode 0600."""
        path = self.folder / "secrets.json"
        kept = self._read(path)
        missing = [name for name in _SECRETS if name not in kept]
        if missing and "postgres_password" in missing and (self.folder / "postgres").exists():
            raise ProblemError(
                f"{path} is gone, and with it the passwords of the database beside it: "
                f"put the file back, or remove {self.folder} to begin anew"
            )
        if missing:
            kept |= {name: secrets.token_urlsafe(36) for name in missing}
            self._write(path, kept)
        elif path.stat().st_mode & 0o077:
            path.chmod(0o600)
        return kept

    def state(self) -> dict[str, Any]:
        """What earlier runs noted: ports, and what they have done."""
        return self._read(self.folder / "state.json")

    def note(self, **facts: object) -> None:
        """Keep facts for later runs."""
        self._write(self.folder / "state.json", self.state() | facts)

    def write_settings(self, values: dict[str, str]) -> None:
        """Keep the settings as a shell file, so that parts can be run by hand beside a running start."""
        lines = [f"export {name}={shlex.quote(value)}\n" for name, value in sorted(values.items())]
        self._write_text(self.folder / "env", "".join(lines))

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            content = json.loads(path.read_text())
        except FileNotFoundError:
            return {}
        except (ValueError, UnicodeDecodeError) as error:
            if path.name == "state.json":
                return {}  # It only saves time.
            raise ProblemError(f"{path} is damaged: put it back from a copy") from error
        return content if isinstance(content, dict) else {}

    def _write(self, path: Path, content: dict[str, Any]) -> None:
        self._write_text(path, json.dumps(content, indent=1))

    def _write_text(self, path: Path, text: str) -> None:
        partial = path.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        partial.replace(path)

    def end_leftovers(self) -> None:
        """End what a killed run of this same folder left running. Call it only while holding the lock."""
        mark = f"{MARK}={self.folder}".encode()
        left = _processes_marked(mark)
        if not left:
            return
        say(
            f"ending {len(left)} process{'es' if len(left) > 1 else ''} that an earlier, killed start left behind",
            source="start",
        )
        for number in (signal.SIGTERM, signal.SIGKILL):
            for process in left:
                with suppress(ProcessLookupError):
                    os.kill(process, number)
            deadline = time.monotonic() + 5
            while left and time.monotonic() < deadline:
                time.sleep(0.05)
                left = _processes_marked(mark)


def _processes_marked(mark: bytes) -> list[int]:
    ours = {os.getpid(), os.getppid()}
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int(folder.name) not in ours and mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found
