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

    file: FileStorage = Field(description="CSV, XLSX or XLS, up to 512 MB and 1,000,000 rows; the content decides")
    kind: str = Field("expenses", max_length=40, description="What the rows are")


class ImportOptions(Schema):
    """How the file is read, and what holds where it says nothing. What is not given is found out, or asked.

    Beside these there are the options of the kind, as `GET /api/v1/imports/kinds` tells them.
    """

    model_config = ConfigDict(extra="allow")

    date_form: Literal["DMY", "MDY", "YMD", "serial"] | None = Field(
        None, description="Which part of 3/4/2026 is the day"
    )
    decimal: Literal[".", ","] | None = Field(None, description="The decimal sign of amounts")
    duplicates: str | None = Field(None, description="What becomes of duplicates: skip, or import where the kind can")
    unknown: dict[str, Literal["create", "empty", "reject"]] | None = Field(
        None, description="What becomes of names that are not known: made (the default), left empty, or the row refused"
    )
    names: dict[str, dict[str, str]] | None = Field(
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
    skipped: int = Field(description="Rows that are fine but not of this kind: income, transfers, totals")
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

    kind: str | None = Field(None, max_length=40, description="Those of one kind")
    sort: str = Field("-created_at", description="created_at; a minus in front turns it around")


class KindQuery(Query):
    """Which kind."""

    kind: str = Field("expenses", max_length=40)


class KindField(Schema):
    """A field that a column can be mapped to."""

    name: str
    label: str
    type: str
    help: str


class KindOption(Schema):
    """An option of a kind."""

    name: str
    label: str
    values: list[str] = Field(description="Those that can be; empty where it is an id")
    is_id: bool


class KindOut(Schema):
    """A kind of import, with what can be said of a file of it."""

    name: str
    label: str
    fields: list[KindField]
    needs: list[list[str]] = Field(description="Of each group one field must be mapped")
    options: list[KindOption]
    meanings: dict[str, list[str]] = Field(description="Options that are tables `{value of a column: meaning}`")
    references: list[str] = Field(description="Names that are matched or made: the members of `unknown` and `names`")
    duplicates: list[str] = Field(description="What can become of duplicates, the usual first")
    example_url: str


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
