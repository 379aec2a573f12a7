"""What the books and billing tell of a range of days, and of receivables on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from tracktok.core.context import preferences
from tracktok.invoices.queries import activity
from tracktok.invoices.queries.activity import DaySum, Paying
from tracktok.invoices.queries.receivables import Ageing, ageing_on
from tracktok.ledger.models import BookType, Dimension
from tracktok.ledger.queries import sum_total
from tracktok.reports.rules.figures import TENTH, ZERO, Figure
from tracktok.reports.rules.ranges import Range, Span, Step, slice_key, slices


@dataclass(frozen=True, slots=True)
class Metrics:
    """The figures of billing. Those of a range stand against the range before; the others are as of today."""

    range: Range
    currency: str
    revenue: Figure
    billed: Figure
    collected: Figure
    ageing: Ageing
    paying: Paying
    paying_before: Paying
    quotes: int
    quotes_amount: Decimal

    @property
    def days_to_pay(self) -> Decimal | None:
        """On average, with one decimal."""
        return _tenth(self.paying)

    @property
    def days_to_pay_before(self) -> Decimal | None:
        """The same of the range before."""
        return _tenth(self.paying_before)


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """What was billed and collected in a slice of a range."""

    span: Span
    billed: Decimal
    collected: Decimal


def _tenth(paying: Paying) -> Decimal | None:
    return None if paying.days is None else paying.days.quantize(TENTH, rounding=ROUND_HALF_UP)


def load_metrics(wanted: Range) -> Metrics:
    """The figures of a range: revenue from the books, the rest from documents and receipts."""
    quotes, amount = activity.open_offers()
    now, then = wanted.span, wanted.before
    return Metrics(
        range=wanted,
        currency=preferences().currency,
        revenue=Figure(_revenue(now), _revenue(then)),
        billed=Figure(
            _sum(activity.billed_by_day(now.start, now.end)), _sum(activity.billed_by_day(then.start, then.end))
        ),
        collected=Figure(
            _sum(activity.collected_by_day(now.start, now.end)), _sum(activity.collected_by_day(then.start, then.end))
        ),
        ageing=ageing_on(),
        paying=activity.days_to_pay(now.start, now.end),
        paying_before=activity.days_to_pay(then.start, then.end),
        quotes=quotes,
        quotes_amount=amount,
    )


def _revenue(span: Span) -> Decimal:
    return sum_total(BookType.income, Dimension.all, span.start, span.end).base_amount


def _sum(days: Sequence[DaySum]) -> Decimal:
    return sum((one.amount for one in days), ZERO)


def revenue_chart(span: Span, step: Step) -> list[ChartPoint]:
    """What was billed and collected in each slice of a span, in order, without gaps."""
    billed = _by_slice(activity.billed_by_day(span.start, span.end), step)
    collected = _by_slice(activity.collected_by_day(span.start, span.end), step)
    return [
        ChartPoint(piece.span, billed.get(piece.key, ZERO), collected.get(piece.key, ZERO))
        for piece in slices(span, step)
    ]


def _by_slice(days: Sequence[DaySum], step: Step) -> Mapping[date, Decimal]:
    found: dict[date, Decimal] = {}
    for one in days:
        key = slice_key(one.day, step)
        found[key] = found.get(key, ZERO) + one.amount
    return found
