"""What a vendor is owed for a month: its trips, what the month costs beside them, what changed earlier months."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from .book import CardBook
from .cards import Card
from .months import price_month
from .priced import MonthTotals
from .rating import trace_of
from .trips import last_day

ZERO = Decimal(0)
TRANSITIONS: dict[tuple[str, str], str] = {
    ("draft", "approve"): "approved",
    ("approved", "pay"): "paid",
    ("paid", "unpay"): "approved",
}
ACTION_LABELS = {"approve": "Approve", "pay": "Record the payment", "unpay": "Take the payment back"}


class CardTotals(NamedTuple):
    """What the trips of a statement come to under one version of a card, in one currency."""

    version_id: UUID
    currency: str
    own_month: bool
    """Whether these are trips of the month itself; others came late, for a month that is closed."""
    trips: int
    completed_km: Decimal
    completed_seconds: int
    vehicles: int
    distance_km: Decimal
    amount: Decimal
    tax: Decimal
    passed_on: Decimal
    plates: Sequence[str] = ()
    """Which vehicles."""


@dataclass(frozen=True, slots=True)
class MonthPart:
    """What a card asks for the month beside its trips."""

    version_id: UUID
    from_day: date
    to_day: date
    currency: str
    amount: Decimal
    tax: Decimal
    total: Decimal
    trace: list[list[str]]


@dataclass(slots=True)
class Sums:
    """A statement in one currency."""

    currency: str
    trips: int = 0
    trip_amount: Decimal = ZERO
    trip_tax: Decimal = ZERO
    passed_on: Decimal = ZERO
    month_amount: Decimal = ZERO
    month_tax: Decimal = ZERO
    adjusted_amount: Decimal = ZERO
    adjusted_tax: Decimal = ZERO

    @property
    def amount(self) -> Decimal:
        return self.trip_amount + self.month_amount + self.adjusted_amount

    @property
    def tax(self) -> Decimal:
        return self.trip_tax + self.month_tax + self.adjusted_tax

    @property
    def total(self) -> Decimal:
        return self.amount + self.tax


@dataclass(slots=True)
class Figures:
    """A statement in figures."""

    trips: int = 0
    late_trips: int = 0
    """Of these, trips of earlier months, which were closed when they came."""
    unpriced: int = 0
    distance_km: Decimal = ZERO
    sums: list[Sums] = field(default_factory=list)
    parts: list[MonthPart] = field(default_factory=list)
    adjustments: int = 0

    @property
    def main(self) -> Sums | None:
        """The sums in the currency of most."""
        return self.sums[0] if self.sums else None


def reckon(
    month: date,
    book: CardBook,
    totals: Sequence[CardTotals],
    adjustments: Iterable[tuple[str, Decimal, Decimal]],
    *,
    unpriced: int = 0,
) -> Figures:
    """The figures of a statement. `adjustments` are (currency, amount, tax)."""
    sums: dict[str, Sums] = {}
    found = Figures(unpriced=unpriced)
    for one in totals:
        into = sums.setdefault(one.currency, Sums(one.currency))
        into.trips += one.trips
        into.trip_amount += one.amount
        into.trip_tax += one.tax
        into.passed_on += one.passed_on
        found.trips += one.trips
        found.late_trips += 0 if one.own_month else one.trips
        found.distance_km += one.distance_km
    found.parts = month_parts(month, book, totals)
    for part in found.parts:
        into = sums.setdefault(part.currency, Sums(part.currency))
        into.month_amount += part.amount
        into.month_tax += part.tax
    for currency, amount, tax in adjustments:
        into = sums.setdefault(currency, Sums(currency))
        into.adjusted_amount += amount
        into.adjusted_tax += tax
        found.adjustments += 1
    found.sums = sorted(sums.values(), key=lambda one: (-abs(one.total), one.currency))
    return found


def month_parts(month: date, book: CardBook, totals: Sequence[CardTotals]) -> list[MonthPart]:
    """The fixed fees, overages and guarantees of the cards that held in a month."""
    own = {one.version_id: one for one in totals if one.own_month}
    spans: dict[tuple[Any, ...], list[Span]] = {}
    for dated, first, last in book.between(month, last_day(month)):
        if dated.card.monthly is not None or dated.card.minimum_month:
            scope = dated.scope
            key = (scope.vehicle_class.lower(), scope.trip_type, scope.project_id, dated.card.currency)
            spans.setdefault(key, []).append(Span(dated.card, dated.version_id, first, last, (dated.version_id,)))
    parts: list[MonthPart] = []
    for span in (one for group in spans.values() for one in _one_fee(group)):
        price = price_month(span.card, _driven(span, [own[one] for one in span.versions if one in own]))
        if price.parts:
            parts.append(
                MonthPart(
                    span.version_id, span.first, span.last, price.currency, price.amount, price.tax, price.total,
                    trace_of(price),
                )
            )  # fmt: skip
    return parts


class Span(NamedTuple):
    """Days of a month that are reckoned by one card, with the versions that priced their trips."""

    card: Card
    version_id: UUID
    first: date
    last: date
    versions: tuple[UUID, ...]


def _one_fee(spans: list[Span]) -> list[Span]:
    """The days of a month under versions that followed one another, so that no day is paid for twice.

    The newest version that has a fee decides. Where its fee is prorated, each is paid by its days. Where it is paid
    whole for a month in which it holds, that is the only fee: it covers what was driven under the versions before it.
    """
    spans = sorted(spans, key=lambda one: one.first, reverse=True)
    place = next((at for at, one in enumerate(spans) if one.card.monthly is not None), None)
    if place is None or len(spans) == 1:
        return spans
    decides = spans[place]
    if decides.card.monthly is not None and decides.card.monthly.prorate:
        return [one._replace(card=_prorated(one.card)) for one in spans]
    covered = spans[place:]
    versions = tuple(version for one in covered for version in one.versions)
    return [*spans[:place], decides._replace(first=covered[-1].first, versions=versions)]


def _prorated(card: Card) -> Card:
    return card if card.monthly is None else replace(card, monthly=replace(card.monthly, prorate=True))


def _driven(span: Span, found: Sequence[CardTotals]) -> MonthTotals:
    """What was driven in a span."""
    if not found:
        return MonthTotals(span.first, span.last, vehicles=0)
    vehicles = found[0].vehicles if len(found) == 1 else len({plate for one in found for plate in one.plates})
    return MonthTotals(
        from_day=span.first,
        to_day=span.last,
        trips=sum(one.trips for one in found),
        distance_km=sum((one.completed_km for one in found), ZERO),
        seconds=sum(one.completed_seconds for one in found),
        vehicles=max(vehicles, 1),
        amount=sum((one.amount - one.passed_on for one in found), ZERO),
        tax=sum((one.tax for one in found), ZERO),
    )


def figures_json(found: Figures) -> dict[str, Any]:
    """The figures as they are kept: numbers as text."""
    return {name: _plain(value) for name, value in asdict(found).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, (Decimal, date, UUID)) else value


def figures_of(kept: Mapping[str, Any]) -> Figures:
    """The figures that `figures_json` wrote."""
    return Figures(
        trips=kept["trips"],
        late_trips=kept["late_trips"],
        unpriced=kept["unpriced"],
        distance_km=Decimal(kept["distance_km"]),
        adjustments=kept["adjustments"],
        sums=[
            Sums(
                one["currency"],
                one["trips"],
                **{name: Decimal(value) for name, value in one.items() if name not in {"currency", "trips"}},
            )
            for one in kept["sums"]
        ],
        parts=[
            MonthPart(
                UUID(one["version_id"]),
                date.fromisoformat(one["from_day"]),
                date.fromisoformat(one["to_day"]),
                one["currency"],
                Decimal(one["amount"]),
                Decimal(one["tax"]),
                Decimal(one["total"]),
                one["trace"],
            )
            for one in kept["parts"]
        ],
    )
