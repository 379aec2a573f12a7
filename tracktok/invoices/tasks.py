"""Work of billing that is done beside requests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tracktok.core.jobs import JobRun, job
from tracktok.core.outbox import handler

from .services import paper, paying
from .services.paper.keeping import PDF_JOB
from .services.paying.refunding import REFUND
from .services.paying.starting import ASK


@job(PDF_JOB)
def keep_pdf(run: JobRun) -> dict[str, Any] | None:
    """Draw the file of a document that was issued, and keep it."""
    document = paper.keep_pdf(UUID(run.payload["document_id"]))
    return {"sha256": document.pdf_sha256.hex() if document.pdf_sha256 else None}


@handler(REFUND)
def refund(_message_id: UUID, payload: dict[str, Any]) -> None:
    """Tell a payment provider of money that is given back."""
    paying.carry_out(UUID(payload["refund_id"]))


@handler(ASK)
def ask(_message_id: UUID, payload: dict[str, Any]) -> None:
    """Ask a payment provider what became of a payment of which nothing was heard."""
    paying.ask(UUID(payload["payment_id"]), payload["asked"])
