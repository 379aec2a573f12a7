"""Bills of vendors and disputes in and out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import Field

from tracktok.trips.models.bills import DisputeStatus, Verdict
from tracktok.web.api import ListQuery, Schema


class BillQuery(ListQuery):
    """A page of bills."""

    vendor_id: UUID | None = None


class LineQuery(ListQuery):
    """A page of a bill's lines."""

    verdict: Verdict | None = None


class DisputeQuery(ListQuery):
    """A page of disputes."""

    vendor_id: UUID | None = None
    status: DisputeStatus | None = None


class TripDisputeIn(Schema):
    """Why a line is disputed."""

    reason: str = Field("", max_length=1000, description="What is wrong in words, when none is given")


class AgreeIn(Schema):
    """What both agreed that the trip costs."""

    agreed: Decimal = Field(
        ge=0, max_digits=13, decimal_places=4,
        description="At most what is billed; without tax where the bill is. Once credited, the trip comes to this",
    )  # fmt: skip
    resolution: str = Field("", max_length=1000)


class RejectIn(Schema):
    """Why a dispute is rejected."""

    resolution: str = Field("", max_length=1000)


class BillOut(Schema):
    """A bill of a vendor."""

    id: UUID
    vendor_id: UUID
    vendor: str
    name: str
    month: date
    currency: str
    with_tax: bool
    lines: int
    total: str
    verdicts: dict[str, int] = Field(description="How many lines of each verdict")


class BillDetailOut(BillOut):
    """A bill, and the trips of its month that it does not bill."""

    not_billed: list[dict[str, Any]]


class BillLineOut(Schema):
    """A line of a bill against our trips."""

    id: UUID
    number: int
    external_id: str
    trip_date: date | None
    vehicle: str
    distance_km: str | None
    amount: str
    verdict: Verdict
    trip_id: UUID | None
    expected: str | None
    expected_km: str | None
    dispute_id: UUID | None
    dispute_status: DisputeStatus | None


class DisputeOut(Schema):
    """A dispute."""

    id: UUID
    vendor_id: UUID
    vendor: str
    line_id: UUID | None
    trip_id: UUID | None
    about: date
    reason: str
    currency: str
    claimed: str
    expected: str
    status: DisputeStatus
    agreed: str | None
    resolution: str
    version: int
