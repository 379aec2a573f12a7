"""One document and its lines: entities for writing, locked in a fixed order, and what others say about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Text, Uuid, and_, bindparam, func, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.customers.models import Customer
from tracktok.invoices.models import Allocation, DocumentKind, SalesDocument, SalesLine

_IDS = bindparam("ids", type_=ARRAY(Uuid())).any_()
_ONE = select(SalesDocument).where(SalesDocument.id == bindparam("document_id", type_=Uuid()))
_MANY = select(SalesDocument).where(SalesDocument.id == _IDS).order_by(SalesDocument.id).with_for_update()
_LINES = (
    select(SalesLine)
    .where(SalesLine.document_id == bindparam("document_id", type_=Uuid()))
    .order_by(SalesLine.position)
)
_KIND = bindparam("kind", type_=Text())
_ISSUED_SINCE = select(func.count()).where(
    SalesDocument.kind == _KIND, SalesDocument.finalized_at >= bindparam("since", type_=DateTime(timezone=True))
)
_NOTES = (
    select(SalesDocument)
    .where(
        SalesDocument.original_id == bindparam("original_id", type_=Uuid()),
        SalesDocument.kind == _KIND,
        SalesDocument.number.is_not(None),
        SalesDocument.status != "void",
    )
    .order_by(SalesDocument.id)
)
_NOTE_LINES = (
    select(SalesLine)
    .join(
        SalesDocument,
        and_(SalesDocument.tenant_id == SalesLine.tenant_id, SalesDocument.id == SalesLine.document_id),
    )
    .where(
        SalesDocument.original_id == bindparam("original_id", type_=Uuid()),
        SalesDocument.kind == "credit_note",
        SalesDocument.number.is_not(None),
        SalesDocument.status != "void",
    )
    .order_by(SalesLine.id)
)
_SUCCESSOR = (
    select(SalesDocument.id, SalesDocument.number, SalesDocument.status)
    .where(
        SalesDocument.original_id == bindparam("original_id", type_=Uuid()),
        SalesDocument.kind == "invoice",
        SalesDocument.deleted_at.is_(None),
        SalesDocument.status != "void",
    )
    .limit(1)
)
_ALLOCATIONS = (
    select(Allocation)
    .where(Allocation.document_id == bindparam("document_id", type_=Uuid()), Allocation.removed_at.is_(None))
    .order_by(Allocation.id)
)
_OWED = (
    select(SalesDocument.currency, SalesDocument.exchange_rate, func.sum(SalesDocument.amount_due).label("due"))
    .where(
        SalesDocument.customer_id == bindparam("customer_id", type_=Uuid()),
        SalesDocument.kind.in_(["invoice", "debit_note"]),
        SalesDocument.status.in_(["issued", "part_paid"]),
    )
    .group_by(SalesDocument.currency, SalesDocument.exchange_rate)
)
_ORIGINAL = select(SalesDocument.id, SalesDocument.kind, SalesDocument.number, SalesDocument.document_date).where(
    SalesDocument.id == bindparam("document_id", type_=Uuid())
)
_CREDIT_ALLOCATIONS = (
    select(Allocation)
    .where(Allocation.credit_note_id == bindparam("note_id", type_=Uuid()), Allocation.removed_at.is_(None))
    .order_by(Allocation.id)
)
_CUSTOMERS_OF = (
    select(SalesDocument.customer_id).where(SalesDocument.id == bindparam("ids", type_=ARRAY(Uuid())).any_()).distinct()
)
_CUSTOMER_NAME = select(Customer.name).where(Customer.id == bindparam("customer_id", type_=Uuid()))


def get_document(
    document_id: UUID, *kinds: DocumentKind | str, for_update: bool = False, customer_id: UUID | None = None
) -> SalesDocument:
    """A document that is not deleted, of one of the kinds when some are named; `for_update` locks it.

    Raises NotFound, also when it is not `customer_id`'s.
    """
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    found = db.session.execute(statement, {"document_id": document_id}, execution_options=options).scalar_one_or_none()
    wrong = found is None or found.deleted_at is not None or (kinds and found.kind not in set(kinds))
    if found is None or wrong or (customer_id is not None and found.customer_id != customer_id):
        thing = DocumentKind(kinds[0]).label.lower() if kinds else "document"
        raise NotFound(f"There is no such {thing}.")
    return found


def lock_documents(ids: Iterable[UUID]) -> dict[UUID, SalesDocument]:
    """Documents by id, locked in the order of their ids, so that two who lock the same never wait in a ring."""
    options = {"populate_existing": True}
    rows = db.session.execute(_MANY, {"ids": list(ids)}, execution_options=options).scalars()
    return {row.id: row for row in rows}


def lines_of(document_id: UUID) -> Sequence[SalesLine]:
    """The lines of a document, in their order."""
    return db.session.execute(_LINES, {"document_id": document_id}).scalars().all()


def issued_since(kind: DocumentKind, since: datetime) -> int:
    """How many documents of a kind were issued since an instant."""
    return int(db.session.execute(_ISSUED_SINCE, {"kind": kind.value, "since": since}).scalar_one())


def notes_of(original_id: UUID, kind: DocumentKind = DocumentKind.credit_note) -> Sequence[SalesDocument]:
    """The issued notes of an invoice that are not void."""
    return db.session.execute(_NOTES, {"original_id": original_id, "kind": kind.value}).scalars().all()


def credited_lines(original_id: UUID) -> Sequence[SalesLine]:
    """The lines of the issued credit notes of an invoice."""
    return db.session.execute(_NOTE_LINES, {"original_id": original_id}).scalars().all()


def invoice_made_of(document_id: UUID) -> Any:
    """The invoice that was made of a quote or proforma (id, number, status), or None."""
    return db.session.execute(_SUCCESSOR, {"original_id": document_id}).one_or_none()


def allocations_of(document_id: UUID) -> Sequence[Allocation]:
    """What was allocated to an invoice or debit note and not taken back."""
    return db.session.execute(_ALLOCATIONS, {"document_id": document_id}).scalars().all()


def owed_by(customer_id: UUID) -> Decimal:
    """What a customer owes on open documents, in the tenant's currency at the rates of the documents."""
    rows = db.session.execute(_OWED, {"customer_id": customer_id})
    return sum((row.due * row.exchange_rate for row in rows), Decimal(0))


def applications_of(note_id: UUID) -> Sequence[Allocation]:
    """What a credit note pays, and was not taken back."""
    return db.session.execute(_CREDIT_ALLOCATIONS, {"note_id": note_id}).scalars().all()


def original_of(document_id: UUID | None) -> Any:
    """(id, kind, number, document_date) of the document that another was made of or corrects; None without one."""
    if document_id is None:
        return None
    return db.session.execute(_ORIGINAL, {"document_id": document_id}).one_or_none()


def customers_of(ids: Iterable[UUID]) -> list[UUID]:
    """The customers of documents, each once."""
    return list(db.session.execute(_CUSTOMERS_OF, {"ids": list(ids)}).scalars())


def customer_name(customer_id: UUID) -> str:
    """The name of a customer, as it is now."""
    return str(db.session.execute(_CUSTOMER_NAME, {"customer_id": customer_id}).scalar_one())
