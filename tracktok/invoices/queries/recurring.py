"""Recurring invoices: which there are, which are due, and what came of their periods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Date, DateTime, Select, Text, Uuid, and_, bindparam, exists, func, or_, select

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.money import format_amount, round_amount
from tracktok.core.pagination import Page, keyset, make_page, page_parameters, sort_by
from tracktok.customers.models import Customer
from tracktok.invoices.models import RecurringInvoice, RecurringRun, SalesDocument
from tracktok.invoices.rules import recurring as rules
from tracktok.invoices.rules.recurring import Unit
from tracktok.invoices.schemas.recurring import RecurringQuery

_RECURRING = bindparam("recurring_id", type_=Uuid())
_FAILED = (
    exists()
    .where(
        RecurringRun.tenant_id == RecurringInvoice.tenant_id,
        RecurringRun.recurring_id == RecurringInvoice.id,
        RecurringRun.status == rules.FAILED,
    )
    .correlate(RecurringInvoice)
)
_FAILURES = (
    select(func.count())
    .where(
        RecurringRun.tenant_id == RecurringInvoice.tenant_id,
        RecurringRun.recurring_id == RecurringInvoice.id,
        RecurringRun.status == rules.FAILED,
    )
    .correlate(RecurringInvoice)
    .scalar_subquery()
)
COLUMNS = (
    RecurringInvoice.id, RecurringInvoice.name, RecurringInvoice.customer_id, RecurringInvoice.status,
    RecurringInvoice.unit, RecurringInvoice.every, RecurringInvoice.starts_on, RecurringInvoice.anchor_day,
    RecurringInvoice.ends_on, RecurringInvoice.most, RecurringInvoice.action, RecurringInvoice.next_on,
    RecurringInvoice.currency, RecurringInvoice.total, RecurringInvoice.base_net, RecurringInvoice.version,
    Customer.name.label("customer_name"), _FAILURES.label("failed"),
)  # fmt: skip
SORTS = {"created_at": sort_by(RecurringInvoice.id)}
_CONDITIONS: dict[str, Any] = {
    "status": RecurringInvoice.status == bindparam("status", type_=Text()),
    "failed": _FAILED,
    "customer_id": RecurringInvoice.customer_id == bindparam("customer_id", type_=Uuid()),
}
_DUE = (
    select(RecurringInvoice.id)
    .where(
        or_(
            and_(RecurringInvoice.status == rules.ACTIVE, RecurringInvoice.next_on <= bindparam("day", type_=Date())),
            and_(
                RecurringInvoice.status != rules.PAUSED,
                exists()
                .where(
                    RecurringRun.tenant_id == RecurringInvoice.tenant_id,
                    RecurringRun.recurring_id == RecurringInvoice.id,
                    RecurringRun.status == rules.FAILED,
                    RecurringRun.period_on >= bindparam("since", type_=Date()),
                )
                .correlate(RecurringInvoice),
            ),
        )
    )
    .order_by(RecurringInvoice.next_on, RecurringInvoice.id)
)
_WITHOUT_FILE = (
    select(SalesDocument.id)
    .join(
        RecurringRun,
        and_(RecurringRun.tenant_id == SalesDocument.tenant_id, RecurringRun.document_id == SalesDocument.id),
    )
    .where(
        RecurringRun.done_at >= bindparam("since", type_=DateTime(timezone=True)),
        SalesDocument.number.is_not(None),
        SalesDocument.status != "void",
        SalesDocument.pdf_file_id.is_(None),
    )
    .order_by(SalesDocument.id)
)
_RUNS = (
    select(
        RecurringRun.id, RecurringRun.period_on, RecurringRun.status, RecurringRun.document_id, RecurringRun.problem,
        RecurringRun.problem_code, RecurringRun.attempts, RecurringRun.done_at, SalesDocument.number,
        SalesDocument.status.label("document_status"), SalesDocument.total, SalesDocument.currency,
        SalesDocument.due_date, SalesDocument.deleted_at,
    )
    .outerjoin(
        SalesDocument,
        and_(SalesDocument.tenant_id == RecurringRun.tenant_id, SalesDocument.id == RecurringRun.document_id),
    )
    .where(RecurringRun.recurring_id == _RECURRING)
    .order_by(RecurringRun.period_on.desc(), RecurringRun.id.desc())
)  # fmt: skip
_ONE_RUN = _RUNS.where(RecurringRun.id == bindparam("run_id", type_=Uuid()))
_ACTIVE = (
    select(RecurringInvoice.unit, RecurringInvoice.every, func.sum(RecurringInvoice.base_net).label("base_net"))
    .where(RecurringInvoice.status == rules.ACTIVE)
    .group_by(RecurringInvoice.unit, RecurringInvoice.every)
)
_OF_DOCUMENT = (
    select(RecurringInvoice.id, RecurringInvoice.name, RecurringRun.period_on)
    .join(
        RecurringRun,
        and_(RecurringRun.tenant_id == RecurringInvoice.tenant_id, RecurringRun.recurring_id == RecurringInvoice.id),
    )
    .where(RecurringRun.document_id == bindparam("document_id", type_=Uuid()))
)
MOST_RUNS = 200


def get_recurring(recurring_id: UUID, *, for_update: bool = False) -> RecurringInvoice:
    """A recurring invoice, locked on demand. Raises NotFound."""
    statement = select(RecurringInvoice).where(RecurringInvoice.id == recurring_id)
    if for_update:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = db.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such recurring invoice.")
    return found


def get_run(recurring_id: UUID, run_id: UUID, *, for_update: bool = False) -> RecurringRun:
    """A period of a recurring invoice, locked on demand. Raises NotFound."""
    statement = select(RecurringRun).where(RecurringRun.id == run_id, RecurringRun.recurring_id == recurring_id)
    if for_update:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = db.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such period.")
    return found


@cache
def _list_statement(shape: frozenset[str], after: bool) -> Select[Any]:  # noqa: FBT001 - part of the key
    statement: Select[Any] = select(*COLUMNS).join(
        Customer,
        and_(Customer.tenant_id == RecurringInvoice.tenant_id, Customer.id == RecurringInvoice.customer_id),
    )
    for name in sorted(shape):
        statement = statement.where(_CONDITIONS[name])
    return keyset(statement, sorts=SORTS, id_column=RecurringInvoice.id, sort="-created_at", after=after)


def list_recurring(query: RecurringQuery) -> Page:
    """One page of recurring invoices that fit, the latest first, as rows of COLUMNS."""
    shape: set[str] = set()
    values: dict[str, Any] = {}
    if query.status == "failed":
        shape.add("failed")
    elif query.status:
        shape.add("status")
        values["status"] = query.status
    if query.customer_id:
        shape.add("customer_id")
        values["customer_id"] = query.customer_id
    wanted = page_parameters(sorts=SORTS, sort="-created_at", cursor=query.cursor, limit=query.limit)
    rows = db.session.execute(_list_statement(frozenset(shape), bool(query.cursor)), {**values, **wanted}).all()
    return make_page(rows, sort="-created_at", limit=query.limit, sort_key="id")


def due_ids(day: date, since: date) -> list[UUID]:
    """The recurring invoices with a period up to a day, or with one since a day that failed."""
    return list(db.session.execute(_DUE, {"day": day, "since": since}).scalars())


def without_file(since: datetime) -> list[UUID]:
    """The invoices that were made since an instant, are issued, and have no file."""
    return list(db.session.execute(_WITHOUT_FILE, {"since": since}).scalars())


def failed_runs(recurring_id: UUID, *, since: date, for_update: bool = False) -> Sequence[RecurringRun]:
    """The periods that failed since a day, the earliest first."""
    statement = (
        select(RecurringRun)
        .where(
            RecurringRun.recurring_id == recurring_id,
            RecurringRun.status == rules.FAILED,
            RecurringRun.period_on >= since,
        )
        .order_by(RecurringRun.period_on)
    )
    if for_update:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return db.session.execute(statement).scalars().all()


def periods_of(recurring_id: UUID) -> frozenset[date]:
    """The days of all periods that were handled."""
    statement = select(RecurringRun.period_on).where(RecurringRun.recurring_id == recurring_id)
    return frozenset(db.session.execute(statement).scalars())


def last_period(recurring_id: UUID) -> date | None:
    """The day of the last period that was handled."""
    statement = select(func.max(RecurringRun.period_on)).where(RecurringRun.recurring_id == recurring_id)
    return db.session.execute(statement).scalar_one()


def runs_of(recurring_id: UUID) -> Sequence[Any]:
    """What came of the periods, the latest first; 200 at most."""
    return db.session.execute(_RUNS.limit(MOST_RUNS), {"recurring_id": recurring_id}).all()


def what_came_of(recurring_id: UUID, run_id: UUID) -> Any:
    """What came of one period, as a row of `runs_of`."""
    return db.session.execute(_ONE_RUN, {"recurring_id": recurring_id, "run_id": run_id}).one()


def origin_of(document_id: UUID) -> Any:
    """(id, name, period_on) of the recurring invoice that made a document; None for another."""
    return db.session.execute(_OF_DOCUMENT, {"document_id": document_id}).one_or_none()


def monthly_revenue() -> Decimal:
    """What all active recurring invoices come to in a month on average, before taxes, in the tenant's currency."""
    rows = db.session.execute(_ACTIVE).all()
    total = sum((rules.monthly(row.base_net, Unit(row.unit), row.every) for row in rows), Decimal(0))
    return round_amount(total, preferences().currency)


def row(found: Any) -> dict[str, Any]:
    """A recurring invoice in a list; `found` has COLUMNS."""
    base = preferences().currency
    schedule = rules.Schedule(
        Unit(found.unit), found.every, found.starts_on, found.anchor_day, found.ends_on, found.most
    )
    names = ("id", "name", "customer_id", "customer_name", "status", "failed", "unit", "every", "action", "next_on",
             "currency", "version")  # fmt: skip
    return {
        **{name: getattr(found, name) for name in names},
        "schedule": rules.in_words(schedule),
        "total": format_amount(found.total, found.currency),
        "monthly": format_amount(
            round_amount(rules.monthly(found.base_net, Unit(found.unit), found.every), base), base
        ),
    }


def view(recurring: RecurringInvoice) -> dict[str, Any]:
    """A recurring invoice as everybody shows it."""
    found = db.session.execute(_one_statement(), {"recurring_id": recurring.id}).one()
    more = ("company_id", "starts_on", "anchor_day", "ends_on", "most", "due_days", "body")
    return {**row(found), **{name: getattr(recurring, name) for name in more}}


@cache
def _one_statement() -> Select[Any]:
    return (
        select(*COLUMNS)
        .join(
            Customer,
            and_(Customer.tenant_id == RecurringInvoice.tenant_id, Customer.id == RecurringInvoice.customer_id),
        )
        .where(RecurringInvoice.id == _RECURRING)
    )


def run(found: Any) -> dict[str, Any]:
    """What came of a period; `found` is a row of `runs_of`."""
    names = ("id", "period_on", "status", "document_id", "problem", "problem_code", "attempts", "done_at", "number",
             "currency")  # fmt: skip
    return {
        **{name: getattr(found, name) for name in names},
        "document_status": "deleted" if found.deleted_at else found.document_status,
        "total": format_amount(found.total, found.currency) if found.total is not None else None,
    }
