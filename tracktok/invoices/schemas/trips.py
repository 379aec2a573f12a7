"""Trips to an invoice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, field_validator

from tracktok.invoices.rules.trip_lines import TripGrouping, TripPricing
from tracktok.web.api import ListQuery, Schema

from .lines import Price

MOST_TRIPS = 10_000
Markup = Annotated[Decimal, Field(ge=-100, le=10_000, max_digits=9, decimal_places=4, examples=["10"])]


class _Which(Schema):
    """Which trips of a customer."""

    customer_id: UUID = Field(title="Customer")
    date_from: date | None = Field(None, title="From")
    date_to: date | None = Field(None, title="To", description="This day included")
    project_id: UUID | None = Field(None, title="Project")
    vendor_id: UUID | None = Field(None, title="Vendor")

    @field_validator("date_from", "date_to", "project_id", "vendor_id", mode="before", check_fields=False)
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value


class BillableTripQuery(_Which, ListQuery):
    """Which trips that no invoice bills yet."""


class BillTripsIn(_Which):
    """Trips to bill, as lines of an invoice: those named, or all that fit and are not billed yet."""

    trip_ids: list[UUID] | None = Field(None, max_length=MOST_TRIPS, description="These; all that fit when not given")
    document_id: UUID | None = Field(
        None, title="Draft", description="The draft that the lines are added to; a new one when not given"
    )
    group: TripGrouping = Field(TripGrouping.trip, title="Lines")
    pricing: TripPricing = Field(TripPricing.cost, title="Price")
    markup_percent: Markup = Field(Decimal(0), title="Mark-up", description="With `markup`: of the cost before tax")
    service_type_id: UUID | None = Field(
        None, title="Service type",
        description="Gives code, tax and account; with `per_trip` and `per_km` the customer's price of it",
    )  # fmt: skip
    unit_price: Price | None = Field(None, ge=0, title="Own price", description="Instead of that of the service type")
    invoice_date: date | None = Field(None, title="Date", description="Of a new invoice; today when not given")

    @field_validator("document_id", "service_type_id", "unit_price", "invoice_date", mode="before")
    @classmethod
    def _nothing_is_none(cls, value: Any) -> Any:
        return None if value == "" else value


class BillableTripOut(Schema):
    """A trip that waits to be billed. Its cost is what the vendor is owed before tax; null without a price."""

    id: UUID
    external_id: str
    vendor_id: UUID
    vendor: str
    trip_date: date
    route: str
    origin: str
    destination: str
    vehicle: str
    distance_km: str
    project_id: UUID | None
    currency: str | None
    cost: str | None


class BilledTripOut(Schema):
    """A trip that a line of an invoice bills."""

    trip_id: UUID
    line_id: UUID | None
    position: int | None
    external_id: str
    vendor: str
    trip_date: date
    distance_km: str


class BilledTripsOut(Schema):
    """The trips of an invoice."""

    trips: list[BilledTripOut]
