"""What budgets do on facts of spending."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import update

from tracktok.core.db import db
from tracktok.expenses.rules.posting import Change
from tracktok.expenses.signals import (
    ImportedSpending,
    SpendWarning,
    category_removed,
    expense_posted,
    expense_posting,
    expenses_imported,
)
from tracktok.trips.signals import months_written, statement_approved

from . import services
from .models import Budget


@expense_posting.connect
def watch_posting(_sender: Any, changes: Sequence[Change], **_: Any) -> list[SpendWarning]:
    """Warn of budgets that would be passed, or refuse."""
    return services.watch_posting(changes)


@expense_posted.connect
def watch_posted(_sender: Any, changes: Sequence[Change], **_: Any) -> None:
    """Raise the alerts of thresholds that were passed."""
    services.watch_posted(changes)


@months_written.connect
@statement_approved.connect
def watch_vendors(_sender: Any, **_: Any) -> None:
    """Look at the budgets soon: what vendors are owed counts in them."""
    services.look_soon()


@expenses_imported.connect
def watch_imported(_sender: Any, spending: ImportedSpending, **_: Any) -> None:
    """Raise the alerts of what an import has passed; taking one back raises nothing."""
    if not spending.undone:
        services.look_after_import(spending.import_id)


@category_removed.connect
def follow_category(_sender: Any, category_id: UUID, into_id: UUID | None, **_: Any) -> None:
    """A budget of a category that is merged into another follows its expenses there."""
    if into_id is not None:
        db.session.execute(update(Budget).where(Budget.category_id == category_id).values(category_id=into_id))
