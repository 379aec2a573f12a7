"""Who was driven, as a directory; and what is said about a dispute."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, Index, Integer, UniqueConstraint, Uuid, func
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped


class Employee(TenantScoped, Timestamps, Base):
    """Somebody who is driven. Trips name people as text; `EmployeeName` says which texts mean this one."""

    __tablename__ = "employees"
    __audited__ = True

    name: Mapped[str]
    code: Mapped[str] = mapped_column(default="", server_default="")
    email: Mapped[str] = mapped_column(default="", server_default="")
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_employees_by_name", "tenant_id", "name", "id"),
    )  # fmt: skip


class EmployeeName(TenantScoped, Base):
    """A text that means one employee in the records of trips, in small letters: nobody else has it."""

    __tablename__ = "employee_names"

    employee_id: Mapped[UUID] = mapped_column(Uuid())
    name: Mapped[str]

    __table_args__ = (
        tenant_fk("employee_id", "employees", ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "name"),
        Index("ix_employee_names_by_employee", "tenant_id", "employee_id"),
    )


class DisputeMessage(TenantScoped, Base):
    """What the vendor or the company says about a dispute, with a file where one shows it."""

    __tablename__ = "dispute_messages"
    __append_only__ = True

    dispute_id: Mapped[UUID] = mapped_column(Uuid())
    by_vendor: Mapped[bool] = mapped_column(Boolean)
    person_id: Mapped[UUID | None] = mapped_column(Uuid())
    said: Mapped[str]
    file_id: Mapped[UUID | None] = mapped_column(Uuid())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        tenant_fk("dispute_id", "trip_disputes"),
        tenant_fk("file_id", "files"),
        Index("ix_dispute_messages_by_dispute", "tenant_id", "dispute_id", "created_at"),
        Index("ix_dispute_messages_by_file", "tenant_id", "file_id"),
    )
