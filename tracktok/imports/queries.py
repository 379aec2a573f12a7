"""What is read about imports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, select, text

from tracktok.auth.models import Person
from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, fetch_page, sort_by
from tracktok.core.tenancy import current_tenant_id
from tracktok.documents.models import StoredFile
from tracktok.imports.models import Import, ImportMapping, ImportRow

ID_PREFIX = "id_prefix"
NOTHING_WRITTEN = "00000000-0000-0000-0000-"
SORTS = {"created_at": sort_by(Import.created_at)}
_PEOPLE = select(Person).where(Person.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
_LIST = select(
    Import.id, Import.kind, Import.status, Import.rows, Import.valid, Import.invalid, Import.duplicates, Import.skipped,
    Import.committed_rows, Import.person_id, Import.job_id, Import.created_at, Import.updated_at, Import.version,
    Import.result, StoredFile.filename, StoredFile.size,
).join(StoredFile, (StoredFile.tenant_id == Import.tenant_id) & (StoredFile.id == Import.file_id)).where(
    Import.kind == any_(bindparam("kinds", type_=ARRAY(Text())))
)  # fmt: skip
_FILE = select(StoredFile.filename, StoredFile.size, StoredFile.storage_key, StoredFile.sha256).where(
    StoredFile.id == bindparam("file_id")
)

_PREFIX = select(Import.result[ID_PREFIX].astext).where(Import.id == bindparam("import_id"))


class ImportNotFound(NotFound):
    code, title = "import_not_found", "There is no such import"


def get_import(import_id: UUID, *, for_update: bool = False) -> Import:
    """An import of the current tenant; raises ImportNotFound."""
    statement = select(Import).where(Import.id == import_id)
    if for_update:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = db.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise ImportNotFound
    return found


def ids_written(found: Import) -> tuple[UUID, UUID]:
    """The first and the last id that rows written by an import can have (`services.writing.begin_ids`)."""
    return _range(found.result.get(ID_PREFIX, NOTHING_WRITTEN))


def range_of_import(import_id: UUID) -> tuple[UUID, UUID]:
    """The first and the last id of what an import wrote; a range of nothing when there is no such import."""
    prefix = db.session.execute(_PREFIX, {"import_id": import_id}).scalar_one_or_none() or NOTHING_WRITTEN
    return _range(prefix)


def _range(prefix: str) -> tuple[UUID, UUID]:
    return UUID(prefix + "0" * 12), UUID(prefix + "f" * 12)


def get_file(file_id: UUID) -> Any:
    """(filename, size, storage_key, sha256) of an import's file."""
    return db.session.execute(_FILE, {"file_id": file_id}).one()


def list_imports(kinds: Sequence[str], *, sort: str, cursor: str | None, limit: int) -> Page:
    """The imports of some kinds, newest first."""
    return fetch_page(
        _LIST, sorts=SORTS, id_column=Import.id, sort=sort, cursor=cursor, limit=limit, parameters={"kinds": [*kinds]}
    )


def names_of_people(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names of those who began imports, by id."""
    wanted = list({one for one in ids if one is not None})
    if not wanted:
        return {}
    return {person.id: person.name for person in db.session.execute(_PEOPLE, {"ids": wanted}).scalars()}


def remembered_mapping(kind: str, headers_hash: bytes) -> tuple[dict[str, str], dict[str, Any]] | None:
    """(mapping, options) that a person chose for files with these headers, or None."""
    row = db.session.execute(
        select(ImportMapping.mapping, ImportMapping.options).where(
            ImportMapping.kind == kind, ImportMapping.headers_hash == headers_hash
        )
    ).one_or_none()
    return (row.mapping, row.options) if row is not None else None


def same_file_committed(kind: str, sha256: bytes, besides: UUID) -> Any:
    """(id, created_at) of the last committed import of the same bytes, or None."""
    return db.session.execute(
        select(Import.id, Import.created_at)
        .join(StoredFile, (StoredFile.tenant_id == Import.tenant_id) & (StoredFile.id == Import.file_id))
        .where(Import.kind == kind, StoredFile.sha256 == sha256, Import.status == "committed", Import.id != besides)
        .order_by(Import.created_at.desc())
        .limit(1)
    ).one_or_none()


_FLAWS = text(
    "SELECT row_number, status, errors FROM import_rows WHERE tenant_id = :tenant AND import_id = :id"
    " AND row_number > :after AND (:status = '' OR status = :status) ORDER BY row_number LIMIT :most"
)


def list_flaws(import_id: UUID, *, status: str = "", after: int = 0, limit: int = 100) -> list[Any]:
    """(row_number, status, errors) of the rows to look at, in their order in the file."""
    return list(
        db.session.execute(
            _FLAWS,
            {"tenant": current_tenant_id(), "id": import_id, "after": after, "status": status, "most": limit},
        )
    )


def flawed_numbers(import_id: UUID, after: int, until: int) -> set[int]:
    """Which rows between two numbers are not good."""
    return set(
        db.session.execute(
            select(ImportRow.row_number).where(
                ImportRow.tenant_id == current_tenant_id(),
                ImportRow.import_id == import_id,
                ImportRow.row_number > after,
                ImportRow.row_number <= until,
            )
        ).scalars()
    )
