"""Receipts: one, locked; what they paid and what was given back; what is open for a customer; duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Text, Uuid, and_, bindparam, func, select
from sqlalchemy.orm import aliased

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.customers.models import Customer
from tracktok.expenses.models import Account
from tracktok.invoices.models import Allocation, Receipt, Refund, SalesDocument
from tracktok.invoices.rules.allocating import OpenItem

_ONE = select(Receipt).where(Receipt.id == bindparam("receipt_id", type_=Uuid()))
_ALLOCATION = select(Allocation).where(Allocation.id == bindparam("allocation_id", type_=Uuid()))
_REFUND = select(Refund).where(Refund.id == bindparam("refund_id", type_=Uuid()))
_PENDING = (
    select(Refund.id)
    .where(Refund.status == "pending", Refund.created_at < bindparam("before", type_=DateTime(timezone=True)))
    .order_by(Refund.id)
)
_CUSTOMER = bindparam("customer_id", type_=Uuid())
_CURRENCY = bindparam("currency", type_=Text())
# Whoever shares a payment over what is open waits for who does the same for this customer.
_LOCK_CUSTOMER = select(Customer.id).where(Customer.id == _CUSTOMER).with_for_update(key_share=True)
_OPEN = (
    select(
        SalesDocument.id,
        SalesDocument.kind,
        SalesDocument.number,
        SalesDocument.document_date,
        SalesDocument.due_date,
        SalesDocument.currency,
        SalesDocument.total,
        SalesDocument.amount_due,
        SalesDocument.reference,
    )
    .where(
        SalesDocument.customer_id == _CUSTOMER,
        SalesDocument.currency == _CURRENCY,
        SalesDocument.kind.in_(["invoice", "debit_note"]),
        SalesDocument.status.in_(["issued", "part_paid"]),
        SalesDocument.amount_due > 0,
    )
    .order_by(
        func.coalesce(SalesDocument.due_date, SalesDocument.document_date),
        SalesDocument.document_date,
        SalesDocument.number,
        SalesDocument.id,
    )
)
_STANDING_OF_RECEIPT = (
    select(Allocation)
    .where(Allocation.receipt_id == bindparam("receipt_id", type_=Uuid()), Allocation.removed_at.is_(None))
    .order_by(Allocation.id)
)
_WITH_REFERENCE = (
    select(Receipt.id, Receipt.number, Receipt.receipt_date, Receipt.amount, Receipt.currency)
    .where(
        Receipt.customer_id == _CUSTOMER,
        Receipt.status == "received",
        func.lower(Receipt.reference) == func.lower(bindparam("reference", type_=Text())),
        Receipt.id != bindparam("but", type_=Uuid()),
    )
    .order_by(Receipt.id.desc())
    .limit(1)
)

_Document, _Note = aliased(SalesDocument), aliased(SalesDocument)
_ALLOCATION_ROWS: Any = (
    select(
        Allocation.id,
        Allocation.kind,
        Allocation.document_id,
        Allocation.receipt_id,
        Allocation.credit_note_id,
        Allocation.amount,
        Allocation.exchange_difference,
        Allocation.allocated_on,
        _Document.number.label("document_number"),
        _Document.kind.label("document_kind"),
        _Document.currency,
        _Document.due_date,
        _Document.total.label("document_total"),
        Receipt.number.label("receipt_number"),
        Receipt.receipt_date,
        Receipt.method,
        _Note.number.label("credit_note_number"),
    )
    .join(_Document, and_(_Document.tenant_id == Allocation.tenant_id, _Document.id == Allocation.document_id))
    .outerjoin(Receipt, and_(Receipt.tenant_id == Allocation.tenant_id, Receipt.id == Allocation.receipt_id))
    .outerjoin(_Note, and_(_Note.tenant_id == Allocation.tenant_id, _Note.id == Allocation.credit_note_id))
    .where(Allocation.removed_at.is_(None))
    .order_by(Allocation.allocated_on, Allocation.id)
)
_OF_RECEIPT = _ALLOCATION_ROWS.where(Allocation.receipt_id == bindparam("receipt_id", type_=Uuid()))
_OF_DOCUMENT = _ALLOCATION_ROWS.where(Allocation.document_id == bindparam("document_id", type_=Uuid()))
_OF_NOTE = _ALLOCATION_ROWS.where(Allocation.credit_note_id == bindparam("note_id", type_=Uuid()))
_REFUND_ROWS: Any = (
    select(
        Refund.id,
        Refund.customer_id,
        Refund.receipt_id,
        Refund.credit_note_id,
        Refund.refund_date,
        Refund.amount,
        Refund.currency,
        Refund.base_amount,
        Refund.method,
        Refund.account_id,
        Account.name.label("account_name"),
        Refund.reference,
        Refund.reason,
        Refund.status,
        Refund.provider,
        Refund.failure,
    )
    .outerjoin(Account, and_(Account.tenant_id == Refund.tenant_id, Account.id == Refund.account_id))
    .order_by(Refund.refund_date, Refund.id)
)
_REFUNDS_OF_RECEIPT = _REFUND_ROWS.where(Refund.receipt_id == bindparam("receipt_id", type_=Uuid()))
_REFUNDS_OF_NOTE = _REFUND_ROWS.where(Refund.credit_note_id == bindparam("note_id", type_=Uuid()))
_LATEST_ACCOUNT = select(Receipt.account_id).where(Receipt.status == "received").order_by(Receipt.id.desc()).limit(1)
_ACCOUNTS = select(Account.id, Account.name).where(Account.id == bindparam("ids", type_=ARRAY(Uuid())).any_())


def get_receipt(receipt_id: UUID, *, for_update: bool = False) -> Receipt:
    """A receipt; `for_update` locks it, before any document (`documents.lock_documents`). Raises NotFound."""
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    found = db.session.execute(statement, {"receipt_id": receipt_id}, execution_options=options).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such receipt.")
    return found


def get_allocation(
    allocation_id: UUID, *, for_update: bool = False, receipt_id: UUID | None = None, document_id: UUID | None = None
) -> Allocation:
    """An allocation, taken back or not; `for_update` locks it, after its receipt and documents.

    Raises NotFound, also when it is not of `receipt_id` or `document_id`.
    """
    statement = _ALLOCATION.with_for_update() if for_update else _ALLOCATION
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    values = {"allocation_id": allocation_id}
    found = db.session.execute(statement, values, execution_options=options).scalar_one_or_none()
    if (
        found is None
        or (receipt_id is not None and found.receipt_id != receipt_id)
        or (document_id is not None and found.document_id != document_id)
    ):
        raise NotFound("There is no such allocation.")
    return found


def get_refund(refund_id: UUID, *, for_update: bool = False) -> Refund:
    """A refund; `for_update` locks it, after what it gave back of. Raises NotFound."""
    statement = _REFUND.with_for_update() if for_update else _REFUND
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    found = db.session.execute(statement, {"refund_id": refund_id}, execution_options=options).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such refund.")
    return found


def find_refund(refund_id: UUID) -> Refund | None:
    """A refund; None when there is none."""
    return db.session.execute(_REFUND, {"refund_id": refund_id}).scalar_one_or_none()


def pending_refunds(before: datetime) -> list[UUID]:
    """The refunds that were begun before an instant and of which a provider has not said what became."""
    return list(db.session.execute(_PENDING, {"before": before}).scalars())


def lock_customer(customer_id: UUID) -> None:
    """Wait for everybody else who shares a payment over what is open for a customer. The first of all locks."""
    db.session.execute(_LOCK_CUSTOMER, {"customer_id": customer_id})


def open_documents(customer_id: UUID, currency: str) -> Sequence[Any]:
    """The invoices and debit notes of a customer with something to pay in a currency, the longest due first."""
    return db.session.execute(_OPEN, {"customer_id": customer_id, "currency": currency}).all()


def open_items(customer_id: UUID, currency: str) -> list[OpenItem]:
    """The same, as `rules.allocating` wants them."""
    return [item_of(row) for row in open_documents(customer_id, currency)]


def item_of(row: Any) -> OpenItem:
    """A document (or its row) as something open."""
    due: date = row.due_date or row.document_date
    return OpenItem(row.id, row.amount_due, due, row.document_date, row.number or "")


def standing_allocations(receipt_id: UUID) -> Sequence[Allocation]:
    """What a receipt pays, and was not taken back."""
    return db.session.execute(_STANDING_OF_RECEIPT, {"receipt_id": receipt_id}).scalars().all()


def allocations_of_receipt(receipt_id: UUID) -> Sequence[Any]:
    """What a receipt paid, as rows with the documents' numbers."""
    return db.session.execute(_OF_RECEIPT, {"receipt_id": receipt_id}).all()


def payments_of(document_id: UUID) -> Sequence[Any]:
    """What paid a document: receipts, credits, write-offs, as rows with their numbers."""
    return db.session.execute(_OF_DOCUMENT, {"document_id": document_id}).all()


def applications_of(note_id: UUID) -> Sequence[Any]:
    """What a credit note paid, as rows with the documents' numbers."""
    return db.session.execute(_OF_NOTE, {"note_id": note_id}).all()


def refunds_of_receipt(receipt_id: UUID) -> Sequence[Any]:
    """What was given back of a receipt."""
    return db.session.execute(_REFUNDS_OF_RECEIPT, {"receipt_id": receipt_id}).all()


def refunds_of_note(note_id: UUID) -> Sequence[Any]:
    """What was given back of a credit note."""
    return db.session.execute(_REFUNDS_OF_NOTE, {"note_id": note_id}).all()


def account_name(account_id: UUID | None) -> str | None:
    """The name of an account."""
    if account_id is None:
        return None
    row = db.session.execute(_ACCOUNTS, {"ids": [account_id]}).one_or_none()
    return row.name if row else None


def with_reference(customer_id: UUID, reference: str, but: UUID) -> Any:
    """Another receipt of a customer with the same reference, or None."""
    values = {"customer_id": customer_id, "reference": reference, "but": but}
    return db.session.execute(_WITH_REFERENCE, values).one_or_none()


def latest_account() -> UUID | None:
    """The account that the latest receipt came into."""
    found = db.session.execute(_LATEST_ACCOUNT).scalar_one_or_none()
    return found if found is None or account_name(found) else None
