"""Tables of money that came in: receipts, what they paid, and what was given back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, Uuid, func, text
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Rate, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped


class ReceiptMethod(StrEnum):
    """How a customer paid."""

    bank_transfer = "bank_transfer"
    upi = "upi"
    card = "card"
    cash = "cash"
    cheque = "cheque"
    wallet = "wallet"
    online = "online"
    other = "other"

    @property
    def label(self) -> str:
        return "UPI" if self is ReceiptMethod.upi else self.value.replace("_", " ").capitalize()


class Receipt(TenantScoped, Timestamps, Base):
    """Money that a customer paid. What is not allocated is the customer's credit.

    `amount` = `allocated_amount` + `refunded_amount` + what is left to allocate; the database holds it.
    """

    __tablename__ = "customer_receipts"
    __audited__ = True

    company_id: Mapped[UUID] = mapped_column(Uuid())
    customer_id: Mapped[UUID] = mapped_column(Uuid())
    status: Mapped[str] = mapped_column(default="received", server_default="received")
    number: Mapped[str]
    sequence: Mapped[int] = mapped_column(Integer)
    fiscal_year: Mapped[date]
    receipt_date: Mapped[date]
    amount: Mapped[Decimal]
    currency: Mapped[str]
    exchange_rate: Mapped[Decimal] = mapped_column(Rate, default=Decimal(1), server_default="1")
    rate_date: Mapped[date | None]
    rate_source: Mapped[str] = mapped_column(default="", server_default="")
    base_amount: Mapped[Decimal]
    allocated_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    refunded_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    method: Mapped[str]
    reference: Mapped[str] = mapped_column(default="", server_default="")
    account_id: Mapped[UUID | None] = mapped_column(Uuid())
    """The bank account, cash box or wallet that it came into."""
    provider: Mapped[str] = mapped_column(default="manual", server_default="manual")
    provider_payment_id: Mapped[str] = mapped_column(default="", server_default="")
    notes: Mapped[str] = mapped_column(default="", server_default="")
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("company_id", "companies"),
        tenant_fk("customer_id", "customers"),
        tenant_fk("account_id", "accounts"),
        Index(
            "uq_customer_receipts_number",
            "tenant_id",
            "company_id",
            "fiscal_year",
            text("upper(number)"),
            unique=True,
        ),
        Index(
            "uq_customer_receipts_provider",
            "tenant_id",
            "provider",
            "provider_payment_id",
            unique=True,
            postgresql_where=text("provider_payment_id <> ''"),
        ),
        Index("ix_customer_receipts_by_date", "tenant_id", "receipt_date", "id"),
        Index("ix_customer_receipts_by_created", "tenant_id", "created_at", "id"),
        Index("ix_customer_receipts_by_customer", "tenant_id", "customer_id", "receipt_date", "id"),
        Index("ix_customer_receipts_by_account", "tenant_id", "account_id", "receipt_date", "id"),
        Index(
            "ix_customer_receipts_unallocated",
            "tenant_id",
            "customer_id",
            "receipt_date",
            "id",
            postgresql_where=text("status = 'received' AND allocated_amount + refunded_amount < amount"),
        ),
        Index("ix_customer_receipts_voided", "tenant_id", "voided_at", postgresql_where=text("voided_at IS NOT NULL")),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint(
            "allocated_amount >= 0 AND refunded_amount >= 0 AND allocated_amount + refunded_amount <= amount",
            name="allocated",
        ),
        CheckConstraint("status IN ('received','void')", name="status"),
        CheckConstraint("status <> 'void' OR (allocated_amount = 0 AND refunded_amount = 0)", name="void"),
        CheckConstraint(
            "method IN ('bank_transfer','upi','card','cash','cheque','wallet','online','other')", name="method"
        ),
    )


class Allocation(TenantScoped, Base):
    """What of a receipt or credit note paid what of an invoice or debit note. Taken back by `removed_at`, not deleted.

    `amount` is in the invoice's currency, which is the receipt's too. A write-off has neither receipt nor credit note.
    """

    __tablename__ = "allocations"
    __audited__ = True

    document_id: Mapped[UUID] = mapped_column(Uuid())
    """The invoice or debit note that is paid."""
    receipt_id: Mapped[UUID | None] = mapped_column(Uuid())
    credit_note_id: Mapped[UUID | None] = mapped_column(Uuid())
    kind: Mapped[str]
    amount: Mapped[Decimal]
    exchange_difference: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    """In the tenant's currency: what the money was worth when it came, less what was owed when it was billed."""
    allocated_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_by: Mapped[UUID | None] = mapped_column(Uuid())
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        tenant_fk("document_id", "sales_documents"),
        tenant_fk("receipt_id", "customer_receipts"),
        tenant_fk("credit_note_id", "sales_documents"),
        Index("ix_allocations_by_document", "tenant_id", "document_id", "id"),
        Index("ix_allocations_by_receipt", "tenant_id", "receipt_id", "id"),
        Index("ix_allocations_by_credit_note", "tenant_id", "credit_note_id", "id"),
        Index("ix_allocations_by_day", "tenant_id", "allocated_on", "document_id"),
        Index("ix_allocations_removed", "tenant_id", "removed_at", postgresql_where=text("removed_at IS NOT NULL")),
        CheckConstraint("kind IN ('receipt','credit_note','write_off')", name="kind"),
        CheckConstraint(
            "(receipt_id IS NOT NULL) = (kind = 'receipt') AND (credit_note_id IS NOT NULL) = (kind = 'credit_note')",
            name="source",
        ),
        CheckConstraint("amount > 0", name="amount"),
    )


class Refund(TenantScoped, Timestamps, Base):
    """Money given back to a customer, of a receipt's rest or of a credit note."""

    __tablename__ = "refunds"
    __audited__ = True

    customer_id: Mapped[UUID] = mapped_column(Uuid())
    receipt_id: Mapped[UUID | None] = mapped_column(Uuid())
    credit_note_id: Mapped[UUID | None] = mapped_column(Uuid())
    refund_date: Mapped[date]
    amount: Mapped[Decimal]
    currency: Mapped[str]
    base_amount: Mapped[Decimal]
    method: Mapped[str]
    account_id: Mapped[UUID | None] = mapped_column(Uuid())
    reference: Mapped[str] = mapped_column(default="", server_default="")
    reason: Mapped[str] = mapped_column(default="", server_default="")
    status: Mapped[str] = mapped_column(default="done", server_default="done")
    """`pending` while a payment provider has not said that it is final."""
    provider: Mapped[str] = mapped_column(default="manual", server_default="manual")
    provider_refund_id: Mapped[str] = mapped_column(default="", server_default="")
    failure: Mapped[str] = mapped_column(default="", server_default="")
    """Why the provider refused it."""
    created_by: Mapped[UUID | None] = mapped_column(Uuid())

    __table_args__ = (
        tenant_fk("customer_id", "customers"),
        tenant_fk("receipt_id", "customer_receipts"),
        tenant_fk("credit_note_id", "sales_documents"),
        tenant_fk("account_id", "accounts"),
        Index("ix_refunds_by_receipt", "tenant_id", "receipt_id", "id"),
        Index("ix_refunds_by_credit_note", "tenant_id", "credit_note_id", "id"),
        Index("ix_refunds_by_customer", "tenant_id", "customer_id", "refund_date", "id"),
        Index("ix_refunds_by_day", "tenant_id", "refund_date", "receipt_id"),
        Index("ix_refunds_failed", "tenant_id", "updated_at", postgresql_where=text("status = 'failed'")),
        Index("ix_refunds_pending", "tenant_id", "created_at", postgresql_where=text("status = 'pending'")),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(receipt_id IS NULL) <> (credit_note_id IS NULL)", name="source"),
        CheckConstraint("status IN ('pending','done','failed')", name="status"),
    )
