"""Money given back: of a receipt's rest, or of an open credit note. Locks: receipt or note, then the refund."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from tracktok.core import clock, context
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Conflict, FieldError, Invalid
from tracktok.core.ids import new_id
from tracktok.invoices.models import DocumentKind, Receipt, Refund, SalesDocument
from tracktok.invoices.queries import documents as documents_queries
from tracktok.invoices.queries import receipts as queries
from tracktok.invoices.rules import receipting as rules
from tracktok.invoices.rules import statuses
from tracktok.invoices.schemas.receipts import RefundIn
from tracktok.invoices.signals import refund_made
from tracktok.ledger.rules import Entry
from tracktok.ledger.services import post

from .allocating import advances_base, receipt_left
from .deriving import today
from .settling import NotApplicable, NotEnoughLeft, base_of, settle
from .tills import books, check_received, rate_on, till_of

PENDING, DONE, FAILED = "pending", "done", "failed"
BY_HAND = "manual"
LONG = timedelta(days=3)


class RefundGone(Conflict):
    code, title = "refund_taken_back", "This refund was taken back already"


class RefundedOnline(Conflict):
    code, title = "refunded_online", "The payment provider gives this back"


def refund_receipt(receipt_id: UUID, body: RefundIn) -> Refund:
    """Give back what is left of a receipt, or an amount of it.

    Raises NotFound, Invalid (422), NotEnoughLeft or IsVoid (409).
    """
    receipt = queries.get_receipt(receipt_id, for_update=True)
    check_received(receipt)
    left = receipt_left(receipt)
    amount = _amount(body, left, receipt.currency, receipt.number)
    if body.refund_date is not None and body.refund_date < receipt.receipt_date:
        raise Invalid.at("refund_date", "Money cannot go back before it came.")
    taken = advances_base(receipt, amount)
    receipt.refunded_amount += amount
    refund = _make(
        body, customer_id=receipt.customer_id, currency=receipt.currency, amount=amount,
        own_rate=receipt.exchange_rate, receipt_id=receipt.id,
    )  # fmt: skip
    post([_entry(refund, body, taken, books().advances, f"Refund of {receipt.number}")])
    refund_made.send(None, refund=refund)
    return refund


def refund_credit_note(note_id: UUID, body: RefundIn) -> Refund:
    """Give back what is open of a credit note, or an amount of it.

    Raises NotFound, Invalid (422), NotApplicable or NotEnoughLeft (409).
    """
    note = documents_queries.get_document(note_id, DocumentKind.credit_note, for_update=True)
    if note.number is None or note.status == statuses.VOID:
        raise NotApplicable("Only an issued credit note can be paid back.")
    amount = _amount(body, note.amount_due, note.currency, note.number)
    if body.refund_date is not None and body.refund_date < note.document_date:
        raise Invalid.at("refund_date", "This is before the credit note's date.")
    taken = base_of(note, amount)
    settle(note, amount, refund=True)
    refund = _make(
        body, customer_id=note.customer_id, currency=note.currency, amount=amount,
        own_rate=note.exchange_rate, credit_note_id=note.id,
    )  # fmt: skip
    post([_entry(refund, body, taken, books().receivables, f"Refund of {note.number}")])
    refund_made.send(None, refund=refund)
    return refund


def take_back_refund(refund_id: UUID) -> Refund:
    """Say that a refund did not happen: what it gave back is the customer's credit again.

    Raises NotFound, RefundGone, RefundedOnline (409).
    """
    refund = queries.get_refund(refund_id)
    if not may_take_back(refund):
        raise RefundedOnline("It is at the payment provider. If that refuses it, it is taken back by itself.")
    return undo_refund(refund_id)


def may_take_back(refund: Refund) -> bool:
    """Whether people may say that a refund did not happen: one by hand, or one of which its provider knows nothing."""
    if refund.provider == BY_HAND:
        return True
    return refund.status == PENDING and not refund.provider_refund_id and waits_long(refund)


def waits_long(refund: Refund) -> bool:
    """Whether a refund is pending for so long that people should look at it."""
    return refund.created_at < clock.now() - LONG


def undo_refund(refund_id: UUID) -> Refund:
    """Take a refund back, whoever was to carry it out. Raises NotFound, RefundGone (409)."""
    known = queries.get_refund(refund_id)
    source: Receipt | SalesDocument
    if known.receipt_id is not None:
        source = queries.get_receipt(known.receipt_id, for_update=True)
    elif known.credit_note_id is not None:
        source = documents_queries.get_document(known.credit_note_id, for_update=True)
    else:  # the database does not allow it
        raise LookupError("a refund of nothing")
    refund = queries.get_refund(refund_id, for_update=True)
    if refund.status == FAILED:
        raise RefundGone
    if isinstance(source, Receipt):
        taken, taken_from = advances_base(source, -refund.amount), books().advances
        source.refunded_amount -= refund.amount
    else:
        taken, taken_from = base_of(source, -refund.amount), books().receivables
        settle(source, -refund.amount)
    refund.status = FAILED
    db.session.flush()
    till = till_of(refund.account_id, refund.currency, known=True)
    post(
        [
            rules.refund_entry(
                refund_id=refund.id,
                day=refund.refund_date,
                memo=f"Refund of {source.number} taken back",
                customer_id=refund.customer_id,
                currency=refund.currency,
                amount=-refund.amount,
                taken_base=taken,
                paid_base=-refund.base_amount,
                taken_from=taken_from,
                till=till,
                books=books(),
            )
        ]
    )
    return refund


def _amount(body: RefundIn, left: Decimal, currency: str, name: str) -> Decimal:
    if left <= 0:
        raise NotEnoughLeft(f"Nothing of {name} is left.")
    amount = left if body.amount is None else body.amount
    if problem := rules.amount_problem(amount, currency):
        raise Invalid.at("amount", problem)
    if problem := rules.left_problem(amount, left, currency, name):
        raise NotEnoughLeft(problem, errors=[FieldError("/amount", NotEnoughLeft.code, problem)])
    return amount


def _make(
    body: RefundIn,
    *,
    customer_id: UUID,
    currency: str,
    amount: Decimal,
    own_rate: Decimal,
    receipt_id: UUID | None = None,
    credit_note_id: UUID | None = None,
) -> Refund:
    day, who = body.refund_date or today(), context.actor()
    if day > today():
        raise Invalid.at("refund_date", "This day has not come yet.")
    # Without a published rate of the day money goes back at the rate that it came at.
    rate = (rate_on(currency, day, body.exchange_rate) or (own_rate, None, ""))[0]
    base_amount = rules.paid_back_at(amount, rate, preferences().currency)
    if base_amount > rules.LARGEST:
        raise Invalid.at("exchange_rate", f"This amount is too large in {preferences().currency}.")
    refund = Refund(
        id=new_id(),
        customer_id=customer_id,
        receipt_id=receipt_id,
        credit_note_id=credit_note_id,
        refund_date=day,
        amount=amount,
        currency=currency,
        base_amount=base_amount,
        method=body.method.value,
        account_id=body.account_id,
        reference=body.reference,
        reason=body.reason,
        status=DONE,
        created_by=who.person_id if who else None,
    )
    db.session.add(refund)
    db.session.flush()
    return refund


def _entry(refund: Refund, body: RefundIn, taken: Decimal, taken_from: UUID, memo: str) -> Entry:
    return rules.refund_entry(
        refund_id=refund.id,
        day=refund.refund_date,
        memo=memo,
        customer_id=refund.customer_id,
        currency=refund.currency,
        amount=refund.amount,
        taken_base=taken,
        paid_base=refund.base_amount,
        taken_from=taken_from,
        till=till_of(body.account_id, refund.currency),
        books=books(),
    )
