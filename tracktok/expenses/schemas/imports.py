"""Imports in and out."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from flask_openapi import FileStorage
from pydantic import ConfigDict, Field

from tracktok.imports.models import ImportStatus
from tracktok.web.api import ListQuery, Query, Schema


class ImportUpload(Schema):
    """A file to import."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    file: FileStorage = Field(description="CSV, XLSX or XLS, up to 64 MB and 1,000,000 rows; the content decides")
    kind: str = Field("expenses", max_length=40, description="What the rows are")


class ImportOptions(Schema):
    """How the file is read. What is not given is found out from the file, or asked."""

    date_form: Literal["DMY", "MDY", "YMD", "serial"] | None = Field(
        None, description="Which part of 3/4/2026 is the day"
    )
    decimal: Literal[".", ","] | None = Field(None, description="The decimal sign of amounts")
    sign: Literal["positive", "negative"] | None = Field(None, description="The sign that expenses have in the file")
    directions: dict[str, Literal["expense", "skip"]] | None = Field(
        None, description="What the values of the direction column mean"
    )
    duplicates: Literal["skip", "import"] | None = None
    currency: str | None = Field(None, description="The currency where the file names none")
    category_id: UUID | None = Field(None, description="The category where the file names none")
    account_id: UUID | None = Field(None, description="The account where the file names none")
    project_id: UUID | None = Field(None, description="The project where the file names none")
    payment_method: str | None = None
    status: Literal["draft", "approved", "paid"] | None = Field(None, description="Paid when none is given")
    unknown: dict[Literal["category", "account", "project"], Literal["create", "empty", "reject"]] | None = Field(
        None, description="What becomes of names that are not known: made (the default), left empty, or the row refused"
    )
    names: dict[Literal["category", "account", "project"], dict[str, str]] | None = Field(
        None, description="For single names: an id, or create, empty or reject"
    )
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = Field(None, ge=0, description="The row number of the header; 0 when there is none")


class ImportPatch(Schema):
    """Another mapping, other options. The rows are checked again."""

    mapping: dict[str, str | None] | None = Field(
        None, description="Column by field; the whole mapping", examples=[{"expense_date": "Date", "amount": "Amount"}]
    )
    options: ImportOptions | None = Field(None, description="Laid over those chosen before; null forgets one")


class RowError(Schema):
    """What is wrong with a row."""

    row: int = Field(description="The row in the file, counted as a spreadsheet does: the first one is 1")
    column: str
    code: str
    message: str


class ImportOut(Schema):
    """An import: what the file holds, how it is read, and what would come of it."""

    id: UUID
    kind: str
    status: ImportStatus
    filename: str
    size: int
    columns: list[str]
    column_facts: list[dict[str, Any]]
    fields: list[dict[str, Any]]
    mapping: dict[str, str]
    mapped_by: str
    options: dict[str, Any]
    decided: dict[str, Any]
    file: dict[str, Any]
    questions: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    new: dict[str, list[str]]
    rows: int
    valid: int = Field(description="Rows that a commit writes")
    invalid: int
    duplicates: int
    skipped: int = Field(description="Rows that are fine but no expenses: income, transfers, totals")
    errors: list[RowError] = Field(description="The first hundred; all of them at /rows?status=invalid")
    committed_rows: int
    result: dict[str, Any]
    error: str | None
    job_id: UUID | None
    version: int
    created_at: str
    updated_at: str


class ImportListItem(Schema):
    """An import in the list."""

    id: UUID
    kind: str
    status: ImportStatus
    filename: str
    rows: int
    valid: int
    invalid: int
    duplicates: int
    skipped: int
    committed_rows: int
    person_id: UUID | None
    job_id: UUID | None
    created_at: str


class ImportQuery(ListQuery):
    """Which page of the imports."""

    sort: str = Field("-created_at", description="created_at; a minus in front turns it around")


class RowsQuery(Query):
    """Which rows of an import."""

    status: Literal["valid", "invalid", "duplicate", "skipped"] | None = Field(
        None, description="All when none is given"
    )
    limit: int = Field(25, ge=1, le=100)
    cursor: str | None = Field(
        None, max_length=20, pattern=r"^\d{1,9}$", description="`next_cursor` of the page before"
    )


class RowOut(Schema):
    """A row as it stands in the file."""

    row: int
    status: Literal["valid", "invalid", "duplicate", "skipped"]
    cells: dict[str, str]
    errors: list[dict[str, str]]


class JobAsked(Schema):
    """Long work that was asked for; its progress is at `status_url`."""

    id: UUID = Field(description="The job's id")
    job_id: UUID
    import_id: UUID
    status: str
    status_url: str
