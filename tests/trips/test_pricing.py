"""What trips cost: cases worked by hand, by part."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from tests.trips.cards import card, lines, trip
from tracktok.trips.rules.priced import TripFacts, part_json, part_of
from tracktok.trips.rules.pricing import price_trip

# Karnataka Transport Department, order of February 2024: cabs up to Rs 10 lakh have 4 km for Rs 100 and Rs 24 for each
# further km; 5 minutes of waiting are free, then Re 1 a minute; 10% more from midnight to 6 a.m.; 5% GST and tolls.
KARNATAKA = card(
    distance_slabs={"steps": [{"up_to": "4", "rate": "0"}, {"up_to": None, "rate": "24"}]},
    per_trip="100",
    waiting={"rate": "1", "free_minutes": 5},
    night={"starts": "00:00", "ends": "06:00", "percent": "10"},
    tax={"percent": "5", "name": "GST"},
)
# New York City TLC, rate code 1 of 2019: $2.50 on entry, $0.50 for a fifth of a mile ($2.50 a mile), $0.50 at night.
NEW_YORK = card(
    currency="USD", distance_unit="mi", per_trip="2.50", per_distance="2.50",
    night={"starts": "20:00", "ends": "06:00", "amount": "0.50"},
)  # fmt: skip
# Rental as cab firms in India publish it: 4 h / 40 km at 1,600, 8 h / 80 km at 3,200, 12 h / 120 km at 4,800; further
# km 17, further hours 270.
RENTAL = card(
    model="package",
    packages={
        "options": [
            {"amount": "1600", "hours": "4", "distance": "40"},
            {"amount": "3200", "hours": "8", "distance": "80"},
            {"amount": "4800", "hours": "12", "distance": "120"},
        ],
        "extra_distance": "17",
        "extra_hour": "270",
    },
)


@pytest.mark.parametrize(
    ("card", "trip", "expected", "amount", "tax"),
    [
        (KARNATAKA, trip(km="3.2"), [("trip", "100.00"), ("distance", "0.00")], "100.00", "5.00"),
        (KARNATAKA, trip(km="4"), [("trip", "100.00"), ("distance", "0.00")], "100.00", "5.00"),
        # 100 + 8.5 x 24 = 304; 12 minutes of waiting, 7 charged; toll 85 without GST: 5% of 311.
        (
            KARNATAKA,
            trip(km="12.5", waiting_minutes=12, tolls="85"),
            [("trip", "100.00"), ("distance", "0.00"), ("distance", "204.00"), ("waiting", "7.00"), ("tolls", "85.00")],
            "396.00",
            "15.55",
        ),
        # At 5:30 in the morning: 10% of the fare of 304.
        (
            KARNATAKA,
            trip("2026-03-03T05:30", km="12.5"),
            [("trip", "100.00"), ("distance", "0.00"), ("distance", "204.00"), ("night", "30.40")],
            "334.40",
            "16.72",
        ),
        # 2.4 miles: 2.50 + 6.00, and the night.
        (NEW_YORK, trip(km="3.862426"), [("trip", "2.50"), ("distance", "6.00")], "8.50", "0"),
        (
            NEW_YORK,
            trip("2026-03-03T20:30", km="3.862426"),
            [("trip", "2.50"), ("distance", "6.00"), ("night", "0.50")],
            "9.00",
            "0",
        ),
        (RENTAL, trip(minutes=240, km="40"), [("package", "1600.00")], "1600.00", "0"),
        # 5 h and 60 km: 1,600 + 20 x 17 + 270 = 2,210 is less than 3,200.
        (
            RENTAL,
            trip(minutes=300, km="60"),
            [("package", "1600.00"), ("package_distance", "340.00"), ("package_time", "270.00")],
            "2210.00",
            "0",
        ),
        # 8 h 30 min and 95 km: 3,200 + 255 + 135 = 3,590; by the small package 1,600 + 935 + 1,215 = 3,750.
        (
            RENTAL,
            trip(minutes=510, km="95"),
            [("package", "3200.00"), ("package_distance", "255.00"), ("package_time", "135.00")],
            "3590.00",
            "0",
        ),
    ],
)
def test_published_fares_come_out_as_worked_by_hand(card, trip, expected, amount, tax):
    priced = price_trip(card, trip)
    assert lines(priced) == expected
    assert priced.amount == Decimal(amount)
    assert priced.tax == Decimal(tax)
    assert priced.total == priced.amount + priced.tax


BASE = {"per_trip": "200"}
FLAT = {"mode": "whole", "steps": [{"up_to": "10", "flat": "300"}, {"up_to": None, "flat": "500"}]}
WHOLE = {"mode": "whole", "steps": [{"up_to": "10", "rate": "20"}, {"up_to": None, "rate": "18"}]}
FUEL = [{"name": "Fuel", "percent": "6", "on": ["distance"]}]


@pytest.mark.parametrize(
    ("terms", "facts", "expected"),
    [
        ({"per_trip": "0.005"}, {}, [("trip", "0.01")]),
        ({"per_distance": "12.5"}, {"km": "18.437"}, [("distance", "230.46")]),
        ({"per_hour": "90"}, {"minutes": 70}, [("time", "105.00")]),
        ({"per_distance": "10", "distance_step": "1"}, {"km": "7.001"}, [("distance", "80.00")]),
        ({"per_distance": "10", "distance_step": "1"}, {"km": "7.0004"}, [("distance", "70.00")]),
        ({"per_hour": "120", "minute_step": 15}, {"minutes": 61}, [("time", "150.00")]),
        (
            {"per_distance": "10", "minimum_fare": "150"},
            {"km": "9"},
            [("distance", "90.00"), ("minimum_fare", "60.00")],
        ),
        ({"per_distance": "10", "minimum_fare": "150"}, {"km": "15"}, [("distance", "150.00")]),
        (
            {"distance_slabs": FLAT},
            {"km": "10"},
            [("distance", "300.00")],
        ),
        (
            {"distance_slabs": FLAT},
            {"km": "10.001"},
            [("distance", "500.00")],
        ),
        (
            {"distance_slabs": WHOLE},
            {"km": "12"},
            [("distance", "216.00")],
        ),
        (
            {"distance_slabs": {"steps": [{"up_to": "10", "rate": "20"}, {"up_to": None, "rate": "18"}]}},
            {"km": "12"},
            [("distance", "200.00"), ("distance", "36.00")],
        ),
        (
            {"hour_slabs": {"steps": [{"up_to": "2", "rate": "100"}, {"up_to": None, "rate": "60"}]}},
            {"minutes": 150},
            [("time", "200.00"), ("time", "30.00")],
        ),
        ({**BASE, "dead": {"rate": "8", "included": "5"}}, {"dead_km": "12"}, [("trip", "200.00"), ("dead", "56.00")]),
        ({**BASE, "dead": {"rate": "8", "included": "5"}}, {"dead_km": "5"}, [("trip", "200.00")]),
        (
            {**BASE, "waiting": {"rate": "120", "per": "hour", "free_minutes": 15}},
            {"waiting_minutes": 60},
            [("trip", "200.00"), ("waiting", "90.00")],
        ),
        ({**BASE, "waiting": {"rate": "2", "free_minutes": 15}}, {"waiting_minutes": 15}, [("trip", "200.00")]),
        ({**BASE, "escort": "150"}, {"escort": True}, [("trip", "200.00"), ("escort", "150.00")]),
        ({**BASE, "escort": "150"}, {}, [("trip", "200.00")]),
        ({**BASE, "no_show": {"percent": "40"}}, {"status": "no_show"}, [("no_show", "80.00")]),
        ({**BASE, "no_show": {"amount": "75"}}, {"status": "no_show"}, [("no_show", "75.00")]),
        (BASE, {"status": "no_show"}, []),
        (BASE, {"status": "cancelled"}, []),
        ({**BASE, "cancelled": {"amount": "50"}}, {"status": "cancelled"}, [("cancelled", "50.00")]),
        ({**BASE, "cancelled": {"amount": "50", "deduct": True}}, {"status": "cancelled"}, [("cancelled", "-50.00")]),
        ({**BASE, "cancelled": {"percent": "25", "deduct": True}}, {"status": "cancelled"}, [("cancelled", "-50.00")]),
        (
            {**BASE, "pass_through": {"markup_percent": "10"}},
            {"tolls": "85", "parking": "20"},
            [("trip", "200.00"), ("tolls", "93.50"), ("parking", "22.00")],
        ),
        (
            {**BASE, "pass_through": {"tolls": False}},
            {"tolls": "85", "parking": "20"},
            [("trip", "200.00"), ("parking", "20.00")],
        ),
        (
            {"per_trip": "100", "per_distance": "10", "surcharges": FUEL},
            {"km": "50"},
            [("trip", "100.00"), ("distance", "500.00"), ("surcharge", "30.00")],
        ),
    ],
)  # fmt: skip
def test_each_part_is_paid_as_the_card_says(terms, facts, expected):
    assert lines(price_trip(card(**terms), trip(**facts))) == expected


BANDS = [{"after_minutes": 10, "amount": "50"}, {"after_minutes": 30, "percent": "50"}]


@pytest.mark.parametrize(
    ("minutes", "taken"), [(0, None), (10, None), (11, "-50.00"), (30, "-50.00"), (31, "-100.00"), (500, "-100.00")]
)
def test_lateness_takes_the_band_that_was_passed(minutes, taken):
    found = dict(lines(price_trip(card(**BASE, late=BANDS), trip(late_minutes=minutes))))
    assert found.get("late") == taken


def test_lateness_takes_no_more_than_the_trip_earned_and_leaves_the_toll():
    priced = price_trip(card(per_trip="30", late=BANDS), trip(late_minutes=20, tolls="85"))
    assert lines(priced) == [("trip", "30.00"), ("late", "-30.00"), ("tolls", "85.00")]
    assert "no more than the trip earned" in priced.parts[1].note


NIGHT = {"starts": "22:00", "ends": "06:00", "amount": "100"}


@pytest.mark.parametrize(
    ("start", "minutes", "nights"),
    [
        ("2026-03-03T10:00", 60, 0),
        ("2026-03-03T21:00", 60, 0),  # ends as the night begins
        ("2026-03-03T21:00", 61, 1),
        ("2026-03-03T23:30", 60, 1),
        ("2026-03-04T05:59", 30, 1),
        ("2026-03-04T06:00", 30, 0),  # the night is over
        ("2026-03-04T02:00", 0, 1),  # a moment
        ("2026-03-03T05:00", 18 * 60, 2),  # the end of one night and the beginning of the next
        ("2026-03-03T12:00", 48 * 60, 2),
        ("2026-03-03T12:00", 49 * 60, 2),
        ("2026-03-03T23:00", 24 * 60, 2),
    ],
)
def test_the_night_goes_over_midnight_and_is_counted_for_each_night(start, minutes, nights):
    found = dict(lines(price_trip(card(**BASE, night=NIGHT), trip(start, minutes))))
    assert found.get("night") == (f"{nights * 100}.00" if nights else None)


def test_a_window_within_the_day_is_no_night():
    noon = card(**BASE, night={"starts": "12:00", "ends": "14:00", "amount": "10"})
    assert dict(lines(price_trip(noon, trip("2026-03-03T13:59", 1)))).get("night") == "10.00"
    assert "night" not in dict(lines(price_trip(noon, trip("2026-03-03T14:00", 600))))


def test_a_changed_clock_counts_the_hours_that_were_driven():
    """New York, 8 March 2026: from 1:30 to 3:30 by the clock is one hour. On 1 November it is three."""
    by_hour = card(currency="USD", per_hour="60")
    spring = TripFacts(datetime(2026, 3, 8, 1, 30), datetime(2026, 3, 8, 3, 30), 3600)
    autumn = TripFacts(datetime(2026, 11, 1, 1, 30), datetime(2026, 11, 1, 1, 10), 2400)
    assert price_trip(by_hour, spring).amount == 60
    assert price_trip(by_hour, autumn).amount == Decimal("40.00")
    late = card(currency="USD", per_trip="10", night=NIGHT)
    assert dict(lines(price_trip(late, autumn)))["night"] == "100.00"  # ends before it began, by the clock


def test_a_tax_within_the_prices_is_taken_out_of_them_by_a_line():
    """GST of 5% within 1,050: 50 of it; with a toll of 85 that bears none, as the law has it for what is passed on."""
    within = card(per_trip="1050", tax={"percent": "5", "inclusive": True, "name": "GST"})
    priced = price_trip(within, trip(tolls="85"))
    assert lines(priced) == [("trip", "1050.00"), ("tolls", "85.00"), ("tax_included", "-50.00")]
    assert (priced.amount, priced.tax, priced.total) == (Decimal(1085), Decimal(50), Decimal(1135))
    on_top = price_trip(card(per_trip="1000", tax={"percent": "5"}), trip(tolls="85"))
    assert (on_top.amount, on_top.tax, on_top.total) == (priced.amount, priced.tax, priced.total)


def test_a_tax_may_be_on_tolls_too():
    taxed = card(per_trip="100", tax={"percent": "10", "exempt": ["parking"]})
    assert price_trip(taxed, trip(tolls="50", parking="30")).tax == Decimal("15.00")


def test_what_has_no_rate_for_going_beyond_takes_the_larger_package():
    options = [
        {"amount": "1000", "hours": "4"},
        {"amount": "1800", "hours": "8"},
        {"amount": "4000", "distance": "500"},
    ]
    packages = card(model="package", packages={"options": options})
    assert price_trip(packages, trip(minutes=239)).amount == 1000
    assert price_trip(packages, trip(minutes=241)).amount == 1800
    assert price_trip(packages, trip(minutes=481)).amount == 4000
    largest = price_trip(packages, trip(minutes=481, km="900"))  # none is large enough
    assert largest.amount == 4000


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "1235"), ("INR", "1234.57"), ("KWD", "1234.568")])
def test_each_line_is_rounded_to_the_currency(currency, amount):
    assert str(price_trip(card(currency=currency, per_trip="1234.5678"), trip()).amount) == amount


def test_what_is_passed_on_is_told_apart():
    priced = price_trip(card(**BASE, pass_through={"markup_percent": "10"}), trip(tolls="10", parking="20"))
    assert priced.passed_on == Decimal(33)
    assert priced.amount - priced.passed_on == 200


def test_a_line_is_stored_and_read_again():
    for part in price_trip(KARNATAKA, trip(km="12.5", tolls="85")).parts:
        assert part_of(part_json(part, "INR")) == part
