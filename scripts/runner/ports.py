"""TCP ports: whether one is free, who holds it, and free ones for our own servers."""

from __future__ import annotations

import errno
import random
import socket
from pathlib import Path

from . import ProblemError, explain

_OURS = range(20000, 32000)
"""Below the ports that the system hands out for outgoing connections, so that they are still free next time."""
_LISTENING = "0A"


def resolve(host: str, port: int) -> tuple[int, str]:
    """The address family and the numeric address of a host name. Raises ProblemError when there is none."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError as error:
        raise ProblemError(f"--host {host}: no such address on this machine") from error
    return family, str(address[0])


def check_free(host: str, port: int) -> None:
    """Raise ProblemError, naming the holder where it can be seen, when we could not listen there."""
    family, address = resolve(host, port)
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            probe.listen(1)
        except PermissionError as error:
            raise ProblemError(f"port {port} is for root only: use --port with 1024 or more") from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                by = holder(port)
                held = f" by {by}" if by else ""
                raise ProblemError(f"port {port} on {host} is taken{held}: stop that, or use another --port") from error
            if error.errno == errno.EADDRNOTAVAIL:
                raise ProblemError(f"--host {host} is not an address of this machine") from error
            raise ProblemError(f"cannot listen on {host}, port {port}: {explain(error)}") from error


def is_free(port: int) -> bool:
    """Whether a server of ours could listen on 127.0.0.1 at this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose(*, not_these: set[int]) -> int:
    """A free port on 127.0.0.1."""
    for port in random.sample(_OURS, 500):
        if port not in not_these and is_free(port):
            return port
    raise ProblemError("no free TCP port was found on 127.0.0.1 between 20000 and 32000")


def holder(port: int) -> str:
    """The program that listens on a port, "name, process 123", as far as this user may see it; else empty."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            columns = line.split()
            if columns[3] == _LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{columns[9]}]")
    if not inodes:
        return ""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(link.readlink()) in inodes for link in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()}, process {process.name}"
        except OSError:
            continue
    return ""
