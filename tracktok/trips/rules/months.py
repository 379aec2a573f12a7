"""What a month costs beside its trips: the fixed fee, what goes beyond it, the top-up to what is guaranteed.

A month under two versions of a card is reckoned for each by its days, or once where its fee is paid whole
(`statements.month_parts`).
"""

from __future__ import annotations

from calendar import monthrange
from decimal import ROUND_HALF_UP, Decimal

from tracktok.core.money import MINOR_UNITS

from .cards import ZERO, Card, Monthly, plain
from .priced import MonthTotals, Part, PricedTrip, codes_of, surcharge_part, total_of, unit_words, with_tax
from .pricing import ONE, THOUSANDTH, counted_distance, counted_hours


def price_month(card: Card, totals: MonthTotals) -> PricedTrip:
    """What a month (or the days of it on which this version held) costs beside its trips."""
    quantum = Decimal(1).scaleb(-MINOR_UNITS[card.currency])
    days, whole = _days(totals)
    parts: list[Part] = []
    if card.monthly is not None:
        _fixed(parts, card, card.monthly, totals, days, whole, quantum)
    for charge in card.surcharges:
        if "monthly" in charge.on and (part := surcharge_part(charge, codes_of(("monthly",)), parts, quantum)):
            parts.append(part)
    if card.minimum_month:
        _guarantee(parts, card, totals, days, whole, quantum)
    tax = card.tax if card.tax and card.tax.percent else None
    return with_tax(parts, tax, frozenset(), quantum, card.currency, ZERO)


def _days(totals: MonthTotals) -> tuple[int, int]:
    """(days on which the version held, days of the month)."""
    return (totals.to_day - totals.from_day).days + 1, monthrange(totals.from_day.year, totals.from_day.month)[1]


def _fixed(
    parts: list[Part], card: Card, monthly: Monthly, totals: MonthTotals, days: int, whole: int, quantum: Decimal
) -> None:
    part_month = monthly.prorate and days < whole
    share = f"{days} of {whole} days" if part_month else ""
    vehicles = Decimal(totals.vehicles) if monthly.per_vehicle else ONE
    rate = monthly.fee * days / whole if part_month else monthly.fee
    rate = rate.quantize(quantum, ROUND_HALF_UP)
    if rate and vehicles:
        note = f"{plain(monthly.fee)} for a whole month; {share}" if part_month else ""
        unit = "vehicle" if monthly.per_vehicle else "month"
        parts.append(Part("monthly", "Monthly fee", vehicles, unit, rate, rate * vehicles, note))
    unit = str(card.distance_unit)
    for code, label, used, included, price, measure in (
        (
            "extra_trips", "Trips beyond the fee", Decimal(totals.trips),
            monthly.included_trips, monthly.extra_trip, "trip",
        ),
        (
            "extra_distance", "Distance beyond the fee", counted_distance(card, totals.distance_km),
            monthly.included_distance, monthly.extra_distance, unit,
        ),
        (
            "extra_time", "Hours beyond the fee", counted_hours(card, totals.seconds),
            monthly.included_hours, monthly.extra_hour, "h",
        ),
    ):  # fmt: skip
        if included is None or not price:
            continue
        held = included * vehicles
        if part_month:
            held = (held * days / whole).quantize(THOUSANDTH, ROUND_HALF_UP)
        beyond = used - held
        if beyond <= ZERO:
            continue
        amount = (beyond * price).quantize(quantum, ROUND_HALF_UP)
        note = f"{plain(used)} {unit_words(used, measure)} less {plain(held)} included"
        if share:
            note += f" for {share}"
        parts.append(Part(code, label, beyond, measure, price, amount, note))


def _guarantee(parts: list[Part], card: Card, totals: MonthTotals, days: int, whole: int, quantum: Decimal) -> None:
    """The top-up to the minimum. Where the card's prices hold the tax, the minimum does too."""
    least = (card.minimum_month * days / whole).quantize(quantum, ROUND_HALF_UP)
    earned = total_of(parts) + totals.amount
    if card.tax and card.tax.inclusive:
        earned += totals.tax
    short = least - earned
    if short > ZERO:
        share = f" for {days} of {whole} days" if days < whole else ""
        note = f"{plain(least)} is guaranteed{share}; trips and fee came to {plain(earned)}"
        parts.append(Part("minimum_month", "Up to the monthly guarantee", ONE, "month", short, short, note))
