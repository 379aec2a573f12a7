"""Dashboards and reports, in and out."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from tracktok.web.api import ListQuery, Query, Schema
from tracktok.web.saved import LONGEST_FILTER, MOST_FILTERS

from .rules.ranges import Preset


class DashboardQuery(Query):
    """Which days: a preset, or `date_from` and `date_to` together."""

    preset: Preset | None = None
    date_from: date | None = None
    date_to: date | None = Field(None, description="This day included")


class FigureOut(Schema):
    """A figure, what it was in the period before, and the change in percent (null when there is nothing to compare)."""

    value: str
    before: str
    percent: str | None


class SpanOut(Schema):
    """Days, both included."""

    start: date
    end: date


class TrendOut(Schema):
    """A slice of the trend."""

    start: date
    end: date
    value: str
    items: int
    before: str | None


class ItemOut(Schema):
    """What one category or project came to, with those below it. `depth` 0 adds up to the whole."""

    id: UUID | None
    name: str
    parent_id: UUID | None
    depth: int
    value: str
    before: str
    percent: str | None
    share: str
    items: int


class DashboardOut(Schema):
    """The figures of a range, against the range before."""

    currency: str
    range: SpanOut
    before: SpanOut
    total: FigureOut
    spent: FigureOut
    committed: FigureOut
    count: FigureOut
    average_per_day: FigureOut
    trend: list[TrendOut]
    categories: list[ItemOut]
    projects: list[ItemOut]
    budgets: list[dict[str, Any]]
    recent: list[dict[str, Any]]
    own: bool = Field(description="Whether these are the figures of one's own expenses only")


class ReportIn(Schema):
    """Which month to report on."""

    month: date | None = Field(None, description="Any day of the month; the last full month when none is given")


class ReportQuery(ListQuery):
    """Which reports."""


class ReportOut(Schema):
    """A report, with the job that makes it and, once it is made, its file."""

    id: UUID
    kind: str
    month: date
    status: str
    progress: int
    error: str | None
    file_url: str | None
    created_at: str
    finished_at: str | None


Kind = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$", description="Which list", examples=["expenses"])]
FilterName = Annotated[str, Field(min_length=1, max_length=60)]
FilterValue = Annotated[str, Field(max_length=LONGEST_FILTER)]


class SavedViewIn(Schema):
    """A list with its filters, to be kept under a name."""

    kind: Kind
    name: str = Field(min_length=1, max_length=60, examples=["Unpaid fuel"])
    filters: dict[FilterName, FilterValue | list[FilterValue]] = Field(
        default_factory=dict,
        max_length=MOST_FILTERS,
        description="The query of the list's address",
        examples=[{"status": "approved", "tag": ["fuel"]}],
    )
    is_shared: bool = Field(False, description="Whether everybody in the company sees it; owners and admins decide")


class SavedViewForm(Schema):
    """A view as its form sends it: the filters are the query of the list's address."""

    kind: Kind
    name: str = Field(min_length=1, max_length=60, title="Name")
    query: str = Field("", max_length=8_000)
    is_shared: bool = False
    replace: bool = False


class SavedViewQuery(ListQuery):
    """Which saved views."""

    kind: Kind | None = None


class SavedViewOut(Schema):
    """A saved view: one's own, or one that is shared with the company."""

    id: UUID
    kind: str
    name: str
    filters: dict[str, list[str]]
    is_shared: bool
    is_own: bool
    url: str = Field(description="The list's page with these filters")
    version: int
    created_at: str
    updated_at: str
