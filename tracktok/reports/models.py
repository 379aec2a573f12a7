"""Tables of reports."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, UniqueConstraint, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped


class Report(TenantScoped, Base):
    """A report of a month: the scheduled one exists once per tenant and month, which the unique key judges."""

    __tablename__ = "reports"

    kind: Mapped[str]
    month: Mapped[date]
    subject: Mapped[str] = mapped_column(default="", server_default="")
    """Of a usage report: the user's or the customer's id."""
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
    """A list with its filters, kept under a name by a person; shared ones are everybody's in the company."""

    __tablename__ = "saved_views"
    __audited__ = True

    person_id: Mapped[UUID] = mapped_column(Uuid())
    kind: Mapped[str]
    """Which list: `expenses`, `invoices`."""
    name: Mapped[str]
    filters: Mapped[dict[str, list[str]]] = mapped_column(JSONB)
    is_shared: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index(
            "uq_saved_views_own",
            "tenant_id", "person_id", "kind", text("lower(name)"),
            unique=True, postgresql_where=text("NOT is_shared"),
        ),
        Index(
            "uq_saved_views_shared",
            "tenant_id", "kind", text("lower(name)"),
            unique=True, postgresql_where=text("is_shared"),
        ),
    )  # fmt: skip
