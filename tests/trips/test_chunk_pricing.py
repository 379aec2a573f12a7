"""Trips of a file with the same facts are reckoned once: what is kept for them is what each would come to alone."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from uuid import UUID

from tracktok.trips.rules.book import CardBook, DatedCard, Scope
from tracktok.trips.rules.terms import card_from
from tracktok.trips.services.importing.pricing import ChunkPricer
from tracktok.trips.services.importing.rows import STAGED

NAMES = [part.split()[0] for part in STAGED.replace("\n", " ").split(",")]
NIGHT = {"starts": "22:00", "ends": "06:00", "amount": "75"}
CARDS = (
    {"model": "trip", "currency": "INR", "per_trip": "60", "per_distance": "11.5", "night": NIGHT,
     "waiting": {"rate": "1.5", "free_minutes": 10}},
    {"model": "trip", "currency": "INR", "per_hour": "90", "night": {**NIGHT, "starts": "00:00"}},
    {"model": "trip", "currency": "INR", "per_trip": "10",
     "hour_slabs": {"mode": "graduated", "steps": [{"up_to": "1", "rate": "4"}, {"rate": "2.25"}]}},
    {"model": "package", "currency": "INR",
     "packages": {"options": [{"hours": "1", "distance": "10", "amount": "14"},
                              {"hours": "2", "distance": "40", "amount": "40"}],
                  "extra_distance": "1.40", "extra_hour": "18"}},
)  # fmt: skip


def line(chance: random.Random, place: int, vendor: str) -> str:
    start = datetime(2026, 3, 1) + timedelta(minutes=chance.randrange(0, 3 * 1440, 30))
    end = start + timedelta(minutes=chance.choice((0, 1, 30, 60, 90, 480, 1500, 2880)))
    values = {
        **dict.fromkeys(NAMES, ""),
        "vendor_id": vendor,
        "trip_date": start.date().isoformat(),
        "started_at": f"{start}+05:30",
        "ended_at": chance.choice((f"{end}+05:30", f"{end}+05:30", "\\N")),
        "type": "spot",
        "status": chance.choice(("completed", "completed", "no_show")),
        "project_id": "\\N",
        "distance_km": chance.choice(("5", "12.5", "60")),
        "dead_km": "0",
        "waiting_minutes": chance.choice(("0", "25")),
        "late_minutes": "0",
        "passengers": "1",
        "escort": "f",
        "tolls": chance.choice(("0", "45")),
        "parking": "0",
    }
    seconds = 0 if values["ended_at"] == "\\N" else int((end - start).total_seconds())
    values["seconds"] = str(seconds)
    return "\t".join([str(place), "0", "0", *(values[name] for name in NAMES)]) + "\n"


def test_what_is_kept_for_trips_alike_is_what_each_comes_to_alone():
    chance = random.Random(3)
    vendors = [str(UUID(int=number)) for number in range(len(CARDS))]
    books = {
        vendor: CardBook(
            [DatedCard(UUID(int=90 + at), UUID(int=70 + at), date(2026, 1, 1), Scope(), card_from(CARDS[at]))]
        )
        for at, vendor in enumerate(vendors)
    }

    def pricer() -> ChunkPricer:
        return ChunkPricer(books, {vendor: set() for vendor in vendors}, {})

    lines = [line(chance, place, chance.choice(vendors)) for place in range(1, 1500)]
    together = pricer().prepare("".join(lines).encode())
    assert together.priced == together.count == len(lines)
    assert together.charges == b"".join(pricer().prepare(one.encode()).charges for one in lines)
