"""What a period of a subscription comes to, by the events and prices as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from tracktok.core.money import round_amount
from tracktok.core.schedule import instant_of
from tracktok.usage.rules import rating
from tracktok.usage.rules.metering import Aggregation, share_of, unit_for
from tracktok.usage.rules.periods import Span
from tracktok.usage.rules.pricing import STANDARD, Charge, Price, Usage
from tracktok.usage.rules.rating import Segment
from tracktok.usage.schemas.pricing import stored_price

from . import meters as meter_queries
from .prices import prices_for
from .quantities import Stretch, usage_until

ZERO = Decimal(0)
_GROWING = frozenset({Aggregation.sum, Aggregation.weighted_average})


@dataclass(frozen=True, slots=True)
class Terms:
    """What of a subscription decides what a period comes to. Kept with each bill."""

    customer_id: UUID
    currency: str
    timezone: str
    start_date: date
    end_date: date | None
    commitment: Decimal
    cap: Decimal | None
    prorate: bool
    meters: tuple[UUID, ...]

    @classmethod
    def of(cls, subscription: Any, meters: Sequence[UUID], since: date | None = None) -> Terms:
        """The terms of a subscription's row; of what is not billed yet where that begins `since` a later day."""
        start = max(subscription.start_date, since or subscription.start_date)
        return cls(
            subscription.customer_id, subscription.currency, subscription.timezone, start,
            subscription.end_date, subscription.commitment, subscription.cap, subscription.prorate, tuple(meters),
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """The terms as a bill keeps them."""
        return {
            "customer_id": str(self.customer_id), "currency": self.currency, "timezone": self.timezone,
            "start_date": self.start_date.isoformat(),
            "end_date": self.end_date.isoformat() if self.end_date else None,
            "commitment": format(self.commitment, "f"), "cap": None if self.cap is None else format(self.cap, "f"),
            "prorate": self.prorate, "meters": [str(one) for one in self.meters],
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Terms:
        """The terms that a bill keeps."""
        return cls(
            UUID(kept["customer_id"]), kept["currency"], kept["timezone"], date.fromisoformat(kept["start_date"]),
            date.fromisoformat(kept["end_date"]) if kept["end_date"] else None, Decimal(kept["commitment"]),
            None if kept["cap"] is None else Decimal(kept["cap"]), kept["prorate"],
            tuple(UUID(one) for one in kept["meters"]),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bounds:
    """A billing period in instants: as a whole, and the part of it that the subscription is in effect."""

    whole_start: datetime
    whole_end: datetime
    start: datetime
    end: datetime
    days: Span
    """The days in effect."""

    def share(self, instant: datetime) -> Decimal:
        """Which share of the whole period has passed at an instant."""
        return share_of(self.whole_start, instant, self.whole_end)


@dataclass(slots=True)
class Rated:
    """What a meter comes to in a period. `charge` is None where no price holds."""

    meter: Any
    usage: Usage
    charge: Charge | None
    forecast_usage: Usage | None = None
    forecast: Charge | None = None

    @property
    def unit(self) -> str:
        """The unit as it stands behind the quantity."""
        return unit_for(self.usage.units, self.meter.unit)


@dataclass(slots=True)
class RatedPeriod:
    """What a period comes to: its meters, what a commitment or cap adds, and where prices are missing."""

    bounds: Bounds
    meters: list[Rated]
    currency: str
    settled: list[rating.Settled] = field(default_factory=list)
    problem: str = ""

    @property
    def amount(self) -> Decimal:
        """What would be billed: each meter rounded once, with the commitment or cap."""
        return self._sum("charge") + sum((one.amount for one in self.settled), ZERO)

    def _sum(self, of: str) -> Decimal:
        charges = [getattr(one, of) for one in self.meters]
        return sum((round_amount(one.amount, self.currency) for one in charges if one is not None), ZERO)

    def forecast_amount(self, terms: Terms) -> Decimal:
        """What the period may come to at its end."""
        total = self._sum("forecast")
        return total + sum((one.amount for one in _settled(total, terms, self.bounds)), ZERO)


def bounds_of(terms: Terms, span: Span) -> Bounds:
    """A period in the subscription's time zone."""
    days = Span(max(span.start, terms.start_date), min(span.end, terms.end_date or span.end))
    whole_start, whole_end, start, end = (
        instant_of(day, time(0), terms.timezone) for day in (span.start, span.end, days.start, days.end)
    )
    return Bounds(whole_start, whole_end, start, end, days)


def rate_period(terms: Terms, span: Span, *, until: datetime | None = None, ahead: bool = False) -> RatedPeriod:
    """What a period comes to with the use until an instant (its end when none is given).

    What is owed for time is that of the whole period. With `ahead`, also what it may come to at its end.
    """
    bounds = bounds_of(terms, span)
    stop = bounds.end if until is None else min(max(until, bounds.start), bounds.end)
    rows = meter_queries.by_ids(terms.meters)
    prices = prices_for(terms.customer_id, terms.meters, terms.currency)
    found, unpriced = [], []
    for meter_id in terms.meters:
        meter = rows[meter_id]
        timeline = _timeline(terms, bounds, [one for one in prices if one.meter_id == meter_id])
        one = _rate_meter(terms, bounds, meter, timeline, stop)
        if one.charge is None:
            unpriced.append(meter.name)
        elif ahead:
            _look_ahead(terms, bounds, one, timeline, stop)
        found.append(one)
    rated = RatedPeriod(bounds, found, terms.currency)
    if unpriced:  # a price that does not fit the meter is none
        rated.problem = f"There is no price in {terms.currency} for all of the period: {', '.join(unpriced)}."
    rated.settled = _settled(rated._sum("charge"), terms, bounds)  # noqa: SLF001 - of this module
    return rated


def _settled(total: Decimal, terms: Terms, bounds: Bounds) -> list[rating.Settled]:
    share = bounds.share(bounds.end) - bounds.share(bounds.start) if terms.prorate else Decimal(1)
    commitment = round_amount(terms.commitment * share, terms.currency)
    cap = None if terms.cap is None else round_amount(terms.cap * share, terms.currency)
    return rating.settle(total, commitment, cap)


Timeline = list[tuple[datetime, datetime, Price | None]]


def _timeline(terms: Terms, bounds: Bounds, rows: Sequence[Any]) -> Timeline:
    """Which price holds from when until when within the period: a customer's own before the one for all."""
    own = [one for one in rows if one.customer_id is not None]
    common = [one for one in rows if one.customer_id is None]
    starts = sorted({bounds.days.start, *(one.valid_from for one in rows if one.valid_from > bounds.days.start)})
    starts = [day for day in starts if day < bounds.days.end]
    found: Timeline = []
    for number, day in enumerate(starts):
        row = _holding(own, day)
        if row is None or row.model == STANDARD:
            row = _holding(common, day)
        begins = bounds.start if number == 0 else instant_of(day, time(0), terms.timezone)
        last = number == len(starts) - 1
        ends = bounds.end if last else instant_of(starts[number + 1], time(0), terms.timezone)
        price = stored_price(row.model, row.config) if row is not None else None
        if found and found[-1][2] == price:
            begins = found.pop()[0]
        found.append((begins, ends, price))
    return found


def _holding(rows: Sequence[Any], day: date) -> Any:
    held = [one for one in rows if one.valid_from <= day]
    return held[-1] if held else None


def _rate_meter(terms: Terms, bounds: Bounds, meter: Any, timeline: Timeline, stop: datetime) -> Rated:
    segments = []
    # A mean over time is one of the whole period, also where only a part of it is in effect.
    end = bounds.start + (bounds.whole_end - bounds.whole_start)
    usage = Usage(ZERO, ())
    for begins, ends, price in timeline:
        before = usage
        if before.units and price is not None and price.needs_events:  # as this price looks at them, not the last one
            before = usage_until(terms.customer_id, meter, Stretch(bounds.start, min(begins, stop), end), price)
        usage = usage_until(terms.customer_id, meter, Stretch(bounds.start, min(ends, stop), end), price)
        if price is None or not price.fits(meter.aggregation):
            usage = usage_until(terms.customer_id, meter, Stretch(bounds.start, stop, end))
            return Rated(meter, usage, None)
        segments.append(Segment(price, before, usage, bounds.share(begins), bounds.share(ends)))
    return Rated(meter, usage, rating.rate(segments, prorate=terms.prorate))


def _look_ahead(terms: Terms, bounds: Bounds, one: Rated, timeline: Timeline, stop: datetime) -> None:
    """What a meter may come to: the present price over all of the period, and what was used stretched to its end."""
    passed = share_of(bounds.start, stop, bounds.end)
    grows = Aggregation(one.meter.aggregation) in _GROWING
    one.forecast_usage = rating.forecast(one.usage, passed, grows=grows)
    price = next((price for _, ends, price in timeline if stop < ends), timeline[-1][2])
    if price is not None:
        segment = Segment(
            price, Usage(ZERO, ()), one.forecast_usage, bounds.share(bounds.start), bounds.share(bounds.end)
        )
        one.forecast = rating.rate([segment], prorate=terms.prorate)
