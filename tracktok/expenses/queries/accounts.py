"""What is read about accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists, func, or_, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, fetch_page, sort_by
from tracktok.expenses.models import Account, Expense
from tracktok.expenses.schemas.accounts import AccountQuery

COLUMNS = (
    Account.id,
    Account.name,
    Account.type,
    Account.currency,
    Account.number_last4,
    Account.institution,
    Account.opening_balance,
    Account.opening_date,
    Account.book_account_id,
    Account.is_archived,
    Account.version,
    Account.created_at,
    Account.updated_at,
)
SORTS = {"name": sort_by(Account.name), "created_at": sort_by(Account.created_at)}
_ONE = select(Account).where(Account.id == bindparam("account_id"))
_COUNT = select(func.count()).select_from(Account).where(Account.id.is_not(None), Account.deleted_at.is_(None))
_CHOICES = (
    select(Account.id, Account.name, Account.currency, Account.type)
    .where(Account.deleted_at.is_(None), Account.is_archived.is_(False))
    .order_by(func.lower(Account.name))
)


def get_account(account_id: UUID, *, for_update: bool = False, deleted: bool = False) -> Account:
    """An account that is not deleted; with `deleted` one that is. Raises NotFound."""
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    found = db.session.execute(statement, {"account_id": account_id}, execution_options=options).scalar_one_or_none()
    if found is None or (found.deleted_at is not None) != deleted:
        raise NotFound("There is no such account.")
    return found


def list_accounts(query: AccountQuery) -> Page:
    """One page of accounts."""
    statement = select(*COLUMNS).where(Account.deleted_at.is_(None))
    if query.type is not None:
        statement = statement.where(Account.type == query.type.value)
    if query.archived is not None:
        statement = statement.where(Account.is_archived == query.archived)
    if query.q:
        statement = statement.where(
            or_(
                Account.name.icontains(query.q, autoescape=True),
                Account.institution.icontains(query.q, autoescape=True),
            )
        )
    return fetch_page(
        statement, sorts=SORTS, id_column=Account.id, sort=query.sort, cursor=query.cursor, limit=query.limit
    )


def count_accounts() -> int:
    """How many accounts there are, for the limit of the plan."""
    return db.session.execute(_COUNT).scalar_one()


def choices() -> Sequence[Any]:
    """(id, name, currency, type) of the accounts that an expense may be paid from."""
    return db.session.execute(_CHOICES).all()


def is_used(account_id: UUID) -> bool:
    """Whether any expense, deleted or not, names an account."""
    return bool(
        db.session.execute(select(exists().where(Expense.account_id == account_id, Expense.id.is_not(None)))).scalar()
    )
