"""What billing does on facts of its own and of others, and what it proves when the books are proved."""

from __future__ import annotations

from typing import Any

from tracktok.core import jobs
from tracktok.ledger.queries import prove_also

from .models import SalesDocument
from .queries.proving import prove_advances, prove_receivables, prove_settled
from .services.paper.keeping import PDF_JOB
from .signals import document_finalized

for prove in (prove_receivables, prove_advances, prove_settled):
    prove_also(prove)


@document_finalized.connect
def draw_when_issued(_sender: Any, document: SalesDocument, **_: Any) -> None:
    """Have the file of a document drawn, beside the transaction that gives it its number: numbers are waited for."""
    jobs.start(PDF_JOB, {"document_id": str(document.id)}, run_key=f"pdf:{document.id}")
