"""Budgets in and out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field, ValidationInfo, WithJsonSchema, field_validator

from tracktok.web.api import ListQuery, Schema

from .rules import Enforcement, Period, Rollover

Threshold = Annotated[int, Field(ge=1, le=1000)]
Percent = Annotated[Decimal, WithJsonSchema({"type": "number"})]
Life = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]
MOST_THRESHOLDS = 10


class BudgetIn(Schema):
    """An amount per period for what falls into a scope. Without a scope it holds everything that is spent."""

    name: str = Field(min_length=1, max_length=120, examples=["Fuel"])
    amount: Decimal = Field(gt=0, max_digits=16, decimal_places=4, description="Per period", examples=["5000.00"])
    period: Period = Period.monthly
    period_days: int | None = Field(
        None, ge=1, le=3660, validate_default=True, description="Length of a custom period, in days"
    )
    start_date: Life = Field(description="First day of the first period", examples=["2026-04-01"])
    end_date: Life | None = Field(None, description="Last day of the budget's life")
    category_id: UUID | None = Field(None, description="This category and those below it")
    project_id: UUID | None = None
    account_id: UUID | None = None
    tag_id: UUID | None = None
    rollover: Rollover = Rollover.off
    enforcement: Enforcement = Field(Enforcement.warn, description="What happens when an expense would pass it")
    alert_enabled: bool = True
    alert_threshold: Threshold | None = Field(None, description="One threshold in percent; or give alert_thresholds")
    alert_thresholds: list[Threshold] | None = Field(None, min_length=1, max_length=MOST_THRESHOLDS)

    @field_validator("alert_thresholds")
    @classmethod
    def _in_order(cls, given: list[int] | None) -> list[int] | None:
        return sorted(set(given)) if given else None

    @field_validator("period_days")
    @classmethod
    def _custom_has_its_length(cls, given: int | None, info: ValidationInfo) -> int | None:
        if given is None and info.data.get("period") == Period.custom:
            raise ValueError("Say how many days a period of your own has.")
        return given

    @field_validator("end_date")
    @classmethod
    def _ends_after_its_start(cls, given: date | None, info: ValidationInfo) -> date | None:
        start = info.data.get("start_date")
        if given is not None and start is not None and given < start:
            raise ValueError("The end is before the start.")
        return given

    @property
    def thresholds(self) -> list[int]:
        """The thresholds that hold: those given, the one given, or 80 and 100."""
        if self.alert_thresholds:
            return self.alert_thresholds
        return [self.alert_threshold] if self.alert_threshold is not None else [80, 100]


class BudgetPatch(Schema):
    """What to change of a budget."""

    name: str | None = Field(None, min_length=1, max_length=120)
    amount: Decimal | None = Field(None, gt=0, max_digits=16, decimal_places=4)
    period: Period | None = None
    period_days: int | None = Field(None, ge=1, le=3660)
    start_date: Life | None = None
    end_date: Life | None = None
    category_id: UUID | None = None
    project_id: UUID | None = None
    account_id: UUID | None = None
    tag_id: UUID | None = None
    rollover: Rollover | None = None
    enforcement: Enforcement | None = None
    alert_enabled: bool | None = None
    alert_threshold: Threshold | None = None
    alert_thresholds: list[Threshold] | None = Field(None, min_length=1, max_length=MOST_THRESHOLDS)


class BudgetQuery(ListQuery):
    """Which budgets."""

    q: str | None = Field(None, max_length=120, description="Part of the name")
    sort: str = Field("-created_at", description="name or created_at; a minus in front turns it around")

    @field_validator("q")
    @classmethod
    def _empty_is_none(cls, value: str | None) -> str | None:
        return value or None


class SnoozeIn(Schema):
    """Until when no alerts are raised."""

    until: date | None = Field(description="The last quiet day; null: alerts come again")


class BudgetTransferIn(Schema):
    """Money moved from this budget's present period to another budget's."""

    to_budget_id: UUID
    amount: Decimal = Field(gt=0, max_digits=16, decimal_places=4)
    note: str = Field("", max_length=500)


class PeriodOut(Schema):
    """Where a period stands. Amounts are in the company's currency."""

    start: date
    end: date
    limit: str
    spent: str
    committed: str = Field(description="Approved and not paid yet; trips that are on no approved statement yet")
    remaining: str = Field(description="Limit less spent and committed; below zero when it is passed")
    percent: Percent | None = Field(description="Spent and committed of the limit, to a tenth; null without a limit")
    forecast: str = Field(description="What the period will come to at this rate")
    breach_date: date | None = Field(description="The day on which the limit was, or will be, passed")
    status: str = Field(description="ok, near or over")


class BudgetOut(Schema):
    """A budget with its present period (null when its life has not begun or is over)."""

    id: UUID
    name: str
    amount: str
    currency: str
    period: Period
    period_days: int | None
    start_date: date
    end_date: date | None
    category_id: UUID | None
    project_id: UUID | None
    account_id: UUID | None
    tag_id: UUID | None
    rollover: Rollover
    enforcement: Enforcement
    alert_enabled: bool
    alert_threshold: int
    alert_thresholds: list[int]
    snoozed_until: date | None
    current_period: PeriodOut | None
    version: int
    created_at: str
    updated_at: str


class BudgetList(Schema):
    """A page of budgets."""

    object: str = "list"
    data: list[BudgetOut]
    has_more: bool
    next_cursor: str | None


class BudgetTransferOut(Schema):
    """A transfer that was made."""

    id: UUID
    from_budget_id: UUID
    from_period_start: date
    to_budget_id: UUID
    to_period_start: date
    amount: str
    note: str
    created_at: str


class PeriodList(Schema):
    """The periods of a budget, the present one first."""

    object: str = "list"
    data: list[PeriodOut]
    has_more: bool
    next_cursor: str | None


class TransferList(Schema):
    """The latest transfers from and to a budget."""

    object: str = "list"
    data: list[BudgetTransferOut]
    has_more: bool
    next_cursor: str | None


class AlertOut(Schema):
    """An alert that was raised, with what was used of the limit then."""

    id: UUID
    period_start: date
    threshold: int = Field(description="In percent")
    used: str
    limit: str
    raised_at: str


class AlertList(Schema):
    """The latest alerts of a budget."""

    object: str = "list"
    data: list[AlertOut]
    has_more: bool
    next_cursor: str | None
