"""Amounts of expenses: what may be entered, and what it is in other currencies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tracktok.core import money
from tracktok.core.money import places_problem

LARGEST = Decimal("999999999999.9999")
"""An expense of a million millions is a slip of the finger; sums of a million such rows still fit the columns."""
LARGEST_RATE = Decimal(1_000_000_000)
SMALLEST_RATE = Decimal("0.000000001")
COMMON_CURRENCIES = ("INR", "USD", "EUR", "GBP", "AED", "SGD", "JPY", "AUD", "CAD", "CHF", "CNY", "KWD")
"""Offered first where a currency is chosen."""
EARLIEST = date(1970, 1, 1)
YEARS_AHEAD = 10


@dataclass(frozen=True, slots=True)
class Rate:
    """Units of one currency for one unit of another, the day it was published for, and who said so."""

    rate: Decimal
    rate_date: date | None
    source: str


SAME = Rate(Decimal(1), None, "")


def currency_problem(currency: str) -> str | None:
    """What is wrong with a currency code, or None."""
    if currency not in money.MINOR_UNITS:
        return "Use a currency code in use, such as INR, USD or EUR."
    return None


def amount_problem(amount: Decimal, currency: str) -> str | None:
    """What is wrong with the amount of an expense in a currency, or None. Refunds are negative; nothing is not."""
    if not amount.is_finite():
        return "Enter a number such as 125.50."
    if amount == 0:
        return "Enter an amount other than zero; a refund is negative."
    if abs(amount) > LARGEST:
        return "This amount is too large."
    return places_problem(amount, currency)


def tax_problem(tax: Decimal, amount: Decimal, currency: str) -> str | None:
    """What is wrong with the tax that an amount contains, or None."""
    if not tax.is_finite() or abs(tax) > abs(amount):
        return "The tax is part of the amount, so it cannot be more than the amount."
    if tax != 0 and (tax < 0) != (amount < 0):
        return "The tax has the same sign as the amount."
    return places_problem(tax, currency)


def rate_problem(rate: Decimal) -> str | None:
    """What is wrong with an exchange rate that somebody enters, or None."""
    if not rate.is_finite() or not SMALLEST_RATE <= rate <= LARGEST_RATE:
        return "Enter how much one unit is worth, such as 83.25."
    return None


def date_problem(day: date, today: date) -> str | None:
    """What is wrong with the date of an expense, or None."""
    if day < EARLIEST:
        return "Enter a date after 1970."
    if day.year > today.year + YEARS_AHEAD:
        return f"This date is more than {YEARS_AHEAD} years ahead."
    return None


def convert(amount: Decimal, rate: Decimal, currency: str) -> Decimal:
    """An amount in another currency: times the rate, rounded half up once, to that currency's minor unit."""
    return money.round_amount(amount * rate, currency)


def round_rate(rate: Decimal) -> Decimal:
    """A rate as it is stored: 12 decimal places."""
    return rate.quantize(Decimal("1e-12"))
