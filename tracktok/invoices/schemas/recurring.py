"""Recurring invoices in and out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator, model_validator

from tracktok.invoices.rules.recurring import MOST_EVERY, Action, Unit, problem_of
from tracktok.web.api import ListQuery, Schema

from .documents import Day, DocumentIn
from .lines import LineIn

MOST_PERIODS = 10_000
MOST_DUE_DAYS = 365


class ScheduleIn(Schema):
    """When it comes."""

    unit: Unit = Field(Unit.month, title="Unit")
    every: int = Field(1, title="Every", ge=1, le=MOST_EVERY, description="So many units")
    starts_on: Day = Field(title="First on", description="The first day, or for months and years the first month")
    anchor_day: int | None = Field(
        None,
        title="Day of the month",
        ge=1,
        le=31,
        description="For months and years, or the last day of shorter months; that of `starts_on` when none is given",
    )
    ends_on: Day | None = Field(None, title="Until", description="No invoice after this day")
    most: int | None = Field(None, title="How often", ge=1, le=MOST_PERIODS, description="So many periods in all")
    action: Action = Field(Action.draft, title="On its day")
    due_days: int | None = Field(
        None,
        title="Due after",
        ge=0,
        le=MOST_DUE_DAYS,
        description="Days; by the terms of payment when none is given",
    )

    @field_validator("ends_on")
    @classmethod
    def _after_the_start(cls, value: date | None, info: ValidationInfo) -> date | None:
        start = info.data.get("starts_on")
        if value is not None and start is not None and value < start:
            raise ValueError("It ends before it begins.")
        return value


class RecurringIn(DocumentIn, ScheduleIn):
    """A recurring invoice: what is billed, as in a draft, and when. Prices that are left out are those of the day."""

    name: str = Field("", title="Name", max_length=120, description="For yourself; the first line's text when empty")
    exchange_rate: None = Field(None, description="The published rate of each invoice's day")

    @model_validator(mode="after")
    def _nothing_is_billed_twice(self) -> Self:
        if any(line.expense_id is not None for line in self.lines):
            raise ValueError("An expense is billed once: leave it out of a recurring invoice.")
        return self

    @field_validator("lines")
    @classmethod
    def _placeholders(cls, lines: list[LineIn]) -> list[LineIn]:
        for at, line in enumerate(lines, 1):
            if problem := problem_of(line.description):
                raise ValueError(f"Line {at}: {problem}")
        return lines


class RepeatIn(ScheduleIn):
    """How an invoice is repeated."""

    name: str = Field("", title="Name", max_length=120)
    follow_prices: bool = Field(
        True, description="Lines at the listed price of their service type follow it; others keep their price"
    )


class ResumeIn(Schema):
    """What becomes of the periods that were missed."""

    missed: Literal["skip", "make_up"] = Field("skip", title="Missed invoices")


class RetryIn(Schema):
    """How to try again."""

    force: bool = Field(False, description="Although the credit limit is passed")


class RecurringQuery(ListQuery):
    """Which recurring invoices."""

    status: Literal["active", "paused", "ended", "failed"] | None = Field(
        None, description="`failed`: with a period that failed"
    )
    customer_id: UUID | None = None


class RecurringRow(Schema):
    """A recurring invoice in a list."""

    id: UUID
    name: str
    customer_id: UUID
    customer_name: str
    status: str
    failed: int = Field(description="How many periods failed and wait")
    unit: str
    every: int
    schedule: str = Field(description="In words")
    action: str
    next_on: date | None
    currency: str
    total: str
    monthly: str = Field(description="Of a month on average, before taxes, in the company's currency")
    version: int


class RecurringOut(RecurringRow):
    """A recurring invoice."""

    company_id: UUID | None
    starts_on: date
    anchor_day: int
    ends_on: date | None
    most: int | None
    due_days: int | None
    body: dict[str, Any] = Field(description="The invoice as it is entered")


class RecurringList(Schema):
    """A page of recurring invoices."""

    object: Literal["list"] = "list"
    data: list[RecurringRow]
    has_more: bool
    next_cursor: str | None
    monthly_revenue: str = Field(description="Of all that are active, before taxes")
    base_currency: str


class RunOut(Schema):
    """What came of a period."""

    id: UUID
    period_on: date
    status: str
    document_id: UUID | None
    number: str | None
    document_status: str | None
    total: str | None
    currency: str | None
    problem: str
    problem_code: str
    attempts: int
    done_at: datetime | None


class RunList(Schema):
    """What came of the periods, the latest first."""

    object: Literal["list"] = "list"
    data: list[RunOut]
    has_more: bool
    next_cursor: str | None


class UpcomingRow(Schema):
    """A period that comes."""

    on: date
    due_on: date | None
    total: str | None
    currency: str
    problem: str


class UpcomingOut(Schema):
    """The next periods, with what they come to by the prices and rates that are known today."""

    object: Literal["list"] = "list"
    data: list[UpcomingRow]
    has_more: bool
    next_cursor: str | None
