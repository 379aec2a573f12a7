"""Tables of budgets."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, Integer, SmallInteger, UniqueConstraint, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped

from .rules import Enforcement, Rollover


class Budget(TenantScoped, Timestamps, Base):
    """An amount per period for what falls into a scope. No scope at all: everything that is spent."""

    __tablename__ = "budgets"
    __audited__ = True

    name: Mapped[str]
    amount: Mapped[Decimal]
    currency: Mapped[str]
    period: Mapped[str]
    period_days: Mapped[int | None] = mapped_column(Integer)
    start_date: Mapped[date]
    end_date: Mapped[date | None]
    category_id: Mapped[UUID | None] = mapped_column(Uuid())
    project_id: Mapped[UUID | None] = mapped_column(Uuid())
    account_id: Mapped[UUID | None] = mapped_column(Uuid())
    tag_id: Mapped[UUID | None] = mapped_column(Uuid())
    rollover: Mapped[str] = mapped_column(default=Rollover.off, server_default="off")
    enforcement: Mapped[str] = mapped_column(default=Enforcement.warn, server_default="warn")
    alert_enabled: Mapped[bool] = mapped_column(Boolean, default=True, server_default="true")
    alert_thresholds: Mapped[list[Any]] = mapped_column(JSONB, default=lambda: [80, 100])
    """Whole percents of the period's amount, ascending."""
    snoozed_until: Mapped[date | None]
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("category_id", "categories"),
        tenant_fk("project_id", "projects"),
        tenant_fk("account_id", "accounts"),
        tenant_fk("tag_id", "tags"),
        Index("ix_budgets_tenant_id_created_at_id", "tenant_id", "created_at", "id"),
        Index(
            "uq_budgets_name",
            "tenant_id",
            text("lower(name)"),
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("end_date IS NULL OR end_date >= start_date", name="dates"),
        CheckConstraint("period IN ('weekly','monthly','quarterly','yearly','custom')", name="period"),
        CheckConstraint("period <> 'custom' OR period_days > 0", name="period_days"),
        CheckConstraint("rollover IN ('off','on','both')", name="rollover"),
        CheckConstraint("enforcement IN ('off','warn','block')", name="enforcement"),
    )


class BudgetAlert(TenantScoped, Base):
    """An alert that was raised: once for each budget, period and threshold, which the unique key judges."""

    __tablename__ = "budget_alerts"

    budget_id: Mapped[UUID] = mapped_column(Uuid())
    period_start: Mapped[date]
    threshold: Mapped[int] = mapped_column(SmallInteger)
    spent: Mapped[Decimal]
    limit_amount: Mapped[Decimal]
    raised_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        tenant_fk("budget_id", "budgets"),
        UniqueConstraint("tenant_id", "budget_id", "period_start", "threshold"),
        Index("ix_budget_alerts_tenant_id_raised_at_id", "tenant_id", "raised_at", "id"),
    )


class BudgetTransfer(TenantScoped, Base):
    """Money moved from one budget's period to another's."""

    __tablename__ = "budget_transfers"
    __audited__ = True

    from_budget_id: Mapped[UUID] = mapped_column(Uuid())
    from_period_start: Mapped[date]
    to_budget_id: Mapped[UUID] = mapped_column(Uuid())
    to_period_start: Mapped[date]
    amount: Mapped[Decimal]
    note: Mapped[str] = mapped_column(default="", server_default="")
    created_by: Mapped[UUID | None] = mapped_column(Uuid())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        tenant_fk("from_budget_id", "budgets"),
        tenant_fk("to_budget_id", "budgets"),
        Index("ix_budget_transfers_from", "tenant_id", "from_budget_id", "from_period_start"),
        Index("ix_budget_transfers_to", "tenant_id", "to_budget_id", "to_period_start"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("from_budget_id <> to_budget_id", name="budgets"),
    )
