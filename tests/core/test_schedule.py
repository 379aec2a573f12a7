"""Runs at a local time: every zone, every change of the clocks, every tick that came late or twice."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from tests.factories.tenants import Company
from tracktok.core import jobs, schedule
from tracktok.core.db import db, transaction
from tracktok.core.schedule import daily_run, instant_of, monthly_run, start_due
from tracktok.core.tables import Job
from tracktok.core.tenancy import tenant_scope
from tracktok.tenants.models import Tenant

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
NINE = time(9)
NOONS = [datetime(2022, 12, 31, 12, tzinfo=UTC) + timedelta(days=at) for at in range(6 * 365 + 3)]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@cache
def days_of_change(zone: str) -> tuple[date, ...]:
    """The days, 2023 to 2028, on which a zone's offset from UTC changes."""
    place = ZoneInfo(zone)
    offsets = [noon.astimezone(place).utcoffset() for noon in NOONS]
    return tuple(NOONS[at].date() for at in range(1, len(NOONS)) if offsets[at] != offsets[at - 1])


def distinct_zones() -> list[str]:
    """One zone for each way in which clocks have changed since 2023 (many names are the same place)."""
    seen: dict[tuple[object, ...], str] = {}
    for zone in ZONES:
        offset = utc(2026, 1, 1).astimezone(ZoneInfo(zone)).utcoffset()
        seen.setdefault((offset, days_of_change(zone)), zone)
    return list(seen.values())


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected"),
    [
        (date(2026, 11, 21), NINE, "Asia/Kolkata", utc(2026, 11, 21, 3, 30)),
        (date(2026, 11, 21), NINE, "America/New_York", utc(2026, 11, 21, 14)),
        (date(2026, 11, 21), NINE, "Pacific/Kiritimati", utc(2026, 11, 20, 19)),
        # 02:30 is skipped: the moment of the jump. 01:30 comes twice: the first.
        (date(2026, 3, 29), time(2, 30), "Europe/Berlin", utc(2026, 3, 29, 1)),
        (date(2026, 10, 25), time(2, 30), "Europe/Berlin", utc(2026, 10, 25, 0, 30)),
        # Midnight itself is skipped, by an hour and, on Lord Howe Island, clocks move by half an hour.
        (date(2026, 4, 24), time(0), "Africa/Cairo", utc(2026, 4, 23, 22)),
        (date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe", utc(2026, 10, 3, 15, 30)),
    ],
)
def test_the_instant_of_a_local_time(day, at, zone, expected):
    assert instant_of(day, at, zone) == expected


def test_each_zone_has_its_nine_o_clock_on_every_day_around_every_change_of_its_clocks():
    for zone in ZONES:
        place = ZoneInfo(zone)
        for change in days_of_change(zone):
            for day in (change - timedelta(days=1), change, change + timedelta(days=1)):
                local = instant_of(day, NINE, zone).astimezone(place)
                assert (local.date(), local.time()) == (day, NINE), zone


@pytest.mark.parametrize("at", [time(0), time(2, 30), NINE, time(23, 59)])
def test_ticks_run_each_day_once_around_every_change_of_clocks_of_every_zone(at):
    for zone in distinct_zones():
        for change in days_of_change(zone)[:2] or (date(2026, 5, 5),):
            first = instant_of(change - timedelta(days=2), time(0), zone)
            last = instant_of(change + timedelta(days=3), time(0), zone)
            ran: dict[str, datetime] = {}
            tick = first
            while tick < last:
                run = daily_run(at, zone, tick)
                if run and run.due_at >= first and run.key not in ran:
                    ran[run.key] = tick
                    assert timedelta(0) <= tick - run.due_at < timedelta(minutes=20)
                tick += timedelta(minutes=20)
            expected = [(change + timedelta(days=n)).isoformat() for n in range(-2, 3)]
            if at == time(23, 59):
                expected = expected[: len(ran)]  # the last one runs at the first tick of the next day
                assert len(ran) >= 4
            assert list(ran) == expected, zone


def test_a_day_that_a_calendar_skips_has_no_run():
    keys = {
        run.key
        for hours in range(96)
        if (run := daily_run(NINE, "Pacific/Apia", utc(2011, 12, 29, 12) + timedelta(hours=hours)))
    }
    assert "2011-12-30" not in keys
    assert {"2011-12-29", "2011-12-31", "2012-01-01"} <= keys


def test_a_missed_run_is_made_up_on_the_same_day_and_not_on_the_next():
    zone = "Asia/Kolkata"
    nine = utc(2026, 11, 21, 3, 30)
    assert daily_run(NINE, zone, nine - timedelta(seconds=1)) is None
    for late in (timedelta(0), timedelta(minutes=5), timedelta(hours=6), timedelta(hours=14, minutes=59)):
        run = daily_run(NINE, zone, nine + late)
        assert run is not None
        assert (run.key, run.due_at) == ("2026-11-21", nine)
    for too_late in (timedelta(hours=15), timedelta(hours=20)):
        assert daily_run(NINE, zone, nine + too_late) is None


@given(st.sampled_from(ZONES), st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1)), st.times())
def test_a_run_that_is_due_began_not_long_ago_and_on_its_own_day(zone, moment, at):
    instant, at = moment.replace(tzinfo=UTC), at.replace(second=0, microsecond=0)
    run = daily_run(at, zone, instant)
    if run is not None:
        assert run.due_at <= instant < run.due_at + schedule.SAME_DAY
        assert abs((run.due_at.astimezone(ZoneInfo(zone)).date() - run.local_date).days) <= 1
    month = monthly_run(at, zone, instant)
    if month is not None:
        assert month.local_date.day == 1
        assert month.key == month.local_date.isoformat()[:7]
        assert month.due_at <= instant < month.due_at + schedule.SAME_WEEK


def test_monthly_runs_are_due_on_the_first_and_catch_up_for_a_week():
    zone, six = "America/Sao_Paulo", time(6)
    assert monthly_run(six, zone, utc(2026, 11, 1, 8, 59)) is None
    run = monthly_run(six, zone, utc(2026, 11, 1, 9))
    assert run is not None
    assert (run.key, run.local_date) == ("2026-11", date(2026, 11, 1))
    assert monthly_run(six, zone, utc(2026, 11, 8, 8, 59)) == run
    assert monthly_run(six, zone, utc(2026, 11, 8, 9)) is None


RAN: list[tuple[str, object]] = []


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch):
    """A daily job of the tests."""
    RAN.clear()
    monkeypatch.setattr(schedule, "PLANS", {})
    monkeypatch.setitem(jobs.KINDS, "test.daily", (lambda run: RAN.append(("ran", run.payload)), "jobs"))
    schedule.daily("test.daily", at=NINE)


def put_in(company: Company, zone: str) -> None:
    with tenant_scope(company.id), transaction():
        values = {"timezone": zone, "created_at": utc(2026, 1, 1)}
        db.session.execute(update(Tenant).where(Tenant.id == company.id).values(**values))


def runs_of(company: Company) -> list[Job]:
    with tenant_scope(company.id):
        return list(db.session.execute(select(Job).where(Job.kind == "test.daily").order_by(Job.run_key)).scalars())


def test_each_tenant_runs_at_its_own_nine_o_clock(plan, company: Company, other_company: Company):
    put_in(company, "Asia/Kolkata")
    put_in(other_company, "America/New_York")
    start_due(utc(2026, 6, 10, 3, 35))
    assert [job.run_key for job in runs_of(company)] == ["test.daily:2026-06-10"]
    # New York is in the evening of the ninth: its nine o'clock is over thirteen hours ago, and may still catch up.
    assert [job.run_key for job in runs_of(other_company)] == ["test.daily:2026-06-09"]
    start_due(utc(2026, 6, 10, 13, 5))
    assert len(runs_of(company)) == 1
    assert runs_of(other_company)[1].payload == {"run_date": "2026-06-10"}
    job = runs_of(company)[0]
    with tenant_scope(company.id):
        assert jobs.execute(job.id)
        assert not jobs.execute(job.id)
    assert RAN == [("ran", {"run_date": "2026-06-10"})]


def test_a_tenant_is_owed_no_run_from_before_it_was_made_nor_while_it_is_suspended(plan, company: Company):
    with tenant_scope(company.id), transaction():
        made = db.session.execute(
            update(Tenant).values(created_at=utc(2026, 6, 10, 12), timezone="UTC").returning(Tenant.id)
        ).scalar_one()
        assert made == company.id
    start_due(utc(2026, 6, 10, 12, 5))
    assert runs_of(company) == []
    with tenant_scope(company.id), transaction():
        db.session.execute(update(Tenant).where(Tenant.id == company.id).values(status="suspended"))
    start_due(utc(2026, 6, 11, 9, 5))
    assert runs_of(company) == []


def test_a_tenant_that_moves_to_another_zone_does_not_run_a_day_twice(plan, company: Company):
    put_in(company, "Asia/Kolkata")
    start_due(utc(2026, 6, 10, 4))
    put_in(company, "America/New_York")
    start_due(utc(2026, 6, 10, 14))
    assert [job.run_key for job in runs_of(company)] == ["test.daily:2026-06-10"]


@pytest.mark.races
def test_many_ticks_at_once_start_a_run_once(plan, app: Flask, company: Company):
    put_in(company, "Asia/Kolkata")
    barrier, started = threading.Barrier(4), []

    def tick() -> None:
        with app.app_context():
            barrier.wait()
            started.append(start_due(utc(2026, 6, 12, 5)))

    threads = [threading.Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with tenant_scope(company.id):
        assert (
            db.session.execute(select(func.count()).select_from(Job).where(Job.kind == "test.daily")).scalar_one() == 1
        )
