"""Where the present period of a subscription stands, and what it may come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tracktok.core import clock
from tracktok.usage.rules.metering import share_of

from . import subscriptions
from .rating import RatedPeriod, Terms, rate_period


@dataclass(frozen=True, slots=True)
class Current:
    """The present period of a subscription (its last one when it has ended, its first when it has not begun)."""

    subscription: Any
    terms: Terms
    rated: RatedPeriod
    now: datetime

    @property
    def passed_percent(self) -> Decimal:
        """How much of the period's time is over, in whole percents."""
        bounds = self.rated.bounds
        return (share_of(bounds.start, self.now, bounds.end) * 100).quantize(Decimal(1))

    @property
    def forecast_amount(self) -> Decimal:
        """What the period may come to at its end."""
        return self.rated.forecast_amount(self.terms)


def current_of(rows: Sequence[Any], *, meters: dict[UUID, list[UUID]] | None = None) -> list[Current]:
    """The present period of each of these subscriptions."""
    now = clock.now()
    known = meters or dict(subscriptions.meters_of([row.id for row in rows]))
    found = []
    for row in rows:
        day = now.astimezone(ZoneInfo(row.timezone)).date()
        day = max(day, row.start_date)
        if row.end_date is not None and day >= row.end_date:
            day = max(row.start_date, row.end_date.fromordinal(row.end_date.toordinal() - 1))
        # Of a period that was billed in part, the rest.
        billed_from = row.next_period if row.next_period <= day else None
        terms = Terms.of(row, known[row.id], billed_from)
        rated = rate_period(terms, subscriptions.span_at(row, day), until=now, ahead=True)
        found.append(Current(row, terms, rated, now))
    return found


def current_of_customer(customer_id: UUID) -> list[Current]:
    """The present periods of a customer's subscriptions."""
    return current_of(subscriptions.of_customer(customer_id))
