"""Billable expenses: which were not billed yet, and their locks while a document takes them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, bindparam, select

from tracktok.core.db import db
from tracktok.core.pagination import Page, keyset, make_page, page_parameters, sort_by
from tracktok.expenses.models import Category, Expense
from tracktok.invoices.models import SalesDocument, SalesLine

EXPENSE = "expense"
_IDS = bindparam("ids", type_=ARRAY(Uuid())).any_()
_COLUMNS = (
    Expense.id, Expense.title, Expense.merchant, Expense.amount, Expense.currency, Expense.base_amount,
    Expense.tax_amount, Expense.expense_date, Expense.is_billable, Expense.project_id, Expense.category_id,
    Category.tax_treatment,
)  # fmt: skip


def _with_category(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(Expense)
        .outerjoin(Category, and_(Category.tenant_id == Expense.tenant_id, Category.id == Expense.category_id))
    )


# Locked by whoever bills them, in the order of their ids: of two documents over one expense the second sees the first.
_LOCKED = (
    _with_category(*_COLUMNS)
    .where(Expense.id == _IDS, Expense.deleted_at.is_(None))
    .order_by(Expense.id)
    .with_for_update(of=Expense)
)
_HELD = (
    select(SalesLine.source_id, SalesLine.document_id, SalesDocument.number, SalesDocument.kind)
    .join(
        SalesDocument,
        and_(SalesDocument.tenant_id == SalesLine.tenant_id, SalesDocument.id == SalesLine.document_id),
    )
    .where(SalesLine.source == bindparam("source"), SalesLine.source_id == _IDS, SalesLine.holds_source)
)
_SORTS = {"expense_date": sort_by(Expense.expense_date)}


def lock_expenses(ids: Collection[UUID]) -> dict[UUID, Any]:
    """Live expenses by id, locked until the transaction ends; their rows."""
    return {row.id: row for row in db.session.execute(_LOCKED, {"ids": sorted(ids)})} if ids else {}


def read_expenses(ids: Collection[UUID]) -> dict[UUID, Any]:
    """The same without locks: for a preview."""
    statement = _with_category(*_COLUMNS).where(Expense.id == _IDS, Expense.deleted_at.is_(None))
    return {row.id: row for row in db.session.execute(statement, {"ids": list(ids)})} if ids else {}


def holders_of(source: str, ids: Collection[UUID]) -> Sequence[Any]:
    """Which documents bill these sources now: (source_id, document_id, number, kind)."""
    return db.session.execute(_HELD, {"source": source, "ids": list(ids)}).all() if ids else ()


def list_billable(*, limit: int, cursor: str | None, project_id: UUID | None = None) -> Page:
    """A page of the billable expenses that no document bills yet, the oldest first."""
    sort = "expense_date"
    held = (
        select(SalesLine.id)
        .where(
            SalesLine.tenant_id == Expense.tenant_id,
            SalesLine.source == EXPENSE,
            SalesLine.source_id == Expense.id,
            SalesLine.holds_source,
        )
        .exists()
    )
    statement = _with_category(*_COLUMNS).where(Expense.deleted_at.is_(None), Expense.is_billable, ~held)
    if project_id is not None:
        statement = statement.where(Expense.project_id == bindparam("project", type_=Uuid()))
    built = keyset(statement, sorts=_SORTS, id_column=Expense.id, sort=sort, after=bool(cursor))
    parameters = page_parameters(sorts=_SORTS, sort=sort, cursor=cursor, limit=limit)
    parameters |= {"project": project_id} if project_id is not None else {}
    return make_page(db.session.execute(built, parameters).all(), sort=sort, limit=limit, sort_key=sort)
