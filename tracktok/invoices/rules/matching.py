"""Which open invoices a payment is likely for, and why: a score out of 100, explained by its parts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import combinations
from uuid import UUID

NUMBER, AMOUNT, GROUP, NAME, LIKE_NAME, NEAR = 50, 40, 35, 20, 10, 5
"""What each sign is worth."""
AMBIGUOUS = 15
"""What an amount loses that several documents have."""
LEAST = 20
MOST_TOGETHER, MOST_TRIED = 4, 12
SHORTEST_NUMBER = 4
_LEGAL = frozenset(
    "private pvt limited ltd llp llc inc gmbh ag bv plc corp company co sa sarl srl the and mr mrs ms".split()
)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class BankMoney:
    """A line of a statement, as far as it tells who paid what."""

    amount: Decimal
    currency: str
    booked_on: date
    counterparty: str = ""
    said: str = ""
    """Reference and description."""


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """An invoice or debit note with something to pay."""

    id: UUID
    number: str
    customer_id: UUID
    customer_name: str
    amount_due: Decimal
    currency: str
    issued_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Documents of one customer that a payment may be for."""

    score: int
    why: tuple[str, ...]
    documents: tuple[OpenDocument, ...]

    @property
    def customer_id(self) -> UUID:
        return self.documents[0].customer_id

    @property
    def due(self) -> Decimal:
        """What they come to."""
        return sum((one.amount_due for one in self.documents), ZERO)


def suggest(line: BankMoney, documents: Iterable[OpenDocument], most: int = 5) -> list[Suggestion]:
    """What a payment may be for, the best first. Money that went out, or of another currency, is for none."""
    if line.amount <= 0:
        return []
    open_ones = [one for one in documents if one.currency == line.currency and one.amount_due > 0]
    text = squeeze(f"{line.said} {line.counterparty}")
    named = {one.id for one in open_ones if names(text, one.number)}
    same_amount = sum(1 for one in open_ones if one.amount_due == line.amount)
    of_customer: dict[UUID, list[OpenDocument]] = defaultdict(list)
    for one in open_ones:
        of_customer[one.customer_id].append(one)
    found: list[Suggestion] = []
    for owned in of_customer.values():
        likeness = name_likeness(owned[0].customer_name, line.counterparty, line.said)
        owned.sort(key=lambda one: (one.due_on, one.number))
        found += (_single(line, one, one.id in named, likeness, same_amount) for one in owned)
        found += _together(line, owned, named, likeness)
    kept = [one for one in found if one.score >= LEAST]
    # The best first; of equals the longest due.
    kept.sort(key=lambda one: (-one.score, len(one.documents), one.documents[0].due_on, one.documents[0].number))
    return kept[:most]


def _single(line: BankMoney, one: OpenDocument, named: bool, likeness: float, same_amount: int) -> Suggestion:  # noqa: FBT001 - one of the signs
    score, why = 0, []
    if named:
        score += NUMBER
        why.append(f"{one.number} is named")
    if one.amount_due == line.amount:
        score += AMOUNT
        why.append("the amount is what is due")
        if same_amount > 1 and not named:
            score -= AMBIGUOUS
            why.append(f"{same_amount} documents have this amount")
    elif named:
        why.append("less than what is due" if line.amount < one.amount_due else "more than what is due")
    return _finish(line, (one,), score, why, likeness)


def _together(line: BankMoney, owned: Sequence[OpenDocument], named: set[UUID], likeness: float) -> list[Suggestion]:
    """Several documents of one customer that come to the amount together: those named, else a few, else all."""
    if len(owned) < 2:
        return []
    said = tuple(one for one in owned if one.id in named)
    if len(said) > 1:
        exact = _due(said) == line.amount
        why = [f"{', '.join(one.number for one in said)} are named"]
        why.append("together they come to the amount" if exact else "the amount is another than what is due")
        return [_finish(line, said, NUMBER + (AMOUNT if exact else 5), why, likeness)]
    tried = owned[:MOST_TRIED]
    candidates: list[tuple[OpenDocument, ...]] = []
    if likeness or said:
        sizes = range(2, min(MOST_TOGETHER, len(tried)) + 1)
        candidates = [some for size in sizes for some in combinations(tried, size) if _due(some) == line.amount]
    if not candidates and _due(owned) == line.amount:
        candidates = [tuple(owned)]
    found = []
    for some in candidates[:3]:
        count = "all" if len(some) == len(owned) else str(len(some))
        score = GROUP + (NUMBER // 2 if any(one.id in named for one in some) else 0)
        why = [f"{count} open documents of this customer come to the amount together"]
        if len(candidates) > 1:
            score -= AMBIGUOUS
            why.append("other documents do as well")
        found.append(_finish(line, some, score, why, likeness))
    return found


def _finish(
    line: BankMoney, documents: tuple[OpenDocument, ...], score: int, why: list[str], likeness: float
) -> Suggestion:
    if not score:  # a name alone says who paid, not what for
        return Suggestion(0, (), documents)
    if likeness >= 0.85:
        score += NAME
        why.append("the payer's name is the customer's")
    elif likeness:
        score += LIKE_NAME
        why.append("the payer's name is like the customer's")
    if min(abs(line.booked_on - one.due_on) for one in documents) <= timedelta(days=7):
        score += NEAR
        why.append("it came near the due date")
    if all(line.booked_on < one.issued_on for one in documents):
        score -= 2 * NEAR
        why.append("it came before the date of the document")
    return Suggestion(max(0, min(score, 100)), tuple(why), documents)


def _due(documents: Sequence[OpenDocument]) -> Decimal:
    return sum((one.amount_due for one in documents), ZERO)


def squeeze(text: str) -> str:
    """Letters and digits of a text, in capitals."""
    return "".join(one for one in text.upper() if one.isalnum())


def names(squeezed: str, number: str) -> bool:
    """Whether a squeezed text holds a number, and not only as the start or end of a longer one."""
    wanted = squeeze(number)
    if len(wanted) < SHORTEST_NUMBER:
        return False
    at = squeezed.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        before, after = squeezed[at - 1 : at], squeezed[end : end + 1]
        if not (wanted[-1].isdigit() and after.isdigit()) and not (wanted[0].isdigit() and before.isdigit()):
            return True
        at = squeezed.find(wanted, at + 1)
    return False


def name_likeness(customer: str, counterparty: str, said: str) -> float:
    """How much a payer is like a customer: 1 for the same name, 0 for nothing in common worth telling."""
    name = _plain(customer)
    if len(name) < 3:
        return 0.0
    if f" {name} " in f" {_plain(counterparty)} " or (len(name) >= 5 and f" {name} " in f" {_plain(said)} "):
        return 1.0
    other = _plain(counterparty)
    if not other or (not set(name.split()) & set(other.split()) and name[:3] != other[:3]):
        return 0.0
    ratio = SequenceMatcher(None, " ".join(sorted(name.split())), " ".join(sorted(other.split()))).ratio()
    return ratio if ratio >= 0.6 else 0.0


@lru_cache(maxsize=8192)
def _plain(name: str) -> str:
    words = re.findall(r"[^\W_]+", name.lower())
    return " ".join(one for one in words if one not in _LEGAL)
