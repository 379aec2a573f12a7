"""Facts about spending. Heard in the same transaction, inside the tenant."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from blinker import signal


@dataclass(frozen=True, slots=True)
class SpendWarning:
    """Something that a person should know about what they have just done; it did not stop it.

    `code` is stable (`budget_near`, `budget_passed`, `duplicate`, `plan_soft_limit`); `extra` are further members
    of the warning in the API's answer.
    """

    code: str
    detail: str
    extra: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The warning as the API answers it."""
        return {"code": self.code, "detail": self.detail, **self.extra}


expense_posting = signal("expense_posting")
"""Expenses are about to change what is spent or committed.

Sent with `changes` (a list of `rules.posting.Change`, whose `old` and `new` are `Contribution`s or None), after the
rows are checked and before they and their entries are written. A receiver returns an iterable of SpendWarning (they
reach the person), or raises a DomainError to refuse the whole of it. Changes of what is neither posted nor budgeted
(a new description, anything about a draft) are not sent. Locks are taken in the order category, project, account >
expense > budget > rows of the ledger; a receiver that locks budgets does so here, in the order of their ids.
"""

expense_posted = signal("expense_posted")
"""The same changes have been written, entries and all. Sent with `changes`; nothing is expected back.

An import that sums its rows sends Contributions with `items` above 1 and the import's id as `expense_id`.
"""

category_removed = signal("category_removed")
"""A category has been deleted; sent with `category_id` and `into_id`, where its expenses went (None: nowhere)."""


@dataclass(frozen=True, slots=True)
class ImportedSpending:
    """What an import has added to what is spent, or (`undone`) taken back. Amounts are in the tenant's currency."""

    import_id: UUID
    undone: bool
    rows: int
    base_amount: Decimal
    first_day: date
    last_day: date
    category_ids: frozenset[UUID]
    project_ids: frozenset[UUID]
    account_ids: frozenset[UUID]
    tag_ids: frozenset[UUID]


expenses_imported = signal("expenses_imported")
"""An import was committed or undone: rows and entries are written. Sent with `spending` (ImportedSpending).

The single rows are not sent as changes: they may be a million. What they add up to stands in the totals of the books.
Nothing is expected back; an import is a record of what was spent already, so budgets tell, and do not stop it.
"""
