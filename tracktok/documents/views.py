"""Files as people open them. What was uploaded is never run: no sniffing, no scripts, always a known type."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, request

from tracktok.core.errors import NotFound
from tracktok.core.permissions import public, signed_in
from tracktok.core.storage import read_chunks, storage
from tracktok.core.tenancy import tenant_scope
from tracktok.web.records import record_page

from . import queries, rules, services
from .models import StoredFile

blueprint = Blueprint("documents", __name__)
record_page("files", "file", "documents.show", "file_id")


@blueprint.get("/files/<uuid:file_id>")
@signed_in
def show(file_id: UUID) -> Response:
    """A file, in the browser when it can be shown there, else as a download (`?download=1` always)."""
    return _send(_allowed(file_id))


@blueprint.get("/files/<uuid:file_id>/thumbnail")
@signed_in
def thumbnail(file_id: UUID) -> Response:
    """The small picture of a file; 404 when it has none."""
    file = _allowed(file_id)
    if not file.thumbnail_key:
        raise NotFound("This file has no thumbnail.")
    return _stream(file.thumbnail_key, rules.JPEG, f'inline; filename="thumbnail-{file.id}.jpg"', file)


@blueprint.get("/files/by-link/<token>")
@public("the link is signed and ends after five minutes")
def by_link(token: str) -> Response:
    """A file, by a signed link."""
    tenant_id, file_id = services.read_link(token)
    with tenant_scope(tenant_id):
        return _send(queries.get_file(file_id))


def _allowed(file_id: UUID) -> StoredFile:
    file = queries.get_file(file_id)
    if not services.may_open(file):
        raise NotFound("There is no such file.")
    return file


def _send(file: StoredFile) -> Response:
    shown = file.content_type in rules.RECEIPTS and not request.args.get("download")
    plain = file.filename.encode("ascii", "replace").decode().replace('"', "'").replace("?", "_")
    names = f"filename=\"{plain}\"; filename*=UTF-8''{quote(file.filename)}"
    return _stream(file.storage_key, file.content_type, f"{'inline' if shown else 'attachment'}; {names}", file)


def _stream(key: str, content_type: str, disposition: str, file: StoredFile) -> Response:
    etag = f'"{file.sha256.hex()[:32]}"'
    headers = {
        "Content-Disposition": disposition,
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=3600",
        "ETag": etag,
    }
    if request.headers.get("If-None-Match") == etag:
        return Response(status=304, headers=headers)
    return Response(read_chunks(storage().open(key)), headers=headers, content_type=content_type)
