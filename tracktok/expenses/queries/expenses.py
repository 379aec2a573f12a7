"""One expense: its row for people, its entity for writing, and what posting needs of many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, and_, bindparam, func, literal, select

from tracktok.auth.models import Membership
from tracktok.core import clock
from tracktok.core.context import Actor
from tracktok.core.db import db
from tracktok.core.driver import run
from tracktok.core.errors import NotFound
from tracktok.core.permissions import current_actor
from tracktok.core.tenancy import TENANT, current_tenant_id
from tracktok.expenses.models import Account, Category, Expense, ExpenseTag, Project, Tag
from tracktok.ledger.models import BookType, Dimension
from tracktok.ledger.queries import sum_total

DAYS_IN_BIN = 30

STORED = (
    "id", "title", "description", "merchant", "reference", "amount", "currency", "base_amount", "base_units",
    "exchange_rate", "rate_date", "rate_source", "account_amount", "tax_amount", "expense_date", "payment_method",
    "status", "is_billable", "category_id", "project_id", "account_id", "person_id", "import_id", "receipts", "version",
    "created_at", "updated_at", "deleted_at",
)  # fmt: skip


def columns_of(expense: Any) -> tuple[Any, ...]:
    """What a row of an expense (the model, or an alias of it) tells, with the names that `with_names` joins."""
    tags = (
        select(func.coalesce(func.array_agg(Tag.name), literal([], ARRAY(Text()))))
        .join(ExpenseTag, and_(ExpenseTag.tenant_id == Tag.tenant_id, ExpenseTag.tag_id == Tag.id))
        .where(ExpenseTag.tenant_id == expense.tenant_id, ExpenseTag.expense_id == expense.id)
        .correlate(expense)
        .scalar_subquery()
    )
    return (
        *(getattr(expense, name) for name in STORED),
        Category.name.label("category"),
        Project.name.label("project"),
        Account.name.label("account"),
        Account.currency.label("account_currency"),
        tags.label("tags"),
    )


def with_names(statement: Select[Any], expense: Any = Expense) -> Select[Any]:
    """Join the category, project and account of an expense."""
    return (
        statement.outerjoin(Category, and_(Category.tenant_id == expense.tenant_id, Category.id == expense.category_id))
        .outerjoin(Project, and_(Project.tenant_id == expense.tenant_id, Project.id == expense.project_id))
        .outerjoin(Account, and_(Account.tenant_id == expense.tenant_id, Account.id == expense.account_id))
    )


COLUMNS = columns_of(Expense)
_ROW = with_names(select(*COLUMNS).select_from(Expense)).where(Expense.id == bindparam("expense_id"))
_ENTITY = select(Expense).where(Expense.id == bindparam("expense_id"))
_ENTITIES = select(Expense).where(Expense.id == bindparam("ids", type_=ARRAY(Uuid())).any_()).order_by(Expense.id)


class Twin(NamedTuple):
    """Another expense that looks like the same."""

    id: UUID
    title: str
    merchant: str


# As plain SQL: it runs with every expense that is recorded.
_TWINS = """
SELECT id, title, merchant FROM expenses
 WHERE tenant_id = %(tenant)s AND expense_date = %(day)s AND base_units = %(units)s AND deleted_at IS NULL
   AND id <> %(itself)s AND amount = %(amount)s AND currency = %(currency)s
   AND lower(coalesce(nullif(merchant, ''), title)) = %(name)s
 LIMIT 3
"""
_LAST_USED = (
    select(Expense.category_id, Expense.account_id, Expense.payment_method)
    .where(Expense.person_id == bindparam("person"), Expense.deleted_at.is_(None), Expense.import_id.is_(None))
    .order_by(Expense.id.desc())
    .limit(1)
)
_COUNT_DRAFTS = (
    select(func.count())
    .select_from(Expense)
    .where(Expense.tenant_id == TENANT, Expense.status == "draft", Expense.deleted_at.is_(None))
)
_MEMBER = select(Membership.id).where(Membership.person_id == bindparam("person"), Membership.status == "active")


def _may_see(who: Actor, person_id: UUID | None) -> bool:
    return who.may("expenses.read_all") or (person_id is not None and person_id == who.person_id)


def get_row(expense_id: UUID, *, deleted: bool = False) -> Any:
    """An expense with the names of what it refers to. Raises NotFound, also for what the actor may not see."""
    row = db.session.execute(_ROW, {"expense_id": expense_id}).one_or_none()
    if row is None or not _may_see(current_actor(), row.person_id) or (row.deleted_at is not None and not deleted):
        raise NotFound("There is no such expense.")
    return row


def get_expense(expense_id: UUID, *, deleted: bool | None = False) -> Expense:
    """An expense, locked for writing. `deleted`: in the bin, not there, or either (None). Raises NotFound."""
    found = db.session.execute(
        _ENTITY.with_for_update(), {"expense_id": expense_id}, execution_options={"populate_existing": True}
    ).scalar_one_or_none()
    if found is None or not _may_see(current_actor(), found.person_id):
        raise NotFound("There is no such expense.")
    if deleted is not None and (found.deleted_at is not None) != deleted:
        raise NotFound("There is no such expense." if found.deleted_at else "This expense is not in the bin.")
    return found


def get_expenses(ids: Iterable[UUID]) -> Sequence[Expense]:
    """Expenses by id, locked for writing in the order of their ids; those that do not exist are left out."""
    return (
        db.session.execute(
            _ENTITIES.with_for_update(), {"ids": list(ids)}, execution_options={"populate_existing": True}
        )
        .scalars()
        .all()
    )


def find_twins(
    *, day: date, amount: Decimal, base_amount: Decimal, currency: str, name: str, itself: UUID
) -> list[Twin]:
    """Live expenses of the same day, amount and merchant (or title), three at most."""
    values = {
        "tenant": current_tenant_id(),
        "day": day,
        "units": int(base_amount * 10_000),
        "amount": amount,
        "currency": currency,
        "name": name.lower(),
        "itself": itself,
    }
    return [Twin(*row) for row in run(_TWINS, values)]


def last_used(person_id: UUID) -> Any:
    """What a person's last expense named (category, account, payment method), or None."""
    return db.session.execute(_LAST_USED, {"person": person_id}).one_or_none()


def bin_begins() -> datetime:
    """What was deleted before this instant is no longer in the bin."""
    return clock.now() - timedelta(days=DAYS_IN_BIN)


def count_expenses() -> int:
    """How many live expenses the tenant has, for the limit of its plan: what the books count, and the drafts beside."""
    posted = sum_total(BookType.expense, Dimension.all, date.min, date.max).items
    return posted + db.session.execute(_COUNT_DRAFTS).scalar_one()


def any_expense() -> bool:
    """Whether the tenant has any expense, be it a draft or in the bin."""
    return db.session.execute(select(Expense.id).limit(1)).first() is not None


def is_member(person_id: UUID) -> bool:
    """Whether a person belongs to the tenant."""
    return db.session.execute(_MEMBER, {"person": person_id}).first() is not None
