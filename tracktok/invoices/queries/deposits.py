"""Deposits of customers: what is left of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, and_, bindparam, case, select, text

from tracktok.core.db import db
from tracktok.invoices.models import Deposit, Receipt

_CUSTOMER, _CURRENCY = bindparam("customer_id", type_=Uuid()), bindparam("currency", type_=Text())
_COMPANY = bindparam("company_id", type_=Uuid())
_LEFT = Receipt.amount - Receipt.allocated_amount - Receipt.refunded_amount
_JOINED = and_(Receipt.tenant_id == Deposit.tenant_id, Receipt.id == Deposit.receipt_id)
_ONE = select(Deposit).where(Deposit.receipt_id == bindparam("receipt_id", type_=Uuid()))
_HAS_REST = text(
    "customer_receipts.status = 'received'"
    " AND customer_receipts.allocated_amount + customer_receipts.refunded_amount < customer_receipts.amount"
)
_OPEN: Any = (
    select(
        Receipt.id, Receipt.number, Receipt.receipt_date, Receipt.currency, _LEFT.label("left"),
        Deposit.document_id, Deposit.description,
    )
    .join(Deposit, _JOINED)
    .where(
        Receipt.customer_id == _CUSTOMER, Receipt.company_id == _COMPANY, Receipt.currency == _CURRENCY, _HAS_REST,
    )
    # Those that were asked for this very document go first.
    .order_by(
        case((Deposit.document_id == bindparam("original_id", type_=Uuid()), 0), else_=1), Receipt.receipt_date,
        Receipt.id,
    )
)  # fmt: skip
# Only what something is left of is looked at, however much came before: the condition is spelled as the index has it
# (`ix_customer_receipts_unallocated`).
_LOCK = (
    select(Receipt.id)
    .where(
        Receipt.customer_id == bindparam("customers", type_=ARRAY(Uuid())).any_(), _HAS_REST,
        Receipt.id.in_(select(Deposit.receipt_id)),
    )
    .order_by(Receipt.id)
    .with_for_update()
)  # fmt: skip


def deposit_of(receipt_id: UUID) -> Deposit | None:
    """What a receipt was paid for in advance, or None."""
    return db.session.execute(_ONE, {"receipt_id": receipt_id}).scalar_one_or_none()


def open_deposits(customer_id: UUID, company_id: UUID, currency: str, original_id: UUID | None = None) -> Sequence[Any]:
    """The deposits of a customer of which something is left; those for a quote or proforma (`original_id`) first."""
    values = {
        "customer_id": customer_id, "company_id": company_id, "currency": currency, "original_id": original_id,
    }  # fmt: skip
    return db.session.execute(_OPEN, values).all()


def lock_deposits(customers: Iterable[UUID]) -> frozenset[UUID]:
    """Lock the receipts of customers' deposits of which something is left; their ids.

    Receipts are locked before documents: those of all customers at once, before the first document.
    """
    return frozenset(db.session.execute(_LOCK, {"customers": list(customers)}).scalars())
