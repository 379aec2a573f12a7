"""What was paid of a document: allocations, and what follows from them. Everybody who settles a document does it here.

`settle` keeps `amount_paid`, `amount_due` and `status`; `base_of` says what a settlement takes of the document in the
books. The documents are locked by the caller (`queries.lock_documents`, in the order of their ids).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from tracktok.core import clock, context
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Conflict, Invalid
from tracktok.core.ids import new_id
from tracktok.core.money import fits_minor_unit, format_amount, minor_unit
from tracktok.invoices.models import Allocation, DocumentKind, SalesDocument
from tracktok.invoices.queries import documents as queries
from tracktok.invoices.rules import statuses
from tracktok.invoices.rules.allocating import settled_base
from tracktok.invoices.rules.posting import SOURCE, exchange_lines
from tracktok.invoices.signals import document_settled
from tracktok.ledger.queries import book_account_for
from tracktok.ledger.rules import Entry
from tracktok.ledger.services import post

from .deriving import today

OWED_KINDS = frozenset({DocumentKind.invoice, DocumentKind.debit_note})


class NotApplicable(Conflict):
    code, title = "not_applicable", "This cannot be applied"


class NotEnoughLeft(Conflict):
    code, title = "not_enough_left", "There is not so much left"


def base_of(document: SalesDocument, amount: Decimal) -> Decimal:
    """What settling `amount` more (negative: less) of a document takes of its base amount in the books.

    Call it before `settle`. All parts together take exactly all of it, in whatever order they come and go.
    """
    return settled_base(
        amount,
        settled_before=document.amount_paid,
        total=document.total,
        total_base=document.base_total,
        base=preferences().currency,
    )


def settle(document: SalesDocument, amount: Decimal, *, refund: bool = False) -> None:
    """Write that `amount` more (negative: less) of a document is settled: paid, credited, written off or given back.

    `refund`: that much of a credit note is paid back as money. Raises NotEnoughLeft (409) when it would pass the total.
    """
    paid = document.amount_paid + amount
    if paid > document.total or paid < 0:
        left = format_amount(document.amount_due, document.currency)
        raise NotEnoughLeft(f"Only {left} {document.currency} of {document.number} is left.")
    document.amount_paid = paid
    document.amount_due = document.total - paid
    action = (
        _note_action(document, "refund" if refund else "apply")
        if document.kind == DocumentKind.credit_note
        else statuses.payment_action(document.status, document.total, paid)
    )
    if action is not None:
        document.status = statuses.move(document.kind, document.status, action) or document.status
    db.session.flush()
    document_settled.send(None, document=document)


def _note_action(note: SalesDocument, using_up: str) -> str | None:
    is_used_up = note.status in {statuses.APPLIED, statuses.REFUNDED}
    if note.amount_due == 0:
        return None if is_used_up else using_up
    return "unapply" if is_used_up else "apply_part"


def apply_credit_note(
    note: SalesDocument, invoice: SalesDocument, amount: Decimal | None = None, *, day: date | None = None
) -> Allocation:
    """Let a credit note pay an invoice or debit note of the same customer. Both are locked by the caller.

    Without an amount: as much as fits. Raises NotApplicable, NotEnoughLeft (409), Invalid at `amount`.
    """
    check_applicable(note, invoice)
    most = min(note.amount_due, invoice.amount_due)
    wanted = most if amount is None else amount
    if not fits_minor_unit(wanted, note.currency):
        raise Invalid.at("amount", f"{note.currency} has {minor_unit(note.currency)} decimal places at most.")
    if wanted <= 0 or wanted > most:
        left, open_ = (format_amount(one.amount_due, one.currency) for one in (note, invoice))
        raise NotEnoughLeft(f"{left} of {note.number} is left, and {open_} of {invoice.number} is open.")
    # Both sides stand in receivables already: only a rate that moved in between is left to be posted.
    difference = base_of(note, wanted) - base_of(invoice, wanted)
    settle(note, wanted)
    settle(invoice, wanted)
    who = context.actor()
    allocation = Allocation(
        id=new_id(),
        document_id=invoice.id,
        credit_note_id=note.id,
        kind="credit_note",
        amount=wanted,
        exchange_difference=difference,
        allocated_on=day or today(),
        created_by=who.person_id if who else None,
    )
    db.session.add(allocation)
    db.session.flush()
    post_exchange_difference(allocation, invoice, difference)
    return allocation


def take_back_credit(allocation: Allocation, note: SalesDocument, invoice: SalesDocument) -> None:
    """Take a credit back from the invoice that it paid. Both documents are locked by the caller."""
    if allocation.removed_at is not None:
        raise NotApplicable("This was taken back already.")
    difference = base_of(note, -allocation.amount) - base_of(invoice, -allocation.amount)
    settle(note, -allocation.amount)
    settle(invoice, -allocation.amount)
    remove_allocation(allocation)
    post_exchange_difference(allocation, invoice, difference)


def unapply_credit_note(note_id: UUID) -> SalesDocument:
    """Take back all that a credit note pays: it is an open credit again. Raises NotFound, NotApplicable (409)."""
    note = queries.get_document(note_id, DocumentKind.credit_note)
    ids = {note.id, *(one.document_id for one in queries.applications_of(note.id))}
    documents = queries.lock_documents(ids)
    applied = queries.applications_of(note.id)
    if not applied or any(one.document_id not in documents for one in applied):
        raise NotApplicable("This credit note pays nothing at present.")
    for one in applied:
        take_back_credit(one, documents[note.id], documents[one.document_id])
    db.session.refresh(note)
    return note


def remove_allocation(allocation: Allocation) -> None:
    """Mark an allocation as taken back; its row stays."""
    allocation.removed_at = clock.now()
    db.session.flush()


def check_applicable(note: SalesDocument, invoice: SalesDocument) -> None:
    """Raise NotApplicable when a credit note cannot pay a document at all."""
    if note.kind != DocumentKind.credit_note or note.number is None or note.status == statuses.VOID:
        raise NotApplicable("Only an issued credit note can be applied.")
    if invoice.kind not in OWED_KINDS or invoice.status not in statuses.OPEN_INVOICES:
        raise NotApplicable(f"Nothing is open on {invoice.number or 'a draft'}.")
    if note.customer_id != invoice.customer_id:
        raise NotApplicable("The credit note and the invoice are of different customers.")
    if note.currency != invoice.currency:
        raise NotApplicable(f"The credit note is in {note.currency}, the invoice in {invoice.currency}.")


def post_exchange_difference(allocation: Allocation, document: SalesDocument, difference: Decimal) -> None:
    """Post what a settlement gained (above 0) or lost because the rate moved; nothing for none."""
    if not difference:
        return
    lines = exchange_lines(
        difference,
        receivables=book_account_for("receivables"),
        exchange_account=book_account_for("exchange_difference"),
        customer_id=document.customer_id,
        currency=document.currency,
    )
    memo = f"Exchange difference, {document.number}"
    post([Entry(today(), "allocation", SOURCE, allocation.id, memo, lines)])
