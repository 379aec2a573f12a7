"""What spending needs to know of the books."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from tracktok.core.db import db
from tracktok.ledger.models import BookAccount, BookType

_EXPENSE_ACCOUNTS = (
    select(BookAccount.id, BookAccount.code, BookAccount.name)
    .where(BookAccount.type == BookType.expense.value, BookAccount.is_archived.is_(False))
    .order_by(BookAccount.code)
)
_TYPE = select(BookAccount.type).where(BookAccount.id == bindparam("book_account_id"))


def expense_accounts() -> Sequence[Any]:
    """(id, code, name) of the accounts of the books that a category may post to."""
    return db.session.execute(_EXPENSE_ACCOUNTS).all()


def is_expense_account(book_account_id: UUID) -> bool:
    """Whether a category may post to a book account."""
    found = db.session.execute(_TYPE, {"book_account_id": book_account_id}).scalar_one_or_none()
    return bool(found == BookType.expense.value)
