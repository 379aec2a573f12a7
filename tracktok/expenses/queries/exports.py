"""Which expenses an export holds, in which order, and its columns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Response
from sqlalchemy import Select, and_, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from tracktok.auth.models import Person
from tracktok.core.context import preferences
from tracktok.core.pagination import split_sort
from tracktok.core.tenancy import TENANT
from tracktok.expenses.models import Account, Category, Expense, ExpenseTag, Project, Tag
from tracktok.expenses.schemas.expenses import ExpenseQuery
from tracktok.tenants.queries import get_current
from tracktok.web.exporting import ExportColumn, export_name, export_response

from .expense_list import SORTS, select_filters, where
from .expenses import with_names

# Tags are put together once for all expenses: a look-up for each row would cost more than all the rest.
_TAGS = (
    select(
        ExpenseTag.expense_id,
        func.string_agg(Tag.name, aggregate_order_by(", ", func.lower(Tag.name))).label("names"),
    )
    .join(Tag, and_(Tag.tenant_id == ExpenseTag.tenant_id, Tag.id == ExpenseTag.tag_id))
    .where(ExpenseTag.tenant_id == TENANT)
    .group_by(ExpenseTag.expense_id)
    .subquery("tag_names")
)
_PERSON = func.nullif(func.concat_ws(" ", Person.first_name, Person.last_name), "")


def _columns() -> tuple[ExportColumn, ...]:
    base = preferences().currency
    return (
        ExportColumn("Date", Expense.expense_date, "date"),
        ExportColumn("Title", Expense.title),
        ExportColumn("Merchant", Expense.merchant),
        ExportColumn("Description", Expense.description),
        ExportColumn("Reference", Expense.reference),
        ExportColumn("Amount", Expense.amount, "amount", Expense.currency),
        ExportColumn("Currency", Expense.currency, "word"),
        ExportColumn(f"Amount in {base}", Expense.base_amount, "amount", base),
        ExportColumn("Exchange rate", Expense.exchange_rate, "rate"),
        ExportColumn("Tax", Expense.tax_amount, "amount", Expense.currency),
        ExportColumn("Category", Category.name),
        ExportColumn("Project", Project.name),
        ExportColumn("Account", Account.name),
        ExportColumn("Payment method", Expense.payment_method, "word"),
        ExportColumn("Status", Expense.status, "word"),
        ExportColumn("Billable", Expense.is_billable, "flag"),
        ExportColumn("Tags", _TAGS.c.names),
        ExportColumn("Person", _PERSON),
        ExportColumn("Receipts", Expense.receipts, "number"),
        ExportColumn("Id", Expense.id, "word"),
    )


def _statement(columns: Sequence[Any], *, shape: frozenset[str], sort: str) -> Select[Any]:
    name, descending = split_sort(sort, SORTS)
    order = (SORTS[name].column, Expense.id)
    statement = (
        with_names(select(*columns).select_from(Expense))
        .outerjoin(_TAGS, _TAGS.c.expense_id == Expense.id)
        .outerjoin(Person, Person.id == Expense.person_id)
        .where(Expense.tenant_id == TENANT)
    )
    return where(statement, shape).order_by(*(one.desc() if descending else one.asc() for one in order))


def export_expenses(query: ExpenseQuery, file_format: str) -> Response:
    """The live expenses that fit, all of them, as a CSV or XLSX file. Members get their own."""
    chosen = select_filters(query)
    statement_of = partial(_statement, shape=chosen.shape, sort=query.sort)
    name = export_name("expenses", get_current().name)
    return export_response(_columns(), statement_of, chosen.parameters, file_format, name)
