"""What an expense adds to the books.

paid: debit what it was for, credit what it was paid from. approved: debit what it was for, credit what is owed
(payables). draft: nothing. A change takes the old contribution back and adds the new one, in one posting.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from tracktok.ledger.rules import Entry, Line, reversed_entry

from .statuses import APPROVED, PAID

SOURCE = "expense"


@dataclass(frozen=True, slots=True)
class Contribution:
    """An expense as the books and the budgets see it.

    `base_amount` is in the tenant's currency, `credit_amount` in `credit_currency`: that of the account it was paid
    from, or its own while it is owed. `debit_id` and `credit_id` are book accounts. `items` is how many expenses it
    stands for: more than 1 where rows are summed, and then `expense_id` names what summed them (see `source`).
    """

    expense_id: UUID
    expense_date: date
    status: str
    amount: Decimal
    currency: str
    base_amount: Decimal
    credit_amount: Decimal
    credit_currency: str
    debit_id: UUID
    credit_id: UUID
    category_id: UUID | None = None
    project_id: UUID | None = None
    account_id: UUID | None = None
    person_id: UUID | None = None
    tag_ids: frozenset[UUID] = frozenset()
    memo: str = ""
    items: int = 1
    source: str = SOURCE

    @property
    def is_spent(self) -> bool:
        """Paid."""
        return self.status == PAID

    @property
    def is_committed(self) -> bool:
        """Approved, and not paid yet."""
        return self.status == APPROVED

    @property
    def posts(self) -> bool:
        """Whether it is in the books at all."""
        return self.status in {APPROVED, PAID}


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one expense: `old` is None when it is new or comes back, `new` is None when it goes."""

    old: Contribution | None
    new: Contribution | None

    @property
    def matters(self) -> bool:
        """Whether anything that is posted or budgeted (also its tags) has changed."""
        return _budgeted_fields(self.old) != _budgeted_fields(self.new)

    @property
    def moves_books(self) -> bool:
        """Whether a field that is posted has changed."""
        return _posted_fields(self.old) != _posted_fields(self.new)


def _posted_fields(contribution: Contribution | None) -> Contribution | None:
    if contribution is None or not contribution.posts:
        return None
    return replace(contribution, memo="", tag_ids=frozenset(), person_id=None)


def _budgeted_fields(contribution: Contribution | None) -> Contribution | None:
    return replace(contribution, memo="") if contribution is not None and contribution.posts else None


def entry_of(contribution: Contribution) -> Entry:
    """The balanced entry of a contribution."""
    dimensions = {
        "category_id": contribution.category_id,
        "project_id": contribution.project_id,
        "account_id": contribution.account_id,
    }
    return Entry(
        entry_date=contribution.expense_date,
        kind="expense",
        source=contribution.source,
        source_id=contribution.expense_id,
        memo=contribution.memo,
        lines=(
            Line(
                book_account_id=contribution.debit_id,
                amount=contribution.amount,
                base_amount=contribution.base_amount,
                currency=contribution.currency,
                items=contribution.items,
                **dimensions,
            ),
            Line(
                book_account_id=contribution.credit_id,
                amount=-contribution.credit_amount,
                base_amount=-contribution.base_amount,
                currency=contribution.credit_currency,
                items=0,
                **dimensions,
            ),
        ),
    )


def entries_of(changes: Iterable[Change]) -> list[Entry]:
    """The entries that bring the books from old to new; none for changes that do not move them."""
    entries = []
    for change in changes:
        if not change.moves_books:
            continue
        if change.old is not None and change.old.posts:
            entries.append(reversed_entry(entry_of(change.old)))
        if change.new is not None and change.new.posts:
            entries.append(entry_of(change.new))
    return entries
