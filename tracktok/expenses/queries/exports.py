"""Which expenses an export holds, in which order, and its columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response
from sqlalchemy import Select, and_, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from tracktok.auth.models import Person
from tracktok.core.context import preferences
from tracktok.core.pagination import split_sort
from tracktok.core.tenancy import TENANT
from tracktok.expenses.models import Account, Category, Expense, ExpenseTag, Project, Tag
from tracktok.expenses.schemas.expenses import ExpenseQuery
from tracktok.tenants.queries import get_current
from tracktok.web.exporting import ExportColumn, export_name, export_response, harmless

from .expense_list import SORTS, select_filters, where


def _once(model: type[Category | Project | Account]) -> Any:
    """The names of a table, each made harmless once and not for every expense that has it."""
    name = model.name
    names = select(model.id, name.label("name"), harmless(name).label("guarded")).where(model.tenant_id == TENANT)
    return names.subquery(f"{model.__tablename__}_named")


_CATEGORIES, _PROJECTS, _ACCOUNTS = _once(Category), _once(Project), _once(Account)
_JOINED = func.string_agg(Tag.name, aggregate_order_by(literal(", "), func.lower(Tag.name)))
# Tags are put together once for all expenses: a look-up for each row would cost more than all the rest.
_TAGS = (
    select(ExpenseTag.expense_id, _JOINED.label("names"), harmless(_JOINED).label("guarded"))
    .join(Tag, and_(Tag.tenant_id == ExpenseTag.tenant_id, Tag.id == ExpenseTag.tag_id))
    .where(ExpenseTag.tenant_id == TENANT)
    .group_by(ExpenseTag.expense_id)
    .subquery("tag_names")
)
_NAME = func.nullif(func.concat_ws(" ", Person.first_name, Person.last_name), "")
_PEOPLE = select(Person.id, _NAME.label("name"), harmless(_NAME).label("guarded")).subquery("people_named")


def _named(label: str, names: Any) -> ExportColumn:
    return ExportColumn(label, names.c.name, guarded=names.c.guarded)


def _columns(expense: Any) -> tuple[ExportColumn, ...]:
    base = preferences().currency
    return (
        ExportColumn("Date", expense.expense_date, "date"),
        ExportColumn("Title", expense.title),
        ExportColumn("Merchant", expense.merchant),
        ExportColumn("Description", expense.description),
        ExportColumn("Reference", expense.reference),
        ExportColumn("Amount", expense.amount, "amount", expense.currency),
        ExportColumn("Currency", expense.currency, "word"),
        ExportColumn(f"Amount in {base}", expense.base_amount, "amount", base),
        ExportColumn("Exchange rate", expense.exchange_rate, "rate"),
        ExportColumn("Tax", expense.tax_amount, "amount", expense.currency),
        _named("Category", _CATEGORIES),
        _named("Project", _PROJECTS),
        _named("Account", _ACCOUNTS),
        ExportColumn("Payment method", expense.payment_method, "word"),
        ExportColumn("Status", expense.status, "word"),
        ExportColumn("Billable", expense.is_billable, "flag"),
        ExportColumn("Tags", _TAGS.c.names, guarded=_TAGS.c.guarded),
        _named("Person", _PEOPLE),
        ExportColumn("Receipts", expense.receipts, "number"),
        ExportColumn("Id", expense.id, "word"),
    )


def _chosen(query: ExpenseQuery, shape: frozenset[str]) -> Any:
    """The expenses that fit, in their order, as a table: the names are joined afterwards, which keeps the order."""
    name, descending = split_sort(query.sort, SORTS)
    order = [one.desc() if descending else one.asc() for one in (SORTS[name].column, Expense.id)]
    chosen = where(select(Expense).where(Expense.tenant_id == TENANT), shape).order_by(*order).offset(literal(0))
    return aliased(Expense, chosen.subquery("chosen"))


def export_expenses(query: ExpenseQuery, file_format: str) -> Response:
    """The live expenses that fit, all of them, as a CSV or XLSX file. Members get their own."""
    selection = select_filters(query)
    expense = _chosen(query, selection.shape)

    def statement_of(columns: Sequence[Any]) -> Select[Any]:
        return (
            select(*columns)
            .select_from(expense)
            .outerjoin(_CATEGORIES, _CATEGORIES.c.id == expense.category_id)
            .outerjoin(_PROJECTS, _PROJECTS.c.id == expense.project_id)
            .outerjoin(_ACCOUNTS, _ACCOUNTS.c.id == expense.account_id)
            .outerjoin(_TAGS, _TAGS.c.expense_id == expense.id)
            .outerjoin(_PEOPLE, _PEOPLE.c.id == expense.person_id)
        )

    name = export_name("expenses", get_current().name)
    return export_response(_columns(expense), statement_of, selection.parameters, file_format, name)
