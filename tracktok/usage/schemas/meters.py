"""Meters in and out."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from tracktok.usage.rules.metering import Aggregation
from tracktok.web.api import ListQuery, Schema

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,62}$")]


class MeterIn(Schema):
    """Something that is metered; events name it by its code."""

    code: Code = Field(examples=["messages_sent"], description="What events call it; it stays once usage is recorded")
    name: str = Field(min_length=1, max_length=120, examples=["Messages sent"])
    description: str = Field("", max_length=500)
    unit: str = Field("", max_length=30, examples=["message"])
    aggregation: Aggregation = Field(Aggregation.sum, description="How events become a quantity")
    unique_property: str = Field(
        "", max_length=60, description="Of `unique`: whose values are counted, `user_id` or a name among the properties"
    )
    service_type_id: UUID | None = Field(None, description="What its lines are on invoices: code, tax, account")

    @model_validator(mode="after")
    def _unique_of_what(self) -> MeterIn:
        if self.aggregation == Aggregation.unique and not self.unique_property:
            self.unique_property = "user_id"
        if self.aggregation != Aggregation.unique:
            self.unique_property = ""
        return self


class MeterPatch(Schema):
    """What is to be changed of a meter."""

    name: str | None = Field(None, min_length=1, max_length=120)
    description: str | None = Field(None, max_length=500)
    unit: str | None = Field(None, max_length=30)
    service_type_id: UUID | None = None
    is_archived: bool | None = None


class MeterQuery(ListQuery):
    """Which meters."""

    sort: str = Field("name", max_length=40, description="name, code or created_at; a minus in front turns it around")
    archived: bool = Field(False, description="Those that are archived")


class MeterOut(Schema):
    """A meter."""

    id: UUID
    code: str
    name: str
    description: str
    unit: str
    aggregation: str
    unique_property: str
    service_type_id: UUID | None
    is_archived: bool
    version: int
    created_at: str | None
    updated_at: str | None
