"""What vendors bill, line by line against our trips, and what is disputed of it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped

from .trips import Km


class Verdict(StrEnum):
    """What a line of a bill is against our trips."""

    matched = "matched"
    missing = "missing"
    duplicate = "duplicate"
    over_km = "over_km"
    rate_drift = "rate_drift"

    @property
    def label(self) -> str:
        return {
            "matched": "Agrees", "missing": "Not in our trips", "duplicate": "Billed before", "over_km": "Too many km",
            "rate_drift": "Another price",
        }[self.value]  # fmt: skip


class DisputeStatus(StrEnum):
    """Where a dispute stands."""

    open = "open"
    agreed = "agreed"
    rejected = "rejected"
    credited = "credited"


class VendorBill(TenantScoped, Timestamps, Base):
    """A bill of a vendor, as it came in a file."""

    __tablename__ = "vendor_bills"
    __audited__ = True

    vendor_id: Mapped[UUID] = mapped_column(Uuid())
    import_id: Mapped[UUID | None] = mapped_column(Uuid())
    name: Mapped[str]
    """The name of its file."""
    month: Mapped[date]
    """The month that most of its lines are of."""
    currency: Mapped[str]
    with_tax: Mapped[bool] = mapped_column(default=True, server_default="true")
    lines: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    total: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("vendor_id", "vendors"),
        tenant_fk("import_id", "imports"),
        Index("ix_vendor_bills_by_month", "tenant_id", "month", "id"),
        Index("ix_vendor_bills_by_vendor", "tenant_id", "vendor_id", "month"),
        Index("ix_vendor_bills_by_import", "tenant_id", "import_id", postgresql_where=text("import_id IS NOT NULL")),
        CheckConstraint("extract(day FROM month) = 1", name="month"),
    )


class VendorBillLine(TenantScoped, Base):
    """A line of a bill and what it is against our trips."""

    __tablename__ = "vendor_bill_lines"

    bill_id: Mapped[UUID] = mapped_column(Uuid())
    vendor_id: Mapped[UUID] = mapped_column(Uuid())
    number: Mapped[int] = mapped_column(Integer)
    """The row of its file."""
    fingerprint: Mapped[str]
    external_id: Mapped[str] = mapped_column(default="", server_default="")
    trip_date: Mapped[date | None]
    vehicle: Mapped[str] = mapped_column(default="", server_default="")
    distance_km: Mapped[Decimal | None] = mapped_column(Km)
    amount: Mapped[Decimal]
    verdict: Mapped[str]
    trip_id: Mapped[UUID | None] = mapped_column(Uuid())
    expected: Mapped[Decimal | None]
    """What our rate card says, with or without tax as the bill is."""
    expected_km: Mapped[Decimal | None] = mapped_column(Km)

    __table_args__ = (
        tenant_fk("bill_id", "vendor_bills", ondelete="CASCADE"),
        tenant_fk("vendor_id", "vendors"),
        tenant_fk("trip_id", "trips"),
        Index("ix_vendor_bill_lines_by_bill", "tenant_id", "bill_id", "number", "id"),
        Index("ix_vendor_bill_lines_by_trip", "tenant_id", "trip_id", postgresql_where=text("trip_id IS NOT NULL")),
        Index("ix_vendor_bill_lines_by_fingerprint", "tenant_id", "vendor_id", "fingerprint"),
        CheckConstraint("verdict IN ('matched','missing','duplicate','over_km','rate_drift')", name="verdict"),
    )


class TripDispute(TenantScoped, Timestamps, Base):
    """A line that we do not agree with: agreed on or rejected, then credited by an adjustment."""

    __tablename__ = "trip_disputes"
    __audited__ = True

    vendor_id: Mapped[UUID] = mapped_column(Uuid())
    line_id: Mapped[UUID | None] = mapped_column(Uuid())
    trip_id: Mapped[UUID | None] = mapped_column(Uuid())
    about: Mapped[date]
    """The month of the trip."""
    reason: Mapped[str]
    currency: Mapped[str]
    claimed: Mapped[Decimal]
    """What the vendor bills, with tax where the bill is with tax."""
    expected: Mapped[Decimal]
    """What we owe by the rate card; nothing for what is not in our trips or was billed before."""
    status: Mapped[str] = mapped_column(default=DisputeStatus.open, server_default="open")
    agreed: Mapped[Decimal | None]
    """What both agreed that it costs."""
    resolution: Mapped[str] = mapped_column(default="", server_default="")
    adjustment_id: Mapped[UUID | None] = mapped_column(Uuid())
    opened_by: Mapped[UUID | None] = mapped_column(Uuid())
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("vendor_id", "vendors"),
        tenant_fk("line_id", "vendor_bill_lines"),
        tenant_fk("trip_id", "trips"),
        tenant_fk("adjustment_id", "trip_adjustments"),
        Index(
            "uq_trip_disputes_tenant_id_line_id", "tenant_id", "line_id", unique=True,
            postgresql_where=text("line_id IS NOT NULL"),
        ),
        Index("ix_trip_disputes_tenant_id_created_at_id", "tenant_id", "created_at", "id"),
        Index("ix_trip_disputes_by_vendor", "tenant_id", "vendor_id", "created_at", "id"),
        Index("ix_trip_disputes_by_status", "tenant_id", "status", "created_at", "id"),
        Index(
            "ix_trip_disputes_by_trip", "tenant_id", "trip_id", "created_at",
            postgresql_where=text("trip_id IS NOT NULL"),
        ),
        CheckConstraint("status IN ('open','agreed','rejected','credited')", name="status"),
        CheckConstraint("extract(day FROM about) = 1", name="about"),
    )  # fmt: skip


__all__ = ["DisputeStatus", "TripDispute", "VendorBill", "VendorBillLine", "Verdict"]
