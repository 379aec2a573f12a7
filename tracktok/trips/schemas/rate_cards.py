"""Rate cards, their versions, and what a trip costs under one."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator

from tracktok.customers.schemas.fields import Life, Line
from tracktok.tenants.schemas import Currency
from tracktok.trips.rules.cards import DistanceUnit, DrivenStatus, TripType
from tracktok.web.api import ListQuery, Query, Schema

from .terms import TermsIn

Money = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=4)]
Distance = Annotated[Decimal, Field(ge=0, le=100_000, max_digits=12, decimal_places=6, examples=["18.4"])]
Instant = Annotated[datetime, Field(examples=["2026-11-20T21:30:00"])]
LONGEST_TRIP_DAYS = 31


class CardScope(Schema):
    """For which trips of the vendor a card holds; what is empty holds for all that no nearer card names."""

    name: Line = Field(min_length=1, max_length=120, title="Name", examples=["City cabs 2026"])
    vehicle_class: Line = Field("", max_length=60, title="Vehicle class", examples=["SUV"])
    trip_type: TripType | None = Field(None, title="Type of trip")
    project_id: UUID | None = Field(None, title="Project")


class RateCardIn(CardScope):
    """A rate card with its first version."""

    vendor_id: UUID = Field(title="Vendor")
    currency: Currency | None = Field(None, title="Currency", description="The vendor's when left out")
    valid_from: Life = Field(title="Valid from", examples=["2026-04-01"])
    note: Line = Field("", max_length=500, title="Note")
    terms: TermsIn


class RateCardChange(CardScope):
    """What of a card is no part of its versions."""

    is_archived: bool = Field(False, title="Archived")


class VersionIn(Schema):
    """The terms of a card from a day on."""

    valid_from: Life = Field(title="Valid from", examples=["2026-10-01"])
    note: Line = Field("", max_length=500, title="Note", examples=["Fuel went up"])
    terms: TermsIn


class CopyIn(Schema):
    """Where to copy the terms that hold on a day."""

    vendor_id: UUID = Field(title="Vendor")
    name: Line = Field("", max_length=120, title="Name", description="The card's own when left out")
    valid_from: Life = Field(title="Valid from")


class WorkedTripIn(Schema):
    """A trip to be priced. Times without an offset are those of the company's clock."""

    start: Instant = Field(title="Start")
    end: Instant = Field(title="End", description="Not before the start")
    distance: Distance = Field(Decimal(0), title="Distance")
    dead_distance: Distance = Field(Decimal(0), title="Dead distance")
    distance_unit: DistanceUnit | None = Field(None, title="Distances in", description="The card's when left out")
    waiting_minutes: int = Field(0, ge=0, le=100_000, title="Waiting")
    late_minutes: int = Field(0, ge=0, le=100_000, title="Late")
    tolls: Money = Field(Decimal(0), title="Tolls")
    parking: Money = Field(Decimal(0), title="Parking")
    escort: bool = Field(False, title="With escort")
    status: DrivenStatus = Field(DrivenStatus.completed, title="Status")
    passengers: int = Field(1, ge=0, le=1000, title="Passengers")
    trip_type: TripType = Field(TripType.spot, title="Type of trip")
    vehicle_class: Line = Field("", max_length=60, title="Vehicle class")

    @field_validator("end")
    @classmethod
    def _one_clock(cls, given: datetime, info: ValidationInfo) -> datetime:
        start = info.data.get("start")
        if start is not None and (start.tzinfo is None) != (given.tzinfo is None):
            raise ValueError("Give both times with an offset, or both without one.")
        return given


class MonthIn(Schema):
    """A month to be priced: what its trips came to."""

    month: Life = Field(title="Month", description="Any day of it", examples=["2026-11-01"])
    trips: int = Field(0, ge=0, le=10_000_000, title="Trips")
    distance: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=6)] = Field(Decimal(0), title="Distance")
    hours: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=4)] = Field(Decimal(0), title="Hours")
    vehicles: int = Field(1, ge=0, le=100_000, title="Vehicles")
    amount: Money = Field(Decimal(0), title="Amount of the trips", description="Without tax, tolls and parking")
    tax: Money = Field(Decimal(0), title="Tax of the trips")


class CardPriceIn(Schema):
    """A trip, and which version prices it: that of its day, the one named, or terms that are not saved yet."""

    trip: WorkedTripIn
    version_id: UUID | None = None
    terms: TermsIn | None = None


class PreviewIn(Schema):
    """A trip under terms that are not saved."""

    currency: Currency
    terms: TermsIn
    trip: WorkedTripIn


class MonthPriceIn(Schema):
    """A month, and which version prices it: that of its first day, or the one named."""

    month: MonthIn
    version_id: UUID | None = None


class PricePartOut(Schema):
    """A line of a trace: quantity x rate is the amount (by 100 where the unit is %)."""

    code: str
    label: str
    quantity: str
    unit: str
    rate: str
    amount: str
    note: str


class CardPriceOut(Schema):
    """What it costs, line by line. The lines add up to `amount`; `total` is with tax."""

    parts: list[PricePartOut]
    amount: str
    tax: str
    total: str
    currency: str
    passed_on: str = Field(description="What of the amount is tolls and parking")
    rate_card_id: UUID | None
    version_id: UUID | None
    valid_from: date | None


class VersionOut(Schema):
    """The terms of a card from a day on, until the next version begins."""

    id: UUID
    rate_card_id: UUID
    valid_from: date
    valid_to: date | None = Field(description="The day before the next version begins; null: until further notice")
    terms: dict[str, Any]
    note: str
    used: bool = Field(description="Whether trips were priced by it; it cannot be changed then")
    version: int
    created_at: str
    updated_at: str


class RateCardListItem(Schema):
    """A rate card."""

    id: UUID
    vendor_id: UUID
    vendor: str
    name: str
    billing_model: str
    currency: str
    vehicle_class: str
    trip_type: str
    project_id: UUID | None
    is_archived: bool
    version: int
    created_at: str
    updated_at: str


class RateCardOut(RateCardListItem):
    """A rate card with its versions, the newest first."""

    versions: list[VersionOut]


class TermDifferenceOut(Schema):
    """A term in which two versions differ."""

    field: str
    label: str
    before: str
    after: str


class ComparisonOut(Schema):
    """In what two versions differ."""

    before: UUID
    after: UUID
    differences: list[TermDifferenceOut]


class CompareQuery(Query):
    """Which versions; the newest and the one in front of it when left out."""

    before: UUID | None = None
    after: UUID | None = None


class RateCardQuery(ListQuery):
    """Which rate cards."""

    vendor_id: UUID | None = None
    q: str | None = Field(None, max_length=120, description="Part of the name")
    archived: bool | None = None
    sort: str = Field("-created_at", description="name or created_at; a minus in front turns it around")
