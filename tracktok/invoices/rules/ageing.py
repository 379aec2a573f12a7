"""Receivables by age: how long past due each open amount is on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)
DEFAULT_EDGES = (30, 60, 90)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A span of days past due, both included. `first` is None for what is not due yet, `last` for the oldest."""

    key: str
    label: str
    first: int | None
    last: int | None

    def holds(self, days_past_due: int) -> bool:
        """Whether an age falls into it; 0 and below is not past due."""
        if self.first is None:
            return days_past_due <= 0
        return days_past_due >= self.first and (self.last is None or days_past_due <= self.last)


def buckets_of(edges: Sequence[int] = DEFAULT_EDGES) -> tuple[Bucket, ...]:
    """Buckets between edges in days: current, 1-30, 31-60, 61-90, over 90.

    Raises ValueError unless the edges are above zero and rise.
    """
    if not edges or list(edges) != sorted(set(edges)) or edges[0] < 1:
        raise ValueError("the edges of ageing are days above zero that rise")
    found = [Bucket("current", "Current", None, 0)]
    first = 1
    for edge in edges:
        found.append(Bucket(f"{first}_{edge}", f"{first}-{edge} days", first, edge))
        first = edge + 1
    found.append(Bucket(f"over_{edges[-1]}", f"Over {edges[-1]} days", first, None))
    return tuple(found)


DEFAULT_BUCKETS = buckets_of()


def days_past_due(due_date: date, on: date) -> int:
    """Days after the due date; 0 on it, negative before it."""
    return (on - due_date).days


def bucket_of(due_date: date, on: date, buckets: Sequence[Bucket] = DEFAULT_BUCKETS) -> Bucket:
    """The bucket of something due on a day, looked at on another day of the tenant's calendar."""
    days = days_past_due(due_date, on)
    return next(bucket for bucket in buckets if bucket.holds(days))


def age(
    items: Iterable[tuple[date, Decimal]], on: date, buckets: Sequence[Bucket] = DEFAULT_BUCKETS
) -> dict[str, Decimal]:
    """Sums of open amounts by bucket key, every bucket in its order. Items are (due date, amount), of one currency."""
    found = dict.fromkeys((bucket.key for bucket in buckets), ZERO)
    for due_date, amount in items:
        found[bucket_of(due_date, on, buckets).key] += amount
    return found
