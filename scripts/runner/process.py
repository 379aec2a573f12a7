"""Child processes: started in their own group, watched, restarted, and ended with everything that they started.

One thread does it all, on purpose: on Linux a child gets its parent-death signal when the *thread* that made it ends.
The children write to their log files themselves, so that the death of this process does not break their output; the
files are followed here for what must be seen on the terminal.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Self

from . import ProblemError, StoppedError, say
from .logfile import WARNINGS, LogFile

BACKOFF = (0.5, 1, 2, 5, 10, 30)
"""Seconds before a dead child is started again; the last one repeats."""
STEADY_SECONDS = 60
"""A child that lived so long starts again at the first step."""
TRIES_BEFORE_READY = 5
_INSIST_SECONDS = 5
_OF_ITS_OWN = {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL}
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Child:
    """A program to keep running (or, with `restart=False`, to run once)."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    log: LogFile | None
    cwd: Path
    user: int | None = None
    group: int | None = None
    restart: bool = True
    stop_signal: int = signal.SIGTERM
    hard_signal: int = signal.SIGKILL
    death_signal: int = signal.SIGTERM
    """What the kernel sends to the child when this process dies without a chance to stop it."""
    patience: float = 10
    """Seconds between asking to stop and insisting."""
    warnings: tuple[str, ...] = WARNINGS
    """Words that make a line of its log worth showing at the terminal."""
    quiet: tuple[str, ...] = ()
    """Pieces of warnings that are of no use to anybody at the terminal."""
    pass_fds: tuple[int, ...] = ()
    foreground: bool = False
    """It owns the terminal: it reads from it, and hears Ctrl-C by itself."""
    private: bool = False
    """Files that the child makes are for its own user only."""
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)
    deaths: int = field(default=0, init=False)
    start_again_at: float | None = field(default=None, init=False)
    code: int | None = field(default=None, init=False)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def spawn(self) -> None:
        """Start the program in a session of its own, so that Ctrl-C at the terminal reaches only us."""
        output = self.log.open() if self.log else None
        try:
            self.process = subprocess.Popen(
                self.argv,
                cwd=self.cwd,
                env=dict(self.environment),
                stdin=None if self.foreground else subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output is not None else None,
                start_new_session=not self.foreground,
                user=self.user,
                group=self.group,
                extra_groups=[] if self.user is not None else None,
                pass_fds=self.pass_fds,
                preexec_fn=self._before_exec(os.getpid()),  # noqa: PLW1509 - this process has one thread
            )
        except FileNotFoundError as error:
            raise ProblemError(f"{self.name}: {self.argv[0]} is not there") from error
        finally:
            if output is not None:
                os.close(output)
        self.started_at = time.monotonic()
        self.start_again_at = None
        self.code = None

    def _before_exec(self, parent: int) -> Callable[[], None]:
        death_signal, private = self.death_signal, self.private

        def prepare() -> None:
            # After the change of user, which would clear it.
            if _libc is not None:
                _libc.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
                if os.getppid() != parent:
                    os._exit(1)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE):
                signal.signal(number, signal.SIG_DFL)
            if private:
                os.umask(0o077)

        return prepare

    def tell(self, number: int) -> None:
        """Send a signal to the program itself; its own children are its business."""
        if self.process is not None and self.alive:
            self.process.send_signal(number)

    def sweep_group(self, number: int = signal.SIGKILL) -> None:
        """End what the program left behind in its process group."""
        if self.process is not None and not self.foreground:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


class Supervisor:
    """Runs children until it is told to stop. Use it as a context manager: leaving it stops all of them."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.ready = False
        self._asked: int | None = None
        self._times_asked = 0
        self._stopping = False
        self._wake_read, self._wake_write = os.pipe()
        for end in (self._wake_read, self._wake_write):
            os.set_blocking(end, False)
        self._previous: dict[int, object] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._previous[number] = signal.signal(number, self._on_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_all()
        signal.set_wakeup_fd(-1)
        for end in (self._wake_read, self._wake_write):
            os.close(end)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._asked = number
        self._times_asked += 1

    def add(self, child: Child) -> Child:
        """Start a child and keep watch over it."""
        child.spawn()
        self.children.append(child)
        return child

    def run_once(self, child: Child, *, timeout: float | None = None) -> int:
        """Run a program to its end while the others are watched; its exit code."""
        child.restart = False
        child.warnings = ()  # Whoever runs it shows what it said when it fails.
        self.add(child)
        done = self.run_until(lambda: not child.alive, timeout=timeout)
        if not done:
            self._end([child])
        self._look()
        self.children.remove(child)
        child.sweep_group()
        if child.log:
            child.log.show_news(child.name, child.warnings, child.quiet)
        return child.process.returncode if done and child.process else 124

    def run_until(self, true: Callable[[], bool], *, timeout: float | None = None, every: float = 0.05) -> bool:
        """Watch over the children until something is true; False when the time is over before.

        Raises StoppedError when a signal asked to stop.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            if self._asked is not None and not self._stopping:
                raise StoppedError
            if true():
                return True
            if end is not None and time.monotonic() >= end:
                return False
            self._wait(every)
            self._look()

    def run_forever(self) -> None:
        """Watch over the children until a signal asks to stop (StoppedError)."""
        self.ready = True
        self.run_until(lambda: False, every=0.5)

    def _wait(self, seconds: float) -> None:
        readable, _, _ = select.select([self._wake_read], [], [], seconds)
        if readable:
            try:
                while os.read(self._wake_read, 512):
                    pass
            except BlockingIOError:
                pass

    def _look(self) -> None:
        now = time.monotonic()
        for child in list(self.children):
            if child.log:
                child.log.show_news(child.name, child.warnings, child.quiet)
            if child.start_again_at is not None:
                if now >= child.start_again_at:
                    child.spawn()
            elif not child.alive and child.code is None and child.process is not None:
                self._died(child, now)

    def _died(self, child: Child, now: float) -> None:
        code = child.process.returncode if child.process else None
        child.code = code
        if not child.restart or self._stopping:
            return
        child.sweep_group()
        if now - child.started_at > STEADY_SECONDS:
            child.deaths = 0
        pause = BACKOFF[min(child.deaths, len(BACKOFF) - 1)]
        child.deaths += 1
        if not self.ready and child.deaths >= TRIES_BEFORE_READY:
            raise ProblemError(f"{child.name} does not start ({ending(code)}).{_tail(child)}")
        child.start_again_at = now + pause
        say(
            f"{child.name} ended by itself ({ending(code)}); starting it again.{_tail(child)}",
            source="start",
            urgent=True,
        )

    def stop_all(self) -> None:
        """Stop every child, those started last first, PostgreSQL and Valkey when nobody needs them any more."""
        self._stopping = True
        services = [c for c in self.children if c.name in {"postgres", "valkey"}]
        self._end([c for c in self.children if c not in services])
        self._end(services)
        self.children.clear()

    def _end(self, children: Sequence[Child]) -> None:
        children = [c for c in children if c.process is not None]
        for child in children:
            child.start_again_at = None
            if not (child.foreground and self._asked == signal.SIGINT):
                child.tell(child.stop_signal)
        begun, asked = time.monotonic(), self._times_asked
        insisted: set[int] = set()
        while waiting := [c for c in children if c.alive]:
            hurry = self._times_asked > asked
            for child in waiting:
                late = time.monotonic() - begun - child.patience
                if (hurry or late > 0) and id(child) not in insisted:
                    insisted.add(id(child))
                    child.tell(child.hard_signal)
                elif late > _INSIST_SECONDS or (hurry and late > _INSIST_SECONDS - child.patience):
                    child.tell(signal.SIGKILL)
                    child.sweep_group()
            self._wait(0.02)
        for child in children:
            child.sweep_group()
            if child.log:
                child.log.show_news(child.name, child.warnings, child.quiet, quietly=True)


def ending(code: int | None) -> str:
    """How a process ended, in words."""
    if code is None:
        return "unknown end"
    if code < 0:
        try:
            return f"killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"killed by signal {-code}"
    return f"exit code {code}"


def _tail(child: Child) -> str:
    killed = child.code is not None and child.code < 0 and -child.code not in _OF_ITS_OWN
    if child.log is None or killed:  # Then its last words have nothing to do with its end.
        return ""
    lines = child.log.tail(8)
    return "".join(f"\n    {line}" for line in lines) + f"\n    (all of it: {child.log.path})" if lines else ""
