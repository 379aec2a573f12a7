"""Usage events in and out."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import AwareDatetime, BeforeValidator, Field, TypeAdapter, field_validator

from tracktok.usage.rules.metering import LARGEST_QUANTITY
from tracktok.web.api import ListQuery, Schema

MOST_EVENTS = 10_000
LARGEST_PROPERTIES = 8 * 1024


def _as_text(given: Any) -> Any:
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


Word = Annotated[str, BeforeValidator(_as_text), Field(max_length=200)]


class UsageIn(Schema):
    """Something that was used."""

    quantity: Decimal = Field(
        Decimal(1), ge=-LARGEST_QUANTITY, le=LARGEST_QUANTITY, max_digits=28, decimal_places=12, examples=["3"],
        description="How much; negative to correct what was said before",
    )  # fmt: skip
    event: str = Field(min_length=1, max_length=63, examples=["api_calls"], description="The code of the meter")
    user_id: Word = Field("", examples=["u-1001"], description="Of your own system")
    customer_id: UUID | None = Field(None, description="Whose usage it is; without one it is billed to nobody")
    timestamp: AwareDatetime | None = Field(None, description="When it was used, with its offset; now when not given")
    source: Word = Field("api", examples=["gateway-eu"], description="Who says so; event ids are unique within it")
    event_id: Word | None = Field(
        None, min_length=1, description="What the source calls it: the same again is counted once"
    )
    properties: dict[str, Any] | None = Field(None, description="Anything else, up to 8 KB")

    @field_validator("properties")
    @classmethod
    def _not_too_large(cls, given: dict[str, Any] | None) -> dict[str, Any] | None:
        if not given:
            return None
        try:
            body = orjson.dumps(given, default=str)
        except TypeError as error:
            text = "The properties hold a number beyond 64 bits, a character that cannot be kept, or nest too deeply."
            raise ValueError(text) from error
        if len(body) > LARGEST_PROPERTIES:
            raise ValueError("The properties are larger than 8 KB.")
        if b"\\u0000" in body:
            raise ValueError("The properties hold a character that cannot be kept.")
        return given

    @field_validator("event", "user_id", "source", "event_id")
    @classmethod
    def _can_be_kept(cls, given: str | None) -> str | None:
        if given is not None and "\x00" in given:
            raise ValueError("This holds a character that cannot be kept.")
        return given


def _no_number(given: Any) -> Any:
    """A number is no date and time, though one could be read from it."""
    if isinstance(given, str) and given.strip().lstrip("+-").replace(".", "", 1).isdigit():
        raise ValueError("Use a date and time such as 2026-11-20T08:10:00Z.")
    return given


Moment = Annotated[datetime, BeforeValidator(_no_number)]
BATCH: TypeAdapter[list[UsageIn]] = TypeAdapter(list[UsageIn])


class BatchIn(Schema):
    """Up to 10,000 events, each as POST /usage/ takes it. What is wrong with one does not keep the others out."""

    events: list[dict[str, Any]] = Field(
        min_length=1, max_length=MOST_EVENTS, examples=[[{"quantity": "3", "event": "api_calls", "event_id": "e-1"}]]
    )


class ItemError(Schema):
    """What is wrong with a field of an event."""

    pointer: str
    code: str
    detail: str


class BatchItem(Schema):
    """What became of one event."""

    index: int
    status: str = Field(description="recorded, duplicate, conflict, refused or invalid")
    id: UUID | None
    errors: list[ItemError]


class BatchOut(Schema):
    """What became of a batch: how many of each, and every event that was not simply recorded."""

    recorded: int
    duplicates: int
    rejected: int = Field(description="Of conflict, refused and invalid together")
    data: list[BatchItem]


class UsageOut(Schema):
    """An event as it is kept."""

    id: UUID
    event: str
    quantity: str
    unit: str
    user_id: str
    customer_id: UUID | None
    timestamp: str
    recorded_at: str
    source: str
    event_id: str
    properties: dict[str, Any] | None


class UsageWritten(UsageOut):
    """An event after it was sent."""

    duplicate: bool = Field(description="Whether it was known already, and is counted once")


class UsageQuery(ListQuery):
    """Which events; the newest first."""

    event: str | None = Field(None, max_length=63, description="The code of a meter")
    customer_id: UUID | None = None
    user_id: str | None = Field(None, max_length=200)
    from_: Moment | None = Field(None, alias="from", description="Used at this instant or later")
    to: Moment | None = Field(None, description="Used before this instant")
