"""Statements in and out."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from tracktok.trips.models.trips import StatementStatus
from tracktok.web.api import ListQuery, Query, Schema


class StatementQuery(ListQuery):
    """A page of statements."""

    vendor_id: UUID | None = None
    status: StatementStatus | None = None
    month: date | None = Field(None, description="Any day of the month")
    sort: Literal["month", "-month"] = "-month"


class StatementIn(Schema):
    """A statement to be made: that of a vendor and month."""

    vendor_id: UUID
    month: date = Field(description="Any day of the month")


class FormatQuery(Query):
    """In which form."""

    format: Literal["json", "csv", "xlsx", "pdf"] = "json"


class ApproveIn(Schema):
    """What is known when a statement is approved."""

    vendor_reference: str = Field("", max_length=60, description="The number of the vendor's own invoice")


class PayIn(Schema):
    """How a statement was paid."""

    account_id: UUID = Field(description="The account that the money left")
    paid_on: date | None = Field(None, description="Today, when none is given")
    reference: str = Field("", max_length=100)


class MonthQuery(Query):
    """Which month."""

    month: date = Field(description="Any day of the month")
    format: Literal["json", "csv", "xlsx"] = "json"


class SumsOut(Schema):
    """A statement in one currency."""

    currency: str
    trips: int
    trip_amount: str
    trip_tax: str
    month_amount: str
    month_tax: str
    adjusted_amount: str
    adjusted_tax: str
    amount: str
    tax: str
    total: str


class MonthPartOut(Schema):
    """What a card asks for the month beside its trips."""

    card: str
    from_day: date
    to_day: date
    currency: str
    amount: str
    tax: str
    total: str
    parts: list[dict[str, str]]


class StatementListItem(Schema):
    """A statement in a list."""

    id: UUID
    vendor_id: UUID
    vendor: str
    month: date
    status: StatementStatus
    trips: int
    currency: str | None
    amount: str | None
    tax: str | None
    total: str | None
    approved_at: str | None
    paid_on: date | None
    version: int


class VendorStatementOut(StatementListItem):
    """A statement with its figures; its trips are its lines."""

    late_trips: int
    unpriced: int
    distance_km: str
    sums: list[SumsOut]
    parts: list[MonthPartOut]
    adjustments: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    vendor_reference: str
    payment_reference: str


class CostRowOut(Schema):
    """What trips cost for a customer, project and site in a month."""

    customer_id: UUID | None
    customer: str
    project_id: UUID | None
    project: str
    site: str
    currency: str
    trips: int
    distance_km: str
    amount: str
    tax: str
    total: str


class CostOut(Schema):
    """The cost of a month by customer, project and site."""

    month: date
    rows: list[CostRowOut]


class EmployeeRowOut(Schema):
    """What an employee was driven in a month, and the incentives that come of it."""

    employee: str
    trips: int
    distance_km: str
    hours: str
    incentives: list[dict[str, Any]]
    totals: list[dict[str, str]]


class EmployeesOut(Schema):
    """Employees of a month."""

    month: date
    rows: list[EmployeeRowOut]
