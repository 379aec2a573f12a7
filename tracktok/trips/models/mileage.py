"""What a kilometre costs the company's own people, and the expenses that trips became."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Rate, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped


class MileageRate(TenantScoped, Timestamps, Base):
    """What the company pays for a km or mile from a day on, until the next rate."""

    __tablename__ = "mileage_rates"
    __audited__ = True

    valid_from: Mapped[date]
    rate: Mapped[Decimal] = mapped_column(Rate)
    unit: Mapped[str]
    currency: Mapped[str]
    category_id: Mapped[UUID | None] = mapped_column(Uuid())

    __table_args__ = (
        tenant_fk("category_id", "categories"),
        UniqueConstraint("tenant_id", "valid_from"),
        CheckConstraint("unit IN ('km','mi')", name="unit"),
        CheckConstraint("rate > 0", name="rate"),
    )


class TripExpense(TenantScoped, Base):
    """The mileage expense of a trip: one at most."""

    __tablename__ = "trip_expenses"

    trip_id: Mapped[UUID] = mapped_column(Uuid())
    expense_id: Mapped[UUID] = mapped_column(Uuid())

    __table_args__ = (
        tenant_fk("trip_id", "trips"),
        tenant_fk("expense_id", "expenses", ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "trip_id"),
        Index("ix_trip_expenses_by_expense", "tenant_id", "expense_id"),
    )
