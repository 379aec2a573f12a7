"""Prices of meters in and out."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from tracktok.usage.rules.pricing import Model
from tracktok.web.api import ListQuery, Schema

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$", to_upper=True)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]


class UsagePriceIn(Schema):
    """What a meter costs from a day on, until its next price."""

    meter_id: UUID
    customer_id: UUID | None = Field(None, description="A customer with a price of their own")
    currency: Currency | None = Field(None, description="The customer's, or the company's, when none is given")
    valid_from: Day = Field(examples=["2026-04-01"])
    model: Model | Literal["standard"] = Field(
        examples=["per_unit"], description="`standard` ends a customer's own price: the one for all holds again"
    )
    config: dict[str, Any] = Field(
        description="What the model takes, as POST /prices/estimate has it; nothing for `standard`",
        examples=[{"per_unit": "0.0015"}],
    )
    note: str = Field("", max_length=500)


class PriceQuery(ListQuery):
    """Which prices."""

    meter_id: UUID | None = None
    customer_id: UUID | None = None
    sort: str = Field("-valid_from", max_length=40, description="valid_from; a minus in front turns it around")


class UsagePriceOut(Schema):
    """A price of a meter."""

    id: UUID
    meter_id: UUID
    event: str
    customer_id: UUID | None
    currency: str
    valid_from: date
    model: str
    config: dict[str, Any]
    note: str
    version: int
    created_at: str | None
    updated_at: str | None
