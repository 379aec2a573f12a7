"""Tables of reports."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped


class Report(TenantScoped, Base):
    """A report of a month: the scheduled one exists once per tenant and month, which the unique key judges."""

    __tablename__ = "reports"

    kind: Mapped[str]
    month: Mapped[date]
    run_key: Mapped[str]
    """`monthly:2026-10` for the scheduled one; one of its own for each on demand."""
    job_id: Mapped[UUID | None] = mapped_column(Uuid())
    file_id: Mapped[UUID | None] = mapped_column(Uuid())
    requested_by: Mapped[UUID | None] = mapped_column(Uuid())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        tenant_fk("file_id", "files"),
        UniqueConstraint("tenant_id", "run_key"),
        Index("ix_reports_tenant_id_created_at_id", "tenant_id", "created_at", "id"),
        CheckConstraint("extract(day FROM month) = 1", name="month"),
    )


class SavedView(TenantScoped, Timestamps, Base):
    """A list with its filters, kept under a name by a person."""

    __tablename__ = "saved_views"

    person_id: Mapped[UUID] = mapped_column(Uuid())
    page: Mapped[str]
    name: Mapped[str]
    filters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (UniqueConstraint("tenant_id", "person_id", "page", "name"),)
