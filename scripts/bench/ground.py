"""What a benchmark stands on: a PostgreSQL and a Valkey of its own, as durable as in earnest, and real servers.

    with Ground() as ground:
        ground.app            # the application in this process
        with ground.serve("wsgi:app") as port: ...

Run a benchmark with the project's virtual environment, e.g. `.venv/bin/python scripts/bench/spend.py`.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts"), str(ROOT / "scripts" / "bench")]

from flask import Flask  # noqa: E402
from runner import postgres, valkey  # noqa: E402
from runner.process import Supervisor  # noqa: E402


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(pid: int) -> float:
    """Processor seconds that a process and its children have used, also those that have ended (Linux)."""
    tick = os.sysconf("SC_CLK_TCK")
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        # Threads other than the first may have children too.
        for task in Path(f"/proc/{pid}/task").iterdir():
            if task.name != str(pid):
                children += (task / "children").read_text().split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / tick + sum(cpu_seconds(int(child)) for child in children)


class Ground:
    """Servers, a migrated database and the application; all of it gone at the end."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="tracktok-bench-"))
        self.environment: dict[str, str] = {}
        self.server = 0
        self.supervisor: Supervisor
        self.app: Flask

    def __enter__(self) -> Self:
        import init_db

        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        supervisor = self.supervisor = self._stack.enter_context(Supervisor())
        packages = Path(os.path.dirname(os.path.dirname(sys.modules["flask"].__file__ or "")))  # noqa: PTH120
        logs = self.folder / "logs"
        logs.mkdir()
        secret = "bench-" + os.urandom(8).hex()
        pg_port = postgres.start(
            supervisor, site_packages=packages, folder=self.folder / "postgres", logs=logs, port=None, password=secret
        )
        redis_port = valkey.start(
            supervisor, site_packages=packages, folder=self.folder / "valkey", logs=logs, port=None, password=secret,
            environment=dict(os.environ),
        )  # fmt: skip
        place = f"127.0.0.1:{pg_port}"
        self.admin_url = f"postgresql://postgres:{quote(secret)}@{place}/postgres"
        self.environment = {
            "TRACKTOK_ENV": "testing",
            "DATABASE_URL": f"postgresql+psycopg://tracktok_app:{secret}@{place}/tracktok",
            "DATABASE_OWNER_URL": f"postgresql+psycopg://tracktok_owner:{secret}@{place}/tracktok",
            "DATABASE_ADMIN_URL": self.admin_url,
            "REDIS_URL": f"redis://:{secret}@127.0.0.1:{redis_port}/0",
            "DATA_DIR": str(self.folder / "data"),
            "BASE_DOMAIN": "tracktok.test",
            "SECRET_KEY": secret * 3,
            "JWT_SECRET": secret[::-1] * 3,
            "LOG_LEVEL": "WARNING",
            "DATABASE_STATEMENT_TIMEOUT_MS": "600000",
        }
        os.environ.update(self.environment)
        if code := init_db.main([]):
            raise SystemExit(code)
        from tracktok.app import create_app

        self.app = create_app()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def database_seconds(self) -> float:
        """Processor seconds of PostgreSQL so far, with all its processes."""
        return cpu_seconds(int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0]))

    def clocks(self) -> tuple[float, float]:
        """Processor seconds so far: of the server that `serve` started, and of PostgreSQL."""
        return cpu_seconds(self.server), self.database_seconds()

    @contextmanager
    def serve(self, target: str, *, threads: int = 1, **environment: str) -> Iterator[int]:
        """Granian with one worker process, on a free port."""
        port = free_port()
        argv = [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
            "--workers", "1", "--blocking-threads", str(threads), "--no-ws", "--log-level", "warning", target,
        ]  # fmt: skip
        paths = os.pathsep.join([str(ROOT), str(ROOT / "scripts" / "bench")])
        server = subprocess.Popen(
            argv, cwd=ROOT, env={**os.environ, **environment, "PYTHONPATH": paths}, start_new_session=True
        )
        self.server = server.pid
        try:
            for _ in range(300):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                if server.poll() is not None:
                    raise SystemExit(f"granian {target} ended with {server.returncode}")
                time.sleep(0.1)
            yield port
        finally:
            server.terminate()
            server.wait(30)
