"""The routes /api/v1/imports."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from tracktok.core.permissions import permits
from tracktok.expenses.rules.imports import KINDS
from tracktok.expenses.schemas import imports as schemas
from tracktok.imports import queries, services
from tracktok.imports.models import Import
from tracktok.web.api import Api, check_if_match, instant, json_response, list_of, list_response, path_of

api = Api("imports", __name__, prefix="/imports", tag="Imports")
ImportPath = path_of("import_id")
FIRST_ERRORS = 100


def import_out(found: Import) -> dict[str, Any]:
    """An import as the API answers it."""
    facts, file = found.facts, queries.get_file(found.file_id)
    errors = queries.list_flaws(found.id, status="invalid", limit=FIRST_ERRORS)
    return {
        "id": found.id,
        "kind": found.kind,
        "status": found.status,
        "filename": file.filename,
        "size": file.size,
        "columns": [one["name"] for one in found.columns],
        "column_facts": found.columns,
        "fields": [{"name": one.name, "label": one.label, "type": one.type} for one in KINDS[found.kind].fields],
        "mapping": found.mapping,
        "mapped_by": facts.get("mapped_by", "headers"),
        "options": found.options,
        "decided": facts.get("decided", {}),
        "file": {name: value for name, value in facts.items() if name in _FILE_FACTS},
        "questions": facts.get("questions", []),
        "notes": facts.get("notes", []),
        "new": {kind: [one["path"] for one in names.values()] for kind, names in facts.get("made", {}).items()},
        "rows": found.rows,
        "valid": found.valid,
        "invalid": found.invalid,
        "duplicates": found.duplicates,
        "skipped": found.skipped,
        "errors": [{"row": row.row_number, **error} for row in errors for error in row.errors],
        "committed_rows": found.committed_rows,
        "result": {name: value for name, value in found.result.items() if name in {"commit", "undo"}},
        "error": facts.get("error"),
        "job_id": found.job_id,
        "version": found.version,
        "created_at": instant(found.created_at),
        "updated_at": instant(found.updated_at),
    }


_FILE_FACTS = {
    "type", "encoding", "encoding_because", "delimiter", "delimiter_name", "sheet", "sheets", "header_row",
    "header_because", "same_file", "wider_rows",
}  # fmt: skip


def _answer(found: Import, status: int = 200, location: str | None = None) -> Response:
    return json_response(import_out(found), status, etag=found.version, location=location)


def _asked(found: Import, job_id: UUID) -> Response:
    url = f"/api/v1/jobs/{job_id}"
    body = {"id": job_id, "job_id": job_id, "import_id": found.id, "status": found.status, "status_url": url}
    return json_response(body, 202, location=url)


@api.post("/", responses={201: schemas.ImportOut})
@permits("expenses.import")
def create(form: schemas.ImportUpload) -> Response:
    """Take in a file: read it, guess its columns, check its rows. Nothing is written until it is committed."""
    with form.file.stream as stream:
        found = services.start_import(stream, form.file.filename or "file", form.kind)
    return _answer(found, 201, f"/api/v1/imports/{found.id}")


@api.get("/", responses={200: list_of(schemas.ImportListItem)})
@permits("expenses.import")
def list_imports(query: schemas.ImportQuery) -> Response:
    """List imports, newest first."""
    page = queries.list_imports(sort=query.sort, cursor=query.cursor, limit=query.limit)
    names = [name for name in schemas.ImportListItem.model_fields if name != "created_at"]
    data = [
        {**{name: getattr(row, name) for name in names}, "created_at": instant(row.created_at)} for row in page.rows
    ]
    return list_response(page, data)


@api.get("/<uuid:import_id>", responses={200: schemas.ImportOut})
@permits("expenses.import")
def show(path: ImportPath) -> Response:  # type: ignore[valid-type]
    """Get an import."""
    found = queries.get_import(path.import_id)  # type: ignore[attr-defined]
    return _answer(services.settle(found))


@api.get("/<uuid:import_id>/rows", responses={200: list_of(schemas.RowOut)})
@permits("expenses.import")
def rows(path: ImportPath, query: schemas.RowsQuery) -> Response:  # type: ignore[valid-type]
    """List rows of the file with what is wrong with them."""
    found = queries.get_import(path.import_id)  # type: ignore[attr-defined]
    data, cursor = services.rows_of(found, status=query.status or "", after=int(query.cursor or 0), limit=query.limit)
    return json_response(
        {"object": "list", "data": data, "has_more": cursor is not None, "next_cursor": str(cursor) if cursor else None}
    )


@api.patch("/<uuid:import_id>", responses={200: schemas.ImportOut})
@permits("expenses.import")
def patch(path: ImportPath, body: schemas.ImportPatch) -> Response:  # type: ignore[valid-type]
    """Map columns, choose how the file is read. The rows are checked again."""
    found = services.settle(queries.get_import(path.import_id, for_update=True))  # type: ignore[attr-defined]
    check_if_match(found.version)
    options = body.options.model_dump(mode="json", exclude_unset=True) if body.options is not None else None
    return _answer(services.change_import(found, mapping=body.mapping, options=options))


@api.post("/<uuid:import_id>/commit", responses={202: schemas.JobAsked})
@permits("expenses.import")
def commit(path: ImportPath) -> Response:  # type: ignore[valid-type]
    """Write the good rows, all or none, by a job."""
    found = services.settle(queries.get_import(path.import_id, for_update=True))  # type: ignore[attr-defined]
    return _asked(found, services.commit_import(found))


@api.post("/<uuid:import_id>/undo", responses={202: schemas.JobAsked})
@permits("expenses.import")
def undo(path: ImportPath) -> Response:  # type: ignore[valid-type]
    """Take back what an import wrote, by a job. Expenses that were edited since go to the bin."""
    found = services.settle(queries.get_import(path.import_id, for_update=True))  # type: ignore[attr-defined]
    return _asked(found, services.undo_import(found))


@api.delete("/<uuid:import_id>", responses={204: None})
@permits("expenses.import")
def discard(path: ImportPath) -> Response:  # type: ignore[valid-type]
    """Forget an import that wrote nothing."""
    found = services.settle(queries.get_import(path.import_id, for_update=True))  # type: ignore[attr-defined]
    check_if_match(found.version)
    services.discard_import(found)
    return Response(status=204)
