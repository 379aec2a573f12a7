"""Mileage rates, and the expenses that trips become."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, field_validator

from tracktok.web.api import Schema

MOST_TRIPS = 200
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$", to_upper=True)]


class MileageRateIn(Schema):
    """What the company pays for a km or mile from a day on."""

    valid_from: date = Field(title="From")
    rate: Decimal = Field(gt=0, max_digits=21, decimal_places=12, title="Rate", examples=["9.50"])
    unit: Literal["km", "mi"] = Field("km", title="For each")
    currency: Currency | None = Field(None, description="The company's, when none is given")
    category_id: UUID | None = Field(None, title="Category", description="Of the expenses")

    @field_validator("currency", "category_id", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value


class MileageRateOut(Schema):
    """A mileage rate."""

    id: UUID
    valid_from: date
    rate: str
    unit: str
    currency: str
    category_id: UUID | None


class MileageTripsIn(Schema):
    """Trips to record as mileage expenses."""

    trip_ids: list[UUID] = Field(min_length=1, max_length=MOST_TRIPS)


class MileageExpenseOut(Schema):
    """The mileage expense of a trip."""

    trip_id: UUID
    expense_id: UUID
    amount: str
    currency: str


class MileageExpensesOut(Schema):
    """Expenses that were recorded."""

    expenses: list[MileageExpenseOut]
