"""Trips in and out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from tracktok.trips.models.trips import TripStatus, TripType
from tracktok.web.api import ListQuery, Query, Schema

MOST_AT_ONCE = 10_000
Name = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
Km = Annotated[Decimal, Field(max_digits=12, decimal_places=3)]
Amount = Annotated[Decimal, Field(max_digits=13, decimal_places=4)]
Minutes = Annotated[int, Field(ge=0, le=100_000)]


class TripIn(Schema):
    """A trip as it was driven."""

    vendor_id: UUID
    external_id: str = Field(
        "", max_length=120, description="The vendor's id of the trip; the same again is not added twice"
    )
    started_at: datetime = Field(
        title="Start", description="An instant, or a wall-clock time of `timezone` when it names no zone",
        examples=["2026-11-20T08:10:00"],
    )  # fmt: skip
    ended_at: datetime | None = Field(None, title="End")
    timezone: str = Field("", max_length=60, description="The company's, when none is given")
    type: TripType = TripType.spot
    status: TripStatus = TripStatus.completed
    vehicle: str = Field("", max_length=60, description="Its registration number")
    vehicle_class: str = Field("", max_length=60, description="As the vendor's rate cards name it: Sedan, SUV")
    driver: str = Field("", max_length=120)
    employees: list[Name] = Field(default_factory=list, max_length=60, description="Who was driven")
    route: str = Field("", max_length=120)
    origin: str = Field("", max_length=250, title="From")
    destination: str = Field("", max_length=250, title="To")
    site: str = Field("", max_length=120)
    customer_id: UUID | None = None
    project_id: UUID | None = None
    distance_km: Km | None = Field(None, title="Distance", description="Else by the odometer")
    odometer_start: Km | None = Field(None, title="Odometer at the start")
    odometer_end: Km | None = Field(None, title="Odometer at the end")
    dead_km: Km = Field(Decimal(0), title="Dead kilometres")
    waiting_minutes: Minutes = Field(0, title="Waiting")
    late_minutes: Minutes = Field(0, title="Late by")
    passengers: int = Field(1, ge=0, le=500)
    escort: bool = False
    tolls: Amount = Decimal(0)
    parking: Amount = Decimal(0)
    billed_amount: Amount | None = Field(
        None, title="Billed by the vendor", description="What the vendor's own record says; kept to compare"
    )
    notes: str = Field("", max_length=1000)


class TripsIn(Schema):
    """Many trips at once."""

    trips: list[dict[str, Any]] = Field(
        min_length=1, max_length=MOST_AT_ONCE, description="Each as for one trip; each is answered for by itself"
    )


class TripFilters(Query):
    """Which trips: every filter that is named must fit."""

    date_from: date | None = None
    date_to: date | None = Field(None, description="This day included")
    vendor_id: UUID | None = None
    status: TripStatus | None = None
    type: TripType | None = None
    project_id: UUID | None = None
    customer_id: UUID | None = None
    employee: str | None = Field(None, max_length=120, description="One of those driven, as the vendor names them")
    priced: bool | None = Field(None, description="Whether a rate card has priced it")
    import_id: UUID | None = None
    q: str | None = Field(None, max_length=120, description="The beginning of the trip's id or of a vehicle's number")

    def active(self) -> dict[str, Any]:
        """The filters that are in use, without those of the page."""
        names = TripFilters.model_fields
        return {name: value for name in names if (value := getattr(self, name)) is not None}


class TripQuery(TripFilters, ListQuery):
    """A page of trips."""

    sort: Literal["trip_date", "-trip_date"] = "-trip_date"
    format: Literal["json", "csv", "xlsx"] = Field("json", description="`csv` and `xlsx` give all that fit, as a file")


class TracePartOut(Schema):
    """A line of a price: quantity x rate is the amount; where the unit is "%", by 100."""

    code: str
    label: str
    quantity: str
    unit: str
    rate: str
    amount: str
    note: str


class ChargeOut(Schema):
    """What a trip comes to under a version of a rate card."""

    id: UUID
    version_id: UUID
    period: date = Field(description="The month of the statement that it stands on")
    currency: str
    amount: str
    tax: str
    total: str
    reason: str
    parts: list[TracePartOut]
    created_at: str
    superseded_at: str | None


class TripOut(Schema):
    """A trip."""

    id: UUID
    vendor_id: UUID
    vendor: str
    external_id: str
    trip_date: date
    started_at: str
    ended_at: str | None
    timezone: str
    type: TripType
    status: TripStatus
    vehicle: str
    vehicle_class: str
    driver: str
    employees: list[str]
    route: str
    origin: str
    destination: str
    site: str
    customer_id: UUID | None
    project_id: UUID | None
    distance_km: str
    odometer_start: str | None
    odometer_end: str | None
    dead_km: str
    waiting_minutes: int
    late_minutes: int
    passengers: int
    escort: bool
    tolls: str
    parking: str
    billed_amount: str | None
    notes: str
    currency: str | None
    amount: str | None = Field(description="Without tax; null while no rate card has priced it")
    tax: str | None
    total: str | None
    period: date | None
    version: int
    created_at: str
    updated_at: str


class TripDetailOut(TripOut):
    """A trip with all that it came to."""

    charges: list[ChargeOut]
    payload: Any


class TripItemOut(Schema):
    """What became of one trip of a batch."""

    index: int
    status: Literal["created", "known", "refused"]
    id: UUID | None = None
    errors: list[dict[str, str]] = []


class TripsOut(Schema):
    """What became of a batch: in its order."""

    created: int
    known: int
    refused: int
    items: list[TripItemOut]


class SumOut(Schema):
    """What trips come to in a currency."""

    currency: str
    trips: int
    amount: str
    tax: str
    total: str


class TripSummaryOut(Schema):
    """Totals of the trips that fit; null when there are too many to add up at once."""

    trips: int | None
    distance_km: str | None
    priced: int | None
    totals: list[SumOut]


class RerateIn(Schema):
    """Which trips to price again: those of a vendor from one day to another."""

    vendor_id: UUID
    date_from: date
    date_to: date = Field(description="This day included")

    @model_validator(mode="after")
    def _in_order(self) -> RerateIn:
        if self.date_to < self.date_from:
            raise ValueError("The last day is before the first.")
        return self


class WhatIfIn(RerateIn):
    """A comparison: the same trips under another card."""

    version_id: UUID | None = Field(
        None, description="A version of any rate card, for all of these trips; else the vendor's cards as they are now"
    )
    most: int = Field(100, ge=1, le=1000, description="How many of the largest differences are told")


class WhatIfSumOut(Schema):
    """Totals now and then, with tax."""

    currency: str
    now: str
    then: str
    difference: str


class TripDifferenceOut(Schema):
    """A trip that would come to something else; null where it has, or would have, no price."""

    trip_id: UUID
    external_id: str
    trip_date: date
    currency: str
    now: str | None
    then: str | None
    difference: str


class WhatIfOut(Schema):
    """A comparison with another card; the largest differences first."""

    trips: int
    changed: int
    totals: list[WhatIfSumOut]
    differences: list[TripDifferenceOut]


class RerateOut(Schema):
    """What pricing again did; `job_id` when a job does it."""

    trips: int
    superseded: int
    adjusted: int
    job_id: UUID | None
    status_url: str | None
