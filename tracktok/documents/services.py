"""Keeping files: the bytes go to the storage, what is known of them into the database."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Callable
from typing import IO
from uuid import UUID

import structlog
from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer
from PIL import Image, ImageOps

from tracktok.core import context
from tracktok.core.db import db
from tracktok.core.effects import after_rollback
from tracktok.core.errors import Invalid, NotFound, TooLarge, UnsupportedMediaType
from tracktok.core.ids import new_id
from tracktok.core.storage import CHUNK, file_key, storage
from tracktok.core.tenancy import current_tenant_id

from . import rules
from .models import StoredFile

log = structlog.get_logger(__name__)
LARGEST_RECEIPT = 10 * 1024 * 1024
THUMBNAIL_PIXELS = 480
LINK_SECONDS = 300
_SALT = "tracktok.documents.link"

MayOpen = Callable[[UUID], bool]
_MAY_OPEN: list[MayOpen] = []


class FileTooLarge(TooLarge):
    code, title = "file_too_large", "The file is too large"


class FileTypeRefused(UnsupportedMediaType):
    code, title = "file_type_refused", "This type of file is not accepted here"


class LinkInvalid(NotFound):
    code, title = "link_invalid", "This link has ended"


def provide_access(may_open: MayOpen) -> MayOpen:
    """An area says here whether the current actor may open a file by what it belongs to (an expense, a report)."""
    _MAY_OPEN.append(may_open)
    return may_open


def may_open(file: StoredFile) -> bool:
    """Whether the current actor may open a file: their own, or one that an area says they may."""
    who = context.actor()
    if who is None:
        return False
    if who.kind == "system" or (file.uploaded_by is not None and file.uploaded_by == who.person_id):
        return True
    return any(allows(file.id) for allows in _MAY_OPEN)


def store_file(
    stream: IO[bytes],
    filename: str,
    *,
    allowed: frozenset[str] = rules.RECEIPTS,
    max_bytes: int = LARGEST_RECEIPT,
    field: str = "file",
    known_type: str | None = None,
) -> StoredFile:
    """Keep a file of the current tenant; its type is told from its bytes.

    A caller that has read the file itself, and so knows better what it is, says so by `known_type`.

    Raises Invalid at `field` for an empty file, FileTooLarge (413), FileTypeRefused (415), StorageFull (503). When the
    transaction is rolled back the bytes are removed again.
    """
    with tempfile.SpooledTemporaryFile(max_size=1024 * 1024) as copy:
        size, digest = _receive(stream, copy, max_bytes)
        if size == 0:
            raise Invalid.at(field, "The file is empty.", "empty")
        content_type = known_type or rules.detect(copy)
        if content_type is None or content_type not in allowed:
            wanted = ", ".join(sorted(rules.LABELS[kind] for kind in allowed))
            raise FileTypeRefused(f"{_told_name(filename)} is not accepted here. Send one of: {wanted}.")
        return _keep(copy, filename, content_type, size, digest)


def _told_name(filename: str) -> str:
    return (filename or "The file")[:80]


def _receive(stream: IO[bytes], copy: IO[bytes], max_bytes: int) -> tuple[int, bytes]:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > max_bytes:
            raise FileTooLarge(f"Files may have up to {rules.megabytes(max_bytes)}.")
        digest.update(chunk)
        copy.write(chunk)
    return size, digest.digest()


def _keep(copy: IO[bytes], filename: str, content_type: str, size: int, digest: bytes) -> StoredFile:
    place, file_id, who = storage(), new_id(), context.actor()
    key = file_key("files", file_id)
    copy.seek(0)
    place.put(key, copy, content_type)
    after_rollback(lambda: place.delete(key))
    thumbnail_key = ""
    if content_type in rules.IMAGES and (picture := make_thumbnail(copy)) is not None:
        thumbnail_key = f"{key}.thumbnail"
        place.put(thumbnail_key, io.BytesIO(picture), rules.JPEG)
        after_rollback(lambda: place.delete(thumbnail_key))
    row = StoredFile(
        id=file_id,
        storage_key=key,
        thumbnail_key=thumbnail_key,
        filename=rules.safe_name(filename, content_type),
        content_type=content_type,
        size=size,
        sha256=digest,
        uploaded_by=who.person_id if who else None,
    )
    db.session.add(row)
    db.session.flush()
    return row


def make_thumbnail(stream: IO[bytes]) -> bytes | None:
    """A JPEG of at most 480 pixels a side, turned the right way up; None for a picture that cannot be drawn."""
    stream.seek(0)
    try:
        with Image.open(stream) as picture:
            picture.draft("RGB", (THUMBNAIL_PIXELS * 2, THUMBNAIL_PIXELS * 2))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
            flat = Image.new("RGB", upright.size, "white")
            flat.paste(upright.convert("RGBA"), mask=upright.convert("RGBA").getchannel("A"))
            made = io.BytesIO()
            flat.save(made, "JPEG", quality=80)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        log.info("thumbnail_failed", error=str(error))
        return None
    return made.getvalue()


def sign_link(file_id: UUID) -> str:
    """A token that opens a file of the current tenant for five minutes, without signing in."""
    return _serializer().dumps([str(current_tenant_id()), str(file_id)])


def read_link(token: str) -> tuple[UUID, UUID]:
    """(tenant, file) of a token. Raises LinkInvalid for one that is broken or has ended."""
    try:
        tenant_id, file_id = _serializer().loads(token, max_age=LINK_SECONDS)
        return UUID(tenant_id), UUID(file_id)
    except (BadSignature, ValueError, TypeError) as error:
        raise LinkInvalid("This link has ended; open the file from its page again.") from error


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=_SALT)
