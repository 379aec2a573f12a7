"""What receipts pay: planned, allocated, taken back. Locks: customer, then receipt, then documents by id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from tracktok.core import context
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import FieldError, Invalid
from tracktok.core.ids import new_id
from tracktok.core.money import format_amount, places_problem
from tracktok.invoices.models import Allocation, Receipt, SalesDocument
from tracktok.invoices.queries import documents as documents_queries
from tracktok.invoices.queries import receipts as queries
from tracktok.invoices.rules import receipting as rules
from tracktok.invoices.rules import statuses
from tracktok.invoices.rules.allocating import allocate_oldest_first, settled_base
from tracktok.invoices.schemas.receipts import AllocateIn, AllocationIn
from tracktok.ledger.rules import Entry
from tracktok.ledger.services import post

from .deriving import today
from .settling import OWED_KINDS, NotApplicable, NotEnoughLeft, base_of, remove_allocation, settle
from .tills import books, check_received

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Planned:
    """A document, locked, and how much of it a receipt is to pay."""

    document: SalesDocument
    amount: Decimal


def receipt_left(receipt: Receipt) -> Decimal:
    """What of a receipt is neither allocated nor given back."""
    return receipt.amount - receipt.allocated_amount - receipt.refunded_amount


def advances_base(receipt: Receipt, amount: Decimal, moved: Decimal = ZERO) -> Decimal:
    """What using `amount` more (negative: less) of a receipt takes of its advance in the books.

    Call it before the receipt's amounts move; `moved` is what has been used since and is not written to it yet. All
    parts together take exactly its base amount.
    """
    return settled_base(
        amount,
        settled_before=receipt.allocated_amount + receipt.refunded_amount + moved,
        total=receipt.amount,
        total_base=receipt.base_amount,
        base=preferences().currency,
    )


def allocate_receipt(receipt_id: UUID, body: AllocateIn) -> Receipt:
    """Let a receipt pay documents of its customer: those that are named, or the longest due first.

    Raises NotFound, Invalid (422), NotEnoughLeft or NotApplicable (409) at the allocation, IsVoid (409).
    """
    oldest = body.allocate == "oldest"
    if oldest == bool(body.allocations):
        raise Invalid.at("allocations", "Name what is paid, or let the oldest be paid first.")
    if oldest:
        queries.lock_customer(queries.get_receipt(receipt_id).customer_id)
    receipt = queries.get_receipt(receipt_id, for_update=True)
    check_received(receipt)
    if receipt_left(receipt) <= 0:
        raise NotEnoughLeft(f"Nothing of {receipt.number} is left.")
    planned = plan(receipt, body.allocations, oldest=oldest)
    if not planned:
        raise NotApplicable("Nothing is open for this customer in this currency.")
    post(allocate(receipt, planned, _day(receipt, planned, body.date)))
    db.session.refresh(receipt)
    return receipt


def plan(receipt: Receipt, wanted: Sequence[AllocationIn], *, oldest: bool) -> list[Planned]:
    """Lock the documents that a receipt is to pay and check the amounts, all of them at their fields.

    Raises Invalid (422), NotApplicable or NotEnoughLeft (409).
    """
    if oldest:
        queries.lock_customer(receipt.customer_id)
        shares = allocate_oldest_first(receipt_left(receipt), queries.open_items(receipt.customer_id, receipt.currency))
        documents = documents_queries.lock_documents([one for one, _ in shares])
        # Somebody may have paid one by hand in between: share what there is now.
        items = [queries.item_of(one) for one in documents.values() if not _not_payable(receipt, one)]
        return [Planned(documents[one], amount) for one, amount in allocate_oldest_first(receipt_left(receipt), items)]
    documents = documents_queries.lock_documents([one.document_id for one in wanted])
    return _checked(receipt, wanted, documents)


def _checked(receipt: Receipt, wanted: Sequence[AllocationIn], documents: dict[UUID, SalesDocument]) -> list[Planned]:
    planned: list[Planned] = []
    errors: list[tuple[type[Invalid | NotApplicable | NotEnoughLeft], FieldError]] = []
    left = receipt_left(receipt)
    for at, one in enumerate(wanted):
        place = f"/allocations/{at}"
        document = documents.get(one.document_id)
        if document is None or document.deleted_at is not None:
            errors.append((Invalid, FieldError(f"{place}/document_id", "not_found", "There is no such document.")))
        elif refusal := _not_payable(receipt, document):
            errors.append((NotApplicable, FieldError(f"{place}/document_id", NotApplicable.code, refusal)))
        elif problem := places_problem(one.amount, receipt.currency):
            errors.append((Invalid, FieldError(f"{place}/amount", "invalid", problem)))
        elif one.amount > document.amount_due:
            due = format_amount(document.amount_due, document.currency)
            text = f"Only {due} {document.currency} of {document.number} is open."
            errors.append((NotEnoughLeft, FieldError(f"{place}/amount", NotEnoughLeft.code, text)))
        elif one.amount > left:
            rest = format_amount(left, receipt.currency)
            text = f"Only {rest} {receipt.currency} of this receipt is left."
            errors.append((NotEnoughLeft, FieldError(f"{place}/amount", NotEnoughLeft.code, text)))
        else:
            left -= one.amount
            planned.append(Planned(document, one.amount))
    if errors:
        kind = next((one for one, _ in errors if one is Invalid), errors[0][0])
        raise kind(errors[0][1].detail if len(errors) == 1 else None, errors=[one for _, one in errors])
    return planned


def _not_payable(receipt: Receipt, document: SalesDocument) -> str | None:
    """Why a receipt cannot pay a document at all, or None."""
    name = document.number or "This draft"
    if document.customer_id != receipt.customer_id:
        return f"{name} is of another customer."
    if document.kind not in OWED_KINDS:
        return f"{name} is no invoice or debit note."
    if document.status == statuses.UNCOLLECTIBLE:
        return f"{name} was given up as uncollectible. Reopen it first."
    if document.status not in statuses.OPEN_INVOICES:
        return f"Nothing is open on {name}." if document.number else f"{name} is not issued yet."
    if document.currency != receipt.currency:
        return f"{name} is in {document.currency}, the receipt in {receipt.currency}."
    return None


def _day(receipt: Receipt, planned: Sequence[Planned], wanted: date | None) -> date:
    earliest = max(receipt.receipt_date, *(one.document.document_date for one in planned))
    if wanted is None:
        return max(earliest, today())
    if wanted < earliest:
        raise Invalid.at("date", "An allocation is not older than the receipt and the document.")
    return wanted


def allocate(receipt: Receipt, planned: Sequence[Planned], day: date | None = None) -> list[Entry]:
    """Write planned allocations of a receipt; the entries that the caller posts, all at once.

    Without a day each is of the day on which both receipt and document were there.
    """
    who = context.actor()
    accounts, entries, moved = books(), [], ZERO
    for one in sorted(planned, key=lambda each: each.document.id):
        document, amount = one.document, one.amount
        taken, owed = advances_base(receipt, amount, moved), base_of(document, amount)
        moved += amount
        settle(document, amount)
        allocation = Allocation(
            id=new_id(),
            document_id=document.id,
            receipt_id=receipt.id,
            kind=rules.RECEIPT,
            amount=amount,
            exchange_difference=taken - owed,
            allocated_on=day or max(receipt.receipt_date, document.document_date),
            created_by=who.person_id if who else None,
        )
        db.session.add(allocation)
        entries.append(
            rules.allocation_entry(
                allocation_id=allocation.id,
                day=allocation.allocated_on,
                memo=f"{receipt.number} pays {document.number}",
                customer_id=receipt.customer_id,
                currency=receipt.currency,
                amount=amount,
                advances_base=taken,
                receivables_base=owed,
                books=accounts,
            )
        )
    receipt.allocated_amount += moved
    db.session.flush()
    return entries


def unallocate(receipt_id: UUID, allocation_id: UUID | None = None) -> Receipt:
    """Take back what a receipt pays, or one allocation of it; the money is the customer's credit again.

    Raises NotFound, NotApplicable (409) for what was taken back already.
    """
    receipt = queries.get_receipt(receipt_id, for_update=True)
    standing = queries.standing_allocations(receipt.id)
    if allocation_id is not None:
        queries.get_allocation(allocation_id, receipt_id=receipt.id)
        standing = [one for one in standing if one.id == allocation_id]
    if not standing:
        raise NotApplicable("This was taken back already." if allocation_id else f"{receipt.number} pays nothing.")
    _take_back(receipt, standing)
    db.session.refresh(receipt)
    return receipt


def _take_back(receipt: Receipt, allocations: Sequence[Allocation]) -> None:
    documents = documents_queries.lock_documents([one.document_id for one in allocations])
    accounts, entries, moved = books(), [], ZERO
    for one in allocations:
        document = documents[one.document_id]
        if document.status == statuses.UNCOLLECTIBLE:
            raise NotApplicable(f"{document.number} was given up as uncollectible. Reopen it first.")
        taken, owed = advances_base(receipt, -one.amount, moved), base_of(document, -one.amount)
        moved -= one.amount
        settle(document, -one.amount)
        remove_allocation(one)
        entries.append(
            rules.allocation_entry(
                allocation_id=one.id,
                day=max(today(), one.allocated_on),
                memo=f"{receipt.number} no longer pays {document.number}",
                customer_id=receipt.customer_id,
                currency=receipt.currency,
                amount=-one.amount,
                advances_base=taken,
                receivables_base=owed,
                books=accounts,
            )
        )
    receipt.allocated_amount += moved
    db.session.flush()
    post(entries)
