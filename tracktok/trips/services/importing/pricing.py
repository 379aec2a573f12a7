"""Staged trips to billing rows, chunk by chunk, in a thread beside the database's work. Nothing here reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from tracktok.imports.rules.cells import NULL, Memo
from tracktok.trips.rules.book import CardBook, DatedCard
from tracktok.trips.rules.cards import Night
from tracktok.trips.rules.priced import PricedTrip, TripFacts
from tracktok.trips.rules.pricing import is_timed, nights_between, price_trip
from tracktok.trips.rules.rating import trace_json
from tracktok.trips.rules.trips import month_of, open_period

CHARGES: Final = (
    "p bigint NOT NULL, vendor_id uuid NOT NULL, version_id uuid NOT NULL, trip_date date NOT NULL,"
    " period date NOT NULL, currency text NOT NULL, amount numeric NOT NULL, tax numeric NOT NULL,"
    " total numeric NOT NULL, passed_on numeric NOT NULL, trace text NOT NULL"
)
_MOST_KEPT: Final = 30_000
# Places in a line of staged rows, behind its number, key and count: see `rows.STAGED`.
(VENDOR, _, DAY, START, END, SECONDS, _, TYPE, STATUS, _, CLASS) = range(3, 14)
(PROJECT, DISTANCE) = (21, 22)
(DEAD, WAITING, LATE, PASSENGERS, ESCORT, TOLLS, PARKING) = range(25, 32)


class Found(NamedTuple):
    """The card of a trip and the month it is billed in, as text."""

    dated: DatedCard
    head: str
    """vendor, version, day, month and currency: columns of a charge."""
    version: str
    is_timed: bool
    """Whether the card asks how long a trip took."""
    night: Night | None


@dataclass(slots=True)
class Prepared:
    """A chunk ready to be written."""

    rows: bytes
    charges: bytes
    count: int
    priced: int


@dataclass(slots=True)
class ChunkPricer:
    """Prices the lines of staged trips. Trips with the same facts are reckoned once."""

    books: Mapping[str, CardBook]
    closed: Mapping[str, set[date]]
    replaced: Mapping[bytes, bytes]
    """Placeholders of what the import made, and its ids."""
    versions: dict[UUID, DatedCard] = field(default_factory=dict)
    months: set[tuple[str, date]] = field(default_factory=set)
    bare: set[tuple[str, date]] = field(default_factory=set)
    """Months of trips that no card prices: their statements count them."""
    _cards: dict[tuple[str, ...], Found | None] = field(default_factory=dict)
    _kept: dict[tuple[Any, ...], str] = field(default_factory=dict)
    _clocks: Memo = field(default_factory=lambda: Memo(_seconds_of))

    def prepare(self, piece: bytes) -> Prepared:
        """The rows and charges of a piece of the staged file (whole lines)."""
        for placeholder, own in self.replaced.items():
            piece = piece.replace(placeholder, own)
        lines = piece.decode().split("\n")
        lines.pop()
        out: list[str] = []
        cards, kept = self._cards, self._kept
        for line in lines:
            f = line.split("\t")
            if f[STATUS] == "planned":
                continue
            where = (f[VENDOR], f[DAY], f[CLASS], f[TYPE], f[PROJECT])
            try:
                found = cards[where]
            except KeyError:
                found = self._find(where)
            if found is None:
                continue
            what = (
                found.version, f[SECONDS] if found.is_timed else "", f[TYPE], f[STATUS], f[DISTANCE], f[DEAD],
                f[WAITING], f[LATE], f[PASSENGERS], f[ESCORT], f[TOLLS], f[PARKING],
                self._nights(found.night, f[START], f[END]) if found.night is not None else 0,
            )  # fmt: skip
            tail = kept.get(what)
            if tail is None:
                tail = _written(price_trip(found.dated.card, _facts(f)))
                if len(kept) < _MOST_KEPT:
                    kept[what] = tail
            out.append(f"{f[0]}\t{found.head}{tail}\n")
        return Prepared(piece, "".join(out).encode(), len(lines), len(out))

    def _nights(self, night: Night, start: str, end: str) -> int:
        """How many nights a trip touches; when it began and ended says no more of its price."""
        clocks = self._clocks
        if end == NULL:
            return nights_between(night, clocks[start[11:19]], 0)
        if start[:10] == end[:10]:
            begun = clocks[start[11:19]]
            return nights_between(night, begun, clocks[end[11:19]] - begun)
        span = datetime.fromisoformat(end[:19]) - datetime.fromisoformat(start[:19])
        return nights_between(night, clocks[start[11:19]], span.days * 86400 + span.seconds)

    def _find(self, where: tuple[str, str, str, str, str]) -> Found | None:
        vendor, day_text, vehicle_class, trip_type, project = where
        book, found, day = self.books.get(vendor), None, date.fromisoformat(day_text)
        if book is not None:
            dated = book.find(day, vehicle_class, trip_type, UUID(project) if project != NULL else None)
            if dated is not None:
                self.versions[dated.version_id] = dated
                period = open_period(day, self.closed.get(vendor, set()))
                self.months.add((vendor, period))
                card, version = dated.card, str(dated.version_id)
                head = f"{vendor}\t{version}\t{day_text}\t{period}\t{card.currency}\t"
                found = Found(dated, head, version, is_timed(card), card.night)
        if found is None:
            self.bare.add((vendor, month_of(day)))
        self._cards[where] = found
        return found


def _seconds_of(clock: str) -> int:
    return int(clock[:2]) * 3600 + int(clock[3:5]) * 60 + int(clock[6:])


def _facts(f: list[str]) -> TripFacts:
    start = datetime.fromisoformat(f[START][:19])
    return TripFacts(
        start,
        datetime.fromisoformat(f[END][:19]) if f[END] != NULL else start,
        int(f[SECONDS]),
        Decimal(f[DISTANCE]),
        Decimal(f[DEAD]),
        int(f[WAITING]),
        int(f[LATE]),
        Decimal(f[TOLLS]),
        Decimal(f[PARKING]),
        f[ESCORT] == "t",
        f[STATUS],
        int(f[PASSENGERS]),
        f[CLASS],
        f[TYPE],
    )


def _written(price: PricedTrip) -> str:
    trace = trace_json(price)
    if "\\" in trace:
        trace = trace.replace("\\", "\\\\")
    return f"{price.amount}\t{price.tax}\t{price.total}\t{price.passed_on}\t{trace}"
