"""Tables of bank statements: what a bank says moved, and which receipt a movement became."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, LargeBinary, UniqueConstraint, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, tenant_fk
from tracktok.core.tenancy import TenantScoped


class BankStatement(TenantScoped, Base):
    """A statement that was read from a file."""

    __tablename__ = "bank_statements"
    __audited__ = True

    account_id: Mapped[UUID] = mapped_column(Uuid())
    file_id: Mapped[UUID] = mapped_column(Uuid())
    format: Mapped[str]
    bank_account: Mapped[str] = mapped_column(default="", server_default="")
    """What the bank calls the account."""
    period_start: Mapped[date | None]
    period_end: Mapped[date | None]
    opening_balance: Mapped[Decimal | None]
    closing_balance: Mapped[Decimal | None]
    currency: Mapped[str]
    lines: Mapped[int] = mapped_column(Integer)
    """How many lines it added; those that were there already are not counted."""
    repeated: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_by: Mapped[UUID | None] = mapped_column(Uuid())

    __table_args__ = (
        tenant_fk("account_id", "accounts"),
        tenant_fk("file_id", "files"),
        Index("ix_bank_statements_by_account", "tenant_id", "account_id", "id"),
        Index("ix_bank_statements_by_file", "tenant_id", "file_id"),
    )


class BankLine(TenantScoped, Base):
    """A movement of an account as the bank has it; above zero for money that came in."""

    __tablename__ = "bank_lines"
    __audited__ = True

    statement_id: Mapped[UUID] = mapped_column(Uuid())
    account_id: Mapped[UUID] = mapped_column(Uuid())
    booked_on: Mapped[date]
    amount: Mapped[Decimal]
    currency: Mapped[str]
    counterparty: Mapped[str] = mapped_column(default="", server_default="")
    reference: Mapped[str] = mapped_column(default="", server_default="")
    description: Mapped[str] = mapped_column(default="", server_default="")
    external_id: Mapped[str] = mapped_column(default="", server_default="")
    fingerprint: Mapped[str]
    """What makes it the same line in another file."""
    status: Mapped[str] = mapped_column(default="open", server_default="open")
    receipt_id: Mapped[UUID | None] = mapped_column(Uuid())
    is_linked: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Whether the receipt was there before: it stays when the match is taken back."""
    matched_at: Mapped[datetime | None]
    matched_by: Mapped[UUID | None] = mapped_column(Uuid())
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("statement_id", "bank_statements"),
        tenant_fk("account_id", "accounts"),
        tenant_fk("receipt_id", "customer_receipts"),
        UniqueConstraint("tenant_id", "account_id", "fingerprint"),
        Index("ix_bank_lines_by_date", "tenant_id", "booked_on", "id"),
        Index("ix_bank_lines_by_status", "tenant_id", "status", "booked_on", "id"),
        Index("ix_bank_lines_by_statement", "tenant_id", "statement_id", "id"),
        Index(
            "uq_bank_lines_receipt", "tenant_id", "receipt_id", unique=True,
            postgresql_where=text("receipt_id IS NOT NULL"),
        ),
        CheckConstraint("amount <> 0", name="amount"),
        CheckConstraint("status IN ('open','matched','ignored')", name="status"),
        CheckConstraint("(receipt_id IS NOT NULL) = (status = 'matched')", name="receipt"),
    )  # fmt: skip


class BankTableForm(TenantScoped, Base):
    """How tables with these headers are read for an account: as it was last time."""

    __tablename__ = "bank_table_forms"

    account_id: Mapped[UUID] = mapped_column(Uuid())
    headers: Mapped[bytes] = mapped_column(LargeBinary)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB)
    date_form: Mapped[str] = mapped_column(default="", server_default="")
    decimal: Mapped[str] = mapped_column(default="", server_default="")

    __table_args__ = (tenant_fk("account_id", "accounts"), UniqueConstraint("tenant_id", "account_id", "headers"))
