"""A trip to a mileage expense: distance x the rate of its day, once for each trip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Conflict, Invalid, NotFound
from tracktok.core.ids import new_id
from tracktok.core.money import MINOR_UNITS
from tracktok.expenses.queries.expenses import bin_begins, get_expense
from tracktok.expenses.queries.references import load_references
from tracktok.expenses.schemas.expenses import ExpenseIn, ExpensePatch
from tracktok.expenses.services.expenses import delete_expense, patch_expense, record_expense, restore_expense
from tracktok.trips.models import MileageRate, Trip, TripExpense
from tracktok.trips.queries import mileage as queries
from tracktok.trips.queries.trips import TripNotFound
from tracktok.trips.rules.mileage import distance_in, mileage_of
from tracktok.trips.rules.trips import shown_id
from tracktok.trips.schemas.mileage import MileageRateIn
from tracktok.web.filters import format_day


class RecordedAlready(Conflict):
    code, title = "mileage_recorded", "This trip is a mileage expense already"


@dataclass(frozen=True, slots=True)
class Recorded:
    """The expense that a trip became."""

    trip_id: UUID
    expense_id: UUID
    amount: Decimal
    currency: str


def add_rate(body: MileageRateIn) -> MileageRate:
    """A rate from a day on. Raises Invalid (422)."""
    currency = body.currency or preferences().currency
    if currency not in MINOR_UNITS:
        raise Invalid.at("currency", "Use a currency code in use, such as INR, USD or EUR.")
    if body.category_id is not None:
        found = load_references(categories=[body.category_id]).categories.get(body.category_id)
        if found is None or found.is_deleted:
            raise Invalid.at("category_id", "There is no such category.", "not_found")
    rate = MileageRate(
        id=new_id(), valid_from=body.valid_from, rate=body.rate, unit=body.unit, currency=currency,
        category_id=body.category_id,
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(rate)
            db.session.flush()
    except IntegrityError as error:
        if "valid_from" in str(error.orig):
            raise Invalid.at("valid_from", "There is a rate from this day already. Delete it first.") from error
        raise
    return rate


def delete_rate(rate: MileageRate) -> None:
    """Take a rate away. Expenses that were recorded by it stay as they are."""
    db.session.delete(rate)
    db.session.flush()


def record_mileage(trip_ids: Sequence[UUID]) -> list[Recorded]:
    """Record trips as expenses of the signed-in person. Raises Invalid (422), RecordedAlready (409), TripNotFound."""
    ids = set(trip_ids)
    trips = queries.lock_trips(ids)
    if len(trips) != len(ids):
        raise TripNotFound
    known = queries.expenses_of(ids)
    return [_record(trip, known.get(trip.id)) for trip in trips]


def _record(trip: Trip, known: object) -> Recorded:
    name = shown_id(trip.external_id) or trip.route or format_day(trip.trip_date)
    if trip.status != "completed":
        raise Invalid.at("trip_ids", f"Trip {name} was not completed.")
    if not trip.distance_km:
        raise Invalid.at("trip_ids", f"Trip {name} has no distance.")
    if known is not None and known.deleted_at is None:  # type: ignore[attr-defined]
        raise RecordedAlready(f"Trip {name} is a mileage expense already.")
    rate = queries.rate_on(trip.trip_date)
    if rate is None:
        raise Invalid.at("trip_ids", f"No mileage rate holds on {format_day(trip.trip_date)}. Enter one first.")
    amount = mileage_of(trip.distance_km, rate.rate, rate.unit, rate.currency)
    if not amount:
        raise Invalid.at("trip_ids", f"Trip {name} comes to nothing.")
    plain_rate = format(rate.rate.normalize(), "f")
    description = f"{distance_in(trip.distance_km, rate.unit)} {rate.unit} at {rate.currency} {plain_rate}"
    description += f", {trip.vehicle}" if trip.vehicle else ""
    if known is not None and known.deleted_at >= bin_begins():  # type: ignore[attr-defined]
        # The same expense comes back: were another made, both would count once this one is taken out of the bin.
        back = restore_expense(get_expense(known.expense_id, deleted=True)).expense  # type: ignore[attr-defined]
        if (back.amount, back.currency, back.expense_date) != (amount, rate.currency, trip.trip_date):
            # Distance, day or rate were corrected meanwhile: it costs what it would cost if it were recorded now.
            patch = ExpensePatch(
                amount=amount, currency=rate.currency, expense_date=trip.trip_date, description=description
            )
            back = patch_expense(get_expense(back.id), patch).expense
        return Recorded(trip.id, back.id, back.amount, back.currency)
    way = " to ".join(filter(None, (trip.origin, trip.destination))) or trip.route
    body = ExpenseIn(
        amount=amount,
        currency=rate.currency,
        title=f"Mileage, {way}"[:200] if way else "Mileage",
        description=description,
        category_id=rate.category_id,
        project_id=trip.project_id,
        expense_date=trip.trip_date,
        reference=shown_id(trip.external_id)[:100],
    )
    expense = record_expense(body).expense
    if known is not None:
        db.session.execute(
            TripExpense.__table__.update().where(  # type: ignore[attr-defined]
                TripExpense.trip_id == trip.id, TripExpense.tenant_id == trip.tenant_id
            ).values(expense_id=expense.id)
        )  # fmt: skip
    else:
        db.session.add(TripExpense(id=new_id(), trip_id=trip.id, expense_id=expense.id))
    db.session.flush()
    return Recorded(trip.id, expense.id, expense.amount, expense.currency)


def undo_mileage(trip_ids: Sequence[UUID]) -> int:
    """Put the mileage expenses of trips into the bin; how many. Raises NotFound when there is none."""
    queries.lock_trips(set(trip_ids))
    found = [row for row in queries.expenses_of(trip_ids).values() if row.deleted_at is None]
    if not found:
        raise NotFound("There is no mileage expense of this trip.")
    for row in found:
        delete_expense(get_expense(row.expense_id))
    return len(found)
