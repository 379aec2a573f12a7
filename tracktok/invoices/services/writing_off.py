"""What is given up on a document: small differences, or more; and what is expected again."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from flask import current_app

from tracktok.core import context
from tracktok.core.db import db
from tracktok.core.errors import Invalid
from tracktok.core.ids import new_id
from tracktok.core.money import format_amount
from tracktok.invoices.models import Allocation, SalesDocument
from tracktok.invoices.queries import documents as documents_queries
from tracktok.invoices.queries import receipts as queries
from tracktok.invoices.rules import receipting as rules
from tracktok.invoices.rules import statuses
from tracktok.invoices.rules.allocating import small_difference
from tracktok.invoices.rules.posting import write_off_entry as whole_write_off_entry
from tracktok.ledger.queries import book_account_for, standing_entries
from tracktok.ledger.rules import Entry
from tracktok.ledger.services import post

from .deriving import today
from .settling import OWED_KINDS, NotApplicable, NotEnoughLeft, base_of, remove_allocation, settle
from .tills import books

WRITE_OFF = "write_off"
ROUNDING, BAD_DEBTS = "rounding", "bad_debts"


def write_off(document_id: UUID, amount: Decimal | None = None, reason: str = "") -> Allocation:
    """Give up what is open on an invoice or debit note, or an amount of it.

    Where that is small (`WRITE_OFF_TOLERANCE`, in the tenant's currency) it is a rounding difference, else a bad debt.
    Raises NotFound, Invalid (422), NotApplicable or NotEnoughLeft (409).
    """
    document = documents_queries.get_document(document_id, *OWED_KINDS, for_update=True)
    if document.status not in statuses.OPEN_INVOICES:
        raise NotApplicable(f"Nothing is open on {document.number or 'a draft'}.")
    wanted = document.amount_due if amount is None else amount
    if problem := rules.amount_problem(wanted, document.currency):
        raise Invalid.at("amount", problem)
    if wanted > document.amount_due:
        due = format_amount(document.amount_due, document.currency)
        raise NotEnoughLeft(f"Only {due} {document.currency} of {document.number} is open.")
    base, who = base_of(document, wanted), context.actor()
    settle(document, wanted)
    allocation = Allocation(
        id=new_id(),
        document_id=document.id,
        kind=WRITE_OFF,
        amount=wanted,
        allocated_on=today(),
        created_by=who.person_id if who else None,
    )
    db.session.add(allocation)
    db.session.flush()
    loss = ROUNDING if small_difference(base, tolerance()) else BAD_DEBTS
    memo = f"{document.number} written off" + (f": {reason}" if reason else "")
    post([_entry(allocation, document, wanted, base, book_account_for(loss), memo)])
    return allocation


def reverse_write_off(allocation_id: UUID) -> None:
    """Expect what was written off again. Raises NotFound, NotApplicable (409)."""
    known = queries.get_allocation(allocation_id)
    document = documents_queries.get_document(known.document_id, for_update=True)
    allocation = queries.get_allocation(allocation_id, for_update=True)
    if allocation.kind != WRITE_OFF or allocation.removed_at is not None:
        raise NotApplicable("This was taken back already.")
    if document.status == statuses.UNCOLLECTIBLE:
        raise NotApplicable(f"{document.number} was given up as uncollectible. Reopen it instead.")
    post(undo_write_offs(document, [allocation]))


def undo_write_offs(document: SalesDocument, allocations: Sequence[Allocation]) -> list[Entry]:
    """Take write-offs of a document, locked by the caller, back from it; the entries that the caller posts.

    Each goes back to the account that it was a loss of.
    """
    entries = []
    for one in allocations:
        base = base_of(document, -one.amount)
        settle(document, -one.amount)
        remove_allocation(one)
        entries.append(_expected_again(one, document, base))
    return entries


def tolerance() -> Decimal:
    """Up to what a write-off is a rounding difference, in the tenant's currency."""
    return Decimal(current_app.config["WRITE_OFF_TOLERANCE"])


def _expected_again(allocation: Allocation, document: SalesDocument, base: Decimal) -> Entry:
    memo, receivables = f"{document.number} is expected again", book_account_for("receivables")
    for entry in standing_entries(rules.ALLOCATION, allocation.id):
        for line in entry.lines:
            if line.book_account_id != receivables:
                return _entry(allocation, document, -allocation.amount, base, line.book_account_id, memo)
    # A whole invoice that was uncollectible is posted under the invoice itself.
    return whole_write_off_entry(
        document_id=document.id,
        day=today(),
        memo=memo,
        customer_id=document.customer_id,
        currency=document.currency,
        amount=-allocation.amount,
        base=base,
        accounts=(book_account_for(BAD_DEBTS), receivables),
    )


def _entry(
    allocation: Allocation, document: SalesDocument, amount: Decimal, base: Decimal, loss: UUID, memo: str
) -> Entry:
    return rules.write_off_entry(
        allocation_id=allocation.id,
        day=today(),
        memo=memo[:200],
        customer_id=document.customer_id,
        currency=document.currency,
        amount=amount,
        base=base,
        loss=loss,
        books=books(),
    )


__all__ = ["reverse_write_off", "tolerance", "undo_write_offs", "write_off"]
