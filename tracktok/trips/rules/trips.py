"""What a trip is, when it contradicts itself, and what its times mean where clocks change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

LONGEST_HOURS = 72
"""A trip that took longer than three days was not driven: a meter was left on, or a date is wrong."""
MOST_KM = Decimal(5000)
ODD_KM_AN_HOUR = 250
"""Above this speed a trip is odd: it is taken, and told of."""
LARGEST_FARE = Decimal("999999999.9999")
HASHED = "#"
"""What ids that TrackTok made begin with."""


class TripStatus(StrEnum):
    """What became of a trip. A planned one has no price yet."""

    planned = "planned"
    completed = "completed"
    cancelled = "cancelled"
    no_show = "no_show"

    @property
    def label(self) -> str:
        return {"no_show": "No-show"}.get(self.value, self.value.capitalize())


class Clock(StrEnum):
    """What a local time is: an ordinary one, one that a clock change leaves out, or one that exists twice."""

    plain = "plain"
    skipped = "skipped"
    repeated = "repeated"


@dataclass(frozen=True, slots=True)
class Instant:
    """A local time as an instant, and how it was read."""

    at: datetime
    """In UTC."""
    clock: Clock = Clock.plain


CLOCK_RULE = (
    "A time that the change of the clock leaves out is read as if the clock had not been changed, so it is later by the"
    " length of the change. Of a time that exists twice the first is taken; for the end of a trip, the first that is"
    " not before its start."
)
"""The rule by which doubtful times are read, as it is told to people."""


def instant_of(local: datetime, zone: ZoneInfo, *, not_before: datetime | None = None) -> Instant:
    """The instant of a wall-clock time in a zone, by `CLOCK_RULE`. `not_before` is the start, for the end of a trip."""
    first = local.replace(tzinfo=zone, fold=0)
    second = local.replace(tzinfo=zone, fold=1)
    early, late = first.utcoffset(), second.utcoffset()
    if early == late:
        return Instant(first.astimezone(UTC))
    if early is not None and late is not None and early < late:
        return Instant(first.astimezone(UTC), Clock.skipped)
    at = first.astimezone(UTC)
    if not_before is not None and at < not_before:
        at = second.astimezone(UTC)
    return Instant(at, Clock.repeated)


def local_of(at: datetime, zone: ZoneInfo) -> datetime:
    """The wall-clock time of an instant, without its zone."""
    return at.astimezone(zone).replace(tzinfo=None)


def month_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def last_day(month: date) -> date:
    """The last day of a month."""
    return next_month(month) - timedelta(days=1)


def open_period(day: date, closed: frozenset[date] | set[date]) -> date:
    """The month on whose statement something of a day stands: its own, or the next one that is not closed."""
    month = month_of(day)
    while month in closed:
        month = next_month(month)
    return month


def contradictions(
    *,
    seconds: int | None = None,
    distance_km: Decimal = Decimal(0),
    odometer_start: Decimal | None = None,
    odometer_end: Decimal | None = None,
    amounts: Iterable[tuple[str, Decimal | None]] = (),
) -> list[tuple[str, str]]:
    """(field, sentence) of all in which a trip contradicts itself. `seconds` is from its start to its end."""
    found: list[tuple[str, str]] = []
    if seconds is not None and seconds < 0:
        found.append(("ended_at", f"The drop-off is {duration_words(-seconds)} before the pick-up."))
    elif seconds is not None and seconds > LONGEST_HOURS * 3600:
        found.append(
            (
                "ended_at",
                f"The trip would have taken {duration_words(seconds)}; more than {LONGEST_HOURS} h cannot be right.",
            )
        )
    if distance_km < 0:
        found.append(("distance", "The distance is negative."))
    elif distance_km > MOST_KM:
        found.append(("distance", f"More than {MOST_KM:,} km cannot be one trip."))
    if odometer_start is not None and odometer_end is not None and odometer_end < odometer_start:
        found.append(("odometer_end", "The odometer shows less at the end than at the start."))
    for name, amount in amounts:
        if amount is not None and amount < 0:
            word = "total" if name == "billed" else name.replace("_", " ")
            found.append((name, f"The {word} is negative: this takes a trip back, and is none."))
        elif amount is not None and amount > LARGEST_FARE:
            found.append((name, "This is too large to be right."))
    return found


def duration_words(seconds: int) -> str:
    """A length of time as people say it: 45 min, 3 h 05 min, 4 days 2 h."""
    minutes = seconds // 60
    if seconds < 60:
        return f"{seconds} s"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes // 1440} days {minutes % 1440 // 60} h"


def is_odd(seconds: int, distance_km: Decimal) -> bool:
    """Whether a trip was faster than any vehicle, or went somewhere in no time."""
    if distance_km < 2:
        return False
    return seconds <= 0 or distance_km * 3600 > ODD_KM_AN_HOUR * seconds


def content_id(content: str, nth: int) -> str:
    """The id of a trip that has none: by what is told of it, and by how many alike there were before."""
    digest = hashlib.blake2b(content.encode(), digest_size=12).hexdigest()
    return f"{HASHED}{digest}" if nth == 0 else f"{HASHED}{digest}-{nth + 1}"


def shown_id(external_id: str) -> str:
    """The id as people see it: none, where TrackTok made it."""
    return "" if external_id.startswith(HASHED) else external_id
