"""Whether the trail is as it was sealed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Integer, LargeBinary, bindparam, select

from tracktok.audit.models import AuditSeal
from tracktok.audit.rules import GENESIS, Fault, Sealing, Verification, count_fault
from tracktok.core.db import db
from tracktok.core.tenancy import current_tenant_id

from .sealing import stream_events, unsealed

_SEALS = (
    select(
        AuditSeal.number,
        AuditSeal.from_transaction,
        AuditSeal.to_transaction,
        AuditSeal.events,
        AuditSeal.previous_hash,
        AuditSeal.hash,
    )
    .where(AuditSeal.number > bindparam("after", type_=Integer()))
    .order_by(AuditSeal.number)
    .limit(1000)
)
_BEFORE = select(AuditSeal.number, AuditSeal.to_transaction, AuditSeal.hash).where(
    AuditSeal.number == bindparam("number", type_=Integer())
)

_HASH = select(AuditSeal.number).where(AuditSeal.hash == bindparam("hash", type_=LargeBinary())).limit(1)


def verify_chain(from_seal: int = 1) -> Verification:
    """Make every hash of the current tenant's trail anew and hold it against the seals.

    `from_seal` begins later, and takes what lies before for good (it was verified before). Reads as a stream.
    """
    found = Verification()
    number, end, previous = 0, 0, GENESIS
    if from_seal > 1:
        before = db.session.execute(_BEFORE, {"number": from_seal - 1}).one_or_none()
        if before is None:
            found.faults.append(Fault(from_seal - 1, "missing", f"seal {from_seal - 1} is not there"))
            number = from_seal - 1
        else:
            number, end, previous = before.number, before.to_transaction, before.hash
    for seal in _seals(number):
        if seal.number != number + 1:
            missing = f"{number + 1}" if seal.number == number + 2 else f"{number + 1} to {seal.number - 1}"
            found.faults.append(Fault(number + 1, "missing", f"no seal {missing}"))
        elif seal.previous_hash != previous or seal.from_transaction != end:
            found.faults.append(Fault(seal.number, "chain", f"seal {seal.number} does not follow the one before it"))
        _verify_seal(seal, found)
        number, end, previous = seal.number, seal.to_transaction, seal.hash
        found.seals += 1
    found.head_number, found.head = number, previous
    found.unsealed, found.oldest_unsealed = unsealed(end)
    return found


def has_hash(wanted: bytes) -> bool:
    """Whether some seal of the current tenant has this hash."""
    return db.session.execute(_HASH, {"hash": wanted}).scalar_one_or_none() is not None


def _seals(after: int) -> Iterator[Any]:
    while rows := db.session.execute(_SEALS, {"after": after}).all():
        yield from rows
        after = rows[-1].number


def _verify_seal(seal: Any, found: Verification) -> None:
    again = Sealing(seal.previous_hash, current_tenant_id(), seal.number, seal.from_transaction, seal.to_transaction)
    for event in stream_events(seal.from_transaction, seal.to_transaction):
        again.add(event)
    found.events += again.events
    if again.events != seal.events or again.hash() != seal.hash:
        found.faults.append(count_fault(seal.number, seal.events, again.events))
