"""Files on sales documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.documents.models import StoredFile
from tracktok.invoices.models import SalesAttachment

_OF_DOCUMENT = (
    select(
        SalesAttachment.id, SalesAttachment.file_id, StoredFile.filename, StoredFile.size, StoredFile.thumbnail_key,
        StoredFile.sha256, SalesAttachment.created_at,
    )
    .join(
        StoredFile,
        and_(StoredFile.tenant_id == SalesAttachment.tenant_id, StoredFile.id == SalesAttachment.file_id),
    )
    .where(SalesAttachment.document_id == bindparam("document_id", type_=Uuid()))
    .order_by(SalesAttachment.id)
)  # fmt: skip
_ONE = select(SalesAttachment).where(
    SalesAttachment.document_id == bindparam("document_id", type_=Uuid()),
    SalesAttachment.id == bindparam("attachment_id", type_=Uuid()),
)
_OF_FILE = select(SalesAttachment.id).where(SalesAttachment.file_id == bindparam("file_id", type_=Uuid())).limit(1)


def attachments_of(document_id: UUID) -> Sequence[Any]:
    """The files of a document, in the order they were added: (id, file_id, filename, size, thumbnail_key, ...)."""
    return db.session.execute(_OF_DOCUMENT, {"document_id": document_id}).all()


def get_attachment(document_id: UUID, attachment_id: UUID) -> SalesAttachment:
    """A file on a document. Raises NotFound."""
    found = db.session.execute(_ONE, {"document_id": document_id, "attachment_id": attachment_id}).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such file on this document.")
    return found


def is_attached(file_id: UUID) -> bool:
    """Whether a file is on any document."""
    return db.session.execute(_OF_FILE, {"file_id": file_id}).first() is not None
