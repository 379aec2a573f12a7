"""Work of billing that is done beside requests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from tracktok.core.db import db
from tracktok.core.jobs import JobRun, job
from tracktok.core.outbox import handler

from .models import Refund
from .services import paper
from .services.paper.keeping import PDF_JOB
from .services.paying import carry_out_refund
from .services.paying.starting import REFUND


@job(PDF_JOB)
def keep_pdf(run: JobRun) -> dict[str, Any] | None:
    """Draw the file of a document that was issued, and keep it."""
    document = paper.keep_pdf(UUID(run.payload["document_id"]))
    return {"sha256": document.pdf_sha256.hex() if document.pdf_sha256 else None}


@handler(REFUND)
def refund(_message_id: UUID, payload: dict[str, Any]) -> None:
    """Tell a payment provider of money that is given back."""
    found = db.session.execute(select(Refund).where(Refund.id == UUID(payload["refund_id"]))).scalar_one()
    carry_out_refund(found)
