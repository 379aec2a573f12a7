"""What money from customers adds to the books: receipts, allocations, refunds, write-offs.

A receipt: debit where the money came to, credit advances of customers. An allocation: debit advances, credit
receivables. A refund: debit advances (of a credit note: receivables), credit where the money went from. A write-off:
debit a loss, credit receivables. All that a receipt adds to advances in the tenant's currency goes out again to the
last minor unit, and so does all that a document adds to receivables (`allocating.settled_base`); what is between the
two because the rate moved is a line of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from tracktok.core.money import format_amount, places_problem, round_amount
from tracktok.ledger.rules import Entry, Line

ZERO = Decimal(0)
LARGEST = Decimal("999999999999.9999")
RECEIPT, ALLOCATION, REFUND = "receipt", "allocation", "refund"
"""The sources of entries."""


@dataclass(frozen=True, slots=True)
class Till:
    """Where money is: the book account, the currency that it holds, and the account of the company that it belongs to.

    `account_id` is None for money that is not assigned to an account yet.
    """

    book_account_id: UUID
    currency: str
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Books:
    """The book accounts that money from customers moves, by id."""

    receivables: UUID
    advances: UUID
    exchange: UUID


def held_in(currency: str, account_currency: str | None, base: str) -> str | None:
    """The currency in which an account takes an amount: its own when that is the amount's, or the tenant's.

    None when it cannot take the amount: a bank account in dollars takes no euros.
    """
    if account_currency is None or account_currency == currency:
        return currency
    return account_currency if account_currency == base else None


def amount_problem(amount: Decimal, currency: str) -> str | None:
    """What is wrong with an amount of money that moved, or None."""
    if not amount.is_finite() or amount <= 0:
        return "Enter an amount above zero."
    if amount > LARGEST:
        return "This amount is too large."
    return places_problem(amount, currency)


def rate_from_base(amount: Decimal, base_amount: Decimal) -> Decimal:
    """The exchange rate that an amount came in at, from what it came to: to twelve places."""
    return (base_amount / amount).quantize(Decimal(1).scaleb(-12))


def receipt_entry(
    *,
    receipt_id: UUID,
    day: date,
    memo: str,
    customer_id: UUID,
    currency: str,
    amount: Decimal,
    base_amount: Decimal,
    till: Till,
    books: Books,
) -> Entry:
    """Money that came in."""
    return Entry(
        entry_date=day,
        kind=RECEIPT,
        source=RECEIPT,
        source_id=receipt_id,
        memo=memo,
        lines=(
            _till_line(till, amount, base_amount, currency, customer_id),
            Line(books.advances, -amount, -base_amount, currency, items=0, customer_id=customer_id),
        ),
    )


def allocation_entry(
    *,
    allocation_id: UUID,
    day: date,
    memo: str,
    customer_id: UUID,
    currency: str,
    amount: Decimal,
    advances_base: Decimal,
    receivables_base: Decimal,
    books: Books,
) -> Entry:
    """An advance that pays a document; with amounts below zero, one that is taken back from it.

    `advances_base` is what the money was worth when it came, `receivables_base` what was owed when it was billed.
    """
    lines = [
        Line(books.advances, amount, advances_base, currency, items=0, customer_id=customer_id),
        Line(books.receivables, -amount, -receivables_base, currency, items=0, customer_id=customer_id),
        *_exchange(advances_base - receivables_base, currency, books),
    ]
    return Entry(day, ALLOCATION, ALLOCATION, allocation_id, memo, tuple(lines))


def refund_entry(
    *,
    refund_id: UUID,
    day: date,
    memo: str,
    customer_id: UUID,
    currency: str,
    amount: Decimal,
    taken_base: Decimal,
    paid_base: Decimal,
    taken_from: UUID,
    till: Till,
    books: Books,
) -> Entry:
    """Money that was given back; with amounts below zero, a refund that is taken back.

    `taken_base` is what it takes of `taken_from` (advances, or receivables for a credit note), `paid_base` what it is
    worth on the day.
    """
    lines = [
        Line(taken_from, amount, taken_base, currency, items=0, customer_id=customer_id),
        _till_line(till, -amount, -paid_base, currency, customer_id),
        *_exchange(taken_base - paid_base, currency, books),
    ]
    return Entry(day, REFUND, REFUND, refund_id, memo, tuple(lines))


def write_off_entry(
    *,
    allocation_id: UUID,
    day: date,
    memo: str,
    customer_id: UUID,
    currency: str,
    amount: Decimal,
    base: Decimal,
    loss: UUID,
    books: Books,
) -> Entry:
    """What is given up on a document; with amounts below zero, what is expected again."""
    return Entry(
        entry_date=day,
        kind="write_off",
        source=ALLOCATION,
        source_id=allocation_id,
        memo=memo,
        lines=(
            Line(loss, amount, base, currency, items=1 if amount > 0 else -1, customer_id=customer_id),
            Line(books.receivables, -amount, -base, currency, items=0, customer_id=customer_id),
        ),
    )


def _till_line(till: Till, amount: Decimal, base_amount: Decimal, currency: str, customer_id: UUID) -> Line:
    held = amount if till.currency == currency else base_amount
    return Line(
        till.book_account_id,
        held,
        base_amount,
        till.currency,
        items=1 if amount > 0 else -1,
        account_id=till.account_id,
        customer_id=customer_id,
    )


def _exchange(gain: Decimal, currency: str, books: Books) -> tuple[Line, ...]:
    """A gain (above 0) is credited, a loss debited; nothing for none."""
    return (Line(books.exchange, ZERO, -gain, currency, items=0),) if gain else ()


def paid_back_at(amount: Decimal, rate: Decimal, base: str) -> Decimal:
    """What an amount is worth in the tenant's currency on the day on which it is given back."""
    return round_amount(amount * rate, base)


def left_problem(amount: Decimal, left: Decimal, currency: str, of: str) -> str | None:
    """What is wrong with taking an amount of what is left of a receipt or credit note (`of` in words), or None."""
    if problem := amount_problem(amount, currency):
        return problem
    if amount > left:
        return f"Only {format_amount(max(left, ZERO), currency)} {currency} of {of} is left."
    return None
