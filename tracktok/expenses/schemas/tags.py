"""Tags in and out."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from tracktok.web.api import ListQuery, Schema

COLOR = r"^(#[0-9a-fA-F]{6})?$"


class TagIn(Schema):
    """A word that expenses carry."""

    name: str = Field(min_length=1, max_length=50, examples=["client visit"])
    color: str = Field("", pattern=COLOR, description="#rrggbb, or empty", examples=["#2563a8"])


class TagPatch(Schema):
    """What to change of a tag."""

    name: str | None = Field(None, min_length=1, max_length=50)
    color: str | None = Field(None, pattern=COLOR)


class TagQuery(ListQuery):
    """Which tags."""

    q: str | None = Field(None, max_length=50, description="Names that begin with this")
    sort: str = Field("name", description="name or created_at; a minus in front turns it around")


class TagOut(Schema):
    """A tag."""

    id: UUID
    name: str
    color: str
    expenses: int = Field(description="How many expenses carry it")
    version: int
    created_at: str
    updated_at: str


class TagMerge(Schema):
    """Where the expenses of a tag go."""

    into_id: UUID = Field(description="The tag that stays")
