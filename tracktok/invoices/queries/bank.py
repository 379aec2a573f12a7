"""Bank statements and their lines; what is open for what came in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Date,
    LargeBinary,
    Numeric,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
)

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, keyset, make_page, page_parameters, sort_by, split_sort
from tracktok.customers.models import Customer
from tracktok.expenses.models import Account
from tracktok.invoices.models import BankLine, BankStatement, BankTableForm, Receipt, SalesDocument
from tracktok.invoices.rules.matching import BankMoney, OpenDocument, squeeze
from tracktok.invoices.schemas.bank import BankLineFilters, BankLineQuery, BankStatementQuery

MOST_CANDIDATES = 3_000
"""Of how many open documents suggestions are made: first those of the amounts, then those named, then the oldest."""
LINE_SORTS = {"date": sort_by(BankLine.booked_on)}
STATEMENT_SORTS = {"created_at": sort_by(BankStatement.id)}


def _bound(name: str, kind: Any) -> Any:
    return bindparam(name, type_=kind)


_LINE_COLUMNS = tuple(
    getattr(BankLine, name)
    for name in (
        "id", "statement_id", "account_id", "booked_on", "amount", "currency", "counterparty", "reference",
        "description", "external_id", "status", "receipt_id", "is_linked", "version",
    )
)  # fmt: skip
_STATEMENT_COLUMNS = tuple(
    getattr(BankStatement, name)
    for name in (
        "id", "account_id", "file_id", "format", "bank_account", "period_start", "period_end", "opening_balance",
        "closing_balance", "currency", "lines", "repeated", "created_at",
    )
)  # fmt: skip
_CONDITIONS: dict[str, Any] = {
    "status": BankLine.status == _bound("status", Text()),
    "in": BankLine.amount > 0,
    "out": BankLine.amount < 0,
    "account_id": BankLine.account_id == _bound("account_id", Uuid()),
    "statement_id": BankLine.statement_id == _bound("statement_id", Uuid()),
    "date_from": BankLine.booked_on >= _bound("date_from", Date()),
    "date_to": BankLine.booked_on <= _bound("date_to", Date()),
    "q": or_(
        *(
            column.ilike(_bound("pattern", Text()), escape="\\")
            for column in (BankLine.counterparty, BankLine.reference, BankLine.description)
        )
    ),
}


@cache
def _lines(shape: frozenset[str]) -> Select[Any]:
    statement = (
        select(
            *_LINE_COLUMNS,
            Account.name.label("account_name"),
            Receipt.number.label("receipt_number"),
            Customer.name.label("customer_name"),
        )
        .join(Account, and_(Account.tenant_id == BankLine.tenant_id, Account.id == BankLine.account_id))
        .outerjoin(Receipt, and_(Receipt.tenant_id == BankLine.tenant_id, Receipt.id == BankLine.receipt_id))
        .outerjoin(Customer, and_(Customer.tenant_id == Receipt.tenant_id, Customer.id == Receipt.customer_id))
    )
    for name in sorted(shape):
        statement = statement.where(_CONDITIONS[name])
    return statement


_LINE_ROW = _lines(frozenset()).where(BankLine.id == _bound("line_id", Uuid()))


def _selected(filters: BankLineFilters) -> tuple[frozenset[str], dict[str, Any]]:
    shape: set[str] = set()
    values: dict[str, Any] = {}
    for name in ("status", "account_id", "statement_id", "date_from", "date_to"):
        value = getattr(filters, name)
        if value is not None:
            shape.add(name)
            values[name] = value
    if filters.direction:
        shape.add(filters.direction)
    if filters.q:
        shape.add("q")
        escaped = filters.q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values["pattern"] = f"%{escaped}%"
    return frozenset(shape), values


@cache
def _list_statement(shape: frozenset[str], sort: str, after: bool) -> Select[Any]:  # noqa: FBT001 - part of the key
    return keyset(_lines(shape), sorts=LINE_SORTS, id_column=BankLine.id, sort=sort, after=after)


def list_lines(query: BankLineQuery) -> Page:
    """One page of the lines that fit."""
    split_sort(query.sort, LINE_SORTS)
    shape, values = _selected(query)
    wanted = page_parameters(sorts=LINE_SORTS, sort=query.sort, cursor=query.cursor, limit=query.limit)
    statement = _list_statement(shape, query.sort, bool(query.cursor))
    rows = db.session.execute(statement, {**values, **wanted}).all()
    return make_page(rows, sort=query.sort, limit=query.limit, sort_key="booked_on")


@cache
def _count_statement(shape: frozenset[str]) -> Select[Any]:
    counted: Any = (BankLine.status, func.count().label("items"))
    statement: Select[Any] = select(*counted).group_by(BankLine.status)
    for name in sorted(shape):
        statement = statement.where(_CONDITIONS[name])
    return statement


def count_lines(filters: BankLineFilters) -> dict[str, int]:
    """How many of the lines that fit (but for their status) stand how."""
    shape, values = _selected(filters.model_copy(update={"status": None}))
    rows = db.session.execute(_count_statement(shape), values).all()
    return {row.status: row.items for row in rows}


def get_line_row(line_id: UUID) -> Any:
    """A line with the names of what it belongs to. Raises NotFound."""
    row = db.session.execute(_LINE_ROW, {"line_id": line_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such line.")
    return row


_LINE = select(BankLine).where(BankLine.id == _bound("line_id", Uuid()))
_OF_RECEIPT = select(BankLine).where(BankLine.receipt_id == _bound("receipt_id", Uuid()))


def get_line(line_id: UUID, *, for_update: bool = False) -> BankLine:
    """A line; `for_update` locks it. Raises NotFound."""
    statement = _LINE.with_for_update() if for_update else _LINE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    found = db.session.execute(statement, {"line_id": line_id}, execution_options=options).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such line.")
    return found


def line_of_receipt(receipt_id: UUID) -> BankLine | None:
    """The line that became a receipt, locked."""
    statement = _OF_RECEIPT.with_for_update()
    return db.session.execute(statement, {"receipt_id": receipt_id}).scalar_one_or_none()


@cache
def _statements() -> Select[Any]:
    return select(*_STATEMENT_COLUMNS, Account.name.label("account_name")).join(
        Account, and_(Account.tenant_id == BankStatement.tenant_id, Account.id == BankStatement.account_id)
    )


@cache
def _statement_list(of_account: bool, sort: str, after: bool) -> Select[Any]:  # noqa: FBT001 - part of the key
    statement = _statements()
    if of_account:
        statement = statement.where(BankStatement.account_id == _bound("account_id", Uuid()))
    return keyset(statement, sorts=STATEMENT_SORTS, id_column=BankStatement.id, sort=sort, after=after)


def list_statements(query: BankStatementQuery) -> Page:
    """One page of the statements."""
    split_sort(query.sort, STATEMENT_SORTS)
    values: dict[str, Any] = {"account_id": query.account_id} if query.account_id else {}
    wanted = page_parameters(sorts=STATEMENT_SORTS, sort=query.sort, cursor=query.cursor, limit=query.limit)
    statement = _statement_list(query.account_id is not None, query.sort, bool(query.cursor))
    rows = db.session.execute(statement, {**values, **wanted}).all()
    return make_page(rows, sort=query.sort, limit=query.limit, sort_key="id")


_BY_IDS = (
    _statements().where(BankStatement.id == bindparam("ids", type_=ARRAY(Uuid())).any_()).order_by(BankStatement.id)
)
_OF_FILE = select(BankStatement.id).where(BankStatement.file_id == _bound("file_id", Uuid())).limit(1)


def statements_of(ids: Sequence[UUID]) -> Sequence[Any]:
    """Statements by id, in the order of their making."""
    return db.session.execute(_BY_IDS, {"ids": list(ids)}).all() if ids else []


def get_statement(statement_id: UUID) -> Any:
    """A statement. Raises NotFound."""
    rows = statements_of([statement_id])
    if not rows:
        raise NotFound("There is no such statement.")
    return rows[0]


def is_statement_file(file_id: UUID) -> bool:
    """Whether a file is that of a statement."""
    return db.session.execute(_OF_FILE, {"file_id": file_id}).first() is not None


_SQUEEZED = func.upper(func.regexp_replace(SalesDocument.number, "[^[:alnum:]]", "", "g"))
_OPEN = (
    select(
        SalesDocument.id, SalesDocument.number, SalesDocument.customer_id, Customer.name.label("customer_name"),
        SalesDocument.amount_due, SalesDocument.currency, SalesDocument.document_date, SalesDocument.due_date,
    )
    .join(
        Customer, and_(Customer.tenant_id == SalesDocument.tenant_id, Customer.id == SalesDocument.customer_id)
    )
    .where(
        SalesDocument.kind.in_(["invoice", "debit_note"]),
        SalesDocument.status.in_(["issued", "part_paid"]),
        SalesDocument.amount_due > 0,
        SalesDocument.currency == bindparam("currencies", type_=ARRAY(Text())).any_(),
    )
    .order_by(
        (SalesDocument.amount_due == bindparam("amounts", type_=ARRAY(Numeric(19, 4))).any_()).desc(),
        (func.strpos(_bound("said", Text()), _SQUEEZED) > 0).desc(),
        func.coalesce(SalesDocument.due_date, SalesDocument.document_date),
        SalesDocument.id,
    )
    .limit(literal(MOST_CANDIDATES))
)  # fmt: skip


def money_of(row: Any) -> BankMoney:
    """A line as matching wants it."""
    said = f"{row.reference} {row.description}"
    return BankMoney(row.amount, row.currency, row.booked_on, row.counterparty, said)


def open_documents(lines: Sequence[Any]) -> list[OpenDocument]:
    """The open documents that lines may pay: one statement, however many lines."""
    coming = [one for one in lines if one.amount > 0 and one.status == "open"]
    if not coming:
        return []
    values = {
        "currencies": sorted({one.currency for one in coming}),
        "amounts": sorted({one.amount for one in coming}),
        "said": " ".join(squeeze(f"{one.reference} {one.description} {one.counterparty}") for one in coming),
    }
    return [
        OpenDocument(
            row.id, row.number or "", row.customer_id, row.customer_name, row.amount_due, row.currency,
            row.document_date, row.due_date or row.document_date,
        )
        for row in db.session.execute(_OPEN, values)
    ]  # fmt: skip


_KNOWN = select(BankLine.fingerprint).where(
    BankLine.account_id == _bound("account_id", Uuid()),
    BankLine.fingerprint == bindparam("fingerprints", type_=ARRAY(Text())).any_(),
)


def known_fingerprints(account_id: UUID, fingerprints: Sequence[str]) -> set[str]:
    """Which of these lines an account has already."""
    values = {"account_id": account_id, "fingerprints": list(fingerprints)}
    return set(db.session.execute(_KNOWN, values).scalars())


_ANY = select(BankStatement.id).limit(1)


def any_statement() -> bool:
    """Whether a statement was ever read."""
    return db.session.execute(_ANY).first() is not None


_FORM = select(BankTableForm.mapping, BankTableForm.date_form, BankTableForm.decimal).where(
    BankTableForm.account_id == _bound("account_id", Uuid()), BankTableForm.headers == _bound("headers", LargeBinary())
)


def table_form(account_id: UUID, headers: bytes) -> Any:
    """How tables with these headers were read for an account, or None."""
    return db.session.execute(_FORM, {"account_id": account_id, "headers": headers}).one_or_none()
