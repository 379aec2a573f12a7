"""What a month costs beside its trips: cases worked by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from tests.trips.cards import card, lines
from tracktok.trips.rules.book import CardBook, DatedCard, Scope
from tracktok.trips.rules.months import price_month
from tracktok.trips.rules.priced import MonthTotals
from tracktok.trips.rules.statements import CardTotals, month_parts

JUNE = (date(2026, 6, 1), date(2026, 6, 30))
# A cab by the month: 45,000 with 26 trips, 2,000 km and 260 hours; then 600 a trip, 14 a km, 90 an hour.
MONTHLY = {
    "fee": "45000", "included_trips": "26", "included_distance": "2000", "included_hours": "260",
    "extra_trip": "600", "extra_distance": "14", "extra_hour": "90",
}  # fmt: skip


def test_a_month_within_what_is_included_is_the_fee():
    cab = card(model="package", monthly=MONTHLY)
    priced = price_month(cab, MonthTotals(*JUNE, trips=26, distance_km=Decimal(2000), seconds=260 * 3600))
    assert lines(priced) == [("monthly", "45000.00")]


def test_a_month_without_trips_is_the_fee_too():
    assert lines(price_month(card(model="package", monthly=MONTHLY), MonthTotals(*JUNE))) == [("monthly", "45000.00")]


def test_what_goes_beyond_is_paid_by_its_rate():
    """2 trips x 600, 340.5 km x 14 = 4,767, 6 h 30 min x 90 = 585; 5% GST of 51,552."""
    cab = card(model="package", monthly=MONTHLY, tax={"percent": "5", "name": "GST"})
    totals = MonthTotals(*JUNE, trips=28, distance_km=Decimal("2340.5"), seconds=266 * 3600 + 1800)
    priced = price_month(cab, totals)
    assert lines(priced) == [
        ("monthly", "45000.00"),
        ("extra_trips", "1200.00"),
        ("extra_distance", "4767.00"),
        ("extra_time", "585.00"),
    ]
    assert (priced.amount, priced.tax) == (Decimal(51552), Decimal("2577.60"))
    assert [one.note for one in priced.parts[1:3]] == ["28 trips less 26 included", "2340.5 km less 2000 included"]
    assert [one.unit_words for one in priced.parts] == ["month", "trips", "km", "h"]


def test_a_part_month_has_its_share_of_fee_and_included():
    """From 14 June: 17 of 30 days: 25,500 and 1,133.333 km; 1,200 km are 66.667 beyond, at 14."""
    cab = card(model="package", monthly=MONTHLY)
    priced = price_month(cab, MonthTotals(date(2026, 6, 14), JUNE[1], trips=10, distance_km=Decimal(1200)))
    assert lines(priced) == [("monthly", "25500.00"), ("extra_distance", "933.34")]
    assert priced.parts[0].note == "45000 for a whole month; 17 of 30 days"
    whole = card(model="package", monthly={**MONTHLY, "prorate": False})
    late = MonthTotals(date(2026, 6, 14), JUNE[1], trips=10, distance_km=Decimal(1200))
    assert lines(price_month(whole, late)) == [("monthly", "45000.00")]


def test_a_fee_for_each_vehicle_includes_as_much_for_each():
    cabs = card(model="hybrid", per_distance="10", monthly={**MONTHLY, "per_vehicle": True})
    priced = price_month(cabs, MonthTotals(*JUNE, trips=80, distance_km=Decimal(6100), vehicles=3))
    assert lines(priced) == [("monthly", "135000.00"), ("extra_trips", "1200.00"), ("extra_distance", "1400.00")]
    assert priced.parts[0].unit_words == "vehicles"
    assert price_month(cabs, MonthTotals(*JUNE, vehicles=1)).parts[0].unit_words == "vehicle"
    assert lines(price_month(cabs, MonthTotals(*JUNE, vehicles=0))) == []


def test_a_guarantee_tops_up_what_the_trips_came_to():
    sure = card(per_distance="10", minimum_month="50000")
    assert lines(price_month(sure, MonthTotals(*JUNE, amount=Decimal("41250.50")))) == [("minimum_month", "8749.50")]
    assert lines(price_month(sure, MonthTotals(*JUNE, amount=Decimal(50000)))) == []
    half = MonthTotals(JUNE[0], date(2026, 6, 15), amount=Decimal(20000))
    assert lines(price_month(sure, half)) == [("minimum_month", "5000.00")]


def test_a_guarantee_counts_the_fee_and_where_prices_hold_the_tax_the_tax():
    both = card(model="hybrid", per_distance="10", monthly={"fee": "30000"}, minimum_month="50000")
    priced = price_month(both, MonthTotals(*JUNE, amount=Decimal(15000)))
    assert lines(priced) == [("monthly", "30000.00"), ("minimum_month", "5000.00")]
    within = card(per_distance="10", minimum_month="52500", tax={"percent": "5", "inclusive": True})
    priced = price_month(within, MonthTotals(*JUNE, amount=Decimal(40000), tax=Decimal(2000)))
    assert lines(priced) == [("minimum_month", "10500.00"), ("tax_included", "-500.00")]
    assert priced.amount == 10000


def test_a_surcharge_may_be_on_the_month():
    fuel = [{"name": "Fuel", "percent": "4", "on": ["monthly"]}]
    priced = price_month(card(model="package", monthly={"fee": "45000"}, surcharges=fuel), MonthTotals(*JUNE))
    assert lines(priced) == [("monthly", "45000.00"), ("surcharge", "1800.00")]


def fee(amount: str, **over: object) -> dict[str, object]:
    return {"fee": amount, **over}


WHOLE, SHARED = {"prorate": False}, {"prorate": True}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # 20 of 30 days of 30,000, then 10 of 30 days of 60,000
        (fee("30000", **SHARED), fee("60000", **SHARED), [("2026-06-21", "20000.00"), ("2026-06-01", "20000.00")]),
        (fee("30000", **WHOLE), fee("60000", **WHOLE), [("2026-06-01", "60000.00")]),
        (fee("30000", **SHARED), fee("60000", **WHOLE), [("2026-06-01", "60000.00")]),
        (fee("30000", **WHOLE), fee("60000", **SHARED), [("2026-06-21", "20000.00"), ("2026-06-01", "20000.00")]),
        # 30 trips in all with 26 included, 2 cars: counted once under the version whose fee is paid
        (
            fee("30000", **WHOLE),
            fee("60000", included_trips="26", extra_trip="100", **WHOLE),
            [("2026-06-01", "60400.00")],
        ),
        (fee("30000", **WHOLE), fee("60000", per_vehicle=True, **WHOLE), [("2026-06-01", "120000.00")]),
    ],
)
@pytest.mark.parametrize("archived", [False, True], ids=["two versions", "another card in its place"])
def test_no_day_of_a_month_is_paid_for_twice(archived, old, new, expected):
    terms = [card(model="package", monthly=one) for one in (old, new)]
    cards = [UUID(int=9), UUID(int=8 if archived else 9)]
    book = CardBook(
        [
            DatedCard(cards[0], UUID(int=1), date(2026, 1, 1), Scope("Sedan"), terms[0], archived),
            DatedCard(cards[1], UUID(int=2), date(2026, 6, 21), Scope("sedan" if archived else "Sedan"), terms[1]),
        ]
    )
    totals = [
        CardTotals(UUID(int=1), "INR", True, 20, Decimal(0), 0, 1, *[Decimal(0)] * 4, ["KA 1"]),
        CardTotals(UUID(int=2), "INR", True, 10, Decimal(0), 0, 2, *[Decimal(0)] * 4, ["KA 1", "KA 2"]),
    ]
    found = month_parts(JUNE[0], book, totals)
    assert [(str(one.from_day), f"{one.amount:.2f}") for one in found] == expected


def test_a_guarantee_beside_a_fee_that_is_paid_whole_counts_it_once():
    """50,000 are guaranteed and 60,000 paid: nothing is topped up for the days before the fee changed."""
    terms = [
        card(model="hybrid", per_distance="10", monthly={"fee": one, "prorate": False}, minimum_month="50000")
        for one in ("30000", "60000")
    ]
    book = CardBook(
        DatedCard(UUID(int=9), UUID(int=at), date(2026, at, 15), Scope(), one)
        for at, one in zip((1, 6), terms, strict=True)
    )
    assert [one.amount for one in month_parts(JUNE[0], book, [])] == [Decimal(60000)]


def test_of_archived_cards_of_a_scope_each_holds_until_the_next_began():
    terms = card(model="package", monthly={"fee": "30000"})
    book = CardBook(
        DatedCard(UUID(int=at), UUID(int=at), date(2026, 6, day), Scope(), terms, is_archived=True)
        for at, day in ((1, 1), (2, 11))
    )
    found = month_parts(JUNE[0], book, [])
    assert sorted((one.from_day.day, one.to_day.day) for one in found) == [(1, 10), (11, 30)]
