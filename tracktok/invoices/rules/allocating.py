"""How a receipt is shared over what is open, and what an exchange rate that moved in between makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from tracktok.core import money

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An invoice or debit note with something left to pay, in its own currency."""

    id: UUID
    open_amount: Decimal
    due_date: date
    issue_date: date | None = None
    number: str = ""

    @property
    def age_key(self) -> tuple[date, date, str, UUID]:
        """Oldest first: by due date, then by issue date, then by number."""
        return self.due_date, self.issue_date or self.due_date, self.number, self.id


def allocate_oldest_first(available: Decimal, open_items: Sequence[OpenItem]) -> list[tuple[UUID, Decimal]]:
    """Share an amount over open items of the same currency, the longest due first; (id, amount), none of them 0.

    Never more than is available, never more than is open. What is left over stays a credit.
    """
    found: list[tuple[UUID, Decimal]] = []
    for item in sorted(open_items, key=lambda one: one.age_key):
        amount = min(available, item.open_amount)
        if amount > 0:
            found.append((item.id, amount))
            available -= amount
    return found


def allocation_problem(amount: Decimal, *, available: Decimal, open_amount: Decimal, currency: str) -> str | None:
    """What is wrong with an amount that somebody allocates by hand, or None."""
    if not amount.is_finite() or amount <= 0:
        return "Enter an amount above zero."
    if not money.fits_minor_unit(amount, currency):
        return f"{currency} has {money.minor_unit(currency)} decimal places at most."
    if amount > available:
        return f"Only {money.format_amount(max(available, ZERO), currency)} of this receipt is left."
    if amount > open_amount:
        return f"Only {money.format_amount(max(open_amount, ZERO), currency)} of this document is open."
    return None


def exchange_difference(amount: Decimal, document_rate: Decimal, receipt_rate: Decimal, base: str) -> Decimal:
    """What a settlement gained (positive) or lost (negative), in the base currency, because the rate moved.

    `amount` is what is settled, in the document's currency; rates are units of `base` for one unit of it, on the
    document's and on the receipt's date. Both sides are rounded as they stand in the books. (Ind AS 21.28, IAS 21.28)
    """
    return money.round_amount(amount * receipt_rate, base) - money.round_amount(amount * document_rate, base)


def settled_base(
    amount: Decimal, *, settled_before: Decimal, total: Decimal, total_base: Decimal, base: str
) -> Decimal:
    """How much of a document's base amount a part settlement takes, so that all parts together take exactly all of it.

    `amount` and `settled_before` are in the document's currency, of its `total`; `total_base` is what the books hold.
    """
    if not total:
        return ZERO
    upto = money.round_amount(total_base * (settled_before + amount) / total, base)
    return upto - money.round_amount(total_base * settled_before / total, base)


def small_difference(open_amount: Decimal, tolerance: Decimal) -> bool:
    """Whether what is left open (or overpaid, negative) is small enough to be written off.

    That is: not nothing, and not above the tolerance. Both in the document's currency.
    """
    return ZERO < abs(open_amount) <= tolerance
