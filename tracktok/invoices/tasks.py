"""Work of billing that is done beside requests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tracktok.core.jobs import JobRun, job

from .services import paper
from .services.paper.keeping import PDF_JOB


@job(PDF_JOB)
def keep_pdf(run: JobRun) -> dict[str, Any] | None:
    """Draw the file of a document that was issued, and keep it."""
    document = paper.keep_pdf(UUID(run.payload["document_id"]))
    return {"sha256": document.pdf_sha256.hex() if document.pdf_sha256 else None}
