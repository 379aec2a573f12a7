"""Tables of what people are told: messages in the app, and the mails that were written."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, UniqueConstraint, Uuid, func, text
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base
from tracktok.core.tenancy import TenantScoped


class Notification(TenantScoped, Base):
    """A message in the app for one person. `once_key` keeps the same news from being told twice."""

    __tablename__ = "notifications"

    person_id: Mapped[UUID] = mapped_column(Uuid())
    event: Mapped[str]
    title: Mapped[str]
    body: Mapped[str] = mapped_column(default="", server_default="")
    link: Mapped[str] = mapped_column(default="", server_default="")
    once_key: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    read_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("tenant_id", "person_id", "once_key"),
        Index("ix_notifications_tenant_id_person_id_created_at_id", "tenant_id", "person_id", "created_at", "id"),
        Index("ix_notifications_unread", "tenant_id", "person_id", postgresql_where=text("read_at IS NULL")),
    )


class Mail(TenantScoped, Base):
    """A mail as it was written. Sent by SMTP when that is set; shown on the mailbox page when it is not."""

    __tablename__ = "mails"

    outbox_id: Mapped[UUID | None] = mapped_column(Uuid())
    to_address: Mapped[str]
    subject: Mapped[str]
    text_body: Mapped[str]
    html_body: Mapped[str] = mapped_column(default="", server_default="")
    attachment_key: Mapped[str] = mapped_column(default="", server_default="")
    attachment_name: Mapped[str] = mapped_column(default="", server_default="")
    is_personal: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    """It carries a link that signs somebody in: in production nobody but its addressee reads it on the page."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[datetime | None]
    """When the mail server took it; None where no server is set."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "outbox_id"),
        Index("ix_mails_tenant_id_created_at_id", "tenant_id", "created_at", "id"),
    )


class NotificationPreference(TenantScoped, Base):
    """Whether a person wants an event by a channel; absent means the event's default."""

    __tablename__ = "notification_preferences"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    event: Mapped[str]
    channel: Mapped[str]
    wanted: Mapped[bool] = mapped_column(Boolean)

    __table_args__ = (UniqueConstraint("tenant_id", "person_id", "event", "channel"),)
