"""Files put on documents and taken off: also on issued ones, whose paper they do not change."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from werkzeug.datastructures import FileStorage

from tracktok.core.context import actor
from tracktok.core.db import db
from tracktok.core.errors import Conflict, Invalid
from tracktok.core.ids import new_id
from tracktok.documents import rules as file_rules
from tracktok.documents.services import provide_access, store_file
from tracktok.invoices.models import SalesAttachment, SalesDocument
from tracktok.invoices.queries import attachments as queries

MOST_ATTACHMENTS = 20
ALLOWED = file_rules.RECEIPTS | file_rules.TABLES


class TooManyAttachments(Conflict):
    code, title = "too_many_attachments", "This document has as many files as it may have"


def attach_files(document: SalesDocument, files: Sequence[FileStorage]) -> list[SalesAttachment]:
    """Put files on a document. One that is there already is not put on twice.

    Raises Invalid (422) at `files`, TooLarge (413), UnsupportedMediaType (415), TooManyAttachments (409).
    """
    if not files:
        raise Invalid.at("files", "Choose one file at least.")
    there = queries.attachments_of(document.id)
    if len(there) + len(files) > MOST_ATTACHMENTS:
        raise TooManyAttachments(f"A document may have {MOST_ATTACHMENTS} files; this one has {len(there)}.")
    known = {row.sha256 for row in there}
    who = actor()
    made = []
    for file in files:
        stored = store_file(file.stream, file.filename or "file", allowed=ALLOWED, field="files")
        if stored.sha256 in known:
            raise Invalid.at("files", f"{stored.filename} is on this document already.", "duplicate")
        known.add(stored.sha256)
        row = SalesAttachment(
            id=new_id(), document_id=document.id, file_id=stored.id, added_by=who.person_id if who else None
        )
        db.session.add(row)
        made.append(row)
    db.session.flush()
    return made


def detach_file(attachment: SalesAttachment) -> None:
    """Take a file off a document. The file itself is kept as long as the books are."""
    db.session.delete(attachment)
    db.session.flush()


@provide_access
def may_open_attachment(file_id: UUID) -> bool:
    """Whether the current actor may open a file because it is on a document that they may see."""
    who = actor()
    return who is not None and who.may("invoices.read") and queries.is_attached(file_id)
