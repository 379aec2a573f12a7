"""Which category stands for a book account that statements post to."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import bindparam, select

from tracktok.core.db import db
from tracktok.expenses.models import Category

_CATEGORY = (
    select(Category.id)
    .where(Category.book_account_id == bindparam("account"), Category.deleted_at.is_(None), ~Category.is_archived)
    .order_by(Category.parent_id.nulls_last(), Category.id)
    .limit(1)
)


def category_of(book_account_id: UUID) -> UUID | None:
    """The category whose expenses are posted to a book account, so that budgets see what is owed; None without one."""
    return db.session.execute(_CATEGORY, {"account": book_account_id}).scalar_one_or_none()
