"""Pricing trips that are in the table: the row that stands is superseded, or a closed month is adjusted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, Uuid, bindparam, func, insert, select, update

from tracktok.core import clock
from tracktok.core.context import actor
from tracktok.core.db import db
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.trips.models import Trip, TripAdjustment, TripCharge
from tracktok.trips.queries.rate_cards import cards_by_version
from tracktok.trips.rules.rating import (
    Rated,
    TripToRate,
    facts_from,
    may_keep,
    rate_by,
    rate_trip,
    same_price,
    trace_of,
)
from tracktok.trips.rules.trips import local_of, month_of, open_period

from .periods import touch
from .rate_cards import open_book

ZERO = Decimal(0)
_BY_TRIPS = bindparam("ids", type_=ARRAY(Uuid()))
_STANDING = select(TripCharge).where(TripCharge.trip_id == _BY_TRIPS.any_(), TripCharge.superseded_at.is_(None))
_ADJUSTED = (
    select(
        TripAdjustment.trip_id,
        TripAdjustment.currency,
        func.sum(TripAdjustment.amount).label("amount"),
        func.sum(TripAdjustment.tax).label("tax"),
    )
    .where(TripAdjustment.trip_id == _BY_TRIPS.any_(), TripAdjustment.kind != "credit")
    .group_by(TripAdjustment.trip_id, TripAdjustment.currency)
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What pricing changed of a trip."""

    trip_id: UUID
    charge: TripCharge | None = None
    adjustment: TripAdjustment | None = None


def to_rate(trip: Any) -> TripToRate:
    """What pricing needs to know of a trip or its row."""
    zone = ZoneInfo(trip.timezone)
    start = local_of(trip.started_at, zone)
    end = local_of(trip.ended_at, zone) if trip.ended_at is not None else None
    return TripToRate(trip.trip_date, facts_from(trip, start, end), trip.project_id)


def standing(ids: Sequence[UUID]) -> dict[UUID, TripCharge]:
    """The rows that stand for trips, by trip."""
    return {one.trip_id: one for one in db.session.execute(_STANDING, {"ids": list(ids)}).scalars()}


def price_trips(
    trips: Sequence[Any],
    closed: Mapping[UUID, set[date]],
    reason: str,
    *,
    moved: bool = False,
    shown: Iterable[tuple[UUID, date]] = (),
) -> list[Outcome]:
    """Price trips (whose vendors' months the caller holds open), each by the card that holds on its day.

    Where none does any more (it was archived), the version that priced a trip goes on doing so; `moved`: what chooses
    the card was changed of these trips. `shown`: vendors and months that showed them before. A row that says the same
    stays. One on an open month is superseded; one on a closed month stays as it is, and the difference becomes an
    adjustment on the next open one. Flushes.
    """
    asked = {trip.id: to_rate(trip) for trip in trips if trip.deleted_at is None and trip.status != "planned"}
    keys: dict[UUID, set[tuple[date, str, str, UUID | None]]] = {}
    for trip in trips:
        if (one := asked.get(trip.id)) is not None:
            key = (one.day, one.facts.vehicle_class, one.facts.trip_type, one.project_id)
            keys.setdefault(trip.vendor_id, set()).add(key)
    books = {vendor: open_book(vendor, wanted) for vendor, wanted in sorted(keys.items())}
    rated = {trip.id: rate_trip(books[trip.vendor_id], asked[trip.id]) if trip.id in asked else None for trip in trips}
    before = standing([trip.id for trip in trips])
    keep_prices(trips, asked, before, rated, moved=moved, archived=reason == "edited" and not moved)
    locked = [one for one in before.values() if one.period in closed.get(one.vendor_id, set())]
    adjusted = _adjusted([one.trip_id for one in locked])
    work = _Work(reason, shown)
    for trip in trips:
        old, new = before.get(trip.id), rated[trip.id]
        shut = closed.get(trip.vendor_id, set())
        if old is not None and old.period in closed.get(old.vendor_id, set()):
            work.adjust(trip, old, new, adjusted.get(trip.id, {}), shut)
        elif (
            old is None
            or new is None
            or not same_price(old, new.price, new.version_id)
            or old.vendor_id != trip.vendor_id
            or old.trip_date != trip.trip_date
        ):
            work.supersede(trip, old, new, shut)
        if reason != "rerated":
            work.changed(trip, old)
    return work.write()


def keep_prices(
    trips: Sequence[Any],
    asked: Mapping[UUID, TripToRate],
    before: Mapping[UUID, TripCharge],
    rated: dict[UUID, Rated | None],
    *,
    moved: bool,
    archived: bool = False,
) -> None:
    """Price by the version of the row that stands what no card in use holds for.

    With `archived` also what an archived card priced and another would price now: another note on a trip is no reason.
    """
    kept: dict[UUID, UUID] = {}
    for trip in trips:
        old, new = before.get(trip.id), rated[trip.id]
        if trip.id not in asked or old is None or old.vendor_id != trip.vendor_id:
            continue
        if new is None or (archived and new.version_id != old.version_id):
            kept[trip.id] = old.version_id
    cards = cards_by_version(set(kept.values()))
    for trip_id, version_id in kept.items():
        card = cards[version_id]
        if (rated[trip_id] is None or card.is_archived) and may_keep(card, asked[trip_id], moved=moved):
            rated[trip_id] = rate_by(card, asked[trip_id])


def _adjusted(ids: Sequence[UUID]) -> dict[UUID, dict[str, tuple[Decimal, Decimal]]]:
    found: dict[UUID, dict[str, tuple[Decimal, Decimal]]] = {}
    if ids:
        for row in db.session.execute(_ADJUSTED, {"ids": list(ids)}):
            found.setdefault(row.trip_id, {})[row.currency] = (row.amount, row.tax)
    return found


class _Work:
    """What is to be written for a set of trips."""

    def __init__(self, reason: str, shown: Iterable[tuple[UUID, date]]) -> None:
        who = actor()
        self.reason = reason
        self.person = who.person_id if who else None
        self.old: dict[UUID, UUID | None] = {}
        self.charges: list[dict[str, Any]] = []
        self.adjustments: list[dict[str, Any]] = []
        self.months: set[tuple[UUID, date]] = set()
        self.shown = set(shown)

    def changed(self, trip: Trip, old: TripCharge | None) -> None:
        """A trip says something else now: what was kept of its statement is old, also where its price is the same."""
        self.shown.add((trip.vendor_id, month_of(trip.trip_date)))
        if old is not None:
            self.shown.add((old.vendor_id, old.period))

    def supersede(self, trip: Trip, old: TripCharge | None, new: Rated | None, closed: set[date]) -> None:
        row: dict[str, Any] | None = None
        if new is not None:
            price = new.price
            row = {
                "id": new_id(),
                "trip_id": trip.id,
                "vendor_id": trip.vendor_id,
                "version_id": new.version_id,
                "trip_date": trip.trip_date,
                "period": open_period(trip.trip_date, closed),
                "currency": price.currency,
                "amount": price.amount,
                "tax": price.tax,
                "total": price.total,
                "passed_on": price.passed_on,
                "trace": trace_of(price),
                "reason": self.reason,
                "actor_id": self.person,
            }
            self.charges.append(row)
            self.months.add((trip.vendor_id, row["period"]))
        if old is not None:
            self.old[old.id] = row["id"] if row else None
            self.months.add((old.vendor_id, old.period))

    def adjust(
        self,
        trip: Trip,
        old: TripCharge,
        new: Rated | None,
        before: dict[str, tuple[Decimal, Decimal]],
        closed: set[date],
    ) -> None:
        """The difference between what stands (with what was adjusted) and what would be right now."""
        wanted: dict[str, tuple[Decimal, Decimal]] = {}
        if new is not None:
            wanted[new.price.currency] = (new.price.amount, new.price.tax)
        have = {old.currency: (old.amount, old.tax)}
        for currency, (amount, tax) in before.items():
            first = have.get(currency, (ZERO, ZERO))
            have[currency] = (first[0] + amount, first[1] + tax)
        for currency in sorted({*wanted, *have}):
            was, is_now = have.get(currency, (ZERO, ZERO)), wanted.get(currency, (ZERO, ZERO))
            amount, tax = is_now[0] - was[0], is_now[1] - was[1]
            if amount == 0 and tax == 0:
                continue
            period = open_period(trip.trip_date, closed | {old.period})
            kind = "deleted" if trip.deleted_at is not None else {"rerated": "rerated"}.get(self.reason, "edited")
            self.adjustments.append(
                {
                    "id": new_id(),
                    "vendor_id": old.vendor_id,
                    "trip_id": trip.id,
                    "version_id": new.version_id if new is not None else None,
                    "period": period,
                    "about": month_of(old.period),
                    "kind": kind,
                    "reason": _WHY[kind],
                    "currency": currency,
                    "amount": amount,
                    "tax": tax,
                    "total": amount + tax,
                    "trace": trace_of(new.price) if new is not None else [],
                    "actor_id": self.person,
                }
            )
            self.months.add((old.vendor_id, period))

    def write(self) -> list[Outcome]:
        tenant, now = current_tenant_id(), clock.now()
        if self.old:
            # Marked before the new rows come, for one row stands for a trip; each names what takes its place.
            db.session.execute(
                update(TripCharge.__table__)  # type: ignore[arg-type]
                .where(TripCharge.tenant_id == tenant, TripCharge.id == bindparam("of"))
                .values(superseded_at=bindparam("now"), superseded_by=bindparam("by")),
                [
                    {"of": one, "by": by, "now": now}
                    for one, by in sorted(self.old.items(), key=lambda pair: str(pair[0]))
                ],
            )
        for model, rows in ((TripCharge, self.charges), (TripAdjustment, self.adjustments)):
            if rows:
                db.session.execute(insert(model.__table__), [{"tenant_id": tenant, **one} for one in rows])  # type: ignore[arg-type]
        touch(self.months, self.shown)
        return [Outcome(one["trip_id"], TripCharge(tenant_id=tenant, **one)) for one in self.charges] + [
            Outcome(one["trip_id"], adjustment=TripAdjustment(tenant_id=tenant, **one)) for one in self.adjustments
        ]


_WHY = {
    "rerated": "Priced again after the month was closed",
    "edited": "Changed after the month was closed",
    "deleted": "Taken back after the month was closed",
}
