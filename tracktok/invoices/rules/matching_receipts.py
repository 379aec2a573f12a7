"""Which receipt that is recorded already a payment of the bank is, and why: so that it is not recorded again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from .matching import BankMoney, name_likeness, names, squeeze

AMOUNT, NAMED, NAME, LIKE_NAME = 40, 35, 20, 10
NEARNESS = ((0, 20), (3, 15), (7, 8), (14, 2))
"""(days apart at most, what that is worth)."""
AMBIGUOUS = 10
LEAST = 40


@dataclass(frozen=True, slots=True)
class KnownReceipt:
    """A receipt that no line of a bank is matched with."""

    id: UUID
    number: str
    customer_id: UUID
    customer_name: str
    receipt_date: date
    amount: Decimal
    currency: str
    base_amount: Decimal
    reference: str = ""
    provider_payment_id: str = ""
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReceiptSuggestion:
    """A receipt that a payment may be."""

    score: int
    why: tuple[str, ...]
    receipt: KnownReceipt


def is_worth(receipt_amount: Decimal, currency: str, base_amount: Decimal, line: BankMoney, base: str) -> bool:
    """Whether a receipt is of a line's amount: in its currency, or by what arrived of it in the company's own."""
    if currency == line.currency:
        return receipt_amount == line.amount
    return line.currency == base and base_amount == line.amount


def suggest_receipts(
    line: BankMoney, receipts: Iterable[KnownReceipt], base: str, account_id: UUID | None = None, most: int = 3
) -> list[ReceiptSuggestion]:
    """The receipts that a payment may be, the best first. Only those of its amount, and not of another account."""
    if line.amount <= 0:
        return []
    fitting = [
        one
        for one in receipts
        if is_worth(one.amount, one.currency, one.base_amount, line, base)
        and (account_id is None or one.account_id in {None, account_id})
    ]
    text = squeeze(f"{line.said} {line.counterparty}")
    found = [_score(line, one, text, len(fitting)) for one in fitting]
    found = [one for one in found if one.score >= LEAST]
    found.sort(key=lambda one: (-one.score, abs((line.booked_on - one.receipt.receipt_date).days), one.receipt.number))
    return found[:most]


def _score(line: BankMoney, one: KnownReceipt, text: str, alike: int) -> ReceiptSuggestion:
    score, why = AMOUNT, ["the amount is the same"]
    said = next(
        (word for word in (one.reference, one.provider_payment_id, one.number) if word and names(text, word)), ""
    )
    if said:
        score += NAMED
        why.append(f"{said} is named")
    likeness = name_likeness(one.customer_name, line.counterparty, line.said)
    if likeness:
        score += NAME if likeness >= 0.85 else LIKE_NAME
        why.append(
            "the payer's name is the customer's" if likeness >= 0.85 else "the payer's name is like the customer's"
        )
    days = abs((line.booked_on - one.receipt_date).days)
    near = next((worth for most, worth in NEARNESS if days <= most), 0)
    if near:
        score += near
        why.append("it is of the same day" if days == 0 else "it is of a day near")
    else:
        score -= AMBIGUOUS
        why.append(f"{days} days are between them")
    if alike > 1 and not said:
        score -= AMBIGUOUS
        why.append(f"{alike} receipts have this amount")
    return ReceiptSuggestion(max(0, min(score, 100)), tuple(why), one)
