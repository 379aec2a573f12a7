"""The chart of accounts."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from tracktok.audit.services import record
from tracktok.core import money
from tracktok.core.db import db, lock_key
from tracktok.core.errors import Conflict, Invalid
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.ledger import queries
from tracktok.ledger.models import BookAccount, BookType
from tracktok.ledger.rules import STANDARD_CHART, next_code


class NotArchivable(Conflict):
    code, title = "not_archivable", "This account is still needed"


def open_books(currency: str) -> None:
    """Make the standard chart of accounts of a new tenant whose books are kept in `currency`."""
    tenant_id = current_tenant_id()
    db.session.execute(
        insert(BookAccount.__table__),  # type: ignore[arg-type]
        [
            {
                "tenant_id": tenant_id,
                "id": new_id(),
                "code": account.code,
                "name": account.name,
                "type": account.type,
                "role": account.role,
            }
            for account in STANDARD_CHART
        ],
    )
    queries.forget_roles()
    record("opened", "books", tenant_id, label="Books", after={"currency": currency, "accounts": len(STANDARD_CHART)})


def create_book_account(
    name: str,
    type: str | BookType,
    currency: str | None = None,
    role: str | None = None,
) -> BookAccount:
    """Add an account to the chart, under the next free code of its type.

    `currency` is for accounts that hold one currency (a bank account): lines in another are refused by the database.
    `role` is for accounts that the product posts to by itself; a role is taken once. Flushes.
    """
    title = name.strip()
    if not title:
        raise Invalid.at("name", "Enter a name for the account.")
    if currency is not None and currency not in money.MINOR_UNITS:
        raise Invalid.at("currency", f"{currency} is not a currency in use.")
    kind = BookType(type)
    db.session.connection().exec_driver_sql(
        "SELECT pg_advisory_xact_lock(%(key)s)", {"key": lock_key("book_account_codes")}
    )
    taken = db.session.execute(select(BookAccount.code)).scalars()
    account = BookAccount(
        id=new_id(), code=next_code(kind, taken), name=title, type=kind.value, currency=currency, role=role
    )
    db.session.add(account)
    db.session.flush()
    if role is not None:
        queries.forget_roles()
    return account


def change_book_account(account: BookAccount, *, name: str | None = None, is_archived: bool | None = None) -> None:
    """Rename an account, put it away or take it out again. Flushes.

    Raises NotArchivable for accounts that the product posts to by itself, and for those with a balance to carry on.
    """
    if name is not None:
        title = name.strip()
        if not title:
            raise Invalid.at("name", "Enter a name for the account.")
        account.name = title
    if is_archived is not None and is_archived != account.is_archived:
        if is_archived and account.role is not None:
            raise NotArchivable("TrackTok posts to this account by itself, so it stays.")
        if is_archived and queries.balance_of([account.id])[account.id].base_amount != 0:
            raise NotArchivable("This account has a balance. Bring it to zero first.")
        account.is_archived = is_archived
    db.session.flush()


def redenominate(before: str, after: str) -> None:
    """Let accounts that are kept in one currency be kept in another. Only for books without entries."""
    db.session.execute(update(BookAccount).where(BookAccount.currency == before).values(currency=after))
