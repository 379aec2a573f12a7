"""Statements: which there are, and what one is reckoned from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Select, Uuid, bindparam, select, text

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, fetch_page, sort_by
from tracktok.core.tenancy import current_tenant_id
from tracktok.trips.models import Trip, TripCharge, TripStatement, Vendor
from tracktok.trips.rules.statements import CardTotals
from tracktok.trips.rules.trips import next_month
from tracktok.trips.schemas.statements import StatementQuery

SORTS = {"month": sort_by(TripStatement.month)}
COLUMNS = (
    TripStatement.id, TripStatement.vendor_id, TripStatement.month, TripStatement.status, TripStatement.revision,
    TripStatement.figures, TripStatement.currency, TripStatement.total, TripStatement.vendor_reference,
    TripStatement.approved_at, TripStatement.approved_by, TripStatement.payable_date, TripStatement.paid_on,
    TripStatement.account_id, TripStatement.payment_reference, TripStatement.version, TripStatement.created_at,
    TripStatement.updated_at,
)  # fmt: skip


class StatementNotFound(NotFound):
    code, title = "statement_not_found", "There is no such statement"


def get_statement(statement_id: UUID, *, for_update: bool = False) -> TripStatement:
    """A statement of the current tenant; raises StatementNotFound."""
    statement = select(TripStatement).where(TripStatement.id == statement_id)
    if for_update:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = db.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise StatementNotFound
    return found


def find_statement(vendor_id: UUID, month: date) -> TripStatement | None:
    """The statement of a vendor and month, if there is one."""
    return db.session.execute(
        select(TripStatement).where(TripStatement.vendor_id == vendor_id, TripStatement.month == month)
    ).scalar_one_or_none()


def list_statements(query: StatementQuery) -> Page:
    """One page of statements, the latest month first."""
    statement: Select[Any] = select(*COLUMNS, Vendor.name.label("vendor")).join(
        Vendor, (Vendor.tenant_id == TripStatement.tenant_id) & (Vendor.id == TripStatement.vendor_id)
    )
    if query.vendor_id is not None:
        statement = statement.where(TripStatement.vendor_id == query.vendor_id)
    if query.status is not None:
        statement = statement.where(TripStatement.status == query.status.value)
    if query.month is not None:
        statement = statement.where(TripStatement.month == query.month.replace(day=1))
    return fetch_page(
        statement, sorts=SORTS, id_column=TripStatement.id, sort=query.sort, cursor=query.cursor, limit=query.limit
    )


_TOTALS = text(
    """
    SELECT c.version_id, c.currency, c.trip_date >= :month AS own_month, count(*)::int AS trips,
           coalesce(sum(t.distance_km) FILTER (WHERE t.status = 'completed'), 0) AS completed_km,
           coalesce(sum(extract(epoch FROM t.ended_at - t.started_at)) FILTER (WHERE t.status = 'completed'), 0)::bigint
             AS completed_seconds,
           count(DISTINCT nullif(t.vehicle, ''))::int AS vehicles, coalesce(sum(t.distance_km), 0) AS distance_km,
           sum(c.amount) AS amount, sum(c.tax) AS tax, sum(c.passed_on) AS passed_on,
           coalesce(array_agg(DISTINCT t.vehicle) FILTER (WHERE t.vehicle <> ''), '{}') AS plates
      FROM trip_charges c JOIN trips t ON t.tenant_id = c.tenant_id AND t.id = c.trip_id
     WHERE c.tenant_id = :tenant AND c.vendor_id = :vendor AND c.period = :month AND c.superseded_at IS NULL
     GROUP BY 1, 2, 3"""
).bindparams(bindparam("month", type_=Date()), bindparam("vendor", type_=Uuid()), bindparam("tenant", type_=Uuid()))


def card_totals(vendor_id: UUID, month: date) -> list[CardTotals]:
    """What the trips on a statement come to, by card version and currency."""
    rows = db.session.execute(_TOTALS, {"tenant": current_tenant_id(), "vendor": vendor_id, "month": month})
    return [CardTotals(**row._mapping) for row in rows]  # noqa: SLF001 - as SQLAlchemy has it


_UNPRICED = text(
    """
    SELECT count(*) FROM trips t
     WHERE t.tenant_id = :tenant AND t.vendor_id = :vendor AND t.trip_date >= :month AND t.trip_date < :until
       AND t.deleted_at IS NULL AND t.status <> 'planned' AND NOT EXISTS (
         SELECT FROM trip_charges c WHERE c.tenant_id = t.tenant_id AND c.trip_id = t.id AND c.superseded_at IS NULL)"""
).bindparams(bindparam("month", type_=Date()), bindparam("until", type_=Date()), bindparam("vendor", type_=Uuid()))


def count_unpriced(vendor_id: UUID, month: date) -> int:
    """How many driven trips of a month have no price."""
    values = {"tenant": current_tenant_id(), "vendor": vendor_id, "month": month, "until": next_month(month)}
    return int(db.session.execute(_UNPRICED, values).scalar_one())


_POSTED = text(
    """
    SELECT t.project_id, t.customer_id, c.currency, sum(c.amount - c.passed_on) AS hire, sum(c.passed_on) AS passed_on,
           sum(c.tax) AS tax
      FROM trip_charges c JOIN trips t ON t.tenant_id = c.tenant_id AND t.id = c.trip_id
     WHERE c.tenant_id = :tenant AND c.vendor_id = :vendor AND c.period = :month AND c.superseded_at IS NULL
     GROUP BY 1, 2, 3 ORDER BY 3, 1, 2"""
).bindparams(bindparam("month", type_=Date()), bindparam("vendor", type_=Uuid()))


def cost_by_dimension(vendor_id: UUID, month: date) -> Sequence[Any]:
    """What the trips on a statement come to, by project, customer and currency."""
    values = {"tenant": current_tenant_id(), "vendor": vendor_id, "month": month}
    return db.session.execute(_POSTED, values).all()


def lines(columns: Sequence[Any]) -> Select[Any]:
    """The trips of a statement in their order; parameters `vendor` and `month`."""
    return (
        select(*columns)
        .select_from(TripCharge)
        .join(Trip, (Trip.tenant_id == TripCharge.tenant_id) & (Trip.id == TripCharge.trip_id))
        .where(
            TripCharge.vendor_id == bindparam("vendor", type_=Uuid()),
            TripCharge.period == bindparam("month", type_=Date()),
            TripCharge.superseded_at.is_(None),
        )
        .order_by(TripCharge.trip_date, TripCharge.trip_id)
    )
