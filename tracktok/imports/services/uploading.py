"""An import from its file to its commit: uploaded, mapped, checked, committed by a job, undone by a job."""

from __future__ import annotations

import tempfile
from typing import IO, Any, Final
from uuid import UUID

from flask import current_app
from sqlalchemy.dialects.postgresql import insert

from tracktok.core import context, jobs, storage
from tracktok.core.db import db
from tracktok.core.errors import Invalid
from tracktok.core.ids import new_id
from tracktok.core.permissions import current_actor
from tracktok.core.tables import Job, JobStatus
from tracktok.core.tenancy import current_tenant_id
from tracktok.documents.rules import CSV, TABLES, XLS, XLSX
from tracktok.documents.services import store_file
from tracktok.imports import queries
from tracktok.imports.models import Import, ImportMapping, ImportStatus
from tracktok.imports.rules.columns import Kind, guess_mapping, headers_hash
from tracktok.imports.rules.dates import DateOrder
from tracktok.imports.rules.profile import facts_of

from .checking import check
from .errors import CannotBeUndone, NothingToImport, WrongStatus
from .kinds import HANDLERS, handler_of
from .options import check_options
from .readers import open_table
from .working import make_working, staged_key, working_key

CHECK_JOB, COMMIT_JOB, UNDO_JOB = "imports.check", "imports.commit", "imports.undo"
MOST_CHECKED_AT_ONCE: Final = 250_000
"""Larger files are checked by a job; the answer then says `checking`."""
READING_OPTIONS: Final = ("encoding", "delimiter", "sheet", "header_row")
_CONTENT_TYPES: Final = {"csv": CSV, "xls": XLS, "xlsx": XLSX}
_BUSY: Final = {ImportStatus.checking, ImportStatus.committing, ImportStatus.undoing}
_ORDERS: Final = {"D": DateOrder.day_first, "M": DateOrder.month_first, "Y": DateOrder.year_first}


def start_import(stream: IO[bytes], filename: str, kind: str, options: dict[str, Any] | None = None) -> Import:
    """Take in a file: read it, guess what its columns are, and check its rows.

    Raises NotATable (415), UnreadableFile or DangerousFile (422), TooManyRows (413), Invalid at `kind`.
    """
    if kind not in HANDLERS:
        raise Invalid.at("kind", f"Use one of: {', '.join(sorted(HANDLERS))}.")
    options = dict(options or {})
    check_options(handler_of(kind), options)
    table = open_table(stream, **_reading(options))
    found = Import(
        id=new_id(),
        kind=kind,
        person_id=current_actor().person_id,
        options=options,
        columns=[],
        mapping={},
        facts={"type": table.type},
        result={},
    )
    _read(found, table)
    stream.seek(0)
    largest = current_app.config["MAX_IMPORT_BYTES"]
    file = store_file(stream, filename, allowed=TABLES, max_bytes=largest, known_type=_CONTENT_TYPES[table.type])
    found.file_id = file.id
    _note_same_file(found, file.sha256)
    _guess(found)
    db.session.add(found)
    db.session.flush()
    _check_now_or_later(found)
    return found


def change_import(
    found: Import, *, mapping: dict[str, str | None] | None = None, options: dict[str, Any] | None = None
) -> Import:
    """Change how the file of an import (locked by the caller) is read, and check its rows again.

    `mapping` names columns by field, None for none; `options` are laid over those chosen before, None forgets one.
    What is chosen is remembered for the next file with these headers. Raises WrongStatus (409), Invalid (422).
    """
    if found.status not in {ImportStatus.mapping, ImportStatus.ready, ImportStatus.failed}:
        raise WrongStatus(f"This import is {found.status}; its mapping can be changed only before it is committed.")
    handler = handler_of(found.kind)
    if options is not None:
        merged = {name: value for name, value in {**found.options, **options}.items() if value is not None}
        check_options(handler, merged)
        reread = any(merged.get(name) != found.options.get(name) for name in READING_OPTIONS)
        found.options = merged
        if reread:
            _read_again(found)
    if mapping is not None:
        found.mapping = _checked_mapping(handler.kind, found, mapping)
    _remember(found)
    _check_now_or_later(found)
    return found


def commit_import(found: Import) -> UUID:
    """Ask for the commit of a checked import (locked by the caller); returns the job. Asking again finds the same job.

    Raises WrongStatus (409), NothingToImport (409).
    """
    if found.status == ImportStatus.committing and found.job_id is not None:
        return found.job_id
    if found.status == ImportStatus.mapping:
        questions = found.facts.get("questions", [])
        first = f" {questions[0]['text']}" if questions else ""
        raise WrongStatus(f"Something is to be answered before this can be imported.{first}")
    if found.status not in {ImportStatus.ready, ImportStatus.undone, ImportStatus.failed}:
        raise WrongStatus(f"This import is {found.status}.")
    if found.valid == 0:
        raise NothingToImport(
            "All rows are duplicates of what is recorded already."
            if found.duplicates
            else "No row of this file is good."
        )
    _remember(found)
    return _begin(found, ImportStatus.committing, COMMIT_JOB)


def undo_import(found: Import) -> UUID:
    """Ask for the undo of a committed import (locked by the caller); returns the job.

    Raises WrongStatus (409), CannotBeUndone (409) for what the kind refuses.
    """
    if found.status == ImportStatus.undoing and found.job_id is not None:
        return found.job_id
    if found.status != ImportStatus.committed:
        raise WrongStatus(f"Only a committed import can be undone; this one is {found.status}.")
    if refusal := handler_of(found.kind).undo_refused(found):
        raise CannotBeUndone(refusal)
    return _begin(found, ImportStatus.undoing, UNDO_JOB)


def discard_import(found: Import) -> None:
    """Forget an import (locked by the caller) that wrote nothing. Raises WrongStatus (409)."""
    if found.status in {ImportStatus.committing, ImportStatus.committed, ImportStatus.undoing}:
        raise WrongStatus(f"This import is {found.status}. Undo it first.")
    if found.committed_rows:
        raise WrongStatus("This import was committed once; it stays in the list.")
    keys = (working_key(found.id), staged_key(found.id))
    db.session.delete(found)
    db.session.flush()
    from tracktok.core.effects import after_commit  # noqa: PLC0415

    for key in keys:
        after_commit(lambda key=key: storage.storage().delete(key))  # type: ignore[misc]


def settle(found: Import) -> Import:
    """Bring an import whose job failed or was cancelled back to where it can be used again."""
    if not _was_left_behind(found):
        return found
    locked = queries.get_import(found.id, for_update=True)
    job = _was_left_behind(locked)
    if job:
        locked.facts = {**locked.facts, "error": job.error or "It was cancelled; nothing was changed."}
        locked.status = ImportStatus.committed if locked.status == ImportStatus.undoing else ImportStatus.failed
        db.session.flush()
    return locked


def _was_left_behind(found: Import) -> Job | None:
    if found.job_id is None or found.status not in _BUSY:
        return None
    job = jobs.find(found.job_id)
    return job if job is not None and job.status in {JobStatus.failed, JobStatus.cancelled} else None


def _begin(found: Import, status: ImportStatus, kind: str) -> UUID:
    found.status = status
    found.facts = {name: value for name, value in found.facts.items() if name != "error"}
    db.session.flush()
    job_id, _ = jobs.start(kind, {"import_id": str(found.id)}, run_key=f"{kind}:{found.id}:{found.version}")
    found.job_id = job_id
    db.session.flush()
    return job_id


def _check_now_or_later(found: Import) -> None:
    if found.rows <= MOST_CHECKED_AT_ONCE:
        check(found)
    else:
        _begin(found, ImportStatus.checking, CHECK_JOB)


def _reading(options: dict[str, Any]) -> dict[str, str]:
    return {name: str(options[name]) for name in ("encoding", "delimiter", "sheet") if options.get(name)}


def _read(found: Import, table: Any) -> None:
    preferred = _ORDERS.get(context.preferences().date_format[:1].upper(), DateOrder.day_first)
    header_row = found.options.get("header_row")
    working = make_working(found.id, table, header_row=header_row, preferred=preferred)
    found.columns, found.rows = working.columns, working.rows
    kept: dict[str, Any] = {name: found.facts[name] for name in ("type", "same_file") if name in found.facts}
    found.facts = {**kept, **table.facts, **working.facts}


def _read_again(found: Import) -> None:
    file = queries.get_file(found.file_id)
    before = [one["name"] for one in found.columns]
    with storage.storage().open(file.storage_key) as stream, tempfile.TemporaryFile() as copy:
        while chunk := stream.read(storage.CHUNK):
            copy.write(chunk)
        _read(found, open_table(copy, **_reading(found.options)))
    if [one["name"] for one in found.columns] != before:
        _guess(found)


def _guess(found: Import) -> None:
    kind = handler_of(found.kind).kind
    names = [one["name"] for one in found.columns]
    remembered = queries.remembered_mapping(found.kind, headers_hash(names))
    if remembered is not None:
        mapping, options = remembered
        found.mapping = {field: column for field, column in mapping.items() if column in names}
        found.options = {**options, **found.options}
        found.facts = {**found.facts, "mapped_by": "remembered"}
        return
    found.mapping = guess_mapping(kind, [facts_of(one) for one in found.columns])
    found.facts = {**found.facts, "mapped_by": "headers"}


def _checked_mapping(kind: Kind, found: Import, given: dict[str, str | None]) -> dict[str, str]:
    names = {one["name"] for one in found.columns}
    fields = {one.name for one in kind.fields}
    mapping: dict[str, str] = {}
    for name, column in given.items():
        if name not in fields:
            raise Invalid.at(f"mapping/{name}", f"There is no field {name}. Use: {', '.join(sorted(fields))}.")
        if column is None or column == "":
            continue
        if column not in names:
            raise Invalid.at(f"mapping/{name}", f"The file has no column “{column}”.")
        mapping[name] = column
    return mapping


# What belongs to one file and not to all files with its headers.
_NOT_REMEMBERED: Final = {"duplicates", "header_row", "encoding", "sheet"}


def _remember(found: Import) -> None:
    own = {one.name for one in handler_of(found.kind).options if not one.remembered}
    values = {
        "mapping": found.mapping,
        "options": {name: value for name, value in found.options.items() if name not in _NOT_REMEMBERED | own},
    }
    statement = insert(ImportMapping).values(
        tenant_id=current_tenant_id(),
        id=new_id(),
        kind=found.kind,
        headers_hash=headers_hash([one["name"] for one in found.columns]),
        **values,
    )
    db.session.execute(
        statement.on_conflict_do_update(index_elements=["tenant_id", "kind", "headers_hash"], set_=values)
    )


def _note_same_file(found: Import, digest: bytes) -> None:
    same = queries.same_file_committed(found.kind, digest, found.id)
    if same is not None:
        found.facts = {**found.facts, "same_file": {"id": str(same.id), "at": same.created_at.isoformat()}}
