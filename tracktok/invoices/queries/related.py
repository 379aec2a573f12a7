"""What stands beside a document: what paid it, what was made of it or corrects it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, or_, select
from sqlalchemy.orm import aliased

from tracktok.core.db import db
from tracktok.invoices.models import Allocation, Receipt, SalesDocument

_DOCUMENT = bindparam("document_id", type_=Uuid())
_NOTE = aliased(SalesDocument, name="note")
_PAID = aliased(SalesDocument, name="paid")
_ALLOCATION = (
    Allocation.id, Allocation.kind, Allocation.amount, Allocation.allocated_on, Allocation.receipt_id,
    Allocation.credit_note_id,
)  # fmt: skip
_PAYMENTS = (
    select(
        *_ALLOCATION, Receipt.number.label("receipt_number"), Receipt.method, Receipt.reference,
        _NOTE.number.label("note_number"),
    )
    .outerjoin(Receipt, and_(Receipt.tenant_id == Allocation.tenant_id, Receipt.id == Allocation.receipt_id))
    .outerjoin(_NOTE, and_(_NOTE.tenant_id == Allocation.tenant_id, _NOTE.id == Allocation.credit_note_id))
    .where(Allocation.document_id == _DOCUMENT, Allocation.removed_at.is_(None))
    .order_by(Allocation.allocated_on, Allocation.id)
)  # fmt: skip
_USES = (
    select(*_ALLOCATION, _PAID.id.label("document_id"), _PAID.kind.label("document_kind"), _PAID.number)
    .join(_PAID, and_(_PAID.tenant_id == Allocation.tenant_id, _PAID.id == Allocation.document_id))
    .where(Allocation.credit_note_id == _DOCUMENT, Allocation.removed_at.is_(None))
    .order_by(Allocation.allocated_on, Allocation.id)
)
_RELATED = (
    select(
        SalesDocument.id, SalesDocument.kind, SalesDocument.number, SalesDocument.status, SalesDocument.total,
        SalesDocument.currency, SalesDocument.document_date, SalesDocument.due_date, SalesDocument.valid_until,
    )
    .where(
        SalesDocument.deleted_at.is_(None),
        or_(SalesDocument.original_id == _DOCUMENT, SalesDocument.id == bindparam("original_id", type_=Uuid())),
    )
    .order_by(SalesDocument.id)
    .limit(100)
)  # fmt: skip


def payments_of(document_id: UUID) -> Sequence[Any]:
    """What paid an invoice or debit note: receipts, credit notes, what was written off."""
    return db.session.execute(_PAYMENTS, {"document_id": document_id}).all()


def uses_of(note_id: UUID) -> Sequence[Any]:
    """What a credit note paid."""
    return db.session.execute(_USES, {"document_id": note_id}).all()


def related_to(document_id: UUID, original_id: UUID | None) -> Sequence[Any]:
    """The document that it came from or corrects, and those that came from it or correct it."""
    return db.session.execute(_RELATED, {"document_id": document_id, "original_id": original_id}).all()
