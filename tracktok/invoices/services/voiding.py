"""Void, uncollectible, and back: what takes an issued document out of the books, or gives up what is owed on it."""

from __future__ import annotations

from decimal import Decimal

from tracktok.core import clock, context
from tracktok.core.db import db
from tracktok.core.errors import Conflict
from tracktok.core.ids import new_id
from tracktok.invoices.models import Allocation, DocumentKind, SalesDocument
from tracktok.invoices.queries import documents as queries
from tracktok.invoices.rules import statuses
from tracktok.invoices.rules.posting import SOURCE, write_off_entry
from tracktok.invoices.signals import document_voided, document_voiding
from tracktok.ledger.queries import book_account_for, standing_entries
from tracktok.ledger.services import post, reverse

from .deriving import today
from .drafts import let_go, reopen_origin
from .issuing import IllegalStatus, next_status
from .settling import base_of, settle
from .writing_off import undo_write_offs


class StillPaid(Conflict):
    code, title = "still_paid", "Something was paid of this document"


class Credited(Conflict):
    code, title = "credited", "There are notes on this document"


def void_document(document: SalesDocument, reason: str = "") -> SalesDocument:
    """Make an issued document void, locked by the caller: its entry is reversed on its own day, its number stays.

    Raises StillPaid or Credited (409), which name the way, IllegalStatus (409), or whatever a receiver of
    `document_voiding` refuses with.
    """
    check_voidable(document)
    document_voiding.send(None, document=document)
    if DocumentKind(document.kind).moves_money:
        entries = [entry.id for entry in standing_entries(SOURCE, document.id) if entry.kind == document.kind]
        label = DocumentKind(document.kind).label
        reverse([one for one in entries if one is not None], memo=f"{label} {document.number} is void")
    document.status = statuses.VOID
    document.reason = reason or document.reason
    document.voided_at = clock.now()
    document.amount_paid = Decimal(0)
    document.amount_due = document.total
    let_go(document.id)
    db.session.flush()
    if document.kind == DocumentKind.invoice and document.original_id is not None:
        reopen_origin(document.original_id)
    document_voided.send(None, document=document)
    db.session.refresh(document)
    return document


def check_voidable(document: SalesDocument) -> None:
    """Raise what stands in the way of making a document void."""
    if document.status == statuses.DRAFT:
        raise IllegalStatus("A draft has no number yet: delete it.")
    label = DocumentKind(document.kind).label.lower()
    if document.status == statuses.VOID:
        raise IllegalStatus(f"This {label} is void already.")
    if document.kind == DocumentKind.invoice and queries.notes_of(document.id):
        raise Credited(f"{document.number} has a credit note. Void the credit note first, or credit what is left.")
    if document.kind == DocumentKind.invoice and queries.notes_of(document.id, DocumentKind.debit_note):
        raise Credited(f"{document.number} has a debit note. Void the debit note first.")
    if document.amount_paid > 0:
        if document.kind == DocumentKind.credit_note:
            raise StillPaid(f"{document.number} was applied or refunded. Take that back first (unapply).")
        raise StillPaid(
            f"Something was paid of {document.number}. Take the payment back first, or issue a credit note over it."
        )
    if document.status == statuses.PAID and document.total == 0:
        return
    next_status(document, "void")


def mark_uncollectible(document: SalesDocument, reason: str = "") -> SalesDocument:
    """Give up what is owed on an invoice, locked by the caller: it goes to bad debts, today.

    Raises IllegalStatus (409).
    """
    status = next_status(document, "write_off")
    amount = document.amount_due
    base = base_of(document, amount)
    who = context.actor()
    settle(document, amount)
    document.status = status
    document.reason = reason or document.reason
    allocation = Allocation(
        id=new_id(),
        document_id=document.id,
        kind="write_off",
        amount=amount,
        allocated_on=today(),
        created_by=who.person_id if who else None,
    )
    db.session.add(allocation)
    db.session.flush()
    _post_bad_debt(document, amount, base, f"{document.number} is uncollectible")
    db.session.refresh(document)
    return document


def reopen_document(document: SalesDocument) -> SalesDocument:
    """Expect the money of an uncollectible invoice again, locked by the caller. Raises IllegalStatus (409)."""
    next_status(document, "reopen")
    given_up = [one for one in queries.allocations_of(document.id) if one.kind == "write_off"]
    document.status = statuses.PAID  # from where unpaying leads on
    post(undo_write_offs(document, given_up))
    db.session.refresh(document)
    return document


def _post_bad_debt(document: SalesDocument, amount: Decimal, base: Decimal, memo: str) -> None:
    pair = (book_account_for("bad_debts"), book_account_for("receivables"))
    entry = write_off_entry(
        document_id=document.id,
        day=today(),
        memo=memo,
        customer_id=document.customer_id,
        currency=document.currency,
        amount=amount,
        base=base,
        accounts=pair,
    )
    post([entry])
