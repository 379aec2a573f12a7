"""Usage events: kept once for each source and event id, and added to what their quarter of an hour comes to.

One statement inserts the events that are new and adds just those to the rollups, so both are true together. It writes
events in the order of their keys and rollups in theirs, and rollups stand in shards by connection: two who write at
once neither wait for each other in a ring nor, as a rule, at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from tracktok.core import clock
from tracktok.core.driver import run
from tracktok.core.errors import FieldError
from tracktok.core.ids import NIL, new_id
from tracktok.core.money import plain
from tracktok.core.tenancy import current_tenant_id
from tracktok.usage.queries import events as queries
from tracktok.usage.queries import meters
from tracktok.usage.rules.metering import Aggregation
from tracktok.usage.schemas.events import BATCH, UsageIn
from tracktok.usage.schemas.pricing import problems_of

from . import quotas

AHEAD = timedelta(hours=1)
"""How far a clock may be ahead."""
BEHIND = timedelta(minutes=5)
"""How late usage is looked at for bills that it may change; bills are reckoned again after longer than this."""
SHARDS = 8
_WRITE = f"""
WITH given AS (
  SELECT * FROM json_to_recordset(%(rows)s::json)
    AS r (i uuid, m uuid, c uuid, t timestamptz, q numeric, s text, e text, u text, v text, p jsonb, f text)),
added AS (
  INSERT INTO usage_events (tenant_id, id, meter_id, customer_id, occurred_at, quantity, source, event_id, user_id,
                            unique_value, properties, fingerprint, recorded_at)
  SELECT %(tenant)s, i, m, c, t, q, s, e, u, v, p, decode(f, 'hex'), %(now)s FROM given ORDER BY s, e
  ON CONFLICT (tenant_id, source, event_id) DO NOTHING
  RETURNING id, meter_id, coalesce(customer_id, '{NIL}') AS customer_id, quantity, unique_value,
            date_bin('15 minutes', occurred_at, '2000-01-01T00:00:00Z') AS bucket),
rolled AS (
  INSERT INTO usage_rollups (tenant_id, customer_id, meter_id, bucket, shard, events, quantity, maximum)
  SELECT %(tenant)s, customer_id, meter_id, bucket, pg_backend_pid() %% {SHARDS}, count(*), sum(quantity), max(quantity)
    FROM added GROUP BY customer_id, meter_id, bucket ORDER BY customer_id, meter_id, bucket
  ON CONFLICT (tenant_id, customer_id, meter_id, bucket, shard) DO UPDATE
     SET events = usage_rollups.events + excluded.events, quantity = usage_rollups.quantity + excluded.quantity,
         maximum = greatest(usage_rollups.maximum, excluded.maximum)){{more}}
SELECT id FROM added
"""  # noqa: S608 - made of constants
_DIFFERENT = """,
different AS (
  INSERT INTO usage_uniques (tenant_id, customer_id, meter_id, bucket, value)
  SELECT DISTINCT %(tenant)s::uuid, customer_id, meter_id, bucket, unique_value
    FROM added WHERE unique_value IS NOT NULL ORDER BY 2, 3, 4, 5
  ON CONFLICT DO NOTHING)"""
# Of periods that are billed: noted for the next billing run. Days are those of some time zone, so a little wider.
_LATE = """,
late AS (
  INSERT INTO usage_late (tenant_id, id, customer_id, meter_id, first, last)
  SELECT %(tenant)s, gen_random_uuid(), customer_id, meter_id, min(bucket), max(bucket)
    FROM added a
   WHERE EXISTS (SELECT FROM usage_bills b
                  WHERE b.tenant_id = %(tenant)s AND b.customer_id = a.customer_id AND NOT b.is_late
                    AND b.period_end >= (a.bucket AT TIME ZONE 'UTC')::date - 1
                    AND a.bucket < (b.period_end::timestamp AT TIME ZONE (b.terms ->> 'timezone')) + interval '2 hours')
   GROUP BY customer_id, meter_id)"""
_STATEMENTS = {
    (different, late): _WRITE.format(more=(_DIFFERENT if different else "") + (_LATE if late else ""))
    for different in (False, True)
    for late in (False, True)
}


class Fate(StrEnum):
    """What became of an event."""

    recorded = "recorded"
    duplicate = "duplicate"
    conflict = "conflict"
    refused = "refused"
    invalid = "invalid"


@dataclass(slots=True)
class Outcome:
    """What became of an event: its id when it is kept, what is wrong when it is not."""

    fate: Fate
    id: UUID | None = None
    errors: Sequence[FieldError] = ()
    retry_after: int = 0
    told: Candidate | None = None
    """The event, where it is new."""


@dataclass(slots=True)
class Candidate:
    """An event on its way into the table."""

    index: int
    item: UsageIn
    meter: Any
    id: UUID
    at: datetime
    event_id: str
    fingerprint: str
    recorded_at: datetime

    @property
    def key(self) -> tuple[str, str]:
        return self.item.source, self.event_id

    def as_row(self) -> dict[str, Any]:
        """The event as the statement takes it."""
        item = self.item
        return {
            "i": self.id, "m": self.meter.id, "c": item.customer_id, "t": self.at, "q": format(item.quantity, "f"),
            "s": item.source, "e": self.event_id, "u": item.user_id, "v": unique_value(self.meter, item),
            "p": item.properties, "f": self.fingerprint,
        }  # fmt: skip


def read_batch(raw: Sequence[dict[str, Any]]) -> tuple[list[UsageIn | None], dict[int, Outcome]]:
    """The events of a batch; None where one is not valid, with what is wrong by its index."""
    try:
        return list(BATCH.validate_python(raw)), {}
    except ValidationError:
        items: list[UsageIn | None] = []
        wrong: dict[int, Outcome] = {}
        for index, one in enumerate(raw):
            try:
                items.append(UsageIn.model_validate(one))
            except ValidationError as error:
                items.append(None)
                wrong[index] = Outcome(Fate.invalid, errors=problems_of(error, ""))
        return items, wrong


def record_usage(items: Sequence[UsageIn | None]) -> list[Outcome | None]:
    """Keep events, each once; what became of each, in their order (None where none was given)."""
    outcomes: list[Outcome | None] = [None] * len(items)
    candidates = _candidates(items, outcomes)
    first: dict[tuple[str, str], Candidate] = {}
    again = [one for one in candidates if first.setdefault(one.key, one) is not one]
    found = quotas.over(candidates)
    wanted = quotas.admit(list(first.values()), found, outcomes)
    added = _write(wanted)
    there = [one for one in wanted if one.id not in added]
    known = queries.find_known([one.key for one in there]) if there else {}
    for one in wanted:
        if one.id in added:
            outcomes[one.index] = Outcome(Fate.recorded, one.id, told=one)
        else:
            row = known[one.key]
            outcomes[one.index] = _compared(row.id, row.fingerprint.hex(), one)
    for one in again:
        original = first[one.key]
        told = outcomes[original.index]
        if told is not None and told.id is not None and told.fate != Fate.conflict:
            outcomes[one.index] = _compared(told.id, original.fingerprint, one)
        else:
            outcomes[one.index] = told
    quotas.watch([one for one in wanted if one.id in added], found)
    return outcomes


def _candidates(items: Sequence[UsageIn | None], outcomes: list[Outcome | None]) -> list[Candidate]:
    """The events whose meter and customer are there; for the others it is said what is wrong."""
    given = [item for item in items if item is not None]
    named = {item.customer_id for item in given if item.customer_id is not None}
    by_code = meters.by_codes({item.event for item in given}, named)
    customers = set(next((row.customers for row in by_code.values()), None) or ()) if by_code else named
    now = clock.now()
    found = []
    for index, item in enumerate(items):
        if item is None:
            continue
        errors = []
        meter = by_code.get(item.event)
        if meter is None:
            errors.append(FieldError("/event", "not_found", f"There is no meter “{item.event}”."))
        elif meter.is_archived:
            errors.append(FieldError("/event", "archived", f"The meter “{item.event}” is archived."))
        if item.customer_id is not None and item.customer_id not in customers:
            errors.append(FieldError("/customer_id", "not_found", "There is no such customer."))
        if item.timestamp is not None and item.timestamp > now + AHEAD:
            errors.append(FieldError("/timestamp", "in_the_future", "The timestamp is more than an hour ahead."))
        if item.timestamp is not None and item.timestamp.year < 2000:
            errors.append(FieldError("/timestamp", "too_old", "The timestamp is before the year 2000."))
        if meter is not None and meter.aggregation == Aggregation.unique and unique_value(meter, item) is None:
            text = f"This meter counts different values of {meter.unique_property}; give one."
            where = "/user_id" if meter.unique_property == "user_id" else f"/properties/{meter.unique_property}"
            errors.append(FieldError(where, "missing", text))
        if errors:
            outcomes[index] = Outcome(Fate.invalid, errors=errors)
            continue
        made = new_id()
        found.append(
            Candidate(
                index, item, meter, made, (item.timestamp or now).astimezone(UTC), item.event_id or str(made),
                fingerprint_of(item), now,
            )
        )  # fmt: skip
    return found


def unique_value(meter: Any, item: UsageIn) -> str | None:
    """The value that a meter of different values counts an event by."""
    if meter.aggregation != Aggregation.unique:
        return None
    if meter.unique_property == "user_id":
        return item.user_id or None
    value = (item.properties or {}).get(meter.unique_property)
    return None if value is None else str(value)[:200]


def fingerprint_of(item: UsageIn) -> str:
    """A hash of what was said: a timestamp that was not given is no difference."""
    said = [
        item.event, item.customer_id, item.user_id, item.timestamp and item.timestamp.astimezone(UTC),
        plain(item.quantity), item.properties,
    ]  # fmt: skip
    body = orjson.dumps(said, default=str, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def _compared(kept_id: UUID, kept: str, one: Candidate) -> Outcome:
    if kept == one.fingerprint:
        return Outcome(Fate.duplicate, kept_id)
    text = f"The source “{one.item.source}” has told another event as “{one.event_id}”; nothing was changed."
    return Outcome(Fate.conflict, kept_id, [FieldError("/event_id", "event_id_reused", text)])


def _write(candidates: Sequence[Candidate]) -> set[UUID]:
    if not candidates:
        return set()
    now = candidates[0].recorded_at
    rows = orjson.dumps([one.as_row() for one in candidates]).decode()
    different = any(one.meter.aggregation == Aggregation.unique for one in candidates)
    late = any(one.item.customer_id is not None and one.at < now - BEHIND for one in candidates)
    given = {"rows": rows, "tenant": current_tenant_id(), "now": now}
    return {event_id for event_id, *_ in run(_STATEMENTS[different, late], given)}
