"""Quotas in and out."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field, field_validator

from tracktok.usage.rules.quotas import QuotaPeriod
from tracktok.web.api import ListQuery, Schema

Quantity = Annotated[Decimal, Field(gt=0, max_digits=27, decimal_places=12)]


class QuotaIn(Schema):
    """How much of a meter may be used in a period, and when somebody is told."""

    meter_id: UUID
    customer_id: UUID | None = Field(None, description="For this customer; without one, for each customer alike")
    period: QuotaPeriod = Field(QuotaPeriod.month, description="By the calendar, in the company's time zone")
    limit: Quantity = Field(examples=["100000"])
    percents: list[Annotated[int, Field(ge=1, le=1000)]] = Field(
        default_factory=lambda: [80, 100], max_length=10, description="Percents of the limit at which to tell"
    )
    quantities: list[Quantity] = Field(default_factory=list, max_length=10, description="Quantities at which to tell")
    block: bool = Field(False, description="Refuse events that would pass the limit (429)")

    @field_validator("percents")
    @classmethod
    def _in_order(cls, given: list[int]) -> list[int]:
        return sorted(set(given))

    @field_validator("quantities")
    @classmethod
    def _ascending(cls, given: list[Decimal]) -> list[Decimal]:
        return sorted(set(given))


class QuotaQuery(ListQuery):
    """Which quotas."""

    customer_id: UUID | None = Field(None, description="Of this customer, and those for each customer")
    meter_id: UUID | None = None


class QuotaOut(Schema):
    """A quota."""

    id: UUID
    meter_id: UUID
    event: str
    customer_id: UUID | None
    period: str
    limit: str
    percents: list[int]
    quantities: list[str]
    block: bool
    version: int
    created_at: str | None
    updated_at: str | None
