"""What a credit note takes back of an invoice line: never more than is left, its tax mirrored to the minor unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from tracktok.core import money

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Credited:
    """A part of a line that is taken back: before tax, and each tax by code. Amounts are above zero as on the line."""

    taxable_amount: Decimal
    taxes: Mapping[str, Decimal]

    @property
    def total(self) -> Decimal:
        return self.taxable_amount + sum(self.taxes.values(), ZERO)


def credit_problem(amount: Decimal, *, taxable_amount: Decimal, credited_before: Decimal, currency: str) -> str | None:
    """What is wrong with crediting an amount (before tax) of a line, or None."""
    if not amount.is_finite() or not amount or (amount < 0) != (taxable_amount < 0):
        return "Enter an amount above zero." if taxable_amount >= 0 else "Enter an amount below zero, as on the line."
    if not money.fits_minor_unit(amount, currency):
        return f"{currency} has {money.minor_unit(currency)} decimal places at most."
    left = taxable_amount - credited_before
    if abs(amount) > abs(left):
        return f"Only {money.format_amount(left, currency)} of this line is left to credit."
    return None


def credit_line(
    amount: Decimal, *, taxable_amount: Decimal, taxes: Mapping[str, Decimal], credited_before: Decimal, currency: str
) -> Credited:
    """Take back `amount` (before tax) of a line that has `taxable_amount` and `taxes`, after `credited_before`.

    Each tax goes in proportion with a carried remainder: however a line is credited in parts, all parts together take
    back exactly its taxes. Equal taxes (CGST and SGST) stay equal. Check with `credit_problem` first.
    """

    def upto(tax: Decimal, credited: Decimal) -> Decimal:
        if credited == taxable_amount:
            return tax
        return money.round_amount(tax * credited / taxable_amount, currency)

    return Credited(
        amount,
        {
            code: upto(tax, credited_before + amount) - (upto(tax, credited_before) if credited_before else ZERO)
            for code, tax in taxes.items()
        },
    )
