"""Incentive rules of employees."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator

from tracktok.customers.schemas.fields import Life, Line
from tracktok.tenants.schemas import Currency
from tracktok.trips.rules.cards import TripType
from tracktok.trips.rules.incentives import MOST_TIERS, IncentivePeriod, Measure
from tracktok.web.api import ListQuery, Schema

from .rate_cards import PricePartOut
from .terms import Amount, Quantity, UnitRate


class IncentiveTierIn(Schema):
    """From more than so many extra ones on: a rate for each, and a bonus once."""

    over: Quantity = Field(title="Over")
    rate: UnitRate = Field(Decimal(0), title="For each")
    bonus: Amount = Field(Decimal(0), title="Bonus")


class IncentiveRuleIn(Schema):
    """What employees get for trips or hours beyond what is ordinary in a period."""

    name: Line = Field(min_length=1, max_length=120, title="Name", examples=["Extra pickups"])
    measure: Measure = Field(title="Counts")
    period: IncentivePeriod = Field(IncentivePeriod.monthly, title="Paid")
    currency: Currency | None = Field(None, title="Currency", description="Your company's when left out")
    ordinary: Quantity = Field(title="Ordinary in a period", examples=["44"])
    tiers: list[IncentiveTierIn] = Field(min_length=1, max_length=MOST_TIERS)
    cap: Amount = Field(Decimal(0), title="At most in a period", description="0: no limit")
    trip_type: TripType | None = Field(None, title="Type of trip", description="All types when left out")
    project_id: UUID | None = Field(None, title="Project", description="All projects when left out")
    valid_from: Life = Field(title="Valid from")
    valid_to: Life | None = Field(None, title="Valid to")
    is_archived: bool = Field(False, title="Archived")

    @field_validator("valid_to")
    @classmethod
    def _ends_after_its_start(cls, given: date | None, info: ValidationInfo) -> date | None:
        start = info.data.get("valid_from")
        if given is not None and start is not None and given < start:
            raise ValueError("The end is before the start.")
        return given


class TierOut(Schema):
    """From more than so many extra ones on."""

    over: str
    rate: str
    bonus: str


class IncentiveRuleOut(Schema):
    """An incentive rule."""

    id: UUID
    name: str
    measure: str
    period: str
    currency: str
    ordinary: str
    tiers: list[TierOut]
    cap: str
    trip_type: str
    project_id: UUID | None
    valid_from: date
    valid_to: date | None
    is_archived: bool
    version: int
    created_at: str
    updated_at: str


class IncentiveQuery(ListQuery):
    """Which incentive rules."""

    archived: bool | None = None
    sort: str = Field("-created_at", description="name or created_at; a minus in front turns it around")


class IncentivePriceIn(Schema):
    """What was done in a period."""

    done: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=4)] = Field(title="Trips or hours")


class IncentiveOut(Schema):
    """What is paid, line by line."""

    parts: list[PricePartOut]
    amount: str
    currency: str
