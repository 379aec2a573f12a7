"""What a meter's use of a period comes to when its price may change within it.

The rule: a period is priced as a whole, and each part of it costs what it adds. Tiers, packages and allowances go on
counting from the beginning of the period; when a price takes effect within it, what was used until then costs the price
before, and what is used after costs what it adds under the new price. So a period that is split at any instant bills
the same as whole.

What is owed for time, not for use (flat fees, minimums, maximums), is owed for the share of the period's time that a
price, or the subscription, was in effect. Free and included units are a share of the period's too when the subscription
begins or ends within it. Tiers and packages are never divided, and neither is use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from . import pricing
from .pricing import ZERO, Charge, Part, Price, Usage, exact


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a period under one price.

    `usage` is what was used from the beginning of the period to the end of the stretch, `before` to its beginning: both
    as the price needs to know it. `begins` and `ends` are shares of the whole period, from 0 to 1.
    """

    price: Price
    before: Usage
    usage: Usage
    begins: Decimal
    ends: Decimal


@exact
def rate(segments: Sequence[Segment], *, prorate: bool = True) -> Charge:
    """The charge of a meter for a period. Without `prorate` what is owed for time is owed in full."""
    if not segments:
        return Charge(ZERO, ())
    share = segments[-1].ends - segments[0].begins if prorate else Decimal(1)
    whole = segments[-1].ends - segments[0].begins
    parts: list[Part] = []
    minimum, maximum = ZERO, _nothing(segments)
    for number, one in enumerate(segments):
        time = one.ends - one.begins
        if not prorate:
            time = _full(number, segments, whole)
        price = pricing.scaled(one.price, share)
        parts += [_for_time(part, time) for part in pricing.standing_parts(price)]
        parts += _added(price, one.before, one.usage) if number else pricing.usage_parts(price, one.usage)
        minimum += price.minimum * time
        if maximum is not None and price.maximum is not None:
            maximum += price.maximum * time
    parts += pricing.limits(sum((part.amount for part in parts), ZERO), minimum, maximum)
    return pricing.charge_of([part for part in parts if part.amount or part.quantity])


def _nothing(segments: Sequence[Segment]) -> Decimal | None:
    """Where the maximum begins to be added up; None when a price without one is among them."""
    return None if any(one.price.maximum is None for one in segments) else ZERO


def _full(number: int, segments: Sequence[Segment], whole: Decimal) -> Decimal:
    """The share of a stretch when all of them together are to be a whole period."""
    if len(segments) == 1 or not whole:
        return Decimal(1) if number == len(segments) - 1 else ZERO
    shares = [_rounded((one.ends - one.begins), whole) for one in segments[:-1]]
    return shares[number] if number < len(shares) else 1 - sum(shares, ZERO)


def _rounded(part: Decimal, whole: Decimal) -> Decimal:
    scale = 10**12
    return Decimal(int(part * scale) * scale // int(whole * scale)).scaleb(-12)


def _for_time(part: Part, time: Decimal) -> Part:
    if time == 1:
        return part
    return replace(part, amount=part.amount * time, quantity=time)


def _added(price: Price, before: Usage, now: Usage) -> list[Part]:
    """What use since `before` adds, under a price that came into effect then."""
    old = sum((part.amount for part in pricing.usage_parts(price, before)), ZERO)
    new = sum((part.amount for part in pricing.usage_parts(price, now)), ZERO)
    if old == new and before.units == now.units:
        return []
    return [Part("Added under the price from then on", new - old, now.units - before.units)]


@dataclass(frozen=True, slots=True)
class Settled:
    """What a whole bill adds to, or takes from, the sum of its meters: up to a commitment, or down to a cap."""

    kind: str
    amount: Decimal


def settle(total: Decimal, commitment: Decimal, cap: Decimal | None) -> list[Settled]:
    """The commitment or the cap of a period, both already a share of it and rounded. The cap has the last word."""
    if cap is not None and total > cap:
        return [Settled("cap", cap - total)]
    lifted = commitment if cap is None else min(commitment, cap)
    return [Settled("commitment", lifted - total)] if total < lifted else []


def forecast(usage: Usage, passed: Decimal, *, grows: bool) -> Usage:
    """What a period will come to if it goes on as it began; `passed` is the share of its time that is over.

    Only what grows with time is stretched: a maximum, a latest value or a number of different values stays.
    """
    if not grows or passed <= 0 or passed >= 1:
        return usage
    factor = Decimal(1) / passed
    events = usage.events
    if events is not None:
        events = (*events, *(piece for one in events for piece in _to_come(one, factor - 1)))
    return Usage(_whole(usage.units * factor), events)


_PIECES = 50


def _to_come(past: pricing.Events, factor: Decimal) -> Iterator[pricing.Events]:
    """Events such as those that there were, to come: in so many pieces that an allowance may end between them."""
    total, count = _whole(past.total * factor), int((past.count * factor).to_integral_value(ROUND_HALF_UP))
    pieces = max(min(count, _PIECES), 1)
    if not (total or count):
        return
    for number in range(pieces):
        share = _whole(total * (number + 1) / pieces) - _whole(total * number / pieces)
        yield pricing.Events(share, count * (number + 1) // pieces - count * number // pieces)


def _whole(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.0001"))
