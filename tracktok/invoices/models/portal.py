"""Tables of what customers do by their page: disputes and payments, and what payment providers said."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped


class Dispute(TenantScoped, Timestamps, Base):
    """What a customer says is wrong with a document. While one is open, `disputed_at` of the document is set."""

    __tablename__ = "disputes"
    __audited__ = True

    document_id: Mapped[UUID] = mapped_column(Uuid())
    customer_id: Mapped[UUID] = mapped_column(Uuid())
    status: Mapped[str] = mapped_column(default="open", server_default="open")
    said: Mapped[str]
    answer: Mapped[str] = mapped_column(default="", server_default="")
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[UUID | None] = mapped_column(Uuid())

    __table_args__ = (
        tenant_fk("document_id", "sales_documents"),
        tenant_fk("customer_id", "customers"),
        Index("ix_disputes_by_document", "tenant_id", "document_id", "id"),
        Index("uq_disputes_open", "tenant_id", "document_id", unique=True, postgresql_where=text("status = 'open'")),
        CheckConstraint("status IN ('open','under_review','resolved','rejected','withdrawn')", name="status"),
    )


class QuoteAnswer(TenantScoped, Base):
    """What a customer answered to a quote on their own page: who said it, when, and from where."""

    __tablename__ = "quote_answers"
    __audited__ = True

    document_id: Mapped[UUID] = mapped_column(Uuid())
    customer_id: Mapped[UUID] = mapped_column(Uuid())
    accepted: Mapped[bool]
    name: Mapped[str]
    """Who answered, as they wrote it."""
    reason: Mapped[str] = mapped_column(default="", server_default="")
    total: Mapped[Decimal]
    """What the quote came to."""
    currency: Mapped[str]
    address: Mapped[str] = mapped_column(default="", server_default="")
    """The IP address that it came from."""
    user_agent: Mapped[str] = mapped_column(default="", server_default="")
    answered_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        tenant_fk("document_id", "sales_documents"),
        tenant_fk("customer_id", "customers"),
        Index("ix_quote_answers_by_document", "tenant_id", "document_id", "id"),
    )


class Payment(TenantScoped, Timestamps, Base):
    """A customer's way through a payment provider, for one document. One that succeeded has its receipt."""

    __tablename__ = "payments"
    __audited__ = True

    document_id: Mapped[UUID] = mapped_column(Uuid())
    customer_id: Mapped[UUID] = mapped_column(Uuid())
    provider: Mapped[str]
    provider_id: Mapped[str] = mapped_column(default="", server_default="")
    """What the provider calls the way to pay: a checkout session, a payment link."""
    provider_payment_id: Mapped[str] = mapped_column(default="", server_default="")
    """What the provider calls the payment itself, once there is one."""
    amount: Mapped[Decimal]
    currency: Mapped[str]
    status: Mapped[str] = mapped_column(default="started", server_default="started")
    receipt_id: Mapped[UUID | None] = mapped_column(Uuid())

    __table_args__ = (
        tenant_fk("document_id", "sales_documents"),
        tenant_fk("customer_id", "customers"),
        tenant_fk("receipt_id", "customer_receipts"),
        Index("ix_payments_by_document", "tenant_id", "document_id", "id"),
        Index("ix_payments_by_receipt", "tenant_id", "receipt_id", postgresql_where=text("receipt_id IS NOT NULL")),
        Index(
            "uq_payments_provider_id",
            "tenant_id",
            "provider",
            "provider_id",
            unique=True,
            postgresql_where=text("provider_id <> ''"),
        ),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("status IN ('started','succeeded','failed','expired')", name="status"),
        CheckConstraint("receipt_id IS NULL OR status = 'succeeded'", name="receipt"),
    )


class PaymentEvent(TenantScoped, Base):
    """What a provider told of a payment, once for each of its events."""

    __tablename__ = "payment_events"

    provider: Mapped[str]
    event_id: Mapped[str]
    kind: Mapped[str]
    payment_id: Mapped[UUID] = mapped_column(Uuid())
    outcome: Mapped[str] = mapped_column(default="", server_default="")
    """What was made of it: recorded, failed, expired, nothing, mismatch."""
    body: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'::jsonb"))
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        tenant_fk("payment_id", "payments"),
        UniqueConstraint("tenant_id", "provider", "event_id"),
        Index("ix_payment_events_by_payment", "tenant_id", "payment_id", "id"),
    )
