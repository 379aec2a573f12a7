"""The jobs of imports: check a large file, commit, undo. Each is one transaction with the job's own end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from tracktok.audit.services import record
from tracktok.core import context
from tracktok.core.context import SYSTEM
from tracktok.core.db import db
from tracktok.core.jobs import JobRun, job
from tracktok.imports.models import Import, ImportStatus
from tracktok.imports.queries import get_file, get_import

from .services.checking import check
from .services.kinds import handler_of
from .services.uploading import CHECK_JOB, COMMIT_JOB, UNDO_JOB


@job(CHECK_JOB)
def check_import(run: JobRun) -> dict[str, Any] | None:
    """Check the rows of a large file."""
    with _working_on(run, ImportStatus.checking) as found:
        if found is None:
            return None
        check(found, run)
        return {"valid": found.valid, "invalid": found.invalid, "duplicates": found.duplicates}


@job(COMMIT_JOB)
def commit_import(run: JobRun) -> dict[str, Any] | None:
    """Write the good rows of an import, all or none."""
    with _working_on(run, ImportStatus.committing) as found:
        if found is None:
            return None
        result = handler_of(found.kind).write(run, found)
        found.status = ImportStatus.committed
        found.result = {**found.result, "commit": result, "undo": None}
        _record("committed", found, result)
        return result


@job(UNDO_JOB)
def undo_import(run: JobRun) -> dict[str, Any] | None:
    """Take back what an import wrote."""
    with _working_on(run, ImportStatus.undoing) as found:
        if found is None:
            return None
        result = handler_of(found.kind).undo(run, found)
        found.status = ImportStatus.undone
        found.result = {**found.result, "undo": result}
        _record("undone", found, result)
        return result


@contextmanager
def _working_on(run: JobRun, status: ImportStatus) -> Iterator[Import | None]:
    """The import of a job, locked, if it still stands where the job was asked for.

    A refusal ends the job as failed; the import is brought back by `settle` when it is next looked at.
    """
    found = get_import(UUID(run.payload["import_id"]), for_update=True)
    if found.status != status:
        yield None
        return
    with context.acting(replace(SYSTEM, person_id=run.requested_by)):
        yield found
        db.session.flush()


def _record(action: str, found: Import, result: dict[str, Any]) -> None:
    record(action, "imports", found.id, label=get_file(found.file_id).filename, after=result)
