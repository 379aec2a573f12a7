"""A TrackTok that runs by itself (see `host.py`), as tests use it: over HTTP, and with a look into its database."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import requests
from celery import Celery
from sqlalchemy.engine import make_url

from tests.kills.host import PARTS

ROOT = Path(__file__).resolve().parents[2]
_COMMANDS = """
import json, sys
from wsgi import app
for command in sys.argv[1:]:
    done = app.test_cli_runner().invoke(args=command.split())
    print(json.dumps([[done.exit_code, done.output]]), flush=True)
"""
PASSWORD = "correct horse battery"
PATIENCE = 120
"""Seconds that anything may take on a machine that is busy with other things."""
Row = tuple[Any, ...]


def wait_for(what: str, happened: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What `happened` returns as soon as it is true; fails when it does not come."""
    until = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.1)
    return found


class Machine:
    """Its parts, to start and to kill."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._heard: dict[str, int] = {}
        environment = dict(os.environ) | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "scripts")])}
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "TRACKTOK_ENV", "DATA_DIR", "BASE_DOMAIN",
                     "RATE_LIMITS_ENABLED", "SECRET_KEY", "JWT_SECRET", "LOG_LEVEL"):  # fmt: skip
            environment.pop(name, None)
        self._host = subprocess.Popen(
            [sys.executable, "-m", "tests.kills.host", str(folder)],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._expect_done("the servers")
        self.environment: dict[str, str] = json.loads((folder / "settings.json").read_text())
        self.address = f"http://127.0.0.1:{self.environment['WEB_PORT']}"

    def start(self, *parts: str) -> None:
        for part in parts:
            self._tell("start", part)

    def kill(self, part: str) -> None:
        """-9 for a part and all processes of its own."""
        self._tell("kill", part)

    def end(self) -> None:
        """Stop everything."""
        assert self._host.stdin is not None
        self._host.stdin.close()
        try:
            self._host.wait(60)
        finally:
            self._host.kill()
            self._host.wait()
            assert self._host.stdout is not None
            self._host.stdout.close()

    def _tell(self, what: str, part: str) -> None:
        assert self._host.stdin is not None
        self._host.stdin.write(f"{what} {part}\n")
        self._host.stdin.flush()
        self._expect_done(f"{what} {part}")

    def _expect_done(self, what: str) -> None:
        assert self._host.stdout is not None
        said: list[str] = []
        while line := self._host.stdout.readline().strip():
            if line == "done":
                return
            said.append(line)
            if line.startswith("failed"):
                break
        raise AssertionError(f"{what}: {' '.join(said) or 'the host is gone'}\n{self.logs()}")

    def logs(self) -> str:
        """The last words of all parts, for who has to find out why a test failed."""
        told = []
        for part in (*PARTS, "setup"):
            with suppress(OSError):
                lines = (self.folder / "logs" / f"{part}.log").read_text(errors="replace").splitlines()[-25:]
                told.append("\n".join([f"--- {part}", *lines]))
        return "\n".join(told)

    def wait_for_words(self, part: str, words: str) -> None:
        """Wait until a part says something that it has not said before it was last asked for."""
        log = self.folder / "logs" / f"{part}.log"

        def said() -> bool:
            text = log.read_text(errors="replace")
            place = text.find(words, self._heard.get(part, 0))
            if place < 0:
                return False
            self._heard[part] = place + len(words)
            return True

        wait_for(f"{part} to say {words!r}", said)

    def database(self, *, autocommit: bool = True) -> psycopg.Connection[Row]:
        """A connection that sees all tenants."""
        url = make_url(self.environment["DATABASE_ADMIN_URL"]).set(drivername="postgresql", database="tracktok")
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=autocommit)

    def ask(self, statement: str, *parameters: Any) -> Any:
        """The one value, or the rows, that a statement gives; over a connection of its own."""
        with self.database() as connection:
            rows = connection.execute(statement.encode(), parameters).fetchall()
        return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else rows

    def commands(self, *commands: str) -> list[tuple[int, str]]:
        """(exit code, what was said) of commands of `flask`, one after another in one process."""
        done = subprocess.run(
            [sys.executable, "-c", _COMMANDS, *commands],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        told = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("[["))
        return [(code, said) for [[code, said]] in told]

    def tick_at(self, instant: datetime) -> None:
        """Ask the worker to do what is to be done at this time."""
        with Celery(broker=self.environment["REDIS_URL"], set_as_current=False) as client:
            client.send_task("tests.tick_at", args=[instant.isoformat()], queue="default", ignore_result=True)

    def readiness(self) -> tuple[int, dict[str, Any]]:
        """What /readyz says; (0, {}) when nobody answers."""
        try:
            answer = requests.get(f"{self.address}/readyz", timeout=10)
        except requests.ConnectionError:
            return 0, {}
        return answer.status_code, answer.json()

    def wait_until_ready(self) -> None:
        wait_for("the web", lambda: self.readiness()[0] == 200)

    def finish(self) -> None:
        """Wait until every job and every mail that was asked for is done, in all companies."""

        def done() -> bool:
            # The sweep leaves alone for 15 seconds what somebody may be at: let them have gone by.
            self.ask(
                "UPDATE jobs SET updated_at = updated_at - interval '1 minute' WHERE status IN ('queued', 'running')"
                " RETURNING id"
            )
            open_jobs = self.ask("SELECT count(*) FROM jobs WHERE status IN ('queued', 'running')")
            open_mails = self.ask("SELECT count(*) FROM outbox WHERE delivered_at IS NULL")
            return bool(open_jobs == open_mails == 0)

        wait_for("the jobs and mails to be done", done)
        assert self.ask("SELECT kind, error FROM jobs WHERE status <> 'done'") == []

    def register(self) -> Company:
        """A new company of an owner who signs up."""
        return Company(self)


class Company:
    """A company on the machine, as its owner uses the API."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.subdomain = machine, f"k{secrets.token_hex(5)}"
        self.email = f"kim@{self.subdomain}.test"
        # Everybody from a place of their own: sign-ins are counted by address.
        self.headers = {"X-Forwarded-For": ".".join(["10", *(str(secrets.randbelow(250)) for _ in range(3))])}
        body = {
            "name": f"Company {self.subdomain}", "subdomain": self.subdomain, "owner_email": self.email,
            "owner_password": PASSWORD, "owner_first_name": "Kim",
        }  # fmt: skip
        made = self.call("POST", "/auth/register", 201, json=body)
        self.id = UUID(made["tenant"]["id"])
        self.person_id = UUID(made["user"]["id"])
        self.headers["Authorization"] = f"Bearer {made['access_token']}"

    def call(self, method: str, path: str, status: int, **options: Any) -> Any:
        """The JSON of an answer, which must have this status."""
        answer = requests.request(
            method, f"{self.machine.address}/api/v1{path}", headers=self.headers, timeout=60, **options
        )
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text[:600]}"
        return answer.json() if answer.content else None

    def make(self, path: str, **body: Any) -> Any:
        return self.call("POST", path, 201, json=body)

    def get(self, path: str) -> Any:
        return self.call("GET", path, 200)

    def upload(self, content: str, name: str = "bank.csv") -> Any:
        """An import of a file."""
        return self.call("POST", "/imports/", 201, files={"file": (name, content.encode(), "text/csv")})

    def count(self, table: str, where: str = "true", *parameters: Any) -> int:
        """How many rows of a table are this company's."""
        found: int = self.machine.ask(
            f"SELECT count(*) FROM {table} WHERE tenant_id = %s AND {where}", self.id, *parameters
        )
        return found
