"""Tables of invoices that come again: what is billed and when, and what came of each period."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, SmallInteger, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped
from tracktok.invoices.rules.recurring import Schedule, Unit


class RecurringInvoice(TenantScoped, Timestamps, Base):
    """What is billed again and again. `body` is an invoice as it is entered, without its days."""

    __tablename__ = "recurring_invoices"
    __audited__ = True

    name: Mapped[str]
    customer_id: Mapped[UUID] = mapped_column(Uuid())
    company_id: Mapped[UUID | None] = mapped_column(Uuid())
    """None: the default company of the day."""
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    due_days: Mapped[int | None] = mapped_column(SmallInteger)
    """None: by the terms of payment."""
    action: Mapped[str]
    unit: Mapped[str]
    every: Mapped[int] = mapped_column(SmallInteger)
    starts_on: Mapped[date]
    anchor_day: Mapped[int] = mapped_column(SmallInteger)
    ends_on: Mapped[date | None]
    most: Mapped[int | None] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(default="active", server_default="active")
    next_index: Mapped[int] = mapped_column(Integer)
    next_on: Mapped[date | None]
    """The day of the period that comes next; None when there is none any more."""
    currency: Mapped[str]
    total: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    """What one came to when it was last reckoned, with its taxes."""
    base_net: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    """The same before taxes, in the tenant's currency."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("customer_id", "customers"),
        tenant_fk("company_id", "companies"),
        Index("ix_recurring_invoices_due", "tenant_id", "next_on", "id", postgresql_where=text("status = 'active'")),
        Index("ix_recurring_invoices_by_customer", "tenant_id", "customer_id", "id"),
        Index("ix_recurring_invoices_by_status", "tenant_id", "status", "id"),
        CheckConstraint("action IN ('draft','finalize','send')", name="action"),
        CheckConstraint("unit IN ('day','week','month','year')", name="unit"),
        CheckConstraint("every BETWEEN 1 AND 365", name="every"),
        CheckConstraint("anchor_day BETWEEN 1 AND 31", name="anchor_day"),
        CheckConstraint("most IS NULL OR most > 0", name="most"),
        CheckConstraint("status IN ('active','paused','ended')", name="status"),
    )

    @property
    def schedule(self) -> Schedule:
        """When it comes."""
        return Schedule(Unit(self.unit), self.every, self.starts_on, self.anchor_day, self.ends_on, self.most)


class RecurringRun(TenantScoped, Timestamps, Base):
    """A period of a recurring invoice: once, whatever happens."""

    __tablename__ = "recurring_runs"
    __audited__ = True

    recurring_id: Mapped[UUID] = mapped_column(Uuid())
    period_on: Mapped[date]
    period_index: Mapped[int] = mapped_column(Integer)
    status: Mapped[str]
    document_id: Mapped[UUID | None] = mapped_column(Uuid())
    problem: Mapped[str] = mapped_column(default="", server_default="")
    """Why it failed, or why what was made could not be sent."""
    problem_code: Mapped[str] = mapped_column(default="", server_default="")
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    done_at: Mapped[datetime | None]

    __table_args__ = (
        tenant_fk("recurring_id", "recurring_invoices"),
        tenant_fk("document_id", "sales_documents"),
        UniqueConstraint("tenant_id", "recurring_id", "period_on"),
        Index("ix_recurring_runs_failed", "tenant_id", "recurring_id", postgresql_where=text("status = 'failed'")),
        Index("ix_recurring_runs_by_document", "tenant_id", "document_id"),
        CheckConstraint("status IN ('made','failed','skipped')", name="status"),
        CheckConstraint("(document_id IS NOT NULL) = (status = 'made')", name="document"),
    )
