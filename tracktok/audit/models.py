"""Tables of the audit trail. The application's role may add rows, never change or remove them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base
from tracktok.core.tenancy import TenantScoped


class AuditEvent(TenantScoped, Base):
    """One change: who, when, from where, what before and after."""

    __tablename__ = "audit_events"
    __append_only__ = True

    at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    transaction_id: Mapped[int] = mapped_column(BigInteger, server_default=text("transaction_number()"))
    """The number of the database's transaction: events are sealed in its order, once no older one is open."""
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None] = mapped_column(Uuid())
    actor_name: Mapped[str]
    action: Mapped[str]
    entity: Mapped[str]
    entity_id: Mapped[UUID | None] = mapped_column(Uuid())
    label: Mapped[str] = mapped_column(default="", server_default="")
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    address: Mapped[str] = mapped_column(default="", server_default="")
    user_agent: Mapped[str] = mapped_column(default="", server_default="")
    request_id: Mapped[str] = mapped_column(default="", server_default="")
    route: Mapped[str] = mapped_column(default="", server_default="")

    __table_args__ = (
        Index("ix_audit_events_tenant_id_transaction_id_id", "tenant_id", "transaction_id", "id"),
        Index("ix_audit_events_tenant_id_at_id", "tenant_id", "at", "id"),
        Index("ix_audit_events_by_record", "tenant_id", "entity", "entity_id", "at", "id"),
        Index("ix_audit_events_by_entity", "tenant_id", "entity", "at", "id"),
        Index("ix_audit_events_by_action", "tenant_id", "action", "at", "id"),
        Index("ix_audit_events_by_actor", "tenant_id", "actor_id", "at", "id"),
    )


class AuditSeal(TenantScoped, Base):
    """A link of the tenant's hash chain: covers the events of the transactions in `[from, to)`."""

    __tablename__ = "audit_seals"
    __append_only__ = True

    number: Mapped[int] = mapped_column(Integer)
    from_transaction: Mapped[int] = mapped_column(BigInteger)
    to_transaction: Mapped[int] = mapped_column(BigInteger)
    events: Mapped[int] = mapped_column(Integer)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))

    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        Index("ix_audit_seals_tenant_id_to_transaction", "tenant_id", "to_transaction"),
    )


class AuditCheck(TenantScoped, Base):
    """A look at the seals: from which to which, and what was wrong. The trail is found sound by the latest ones."""

    __tablename__ = "audit_checks"
    __append_only__ = True

    checked_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    from_seal: Mapped[int] = mapped_column(Integer)
    to_seal: Mapped[int] = mapped_column(Integer)
    head: Mapped[bytes] = mapped_column(LargeBinary)
    """The hash of the last seal that was looked at."""
    events: Mapped[int] = mapped_column(Integer)
    faults: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)

    __table_args__ = (Index("ix_audit_checks_tenant_id_checked_at_id", "tenant_id", "checked_at", "id"),)
