"""What is metered, and how what is metered is added up.

A meter's quantity in a span is, of the events whose timestamp is in it (from its start, up to but not including its
end):

- `sum`: the sum of quantities. Negative quantities correct earlier ones; a negative sum bills as nothing.
- `max`: the largest quantity.
- `latest`: the quantity of the latest event.
- `unique`: how many different values a property has.
- `weighted_average`: each event says the level from its timestamp on, until the next one. The quantity is the integral
  of the level over the span, divided by the length of the whole period: the time-weighted mean (a weighted arithmetic
  mean whose weights are the seconds that a level lasted). A level that was said before the span goes on into it; before
  the first event it is nothing. Up to an instant within a period the quantity is what has accumulated so far, so that
  it grows to the mean of the period at its end: 10 GB over half of a month are 5 GB months.

Events of the same instant are ordered by source and event id, never by when they arrived: any order of arrival, and any
repetition, gives the same quantity.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from enum import StrEnum

ZERO = Decimal(0)
BUCKET = timedelta(minutes=15)
"""Quantities are kept by quarter of an hour: midnight is on one in every time zone there is."""
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
PLACES = Decimal(1).scaleb(-12)
LARGEST_QUANTITY = Decimal(10) ** 15


class Aggregation(StrEnum):
    """How a meter's events become a quantity."""

    sum = "sum"
    max = "max"
    latest = "latest"
    unique = "unique"
    weighted_average = "weighted_average"

    @property
    def label(self) -> str:
        return {
            "max": "Maximum",
            "unique": "Unique values",
            "weighted_average": "Weighted average",
        }.get(self.value, self.value.capitalize())


@dataclass(frozen=True, slots=True)
class MeterSeed:
    """A meter that every company has from the start."""

    code: str
    name: str
    unit: str
    aggregation: Aggregation = Aggregation.sum


SEEDS = (
    MeterSeed("api_calls", "API calls", "call"),
    MeterSeed("vm_uptime", "VM uptime", "hour"),
    MeterSeed("cpu_time", "CPU time", "CPU second"),
    MeterSeed("data_storage", "Data storage", "GB", Aggregation.weighted_average),
)


def unit_for(quantity: Decimal, unit: str) -> str:
    """A unit as it stands behind a quantity: 1 call, 2 calls; abbreviations such as km and GB stay as they are."""
    last = unit.rpartition(" ")[2]
    is_word = last.isalpha() and last.islower() and (len(last) >= 4 or last == "day")
    return f"{unit}s" if is_word and abs(quantity) != 1 and not last.endswith("s") else unit


def bucket_of(instant: datetime) -> datetime:
    """The quarter of an hour that an instant is in."""
    return instant - (instant - EPOCH) % BUCKET


def bucket_from(instant: datetime) -> datetime:
    """The first whole quarter of an hour from an instant on."""
    begun = bucket_of(instant)
    return begun if begun == instant else begun + BUCKET


def mean_of(area: Decimal, before: Decimal, waited: timedelta, whole: timedelta) -> Decimal:
    """The part of a period's time-weighted mean that has accumulated, to 12 places.

    `area` is what levels come to from the first event on, by the second; `before` the level that the period began with,
    which `waited` until then; `whole` the length of the period.
    """
    with localcontext() as context:
        context.prec = 60
        total = before * micro(waited) + area * 1_000_000
        return (total / micro(whole)).quantize(PLACES, rounding=ROUND_HALF_EVEN)


def micro(span: timedelta) -> Decimal:
    """A span in microseconds, exactly."""
    return Decimal(span // timedelta(microseconds=1))


def share_of(start: datetime, instant: datetime, end: datetime) -> Decimal:
    """Which share of a period has passed at an instant, from 0 to 1, to 12 places."""
    with localcontext() as context:
        context.prec = 60
        inside = min(max(instant, start), end) - start
        return (micro(inside) / micro(end - start)).quantize(PLACES, rounding=ROUND_HALF_EVEN)
