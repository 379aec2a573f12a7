"""Lists of expenses: which ones (filters), in which order, page by page.

A statement is built once for each combination of filters and order that is in use ("shape") and kept. Every filter
has an index that fits; see docs/decisions/0011-every-filter-has-a-leakproof-index.md for the plans and figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Date, Select, Uuid, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from tracktok.core.context import Actor, preferences
from tracktok.core.db import db
from tracktok.core.ids import NIL
from tracktok.core.pagination import Page, keyset, make_page, page_parameters, sort_by, split_sort
from tracktok.core.permissions import current_actor
from tracktok.core.prepared import Prepared
from tracktok.core.tenancy import TENANT
from tracktok.expenses.models import Expense, ExpenseStatus, ExpenseTag
from tracktok.expenses.schemas.expenses import BinQuery, ExpenseFilters, ExpenseQuery
from tracktok.imports.queries import range_of_import

from . import categories, tags
from .expenses import COLUMNS, STORED, bin_begins, columns_of, with_names
from .search import find_by_words, matches, pattern_of, words_of

SORTS = {
    "expense_date": sort_by(Expense.expense_date),
    "amount": sort_by(Expense.base_units),
    "created_at": sort_by(Expense.id),  # ids are made in the order of time
}
# A tag's expenses are found in order by its own index, so the order is named on that side.
_TAGGED_SORTS = {**SORTS, "expense_date": sort_by(ExpenseTag.expense_date)}
_NONE = "none"


@dataclass(frozen=True, slots=True)
class Selection:
    """Filters as statements want them: the shape that decides the SQL, and the parameters that fill it."""

    shape: frozenset[str]
    parameters: Mapping[str, Any]


def _ids(name: str) -> Any:
    return bindparam(name, type_=ARRAY(Uuid())).any_()


def _is(column: InstrumentedAttribute[Any], name: str) -> ColumnElement[bool]:
    return column == bindparam(name, type_=column.type)


_CONDITIONS: dict[str, Any] = {
    "date_from": Expense.expense_date >= bindparam("date_from", type_=Date()),
    "date_to": Expense.expense_date <= bindparam("date_to", type_=Date()),
    "category": _is(Expense.category_id, "category"),
    "category_tree": Expense.category_id == _ids("category_tree"),
    "category_none": Expense.category_id.is_(None),
    "project": _is(Expense.project_id, "project"),
    "project_none": Expense.project_id.is_(None),
    "account": _is(Expense.account_id, "account"),
    "account_none": Expense.account_id.is_(None),
    "person": _is(Expense.person_id, "person"),
    "status": _is(Expense.status, "status"),
    # Said twice, so that the partial index of what is not paid is seen to fit.
    "status_unpaid": Expense.status != "paid",
    "tag": ExpenseTag.tag_id == bindparam("tag", type_=Uuid()),
    "units_from": Expense.base_units >= bindparam("units_from", type_=BigInteger()),
    "units_to": Expense.base_units <= bindparam("units_to", type_=BigInteger()),
    "payment_method": _is(Expense.payment_method, "payment_method"),
    # Each as its index has it: those with receipts have one of their own, those without are picked from that of dates.
    "receipt_some": Expense.receipts > 0,
    "receipt_none": func.least(Expense.receipts, 1) == 0,
    "currency": _is(Expense.currency, "currency"),
    # Said beside it, so that the partial index of what was spent in other currencies is seen to fit.
    "currency_foreign": Expense.rate_source != "",
    # The rows of an import are those of a range of ids.
    "import": Expense.id.between(bindparam("import_first", type_=Uuid()), bindparam("import_last", type_=Uuid())),
    "found": Expense.id == _ids("found"),
}


def select_filters(filters: ExpenseFilters, who: Actor | None = None) -> Selection:
    """The filters as a Selection; members are held to their own expenses. Looks up categories, tags and words."""
    who = who or current_actor()
    wanted = filters.active()
    shape: set[str] = set()
    values: dict[str, Any] = {}

    def add(name: str, value: Any) -> None:
        shape.add(name)
        values[name] = value

    for name in ("date_from", "date_to"):
        if name in wanted:
            add(name, wanted[name])
    for name in ("project", "account"):
        if (one := wanted.get(f"{name}_id")) is not None:
            _add_or_none(shape, values, name, one)
    for name, into in _ADDED.items():
        if name in wanted:
            into(shape, values, wanted[name])
    if not who.may("expenses.read_all"):
        if wanted.get("person_id", who.person_id) != who.person_id:
            add("person", NIL)  # somebody else's: there are none to see
        else:
            add("person", who.person_id)
    elif "person_id" in wanted:
        add("person", wanted["person_id"])
    return Selection(frozenset(shape), values)


def _add_or_none(shape: set[str], values: dict[str, Any], name: str, value: Any) -> None:
    if value == _NONE:
        shape.add(f"{name}_none")
    else:
        shape.add(name)
        values[name] = value


def _add_category(shape: set[str], values: dict[str, Any], category: UUID | str) -> None:
    if not isinstance(category, UUID):
        shape.add("category_none")
        return
    below = categories.with_children(category)
    if len(below) > 1:
        shape.add("category_tree")
        values["category_tree"] = below
    else:
        shape.add("category")
        values["category"] = category


def _add_words(shape: set[str], values: dict[str, Any], query: str) -> None:
    words = words_of(query)
    if not words:
        return
    found = find_by_words(words)
    if found is not None:
        shape.add("found")
        values["found"] = found
        return
    shape.add(f"words_{len(words)}")
    values.update({f"word_{number}": pattern_of(word) for number, word in enumerate(words)})


def _add_status(shape: set[str], values: dict[str, Any], status: ExpenseStatus) -> None:
    shape.add("status")
    values["status"] = status.value
    if status is not ExpenseStatus.paid:
        shape.add("status_unpaid")


def _add_receipt(shape: set[str], _values: dict[str, Any], has_receipt: bool) -> None:  # noqa: FBT001 - a filter's value
    shape.add("receipt_some" if has_receipt else "receipt_none")


def _add_currency(shape: set[str], values: dict[str, Any], currency: str) -> None:
    shape.add("currency")
    values["currency"] = currency
    if currency != preferences().currency:
        shape.add("currency_foreign")


def _add_import(shape: set[str], values: dict[str, Any], import_id: UUID) -> None:
    shape.add("import")
    values["import_first"], values["import_last"] = range_of_import(import_id)


def _adder(name: str, read: Callable[[Any], Any]) -> Callable[[set[str], dict[str, Any], Any], None]:
    def add(shape: set[str], values: dict[str, Any], value: Any) -> None:
        shape.add(name)
        values[name] = read(value)

    return add


_ADDED: dict[str, Callable[[set[str], dict[str, Any], Any], None]] = {
    "category_id": _add_category,
    "status": _add_status,
    "payment_method": _adder("payment_method", lambda method: method.value),
    "has_receipt": _add_receipt,
    "currency": _add_currency,
    "import_id": _add_import,
    "amount_from": _adder("units_from", lambda amount: int(amount * 10_000)),
    "amount_to": _adder("units_to", lambda amount: int(amount * 10_000)),
    "tag": _adder("tag", lambda tag: tags.find_tag_id(tag) or NIL),
    "q": _add_words,
}


def where(statement: Select[Any], shape: frozenset[str]) -> Select[Any]:
    """Narrow a select from expenses to the live ones of a shape."""
    statement = statement.where(Expense.deleted_at.is_(None))
    if "tag" in shape:
        statement = statement.join(
            ExpenseTag,
            (ExpenseTag.tenant_id == Expense.tenant_id)
            & (ExpenseTag.expense_id == Expense.id)
            & (ExpenseTag.expense_date == Expense.expense_date),
        ).where(ExpenseTag.tenant_id == TENANT)
    for name in sorted(shape):
        if name.startswith("words_"):
            statement = statement.where(matches(int(name.removeprefix("words_"))))
        elif name in {"date_from", "date_to"} and "tag" in shape:
            bound = bindparam(name, type_=Date())
            day = ExpenseTag.expense_date
            statement = statement.where(day >= bound if name == "date_from" else day <= bound)
        else:
            statement = statement.where(_CONDITIONS[name])
    return statement


@cache
def _list_statement(shape: frozenset[str], sort: str, after: bool) -> Prepared:  # noqa: FBT001 - part of the key
    """The page first, then the names: what is joined is joined for the rows that are shown only."""
    rows = where(select(Expense.tenant_id, *(getattr(Expense, name) for name in STORED)).select_from(Expense), shape)
    by_tag = "tag" in shape and sort.lstrip("-") == "expense_date"
    page = keyset(
        rows,
        sorts=_TAGGED_SORTS if by_tag else SORTS,
        id_column=ExpenseTag.expense_id if by_tag else Expense.id,
        sort=sort,
        after=after,
    ).subquery("page")
    shown = aliased(Expense, page)
    name, descending = split_sort(sort, SORTS)
    order = (getattr(shown, SORTS[name].column.key), shown.id)
    statement = with_names(select(*columns_of(shown)).select_from(shown), shown)
    return Prepared(statement.order_by(*(one.desc() if descending else one.asc() for one in order)))


def list_expenses(query: ExpenseQuery) -> Page:
    """One page of the live expenses that fit, as rows with the names of what they refer to."""
    name, _ = split_sort(query.sort, SORTS)
    wanted = page_parameters(sorts=SORTS, sort=query.sort, cursor=query.cursor, limit=query.limit)
    chosen = select_filters(query)
    statement = _list_statement(chosen.shape, query.sort, bool(query.cursor))
    rows = statement.fetch({**chosen.parameters, **wanted})
    return make_page(rows, sort=query.sort, limit=query.limit, sort_key=SORTS[name].column.key)


@cache
def _ids_statement(shape: frozenset[str]) -> Select[Any]:
    return where(select(Expense.id), shape).limit(bindparam("most", type_=db.Integer))


def find_ids(filters: ExpenseFilters, most: int) -> list[UUID]:
    """The ids of the live expenses that fit, `most` at most."""
    chosen = select_filters(filters)
    return list(db.session.execute(_ids_statement(chosen.shape), {**chosen.parameters, "most": most}).scalars())


_DELETED = sort_by(Expense.deleted_at)
_BIN_SORTS = {"deleted_at": _DELETED}


@cache
def _bin_statement(own: bool, after: bool) -> Select[Any]:  # noqa: FBT001 - part of the key
    statement = with_names(select(*COLUMNS).select_from(Expense)).where(
        Expense.deleted_at >= bindparam("since", type_=Expense.deleted_at.type)
    )
    if own:
        statement = statement.where(_CONDITIONS["person"])
    return keyset(statement, sorts=_BIN_SORTS, id_column=Expense.id, sort="-deleted_at", after=after)


def list_bin(query: BinQuery) -> Page:
    """One page of the expenses that were deleted in the last 30 days, the latest first."""
    who = current_actor()
    own = not who.may("expenses.read_all")
    parameters = page_parameters(sorts=_BIN_SORTS, sort="-deleted_at", cursor=query.cursor, limit=query.limit)
    parameters |= {"since": bin_begins(), **({"person": who.person_id} if own else {})}
    rows = db.session.execute(_bin_statement(own, bool(query.cursor)), parameters).all()
    return make_page(rows, sort="-deleted_at", limit=query.limit, sort_key="deleted_at")
