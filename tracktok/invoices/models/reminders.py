"""Tables of reminders: the levels, whether they are sent, and each mail with what it reminded of."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, SmallInteger, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped


class ReminderSettings(TenantScoped, Timestamps, Base):
    """Whether a tenant sends reminders by itself at all."""

    __tablename__ = "reminder_settings"
    __audited__ = True

    is_on: Mapped[bool] = mapped_column(Boolean, default=True, server_default="true")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (UniqueConstraint("tenant_id"),)


class ReminderLevel(TenantScoped, Timestamps, Base):
    """A reminder some days before (below 0) or after the due date, and its words."""

    __tablename__ = "reminder_levels"
    __audited__ = True

    days: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str]
    subject: Mapped[str]
    message: Mapped[str]
    is_active: Mapped[bool] = mapped_column(Boolean, default=True, server_default="true")
    active_from: Mapped[date]
    """Nothing is sent by itself for a day before this one: when it was switched on, or its days were changed."""
    is_deleted: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("uq_reminder_levels_days", "tenant_id", "days", unique=True, postgresql_where=text("NOT is_deleted")),
        CheckConstraint("days BETWEEN -90 AND 365", name="days"),
    )


class ReminderMail(TenantScoped, Timestamps, Base):
    """A mail that reminded a customer of one or several documents: by itself once a day at most."""

    __tablename__ = "reminder_mails"

    customer_id: Mapped[UUID] = mapped_column(Uuid())
    sent_on: Mapped[date]
    is_automatic: Mapped[bool] = mapped_column(Boolean)
    to_addresses: Mapped[list[Any]] = mapped_column(JSONB)
    subject: Mapped[str]
    sent_by: Mapped[UUID | None] = mapped_column(Uuid())

    __table_args__ = (
        tenant_fk("customer_id", "customers"),
        Index("uq_reminder_mails_day", "tenant_id", "customer_id", "sent_on", unique=True,
              postgresql_where=text("is_automatic")),
        Index("ix_reminder_mails_by_customer", "tenant_id", "customer_id", "id"),
    )  # fmt: skip


class Reminder(TenantScoped, Timestamps, Base):
    """That a document was reminded of: each level once, and each day once."""

    __tablename__ = "reminders"

    mail_id: Mapped[UUID] = mapped_column(Uuid())
    document_id: Mapped[UUID] = mapped_column(Uuid())
    level_id: Mapped[UUID | None] = mapped_column(Uuid())
    """None when somebody sent one more, after the level's own."""
    level_name: Mapped[str]
    level_days: Mapped[int | None] = mapped_column(SmallInteger)
    sent_on: Mapped[date]
    amount_due: Mapped[Decimal]

    __table_args__ = (
        tenant_fk("mail_id", "reminder_mails"),
        tenant_fk("document_id", "sales_documents"),
        tenant_fk("level_id", "reminder_levels"),
        UniqueConstraint("tenant_id", "document_id", "level_id"),
        UniqueConstraint("tenant_id", "document_id", "sent_on"),
        Index("ix_reminders_by_mail", "tenant_id", "mail_id"),
    )
