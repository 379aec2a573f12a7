"""Categories in and out."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from tracktok.web.api import ListQuery, Schema

from .tags import COLOR


class TaxTreatment(StrEnum):
    """What becomes of the tax in an expense: none, reclaimed, or not reclaimable."""

    none = "none"
    creditable = "creditable"
    blocked = "blocked"

    @property
    def label(self) -> str:
        return {"none": "No tax", "creditable": "Tax can be reclaimed", "blocked": "Tax cannot be reclaimed"}[
            self.value
        ]


class CategoryIn(Schema):
    """What money is spent on."""

    name: str = Field(min_length=1, max_length=80, examples=["Fuel"])
    parent_id: UUID | None = Field(None, description="The category above; none for the top")
    book_account_id: UUID | None = Field(
        None, description="The expense account of the books that it posts to; one of its own when none is given"
    )
    color: str = Field("", pattern=COLOR)
    tax_treatment: TaxTreatment = TaxTreatment.none
    position: int = Field(0, ge=0, le=10_000, description="Its place among its siblings")
    is_archived: bool = False


class CategoryPatch(Schema):
    """What to change of a category. Another `parent_id` moves it with all below it."""

    name: str | None = Field(None, min_length=1, max_length=80)
    parent_id: UUID | None = None
    book_account_id: UUID | None = None
    color: str | None = Field(None, pattern=COLOR)
    tax_treatment: TaxTreatment | None = None
    position: int | None = Field(None, ge=0, le=10_000)
    is_archived: bool | None = None


class CategoryQuery(ListQuery):
    """Which categories: all of the tree in its order, or those of one name."""

    limit: int = Field(100, ge=1, le=100)
    q: str | None = Field(None, max_length=80, description="Part of the name")
    parent_id: UUID | None = Field(None, description="Only those right below this one")
    archived: bool | None = None
    sort: str = Field("name", description="name or created_at; a minus in front turns it around")


class CategoryDeleteQuery(Schema):
    """Where the expenses of a deleted category go."""

    reassign_to: UUID | None = Field(None, description="The category that takes its expenses; none: they have none")


class CategoryOut(Schema):
    """A category. `path` names those above it, from the top."""

    id: UUID
    name: str
    parent_id: UUID | None
    path: list[str]
    depth: int = Field(description="1 at the top, 4 at most")
    book_account_id: UUID
    color: str
    tax_treatment: TaxTreatment
    position: int
    is_archived: bool
    version: int
    created_at: str
    updated_at: str


class CategoryMerge(Schema):
    """Where a category and all below it go."""

    into_id: UUID = Field(description="The category that stays")
