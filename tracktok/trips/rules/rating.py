"""Trips to prices: the facts of a trip, the card that prices it, and the trace as it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from tracktok.core.money import format_amount

from .book import CardBook, DatedCard
from .cards import plain
from .priced import Part, PricedTrip, TripFacts
from .pricing import price_trip

ZERO = Decimal(0)
NO_CARD = "No rate card of the vendor holds for this trip on its day."
NOT_YET = "A planned trip has no price before it is driven."


@dataclass(frozen=True, slots=True)
class Rated:
    """A price and the version of the card that gave it."""

    version_id: UUID
    price: PricedTrip


class TripToRate(NamedTuple):
    """What pricing needs to know of a trip: its facts, its day, and what chooses the card."""

    day: date
    facts: TripFacts
    project_id: UUID | None = None


def rate_trip(book: CardBook, trip: TripToRate) -> Rated | None:
    """What a trip comes to under the cards of its vendor; None when none of them holds, or it is only planned."""
    facts = trip.facts
    if facts.status == "planned":
        return None
    return rate_by(book.find(trip.day, facts.vehicle_class, facts.trip_type, trip.project_id), trip)


def rate_by(dated: DatedCard | None, trip: TripToRate) -> Rated | None:
    """What a trip comes to by a version of a card."""
    return Rated(dated.version_id, price_trip(dated.card, trip.facts)) if dated is not None else None


def may_keep(dated: DatedCard, trip: TripToRate, *, moved: bool) -> bool:
    """Whether the version that priced a trip still does where no card in use holds for it.

    A card that was archived, or given another scope, takes no price back. A trip that was `moved` to another day,
    vehicle class, type or project keeps its price only where the card was for such trips too.
    """
    if not moved:
        return True
    facts = trip.facts
    return dated.valid_from <= trip.day and dated.scope.holds(facts.vehicle_class, facts.trip_type, trip.project_id)


def trace_of(price: PricedTrip) -> list[list[str]]:
    """The parts of a price as they are kept: code, label, quantity, unit, rate, amount, and a note if there is one."""
    return [_row(part, price.currency) for part in price.parts]


def _row(part: Part, currency: str) -> list[str]:
    code, label, quantity, unit, rate, amount, note = part
    row = [code, label, plain(quantity), unit, plain(rate), format_amount(amount, currency)]
    if note:
        row.append(note)
    return row


def parts_of(trace: Iterable[Sequence[str]]) -> list[Part]:
    """The parts that `trace_of` kept."""
    return [
        Part(row[0], row[1], Decimal(row[2]), row[3], Decimal(row[4]), Decimal(row[5]), row[6] if len(row) > 6 else "")
        for row in trace
    ]


def facts_from(row: Any, local_start: datetime, local_end: datetime | None) -> TripFacts:
    """The facts of a trip's row, with its times on the wall clock of its zone."""
    seconds = int((row.ended_at - row.started_at).total_seconds()) if row.ended_at is not None else 0
    return TripFacts(
        local_start=local_start,
        local_end=local_end if local_end is not None else local_start,
        seconds=seconds,
        distance_km=row.distance_km,
        dead_km=row.dead_km,
        waiting_minutes=row.waiting_minutes,
        late_minutes=row.late_minutes,
        tolls=row.tolls,
        parking=row.parking,
        escort=row.escort,
        status=str(row.status),
        passengers=row.passengers,
        vehicle_class=row.vehicle_class,
        trip_type=str(row.type),
    )


def same_price(one: Any, price: PricedTrip, version_id: UUID) -> bool:
    """Whether a charge says the same as a price: then nothing is superseded."""
    return (
        one.version_id == version_id
        and one.amount == price.amount
        and one.tax == price.tax
        and one.currency == price.currency
        and [list(row) for row in one.trace] == trace_of(price)
    )


def trace_json(price: PricedTrip) -> str:
    """`trace_of` as JSON, written without making its lists: a million of them are."""
    return "[" + ",".join(map(_row_json, price.parts)) + "]"


def _row_json(part: Part) -> str:
    code, label, quantity, unit, rate, amount, note = part
    # An amount of a part has the places of its currency already.
    row = f'["{code}",{_label(label)},"{_short(quantity)}","{unit}","{_short(rate)}","{amount}"'
    return f"{row},{orjson.dumps(note).decode()}]" if note else row + "]"


@lru_cache(maxsize=4096)
def _label(word: str) -> str:
    return orjson.dumps(word).decode()


def _short(value: Decimal) -> str:
    text = str(value)
    if "." not in text:
        return text if "E" not in text else plain(value)
    return text.rstrip("0").rstrip(".") if "E" not in text else plain(value)
