"""Taking back whatever paid a document, by the id of its allocation."""

from __future__ import annotations

from uuid import UUID

from tracktok.invoices.queries import documents as documents_queries
from tracktok.invoices.queries import receipts as queries
from tracktok.invoices.rules import statuses

from .allocating import unallocate
from .settling import NotApplicable, take_back_credit
from .writing_off import reverse_write_off


def take_back(allocation_id: UUID) -> None:
    """Take back what a receipt, a credit note or a write-off paid of a document.

    Raises NotFound, NotApplicable (409) for what was taken back already, or of an invoice that was given up.
    """
    known = queries.get_allocation(allocation_id)
    if known.receipt_id is not None:
        unallocate(known.receipt_id, known.id)
    elif known.credit_note_id is not None:
        documents = documents_queries.lock_documents([known.credit_note_id, known.document_id])
        allocation = queries.get_allocation(allocation_id, for_update=True)
        invoice = documents[known.document_id]
        if invoice.status == statuses.UNCOLLECTIBLE:
            raise NotApplicable(f"{invoice.number} was given up as uncollectible. Reopen it first.")
        take_back_credit(allocation, documents[known.credit_note_id], invoice)
    else:
        reverse_write_off(known.id)
