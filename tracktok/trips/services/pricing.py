"""What a trip or a month costs, asked by a person: nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from tracktok.core.context import preferences
from tracktok.core.errors import Conflict, Invalid
from tracktok.trips.models import RateCard, RateCardVersion
from tracktok.trips.queries import rate_cards as queries
from tracktok.trips.rules.cards import Card, DistanceUnit
from tracktok.trips.rules.months import price_month
from tracktok.trips.rules.priced import MonthTotals, PricedTrip, TripFacts
from tracktok.trips.rules.pricing import KM_A_MILE, price_trip
from tracktok.trips.rules.terms import card_from
from tracktok.trips.rules.trips import last_day
from tracktok.trips.schemas.rate_cards import LONGEST_TRIP_DAYS, MonthIn, WorkedTripIn
from tracktok.trips.schemas.terms import TermsIn

from .rate_cards import checked_terms


class NoVersion(Conflict):
    code, title = "no_version", "The card does not hold on this day"


@dataclass(frozen=True, slots=True)
class Priced:
    """A price, and the version that it is by (None: terms that are not saved)."""

    price: PricedTrip
    version: RateCardVersion | None = None


def facts_of(trip: WorkedTripIn, unit: str) -> TripFacts:
    """A trip as the rules take it: by the company's clock, in kilometres. Raises Invalid at `trip/end`."""
    zone = ZoneInfo(preferences().timezone)
    start, end = _local(trip.start, zone), _local(trip.end, zone)
    if end.timestamp() < start.timestamp():
        again = end.replace(fold=1)  # the hour that the clock goes through twice
        if trip.end.tzinfo is not None or again.timestamp() < start.timestamp():
            raise Invalid.at("trip/end", "The trip ends before it starts.")
        end = again
    seconds = int(end.timestamp()) - int(start.timestamp())
    if seconds > LONGEST_TRIP_DAYS * 86400:
        raise Invalid.at("trip/end", f"A trip takes {LONGEST_TRIP_DAYS} days at most.")
    factor = KM_A_MILE if (trip.distance_unit or unit) == DistanceUnit.mi else 1
    return TripFacts(
        start.replace(tzinfo=None, fold=0),
        end.replace(tzinfo=None, fold=0),
        seconds,
        distance_km=trip.distance * factor,
        dead_km=trip.dead_distance * factor,
        waiting_minutes=trip.waiting_minutes,
        late_minutes=trip.late_minutes,
        tolls=trip.tolls,
        parking=trip.parking,
        escort=trip.escort,
        status=trip.status.value,
        passengers=trip.passengers,
        vehicle_class=trip.vehicle_class,
        trip_type=trip.trip_type.value,
    )


def _local(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.replace(tzinfo=zone) if instant.tzinfo is None else instant.astimezone(zone)


def price_unsaved(terms: TermsIn, currency: str, trip: WorkedTripIn) -> Priced:
    """What a trip costs under terms that are not saved. Raises Invalid at the terms or the trip."""
    card = card_from(checked_terms(terms, currency))
    return Priced(price_trip(card, facts_of(trip, card.distance_unit)))


def price_by(card: RateCard, trip: WorkedTripIn, version_id: UUID | None = None) -> Priced:
    """What a trip costs by the version of its day, or by the one named. Raises NoVersion (409), NotFound, Invalid."""
    zone = ZoneInfo(preferences().timezone)
    version = _version(card, _local(trip.start, zone).date(), version_id)
    terms = card_from(version.terms)
    return Priced(price_trip(terms, facts_of(trip, terms.distance_unit)), version)


def price_month_by(card: RateCard, month: MonthIn, version_id: UUID | None = None) -> Priced:
    """What a month costs beside its trips, by the version of its first day, or by the one named."""
    version = _version(card, month.month.replace(day=1), version_id, last=last_day(month.month))
    return Priced(price_month(terms := card_from(version.terms), totals_of(month, terms)), version)


def totals_of(month: MonthIn, card: Card) -> MonthTotals:
    """A whole month as the rules take it."""
    factor = KM_A_MILE if card.distance_unit == DistanceUnit.mi else 1
    return MonthTotals(
        month.month.replace(day=1),
        last_day(month.month),
        trips=month.trips,
        distance_km=month.distance * factor,
        seconds=int(month.hours * 3600),
        vehicles=month.vehicles,
        amount=month.amount,
        tax=month.tax,
    )


def _version(card: RateCard, day: date, version_id: UUID | None, last: date | None = None) -> RateCardVersion:
    if version_id is not None:
        return queries.get_version(card.id, version_id)
    found = queries.version_on(card.id, day) or (queries.version_on(card.id, last) if last else None)
    if found is None:
        raise NoVersion("The first version of this card begins after this day.")
    return found
