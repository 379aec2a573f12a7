"""Subscriptions in and out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import Field, field_validator, model_validator

from tracktok.usage.rules.periods import Period
from tracktok.web.api import ListQuery, Schema

from .prices import Currency, Day

_ZONES = available_timezones()


class UsageSubscriptionIn(Schema):
    """A customer's metered usage, billed by period."""

    customer_id: UUID
    name: str = Field("Metered usage", min_length=1, max_length=120)
    meters: list[UUID] = Field(min_length=1, max_length=50, description="What is billed, in the order of the lines")
    currency: Currency | None = Field(None, description="The customer's when none is given")
    period: Period = Period.month
    anchor_day: int | None = Field(
        None, ge=1, le=31, description="Day of the month on which periods begin (29 to 31: or its last), of a week 1,"
        " Monday, to 7; the day of `start_date` when none is given",
    )  # fmt: skip
    anchor_month: int | None = Field(None, ge=1, le=12, description="Of quarters and years; that of `start_date`")
    timezone: str | None = Field(None, description="Where periods begin at midnight; the company's when none is given")
    start_date: Day
    end_date: Day | None = Field(None, description="The first day that is no longer of it")
    commitment: Decimal = Field(
        Decimal(0), ge=0, max_digits=16, decimal_places=4, description="The least that a period costs"
    )
    cap: Decimal | None = Field(None, ge=0, max_digits=16, decimal_places=4, description="The most that a period costs")
    prorate: bool = Field(
        True, description="A period that it begins or ends within owes flat fees, commitments and allowances in part"
    )
    grace_hours: int = Field(24, ge=0, le=24 * 31, description="How long late usage changes the draft of a period")
    finalize: bool = Field(False, description="Issue the invoice when the grace window ends")

    @field_validator("timezone")
    @classmethod
    def _known(cls, given: str | None) -> str | None:
        if given and given not in _ZONES:
            raise ValueError("Use a name such as Asia/Kolkata.")
        return given or None

    @field_validator("meters")
    @classmethod
    def _once_each(cls, given: list[UUID]) -> list[UUID]:
        return list(dict.fromkeys(given))

    @model_validator(mode="after")
    def _fits(self) -> UsageSubscriptionIn:
        if self.end_date is not None and self.end_date <= self.start_date:
            raise ValueError("It ends before it begins.")
        if self.period == Period.week and self.anchor_day is not None and self.anchor_day > 7:
            raise ValueError("A week begins on a day from 1, Monday, to 7.")
        return self


class UsageSubscriptionQuery(ListQuery):
    """Which subscriptions."""

    customer_id: UUID | None = None
    sort: str = Field("-created_at", max_length=40, description="created_at; a minus in front turns it around")


class UsageSubscriptionOut(Schema):
    """A subscription."""

    id: UUID
    customer_id: UUID
    name: str
    meters: list[UUID]
    currency: str
    period: str
    anchor_day: int
    anchor_month: int
    timezone: str
    start_date: date
    end_date: date | None
    commitment: str
    cap: str | None
    prorate: bool
    grace_hours: int
    finalize: bool
    next_period: date
    next_bill_at: str | None
    problem: str
    version: int
    created_at: str | None
    updated_at: str | None


class CurrentLine(Schema):
    """A meter in the present period."""

    meter_id: UUID
    event: str
    name: str
    unit: str
    quantity: str
    amount: str | None = Field(description="So far; none where there is no price")
    breakdown: list[dict[str, Any]]
    forecast_quantity: str
    forecast_amount: str | None


class CurrentOut(Schema):
    """What the present period of a subscription comes to so far, and may come to at its end."""

    subscription_id: UUID
    period_start: date
    period_end: date = Field(description="The last day")
    currency: str
    passed_percent: str
    amount: str | None
    forecast_amount: str | None
    lines: list[CurrentLine]
