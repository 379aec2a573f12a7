"""The file of a document: drawn once when it is issued, kept with its hash, and the same for ever after."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import IO
from uuid import UUID

from sqlalchemy import select

from tracktok.core import jobs
from tracktok.core.db import db
from tracktok.core.storage import storage
from tracktok.documents.queries import get_file
from tracktok.documents.rules import PDF
from tracktok.documents.services import store_file
from tracktok.invoices.models import SalesDocument
from tracktok.invoices.queries import documents as queries
from tracktok.invoices.queries import present
from tracktok.invoices.rules import statuses
from tracktok.tenants.queries import branding

from .filling import paper_of
from .layout import draw_document

PDF_JOB = "invoices.pdf"
LARGEST_PDF = 64 * 1024 * 1024
PDFS_JOB = "invoices.pdfs"
AT_ONCE = 20
"""So many files are one job of `draw_together`: some half a second of work."""
_ahead: ContextVar[bool] = ContextVar("tracktok_files_drawn_ahead", default=True)
_together: ContextVar[list[UUID] | None] = ContextVar("tracktok_files_drawn_together", default=None)


@contextmanager
def drawn_when_asked() -> Iterator[None]:
    """Inside: no file is drawn ahead for what is issued; each is drawn, and kept, when it is first asked for.

    For hundreds of documents of the past at once, whose files would keep the worker busy and may never be wanted.
    """
    token = _ahead.set(False)
    try:
        yield
    finally:
        _ahead.reset(token)


@contextmanager
def drawn_together(ids: list[UUID]) -> Iterator[None]:
    """Inside: what is issued is noted in `ids`, for the caller to have drawn by `draw_together` after the commit.

    For runs that issue thousands: a job for each file costs a quarter of what the file does. Whoever uses it must find
    again what was issued and not yet handed on, when the process is killed between the two.
    """
    token = _together.set(ids)
    try:
        yield
    finally:
        _together.reset(token)


def draw_ahead(document_id: UUID) -> None:
    """Have the file of a document that is issued now drawn, beside the transaction that gives it its number."""
    if not _ahead.get():
        return
    if (together := _together.get()) is not None:
        together.append(document_id)
    else:
        jobs.start(PDF_JOB, {"document_id": str(document_id)}, run_key=f"pdf:{document_id}")


def draw_together(ids: Sequence[UUID], asked_by: UUID) -> None:
    """Have the files of issued documents drawn, in jobs of twenty: each twenty once for who asks, a run by its id."""
    for at in range(0, len(ids), AT_ONCE):
        piece = [str(one) for one in ids[at : at + AT_ONCE]]
        digest = hashlib.sha256("".join(piece).encode()).hexdigest()
        jobs.start(PDFS_JOB, {"document_ids": piece}, run_key=f"pdfs:{asked_by}:{digest}")


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A PDF that can be sent: `sha256` is set for what is kept."""

    filename: str
    stream: IO[bytes]
    size: int
    sha256: bytes | None = None


def file_name(document: SalesDocument) -> str:
    """What the file is called: its number, or its kind and the beginning of its id while it is a draft."""
    name = (document.number or f"draft-{document.kind}-{str(document.id)[-6:]}").replace("/", "-")
    return f"{name}.pdf"


@dataclass(frozen=True, slots=True)
class Look:
    """What papers of a company have in common."""

    accent: str
    logo: bytes | None


def look_of_today() -> Look:
    """How papers of the current tenant look."""
    brand = branding()
    return Look(brand.accent, brand.read_logo())


def draw(document: SalesDocument, look: Look | None = None) -> bytes:
    """The PDF of a document as it stands now. Who draws several reads the look once."""
    said = document.snapshot or present.live_parties(document)
    look = look or look_of_today()
    original = _original(document)
    paper = paper_of(document, queries.lines_of(document.id), said, accent=look.accent, original=original)
    return draw_document(paper, look.logo)


def _original(document: SalesDocument) -> SalesDocument | None:
    if document.original_id is None:
        return None
    return db.session.execute(
        select(SalesDocument).where(SalesDocument.id == document.original_id)
    ).scalar_one_or_none()


def keep_pdf(document_id: UUID, look: Look | None = None) -> SalesDocument:
    """Draw and keep the file of an issued document, unless it is kept already. Two at once keep one."""
    document = db.session.execute(
        select(SalesDocument).where(SalesDocument.id == document_id).with_for_update()
    ).scalar_one()
    if document.pdf_file_id is None and document.number is not None and document.status != statuses.VOID:
        made = draw(document, look)
        kept = store_file(
            io.BytesIO(made), file_name(document), allowed=frozenset({PDF}), max_bytes=LARGEST_PDF, known_type=PDF
        )
        document.pdf_file_id, document.pdf_sha256 = kept.id, kept.sha256
        db.session.flush()
    return document


def pdf_of(document: SalesDocument) -> PaperFile:
    """The file of a document: what was kept at issue; drafts and void documents are drawn, and marked as such."""
    if document.number is None or document.status == statuses.VOID:
        made = draw(document)
        return PaperFile(file_name(document), io.BytesIO(made), len(made))
    document = keep_pdf(document.id)
    if document.pdf_file_id is None:  # made void at this moment
        return pdf_of(document)
    kept = get_file(document.pdf_file_id)
    return PaperFile(kept.filename, storage().open(kept.storage_key), kept.size, kept.sha256)
