"""How far the trail is sealed, and what the looks at its seals have found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, bindparam, func, literal_column, select, text

from tracktok.audit.models import AuditCheck, AuditEvent, AuditSeal
from tracktok.core.db import db
from tracktok.core.tenancy import current_tenant_id

MOST_WAITING = 1_000
_WAITING: Any = select(func.count(), func.min(literal_column("at"))).select_from(
    select(AuditEvent.at)
    .where(AuditEvent.transaction_id >= bindparam("first", type_=AuditEvent.transaction_id.type))
    .order_by(AuditEvent.transaction_id)
    .limit(MOST_WAITING)
    .subquery()
)
_HEAD = select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)
_LATEST = select(AuditCheck).order_by(AuditCheck.checked_at.desc(), AuditCheck.id.desc()).limit(1)
_SEAL_OF = (
    select(AuditSeal.number, AuditSeal.hash, AuditSeal.sealed_at, AuditSeal.from_transaction)
    .where(AuditSeal.to_transaction > bindparam("transaction", type_=AuditEvent.transaction_id.type))
    .order_by(AuditSeal.to_transaction)
    .limit(1)
)
_SEALS_OF = text(
    "SELECT t AS covered, (SELECT number FROM audit_seals s WHERE s.tenant_id = :tenant AND s.to_transaction > t"
    " ORDER BY s.to_transaction LIMIT 1) AS number FROM unnest(:transactions) AS t"
).bindparams(bindparam("transactions", type_=ARRAY(BigInteger())))


@dataclass(frozen=True, slots=True)
class SealState:
    """How far the trail is sealed and was found sound. `state`: empty, waiting, sealed, verified, broken."""

    seals: int = 0
    sealed_until: datetime | None = None
    head: bytes = b""
    waiting: int = 0
    """How many entries are not sealed yet, counted up to a thousand."""
    waiting_since: datetime | None = None
    verified_seal: int = 0
    verified_at: datetime | None = None
    faults: list[str] = field(default_factory=list)

    @property
    def state(self) -> str:
        if self.faults:
            return "broken"
        if not self.seals:
            return "waiting" if self.waiting else "empty"
        return "verified" if self.verified_seal else "sealed"


def seal_state() -> SealState:
    """The state of the current tenant's trail."""
    head = db.session.execute(_HEAD).scalar_one_or_none()
    waiting, since = db.session.execute(_WAITING, {"first": head.to_transaction if head else 0}).one()
    check = latest_check()
    return SealState(
        seals=head.number if head else 0,
        sealed_until=head.sealed_at if head else None,
        head=head.hash if head else b"",
        waiting=waiting,
        waiting_since=since,
        verified_seal=check.to_seal if check else 0,
        verified_at=check.checked_at if check else None,
        faults=[one["detail"] for one in check.faults] if check else [],
    )


def latest_check() -> AuditCheck | None:
    """The latest look at the seals; one that found faults hides no later one that did not."""
    return db.session.execute(_LATEST).scalar_one_or_none()


def seal_of(transaction_id: int) -> Any | None:
    """The seal that covers a transaction; None while it waits."""
    return db.session.execute(_SEAL_OF, {"transaction": transaction_id}).one_or_none()


def seals_of(transactions: Sequence[int]) -> dict[int, int]:
    """The numbers of the seals that cover transactions, by transaction; those that wait are missing."""
    values = {"tenant": current_tenant_id(), "transactions": sorted(set(transactions))}
    return {row.covered: row.number for row in db.session.execute(_SEALS_OF, values) if row.number is not None}
