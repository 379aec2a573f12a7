"""Tables of the core: outbox, jobs, idempotency keys. They know no business."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, LargeBinary, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from .db import Base, Timestamps
from .tenancy import TenantScoped


class JobStatus(StrEnum):
    """Where a job stands."""

    queued = "queued"
    running = "running"
    done = "done"
    failed = "failed"
    cancelled = "cancelled"


class Job(TenantScoped, Timestamps, Base):
    """Long work with progress. `run_key` makes it unique: a second start with the same key finds the first."""

    __tablename__ = "jobs"
    __door__ = True

    kind: Mapped[str]
    run_key: Mapped[str]
    status: Mapped[str] = mapped_column(default=JobStatus.queued, server_default="queued")
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    error: Mapped[str | None]
    done_units: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    total_units: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    message: Mapped[str] = mapped_column(default="", server_default="")
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    requested_by: Mapped[UUID | None] = mapped_column(Uuid())
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("tenant_id", "run_key"),
        CheckConstraint("status IN ('queued','running','done','failed','cancelled')", name="status"),
        Index("ix_jobs_tenant_id_created_at_id", "tenant_id", "created_at", "id"),
        Index("ix_jobs_due", "updated_at", postgresql_where=text("status IN ('queued','running')")),
    )

    @property
    def percent(self) -> int:
        """Progress in whole percent; 100 only when done."""
        if self.status == JobStatus.done:
            return 100
        return min(99, self.done_units * 100 // self.total_units) if self.total_units else 0


class OutboxMessage(TenantScoped, Timestamps, Base):
    """An effect on the outside world that was decided in a transaction and is carried out after it."""

    __tablename__ = "outbox"
    __door__ = True

    kind: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    once_key: Mapped[str | None]
    available_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    delivered_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    error: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("tenant_id", "once_key"),
        Index(
            "ix_outbox_due",
            "available_at",
            postgresql_where=text("delivered_at IS NULL AND given_up_at IS NULL"),
        ),
    )


class IdempotencyKey(TenantScoped, Base):
    """The first answer to a POST that carried an `Idempotency-Key`, kept for 24 hours."""

    __tablename__ = "idempotency_keys"

    route: Mapped[str]
    key: Mapped[str]
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int] = mapped_column(Integer)
    headers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))

    __table_args__ = (
        UniqueConstraint("tenant_id", "route", "key"),
        Index("ix_idempotency_keys_tenant_id_created_at", "tenant_id", "created_at"),
    )
