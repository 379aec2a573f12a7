"""What runs at a local time of each tenant: every day at 09:00, on the first of the month at 06:00.

    @job("budgets.alerts")
    def raise_alerts(run: JobRun) -> dict[str, Any]: ...

    schedule.daily("budgets.alerts", at=time(9))
    schedule.monthly("reports.monthly", at=time(6))

Beat ticks every five minutes in UTC. A tick asks, by a pure function, which run each tenant is due for in its own time
zone, and starts the job with that run's key: the unique key on jobs makes it once, however many ticks, beats or
workers there are. Ticks that were missed are made up by the next one, as long as the run may still catch up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select

from . import clock, jobs
from .db import db, transaction
from .tables import Job
from .tenancy import door, tenant_scope
from .worker import celery

log = structlog.get_logger(__name__)
SAME_DAY = timedelta(hours=15)
"""How long a run of 09:00 may catch up: until midnight."""
SAME_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Run:
    """One run: the day it is for in the tenant's calendar, and the instant (UTC) from which it is due.

    `key` names it: the ISO date of a daily run, the ISO month (`2026-11`) of a monthly one.
    """

    key: str
    local_date: date
    due_at: datetime


DueRun = Callable[[str, datetime], Run | None]
ListTenants = Callable[[], Iterable[tuple[UUID, str, datetime]]]


@dataclass(frozen=True, slots=True)
class Plan:
    """A kind of job, and which of its runs is due in a zone at an instant."""

    kind: str
    due_run: DueRun


PLANS: dict[str, Plan] = {}
_list_tenants: ListTenants | None = None


@lru_cache(maxsize=20_000)
def instant_of(local_date: date, local_time: time, zone: str) -> datetime:
    """The instant, in UTC, at which a place's clocks show a local time.

    A time that the clocks skip (spring) means the moment of the jump; one that they show twice means the first.
    """
    place = ZoneInfo(zone)
    local = datetime.combine(local_date, local_time)
    instant = local.replace(tzinfo=place).astimezone(UTC)
    if instant.astimezone(place).replace(tzinfo=None) == local:
        return instant
    # Skipped. The offset from after the jump puts the instant before it, and the other way around: look in between.
    before, after = local.replace(tzinfo=place, fold=1).astimezone(UTC), instant
    offset = before.astimezone(place).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(place).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


@lru_cache(maxsize=20_000)
def day_exists(day: date, zone: str) -> bool:
    """Whether a place's calendar has this day (Samoa had no 30 December 2011)."""
    return instant_of(day, time(0), zone).astimezone(ZoneInfo(zone)).date() == day


def daily_run(at: time, zone: str, instant: datetime, *, catch_up: timedelta = SAME_DAY) -> Run | None:
    """The run of "every day at `at`, local time" that is due at an instant, or None.

    A run is due from its instant on for as long as `catch_up`; when several are, the last one is. Whoever asks at
    least once in that time gets each day's run, with the same key as often as they ask.
    """
    today = instant.astimezone(ZoneInfo(zone)).date()
    for day in (today, today - timedelta(days=1)):
        run = Run(day.isoformat(), day, instant_of(day, at, zone))
        if run.due_at <= instant:
            due = instant - run.due_at < catch_up and day_exists(day, zone)
            return run if due else None
    return None


def monthly_run(at: time, zone: str, instant: datetime, *, catch_up: timedelta = SAME_WEEK) -> Run | None:
    """The run of "on the first of each month at `at`, local time" that is due at an instant, or None."""
    first = instant.astimezone(ZoneInfo(zone)).date().replace(day=1)
    for day in (first, (first - timedelta(days=1)).replace(day=1)):
        run = Run(f"{day:%Y-%m}", day, instant_of(day, at, zone))
        if run.due_at <= instant:
            return run if instant - run.due_at < catch_up else None
    return None


def daily(kind: str, *, at: time, catch_up: timedelta = SAME_DAY) -> None:
    """Run the job `kind` in every active tenant each day at a local time. Its payload: `{"run_date": "2026-11-21"}`."""
    PLANS[kind] = Plan(kind, lambda zone, instant: daily_run(at, zone, instant, catch_up=catch_up))


def monthly(kind: str, *, at: time, catch_up: timedelta = SAME_WEEK) -> None:
    """Run the job `kind` in every active tenant on the first of each month, which its payload names as `run_date`."""
    PLANS[kind] = Plan(kind, lambda zone, instant: monthly_run(at, zone, instant, catch_up=catch_up))


def provide_tenants(list_tenants: ListTenants) -> None:
    """The tenants area says here who is active: `(tenant id, zone, made at)`, called inside the door."""
    global _list_tenants  # noqa: PLW0603 - set once, by the factory
    _list_tenants = list_tenants


def run_key(kind: str, run: Run) -> str:
    """The key under which a run is found among the tenant's jobs."""
    return f"{kind}:{run.key}"


def start_due(instant: datetime, kinds: Iterable[str] | None = None) -> int:
    """Start every run that is due in any tenant at an instant and was not started yet; returns how many.

    Runs from before a tenant was made are nothing to it. One tenant's trouble is logged and does not keep the others
    waiting.
    """
    plans = [PLANS[kind] for kind in (PLANS if kinds is None else kinds)]
    due: list[tuple[UUID, Plan, Run]] = []
    by_zone: dict[str, list[tuple[Plan, Run]]] = {}
    with door("start the runs that are due"):
        for tenant_id, zone, made_at in _list_tenants() if _list_tenants else ():
            if zone not in by_zone:
                found = ((plan, plan.due_run(zone, instant)) for plan in plans)
                by_zone[zone] = [(plan, run) for plan, run in found if run is not None]
            due += ((tenant_id, plan, run) for plan, run in by_zone[zone] if run.due_at >= made_at)
        started = _started({tenant_id for tenant_id, _, _ in due}, {run_key(plan.kind, run) for _, plan, run in due})
        db.session.rollback()
    return sum(
        _start(tenant_id, plan, run)
        for tenant_id, plan, run in due
        if (tenant_id, run_key(plan.kind, run)) not in started
    )


def _started(tenant_ids: set[UUID], keys: set[str]) -> set[tuple[UUID, str]]:
    """Which of these tenants have a job under one of these keys: one probe of the unique index for each pair."""
    if not keys:
        return set()
    rows = db.session.execute(
        select(Job.tenant_id, Job.run_key).where(Job.tenant_id.in_(tenant_ids), Job.run_key.in_(keys))
    )
    return {(row.tenant_id, row.run_key) for row in rows}


def _start(tenant_id: UUID, plan: Plan, run: Run) -> bool:
    try:
        with tenant_scope(tenant_id), transaction():
            payload = {"run_date": run.local_date.isoformat()}
            _, is_new = jobs.start(plan.kind, payload, run_key=run_key(plan.kind, run))
    except Exception:
        log.exception("run_not_started", kind=plan.kind, key=run.key, tenant_id=str(tenant_id))
        return False
    return is_new


@celery.task(name="core.tick")
def tick() -> None:
    """Start what is due now. Beat calls it every five minutes; calling it more often, or late, does no harm."""
    started = start_due(clock.now())
    if started:
        log.info("runs_started", count=started)
