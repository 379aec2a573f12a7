"""What a customer sees: their own documents, as far as they were issued."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.customers.models import Customer
from tracktok.invoices.models import Dispute, Payment, PaymentEvent, SalesDocument
from tracktok.invoices.rules import statuses

from . import documents
from .parties import find_customer

LATEST = 100
_CUSTOMER = bindparam("customer_id", type_=Uuid())
_DOCUMENT = bindparam("document_id", type_=Uuid())
_ROW = (
    SalesDocument.id, SalesDocument.kind, SalesDocument.number, SalesDocument.status, SalesDocument.document_date,
    SalesDocument.due_date, SalesDocument.valid_until, SalesDocument.currency, SalesDocument.total,
    SalesDocument.amount_due, SalesDocument.disputed_at, SalesDocument.promised_on,
)  # fmt: skip
_MINE = select(*_ROW).where(
    SalesDocument.customer_id == _CUSTOMER, SalesDocument.deleted_at.is_(None), SalesDocument.number.is_not(None)
)
_OWED = SalesDocument.status.in_(sorted(statuses.OPEN_INVOICES)) & SalesDocument.kind.in_(["invoice", "debit_note"])
_OPEN = _MINE.where(_OWED).order_by(SalesDocument.due_date, SalesDocument.id)
_OTHERS = (
    _MINE.where(~_OWED, SalesDocument.status != statuses.VOID)
    .order_by(SalesDocument.document_date.desc(), SalesDocument.id.desc())
    .limit(LATEST + 1)
)
_DISPUTES = select(Dispute).where(Dispute.document_id == _DOCUMENT).order_by(Dispute.id.desc())
_PAYMENTS = select(Payment).where(Payment.document_id == _DOCUMENT).order_by(Payment.id.desc()).limit(20)

__all__ = ["disputes_of", "find_customer", "open_dispute", "open_documents", "other_documents", "payments_of"]


def open_documents(customer_id: UUID) -> Sequence[Any]:
    """What a customer has to pay, the longest due first."""
    return db.session.execute(_OPEN, {"customer_id": customer_id}).all()


def other_documents(customer_id: UUID) -> Sequence[Any]:
    """What a customer was sent besides, the latest first; one more than `LATEST` when there are older ones."""
    return db.session.execute(_OTHERS, {"customer_id": customer_id}).all()


def document_for(customer: Customer, document_id: UUID, *, for_update: bool = False) -> SalesDocument:
    """A document that a customer may see. Raises NotFound for drafts and for those of others."""
    found = documents.get_document(document_id, customer_id=customer.id, for_update=for_update)
    if found.number is None:
        raise NotFound("There is no such document.")
    return found


def disputes_of(document_id: UUID) -> Sequence[Dispute]:
    """What was said to be wrong with a document, the latest first."""
    return db.session.execute(_DISPUTES, {"document_id": document_id}).scalars().all()


def open_dispute(document_id: UUID) -> Dispute | None:
    """The dispute of a document that is not resolved."""
    return next((one for one in disputes_of(document_id) if one.status in {"open", "under_review"}), None)


def payments_of(document_id: UUID) -> Sequence[Payment]:
    """The latest ways of a document through payment providers."""
    return db.session.execute(_PAYMENTS, {"document_id": document_id}).scalars().all()


def get_payment(payment_id: UUID, *, for_update: bool = False) -> Payment | None:
    """A payment, locked on demand; None when there is none."""
    statement = select(Payment).where(Payment.id == payment_id)
    if for_update:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return db.session.execute(statement).scalar_one_or_none()


def payment_of_receipt(receipt_id: UUID, *, for_update: bool = False) -> Payment | None:
    """The payment that a receipt was made of, locked on demand; None for one that came another way."""
    statement = select(Payment).where(Payment.receipt_id == receipt_id)
    if for_update:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return db.session.execute(statement).scalar_one_or_none()


def has_event(provider: str, event_id: str) -> bool:
    """Whether a provider's event was taken into account before."""
    statement = select(PaymentEvent.id).where(PaymentEvent.provider == provider, PaymentEvent.event_id == event_id)
    return db.session.execute(statement).first() is not None
