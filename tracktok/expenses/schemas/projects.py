"""Projects in and out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from pydantic import Field

from tracktok.expenses.models import ProjectStatus
from tracktok.web.api import ListQuery, Schema


class ProjectIn(Schema):
    """A piece of work that money is spent on."""

    name: str = Field(min_length=1, max_length=120, examples=["Warehouse move"])
    code: str = Field("", max_length=30, examples=["WH-26"])
    client_name: str = Field("", max_length=120)
    description: str = Field("", max_length=5000)
    status: ProjectStatus = ProjectStatus.active
    start_date: date | None = None
    end_date: date | None = None
    budget_amount: Decimal | None = Field(
        None, ge=0, max_digits=16, decimal_places=4, description="In the company's currency", examples=["250000.00"]
    )


class ProjectPatch(Schema):
    """What to change of a project."""

    name: str | None = Field(None, min_length=1, max_length=120)
    code: str | None = Field(None, max_length=30)
    client_name: str | None = Field(None, max_length=120)
    description: str | None = Field(None, max_length=5000)
    status: ProjectStatus | None = None
    start_date: date | None = None
    end_date: date | None = None
    budget_amount: Decimal | None = Field(None, ge=0, max_digits=16, decimal_places=4)


class ProjectQuery(ListQuery):
    """Which projects."""

    q: str | None = Field(None, max_length=120, description="Part of the name, code or client")
    status: ProjectStatus | None = None
    import_id: UUID | None = Field(None, description="Those that came with an import")
    sort: str = Field("-created_at", description="name or created_at; a minus in front turns it around")


class ProjectOut(Schema):
    """A project with what has been spent on it, in the company's currency."""

    id: UUID
    name: str
    code: str
    client_name: str
    description: str
    status: ProjectStatus
    start_date: date | None
    end_date: date | None
    currency: str
    budget_amount: str | None
    spent: str
    remaining: str | None = Field(description="Budget less spent; below zero when it is overspent")
    expenses: int
    version: int
    created_at: str
    updated_at: str
