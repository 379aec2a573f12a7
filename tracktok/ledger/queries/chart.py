"""The chart of accounts with its balances, and the trial balance of any days."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, keyset, make_page, page_parameters, sort_by
from tracktok.core.tenancy import current_tenant_id
from tracktok.ledger.models import BookAccount, BookType
from tracktok.ledger.rules import natural_amount

from .totals import balance_of

ACCOUNT_SORTS = {"code": sort_by(BookAccount.code), "name": sort_by(BookAccount.name)}
_COLUMNS = (
    BookAccount.id,
    BookAccount.code,
    BookAccount.name,
    BookAccount.type,
    BookAccount.role,
    BookAccount.currency,
    BookAccount.is_archived,
    BookAccount.version,
)
_ONE = select(BookAccount).where(BookAccount.id == bindparam("account_id"))
_ALL = select(*_COLUMNS).order_by(BookAccount.code)


@dataclass(frozen=True, slots=True)
class ChartAccount:
    """An account with what stands on it, signed as people expect: income and debts are positive when they grow."""

    row: Any
    amount: Decimal
    base_amount: Decimal


def get_book_account(account_id: UUID, *, for_update: bool = False) -> BookAccount:
    """A book account; `for_update` locks its row. Raises NotFound."""
    statement = _ONE.with_for_update().execution_options(populate_existing=True) if for_update else _ONE
    found = db.session.execute(statement, {"account_id": account_id}).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such account in the books.")
    return found


def chart(*, archived: bool = False) -> list[tuple[BookType, list[ChartAccount]]]:
    """All accounts by type, in the order of their codes; archived ones only on demand."""
    rows = [row for row in db.session.execute(_ALL) if archived or not row.is_archived]
    balances = balance_of([row.id for row in rows])
    return [
        (
            kind,
            [
                ChartAccount(
                    row,
                    natural_amount(kind, balances[row.id].amount),
                    natural_amount(kind, balances[row.id].base_amount),
                )
                for row in rows
                if row.type == kind
            ],
        )
        for kind in BookType
    ]


@cache
def _accounts(sort: str, after: bool, of_type: bool, archived: bool) -> Select[Any]:  # noqa: FBT001 - the cache's key
    statement: Any = select(*_COLUMNS)
    if of_type:
        statement = statement.where(BookAccount.type == bindparam("type"))
    if archived:
        statement = statement.where(BookAccount.is_archived == bindparam("archived"))
    return keyset(statement, sorts=ACCOUNT_SORTS, id_column=BookAccount.id, sort=sort, after=after)


def list_book_accounts(
    *, kind: BookType | None, archived: bool | None, sort: str, cursor: str | None, limit: int
) -> Page:
    """A page of the chart, for the API."""
    parameters = page_parameters(sorts=ACCOUNT_SORTS, sort=sort, cursor=cursor, limit=limit)
    parameters |= {"type": kind.value} if kind is not None else {}
    parameters |= {"archived": archived} if archived is not None else {}
    statement = _accounts(sort, bool(cursor), kind is not None, archived is not None)
    rows = db.session.execute(statement, parameters).all()
    return make_page(rows, sort=sort, limit=limit, sort_key=sort.lstrip("-"))


@dataclass(frozen=True, slots=True)
class TrialRow:
    """An account in a trial balance, in the tenant's currency; balances are debits minus credits."""

    id: UUID
    code: str
    name: str
    type: str
    opening: Decimal
    debit: Decimal
    credit: Decimal

    @property
    def closing(self) -> Decimal:
        return self.opening + self.debit - self.credit


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """What was on every account before, what moved, and what is there after. Debits equal credits."""

    start: date
    end: date
    rows: Sequence[TrialRow]

    @property
    def debit(self) -> Decimal:
        return sum((row.debit for row in self.rows), Decimal(0))

    @property
    def credit(self) -> Decimal:
        return sum((row.credit for row in self.rows), Decimal(0))

    @property
    def closing_debit(self) -> Decimal:
        return sum((row.closing for row in self.rows if row.closing > 0), Decimal(0))

    @property
    def closing_credit(self) -> Decimal:
        return -sum((row.closing for row in self.rows if row.closing < 0), Decimal(0))


# Whole months come from the balances; the days at the ragged ends of the range from the lines of each account.
_TRIAL = """
SELECT b.id, b.code, b.name, b.type,
       coalesce(k.opening, 0) + coalesce(l.opening, 0) AS opening,
       coalesce(k.debit, 0) + coalesce(l.debit, 0) AS debit, coalesce(k.credit, 0) + coalesce(l.credit, 0) AS credit
  FROM book_accounts b
  LEFT JOIN (
    SELECT book_account_id, sum(base_debit - base_credit) FILTER (WHERE month < %(first_month)s) AS opening,
           sum(base_debit) FILTER (WHERE month >= %(full_from)s) AS debit,
           sum(base_credit) FILTER (WHERE month >= %(full_from)s) AS credit
      FROM ledger_balances
     WHERE tenant_id = %(tenant)s AND (month < %(first_month)s OR month BETWEEN %(full_from)s AND %(full_to)s)
     GROUP BY book_account_id) k ON k.book_account_id = b.id
  LEFT JOIN LATERAL (
    SELECT sum(base_amount) FILTER (WHERE entry_date < %(start)s) AS opening,
           sum(greatest(base_amount, 0)) FILTER (WHERE entry_date >= %(start)s) AS debit,
           sum(greatest(-base_amount, 0)) FILTER (WHERE entry_date >= %(start)s) AS credit
      FROM (
        SELECT entry_date, base_amount FROM ledger_lines
         WHERE tenant_id = %(tenant)s AND book_account_id = b.id
           AND entry_date BETWEEN %(head_from)s AND %(head_to)s
        UNION ALL
        SELECT entry_date, base_amount FROM ledger_lines
         WHERE tenant_id = %(tenant)s AND book_account_id = b.id
           AND entry_date BETWEEN %(tail_from)s AND %(tail_to)s) ragged) l ON true
 WHERE b.tenant_id = %(tenant)s
 ORDER BY b.code"""
_NEVER = (date(9999, 12, 31), date(1, 1, 1))


def trial_balance(start: date, end: date, *, unused: bool = False) -> TrialBalance:
    """The trial balance of the days from `start` to `end`; accounts with nothing on them only when `unused`."""
    rows = db.session.connection().exec_driver_sql(_TRIAL, {"tenant": current_tenant_id(), **_parts(start, end)})
    found = [TrialRow(*row) for row in rows]
    if not unused:
        found = [row for row in found if row.opening or row.debit or row.credit]
    return TrialBalance(start, end, found)


def _parts(start: date, end: date) -> dict[str, date]:
    """Which months of a range are whole, and which days are left before and after them."""
    first_month, last_month = start.replace(day=1), end.replace(day=1)
    month_end = end.replace(day=calendar.monthrange(end.year, end.month)[1])
    first_end = start.replace(day=calendar.monthrange(start.year, start.month)[1])
    starts_whole, ends_whole = start == first_month, end == month_end
    head = _NEVER if starts_whole else (first_month, min(end, first_end))
    tail = _NEVER if ends_whole or (first_month == last_month and not starts_whole) else (last_month, end)
    return {
        "start": start,
        "first_month": first_month,
        "full_from": first_month if starts_whole else first_end + timedelta(days=1),
        "full_to": last_month if ends_whole else last_month - timedelta(days=1),
        "head_from": head[0],
        "head_to": head[1],
        "tail_from": tail[0],
        "tail_to": tail[1],
    }
