"""What customers have used of meters, between any two instants.

Whole quarters of an hour are read from the rollups; what is left at the edges, from the events. Sums, maxima and
different values of a period cost as many rows as it has quarters; the latest value one; a time-weighted average as many
as it has events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tracktok.core.db import db
from tracktok.core.tenancy import current_tenant_id
from tracktok.usage.rules import metering
from tracktok.usage.rules.metering import Aggregation, Level
from tracktok.usage.rules.pricing import Events, Price, Usage

ZERO = Decimal(0)
_ROLLED = """
  SELECT events, quantity, maximum FROM usage_rollups
   WHERE tenant_id = %(tenant)s AND customer_id = %(customer)s AND meter_id = %(meter)s
     AND bucket >= %(first)s AND bucket < %(last)s"""
_OF_EVENTS = """
    FROM usage_events
   WHERE tenant_id = %(tenant)s AND customer_id = %(customer)s AND meter_id = %(meter)s
     AND occurred_at >= %(start)s AND occurred_at < %(until)s"""
_HEAD = _OF_EVENTS.replace("%(until)s", "%(head)s")
_TAIL = _OF_EVENTS.replace("%(start)s", "%(tail)s")
_TOTALS = "SELECT coalesce(sum(events), 0) AS events, coalesce(sum(quantity), 0) AS quantity, max(maximum) AS maximum"
_WHOLE = f"{_TOTALS} FROM ({_ROLLED}) r"
_RAGGED = f"""{_TOTALS} FROM ({_ROLLED}
  UNION ALL SELECT 1, quantity, quantity {_HEAD}
  UNION ALL SELECT 1, quantity, quantity {_TAIL}) r"""
_UNIQUE_ROLLED = """
  SELECT value FROM usage_uniques
   WHERE tenant_id = %(tenant)s AND customer_id = %(customer)s AND meter_id = %(meter)s
     AND bucket >= %(first)s AND bucket < %(last)s"""
_UNIQUE = f"SELECT count(DISTINCT value) AS quantity FROM ({_UNIQUE_ROLLED}) u"  # noqa: S608 - made of constants
_UNIQUE_RAGGED = f"""
SELECT count(DISTINCT value) AS quantity FROM ({_UNIQUE_ROLLED}
  UNION ALL SELECT unique_value {_HEAD}
  UNION ALL SELECT unique_value {_TAIL}) u"""  # noqa: S608 - made of constants
# Events of one instant: by source and event id, whatever the order of their arrival.
_BACKWARDS = """ORDER BY occurred_at DESC, source COLLATE "C" DESC, event_id COLLATE "C" DESC LIMIT 1"""
_LATEST = f"SELECT quantity {_OF_EVENTS} {_BACKWARDS}"
_BEFORE = f"""SELECT quantity FROM usage_events
   WHERE tenant_id = %(tenant)s AND customer_id = %(customer)s AND meter_id = %(meter)s AND occurred_at < %(start)s
 {_BACKWARDS}"""  # noqa: S608 - made of constants
_LEVELS = f"""SELECT DISTINCT ON (occurred_at) occurred_at, quantity {_OF_EVENTS}
 ORDER BY occurred_at, source COLLATE "C" DESC, event_id COLLATE "C" DESC"""
# For percentages: the earliest events one by one, the largest of an instant first.
_FIRST = f"""SELECT quantity {_OF_EVENTS}
 ORDER BY occurred_at, quantity DESC OFFSET %(offset)s LIMIT %(limit)s"""
_BY_AMOUNT = f"SELECT quantity, count(*) AS events {_OF_EVENTS} GROUP BY quantity ORDER BY quantity DESC"
STEP = 1_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """From the beginning of a period until an instant; `end` is the end of the whole period."""

    start: datetime
    until: datetime
    end: datetime


def _values(customer_id: UUID, meter_id: UUID, start: datetime, until: datetime) -> tuple[dict[str, Any], bool]:
    first, last = metering.bucket_from(start), metering.bucket_of(until)
    if first > last:  # all within one quarter
        first = last = start
        head, tail = start, start
    else:
        head, tail = first, last
    values = {
        "tenant": current_tenant_id(), "customer": customer_id, "meter": meter_id, "start": start, "until": until,
        "first": first, "last": last, "head": head, "tail": tail,
    }  # fmt: skip
    return values, head != start or tail != until


def _one(statement: str, values: dict[str, Any]) -> Any:
    return db.session.connection().exec_driver_sql(statement, values).one_or_none()


def totals(customer_id: UUID, meter_id: UUID, start: datetime, until: datetime) -> Any:
    """(events, quantity, maximum) of a span."""
    values, ragged = _values(customer_id, meter_id, start, until)
    return _one(_RAGGED if ragged else _WHOLE, values)


def usage_until(customer_id: UUID, meter: Any, stretch: Stretch, price: Price | None = None) -> Usage:
    """What a customer used of a meter (a row with `id` and `aggregation`) in a stretch, as a price needs to know."""
    if stretch.until <= stretch.start:
        return Usage(ZERO, ())
    values, ragged = _values(customer_id, meter.id, stretch.start, stretch.until)
    match Aggregation(meter.aggregation):
        case Aggregation.unique:
            return Usage.of_units(Decimal(_one(_UNIQUE_RAGGED if ragged else _UNIQUE, values).quantity))
        case Aggregation.latest:
            row = _one(_LATEST, values)
            return Usage.of_units(row.quantity if row else ZERO)
        case Aggregation.weighted_average:
            return Usage.of_units(_average(values, stretch))
        case Aggregation.max:
            row = _one(_RAGGED if ragged else _WHOLE, values)
            return Usage.of_units(row.maximum if row.maximum is not None else ZERO)
        case Aggregation.sum:
            row = _one(_RAGGED if ragged else _WHOLE, values)
            if price is None or not price.needs_events:
                return Usage(row.quantity, (Events(row.quantity, row.events),) if row.events else ())
            return Usage(row.quantity, tuple(_events(values, price, Events(row.quantity, row.events))))


def _average(values: dict[str, Any], stretch: Stretch) -> Decimal:
    before = _one(_BEFORE, values)
    rows = db.session.connection().exec_driver_sql(_LEVELS, values)
    levels = [Level(row.occurred_at, row.quantity) for row in rows]
    start = before.quantity if before is not None else ZERO
    return metering.accumulated(levels, start, stretch.start, stretch.until, stretch.end)


def _events(values: dict[str, Any], price: Price, whole: Events) -> Sequence[Events]:
    """The events of a span: one by one as far as the allowance of the price may reach, the others together."""
    head = _head(values, price)
    if price.looks_at_each:
        rest = _without(_by_amount(values), head)
    else:
        total, count = sum(head, ZERO), len(head)
        rest = [Events(whole.total - total, whole.count - count)] if whole.count > count else []
    return [*(Events(amount) for amount in head), *rest]


def _head(values: dict[str, Any], price: Price) -> list[Decimal]:
    if price.free_events is None and price.free_total is None:
        return []
    most, enough = price.free_events, price.free_total
    found: list[Decimal] = []
    total = ZERO
    while most is None or len(found) < most:
        limit = STEP if most is None else min(STEP, most - len(found))
        given = {**values, "offset": len(found), "limit": limit}
        chunk = [row.quantity for row in db.session.connection().exec_driver_sql(_FIRST, given)]
        found += chunk
        total += sum(chunk, ZERO)
        if len(chunk) < limit or (enough is not None and total > enough):
            break
    return found


def _by_amount(values: dict[str, Any]) -> dict[Decimal, int]:
    return {row.quantity: row.events for row in db.session.connection().exec_driver_sql(_BY_AMOUNT, values)}


def _without(counts: dict[Decimal, int], head: Sequence[Decimal]) -> list[Events]:
    for amount in head:
        counts[amount] -= 1
    return [Events(amount * count, count) for amount, count in counts.items() if count]
