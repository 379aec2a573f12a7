"""What the sealing of the trail reads. Events are read as a stream, never all at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, bindparam, func, select, text

from tracktok.audit.models import AuditEvent, AuditSeal
from tracktok.audit.rules import GENESIS, SEALED_FIELDS
from tracktok.core.db import db

_HEAD = select(AuditSeal.number, AuditSeal.to_transaction, AuditSeal.hash).order_by(AuditSeal.number.desc()).limit(1)
_first, _end = bindparam("first", type_=BigInteger()), bindparam("end", type_=BigInteger())
_OPEN = func.transaction_number(text("pg_snapshot_xmin(pg_current_snapshot())"))
_IN_ORDER = (AuditEvent.transaction_id, AuditEvent.id)
_FIRST = (
    select(AuditEvent.transaction_id, _OPEN.label("open_from"))
    .where(AuditEvent.transaction_id >= _first, AuditEvent.transaction_id < _OPEN)
    .order_by(*_IN_ORDER)
    .limit(1)
)
_NTH = (
    select(AuditEvent.transaction_id)
    .where(AuditEvent.transaction_id >= _first, AuditEvent.transaction_id < _end)
    .order_by(*_IN_ORDER)
    .offset(bindparam("most", type_=Integer()))
    .limit(1)
)
_EVENTS = (
    select(*(getattr(AuditEvent, name) for name in SEALED_FIELDS))
    .where(AuditEvent.transaction_id >= _first, AuditEvent.transaction_id < _end)
    .order_by(*_IN_ORDER)
)
_UNSEALED = select(func.count(), func.min(AuditEvent.at)).where(AuditEvent.transaction_id >= _first)


def head_seal() -> tuple[int, int, bytes]:
    """(number, end, hash) of the last seal; (0, 0, zeros) when nothing is sealed yet."""
    row = db.session.execute(_HEAD).one_or_none()
    return (row.number, row.to_transaction, row.hash) if row else (0, 0, GENESIS)


def range_end(first: int, most: int) -> int | None:
    """Where the next seal ends: None when no event waits from `first` on.

    Transactions count as finished below the oldest one that is still open anywhere in the cluster, so that none can
    add an event behind the seal. At most about `most` events are covered; those of one transaction stay together.
    """
    row = db.session.execute(_FIRST, {"first": first}).one_or_none()
    if row is None:
        return None
    nth = db.session.execute(_NTH, {"first": first, "end": row.open_from, "most": most}).scalar_one_or_none()
    if nth is None:
        return int(row.open_from)
    return int(nth) if nth > row.transaction_id else int(nth) + 1


def stream_events(first: int, end: int) -> Iterator[Any]:
    """The events of the transactions in [first, end), in the order of sealing."""
    result = db.session.execute(
        _EVENTS, {"first": first, "end": end}, execution_options={"stream_results": True, "yield_per": 2000}
    )
    try:
        yield from result
    finally:
        result.close()


def unsealed(first: int) -> tuple[int, datetime | None]:
    """(how many, since when) of the events that wait to be sealed."""
    row = db.session.execute(_UNSEALED, {"first": first}).one()
    return row[0], row[1]
