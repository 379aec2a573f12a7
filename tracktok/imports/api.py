"""The routes /api/v1/imports."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from tracktok.core.permissions import permits, require, takes_files_up_to
from tracktok.imports import queries, schemas, services
from tracktok.imports.models import Import
from tracktok.imports.rules.columns import example_csv
from tracktok.imports.services.kinds import Handler
from tracktok.imports.services.options import allowed_values
from tracktok.web import openapi
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
        "fields": [
            {"name": one.name, "label": one.label, "type": one.type}
            for one in services.handler_of(found.kind).kind.fields
        ],
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


def _found(import_id: UUID, *, for_update: bool = False) -> Import:
    """An import of a kind that the actor may import, brought back if its job was left behind."""
    found = queries.get_import(import_id, for_update=for_update)
    require(services.handler_of(found.kind).permission)
    return services.settle(found)


def _handler(name: str) -> Handler:
    handler = services.handler_of(name)
    require(handler.permission)
    return handler


def _kind_out(handler: Handler) -> dict[str, Any]:
    kind = handler.kind
    return {
        "name": kind.name,
        "label": kind.label,
        "fields": [{"name": one.name, "label": one.label, "type": one.type, "help": one.help} for one in kind.fields],
        "needs": kind.needs,
        "options": [
            {
                "name": one.name,
                "label": one.label,
                "values": sorted(allowed_values(one)),
                "is_id": one.find is not None,
            }
            for one in handler.options
        ],
        "meanings": {one.option: [meaning for meaning, _ in one.choices] for one in handler.meanings},
        "references": [one.name for one in handler.references],
        "duplicates": [value for value, _ in handler.repeats],
        "example_url": f"/api/v1/imports/example?kind={kind.name}",
    }


def _with_options_of_kinds(schema: dict[str, Any]) -> dict[str, Any]:
    """The options that kinds have beside the usual ones, written into the description of the API."""
    own: dict[str, Any] = {}
    for handler in services.handlers():
        of = f"{handler.kind.label}: "
        for option in handler.options:
            values = sorted(allowed_values(option))
            shape: dict[str, Any] = {"type": "string", **({"enum": values} if values else {"format": "uuid"})}
            own[option.name] = {"anyOf": [shape, {"type": "null"}], "description": of + option.label}
        for one in handler.meanings:
            value = {"type": "string", "enum": [meaning for meaning, _ in one.choices]}
            table = {"type": "object", "additionalProperties": value}
            about = f"{of}what the values of the column of `{one.field}` mean"
            own[one.option] = {"anyOf": [table, {"type": "null"}], "description": about}
    return {**schema, "properties": {**schema["properties"], **own}}


openapi.complete("ImportOptions", _with_options_of_kinds)


def _answer(found: Import, status: int = 200, location: str | None = None) -> Response:
    return json_response(import_out(found), status, etag=found.version, location=location)


def _asked(found: Import, job_id: UUID) -> Response:
    url = f"/api/v1/jobs/{job_id}"
    body = {"id": job_id, "job_id": job_id, "import_id": found.id, "status": found.status, "status_url": url}
    return json_response(body, 202, location=url)


@api.get("/kinds", responses={200: list_of(schemas.KindOut)})
@permits("*.import")
def kinds() -> Response:
    """List what files can be imported as, with fields and options."""
    data = [_kind_out(one) for one in services.handlers_for_actor()]
    return json_response({"object": "list", "data": data, "has_more": False, "next_cursor": None})


@api.get("/example", responses={200: {"description": "A CSV file", "content": {"text/csv": {}}}})
@permits("*.import")
def example(query: schemas.KindQuery) -> Response:
    """Get a file as it could be: the usual columns of a kind, and two rows."""
    return Response(example_csv(_handler(query.kind).kind), content_type="text/csv; charset=utf-8")


@api.post("/", responses={201: schemas.ImportOut})
@permits("*.import")
@takes_files_up_to("MAX_IMPORT_BYTES")
def create(form: schemas.ImportUpload) -> Response:
    """Take in a file: read it, guess its columns, check its rows. Nothing is written until it is committed."""
    if form.kind in {one.kind.name for one in services.handlers()}:
        _handler(form.kind)
    with form.file.stream as stream:
        found = services.start_import(stream, form.file.filename or "file", form.kind)
    return _answer(found, 201, f"/api/v1/imports/{found.id}")


@api.get("/", responses={200: list_of(schemas.ImportListItem)})
@permits("*.import")
def list_imports(query: schemas.ImportQuery) -> Response:
    """List imports, newest first."""
    mine = [one.kind.name for one in services.handlers_for_actor() if query.kind in {None, one.kind.name}]
    page = queries.list_imports(mine, sort=query.sort, cursor=query.cursor, limit=query.limit)
    names = [name for name in schemas.ImportListItem.model_fields if name != "created_at"]
    data = [
        {**{name: getattr(row, name) for name in names}, "created_at": instant(row.created_at)} for row in page.rows
    ]
    return list_response(page, data)


@api.get("/<uuid:import_id>", responses={200: schemas.ImportOut})
@permits("*.import")
def show(path: ImportPath) -> Response:  # type: ignore[valid-type]
    """Get an import."""
    found = _found(path.import_id)  # type: ignore[attr-defined]
    return _answer(found)


@api.get("/<uuid:import_id>/rows", responses={200: list_of(schemas.RowOut)})
@permits("*.import")
def rows(path: ImportPath, query: schemas.RowsQuery) -> Response:  # type: ignore[valid-type]
    """List rows of the file with what is wrong with them."""
    found = _found(path.import_id)  # type: ignore[attr-defined]
    data, cursor = services.rows_of(found, status=query.status or "", after=int(query.cursor or 0), limit=query.limit)
    return json_response(
        {"object": "list", "data": data, "has_more": cursor is not None, "next_cursor": str(cursor) if cursor else None}
    )


@api.patch("/<uuid:import_id>", responses={200: schemas.ImportOut})
@permits("*.import")
def patch(path: ImportPath, body: schemas.ImportPatch) -> Response:  # type: ignore[valid-type]
    """Map columns, choose how the file is read. The rows are checked again."""
    found = _found(path.import_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    options = body.options.model_dump(mode="json", exclude_unset=True) if body.options is not None else None
    return _answer(services.change_import(found, mapping=body.mapping, options=options))


@api.post("/<uuid:import_id>/commit", responses={202: schemas.JobAsked})
@permits("*.import")
def commit(path: ImportPath) -> Response:  # type: ignore[valid-type]
    """Write the good rows, all or none, by a job."""
    found = _found(path.import_id, for_update=True)  # type: ignore[attr-defined]
    return _asked(found, services.commit_import(found))


@api.post("/<uuid:import_id>/undo", responses={202: schemas.JobAsked})
@permits("*.import")
def undo(path: ImportPath) -> Response:  # type: ignore[valid-type]
    """Take back what an import wrote, by a job. What was changed since stays, or goes to the bin."""
    found = _found(path.import_id, for_update=True)  # type: ignore[attr-defined]
    return _asked(found, services.undo_import(found))


@api.delete("/<uuid:import_id>", responses={204: None})
@permits("*.import")
def discard(path: ImportPath) -> Response:  # type: ignore[valid-type]
    """Forget an import that wrote nothing."""
    found = _found(path.import_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    services.discard_import(found)
    return Response(status=204)
