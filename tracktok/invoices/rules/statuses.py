"""Where a document stands and where it may go. Overdue is no status: it is derived from the due date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

DRAFT, ISSUED, PART_PAID, PAID, VOID, UNCOLLECTIBLE = "draft", "issued", "part_paid", "paid", "void", "uncollectible"
SENT, ACCEPTED, DECLINED, EXPIRED, INVOICED = "sent", "accepted", "declined", "expired", "invoiced"
APPLIED, REFUNDED = "applied", "refunded"
RECEIVED, UNALLOCATED, PART_ALLOCATED, ALLOCATED = "received", "unallocated", "part_allocated", "allocated"
OPEN, UNDER_REVIEW, RESOLVED, REJECTED, WITHDRAWN = "open", "under_review", "resolved", "rejected", "withdrawn"

Transitions = Mapping[tuple[str, str], str]

INVOICE: Transitions = {
    (DRAFT, "finalize"): ISSUED,
    (ISSUED, "pay_part"): PART_PAID,
    (ISSUED, "pay"): PAID,
    (ISSUED, "void"): VOID,
    (ISSUED, "write_off"): UNCOLLECTIBLE,
    (PART_PAID, "pay_part"): PART_PAID,
    (PART_PAID, "pay"): PAID,
    (PART_PAID, "unpay"): ISSUED,
    (PART_PAID, "write_off"): UNCOLLECTIBLE,
    (PAID, "pay_part"): PART_PAID,
    (PAID, "unpay"): ISSUED,
    (UNCOLLECTIBLE, "pay"): PAID,
    (UNCOLLECTIBLE, "reopen"): ISSUED,
    (UNCOLLECTIBLE, "reopen_part"): PART_PAID,
}
"""`pay_part` and `unpay` also speak of an allocation that is taken back. What is part paid is not voided: take the
allocations back first, or write a credit note."""
DEBIT_NOTE: Transitions = INVOICE
QUOTE: Transitions = {
    (DRAFT, "send"): SENT,
    (DRAFT, "accept"): ACCEPTED,
    (SENT, "accept"): ACCEPTED,
    (SENT, "decline"): DECLINED,
    (SENT, "expire"): EXPIRED,
    (SENT, "void"): VOID,
    (DECLINED, "send"): SENT,
    (EXPIRED, "send"): SENT,
    (ACCEPTED, "invoice"): INVOICED,
    (ACCEPTED, "decline"): DECLINED,
    (INVOICED, "reopen"): ACCEPTED,
}
"""What was sent has a number and is not changed: another offer is a copy. `send` from declined or expired offers the
same again until another day. `reopen`: the draft invoice that was made of it is deleted, or the invoice made void."""
PROFORMA: Transitions = {
    (DRAFT, "finalize"): ISSUED,
    (ISSUED, "invoice"): INVOICED,
    (ISSUED, "expire"): EXPIRED,
    (ISSUED, "void"): VOID,
    (EXPIRED, "finalize"): ISSUED,
    (EXPIRED, "invoice"): INVOICED,
    (INVOICED, "reopen"): ISSUED,
}
CREDIT_NOTE: Transitions = {
    (DRAFT, "finalize"): ISSUED,
    (ISSUED, "apply_part"): ISSUED,
    (ISSUED, "apply"): APPLIED,
    (ISSUED, "refund"): REFUNDED,
    (ISSUED, "void"): VOID,
    (APPLIED, "unapply"): ISSUED,
    (REFUNDED, "unapply"): ISSUED,
}
"""`apply` and `refund` use up what is left of it, `apply_part` leaves some. Only what is not used at all is made void:
see `may_void`."""
RECEIPT: Transitions = {(RECEIVED, "void"): VOID}
"""`void`: the money never came (a returned cheque, a charge-back). How far it is used is derived: `receipt_use`."""
DISPUTE: Transitions = {
    (OPEN, "review"): UNDER_REVIEW,
    (OPEN, "resolve"): RESOLVED,
    (OPEN, "reject"): REJECTED,
    (OPEN, "withdraw"): WITHDRAWN,
    (UNDER_REVIEW, "resolve"): RESOLVED,
    (UNDER_REVIEW, "reject"): REJECTED,
    (UNDER_REVIEW, "withdraw"): WITHDRAWN,
    (RESOLVED, "reopen"): OPEN,
    (REJECTED, "reopen"): OPEN,
}
TRANSITIONS: dict[str, Transitions] = {
    "invoice": INVOICE,
    "debit_note": DEBIT_NOTE,
    "quote": QUOTE,
    "proforma": PROFORMA,
    "credit_note": CREDIT_NOTE,
    "receipt": RECEIPT,
    "dispute": DISPUTE,
}
"""{(from, action): to} for each kind of document."""
OPEN_INVOICES = frozenset({ISSUED, PART_PAID})
"""Invoices and debit notes on which money is still expected."""


def move(document_type: str, status: str, action: str) -> str | None:
    """The status after an action, or None when it may not be done. Raises KeyError for an unknown kind of document."""
    return TRANSITIONS[document_type].get((status, action))


def actions_from(document_type: str, status: str) -> list[str]:
    """What may be done with a document in a status, likeliest first."""
    return [action for origin, action in TRANSITIONS[document_type] if origin == status]


def statuses_of(document_type: str) -> list[str]:
    """Every status a kind of document can have, in the order of its life."""
    table = TRANSITIONS[document_type]
    return list(dict.fromkeys([*(origin for origin, _ in table), *table.values()]))


def payment_action(status: str, total: Decimal, settled: Decimal) -> str | None:
    """The action that brings an invoice to where its settled amount (receipts, credits, write-offs) puts it.

    None when it stands there already, or when its status does not follow payments (draft, void). Amounts are in the
    invoice's currency; `settled` is between 0 and `total`.
    """
    if status == UNCOLLECTIBLE:
        return "pay" if settled >= total else None
    if status not in {ISSUED, PART_PAID, PAID}:
        return None
    if settled >= total:
        wanted, action = PAID, "pay"
    elif settled > 0:
        wanted, action = PART_PAID, "pay_part"
    else:
        wanted, action = ISSUED, "unpay"
    return None if status == wanted else action


def may_void(document_type: str, status: str, used: Decimal) -> bool:
    """Whether a document may be made void: its status allows it and nothing of it is paid, applied or allocated."""
    return used == 0 and move(document_type, status, "void") is not None


def receipt_use(amount: Decimal, allocated: Decimal, refunded: Decimal) -> str:
    """How far a receipt is used: unallocated, part_allocated, allocated; refunded when all of it was paid back."""
    if refunded >= amount:
        return REFUNDED
    if allocated + refunded >= amount:
        return ALLOCATED
    return PART_ALLOCATED if allocated + refunded > 0 else UNALLOCATED


def is_overdue(status: str, due_date: date | None, on: date) -> bool:
    """Whether an invoice is overdue on a day of the tenant's calendar: money is expected and the due date is past."""
    return status in OPEN_INVOICES and due_date is not None and due_date < on


def shown_status(status: str, due_date: date | None, on: date) -> str:
    """The status as people read it: `overdue` in place of issued or part paid when it is."""
    return "overdue" if is_overdue(status, due_date, on) else status
