"""Trips of a period priced again: as a "what if" that writes nothing, or for good."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from tracktok.core import jobs
from tracktok.core.errors import Invalid, NotFound
from tracktok.core.ids import new_id
from tracktok.core.jobs import JobRun
from tracktok.trips.queries.rate_cards import card_book
from tracktok.trips.queries.rating import count_trips, find_vendor, find_version, trips_between
from tracktok.trips.rules.book import CardBook, DatedCard, Scope
from tracktok.trips.rules.rating import rate_trip
from tracktok.trips.schemas.trips import RerateIn, WhatIfIn

from .periods import hold_alone, hold_open
from .rating import keep_prices, price_trips, standing, to_rate

RERATE_JOB = "trips.rerate"
MOST_AT_ONCE = 5_000
MOST_COMPARED = 200_000
ZERO = Decimal(0)


class TooManyToCompare(Invalid):
    code, title = "too_many_trips", "These are too many trips to compare at once"


@dataclass(frozen=True, slots=True)
class Difference:
    """What a trip comes to now and would then, with tax; None for no price."""

    trip_id: UUID
    external_id: str
    trip_date: date
    currency: str
    now: Decimal | None
    then: Decimal | None

    @property
    def difference(self) -> Decimal:
        return (self.then or ZERO) - (self.now or ZERO)


@dataclass(slots=True)
class Sums:
    """Totals in a currency."""

    currency: str
    now: Decimal = ZERO
    then: Decimal = ZERO

    @property
    def difference(self) -> Decimal:
        return self.then - self.now


@dataclass(slots=True)
class WhatIf:
    """A comparison; the largest differences first."""

    trips: int = 0
    changed: int = 0
    totals: list[Sums] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)


@dataclass(slots=True)
class Rerated:
    """What pricing again did, or the job that does it."""

    trips: int
    superseded: int = 0
    adjusted: int = 0
    job_id: UUID | None = None


def what_if(body: WhatIfIn) -> WhatIf:
    """What the trips would come to under another card, or under the vendor's as they are now. Writes nothing."""
    book = _book(body)
    count = count_trips(body.vendor_id, body.date_from, body.date_to)
    if count > MOST_COMPARED:
        raise TooManyToCompare(f"These are {count:,} trips. Compare at most {MOST_COMPARED:,}: choose fewer days.")
    found = WhatIf()
    sums: dict[str, Sums] = {}
    largest: list[tuple[Decimal, int, Difference]] = []
    for chunk in _chunks(body.vendor_id, body.date_from, body.date_to):
        charges = standing([trip.id for trip in chunk])
        asked = {trip.id: to_rate(trip) for trip in chunk if trip.status != "planned"}
        rated = {trip.id: rate_trip(book, asked[trip.id]) if trip.id in asked else None for trip in chunk}
        if body.version_id is None:
            keep_prices(chunk, asked, charges, rated, moved=False)
        for trip in chunk:
            found.trips += 1
            for one in _differences(trip, charges.get(trip.id), rated[trip.id]):
                total = sums.setdefault(one.currency, Sums(one.currency))
                total.now += one.now or ZERO
                total.then += one.then or ZERO
                if one.difference == 0 and (one.now is None) == (one.then is None):
                    continue
                found.changed += 1
                heapq.heappush(largest, (abs(one.difference), found.changed, one))
                if len(largest) > body.most:
                    heapq.heappop(largest)
    found.totals = sorted(sums.values(), key=lambda one: one.currency)
    found.differences = [one for _, _, one in sorted(largest, key=lambda entry: (-entry[0], entry[1]))]
    return found


def _differences(trip: Any, charge: Any, rated: Any) -> Iterator[Difference]:
    """One, or two where the currency would be another."""
    now = {charge.currency: charge.total} if charge is not None else {}
    then = {rated.price.currency: rated.price.total} if rated is not None else {}
    for currency in sorted({*now, *then}):
        yield Difference(trip.id, trip.external_id, trip.trip_date, currency, now.get(currency), then.get(currency))


def _book(body: WhatIfIn) -> CardBook:
    find_vendor(body.vendor_id)
    if body.version_id is None:
        return card_book(body.vendor_id)
    card = find_version(body.version_id)
    if card is None:
        raise NotFound("There is no such version of a rate card.")
    return CardBook([DatedCard(new_id(), body.version_id, date.min, Scope(), card)])


def rerate(body: RerateIn) -> Rerated:
    """Price the trips of a period again: at once, or by a job when there are many."""
    find_vendor(body.vendor_id)
    count = count_trips(body.vendor_id, body.date_from, body.date_to)
    if count > MOST_AT_ONCE:
        payload = {
            "vendor_id": str(body.vendor_id),
            "date_from": body.date_from.isoformat(),
            "date_to": body.date_to.isoformat(),
        }
        job_id, _ = jobs.start(RERATE_JOB, payload, run_key=f"{RERATE_JOB}:{new_id()}")
        return Rerated(count, job_id=job_id)
    return rerate_now(body.vendor_id, body.date_from, body.date_to)


def rerate_now(vendor_id: UUID, first: date, last: date, run: JobRun | None = None) -> Rerated:
    """Price the trips of a vendor from one day to another again, a chunk at a time.

    Nobody else writes trips of the vendor meanwhile: two that price a closed month would both adjust it.
    """
    hold_alone(vendor_id)
    closed = hold_open([vendor_id])
    total = count_trips(vendor_id, first, last) if run is not None else 0
    done = Rerated(0)
    for chunk in _chunks(vendor_id, first, last):
        for one in price_trips(chunk, closed, "rerated"):
            done.superseded += one.charge is not None
            done.adjusted += one.adjustment is not None
        done.trips += len(chunk)
        if run is not None:
            run.progress(done.trips, total or 1, "Pricing trips")
    return done


def _chunks(vendor_id: UUID, first: date, last: date) -> Iterator[Sequence[Any]]:
    after: tuple[date, UUID] | None = None
    while chunk := trips_between(vendor_id, first, last, after):
        yield chunk
        after = (chunk[-1].trip_date, chunk[-1].id)
