"""What the filtered expenses come to.

By dates, and at most one category tree, project or account beside: from the totals that the books keep by day, and the
drafts, which the books do not know, from their rows. Anything else adds up rows, and gives up after a while.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, or_, select, text
from sqlalchemy.exc import OperationalError

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.ids import NIL
from tracktok.expenses.models import Expense
from tracktok.expenses.schemas.expenses import ExpenseFilters
from tracktok.ledger.models import BookType, Dimension
from tracktok.ledger.queries import sum_total

from .expense_list import Selection, select_filters, where

MOST_MILLISECONDS = 2_500
_DATES = frozenset({"date_from", "date_to"})
_DIMENSIONS = {
    "category": Dimension.category,
    "category_tree": Dimension.category,
    "category_none": Dimension.category,
    "project": Dimension.project,
    "project_none": Dimension.project,
    "account": Dimension.account,
    "account_none": Dimension.account,
}


@dataclass(frozen=True, slots=True)
class CurrencySum:
    """What the expenses of one currency come to."""

    currency: str
    count: int
    amount: Decimal
    base_amount: Decimal


@dataclass(frozen=True, slots=True)
class Summary:
    """What the expenses come to; None where there were too many rows to add up in time."""

    count: int | None
    base_amount: Decimal | None
    base_currency: str
    by_currency: Sequence[CurrencySum] | None


def summarize(filters: ExpenseFilters) -> Summary:
    """Count and add up the live expenses that fit."""
    base = preferences().currency
    chosen = select_filters(filters)
    dimension = kept_dimension(chosen.shape)
    if dimension is not None:
        count, total = _kept_total(chosen, dimension)
        foreign = _sums(_SumShape(chosen.shape, foreign=True), {**chosen.parameters, "base": base})
        if foreign is None:
            return Summary(count, total, base, None)
        rest_count = count - sum(one.count for one in foreign)
        rest = total - sum((one.base_amount for one in foreign), Decimal(0))
        own = [CurrencySum(base, rest_count, rest, rest)] if rest_count else []
        return Summary(count, total, base, own + foreign)
    sums = _sums(_SumShape(chosen.shape), chosen.parameters)
    if sums is None:
        return Summary(None, None, base, None)
    return Summary(sum(one.count for one in sums), sum((one.base_amount for one in sums), Decimal(0)), base, sums)


def kept_dimension(shape: frozenset[str]) -> Dimension | None:
    """The dimension of the kept totals that answers a shape; None when they do not."""
    beside = shape - _DATES
    if not beside:
        return Dimension.all
    if len(beside) == 1:
        return _DIMENSIONS.get(next(iter(beside)))
    return None


def _kept_total(chosen: Selection, dimension: Dimension) -> tuple[int, Decimal]:
    ids: list[UUID] | None = None
    if dimension is not Dimension.all:
        [name] = chosen.shape - _DATES
        value = chosen.parameters.get(name, NIL)
        ids = value if isinstance(value, list) else [value]
    total = sum_total(
        BookType.expense,
        dimension,
        chosen.parameters.get("date_from", date.min),
        chosen.parameters.get("date_to", date.max),
        ids,
    )
    draft = db.session.execute(_drafts(chosen.shape), chosen.parameters).one()
    return total.items + draft.items, total.base_amount + (draft.base_amount or 0)


@cache
def _drafts(shape: frozenset[str]) -> Select[Any]:
    sums: Any = (func.count().label("items"), func.sum(Expense.base_amount).label("base_amount"))
    statement: Select[Any] = select(*sums).select_from(Expense)
    return where(statement, shape | {"status_unpaid"}).where(Expense.status == "draft")


@dataclass(frozen=True, slots=True)
class _SumShape:
    shape: frozenset[str]
    foreign: bool = False


@cache
def _by_currency(key: _SumShape) -> Select[Any]:
    sums: Any = (
        Expense.currency,
        func.count().label("items"),
        func.sum(Expense.amount).label("amount"),
        func.sum(Expense.base_amount).label("base_amount"),
    )
    statement: Select[Any] = select(*sums).select_from(Expense)
    statement = where(statement, key.shape).group_by(Expense.currency).order_by(func.sum(Expense.base_amount).desc())
    if key.foreign:
        base = bindparam("base", type_=Expense.currency.type)
        statement = statement.where(or_(Expense.currency < base, Expense.currency > base))
    return statement


def _sums(key: _SumShape, parameters: Mapping[str, Any]) -> list[CurrencySum] | None:
    """The sums by currency; None when they take too long."""
    before = db.session.execute(text("SHOW statement_timeout")).scalar_one()
    nested = db.session.begin_nested()
    try:
        _set_timeout(f"{MOST_MILLISECONDS}ms")
        rows = db.session.execute(_by_currency(key), dict(parameters)).all()
        _set_timeout(before)
    except OperationalError as error:
        nested.rollback()
        if getattr(error.orig, "sqlstate", "") != "57014":  # query_canceled
            raise
        return None
    nested.commit()
    return [CurrencySum(row.currency, row.items, row.amount, row.base_amount) for row in rows]


def _set_timeout(value: str) -> None:
    db.session.execute(text("SELECT set_config('statement_timeout', :value, true)"), {"value": value})
