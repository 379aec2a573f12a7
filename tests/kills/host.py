"""Runs a whole TrackTok of its own, by the machinery of `scripts/start`, and kills parts of it when it is told to.

`python -m tests.kills.host FOLDER` reads `start NAME`, `kill NAME` and `stop NAME` line by line and answers each with
one line, `done` or `failed: why`; at the end of its input it stops everything. Nothing is started again by itself: the
test decides how long a part is away. NAME is postgres, valkey, web, worker or beat.

The servers keep what they were given (`durable`), as they do for somebody who uses the product: what is lost by a kill
is lost there too.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path

import psutil
from runner import ROOT, ProblemError, StoppedError, ports, postgres, settings, valkey
from runner.logfile import LogFile
from runner.process import Child, Supervisor

PARTS = ("postgres", "valkey", "web", "worker", "beat")
_SECRETS = ("secret_key", "jwt_secret", "postgres_password", "owner_password", "app_password", "valkey_password")
_PATIENCE = 60


class Host:
    """The parts and how each is started."""

    def __init__(self, supervisor: Supervisor, folder: Path) -> None:
        self.supervisor, self.folder, self.logs = supervisor, folder, folder / "logs"
        self.logs.mkdir(exist_ok=True)
        self.secrets = {name: f"only-for-tests-{os.urandom(12).hex()}" for name in _SECRETS}
        self.ports: dict[str, int | None] = {"postgres": None, "valkey": None}
        self.env = dict(os.environ)

    def start(self, name: str) -> None:
        """Start a part and wait until it can be used, as far as that can be told from here."""
        if name == "postgres":
            self._start_postgres()
        elif name == "valkey":
            self._start_valkey()
        else:
            self.supervisor.add(self._program(name))
        self._child(name).restart = False

    def kill(self, name: str) -> None:
        """End a part as the power does: -9, with all of its own processes, and wait until they are gone."""
        child = self._child(name)
        assert child.process is not None
        whole = {child.process.pid, *(one.pid for one in psutil.Process(child.process.pid).children(recursive=True))}
        if name == "postgres":
            whole |= postgres._working_in(self.folder / "postgres")
        for number in sorted(whole):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        child.sweep_group()
        if not self.supervisor.run_until(lambda: not any(map(_lives, whole)), timeout=_PATIENCE):
            raise ProblemError(f"{name} lives on: {sorted(filter(_lives, whole))}")
        self.supervisor.children.remove(child)

    def stop(self, name: str) -> None:
        """End a part as scripts/start does."""
        child = self._child(name)
        self.supervisor._end([child])
        self.supervisor.children.remove(child)

    def _child(self, name: str) -> Child:
        for child in self.supervisor.children:
            if child.name == name:
                return child
        raise ProblemError(f"{name} does not run")

    def _start_postgres(self) -> None:
        port = postgres.start(
            self.supervisor,
            site_packages=Path(sysconfig.get_path("platlib")),
            folder=self.folder / "postgres",
            logs=self.logs,
            port=self.ports["postgres"],
            password=self.secrets["postgres_password"],
        )
        self._keep_port("postgres", port)
        settings.use_local_database(self.env, self.secrets, port)

    def _start_valkey(self) -> None:
        port = valkey.start(
            self.supervisor,
            site_packages=Path(sysconfig.get_path("platlib")),
            folder=self.folder / "valkey",
            logs=self.logs,
            port=self.ports["valkey"],
            password=self.secrets["valkey_password"],
            environment=self.env,
        )
        self._keep_port("valkey", port)
        settings.use_local_valkey(self.env, self.secrets, port)

    def _keep_port(self, name: str, port: int) -> None:
        if self.ports[name] not in {None, port}:
            raise ProblemError(f"the port of {name} was taken while it was away")
        self.ports[name] = port

    def _program(self, name: str) -> Child:
        python = [sys.executable, "-m"]
        celery = [*python, "celery", "-A", "tests.kills.quick"]
        programs = {
            "web": [
                *(*python, "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.web_port)),
                *("--workers", "1", "--blocking-threads", "2", "--no-ws", "--workers-kill-timeout", "5", "wsgi:app"),
            ],
            "worker": [
                *(*celery, "worker", "--hostname", "killed@tests", "--concurrency", "4", "--loglevel", "INFO"),
                *("--without-gossip", "--without-mingle"),
            ],
            "beat": [*celery, "beat", "--schedule", str(self.folder / "beat"), "--pidfile=", "--loglevel", "INFO"],
        }
        return Child(
            name=name,
            argv=programs[name],
            environment=self.env | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "scripts")])},
            log=LogFile(self.logs / f"{name}.log"),
            cwd=ROOT,
            private=True,
            warnings=(),
            hard_signal=signal.SIGKILL,
            death_signal=signal.SIGKILL,
            patience=5,
        )

    def prepare(self) -> None:
        """Servers, settings and schema; the settings go into a file."""
        self.start("postgres")
        self.start("valkey")
        self.web_port = ports.choose(not_these=set())
        settings.complete(self.env, self.secrets, self.folder, self.web_port)
        self.env |= {
            "BASE_DOMAIN": "tracktok.test",
            "TRUSTED_PROXIES": "1",
            "PYTHONWARNINGS": "ignore",
            "WEB_PORT": str(self.web_port),
        }
        log = LogFile(self.logs / "setup.log")
        argv = [sys.executable, str(ROOT / "scripts" / "init_db.py")]
        if self.supervisor.run_once(Child(name="setup", argv=argv, environment=self.env, log=log, cwd=ROOT)):
            raise ProblemError("\n".join(log.tail(20)))
        (self.folder / "settings.json").write_text(json.dumps(self.env))


def _lives(number: int) -> bool:
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _answer(text: str) -> None:
    sys.stdout.write(" ".join(text.split()) + "\n")
    sys.stdout.flush()


def main(folder: Path) -> None:
    """Do what the lines of the input say, until they end."""
    with Supervisor() as supervisor, suppress(StoppedError):
        host = Host(supervisor, folder)
        try:
            host.prepare()
        except (ProblemError, OSError) as error:
            _answer(f"failed: {error}")
            return
        _answer("done")
        while True:
            supervisor.run_until(lambda: bool(select.select([sys.stdin], [], [], 0)[0]))
            line = sys.stdin.readline()
            if not line:
                return
            what, name = line.split()
            try:
                getattr(host, what)(name)
            except (ProblemError, OSError) as error:
                _answer(f"failed: {error}")
            else:
                _answer("done")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
