"""What the live expenses of a category add to the books, summed: for moving all of them at once."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, bindparam, func, select

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.tenancy import TENANT
from tracktok.expenses.models import Account, Expense, ExpenseTag
from tracktok.expenses.rules.posting import Contribution
from tracktok.ledger.queries import book_account_for

_TAGS = (
    select(func.array_agg(ExpenseTag.tag_id, type_=ARRAY(Uuid())).label("ids"))
    .where(ExpenseTag.tenant_id == TENANT, ExpenseTag.expense_id == Expense.id)
    .correlate(Expense)
    .lateral("t")
)
_GROUPED = (
    select(
        Expense.expense_date,
        Expense.status,
        Expense.project_id,
        Expense.account_id,
        Expense.person_id,
        Expense.currency,
        Account.currency.label("account_currency"),
        Account.book_account_id,
        _TAGS.c.ids.label("tags"),
        func.sum(Expense.amount).label("amount"),
        func.sum(Expense.base_amount).label("base_amount"),
        func.sum(Expense.account_amount).label("account_amount"),
        func.count().label("items"),
    )
    .select_from(Expense)
    .outerjoin(Account, and_(Account.tenant_id == Expense.tenant_id, Account.id == Expense.account_id))
    .outerjoin(_TAGS, db.true())
    .where(Expense.category_id == bindparam("category"), Expense.deleted_at.is_(None), Expense.status != "draft")
    .group_by(
        Expense.expense_date,
        Expense.status,
        Expense.project_id,
        Expense.account_id,
        Expense.person_id,
        Expense.currency,
        Account.currency,
        Account.book_account_id,
        _TAGS.c.ids,
    )
)


def grouped_contributions(category_id: UUID, book_account_id: UUID) -> list[Contribution]:
    """The contributions of a category's expenses, one for each day and combination of what they name."""
    base = preferences().currency
    found = []
    for row in db.session.execute(_GROUPED, {"category": category_id}):
        paid = row.status == "paid"
        found.append(
            Contribution(
                expense_id=category_id,
                expense_date=row.expense_date,
                status=row.status,
                amount=row.amount,
                currency=row.currency,
                base_amount=row.base_amount,
                credit_amount=row.account_amount if paid else row.amount,
                credit_currency=(row.account_currency or base) if paid else row.currency,
                debit_id=book_account_id,
                credit_id=(
                    (row.book_account_id or book_account_for("unassigned_payments"))
                    if paid
                    else book_account_for("payables")
                ),
                category_id=category_id,
                project_id=row.project_id,
                account_id=row.account_id,
                person_id=row.person_id,
                tag_ids=frozenset(row.tags or ()),
                memo="Moved with its category",
                items=row.items,
                source="category",
            )
        )
    return found
