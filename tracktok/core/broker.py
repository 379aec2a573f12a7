"""Kombu's Redis transport, so that a worker outlives its broker.

When the connection is lost, Celery takes the transport from its channels before it closes them. A channel with tasks at
work then tries to give them back, finds no transport (AttributeError) and takes the whole worker with it. Here it
finds what is true, that there is no connection: Celery knows that error, and waits for the broker. The tasks are in
the database, where the sweep finds them.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis
from redis.exceptions import ConnectionError as NoConnection


class Channel(redis.Channel):
    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - kombu's signature
        if self.connection.client is None:
            raise NoConnection("the connection to the broker was given up")
        parameters: dict[str, Any] = super()._connparams(asynchronous=asynchronous)  # type: ignore[no-untyped-call]
        return parameters


class Transport(redis.Transport):
    Channel = Channel


def install() -> None:
    """Use it for redis:// and rediss://."""
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = f"{__name__}:Transport"
