"""Tables of spending."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    Index,
    Integer,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Amount, Base, Rate, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped

LIVE = text("deleted_at IS NULL")


class ProjectStatus(StrEnum):
    """Where a project stands."""

    planned = "planned"
    active = "active"
    on_hold = "on_hold"
    completed = "completed"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class AccountType(StrEnum):
    """What money is paid from."""

    bank = "bank"
    cash = "cash"
    card = "card"
    wallet = "wallet"

    @property
    def label(self) -> str:
        return {"bank": "Bank account", "cash": "Cash", "card": "Card", "wallet": "Wallet"}[self.value]


class PaymentMethod(StrEnum):
    """How an expense was paid."""

    cash = "cash"
    credit_card = "credit_card"
    debit_card = "debit_card"
    bank_transfer = "bank_transfer"
    upi = "upi"
    cheque = "cheque"
    wallet = "wallet"
    other = "other"

    @property
    def label(self) -> str:
        return "UPI" if self is PaymentMethod.upi else self.value.replace("_", " ").capitalize()


class ExpenseStatus(StrEnum):
    """draft: not in the books. approved: owed but not paid, counts as committed. paid: spent."""

    draft = "draft"
    approved = "approved"
    paid = "paid"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class Project(TenantScoped, Timestamps, Base):
    """A piece of work that money is spent on."""

    __tablename__ = "projects"
    __audited__ = True

    name: Mapped[str]
    code: Mapped[str] = mapped_column(default="", server_default="")
    client_name: Mapped[str] = mapped_column(default="", server_default="")
    description: Mapped[str] = mapped_column(default="", server_default="")
    status: Mapped[str] = mapped_column(default=ProjectStatus.active, server_default="active")
    start_date: Mapped[date | None]
    end_date: Mapped[date | None]
    budget_amount: Mapped[Decimal | None]
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("uq_projects_name", "tenant_id", text("lower(name)"), unique=True, postgresql_where=LIVE),
        Index("ix_projects_tenant_id_created_at_id", "tenant_id", "created_at", "id", postgresql_where=LIVE),
        CheckConstraint("end_date IS NULL OR start_date IS NULL OR end_date >= start_date", name="dates"),
        CheckConstraint("status IN ('planned','active','on_hold','completed')", name="status"),
        CheckConstraint("budget_amount >= 0", name="budget_amount"),
    )


class Account(TenantScoped, Timestamps, Base):
    """A bank account, cash box, card or wallet. Its balance is that of its book account."""

    __tablename__ = "accounts"
    __audited__ = True

    name: Mapped[str]
    type: Mapped[str]
    currency: Mapped[str]
    number_last4: Mapped[str] = mapped_column(default="", server_default="")
    institution: Mapped[str] = mapped_column(default="", server_default="")
    opening_balance: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    opening_date: Mapped[date]
    book_account_id: Mapped[UUID] = mapped_column(Uuid())
    is_archived: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("book_account_id", "book_accounts"),
        Index("uq_accounts_name", "tenant_id", text("lower(name)"), unique=True, postgresql_where=LIVE),
        CheckConstraint("type IN ('bank','cash','card','wallet')", name="type"),
    )


class Category(TenantScoped, Timestamps, Base):
    """What money is spent on: a tree, at most four levels deep. Each posts to a book account."""

    __tablename__ = "categories"
    __audited__ = True

    name: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(Uuid())
    book_account_id: Mapped[UUID] = mapped_column(Uuid())
    color: Mapped[str] = mapped_column(default="", server_default="")
    tax_treatment: Mapped[str] = mapped_column(default="none", server_default="none")
    position: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    is_archived: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("parent_id", "categories"),
        tenant_fk("book_account_id", "book_accounts"),
        Index(
            "uq_categories_name",
            "tenant_id",
            text("coalesce(parent_id, '00000000-0000-0000-0000-000000000000'::uuid)"),
            text("lower(name)"),
            unique=True,
            postgresql_where=LIVE,
        ),
        CheckConstraint("tax_treatment IN ('none','creditable','blocked')", name="tax_treatment"),
        CheckConstraint("parent_id <> id", name="parent"),
    )


class Tag(TenantScoped, Timestamps, Base):
    """A word that expenses carry."""

    __tablename__ = "tags"
    __audited__ = True

    name: Mapped[str]
    color: Mapped[str] = mapped_column(default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index("uq_tags_name", "tenant_id", text("lower(name)"), unique=True),)


class Expense(TenantScoped, Timestamps, Base):
    """Money spent. The original amount is kept; `base_amount`, in the tenant's currency, is derived once."""

    __tablename__ = "expenses"
    __audited__ = True

    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="", server_default="")
    merchant: Mapped[str] = mapped_column(default="", server_default="")
    reference: Mapped[str] = mapped_column(default="", server_default="")
    amount: Mapped[Decimal]
    currency: Mapped[str]
    base_amount: Mapped[Decimal]
    base_units: Mapped[int] = mapped_column(
        BigInteger, Computed("(base_amount * 10000)::bigint", persisted=True), nullable=False
    )
    """The base amount as a whole number of 1/10000: for sorting and ranges. Comparisons of NUMERIC are not leakproof,
    so under row-level security PostgreSQL does not use an index on them; those of BIGINT are."""
    exchange_rate: Mapped[Decimal] = mapped_column(Rate, default=Decimal(1), server_default="1")
    rate_date: Mapped[date | None]
    rate_source: Mapped[str] = mapped_column(default="", server_default="")
    account_amount: Mapped[Decimal] = mapped_column(Amount)
    """What left the account, in the account's currency (the tenant's when there is no account)."""
    tax_amount: Mapped[Decimal | None]
    expense_date: Mapped[date]
    payment_method: Mapped[str | None]
    status: Mapped[str] = mapped_column(default=ExpenseStatus.paid, server_default="paid")
    is_billable: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    category_id: Mapped[UUID | None] = mapped_column(Uuid())
    project_id: Mapped[UUID | None] = mapped_column(Uuid())
    account_id: Mapped[UUID | None] = mapped_column(Uuid())
    person_id: Mapped[UUID | None] = mapped_column(Uuid())
    """Whose expense it is: members see their own."""
    import_id: Mapped[UUID | None] = mapped_column(Uuid())
    receipts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("category_id", "categories"),
        tenant_fk("project_id", "projects"),
        tenant_fk("account_id", "accounts"),
        tenant_fk("import_id", "imports"),
        # The last two are for those filters whose rows are nearly all or nearly none: rows that do not fit are passed
        # over in the index.
        Index(
            "ix_expenses_by_date",
            "tenant_id",
            "expense_date",
            "id",
            text("least(receipts, 1)"),
            "currency",
            postgresql_where=LIVE,
        ),
        Index("ix_expenses_by_amount", "tenant_id", "base_units", "id", postgresql_where=LIVE),
        Index("ix_expenses_by_category", "tenant_id", "category_id", "expense_date", "id", postgresql_where=LIVE),
        Index("ix_expenses_by_project", "tenant_id", "project_id", "expense_date", "id", postgresql_where=LIVE),
        Index("ix_expenses_by_account", "tenant_id", "account_id", "expense_date", "id", postgresql_where=LIVE),
        Index("ix_expenses_by_person", "tenant_id", "person_id", "expense_date", "id", postgresql_where=LIVE),
        Index(
            "ix_expenses_by_method",
            "tenant_id",
            "payment_method",
            "expense_date",
            "id",
            postgresql_where=text("deleted_at IS NULL AND payment_method IS NOT NULL"),
        ),
        # What was spent in the company's own currency is nearly all: the index of dates has it.
        Index(
            "ix_expenses_by_currency",
            "tenant_id",
            "currency",
            "expense_date",
            "id",
            postgresql_where=text("deleted_at IS NULL AND rate_source <> ''"),
        ),
        Index(
            "ix_expenses_by_receipt",
            "tenant_id",
            "expense_date",
            "id",
            postgresql_where=text("deleted_at IS NULL AND receipts > 0"),
        ),
        # The words of titles, merchants, references and descriptions have an index too: the migration makes it by hand.
        Index(
            "ix_expenses_unpaid",
            "tenant_id",
            "status",
            "expense_date",
            "id",
            postgresql_where=text("deleted_at IS NULL AND status <> 'paid'"),
        ),
        Index("ix_expenses_bin", "tenant_id", "deleted_at", "id", postgresql_where=text("deleted_at IS NOT NULL")),
        CheckConstraint("amount <> 0", name="amount"),
        CheckConstraint("status IN ('draft','approved','paid')", name="status"),
        CheckConstraint("exchange_rate > 0", name="exchange_rate"),
    )


class ExpenseTag(Base):
    """Which expense carries which tag; the date is repeated so that a tag's expenses are found in order."""

    __tablename__ = "expense_tags"
    __tenant_table__ = True

    tenant_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    expense_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    tag_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    expense_date: Mapped[date]

    __table_args__ = (
        tenant_fk("expense_id", "expenses", ondelete="CASCADE"),
        tenant_fk("tag_id", "tags", ondelete="CASCADE"),
        Index("ix_expense_tags_by_tag", "tenant_id", "tag_id", "expense_date", "expense_id"),
    )


class Receipt(TenantScoped, Base):
    """A file that proves an expense."""

    __tablename__ = "receipts"
    __audited__ = True

    expense_id: Mapped[UUID] = mapped_column(Uuid())
    file_id: Mapped[UUID] = mapped_column(Uuid())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        tenant_fk("expense_id", "expenses"),
        tenant_fk("file_id", "files"),
        UniqueConstraint("tenant_id", "expense_id", "file_id"),
        Index("ix_receipts_tenant_id_file_id", "tenant_id", "file_id"),
    )
