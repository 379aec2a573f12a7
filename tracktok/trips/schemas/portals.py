"""What outsiders ask and are told, and how they are let in."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, field_validator

from tracktok.auth.rules import is_email
from tracktok.trips.models.bills import DisputeStatus
from tracktok.trips.models.trips import StatementStatus, TripStatus, TripType
from tracktok.web.api import ListQuery, Query, Schema

from .trips import ChargeOut

Short = Annotated[str, StringConstraints(max_length=120)]


class PortalTripQuery(ListQuery):
    """Which of the vendor's own trips."""

    date_from: date | None = Field(None, title="From")
    date_to: date | None = Field(None, title="To", description="This day included")
    status: TripStatus | None = None
    type: TripType | None = None
    priced: bool | None = Field(None, title="Price", description="Whether a rate card has priced it")
    q: str | None = Field(None, max_length=120, description="The beginning of the trip's id or of a vehicle's number")
    sort: Literal["trip_date", "-trip_date"] = "-trip_date"


class PortalStatementQuery(ListQuery):
    """Which of the vendor's own statements."""

    status: StatementStatus | None = None


class PortalDisputeQuery(ListQuery):
    """Which of the vendor's own disputes."""

    status: DisputeStatus | None = None


class PortalTripOut(Schema):
    """A trip as its vendor sees it."""

    id: UUID
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
    route: str
    origin: str
    destination: str
    distance_km: str
    currency: str | None
    period: date | None
    amount: str | None
    tax: str | None
    total: str | None


class PortalTripDetailOut(PortalTripOut):
    """A trip with its price, line by line."""

    charge: ChargeOut | None


class VendorDisputeIn(Schema):
    """What the vendor says is wrong with a trip's price."""

    claimed: Decimal = Field(
        ge=0, max_digits=13, decimal_places=4, title="What it should come to", description="With tax"
    )
    reason: str = Field(min_length=1, max_length=1000, title="Why")


class MessageIn(Schema):
    """What is said about a dispute."""

    said: str = Field(min_length=1, max_length=2000, title="Answer")


class DisputeMessageOut(Schema):
    """What was said about a dispute."""

    id: UUID
    by: Literal["vendor", "company"]
    said: str
    file_id: UUID | None
    filename: str | None
    created_at: str


class PortalDisputeOut(Schema):
    """A dispute as its vendor sees it."""

    id: UUID
    trip_id: UUID | None
    about: date
    reason: str
    currency: str
    claimed: str
    expected: str
    status: DisputeStatus
    agreed: str | None
    resolution: str
    created_at: str


class PortalDisputeDetailOut(PortalDisputeOut):
    """A dispute with what was said."""

    messages: list[DisputeMessageOut]


class OutsiderIn(Schema):
    """Whom to let in."""

    email: str = Field(max_length=254, title="E-mail")

    @field_validator("email")
    @classmethod
    def _is_one(cls, value: str) -> str:
        if not is_email(value):
            raise ValueError("Enter an e-mail address.")
        return value.lower()


class OutsiderOut(Schema):
    """Somebody from outside who is in, or was asked in."""

    id: UUID
    kind: Literal["person", "invitation"]
    email: str
    name: str
    status: str
    last_seen_at: datetime | None
    expires_at: datetime | None


class EmployeeIn(Schema):
    """Somebody who is driven."""

    name: str = Field(min_length=1, max_length=120)
    code: Short = ""
    email: str = Field("", max_length=254, title="E-mail")
    known_as: list[Short] = Field(
        default_factory=list, max_length=20, title="Named in trips as",
        description="What trips call them, beside name, code and e-mail. A text means one employee only",
    )  # fmt: skip

    @field_validator("known_as", mode="before")
    @classmethod
    def _lines(cls, value: Any) -> Any:
        """A form sends one text, a name in each line."""
        given = value if isinstance(value, list) else [value]
        return [part.strip() for one in given for part in str(one or "").replace(",", "\n").split("\n") if part.strip()]


class EmployeeQuery(ListQuery):
    """Which employees."""

    q: str | None = Field(None, max_length=120, description="Part of the name, code or e-mail")


class EmployeeOut(Schema):
    """Somebody who is driven."""

    id: UUID
    name: str
    code: str
    email: str
    known_as: list[str]
    version: int


class MonthOnlyQuery(Query):
    """A month."""

    month: date | None = Field(None, description="Any day of it; this month when none is given")


class OwnTripOut(Schema):
    """A trip as the one who was driven sees it."""

    id: UUID
    trip_date: date
    started_at: str
    ended_at: str | None
    timezone: str
    type: str
    status: str
    vehicle: str
    driver: str
    route: str
    origin: str
    destination: str
    distance_km: str


class OwnMonthOut(Schema):
    """An employee's month: trips and incentives."""

    month: date
    trips: int
    hours: str
    distance_km: str
    incentives: list[dict[str, Any]]
    totals: list[dict[str, str]]
    rows: list[OwnTripOut]
