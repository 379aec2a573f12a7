"""Lists of receipts: which ones, in which order, page by page; what they come to; as files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from flask import Response
from sqlalchemy import Date, Numeric, Select, Text, Uuid, and_, bindparam, case, func, literal, select
from sqlalchemy.orm import aliased

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.pagination import Page, keyset, make_page, page_parameters, sort_by, split_sort
from tracktok.core.tenancy import TENANT
from tracktok.customers.models import Company, Customer
from tracktok.expenses.models import Account
from tracktok.invoices.models import Receipt, ReceiptMethod
from tracktok.invoices.schemas.receipts import ReceiptFilters, ReceiptQuery
from tracktok.tenants.queries import get_current
from tracktok.web.exporting import ExportColumn, export_name, export_response

from .lists import Selection
from .search import condition, is_search, search

SORTS = {
    "date": sort_by(Receipt.receipt_date),
    "created_at": sort_by(Receipt.id),  # ids are made in the order of time
}
_PLAIN = (
    "id", "number", "status", "company_id", "customer_id", "receipt_date", "amount", "currency", "base_amount",
    "allocated_amount", "refunded_amount", "method", "reference", "account_id", "version", "created_at", "updated_at",
)  # fmt: skip
COLUMNS = (
    *(getattr(Receipt, name) for name in _PLAIN),
    Customer.name.label("customer_name"),
    Account.name.label("account_name"),
)


def _left(receipt: Any) -> Any:
    return receipt.amount - receipt.allocated_amount - receipt.refunded_amount


def _bound(name: str, kind: Any) -> Any:
    return bindparam(name, type_=kind)


_CONDITIONS: dict[str, Any] = {
    "customer_id": Receipt.customer_id == _bound("customer_id", Uuid()),
    "company_id": Receipt.company_id == _bound("company_id", Uuid()),
    "account_id": Receipt.account_id == _bound("account_id", Uuid()),
    "method": Receipt.method == _bound("method", Text()),
    "status": Receipt.status == _bound("status", Text()),
    "currency": Receipt.currency == _bound("currency", Text()),
    "date_from": Receipt.receipt_date >= _bound("date_from", Date()),
    "date_to": Receipt.receipt_date <= _bound("date_to", Date()),
    "amount_from": Receipt.amount >= _bound("amount_from", Numeric(19, 4)),
    "amount_to": Receipt.amount <= _bound("amount_to", Numeric(19, 4)),
    # Written as the partial index has it.
    "unallocated": and_(
        Receipt.status == "received", Receipt.allocated_amount + Receipt.refunded_amount < Receipt.amount
    ),
}


def select_filters(filters: ReceiptFilters) -> Selection:
    """The filters as a Selection."""
    shape: set[str] = set()
    values: dict[str, Any] = {}
    for name in ReceiptFilters.model_fields:
        value = getattr(filters, name)
        if value is None or value is False or name == "q":
            continue
        shape.add(name)
        values[name] = value.value if isinstance(value, ReceiptMethod) else value
    if filters.q:
        name, found = search(Receipt, filters.q)
        shape.add(name)
        values |= found
    return Selection(frozenset(shape), values)


def where(statement: Select[Any], shape: frozenset[str]) -> Select[Any]:
    """Narrow a select from receipts to a shape."""
    for name in sorted(shape):
        statement = statement.where(condition(Receipt, name) if is_search(name) else _CONDITIONS[name])
    return statement


def _with_names(statement: Select[Any], receipt: Any = Receipt) -> Select[Any]:
    return statement.join(
        Customer, and_(Customer.tenant_id == receipt.tenant_id, Customer.id == receipt.customer_id)
    ).outerjoin(Account, and_(Account.tenant_id == receipt.tenant_id, Account.id == receipt.account_id))


@cache
def _list_statement(shape: frozenset[str], sort: str, after: bool) -> Select[Any]:  # noqa: FBT001 - part of the key
    statement = where(_with_names(select(*COLUMNS)), shape)
    return keyset(statement, sorts=SORTS, id_column=Receipt.id, sort=sort, after=after)


def list_receipts(query: ReceiptQuery) -> Page:
    """One page of the receipts that fit, as rows of COLUMNS."""
    name, _ = split_sort(query.sort, SORTS)
    wanted = page_parameters(sorts=SORTS, sort=query.sort, cursor=query.cursor, limit=query.limit)
    chosen = select_filters(query)
    statement = _list_statement(chosen.shape, query.sort, bool(query.cursor))
    rows = db.session.execute(statement, {**chosen.parameters, **wanted}).all()
    return make_page(
        rows, sort=query.sort, limit=query.limit, sort_key={"date": "receipt_date", "created_at": "id"}[name]
    )


@cache
def _totals_statement(shape: frozenset[str]) -> Select[Any]:
    sums: Any = (
        Receipt.currency,
        func.count().label("items"),
        func.sum(Receipt.amount).label("amount"),
        func.sum(Receipt.allocated_amount).label("allocated_amount"),
        func.sum(Receipt.refunded_amount).label("refunded_amount"),
        func.sum(_left(Receipt)).label("unallocated_amount"),
        func.sum(Receipt.base_amount).label("base_amount"),
    )
    statement: Select[Any] = where(select(*sums).select_from(Receipt), shape).where(Receipt.status != "void")
    return statement.group_by(Receipt.currency).order_by(func.sum(Receipt.base_amount).desc(), Receipt.currency)


def totals(filters: ReceiptFilters) -> Sequence[Any]:
    """What the receipts that fit come to, by currency; those that are void count nothing."""
    chosen = select_filters(filters)
    return db.session.execute(_totals_statement(chosen.shape), dict(chosen.parameters)).all()


def export_receipts(query: ReceiptQuery, file_format: str) -> Response:
    """All receipts that fit, in their order, as a CSV or XLSX file."""
    chosen = select_filters(query)
    name, descending = split_sort(query.sort, SORTS)
    order = [one.desc() if descending else one.asc() for one in (SORTS[name].column, Receipt.id)]
    inner = where(select(Receipt).where(Receipt.tenant_id == TENANT), chosen.shape)
    receipt = aliased(Receipt, inner.order_by(*order).offset(literal(0)).subquery("chosen"))

    def statement_of(columns: Sequence[Any]) -> Select[Any]:
        return _with_names(select(*columns).select_from(receipt), receipt).join(
            Company, and_(Company.tenant_id == receipt.tenant_id, Company.id == receipt.company_id)
        )

    base = preferences().currency
    columns = (
        ExportColumn("Number", receipt.number),
        ExportColumn("Date", receipt.receipt_date, "date"),
        ExportColumn("Customer", Customer.name),
        ExportColumn("Received by", Company.legal_name),
        ExportColumn("Method", receipt.method, "word"),
        ExportColumn("Reference", receipt.reference),
        ExportColumn("Account", func.coalesce(Account.name, "")),
        ExportColumn("Status", receipt.status, "word"),
        ExportColumn("Currency", receipt.currency, "word"),
        ExportColumn("Amount", receipt.amount, "amount", receipt.currency),
        ExportColumn("Allocated", receipt.allocated_amount, "amount", receipt.currency),
        ExportColumn("Refunded", receipt.refunded_amount, "amount", receipt.currency),
        ExportColumn("Left", case((receipt.status == "void", 0), else_=_left(receipt)), "amount", receipt.currency),
        ExportColumn("Exchange rate", receipt.exchange_rate, "rate"),
        ExportColumn(f"Amount in {base}", receipt.base_amount, "amount", base),
        ExportColumn("Notes", receipt.notes),
        ExportColumn("Id", receipt.id, "word"),
    )
    return export_response(
        columns, statement_of, chosen.parameters, file_format, export_name("receipts", get_current().name)
    )
