"""What is read about receipts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import aliased

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.documents.models import StoredFile
from tracktok.expenses.models import Expense, Receipt

_OF_EXPENSE = (
    select(
        Receipt.id,
        Receipt.expense_id,
        Receipt.file_id,
        StoredFile.filename,
        StoredFile.content_type,
        StoredFile.size,
        StoredFile.sha256,
        StoredFile.thumbnail_key,
        Receipt.created_at,
    )
    .join(StoredFile, and_(StoredFile.tenant_id == Receipt.tenant_id, StoredFile.id == Receipt.file_id))
    .where(Receipt.expense_id == bindparam("expense_id"))
    .order_by(Receipt.id)
)
_ONE = select(Receipt).where(Receipt.id == bindparam("receipt_id"), Receipt.expense_id == bindparam("expense_id"))
_file, _twin_file = aliased(StoredFile), aliased(StoredFile)
_twin = aliased(Receipt)
_TWINS = (
    select(Receipt.id, _twin.expense_id)
    .select_from(Receipt)
    .join(_file, and_(_file.tenant_id == Receipt.tenant_id, _file.id == Receipt.file_id))
    .join(_twin_file, and_(_twin_file.tenant_id == _file.tenant_id, _twin_file.sha256 == _file.sha256))
    .join(_twin, and_(_twin.tenant_id == _twin_file.tenant_id, _twin.file_id == _twin_file.id, _twin.id != Receipt.id))
    .join(Expense, and_(Expense.tenant_id == _twin.tenant_id, Expense.id == _twin.expense_id))
    .where(Receipt.expense_id == bindparam("expense_id"), Expense.deleted_at.is_(None))
)
_OWNERS = (
    select(Expense.person_id)
    .join(Receipt, and_(Receipt.tenant_id == Expense.tenant_id, Receipt.expense_id == Expense.id))
    .where(Receipt.file_id == bindparam("file_id"))
)


def receipts_of(expense_id: UUID) -> Sequence[Any]:
    """The receipts of an expense with what is known of their files, in the order they came."""
    return db.session.execute(_OF_EXPENSE, {"expense_id": expense_id}).all()


def get_receipt(expense_id: UUID, receipt_id: UUID) -> Receipt:
    """A receipt of an expense. Raises NotFound."""
    found = db.session.execute(_ONE, {"receipt_id": receipt_id, "expense_id": expense_id}).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such receipt.")
    return found


def twins_of(expense_id: UUID) -> dict[UUID, list[UUID]]:
    """For each receipt of an expense whose very bytes are elsewhere too: the expenses that have them."""
    found: dict[UUID, list[UUID]] = {}
    for receipt_id, other in db.session.execute(_TWINS, {"expense_id": expense_id}):
        found.setdefault(receipt_id, []).append(other)
    return found


def owners_of_file(file_id: UUID) -> list[UUID | None]:
    """Whose expenses a file proves."""
    return list(db.session.execute(_OWNERS, {"file_id": file_id}).scalars())
