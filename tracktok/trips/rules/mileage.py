"""What a trip comes to by the company's mileage rate."""

from __future__ import annotations

from decimal import Decimal

from tracktok.core.money import round_amount

from .pricing import KM_A_MILE


def mileage_of(distance_km: Decimal, rate: Decimal, unit: str, currency: str) -> Decimal:
    """Distance x rate, rounded once."""
    distance = distance_km / KM_A_MILE if unit == "mi" else distance_km
    return round_amount(distance * rate, currency)


def distance_in(distance_km: Decimal, unit: str) -> Decimal:
    """A distance in the rate's unit, to a tenth."""
    distance = distance_km / KM_A_MILE if unit == "mi" else distance_km
    return distance.quantize(Decimal("0.1"))
