"""The audit trail in and out."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from tracktok.web.api import ListQuery, Query, Schema

NOBODY = "system"


class AuditFilters(Query):
    """Which entries."""

    q: str | None = Field(None, max_length=200, title="Text", description="Beginnings of words of the label")
    actor_id: UUID | Literal["system"] | None = Field(
        None, title="Who", description="A person, or `system` for what the product did by itself"
    )
    entity: str | None = Field(
        None, max_length=60, title="Kind of record", description="A kind of record", examples=["expenses"]
    )
    entity_id: UUID | None = Field(None, title="Record", description="One record; goes with `entity`")
    action: str | None = Field(None, max_length=60, title="Action", examples=["updated"])
    date_from: date | None = Field(None, title="From", description="In the company's time zone")
    date_to: date | None = Field(None, title="To", description="The last day, in the company's time zone")

    def active(self) -> dict[str, Any]:
        """The filters that are set, in the order of their fields."""
        found = {name: getattr(self, name) for name in AuditFilters.model_fields}
        return {name: value for name, value in found.items() if value not in (None, "")}


class AuditQuery(AuditFilters, ListQuery):
    """Which entries, from which place on."""

    sort: Literal["-at", "at"] = Field("-at", description="By time; a minus puts the latest first")
    format: Literal["json", "csv", "xlsx"] = Field(
        "json", description="A file of all entries that fit; `limit` and `cursor` are left aside"
    )


class ActorOut(Schema):
    """Who did it."""

    kind: str = Field(description="person, platform (staff of the product), system, or nobody")
    id: UUID | None
    name: str = Field(description="As they were called then")


class AuditEventOut(Schema):
    """An entry of the trail. Amounts, dates and ids in `before` and `after` are texts, as elsewhere in the API."""

    id: UUID
    at: str
    actor: ActorOut
    action: str
    entity: str = Field(description="The kind of record")
    entity_id: UUID | None
    label: str = Field(description="What the record was called then")
    before: dict[str, Any] | None = Field(description="The fields as they were; null for something new")
    after: dict[str, Any] | None = Field(description="The fields as they became; null for something that is gone")
    address: str
    user_agent: str
    request_id: str
    route: str
    seal: int | None = Field(description="The number of the seal that covers it; null while it waits to be sealed")


class SealStateOut(Schema):
    """How far the trail is sealed and was found sound."""

    state: Literal["empty", "waiting", "sealed", "verified", "broken"]
    seals: int
    sealed_until: str | None = Field(description="When the last seal was made")
    head: str | None = Field(
        description="The last seal's hash, in hex: kept elsewhere, it proves that no end is cut off"
    )
    waiting: int = Field(description="Entries that are not sealed yet, counted up to 1000")
    verified_seal: int | None = Field(description="The last seal that was looked at")
    verified_at: str | None
    faults: list[str]
