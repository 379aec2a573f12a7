"""Entries and lines as people read them: the journal, an entry, an account's lines with their running balance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Integer, Select, Uuid, and_, bindparam, case, func, select, tuple_
from sqlalchemy.orm import aliased

from tracktok.auth.models import Person
from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import (
    Page,
    Sort,
    decode_cursor,
    encode_cursor,
    keyset,
    make_page,
    page_parameters,
    sort_by,
)
from tracktok.core.tenancy import TENANT
from tracktok.ledger.models import BookAccount, Dimension, LedgerBalance, LedgerEntry, LedgerLine

NEWEST = "-entry_date"
ENTRY_SORTS = {"entry_date": sort_by(LedgerEntry.entry_date)}
FindNames = Callable[[Iterable[UUID]], dict[UUID, str]]
_FIND_NAMES: dict[Dimension, FindNames] = {}
_PERSON = func.nullif(func.concat_ws(" ", Person.first_name, Person.last_name), "")


def provide_names(dimension: Dimension, find: FindNames) -> None:
    """An area says here what its things are called: categories, projects, accounts, ..."""
    _FIND_NAMES[dimension] = find


@dataclass(frozen=True, slots=True)
class JournalQuery:
    """Which entries: of some days, kind, source or account."""

    start: date | None = None
    end: date | None = None
    kind: str | None = None
    source: str | None = None
    source_id: UUID | None = None
    account_id: UUID | None = None

    def parameters(self) -> dict[str, Any]:
        """The parameters of the filters that are set."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}


_line = aliased(LedgerLine)
_AMOUNT = (
    select(func.coalesce(func.sum(func.greatest(_line.base_amount, 0)), 0))
    .where(_line.tenant_id == TENANT, _line.entry_id == LedgerEntry.id)
    .scalar_subquery()
)
_reversal = aliased(LedgerEntry)
_ENTRY_COLUMNS = (
    LedgerEntry.id,
    LedgerEntry.number,
    LedgerEntry.entry_date,
    LedgerEntry.kind,
    LedgerEntry.source,
    LedgerEntry.source_id,
    LedgerEntry.memo,
    LedgerEntry.reverses_id,
    LedgerEntry.created_at,
    _AMOUNT.label("amount"),
)
_WHERE = {
    "start": LedgerEntry.entry_date >= bindparam("start", type_=Date()),
    "end": LedgerEntry.entry_date <= bindparam("end", type_=Date()),
    "kind": LedgerEntry.kind == bindparam("kind"),
    "source": LedgerEntry.source == bindparam("source"),
    "source_id": LedgerEntry.source_id == bindparam("source_id"),
    "account_id": select(_line.entry_id)
    .where(_line.tenant_id == TENANT, _line.entry_id == LedgerEntry.id)
    .where(_line.book_account_id == bindparam("account_id", type_=Uuid()))
    .exists(),
}


@cache
def _entries(filters: tuple[str, ...], sort: str, after: bool) -> Select[Any]:  # noqa: FBT001 - the cache's key
    statement = select(*_ENTRY_COLUMNS).where(*(_WHERE[name] for name in filters))
    return keyset(statement, sorts=ENTRY_SORTS, id_column=LedgerEntry.id, sort=sort, after=after)


def list_entries(query: JournalQuery, *, sort: str = NEWEST, cursor: str | None = None, limit: int = 25) -> Page:
    """A page of the journal; `amount` is the sum of an entry's debits in the tenant's currency."""
    parameters = page_parameters(sorts=ENTRY_SORTS, sort=sort, cursor=cursor, limit=limit)
    filters = query.parameters()
    rows = db.session.execute(_entries(tuple(sorted(filters)), sort, bool(cursor)), {**filters, **parameters}).all()
    return make_page(rows, sort=sort, limit=limit, sort_key="entry_date")


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """An entry with its lines; `reversed_by` is the (id, number) of its reversal, `reverses` of what it takes back."""

    entry: Any
    lines: Sequence[Any]
    person: str | None
    reverses: tuple[UUID, int] | None
    reversed_by: tuple[UUID, int] | None
    names: dict[UUID, str]


_ENTRY = (
    select(*_ENTRY_COLUMNS, LedgerEntry.actor_id, _PERSON.label("person"))
    .outerjoin(Person, Person.id == LedgerEntry.actor_id)
    .where(LedgerEntry.id == bindparam("entry_id"))
)
_NUMBER = select(LedgerEntry.id, LedgerEntry.number).where(LedgerEntry.id == bindparam("entry_id"))
_REVERSED_BY = select(LedgerEntry.id, LedgerEntry.number).where(LedgerEntry.reverses_id == bindparam("entry_id"))
_LINES = (
    select(LedgerLine, BookAccount.code, BookAccount.name, BookAccount.type)
    .join(BookAccount, BookAccount.id == LedgerLine.book_account_id)
    .where(LedgerLine.tenant_id == TENANT, LedgerLine.entry_id == bindparam("entry_id"))
    .order_by(LedgerLine.line_number)
    .limit(1000)
)


def get_entry(entry_id: UUID) -> EntryRecord:
    """An entry with (at most a thousand of) its lines, and the names of what they are for. Raises NotFound."""
    entry = db.session.execute(_ENTRY, {"entry_id": entry_id}).one_or_none()
    if entry is None:
        raise NotFound("There is no such entry in the books.")
    lines = db.session.execute(_LINES, {"entry_id": entry_id}).all()
    reverses = db.session.execute(_NUMBER, {"entry_id": entry.reverses_id}).one_or_none() if entry.reverses_id else None
    reversed_by = db.session.execute(_REVERSED_BY, {"entry_id": entry_id}).one_or_none()
    return EntryRecord(
        entry=entry,
        lines=lines,
        person=entry.person,
        reverses=(reverses.id, reverses.number) if reverses else None,
        reversed_by=(reversed_by.id, reversed_by.number) if reversed_by else None,
        names=_names_of(lines),
    )


def _names_of(lines: Sequence[Any]) -> dict[UUID, str]:
    names: dict[UUID, str] = {}
    for dimension, find in _FIND_NAMES.items():
        wanted = {found for line in lines if (found := getattr(line.LedgerLine, f"{dimension.value}_id")) is not None}
        if wanted:
            names.update(find(wanted))
    return names


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A line of an account: in its own currency where it holds one, else in the tenant's; `balance` after it."""

    entry_id: UUID
    number: int
    entry_date: date
    kind: str
    memo: str
    source: str
    source_id: UUID
    currency: str
    original: Decimal
    amount: Decimal
    items: int
    created_at: datetime
    balance: Decimal


_OWN = case((BookAccount.currency.is_(None), LedgerLine.base_amount), else_=LedgerLine.amount)
_PLACE = tuple_(LedgerLine.entry_date, LedgerLine.entry_id, LedgerLine.line_number)
_AT = tuple_(
    bindparam("at_day", type_=Date()), bindparam("at_entry", type_=Uuid()), bindparam("at_line", type_=Integer())
)
_ACCOUNT = bindparam("account_id", type_=Uuid())


def _place(text: str) -> tuple[date, int]:
    day, _, line = text.partition("/")
    return date.fromisoformat(day), int(line)


LINE_SORTS = {"entry_date": Sort(LedgerLine.entry_date, _place)}


@cache
def _account_lines(after: bool, start: bool, end: bool) -> Select[Any]:  # noqa: FBT001 - the cache's key
    statement = (
        select(
            LedgerLine.entry_id,
            LedgerEntry.number,
            LedgerLine.entry_date,
            LedgerEntry.kind,
            LedgerEntry.memo,
            LedgerEntry.source,
            LedgerEntry.source_id,
            LedgerLine.currency,
            LedgerLine.amount.label("original"),
            _OWN.label("amount"),
            LedgerLine.items,
            LedgerEntry.created_at,
            LedgerLine.line_number,
        )
        .join(LedgerEntry, and_(LedgerEntry.tenant_id == LedgerLine.tenant_id, LedgerEntry.id == LedgerLine.entry_id))
        .join(BookAccount, and_(BookAccount.tenant_id == LedgerLine.tenant_id, BookAccount.id == _ACCOUNT))
        .where(LedgerLine.tenant_id == TENANT, LedgerLine.book_account_id == _ACCOUNT)
        .order_by(LedgerLine.entry_date.desc(), LedgerLine.entry_id.desc(), LedgerLine.line_number.desc())
        .limit(bindparam("page_limit", type_=Integer()))
    )
    if after:
        statement = statement.where(_PLACE < _AT)
    if start:
        statement = statement.where(LedgerLine.entry_date >= bindparam("start", type_=Date()))
    if end:
        statement = statement.where(LedgerLine.entry_date <= bindparam("end", type_=Date()))
    return statement


_OWN_MONTHS = case(
    (BookAccount.currency.is_(None), LedgerBalance.base_debit - LedgerBalance.base_credit),
    else_=LedgerBalance.debit - LedgerBalance.credit,
)
_month = bindparam("month", type_=Date())
_BALANCE_AT = select(
    func.coalesce(
        select(func.sum(_OWN_MONTHS))
        .join(BookAccount, and_(BookAccount.tenant_id == TENANT, BookAccount.id == LedgerBalance.book_account_id))
        .where(
            LedgerBalance.tenant_id == TENANT, LedgerBalance.book_account_id == _ACCOUNT, LedgerBalance.month < _month
        )
        .scalar_subquery(),
        0,
    )
    + func.coalesce(
        select(func.sum(_OWN))
        .join(BookAccount, and_(BookAccount.tenant_id == TENANT, BookAccount.id == LedgerLine.book_account_id))
        .where(
            LedgerLine.tenant_id == TENANT,
            LedgerLine.book_account_id == _ACCOUNT,
            LedgerLine.entry_date >= _month,
            LedgerLine.entry_date <= bindparam("at_day", type_=Date()),
            _PLACE <= _AT,
        )
        .scalar_subquery(),
        0,
    )
)


def lines_of(
    account_id: UUID, *, start: date | None = None, end: date | None = None, cursor: str | None = None, limit: int = 50
) -> Page:
    """A page of an account's lines, the newest first, each with the balance after it (debits minus credits)."""
    parameters: dict[str, Any] = {"account_id": account_id, "page_limit": limit + 1}
    parameters |= {name: value for name, value in (("start", start), ("end", end)) if value is not None}
    if cursor:
        (day, line), entry_id = decode_cursor(cursor, NEWEST, LINE_SORTS)
        parameters |= {"at_day": day, "at_entry": entry_id, "at_line": line}
    statement = _account_lines(bool(cursor), start is not None, end is not None)
    rows = db.session.execute(statement, parameters).all()
    last, rows = (rows[limit - 1] if len(rows) > limit else None), rows[:limit]
    made: list[AccountLine] = []
    if rows:
        balance = _balance_at(account_id, rows[0])
        for row in rows:
            values = {name: value for name, value in row._mapping.items() if name != "line_number"}  # noqa: SLF001
            made.append(AccountLine(**values, balance=balance))
            balance -= made[-1].amount
    place = f"{last.entry_date.isoformat()}/{last.line_number}" if last else ""
    return Page(made, encode_cursor(NEWEST, place, last.entry_id) if last else None, limit, NEWEST)


def _balance_at(account_id: UUID, row: Any) -> Decimal:
    """What stood on the account when this line had been added, lines being in the order of the page."""
    found: Decimal = db.session.execute(
        _BALANCE_AT,
        {
            "account_id": account_id,
            "month": row.entry_date.replace(day=1),
            "at_day": row.entry_date,
            "at_entry": row.entry_id,
            "at_line": row.line_number,
        },
    ).scalar_one()
    return found
