"""Credit notes by line: what is left of a line, and what a quantity, an amount or all of the rest takes of it.

`value` is what a line adds to the document before tax: its taxable amount, or what a pure agent passes on. Whatever is
taken in parts, the part that takes the last takes exactly the rest of value and taxes.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tracktok.core import money

from .crediting import credit_line, credit_problem

ZERO = Decimal(0)


class CannotCredit(ValueError):
    """What is asked for cannot be taken of a line; `field` is `quantity`, `amount` or `line_id`."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field, self.detail = field, detail


@dataclass(frozen=True, slots=True)
class OriginalLine:
    """A line of the invoice, with what issued credit notes have taken of it. `parts`: each of its taxes."""

    quantity: Decimal
    value: Decimal
    parts: tuple[Decimal, ...]
    credited_quantity: Decimal = ZERO
    credited_value: Decimal = ZERO
    credited_parts: tuple[Decimal, ...] = ()

    @property
    def left_quantity(self) -> Decimal:
        return self.quantity - self.credited_quantity

    @property
    def left_value(self) -> Decimal:
        return self.value - self.credited_value

    @property
    def left_parts(self) -> tuple[Decimal, ...]:
        taken = self.credited_parts or (ZERO,) * len(self.parts)
        return tuple(whole - part for whole, part in zip(self.parts, taken, strict=True))

    @property
    def is_used_up(self) -> bool:
        """Whether nothing of value or taxes is left."""
        return not self.left_value and not any(self.left_parts)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a credit note takes of a line. `quantity` is 0 where only an amount goes back."""

    quantity: Decimal
    value: Decimal
    parts: tuple[Decimal, ...]


def take(line: OriginalLine, currency: str, *, quantity: Decimal | None, amount: Decimal | None) -> Taken:
    """Take a quantity, an amount before tax, or (with neither) all that is left. Raises CannotCredit."""
    if quantity is not None and amount is not None:
        raise CannotCredit("amount", "Give a quantity or an amount, not both.")
    if line.is_used_up:
        raise CannotCredit("line_id", "This line is credited in full already.")
    if quantity is None and amount is None:
        return Taken(line.left_quantity, line.left_value, line.left_parts)
    if quantity is not None:
        signed = -quantity if line.quantity < 0 else quantity
        if abs(signed) > abs(line.left_quantity):
            left = format(abs(line.left_quantity).normalize(), "f")
            raise CannotCredit("quantity", f"Only {left} of this line is left to credit.")
        if signed == line.left_quantity:
            return Taken(signed, line.left_value, line.left_parts)
        value = money.round_amount(line.value * signed / line.quantity, currency)
        if abs(value) > abs(line.left_value):
            left = money.format_amount(line.left_value, currency)
            raise CannotCredit("quantity", f"That comes to more than what is left of this line: {left} before tax.")
    else:
        signed, value = ZERO, amount or ZERO
        problem = credit_problem(
            value, taxable_amount=line.value, credited_before=line.credited_value, currency=currency
        )
        if problem:
            raise CannotCredit("amount", problem)
    return Taken(signed, value, _parts(line, value, currency))


def _parts(line: OriginalLine, value: Decimal, currency: str) -> tuple[Decimal, ...]:
    """The taxes that go with a value: in proportion, the rest with the last."""
    if value == line.left_value:
        return line.left_parts
    if not line.value:
        return (ZERO,) * len(line.parts)
    taxes = {str(at): part for at, part in enumerate(line.parts)}
    credited = credit_line(
        value, taxable_amount=line.value, taxes=taxes, credited_before=line.credited_value, currency=currency
    )
    # Notes that were void since may have taken a unit more or less than the proportion: never pass what is left.
    return tuple(_within(credited.taxes[str(at)], left) for at, left in enumerate(line.left_parts))


def _within(amount: Decimal, left: Decimal) -> Decimal:
    return max(min(amount, left), ZERO) if left >= 0 else min(max(amount, left), ZERO)


def round_off_of(raw: Decimal, left: Decimal, *, is_last: bool) -> Decimal:
    """What a credit note whose lines come to `raw` takes of the invoice's rounding, when `left` of its total is left.

    The last takes the rest of it; one before it no more than keeps it from passing what is left.
    """
    return left - raw if is_last else min(ZERO, left - raw)
