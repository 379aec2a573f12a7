"""A load of requests over kept connections, and what came back. In a process of its own, so that it shares no lock."""

from __future__ import annotations

import multiprocessing
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """One HTTP request as bytes are made of it."""

    path: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def encode(self) -> bytes:
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: tracktok.test", *(f"{k}: {v}" for k, v in self.headers)]
        if self.body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(frozen=True)
class Outcome:
    """How a load went: answers a second, the answers' bytes and server times (ms, by the Server-Timing header).

    `cpu_ms` and `database_ms`: what each cost the server's process and PostgreSQL in processor time, which a busy
    machine alters less.
    """

    per_second: float
    bytes_each: int
    server_ms: float
    cpu_ms: float = 0.0
    database_ms: float = 0.0

    @property
    def cost(self) -> str:
        return f"CPU {self.cpu_ms:.2f} ms + PostgreSQL {self.database_ms:.2f} ms"


class Connection:
    """One kept HTTP/1.1 connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def ask(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send a request and read its answer: (status, headers in lower case, body)."""
        self.socket.sendall(request)
        data = self.rest
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        while len(body) < length:
            body += self._more()
        self.rest = body[length:]
        return int(first.split(" ")[1]), headers, body[:length]

    def _more(self) -> bytes:
        piece = self.socket.recv(1 << 16)
        if not piece:
            raise ConnectionError("the server closed the connection")
        return piece


WARM_UP = 20


def _work(port: int, requests: Sequence[bytes], seconds: float, results: multiprocessing.Queue) -> None:
    connection = Connection(port)
    for request in requests[:WARM_UP]:
        connection.ask(request)
    count, size, server, number = 0, 0, 0.0, WARM_UP  # what was sent to warm up is not sent again, nor replayed
    begun = time.perf_counter()
    while (elapsed := time.perf_counter() - begun) < seconds:
        status, headers, body = connection.ask(requests[number % len(requests)])
        number += 1
        if status >= 300:
            results.put(f"{status}: {body[:400]!r}")
            return
        count, size = count + 1, size + len(body)
        timing = headers.get("server-timing", "")
        if "dur=" in timing:
            server += float(timing.partition("dur=")[2].split(",")[0])
    results.put((count, elapsed, size, server))


def measure(
    port: int,
    requests: Sequence[Request],
    *,
    seconds: float = 4.0,
    connections: int = 2,
    clocks: Callable[[], tuple[float, float]] = lambda: (0.0, 0.0),
) -> Outcome:
    """Send the requests round and round over some connections for a while. Raises SystemExit for an error answer.

    `clocks` tells the processor seconds used so far, of the server and of PostgreSQL.
    """
    results: multiprocessing.Queue = multiprocessing.Queue()
    encoded = [request.encode() for request in requests]
    share = max(1, len(encoded) // connections)
    workers = [
        multiprocessing.Process(
            target=_work, args=(port, encoded[n * share : (n + 1) * share] or encoded, seconds, results)
        )
        for n in range(connections)
    ]
    before = clocks()
    for worker in workers:
        worker.start()
    got = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    for outcome in got:
        if isinstance(outcome, str):
            raise SystemExit(f"{requests[0].method} {requests[0].path}: {outcome}")
    count = sum(outcome[0] for outcome in got)
    asked = count + connections * min(WARM_UP, max(1, share))
    used = [(now - then) * 1000 / asked for then, now in zip(before, clocks(), strict=True)]
    return Outcome(
        per_second=sum(outcome[0] / outcome[1] for outcome in got),
        bytes_each=sum(outcome[2] for outcome in got) // max(1, count),
        server_ms=sum(outcome[3] for outcome in got) / max(1, count),
        cpu_ms=used[0],
        database_ms=used[1],
    )
