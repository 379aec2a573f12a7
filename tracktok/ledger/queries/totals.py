"""Balances of book accounts, and what income and spending come to by day and dimension.

These read the summaries that `ledger.services.post` keeps, never the lines: their cost follows the number of days
and things in a range, not the number of documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, DateTime, Text, Uuid, bindparam, case, cast, func, select

from tracktok.core.db import db
from tracktok.core.prepared import Prepared
from tracktok.core.tenancy import TENANT
from tracktok.ledger.models import BookAccount, BookType, Dimension, LedgerBalance, LedgerTotal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Balance:
    """What stands on a book account, debits minus credits: in its own currency, and in the tenant's.

    `currency` is None, and `amount` in the tenant's currency too, for accounts that hold several.
    """

    amount: Decimal
    base_amount: Decimal
    currency: str | None


@dataclass(frozen=True, slots=True)
class Total:
    """What came to: spending counts debits, income counts credits, in the tenant's currency; and of how many items.

    `dimension_id` and `day` are None where the reader did not group by them; the nil UUID stands for what names nothing
    in the dimension. In totals by month `day` is the first of the month.
    """

    dimension_id: UUID | None
    day: date | None
    base_amount: Decimal
    items: int


_BALANCES = (
    select(
        LedgerBalance.book_account_id,
        BookAccount.currency,
        func.sum(
            case(
                (BookAccount.currency.is_(None), LedgerBalance.base_debit - LedgerBalance.base_credit),
                else_=LedgerBalance.debit - LedgerBalance.credit,
            )
        ).label("amount"),
        func.sum(LedgerBalance.base_debit - LedgerBalance.base_credit).label("base_amount"),
    )
    .join(
        BookAccount,
        (BookAccount.tenant_id == LedgerBalance.tenant_id) & (BookAccount.id == LedgerBalance.book_account_id),
    )
    .where(
        LedgerBalance.tenant_id == TENANT,
        LedgerBalance.book_account_id == bindparam("ids", type_=ARRAY(Uuid())).any_(),
    )
    .group_by(LedgerBalance.book_account_id, BookAccount.currency)
)
_NONE = Balance(ZERO, ZERO, None)


def balance_of(book_account_ids: Iterable[UUID]) -> dict[UUID, Balance]:
    """The present balances of book accounts; accounts that nothing was posted to have a balance of zero."""
    wanted = list(book_account_ids)
    if not wanted:
        return {}
    found = {
        row.book_account_id: Balance(row.amount, row.base_amount, row.currency)
        for row in db.session.execute(_BALANCES, {"ids": wanted})
    }
    return {account_id: found.get(account_id, _NONE) for account_id in wanted}


@cache
def _totals(group: str, of_ids: bool) -> Prepared:  # noqa: FBT001 - part of the cache's key
    day: Any = LedgerTotal.day
    if group == "month":
        day = cast(func.date_trunc("month", cast(LedgerTotal.day, DateTime)), Date).label("day")
    keys = {"id": [LedgerTotal.dimension_id], "day": [day], "month": [day], "none": []}[group]
    statement = (
        select(
            *keys, func.sum(LedgerTotal.base_amount).label("base_amount"), func.sum(LedgerTotal.items).label("items")
        )
        .where(
            LedgerTotal.tenant_id == TENANT,
            LedgerTotal.book_type == bindparam("book_type", type_=Text()),
            LedgerTotal.dimension == bindparam("dimension", type_=Text()),
            LedgerTotal.day >= bindparam("start", type_=Date()),
            LedgerTotal.day <= bindparam("end", type_=Date()),
        )
        .group_by(*keys)
        .order_by(*keys)
    )
    if of_ids:
        statement = statement.where(LedgerTotal.dimension_id == bindparam("ids", type_=ARRAY(Uuid())).any_())
    return Prepared(statement)


def _read(
    group: str, book_type: BookType, dimension: Dimension, start: date, end: date, ids: Iterable[UUID] | None
) -> Sequence[Any]:
    parameters: dict[str, Any] = {
        "book_type": BookType(book_type).value,
        "dimension": Dimension(dimension).value,
        "start": start,
        "end": end,
    }
    if ids is not None:
        parameters["ids"] = list(ids)
    return _totals(group, ids is not None).fetch(parameters)


def sum_total(
    book_type: BookType, dimension: Dimension, start: date, end: date, ids: Iterable[UUID] | None = None
) -> Total:
    """The sum over the days from `start` to `end`, both included, for all or for some ids of a dimension."""
    row = _read("none", book_type, dimension, start, end, ids)[0]
    return Total(None, None, row.base_amount or ZERO, row.items or 0)


def totals_by_id(
    book_type: BookType, dimension: Dimension, start: date, end: date, ids: Iterable[UUID] | None = None
) -> list[Total]:
    """The sums by category (project, account, ...); the nil UUID for what names none."""
    return [
        Total(row.dimension_id, None, row.base_amount, row.items)
        for row in _read("id", book_type, dimension, start, end, ids)
    ]


def totals_by_day(
    book_type: BookType, dimension: Dimension, start: date, end: date, ids: Iterable[UUID] | None = None
) -> list[Total]:
    """The sums by day, in order; days with nothing are absent."""
    return [
        Total(None, row.day, row.base_amount, row.items) for row in _read("day", book_type, dimension, start, end, ids)
    ]


def totals_by_month(
    book_type: BookType, dimension: Dimension, start: date, end: date, ids: Iterable[UUID] | None = None
) -> list[Total]:
    """The sums by calendar month, in order (`day` is the first); months with nothing are absent."""
    return [
        Total(None, row.day, row.base_amount, row.items)
        for row in _read("month", book_type, dimension, start, end, ids)
    ]


@dataclass(frozen=True, slots=True)
class Compared:
    """What one id of a dimension came to in a span of days, and in another one before it."""

    dimension_id: UUID
    base_amount: Decimal
    items: int
    base_before: Decimal
    items_before: int


_now = LedgerTotal.day.between(bindparam("start", type_=Date()), bindparam("end", type_=Date()))
_then = LedgerTotal.day.between(bindparam("start_before", type_=Date()), bindparam("end_before", type_=Date()))
_COMPARED = Prepared(
    select(
        LedgerTotal.dimension_id,
        func.coalesce(func.sum(LedgerTotal.base_amount).filter(_now), 0).label("base_amount"),
        func.coalesce(func.sum(LedgerTotal.items).filter(_now), 0).label("items"),
        func.coalesce(func.sum(LedgerTotal.base_amount).filter(_then), 0).label("base_before"),
        func.coalesce(func.sum(LedgerTotal.items).filter(_then), 0).label("items_before"),
    )
    .where(
        LedgerTotal.tenant_id == TENANT,
        LedgerTotal.book_type == bindparam("book_type", type_=Text()),
        LedgerTotal.dimension == bindparam("dimension", type_=Text()),
        LedgerTotal.day >= func.least(bindparam("start", type_=Date()), bindparam("start_before", type_=Date())),
        LedgerTotal.day <= func.greatest(bindparam("end", type_=Date()), bindparam("end_before", type_=Date())),
    )
    .group_by(LedgerTotal.dimension_id)
)


def compare_by_id(
    book_type: BookType, dimension: Dimension, now: tuple[date, date], before: tuple[date, date]
) -> list[Compared]:
    """What each id of a dimension came to in two spans (both ends included), in one read."""
    rows = _COMPARED.fetch(
        {
            "book_type": BookType(book_type).value,
            "dimension": Dimension(dimension).value,
            "start": now[0],
            "end": now[1],
            "start_before": before[0],
            "end_before": before[1],
        }
    )
    return [Compared(*row) for row in rows]
