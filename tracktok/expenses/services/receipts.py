"""Receipts: files put on an expense and taken off."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from werkzeug.datastructures import FileStorage

from tracktok.core import clock
from tracktok.core.context import actor
from tracktok.core.db import db
from tracktok.core.errors import Conflict, Invalid
from tracktok.core.ids import new_id
from tracktok.core.permissions import current_actor
from tracktok.documents.services import provide_access, store_file
from tracktok.expenses.models import Expense, Receipt
from tracktok.expenses.queries import receipts as queries
from tracktok.expenses.queries.expenses import get_expense
from tracktok.expenses.signals import SpendWarning

from .expenses import check_may_change

MOST_RECEIPTS = 20


class TooManyReceipts(Conflict):
    code, title = "too_many_receipts", "This expense has as many receipts as it may have"


def add_receipts(expense_id: UUID, files: Sequence[FileStorage]) -> tuple[list[Receipt], list[SpendWarning]]:
    """Put files on an expense. A file that is elsewhere already is kept, and told.

    Raises Invalid (422) at `files`, TooLarge (413), UnsupportedMediaType (415), TooManyReceipts (409).
    """
    if not files:
        raise Invalid.at("files", "Choose one file at least.")
    expense = get_expense(expense_id)
    check_may_change(expense, current_actor())
    if expense.receipts + len(files) > MOST_RECEIPTS:
        raise TooManyReceipts(f"An expense may have {MOST_RECEIPTS} receipts; this one has {expense.receipts}.")
    made = []
    for file in files:
        stored = store_file(file.stream, file.filename or "receipt", field="files")
        receipt = Receipt(id=new_id(), expense_id=expense.id, file_id=stored.id)
        db.session.add(receipt)
        made.append(receipt)
    expense.receipts += len(made)
    expense.updated_at = clock.now()
    db.session.flush()
    return made, _repeated(expense, {receipt.id for receipt in made})


def _repeated(expense: Expense, new: set[UUID]) -> list[SpendWarning]:
    twins = {receipt_id: others for receipt_id, others in queries.twins_of(expense.id).items() if receipt_id in new}
    if not twins:
        return []
    others = sorted({str(other) for found in twins.values() for other in found})
    text = "This very file is a receipt of another expense already, or was added twice. Both are kept."
    return [SpendWarning("duplicate_receipt", text, {"expense_ids": others})]


def remove_receipt(expense: Expense, receipt: Receipt) -> None:
    """Take a receipt off an expense that the caller has locked. The file itself is kept as long as the books are."""
    check_may_change(expense, current_actor())
    db.session.delete(receipt)
    expense.receipts -= 1
    db.session.flush()


@provide_access
def may_open_receipt(file_id: UUID) -> bool:
    """Whether the current actor may open a receipt: those who see an expense that it proves."""
    who = actor()
    if who is None:
        return False
    owners = queries.owners_of_file(file_id)
    if who.may("expenses.read_all"):
        return bool(owners)
    return who.person_id in owners
