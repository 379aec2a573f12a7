"""Lists of documents: which ones (filters), in which order, page by page; what they come to; as files.

A statement is built once for each combination of kind, filters and order ("shape") and kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy import ARRAY, Date, Numeric, Select, Text, Uuid, and_, bindparam, func, literal, select
from sqlalchemy.orm import aliased

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Invalid
from tracktok.core.pagination import Page, keyset, make_page, page_parameters, sort_by, split_sort
from tracktok.core.prepared import Prepared, one_of
from tracktok.core.tenancy import TENANT
from tracktok.customers.models import Company, Customer
from tracktok.invoices.models import DocumentKind, SalesDocument
from tracktok.invoices.rules import statuses
from tracktok.invoices.schemas.lists import DocumentFilters, DocumentQuery
from tracktok.tenants.queries import get_current
from tracktok.web.exporting import ExportColumn, export_name, export_response

from .reminders import REMINDER_DUE
from .search import condition, is_search, search

OVERDUE, OPEN = "overdue", "open"
SORTS = {
    "date": sort_by(SalesDocument.document_date),
    "due_date": sort_by(SalesDocument.due_date),
    "total": sort_by(SalesDocument.total),
    "created_at": sort_by(SalesDocument.id),  # ids are made in the order of time
}
_PLAIN = (
    "id", "kind", "number", "status", "company_id", "customer_id", "document_date", "due_date", "valid_until",
    "currency", "taxable_amount", "tax_amount", "total", "amount_paid", "amount_due", "base_total", "reference",
    "original_id", "sent_at", "version", "created_at", "updated_at",
)  # fmt: skip
_NAME = func.coalesce(SalesDocument.snapshot["customer"]["name"].astext, Customer.name)
COLUMNS = (*(getattr(SalesDocument, name) for name in _PLAIN), _NAME.label("customer_name"))
_AMOUNT = Numeric(19, 4)
_DAY = Date()


def _bound(name: str, kind: Any) -> Any:
    return bindparam(name, type_=kind)


_OPEN = one_of(SalesDocument.status, sorted(statuses.OPEN_INVOICES))
_CONDITIONS: dict[str, Any] = {
    "status": SalesDocument.status == _bound("status", Text()),
    "open": _OPEN,
    "overdue": and_(_OPEN, SalesDocument.due_date < _bound("today", _DAY)),
    "customer_id": SalesDocument.customer_id == _bound("customer_id", Uuid()),
    "company_id": SalesDocument.company_id == _bound("company_id", Uuid()),
    "original_id": SalesDocument.original_id == _bound("original_id", Uuid()),
    "date_from": SalesDocument.document_date >= _bound("date_from", _DAY),
    "date_to": SalesDocument.document_date <= _bound("date_to", _DAY),
    "due_from": SalesDocument.due_date >= _bound("due_from", _DAY),
    "due_to": SalesDocument.due_date <= _bound("due_to", _DAY),
    "amount_from": SalesDocument.total >= _bound("amount_from", _AMOUNT),
    "amount_to": SalesDocument.total <= _bound("amount_to", _AMOUNT),
    "currency": SalesDocument.currency == _bound("currency", Text()),
    "due_known": SalesDocument.due_date.is_not(None),
    "reminder": REMINDER_DUE,
    "ids": SalesDocument.id == bindparam("ids", type_=ARRAY(Uuid())).any_(),
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Filters as statements want them: the shape that decides the SQL, and the parameters that fill it."""

    shape: frozenset[str]
    parameters: Mapping[str, Any]


def select_filters(kind: DocumentKind, filters: DocumentFilters) -> Selection:
    """The filters as a Selection. Raises Invalid for a status that documents of the kind do not have."""
    shape: set[str] = set()
    values: dict[str, Any] = {"kind": kind.value}
    for name in DocumentFilters.model_fields:
        value = getattr(filters, name)
        if value is None or name in {"q", "status"}:
            continue
        shape.add(name)
        values[name] = value
    if filters.reminder is not None:
        values["today"] = clock.today(preferences().timezone)
    if filters.status:
        _select_status(kind, filters.status, shape, values)
    if filters.q:
        name, found = search(SalesDocument, filters.q)
        shape.add(name)
        values |= found
    return Selection(frozenset(shape), values)


def _select_status(kind: DocumentKind, status: str, shape: set[str], values: dict[str, Any]) -> None:
    if status == OVERDUE:
        shape.add("overdue")
        values["today"] = clock.today(preferences().timezone)
    elif status == OPEN:
        shape.add("open")
    elif status in (known := statuses.statuses_of(kind.value)):
        shape.add("status")
        values["status"] = status
    else:
        raise Invalid.at("status", f"Use one of: {', '.join([*known, OPEN, OVERDUE])}.")


def where(statement: Select[Any], shape: frozenset[str]) -> Select[Any]:
    """Narrow a select from documents to the live ones of a kind and shape."""
    statement = statement.where(SalesDocument.kind == _bound("kind", Text()), SalesDocument.deleted_at.is_(None))
    for name in sorted(shape):
        statement = statement.where(condition(SalesDocument, name) if is_search(name) else _CONDITIONS[name])
    return statement


def _with_customer(statement: Select[Any], document: Any = SalesDocument) -> Select[Any]:
    return statement.join(Customer, and_(Customer.tenant_id == document.tenant_id, Customer.id == document.customer_id))


@cache
def _list_statement(shape: frozenset[str], sort: str, after: bool) -> Prepared:  # noqa: FBT001 - part of the key
    statement = where(_with_customer(select(*COLUMNS)), shape)
    return Prepared(keyset(statement, sorts=SORTS, id_column=SalesDocument.id, sort=sort, after=after))


def list_documents(kind: DocumentKind, query: DocumentQuery) -> Page:
    """One page of the documents of a kind that fit, as rows of COLUMNS."""
    name, _ = split_sort(query.sort, SORTS)
    wanted = page_parameters(sorts=SORTS, sort=query.sort, cursor=query.cursor, limit=query.limit)
    chosen = select_filters(kind, query)
    shape = chosen.shape | {"due_known"} if name == "due_date" else chosen.shape
    statement = _list_statement(shape, query.sort, bool(query.cursor))
    rows = statement.fetch({**chosen.parameters, **wanted})
    key = {"date": "document_date", "created_at": "id"}.get(name, name)
    return make_page(rows, sort=query.sort, limit=query.limit, sort_key=key)


@cache
def _totals_statement(shape: frozenset[str]) -> Select[Any]:
    document = SalesDocument
    sums: Any = (
        document.currency,
        func.count().label("items"),
        func.sum(document.total).label("total"),
        func.sum(document.amount_paid).label("amount_paid"),
        func.sum(document.amount_due).label("amount_due"),
        func.sum(document.base_total).label("base_total"),
        func.coalesce(func.sum(document.amount_due * document.exchange_rate).filter(_OPEN), 0).label("base_due"),
    )
    statement: Select[Any] = where(select(*sums).select_from(document), shape).where(document.status != "void")
    return statement.group_by(document.currency).order_by(func.sum(document.base_total).desc(), document.currency)


def totals(kind: DocumentKind, filters: DocumentFilters) -> Sequence[Any]:
    """What the documents that fit come to, by currency; those that are void count nothing."""
    chosen = select_filters(kind, filters)
    return db.session.execute(_totals_statement(chosen.shape), dict(chosen.parameters)).all()


def matching_ids(kind: DocumentKind, query: DocumentQuery, most: int) -> list[UUID]:
    """The ids of the documents that fit, the oldest first; at most so many."""
    chosen = select_filters(kind, query)
    statement = where(select(SalesDocument.id), chosen.shape)
    statement = statement.order_by(SalesDocument.document_date, SalesDocument.id).limit(most)
    return list(db.session.execute(statement, dict(chosen.parameters)).scalars())


def export_documents(
    kind: DocumentKind, query: DocumentQuery, file_format: str, *, ids: Sequence[UUID] | None = None
) -> Response:
    """All documents that fit (of these ids), in their order, as a CSV or XLSX file."""
    selection = select_filters(kind, query)
    if ids is not None:
        selection = Selection(selection.shape | {"ids"}, {**selection.parameters, "ids": list(ids)})
    name, descending = split_sort(query.sort, SORTS)
    order = [one.desc() if descending else one.asc() for one in (SORTS[name].column, SalesDocument.id)]
    inner = where(select(SalesDocument).where(SalesDocument.tenant_id == TENANT), selection.shape)
    document = aliased(SalesDocument, inner.order_by(*order).offset(literal(0)).subquery("chosen"))

    def statement_of(columns: Sequence[Any]) -> Select[Any]:
        return _with_customer(select(*columns).select_from(document), document).join(
            Company, and_(Company.tenant_id == document.tenant_id, Company.id == document.company_id)
        )

    base = preferences().currency
    columns = (
        ExportColumn("Number", document.number),
        ExportColumn("Date", document.document_date, "date"),
        ExportColumn("Due date", document.due_date, "date"),
        ExportColumn("Customer", func.coalesce(document.snapshot[("customer", "name")].astext, Customer.name)),
        ExportColumn("GSTIN or tax number", func.coalesce(func.nullif(Customer.gstin, ""), Customer.tax_id), "word"),
        ExportColumn("Billed by", Company.legal_name),
        ExportColumn("Reference", document.reference),
        ExportColumn("Status", document.status, "word"),
        ExportColumn("Currency", document.currency, "word"),
        ExportColumn("Taxable amount", document.taxable_amount, "amount", document.currency),
        ExportColumn("CGST", document.cgst_amount, "amount", document.currency),
        ExportColumn("SGST or UTGST", document.sgst_amount, "amount", document.currency),
        ExportColumn("IGST", document.igst_amount, "amount", document.currency),
        ExportColumn("Cess", document.cess_amount, "amount", document.currency),
        ExportColumn("Tax", document.tax_amount, "amount", document.currency),
        ExportColumn("Round-off", document.round_off, "amount", document.currency),
        ExportColumn("Total", document.total, "amount", document.currency),
        ExportColumn("Paid", document.amount_paid, "amount", document.currency),
        ExportColumn("Due", document.amount_due, "amount", document.currency),
        ExportColumn("Exchange rate", document.exchange_rate, "rate"),
        ExportColumn(f"Total in {base}", document.base_total, "amount", base),
        ExportColumn("Place of supply", document.place_of_supply, "word"),
        ExportColumn("Supply type", document.supply_type, "word"),
        ExportColumn("Reverse charge", document.reverse_charge, "flag"),
        ExportColumn("Id", document.id, "word"),
    )
    file_name = export_name(f"{kind.value.replace('_', '-')}s", get_current().name)
    return export_response(columns, statement_of, selection.parameters, file_format, file_name)


__all__ = [
    "COLUMNS",
    "SORTS",
    "UUID",
    "export_documents",
    "list_documents",
    "matching_ids",
    "select_filters",
    "totals",
    "where",
]
