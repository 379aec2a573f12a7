"""Trips as they were driven, and what each comes to: billing rows that are only added."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, Integer, Numeric, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped
from tracktok.trips.rules.cards import TripType
from tracktok.trips.rules.trips import TripStatus

Km = Numeric(12, 3)
"""Column type of distances and odometers."""
LIVE = text("deleted_at IS NULL")
STANDING = text("superseded_at IS NULL")


class Trip(TenantScoped, Timestamps, Base):
    """A trip of a vendor. `started_at` and `ended_at` are instants; `trip_date` is the day on which it began there."""

    __tablename__ = "trips"
    __audited__ = True

    vendor_id: Mapped[UUID] = mapped_column(Uuid())
    external_id: Mapped[str]
    """The vendor's id of it. Where none is told, `#` and a hash of what is told, so that it is added once."""
    trip_date: Mapped[date]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    timezone: Mapped[str]
    type: Mapped[str] = mapped_column(default=TripType.spot, server_default="spot")
    status: Mapped[str] = mapped_column(default=TripStatus.completed, server_default="completed")
    vehicle: Mapped[str] = mapped_column(default="", server_default="")
    vehicle_class: Mapped[str] = mapped_column(default="", server_default="")
    """What rate cards tell vehicles apart by: sedan, SUV, 12-seater."""
    driver: Mapped[str] = mapped_column(default="", server_default="")
    employees: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    """Who was driven, as the vendor names them: names, codes or addresses."""
    route: Mapped[str] = mapped_column(default="", server_default="")
    origin: Mapped[str] = mapped_column(default="", server_default="")
    destination: Mapped[str] = mapped_column(default="", server_default="")
    site: Mapped[str] = mapped_column(default="", server_default="")
    customer_id: Mapped[UUID | None] = mapped_column(Uuid())
    project_id: Mapped[UUID | None] = mapped_column(Uuid())
    distance_km: Mapped[Decimal] = mapped_column(Km, default=Decimal(0), server_default="0")
    odometer_start: Mapped[Decimal | None] = mapped_column(Km)
    odometer_end: Mapped[Decimal | None] = mapped_column(Km)
    dead_km: Mapped[Decimal] = mapped_column(Km, default=Decimal(0), server_default="0")
    waiting_minutes: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    late_minutes: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    passengers: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    escort: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    tolls: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    parking: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    billed_amount: Mapped[Decimal | None]
    """What the vendor's own record says that it costs; never what is paid, which the rate card decides."""
    notes: Mapped[str] = mapped_column(default="", server_default="")
    payload: Mapped[Any] = mapped_column(JSONB, default=dict, server_default="{}")
    """As received: the object of the API, or the cells of the file's row (whose headers the import knows)."""
    import_id: Mapped[UUID | None] = mapped_column(Uuid())
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("vendor_id", "vendors"),
        tenant_fk("customer_id", "customers"),
        tenant_fk("project_id", "projects"),
        tenant_fk("import_id", "imports"),
        Index(
            "uq_trips_tenant_id_vendor_id_external_id", "tenant_id", "vendor_id", "external_id", unique=True,
            postgresql_where=LIVE,
        ),
        Index("ix_trips_by_date", "tenant_id", "trip_date", "id", postgresql_where=LIVE),
        Index("ix_trips_by_vendor", "tenant_id", "vendor_id", "trip_date", "id", postgresql_where=LIVE),
        Index(
            "ix_trips_by_status", "tenant_id", "status", "trip_date", "id",
            postgresql_where=text("deleted_at IS NULL AND status <> 'completed'"),
        ),
        Index(
            "ix_trips_by_project", "tenant_id", "project_id", "trip_date", "id",
            postgresql_where=text("deleted_at IS NULL AND project_id IS NOT NULL"),
        ),
        Index(
            "ix_trips_by_customer", "tenant_id", "customer_id", "trip_date", "id",
            postgresql_where=text("deleted_at IS NULL AND customer_id IS NOT NULL"),
        ),
        CheckConstraint("type IN ('pickup','drop','spot','airport')", name="type"),
        CheckConstraint("status IN ('planned','completed','cancelled','no_show')", name="status"),
        CheckConstraint("ended_at >= started_at", name="ends_after_it_starts"),
        CheckConstraint("odometer_end >= odometer_start", name="odometer"),
        CheckConstraint(
            "distance_km >= 0 AND dead_km >= 0 AND waiting_minutes >= 0 AND late_minutes >= 0 AND tolls >= 0"
            " AND parking >= 0",
            name="not_negative",
        ),
    )  # fmt: skip


class TripCharge(TenantScoped, Base):
    """What a trip comes to under a version of a rate card. Rows are only added, and at most marked as superseded."""

    __tablename__ = "trip_charges"

    trip_id: Mapped[UUID] = mapped_column(Uuid())
    vendor_id: Mapped[UUID] = mapped_column(Uuid())
    version_id: Mapped[UUID] = mapped_column(Uuid())
    """The version of the rate card that priced it."""
    trip_date: Mapped[date]
    period: Mapped[date]
    """The month of the statement that it stands on: that of the trip, or the next open one if that was closed."""
    currency: Mapped[str]
    amount: Mapped[Decimal]
    tax: Mapped[Decimal]
    total: Mapped[Decimal]
    passed_on: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    """What of the amount is tolls and parking."""
    trace: Mapped[list[Any]] = mapped_column(JSONB)
    """Which part, how much of it, at which rate, how much: rows for a person to read."""
    reason: Mapped[str]
    """`imported`, `entered`, `edited`, `rerated`."""
    actor_id: Mapped[UUID | None] = mapped_column(Uuid())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    superseded_at: Mapped[datetime | None]
    superseded_by: Mapped[UUID | None] = mapped_column(Uuid())

    __table_args__ = (
        tenant_fk("trip_id", "trips"),
        tenant_fk("vendor_id", "vendors"),
        tenant_fk("version_id", "rate_card_versions"),
        Index(
            "uq_trip_charges_tenant_id_trip_id", "tenant_id", "trip_id", unique=True, postgresql_where=STANDING
        ),
        Index(
            "ix_trip_charges_by_period", "tenant_id", "vendor_id", "period", "trip_date", "trip_id",
            postgresql_where=STANDING,
        ),
        Index(
            "ix_trip_charges_superseded", "tenant_id", "trip_id", "created_at",
            postgresql_where=text("superseded_at IS NOT NULL"),
        ),
        CheckConstraint("extract(day FROM period) = 1", name="period"),
        CheckConstraint("total = amount + tax", name="total"),
        CheckConstraint("reason IN ('imported','entered','edited','rerated')", name="reason"),
    )  # fmt: skip


class TripAdjustment(TenantScoped, Base):
    """A change to a month that was closed: the difference, on the statement of the next open month."""

    __tablename__ = "trip_adjustments"
    __append_only__ = True

    vendor_id: Mapped[UUID] = mapped_column(Uuid())
    trip_id: Mapped[UUID | None] = mapped_column(Uuid())
    version_id: Mapped[UUID | None] = mapped_column(Uuid())
    period: Mapped[date]
    about: Mapped[date]
    """The month that it changes."""
    kind: Mapped[str]
    """`rerated`, `edited`, `deleted`, `credit` (of a dispute), `other`."""
    reason: Mapped[str]
    currency: Mapped[str]
    amount: Mapped[Decimal]
    tax: Mapped[Decimal]
    total: Mapped[Decimal]
    trace: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    actor_id: Mapped[UUID | None] = mapped_column(Uuid())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        tenant_fk("trip_id", "trips"),
        tenant_fk("vendor_id", "vendors"),
        tenant_fk("version_id", "rate_card_versions"),
        Index("ix_trip_adjustments_by_period", "tenant_id", "vendor_id", "period", "id"),
        Index("ix_trip_adjustments_by_trip", "tenant_id", "trip_id", postgresql_where=text("trip_id IS NOT NULL")),
        CheckConstraint("extract(day FROM period) = 1 AND extract(day FROM about) = 1", name="months"),
        CheckConstraint("total = amount + tax", name="total"),
        CheckConstraint("kind IN ('rerated','edited','deleted','credit','other')", name="kind"),
    )


class StatementStatus(StrEnum):
    """Where a statement stands."""

    draft = "draft"
    approved = "approved"
    paid = "paid"


class TripStatement(TenantScoped, Timestamps, Base):
    """What a vendor is owed for a month. A draft is reckoned when it is looked at; what was approved is kept."""

    __tablename__ = "trip_statements"
    __audited__ = True

    vendor_id: Mapped[UUID] = mapped_column(Uuid())
    month: Mapped[date]
    status: Mapped[str] = mapped_column(default=StatementStatus.draft, server_default="draft")
    revision: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """Counted up with everything that is written of this vendor and month: what was kept in the cache is then old."""
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    """As approved: trips, parts of the month, adjustments, sums."""
    currency: Mapped[str] = mapped_column(default="", server_default="")
    total: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    """As approved; zero before."""
    vendor_reference: Mapped[str] = mapped_column(default="", server_default="")
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[UUID | None] = mapped_column(Uuid())
    payable_date: Mapped[date | None]
    paid_on: Mapped[date | None]
    account_id: Mapped[UUID | None] = mapped_column(Uuid())
    payment_reference: Mapped[str] = mapped_column(default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("vendor_id", "vendors"),
        tenant_fk("account_id", "accounts"),
        Index("uq_trip_statements_tenant_id_vendor_id_month", "tenant_id", "vendor_id", "month", unique=True),
        Index("ix_trip_statements_by_month", "tenant_id", "month", "id"),
        CheckConstraint("extract(day FROM month) = 1", name="month"),
        CheckConstraint("status IN ('draft','approved','paid')", name="status"),
    )
