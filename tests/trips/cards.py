"""Cards and trips that tests of prices share."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tracktok.trips.rules.cards import Card
from tracktok.trips.rules.priced import TripFacts
from tracktok.trips.rules.terms import card_from, card_problems


def card(**terms: Any) -> Card:
    """A card by trip in rupees that nothing is wrong with."""
    made = card_from({"model": "trip", "currency": "INR", **terms})
    assert not card_problems(made), card_problems(made)
    return made


def trip(start: str = "2026-03-03T10:00", minutes: int = 60, km: str = "10", **over: Any) -> TripFacts:
    """A trip that began at a time and took so many minutes."""
    begun = datetime.fromisoformat(start)
    money = {name: Decimal(over.pop(name)) for name in ("tolls", "parking", "dead_km") if name in over}
    ended = begun + timedelta(minutes=minutes)
    return TripFacts(begun, ended, minutes * 60, Decimal(km), **money, **over)


def lines(priced: Any) -> list[tuple[str, str]]:
    """(code, amount) of each line."""
    return [(part.code, str(part.amount)) for part in priced.parts]


amounts = st.decimals(0, 5000, places=2).map(str)
rates = st.decimals(0, 90, places=4).map(str)
percents = st.decimals("0.5", 60, places=2).map(str)
positive = st.decimals("0.01", 5000, places=2).map(str)


@st.composite
def slabs(draw: Any) -> dict[str, Any]:
    mode = draw(st.sampled_from(["graduated", "whole"]))
    edges = sorted(draw(st.sets(st.integers(1, 60), max_size=3)))
    steps = [
        {"up_to": edge, "rate": draw(rates), "flat": draw(amounts) if mode == "whole" else "0"}
        for edge in [*(str(edge) for edge in edges), None]
    ]
    return {"mode": mode, "steps": steps}


def _either(draw: Any) -> dict[str, str]:
    return draw(st.one_of(positive.map(lambda one: {"amount": one}), percents.map(lambda one: {"percent": one})))


@st.composite
def cards(draw: Any) -> Card:
    """Any card by trip, or by package, with any of the parts that there are."""
    terms: dict[str, Any] = {
        "currency": draw(st.sampled_from(["INR", "JPY", "KWD", "USD"])),
        "distance_unit": draw(st.sampled_from(["km", "mi"])),
        "distance_step": draw(st.sampled_from(["0", "1", "0.5"])),
        "minute_step": draw(st.sampled_from([0, 15])),
    }
    if draw(st.booleans()):
        options = [
            {"amount": draw(positive), "hours": draw(st.sampled_from([None, "4", "8"])), "distance": str(edge)}
            for edge in draw(st.lists(st.integers(1, 200), min_size=1, max_size=3))
        ]
        extra = {"extra_distance": draw(rates), "extra_hour": draw(rates)}
        terms |= {"model": "package", "packages": {"options": options, **extra}}
    else:
        terms |= {"model": "trip", "per_trip": draw(positive)}
        terms |= draw(st.sampled_from([{}, {"per_distance": draw(positive)}, {"distance_slabs": draw(slabs())}]))
        terms |= draw(st.sampled_from([{}, {"per_hour": draw(positive)}, {"hour_slabs": draw(slabs())}]))
    optional: dict[str, Any] = {
        "minimum_fare": draw(positive),
        "dead": {"rate": draw(rates), "included": draw(st.sampled_from(["0", "5"]))},
        "night": {"starts": "22:00", "ends": "05:30", **_either(draw)},
        "waiting": {"rate": draw(rates), "free_minutes": 10, "per": draw(st.sampled_from(["minute", "hour"]))},
        "escort": draw(positive),
        "no_show": _either(draw),
        "cancelled": {**_either(draw), "deduct": draw(st.booleans())},
        "late": [{"after_minutes": 10, **_either(draw)}, {"after_minutes": 30, **_either(draw)}],
        "pass_through": {"markup_percent": draw(st.sampled_from(["0", "7.5"]))},
        "surcharges": [{"name": "Fuel", "percent": draw(percents), "on": ["distance", "dead"]}],
        "tax": {"percent": draw(percents), "inclusive": draw(st.booleans())},
    }
    chosen = draw(st.sets(st.sampled_from(sorted(optional))))
    made = card_from(terms | {name: optional[name] for name in chosen})
    assert not card_problems(made)
    return made


@st.composite
def trips(draw: Any) -> TripFacts:
    """Any trip that does not contradict itself."""
    begun = datetime(2026, 1, 1) + timedelta(minutes=draw(st.integers(0, 40000)))
    seconds = draw(st.integers(0, 3 * 86400))
    money = st.decimals(0, 900, places=2)
    return TripFacts(
        begun,
        begun + timedelta(seconds=seconds),
        seconds,
        distance_km=draw(st.decimals(0, 400, places=6)),
        dead_km=draw(st.decimals(0, 40, places=3)),
        waiting_minutes=draw(st.integers(0, 200)),
        late_minutes=draw(st.integers(0, 90)),
        tolls=draw(money),
        parking=draw(money),
        escort=draw(st.booleans()),
        status=draw(st.sampled_from(["completed", "completed", "cancelled", "no_show"])),
    )
