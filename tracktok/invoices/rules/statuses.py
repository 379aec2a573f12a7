"""Where a document stands and where it may go. Overdue is no status: it is derived from the due date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

DRAFT, ISSUED, PART_PAID, PAID, VOID, UNCOLLECTIBLE = "draft", "issued", "part_paid", "paid", "void", "uncollectible"
SENT, ACCEPTED, DECLINED, EXPIRED, INVOICED = "sent", "accepted", "declined", "expired", "invoiced"
PART_APPLIED, APPLIED, REFUNDED = "part_applied", "applied", "refunded"
UNALLOCATED, PART_ALLOCATED, ALLOCATED, REVERSED = "unallocated", "part_allocated", "allocated", "reversed"
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
    (SENT, "revise"): DRAFT,
    (DECLINED, "revise"): DRAFT,
    (EXPIRED, "revise"): DRAFT,
    (ACCEPTED, "invoice"): INVOICED,
    (ACCEPTED, "decline"): DECLINED,
    (INVOICED, "reopen"): ACCEPTED,
}
"""`reopen`: the draft invoice that was made of it is deleted, or the invoice voided."""
PROFORMA: Transitions = {
    (DRAFT, "finalize"): ISSUED,
    (ISSUED, "revise"): DRAFT,
    (ISSUED, "invoice"): INVOICED,
    (ISSUED, "expire"): EXPIRED,
    (ISSUED, "void"): VOID,
    (EXPIRED, "revise"): DRAFT,
    (INVOICED, "reopen"): ISSUED,
}
CREDIT_NOTE: Transitions = {
    (DRAFT, "finalize"): ISSUED,
    (ISSUED, "apply_part"): PART_APPLIED,
    (ISSUED, "apply"): APPLIED,
    (ISSUED, "refund"): REFUNDED,
    (ISSUED, "void"): VOID,
    (PART_APPLIED, "apply_part"): PART_APPLIED,
    (PART_APPLIED, "apply"): APPLIED,
    (PART_APPLIED, "refund"): APPLIED,
    (PART_APPLIED, "unapply"): ISSUED,
    (APPLIED, "apply_part"): PART_APPLIED,
    (APPLIED, "unapply"): ISSUED,
    (REFUNDED, "apply_part"): PART_APPLIED,
    (REFUNDED, "unapply"): ISSUED,
}
"""`apply` and `refund` use up the rest, `apply_part` leaves some of it."""
RECEIPT: Transitions = {
    (UNALLOCATED, "allocate_part"): PART_ALLOCATED,
    (UNALLOCATED, "allocate"): ALLOCATED,
    (UNALLOCATED, "refund"): REFUNDED,
    (UNALLOCATED, "reverse"): REVERSED,
    (PART_ALLOCATED, "allocate_part"): PART_ALLOCATED,
    (PART_ALLOCATED, "allocate"): ALLOCATED,
    (PART_ALLOCATED, "unallocate"): UNALLOCATED,
    (PART_ALLOCATED, "refund"): ALLOCATED,
    (PART_ALLOCATED, "reverse"): REVERSED,
    (ALLOCATED, "allocate_part"): PART_ALLOCATED,
    (ALLOCATED, "unallocate"): UNALLOCATED,
    (ALLOCATED, "reverse"): REVERSED,
}
"""`reverse`: the money never came (a returned cheque, a charge-back); its allocations are taken back with it."""
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


def is_overdue(status: str, due_date: date | None, on: date) -> bool:
    """Whether an invoice is overdue on a day of the tenant's calendar: money is expected and the due date is past."""
    return status in OPEN_INVOICES and due_date is not None and due_date < on


def shown_status(status: str, due_date: date | None, on: date) -> str:
    """The status as people read it: `overdue` in place of issued or part paid when it is."""
    return "overdue" if is_overdue(status, due_date, on) else status
