"""The terms of a card: what contradicts itself is named at its field; which card prices a trip."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from tests.trips.cards import card
from tracktok.trips.rules.book import CardBook, DatedCard, Scope
from tracktok.trips.rules.cards import minutes_of
from tracktok.trips.rules.terms import card_from, card_problems, to_terms

PACKAGES = {"options": [{"amount": "2200", "hours": "8", "distance": "80"}], "extra_distance": "14"}
SLABS = {"steps": [{"up_to": "10", "rate": "20"}, {"up_to": None, "rate": "18"}]}


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"model": "trip"}, "per_trip"),
        ({"model": "trip", "packages": PACKAGES}, "packages"),
        ({"model": "trip", "per_trip": "1", "monthly": {"fee": "1"}}, "monthly/fee"),
        ({"model": "package"}, "packages"),
        ({"model": "package", "packages": PACKAGES, "per_distance": "5"}, "per_distance"),
        ({"model": "hybrid", "per_trip": "5"}, "monthly/fee"),
        ({"model": "hybrid", "monthly": {"fee": "5"}}, "per_trip"),
        ({"model": "hybrid", "monthly": {"fee": "5"}, "packages": PACKAGES, "per_trip": "1"}, "packages"),
        ({"per_distance": "1", "distance_slabs": SLABS}, "per_distance"),
        ({"per_hour": "1", "hour_slabs": SLABS}, "per_hour"),
        ({"distance_slabs": {"steps": [{"up_to": "10", "rate": "1"}]}}, "distance_slabs/steps/0/up_to"),
        (
            {"distance_slabs": {"steps": [{"up_to": "10"}, {"up_to": "9"}, {"up_to": None, "rate": "1"}]}},
            "distance_slabs/steps/1/up_to",
        ),
        (
            {"distance_slabs": {"steps": [{"up_to": None, "rate": "1"}, {"up_to": None, "rate": "1"}]}},
            "distance_slabs/steps/0/up_to",
        ),
        ({"hour_slabs": {"steps": [{"up_to": None, "rate": "1", "flat": "5"}]}}, "hour_slabs/steps/0/flat"),
        ({"per_trip": "1", "night": {"starts": "22:00", "ends": "22:00", "amount": "1"}}, "night/ends"),
        ({"per_trip": "1", "night": {"starts": "22:00", "ends": "06:00"}}, "night/amount"),
        ({"per_trip": "1", "no_show": {"amount": "1", "percent": "1"}}, "no_show/percent"),
        ({"per_trip": "1", "cancelled": {}}, "cancelled/amount"),
        (
            {"per_trip": "1", "late": [{"after_minutes": 9, "amount": "1"}, {"after_minutes": 9, "amount": "2"}]},
            "late/1/after_minutes",
        ),
        ({"model": "package", "monthly": {"fee": "5", "extra_trip": "1"}}, "monthly/included_trips"),
    ],
)
def test_what_contradicts_itself_is_named_at_its_field(terms, field):
    made = card_from({"model": "trip", "currency": "INR", **terms})
    assert field in [name for name, _ in card_problems(made)]


def test_stored_terms_leave_out_what_a_card_does_not_have():
    stored = to_terms(card(per_trip="150.00", tax={"percent": "5.000"}))
    assert stored["per_trip"] == "150"
    assert stored["tax"]["percent"] == "5"
    assert not {"per_distance", "packages", "night", "late", "distance_step"} & stored.keys()


@pytest.mark.parametrize("text", ["24:00", "7", "12:60", "12:5", "", "-1:00", "aa:bb", "1²:00"])
def test_what_is_no_time_of_day_is_refused(text):
    with pytest.raises(ValueError, match="such as 22:00"):
        minutes_of(text)


def number(value: int) -> UUID:
    return UUID(int=value)


def dated(card_no: int, version: int, day: str, **scope) -> DatedCard:
    return DatedCard(number(card_no), number(version), date.fromisoformat(day), Scope(**scope), card(per_trip="1"))


BOOK = CardBook(
    [
        dated(1, 10, "2026-01-01"),
        dated(1, 11, "2026-04-01"),
        dated(2, 20, "2026-02-01", vehicle_class="SUV"),
        dated(3, 30, "2026-01-01", trip_type="airport"),
        dated(4, 40, "2026-01-01", project_id=number(9)),
    ]
)


@pytest.mark.parametrize(
    ("day", "asked", "version"),
    [
        ("2025-12-31", {}, None),
        ("2026-01-01", {}, 10),
        ("2026-03-31", {}, 10),
        ("2026-04-01", {}, 11),
        ("2026-03-01", {"vehicle_class": "suv"}, 20),
        ("2026-01-15", {"vehicle_class": "SUV"}, 10),  # the card of the class does not hold yet: the general one does
        ("2026-03-01", {"trip_type": "airport"}, 30),
        ("2026-03-01", {"vehicle_class": "SUV", "trip_type": "airport"}, 20),
        ("2026-03-01", {"vehicle_class": "SUV", "project_id": number(9)}, 40),
        ("2026-03-01", {"vehicle_class": "Sedan", "trip_type": "drop", "project_id": number(8)}, 10),
    ],
)
def test_the_nearest_card_prices_a_trip_by_the_version_of_its_day(day, asked, version):
    found = BOOK.find(date.fromisoformat(day), **asked)
    assert (found.version_id if found else None) == (number(version) if version else None)


def test_the_versions_of_a_month_share_its_days():
    march = (date(2026, 3, 15), date(2026, 4, 14))
    spans = [
        (one.version_id.int, first, last) for one, first, last in BOOK.between(*march) if one.rate_card_id.int == 1
    ]
    assert spans == [(11, date(2026, 4, 1), march[1]), (10, march[0], date(2026, 3, 31))]
