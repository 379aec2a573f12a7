"""Identifiers: UUIDv7, so that new rows land at the end of their indexes and sort by time."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7

NIL = UUID(int=0)


def new_id() -> UUID:
    """A new UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then random bits."""
    return uuid7()
