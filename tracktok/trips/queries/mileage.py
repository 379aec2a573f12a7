"""Mileage rates, and which trips became expenses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Uuid, and_, bindparam, func, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.expenses.models import Category, Expense
from tracktok.trips.models import MileageRate, Trip, TripExpense


class MileageRateNotFound(NotFound):
    code, title = "mileage_rate_not_found", "There is no such mileage rate"


_RATES = (
    select(
        MileageRate.id, MileageRate.valid_from, MileageRate.rate, MileageRate.unit, MileageRate.currency,
        MileageRate.category_id, Category.name.label("category"),
    )
    .outerjoin(Category, and_(Category.tenant_id == MileageRate.tenant_id, Category.id == MileageRate.category_id))
    .order_by(MileageRate.valid_from.desc())
    .limit(200)
)  # fmt: skip
_ON = (
    select(MileageRate)
    .where(MileageRate.valid_from <= bindparam("day", type_=Date()))
    .order_by(MileageRate.valid_from.desc())
    .limit(1)
)
_IDS = bindparam("ids", type_=ARRAY(Uuid())).any_()
_LOCKED = (
    select(Trip)
    .where(Trip.id == _IDS, Trip.deleted_at.is_(None))
    .order_by(Trip.id)
    .with_for_update()
    .execution_options(populate_existing=True)
)
_LINKS = (
    select(TripExpense.trip_id, TripExpense.expense_id, Expense.deleted_at, Expense.amount, Expense.currency)
    .join(Expense, and_(Expense.tenant_id == TripExpense.tenant_id, Expense.id == TripExpense.expense_id))
    .where(TripExpense.trip_id == _IDS)
)


_RECORDED_BETWEEN = (
    select(func.count())
    .select_from(TripExpense)
    .join(Expense, and_(Expense.tenant_id == TripExpense.tenant_id, Expense.id == TripExpense.expense_id))
    .where(
        TripExpense.trip_id.between(bindparam("first", type_=Uuid()), bindparam("last", type_=Uuid())),
        Expense.deleted_at.is_(None),
    )
)


def list_rates() -> Sequence[Any]:
    """The mileage rates, the latest first."""
    return db.session.execute(_RATES).all()


def get_rate(rate_id: UUID) -> MileageRate:
    """A mileage rate; raises MileageRateNotFound."""
    found = db.session.execute(select(MileageRate).where(MileageRate.id == rate_id)).scalar_one_or_none()
    if found is None:
        raise MileageRateNotFound
    return found


def rate_on(day: date) -> MileageRate | None:
    """The rate that holds on a day."""
    return db.session.execute(_ON, {"day": day}).scalar_one_or_none()


def lock_trips(ids: Collection[UUID]) -> list[Trip]:
    """Live trips, locked in the order of their ids."""
    return list(db.session.execute(_LOCKED, {"ids": sorted(ids)}).scalars())


def expenses_of(ids: Collection[UUID]) -> dict[UUID, Any]:
    """The mileage expenses of trips, those in the bin too: (expense_id, deleted_at, amount, currency) by trip."""
    return {row.trip_id: row for row in db.session.execute(_LINKS, {"ids": list(ids)})}


def recorded_between(first: UUID, last: UUID) -> int:
    """How many trips of a range of ids are mileage expenses."""
    return int(db.session.execute(_RECORDED_BETWEEN, {"first": first, "last": last}).scalar_one())
