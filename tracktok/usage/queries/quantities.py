"""What customers have used of meters, between any two instants.

Whole quarters of an hour are read from the rollups; what is left at the edges, from the events. Sums, maxima and
different values of a period cost as many rows as it has quarters; the latest value one; a time-weighted average, and a
percentage that looks at each event, as many as it has events. The database adds them up: what comes here is a handful.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tracktok.core.db import db
from tracktok.core.tenancy import current_tenant_id
from tracktok.usage.rules import metering
from tracktok.usage.rules.metering import Aggregation
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
# The area under a level, in units by the second, from its first event in a span on; each lasts until the next one.
_AREA = f"""
SELECT min(since) AS first, sum(quantity * extract(epoch FROM upto - since)) AS area
  FROM (SELECT since, quantity, lead(since, 1, %(until)s) OVER (ORDER BY since) AS upto
          FROM (SELECT DISTINCT ON (occurred_at) occurred_at AS since, quantity {_OF_EVENTS}
                 ORDER BY occurred_at, source COLLATE "C" DESC, event_id COLLATE "C" DESC) l) n"""  # noqa: S608
# For percentages: events in their order, the largest of an instant first, and what they come to.
_TOLD = f"""
SELECT quantity, row_number() OVER told AS n, sum(quantity) OVER told AS upto {_OF_EVENTS}
WINDOW told AS (ORDER BY occurred_at, quantity DESC ROWS UNBOUNDED PRECEDING)"""
_BEYOND = "(n > %(most)s::bigint OR upto > %(enough)s::numeric)"
_CROSSING = f"""
SELECT quantity, n, upto FROM ({_TOLD} ORDER BY occurred_at, quantity DESC LIMIT %(limit)s::bigint) t
 WHERE {_BEYOND} ORDER BY n LIMIT 1"""  # noqa: S608 - made of constants
# Those of one kind are told together: below the least, above the most, or neither, for an event.
_OWN = "quantity * %(rate)s::numeric * 0.01 + %(fixed)s::numeric"
_BY_KIND = f"""
SELECT CASE WHEN {_OWN} < coalesce(%(least)s::numeric, 0) THEN 1 WHEN {_OWN} > %(largest)s::numeric THEN 3 ELSE 2 END
       AS kind, sum(quantity) AS total, count(*) AS events"""
_KINDS = f"{_BY_KIND} {_OF_EVENTS} GROUP BY 1 ORDER BY 1"
_KINDS_AFTER = f"{_BY_KIND} FROM ({_TOLD}) t WHERE n > %(n)s GROUP BY 1 ORDER BY 1"
# Sums and maxima of many customers, meters and spans of whole quarters of an hour, in their order.
_OF_EACH = """
SELECT coalesce(sum(r.quantity), 0) AS quantity, coalesce(max(r.maximum), 0) AS maximum
  FROM unnest(%(customers)s::uuid[], %(meters)s::uuid[], %(starts)s::timestamptz[], %(untils)s::timestamptz[])
       WITH ORDINALITY AS k (customer_id, meter_id, start, until, n)
  LEFT JOIN usage_rollups r ON r.tenant_id = %(tenant)s AND r.customer_id = k.customer_id AND r.meter_id = k.meter_id
   AND r.bucket >= k.start AND r.bucket < k.until
 GROUP BY k.n ORDER BY k.n"""


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
            whole = Events(row.quantity, int(row.events))
            if price is None or not price.needs_events:
                return Usage(row.quantity, (whole,) if whole.count else ())
            return Usage(row.quantity, tuple(_events(values, price, whole)))


def usage_of_each(asked: Sequence[tuple[UUID, Any, Stretch]]) -> list[Decimal]:
    """What customers used of meters in stretches of whole quarters of an hour, in their order.

    Sums and maxima are read all at once, however many; other meters cost a statement each.
    """
    at_once = [one for one in asked if one[1].aggregation in {Aggregation.sum, Aggregation.max}]
    rows: Iterator[Any] = iter(())
    if at_once:
        given = {
            "tenant": current_tenant_id(),
            "customers": [customer_id for customer_id, _, _ in at_once],
            "meters": [meter.id for _, meter, _ in at_once],
            "starts": [stretch.start for _, _, stretch in at_once],
            "untils": [stretch.until for _, _, stretch in at_once],
        }
        rows = iter(db.session.connection().exec_driver_sql(_OF_EACH, given).all())
    found = []
    for customer_id, meter, stretch in asked:
        match meter.aggregation:
            case Aggregation.sum:
                found.append(next(rows).quantity)
            case Aggregation.max:
                found.append(next(rows).maximum)
            case _:
                found.append(usage_until(customer_id, meter, stretch).units)
    return found


def _average(values: dict[str, Any], stretch: Stretch) -> Decimal:
    """The part of the time-weighted mean of a level that has accumulated; the database adds it up."""
    before, told = _one(_BEFORE, values), _one(_AREA, values)
    area = told.area if told.area is not None else ZERO
    level = before.quantity if before is not None else ZERO
    return metering.mean_of(area, level, (told.first or stretch.until) - stretch.start, stretch.end - stretch.start)


def _events(values: dict[str, Any], price: Price, whole: Events) -> Sequence[Events]:
    """The events of a span as a price needs them, told together as far as it looks at them alike.

    Together are: those that its allowance covers; the one that crosses it; those behind, by their kind. So a handful,
    however many there are.
    """
    if not whole.count:
        return []
    limit = None if price.free_events is None else price.free_events + 1
    given = {**values, "most": price.free_events, "enough": price.free_total, "limit": limit}
    free: list[Events] = []
    n, upto = 0, ZERO
    if price.free_events is not None or price.free_total is not None:
        row = _one(_CROSSING, given)
        if row is None:
            return [whole]
        n, upto = row.n, row.upto
        free = [Events(upto - row.quantity, n - 1)] if n > 1 else []
        free.append(Events(row.quantity))
    if not price.looks_at_each:
        return [*free, Events(whole.total - upto, whole.count - n)] if whole.count > n else free
    given |= {
        "rate": price.rate_percent, "fixed": price.fixed_amount, "least": price.event_minimum,
        "largest": price.event_maximum, "n": n,
    }  # fmt: skip
    rows = db.session.connection().exec_driver_sql(_KINDS_AFTER if n else _KINDS, given)
    return [*free, *(Events(row.total, row.events) for row in rows)]
