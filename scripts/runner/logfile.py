"""The log file of a child: opened for it to append to, followed for warnings, kept to a size."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

from . import say

LARGEST = 50 * 1024 * 1024
"""Bytes after which a log starts afresh; the one before is kept beside it."""
WARNINGS = ("WARNING", "WARN", "ERROR", "CRITICAL", "FATAL", "Traceback")
"""Words that make a line of plain text a warning or worse."""
_SAY_AGAIN_SECONDS = 300
_NUMBERS = re.compile(r"[0-9a-fA-F-]{12,}|\d+")
_WORD = re.compile(r"\w+")
_LEVELS = {"warning", "error", "critical", "exception", "fatal"}
_LONGEST_LINE = 300


class LogFile:
    """One child's output in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            if path.stat().st_size > LARGEST:
                path.replace(path.with_suffix(".1.log"))
        except FileNotFoundError:
            pass
        self._begin = self._seen = path.stat().st_size if path.exists() else 0
        self._rest = b""
        self._said: dict[str, float] = {}

    def open(self) -> int:
        """A descriptor to append to, for the child. What it writes from now on is its run (see `tail`)."""
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._begin = os.fstat(descriptor).st_size
        return descriptor

    def _news(self) -> list[str]:
        try:
            with self.path.open("rb") as handle:
                size = handle.seek(0, os.SEEK_END)
                if size < self._seen:
                    self._seen = 0
                handle.seek(self._seen)
                fresh = handle.read(1024 * 1024)
        except FileNotFoundError:
            return []
        self._seen += len(fresh)
        if size > LARGEST:
            self._start_afresh()
        *lines, self._rest = (self._rest + fresh).split(b"\n")
        return [line.decode(errors="replace") for line in lines]

    def _start_afresh(self) -> None:
        # The child appends, so it goes on at the new beginning.
        try:
            self._copy().replace(self.path.with_suffix(".1.log"))
            os.truncate(self.path, 0)
            self._seen = self._begin = 0
        except OSError as error:
            say(f"cannot shorten {self.path}: {error}", source="start", urgent=True)

    def _copy(self) -> Path:
        target = self.path.with_suffix(".copy")
        with self.path.open("rb") as source, target.open("wb") as handle:
            while block := source.read(1024 * 1024):
                handle.write(block)
        return target

    def show_news(self, name: str, warnings: tuple[str, ...], quiet: tuple[str, ...], *, quietly: bool = False) -> None:
        """Print what was written since the last look and is a warning or worse."""
        for line in self._news():
            text = warning_in(line, warnings)
            if text and not quietly and not any(piece in line for piece in quiet) and self._is_fresh(text):
                say(text[:_LONGEST_LINE], source=name, urgent=True)

    def _is_fresh(self, text: str) -> bool:
        """Whether the same was not said within the last minutes."""
        now = time.monotonic()
        self._said = {said: at for said, at in self._said.items() if now - at < _SAY_AGAIN_SECONDS}
        return self._said.setdefault(_NUMBERS.sub("0", text), now) == now

    def whole(self) -> str:
        """All that the child wrote since it was started last."""
        with self.path.open("rb") as handle:
            handle.seek(self._begin)
            return handle.read().decode(errors="replace").rstrip()

    def tail(self, count: int) -> list[str]:
        """The last lines that the child wrote since it was started last."""
        try:
            with self.path.open("rb") as handle:
                size = handle.seek(0, os.SEEK_END)
                handle.seek(max(min(self._begin, size), size - 16 * 1024))
                text = handle.read().decode(errors="replace")
        except FileNotFoundError:
            return []
        return [line[:_LONGEST_LINE] for line in text.splitlines() if line.strip()][-count:]


def warning_in(line: str, warnings: tuple[str, ...] = WARNINGS) -> str:
    """The text for the terminal when a log line is a warning or worse, else an empty string."""
    stripped = line.strip()
    if stripped.startswith("{"):
        try:
            record = json.loads(stripped)
        except ValueError:
            record = None
        if isinstance(record, dict):
            level = str(record.get("level", "")).lower()
            if level not in _LEVELS:
                return ""
            told = [*str(record.get("event") or record.get("message") or "").splitlines()[:1]]
            for key in ("error", "path", "status", "request_id", "task"):
                told += [f"{key}={text}" for text in str(record.get(key, "")).splitlines()[:1]]
            return f"{level}: {' '.join(told)}"
    return stripped if any(word in warnings for word in _WORD.findall(stripped)) else ""
