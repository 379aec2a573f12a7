"""Tables of the books. Entries and lines are only added; balances and totals follow in the same transaction."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Rate, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped


class BookType(StrEnum):
    """The five kinds of book accounts. Assets and expenses grow by debits, the others by credits."""

    asset = "asset"
    liability = "liability"
    equity = "equity"
    income = "income"
    expense = "expense"

    @property
    def grows_by_debit(self) -> bool:
        return self in {BookType.asset, BookType.expense}


class Dimension(StrEnum):
    """What spending and income are totalled by, day by day. `all` is the whole of a book type."""

    all = "all"
    book = "book"
    category = "category"
    project = "project"
    account = "account"
    vendor = "vendor"
    customer = "customer"


class BookAccount(TenantScoped, Timestamps, Base):
    """An account of the books (not a bank account: that is `expenses.Account`, which has one of these)."""

    __tablename__ = "book_accounts"
    __audited__ = True

    code: Mapped[str]
    name: Mapped[str]
    type: Mapped[str]
    role: Mapped[str | None]
    """What the product posts to it by itself: `payables`, `unassigned_payments`, `opening_balances`, ..."""
    currency: Mapped[str | None]
    """Set for accounts that hold one currency, such as a bank account's."""
    is_archived: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        UniqueConstraint("tenant_id", "role"),
        CheckConstraint("type IN ('asset','liability','equity','income','expense')", name="type"),
    )


class LedgerEntry(TenantScoped, Base):
    """A balanced entry. `source` names what it records: an expense, an import, an account's opening balance."""

    __tablename__ = "ledger_entries"
    __append_only__ = True

    number: Mapped[int] = mapped_column(BigInteger, server_default=text("nextval('ledger_entry_numbers')"))
    entry_date: Mapped[date]
    kind: Mapped[str]
    source: Mapped[str]
    source_id: Mapped[UUID] = mapped_column(Uuid())
    memo: Mapped[str] = mapped_column(default="", server_default="")
    reverses_id: Mapped[UUID | None] = mapped_column(Uuid())
    transaction_id: Mapped[int] = mapped_column(BigInteger, server_default=text("transaction_number()"))
    """The number of the transaction that made it: lines may be added by that one only."""
    actor_id: Mapped[UUID | None] = mapped_column(Uuid())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "reverses_id"], ["ledger_entries.tenant_id", "ledger_entries.id"]),
        UniqueConstraint("tenant_id", "reverses_id"),
        Index("ix_ledger_entries_tenant_id_entry_date_id", "tenant_id", "entry_date", "id"),
        Index("ix_ledger_entries_tenant_id_source_source_id", "tenant_id", "source", "source_id"),
    )


class LedgerLine(Base):
    """One side of an entry: debits are positive, credits negative. `base_amount` is in the tenant's currency."""

    __tablename__ = "ledger_lines"
    __append_only__ = True
    __tenant_table__ = True

    tenant_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    line_number: Mapped[int] = mapped_column(Integer, primary_key=True)
    book_account_id: Mapped[UUID] = mapped_column(Uuid())
    entry_date: Mapped[date]
    currency: Mapped[str]
    amount: Mapped[Decimal]
    base_amount: Mapped[Decimal]
    items: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """How many documents the line stands for: 1, -1 for a reversal, more for a line that sums an import."""
    category_id: Mapped[UUID | None] = mapped_column(Uuid())
    project_id: Mapped[UUID | None] = mapped_column(Uuid())
    account_id: Mapped[UUID | None] = mapped_column(Uuid())
    vendor_id: Mapped[UUID | None] = mapped_column(Uuid())
    customer_id: Mapped[UUID | None] = mapped_column(Uuid())

    __table_args__ = (
        tenant_fk("entry_id", "ledger_entries"),
        tenant_fk("book_account_id", "book_accounts"),
        Index(
            "ix_ledger_lines_tenant_id_book_account_id_entry_date",
            "tenant_id",
            "book_account_id",
            "entry_date",
            "entry_id",
            "line_number",
        ),
    )


class LedgerBalance(Base):
    """What moved on a book account in a month and currency; `flask ledger verify` proves it."""

    __tablename__ = "ledger_balances"
    __tenant_table__ = True

    tenant_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    book_account_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    debit: Mapped[Decimal]
    credit: Mapped[Decimal]
    base_debit: Mapped[Decimal]
    base_credit: Mapped[Decimal]

    __table_args__ = (
        tenant_fk("book_account_id", "book_accounts"),
        CheckConstraint("extract(day FROM month) = 1", name="month"),
    )


class LedgerTotal(Base):
    """What income or spending came to on a day, along one dimension, in the tenant's currency.

    The rows of one dimension add up to the rows of any other; `dimension_id` is the nil UUID for `all` and for
    lines that name nothing in that dimension.
    """

    __tablename__ = "ledger_totals"
    __tenant_table__ = True

    tenant_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    book_type: Mapped[str] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    dimension_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    base_amount: Mapped[Decimal]
    items: Mapped[int] = mapped_column(Integer)

    __table_args__ = (
        Index(
            "ix_ledger_totals_by_day",
            "tenant_id",
            "book_type",
            "dimension",
            "day",
            "dimension_id",
            postgresql_include=["base_amount", "items"],
        ),
    )


class ExchangeRate(Base):
    """A published reference rate: how many units of `currency` one euro is worth on a day. Public, of no tenant."""

    __tablename__ = "exchange_rates"

    currency: Mapped[str] = mapped_column(primary_key=True)
    rate_date: Mapped[date] = mapped_column(primary_key=True)
    per_euro: Mapped[Decimal] = mapped_column(Rate)
    source: Mapped[str] = mapped_column(default="ECB", server_default="ECB")
