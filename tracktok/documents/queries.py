"""What is read about files."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import bindparam, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound

from .models import StoredFile

_FILE = select(StoredFile).where(StoredFile.id == bindparam("file_id"))
_SAME = select(StoredFile.id).where(StoredFile.sha256 == bindparam("sha256")).order_by(StoredFile.id)


def get_file(file_id: UUID) -> StoredFile:
    """A file of the current tenant. Raises NotFound."""
    found = db.session.execute(_FILE, {"file_id": file_id}).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such file.")
    return found


def same_bytes(sha256: bytes) -> list[UUID]:
    """The files with exactly these bytes, oldest first."""
    return list(db.session.execute(_SAME, {"sha256": sha256}).scalars())
