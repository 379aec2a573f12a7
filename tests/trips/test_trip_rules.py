"""Times through clock changes, periods, contradictions, traces as they are kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trips.cards import cards, trips
from tracktok.trips.rules.pricing import price_trip
from tracktok.trips.rules.rating import parts_of, trace_json, trace_of
from tracktok.trips.rules.trips import Clock, content_id, contradictions, instant_of, is_odd, local_of, open_period

NEW_YORK, KOLKATA = ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")


@pytest.mark.parametrize(
    ("local", "zone", "start", "at", "clock"),
    [
        ("2026-03-10T08:00", KOLKATA, None, "2026-03-10T02:30", Clock.plain),
        ("2026-03-08T02:30", NEW_YORK, None, "2026-03-08T07:30", Clock.skipped),
        ("2026-11-01T01:30", NEW_YORK, None, "2026-11-01T05:30", Clock.repeated),
        ("2026-11-01T01:30", NEW_YORK, "2026-11-01T05:45", "2026-11-01T06:30", Clock.repeated),
        ("2026-11-01T01:30", NEW_YORK, "2026-11-01T05:15", "2026-11-01T05:30", Clock.repeated),
    ],
)
def test_local_times_are_read_by_the_rule(local, zone, start, at, clock):
    not_before = datetime.fromisoformat(start).replace(tzinfo=UTC) if start else None
    read = instant_of(datetime.fromisoformat(local), zone, not_before=not_before)
    assert (read.at, read.clock) == (datetime.fromisoformat(at).replace(tzinfo=UTC), clock)


@given(st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1)), st.sampled_from([NEW_YORK, KOLKATA]))
def test_an_ordinary_local_time_comes_back(local, zone):
    read = instant_of(local.replace(microsecond=0), zone)
    if read.clock is not Clock.skipped:
        assert local_of(read.at, zone) == local.replace(microsecond=0)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 20))
def test_what_comes_late_stands_on_the_first_month_that_is_open(day, count):
    closed, month = set(), day.replace(day=1)
    for _ in range(count):
        closed.add(month)
        month = (month + timedelta(days=32)).replace(day=1)
    assert open_period(day, closed) == month


def test_contradictions_are_told_in_words():
    assert contradictions(seconds=1800, distance_km=Decimal(20)) == []
    assert "before the pick-up" in contradictions(seconds=-60)[0][1]
    assert "73 h" in contradictions(seconds=73 * 3600)[0][1] or "3 days" in contradictions(seconds=73 * 3600)[0][1]
    assert contradictions(distance_km=Decimal(-1))[0][0] == "distance"
    assert contradictions(amounts=[("billed", Decimal(-1))])[0][0] == "billed"
    assert is_odd(0, Decimal(9))
    assert not is_odd(3600, Decimal(90))


def test_a_trip_without_an_id_is_known_by_content_and_by_how_many_came_before():
    assert content_id("a", 0) == content_id("a", 0)
    assert len({content_id("a", 0), content_id("a", 1), content_id("b", 0)}) == 3
    assert content_id("a", 0).startswith("#")


@given(cards(), trips())
def test_a_trace_is_kept_as_it_is_told(card, trip):
    price = price_trip(card, trip)
    kept = trace_of(price)
    assert orjson.loads(trace_json(price)) == kept
    assert sum((part.amount for part in parts_of(kept)), Decimal(0)) == price.amount
