"""Imports, the rows of them that need a look, and how columns were mapped before."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, LargeBinary, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped


class ImportStatus(StrEnum):
    """Where an import stands."""

    checking = "checking"
    mapping = "mapping"
    ready = "ready"
    committing = "committing"
    committed = "committed"
    undoing = "undoing"
    undone = "undone"
    failed = "failed"


class Import(TenantScoped, Timestamps, Base):
    """A file whose rows become expenses: looked at first, committed as a whole, undone as a whole."""

    __tablename__ = "imports"
    __audited__ = True

    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default=ImportStatus.mapping, server_default="mapping")
    file_id: Mapped[UUID] = mapped_column(Uuid())
    columns: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    """What was found: type, encoding and layout of the file, open questions, notes, names that will be made."""
    result: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    """What the commit wrote and the undo took back."""
    rows: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    valid: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    invalid: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    duplicates: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    skipped: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    committed_rows: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    person_id: Mapped[UUID | None] = mapped_column(Uuid())
    job_id: Mapped[UUID | None] = mapped_column(Uuid())
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("file_id", "files"),
        Index("ix_imports_tenant_id_created_at_id", "tenant_id", "created_at", "id"),
        CheckConstraint(
            "status IN ('checking','mapping','ready','committing','committed','undoing','undone','failed')",
            name="status",
        ),
    )


class ImportRow(Base):
    """A row of an import that somebody should look at: bad, with its reasons, a duplicate, or left out and why."""

    __tablename__ = "import_rows"
    __tenant_table__ = True

    tenant_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    import_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    row_number: Mapped[int] = mapped_column(Integer, primary_key=True)
    status: Mapped[str]
    errors: Mapped[list[Any]] = mapped_column(JSONB, default=list)

    __table_args__ = (
        tenant_fk("import_id", "imports", ondelete="CASCADE"),
        Index("ix_import_rows_by_status", "tenant_id", "import_id", "status", "row_number"),
        CheckConstraint("status IN ('invalid','duplicate','skipped')", name="status"),
    )


class ImportMapping(TenantScoped, Timestamps, Base):
    """How the columns of files with these headers were mapped last time."""

    __tablename__ = "import_mappings"

    kind: Mapped[str]
    headers_hash: Mapped[bytes] = mapped_column(LargeBinary)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB)
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)

    __table_args__ = (UniqueConstraint("tenant_id", "kind", "headers_hash"),)
