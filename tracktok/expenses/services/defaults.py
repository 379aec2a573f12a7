"""What a new company finds when its books are open: categories and accounts."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import insert, update

from tracktok.audit.services import record
from tracktok.core import clock
from tracktok.core.db import db
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.expenses.models import Account, Category
from tracktok.expenses.rules.defaults import ACCOUNTS, CATEGORIES, DefaultCategory
from tracktok.ledger.queries import book_account_for
from tracktok.ledger.services import create_book_account


def make_defaults(currency: str, timezone: str) -> None:
    """Make the default categories, and accounts in the company's currency."""
    tenant_id = current_tenant_id()
    rows: list[dict[str, object]] = []

    def add(category: DefaultCategory, position: int, parent_id: UUID | None) -> None:
        category_id = new_id()
        rows.append(
            {
                "tenant_id": tenant_id,
                "id": category_id,
                "name": category.name,
                "parent_id": parent_id,
                "book_account_id": book_account_for(category.role),
                "tax_treatment": category.tax,
                "color": category.color,
                "position": position,
            }
        )
        for number, child in enumerate(category.below, 1):
            add(child, number, category_id)

    for number, category in enumerate(CATEGORIES, 1):
        add(category, number, None)
    db.session.execute(insert(Category.__table__), rows)  # type: ignore[arg-type]
    record("created", "categories", tenant_id, label="Default categories", after={"categories": len(rows)})
    today = clock.today(timezone)
    for name, kind in ACCOUNTS:
        book = create_book_account(name, "asset", currency=currency)
        db.session.add(
            Account(id=new_id(), name=name, type=kind, currency=currency, opening_date=today, book_account_id=book.id)
        )
    db.session.flush()


def redenominate(before: str, after: str) -> None:
    """Keep the accounts that were kept in one currency in another. Only while nothing is recorded in them."""
    db.session.execute(
        update(Account).where(Account.currency == before).values(currency=after, version=Account.version + 1)
    )
