"""Service types, tax rates and prices: codes, components of a tax, how they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tracktok.core.money import minor_unit

_DIGITS = re.compile(r"[0-9]+")
_SLUG = re.compile(r"[^a-z0-9]+")
_HUNDRED = Decimal(100)
LARGEST_PERCENT = Decimal(1000)


def hsn_sac_problem(code: str, *, goods: bool) -> str | None:
    """What is wrong with an HSN or SAC, or None; empty is allowed. Services begin with 99 (rule 46(g), CGST Rules)."""
    if not code:
        return None
    if not _DIGITS.fullmatch(code) or len(code) not in {4, 5, 6, 8}:
        return "An HSN or SAC has 4, 6 or 8 digits; a SAC may have 5."
    if goods and code.startswith("99"):
        return "99 begins the code of a service (SAC); goods have an HSN."
    if not goods and not code.startswith("99"):
        return "The code of a service (SAC) begins with 99."
    return None


@dataclass(frozen=True, slots=True)
class TaxPart:
    """One of several taxes that make up a rate. A compound one is on the amount and the taxes before it."""

    code: str
    label: str
    percent: Decimal
    compound: bool = False


def percent_of(parts: Iterable[TaxPart]) -> Decimal:
    """What several taxes come to together, in percent of the amount."""
    total = Decimal(0)
    for part in parts:
        total += part.percent * (1 + total / _HUNDRED) if part.compound else part.percent
    return total


def part_code(label: str, taken: Iterable[str] = ()) -> str:
    """A short name for a tax from its label, other than those taken: `city_tax`, `city_tax_2`."""
    code = _SLUG.sub("_", label.lower()).strip("_") or "tax"
    used, number, found = set(taken), 2, code
    while found in used:
        found, number = f"{code}_{number}", number + 1
    return found


def format_rate(value: Decimal) -> str:
    """A percentage or a rate as the API writes it: "18", "0.25"."""
    text = format(value.normalize(), "f")
    return "0" if text == "-0" else text


def format_price(price: Decimal, currency: str) -> str:
    """A price per unit: at least the decimal places of its currency, more where it has more."""
    places = max(minor_unit(currency), -int(price.normalize().as_tuple().exponent))
    return format(price.quantize(Decimal(1).scaleb(-places)), "f")
