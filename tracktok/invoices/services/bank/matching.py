"""Lines of statements that become receipts, and what takes that back.

Locks: the receipt, if there is one, then the line, then what receipts lock.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from tracktok.core.context import actor, preferences
from tracktok.core.db import db
from tracktok.core.errors import Conflict, DomainError, Invalid, NotFound
from tracktok.core.money import format_amount
from tracktok.invoices.models import BankLine, Receipt, ReceiptMethod, SalesDocument
from tracktok.invoices.queries import bank as queries
from tracktok.invoices.queries import documents as documents_queries
from tracktok.invoices.queries import receipts as receipts_queries
from tracktok.invoices.rules.matching_receipts import is_worth
from tracktok.invoices.rules.statuses import VOID
from tracktok.invoices.schemas.bank import BankMatchIn
from tracktok.invoices.schemas.receipts import AllocationIn, ReceiptIn
from tracktok.invoices.services.allocating import unallocate
from tracktok.invoices.services.receiving import ReceiptInUse, Received, record_receipt, void_receipt

_NOW = select(func.now())


class LineMatched(Conflict):
    code, title = "line_matched", "This line is matched already"


class LineIgnored(Conflict):
    code, title = "line_ignored", "This line is ignored"


class NotMatched(Conflict):
    code, title = "line_not_matched", "This line is not matched"


class MoneyOut(Conflict):
    code, title = "money_out", "This money went out"


class ReceiptLinked(Conflict):
    code, title = "receipt_linked", "This receipt is matched already"


def match_line(line_id: UUID, body: BankMatchIn) -> tuple[BankLine, Received]:
    """Record a line as a receipt of a customer that pays documents, or pays nothing yet; or as one that is there.

    Raises NotFound, LineMatched, LineIgnored, MoneyOut, ReceiptLinked (409), and what receipts raise, at `documents`.
    """
    if body.receipt_id is not None:
        return _link_line(line_id, body.receipt_id)
    line = queries.get_line(line_id, for_update=True)
    _check_open(line)
    if line.amount <= 0:
        raise MoneyOut("Only money that came in can be matched with invoices.")
    documents = documents_queries.lock_documents([one.id for one in body.documents])
    customer_id = _customer(body, documents)
    receipt = ReceiptIn(
        customer_id=customer_id,
        company_id=next((one.company_id for one in documents.values()), None),
        receipt_date=line.booked_on,
        amount=line.amount,
        currency=line.currency,
        method=ReceiptMethod.bank_transfer,
        reference=(line.reference or line.external_id)[:100],
        account_id=line.account_id,
        notes=line.description[:1000],
        allocations=_allocations(line, body, documents),
    )
    try:
        done = record_receipt(receipt)
    except DomainError as refusal:
        raise _told_here(refusal) from refusal
    return _matched(line, done.receipt, is_linked=False), done


def _link_line(line_id: UUID, receipt_id: UUID) -> tuple[BankLine, Received]:
    """Match a line with a receipt of before. Whoever does the same with another line waits for the receipt's lock."""
    try:
        receipt = receipts_queries.get_receipt(receipt_id, for_update=True)
    except NotFound as refusal:
        raise Invalid.at("receipt_id", "There is no such receipt.", "not_found") from refusal
    line = queries.get_line(line_id, for_update=True)
    _check_open(line)
    if line.amount <= 0:
        raise MoneyOut("Only money that came in can be a receipt.")
    if receipt.status == VOID:
        raise Invalid.at("receipt_id", f"{receipt.number} is void.", "void")
    other = queries.line_of_receipt(receipt.id)
    if other is not None:
        raise ReceiptLinked(f"{receipt.number} is the line of {other.booked_on.isoformat()} already.")
    money, base = queries.money_of(line), preferences().currency
    if not is_worth(receipt.amount, receipt.currency, receipt.base_amount, money, base):
        theirs, ours = (f"{format_amount(one.amount, one.currency)} {one.currency}" for one in (receipt, line))
        raise Invalid.at("receipt_id", f"{receipt.number} is over {theirs}, the line over {ours}.", "other_amount")
    if receipt.account_id not in {None, line.account_id}:
        raise Invalid.at("receipt_id", f"{receipt.number} came into another account.", "other_account")
    return _matched(line, receipt, is_linked=True), Received(receipt)


def _matched(line: BankLine, receipt: Receipt, *, is_linked: bool) -> BankLine:
    who = actor()
    line.status, line.receipt_id, line.is_linked = "matched", receipt.id, is_linked
    line.matched_by = who.person_id if who else None
    # By the database's clock, as the allocations are: another one would take them for later or earlier ones.
    line.matched_at = db.session.execute(_NOW).scalar_one()
    db.session.flush()
    return line


def unmatch_line(line_id: UUID) -> BankLine:
    """Take a match back, or no longer ignore a line: what it paid is open again, and its receipt is void.

    A receipt that was there before the match stays as it is.

    Raises NotFound, NotMatched, ReceiptInUse (409) when something else hangs on the receipt.
    """
    receipt_id = queries.get_line(line_id).receipt_id
    receipt = receipts_queries.get_receipt(receipt_id, for_update=True) if receipt_id else None
    line = queries.get_line(line_id, for_update=True)
    if line.status == "ignored":
        line.status = "open"
        db.session.flush()
        return line
    if line.status != "matched" or receipt is None or line.receipt_id != receipt.id:
        raise NotMatched("There is nothing to take back: this line is open.")
    if line.is_linked:
        return _open_again(line)
    standing = receipts_queries.standing_allocations(receipt.id)
    if line.matched_at and any(one.created_at > line.matched_at for one in standing):
        raise ReceiptInUse(f"{receipt.number} has paid other documents since. Take that back first.")
    if receipt.refunded_amount:
        raise ReceiptInUse(f"Something of {receipt.number} was given back. Take the refund back first.")
    if standing:
        receipt = unallocate(receipt.id)
    if receipt.status != VOID:
        void_receipt(receipt, "The bank line was matched by mistake")
    free_line(receipt.id)
    db.session.refresh(line)
    return line


def free_line(receipt_id: UUID) -> None:
    """Open the line that became a receipt, once that receipt is void."""
    line = queries.line_of_receipt(receipt_id)
    if line is not None:
        _open_again(line)


def _open_again(line: BankLine) -> BankLine:
    line.status, line.receipt_id, line.is_linked = "open", None, False
    line.matched_at, line.matched_by = None, None
    db.session.flush()
    return line


def ignore_line(line_id: UUID) -> BankLine:
    """Say that a line is none of billing's business. Raises NotFound, LineMatched (409)."""
    line = queries.get_line(line_id, for_update=True)
    if line.status == "matched":
        raise LineMatched("Take the match back first.")
    line.status = "ignored"
    db.session.flush()
    return line


def _check_open(line: BankLine) -> None:
    if line.status == "matched":
        raise LineMatched("Somebody has matched this line already.")
    if line.status == "ignored":
        raise LineIgnored("This line is ignored. Take that back first.")


def _customer(body: BankMatchIn, documents: dict[UUID, SalesDocument]) -> UUID:
    for at, one in enumerate(body.documents):
        if one.id not in documents:
            raise Invalid.at(f"documents/{at}/id", "There is no such document.", "not_found")
    owners = {documents[one.id].customer_id for one in body.documents}
    if len(owners) > 1:
        raise Invalid.at("documents", "These documents are of several customers; a line is the money of one.")
    found = next(iter(owners), body.customer_id)
    if found is None or (body.customer_id is not None and body.customer_id != found):
        raise Invalid.at("customer_id", "The documents are of another customer.")
    return found


def _allocations(line: BankLine, body: BankMatchIn, documents: dict[UUID, SalesDocument]) -> list[AllocationIn]:
    left = line.amount
    found: list[AllocationIn] = []
    for at, one in enumerate(body.documents):
        amount = one.amount if one.amount is not None else min(documents[one.id].amount_due, left)
        if amount <= 0:
            text = "Nothing is open on it." if left > 0 else "Nothing of the line is left for it."
            raise Invalid.at(f"documents/{at}/id", text, "nothing_left")
        left = max(left - amount, Decimal(0))
        found.append(AllocationIn(document_id=one.id, amount=amount))
    return found


def _told_here(refusal: DomainError) -> DomainError:
    """A refusal of a receipt with the places that a match has."""
    if refusal.errors:
        refusal.errors = tuple(replace(one, pointer=_place(one.pointer)) for one in refusal.errors)
    return refusal


def _place(pointer: str) -> str:
    renamed = pointer.replace("/allocations/", "/documents/").replace("/document_id", "/id")
    return "/booked_on" if renamed == "/receipt_date" else renamed
