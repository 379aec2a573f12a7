"""Money that comes in: receipts, numbered and posted, and what makes them void."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Conflict, FieldError, Invalid
from tracktok.core.ids import new_id
from tracktok.core.money import MINOR_UNITS, format_amount, round_amount
from tracktok.customers.models import Company, Customer
from tracktok.customers.services import default_company
from tracktok.invoices.models import Receipt
from tracktok.invoices.queries import parties
from tracktok.invoices.queries import receipts as queries
from tracktok.invoices.rules import receipting as rules
from tracktok.invoices.rules import statuses
from tracktok.invoices.schemas.receipts import ReceiptIn
from tracktok.invoices.signals import DocumentWarning, receipt_recorded, receipt_voided
from tracktok.ledger.queries import standing_entries
from tracktok.ledger.services import no_rate, post, reverse

from . import numbering
from .allocating import allocate, plan
from .deposits import note_deposit
from .deriving import ENTERED, today
from .tills import IsVoid, books, rate_on, till_of

ZERO = Decimal(0)
KIND = "receipt"


class ReceiptInUse(Conflict):
    code, title = "receipt_in_use", "This receipt is in use"


@dataclass(slots=True)
class Received:
    """A receipt, with what should be known about it."""

    receipt: Receipt
    warnings: list[DocumentWarning] = field(default_factory=list)


def record_receipt(body: ReceiptIn, *, provider: str = "manual", provider_payment_id: str = "") -> Received:
    """Record money that a customer paid, and let it pay what is named, or (`oldest`) what has been due the longest.

    Raises Invalid (422) with the fields, NotEnoughLeft or NotApplicable (409) at an allocation, SeriesEnded (409).
    """
    company, customer = _company(body), _customer(body)
    day = body.receipt_date or today()
    currency = body.currency or customer.currency or preferences().currency
    _check(body, currency, day)
    till = till_of(body.account_id, currency)
    rate, rate_date, source, base_amount = _worth(body, currency, day)
    receipt = Receipt(
        id=new_id(),
        company_id=company.id,
        customer_id=customer.id,
        receipt_date=day,
        amount=body.amount,
        currency=currency,
        exchange_rate=rate,
        rate_date=rate_date,
        rate_source=source,
        base_amount=base_amount,
        allocated_amount=ZERO,
        refunded_amount=ZERO,
        method=body.method.value,
        reference=body.reference,
        account_id=till.account_id,
        provider=provider,
        provider_payment_id=provider_payment_id,
        notes=body.notes,
    )
    # Documents are locked before the series of numbers, as where they are issued.
    planned = plan(receipt, body.allocations, oldest=body.allocate == "oldest")
    with numbering.taking_number(KIND) as take:
        number = take(company, day)
        receipt.number, receipt.sequence, receipt.fiscal_year = number.text, number.sequence, number.fiscal_year
        db.session.add(receipt)
    entry = rules.receipt_entry(
        receipt_id=receipt.id,
        day=day,
        memo=f"Receipt {receipt.number}, {customer.name}"[:200],
        customer_id=customer.id,
        currency=currency,
        amount=receipt.amount,
        base_amount=base_amount,
        till=till,
        books=books(),
    )
    post([entry, *allocate(receipt, planned)])
    if body.deposit is not None:
        note_deposit(receipt, body.deposit, company, customer)
    receipt_recorded.send(None, receipt=receipt)
    db.session.refresh(receipt)
    return Received(receipt, _repeated(receipt))


def void_receipt(receipt: Receipt, reason: str = "") -> Receipt:
    """Make a receipt void, locked by the caller: the money never came. Its entry is reversed on its day.

    Raises ReceiptInUse (409) while it pays something or something was given back of it, IsVoid (409).
    """
    status = statuses.move(KIND, receipt.status, "void")
    if status is None:
        raise IsVoid(f"{receipt.number} is void already.")
    if receipt.allocated_amount:
        raise ReceiptInUse(f"{receipt.number} pays documents. Take that back first (unallocate).")
    if receipt.refunded_amount:
        raise ReceiptInUse(f"Something of {receipt.number} was given back. Take the refund back first.")
    entries = [entry.id for entry in standing_entries(rules.RECEIPT, receipt.id)]
    reverse([one for one in entries if one is not None], memo=f"Receipt {receipt.number} is void")
    receipt.status = status
    receipt.voided_at = clock.now()
    receipt.void_reason = reason
    db.session.flush()
    receipt_voided.send(None, receipt=receipt)
    db.session.refresh(receipt)
    return receipt


def _company(body: ReceiptIn) -> Company:
    found = parties.find_company(body.company_id) if body.company_id else default_company()
    if found is None:
        raise Invalid.at("company_id", "There is no such company.", "not_found")
    if found.is_archived:
        raise Invalid.at("company_id", f"“{found.legal_name}” is archived; choose another company.", "archived")
    return found


def _customer(body: ReceiptIn) -> Customer:
    found = parties.find_customer(body.customer_id)  # one who is archived may still pay
    if found is None or found.deleted_at is not None:
        raise Invalid.at("customer_id", "There is no such customer.", "not_found")
    return found


def _check(body: ReceiptIn, currency: str, day: date) -> None:
    problems: dict[str, str | None] = {}
    if currency not in MINOR_UNITS:
        problems["currency"] = "Use a currency code in use, such as INR, USD or EUR."
    else:
        problems["amount"] = rules.amount_problem(body.amount, currency)
    if day > today():
        problems["receipt_date"] = "This day has not come yet. Record the receipt when the money is there."
    base = preferences().currency
    if body.base_amount is not None:
        if currency == base:
            problems["base_amount"] = f"The receipt is in {base} already; leave this empty."
        elif body.exchange_rate is not None:
            problems["base_amount"] = "Give the rate or what arrived, not both."
        else:
            problems["base_amount"] = rules.amount_problem(body.base_amount, base)
    if body.allocations and body.allocate:
        problems["allocate"] = "Name what is paid, or let the oldest be paid first; not both."
    errors = [FieldError(f"/{name}", "invalid", text) for name, text in problems.items() if text]
    if errors:
        raise Invalid(errors[0].detail if len(errors) == 1 else None, errors=errors)


def _worth(body: ReceiptIn, currency: str, day: date) -> tuple[Decimal, date | None, str, Decimal]:
    """(rate, its date, its source, amount in the tenant's currency) of a receipt."""
    base = preferences().currency
    if body.base_amount is not None:
        rate = rules.rate_from_base(body.amount, body.base_amount)
        if rate <= 0:
            raise Invalid.at("base_amount", "This is too little for such an amount.")
        return rate, day, ENTERED, body.base_amount
    found = rate_on(currency, day, body.exchange_rate)
    if found is None:
        raise no_rate(currency, base, day)
    base_amount = round_amount(body.amount * found[0], base)
    if base_amount == 0:
        raise Invalid.at("amount", f"This is less than the smallest amount of {base}.")
    if base_amount > rules.LARGEST:
        raise Invalid.at("amount", f"This amount is too large in {base}.")
    return (*found, base_amount)


def _repeated(receipt: Receipt) -> list[DocumentWarning]:
    if not receipt.reference:
        return []
    other = queries.with_reference(receipt.customer_id, receipt.reference, receipt.id)
    if other is None:
        return []
    amount = format_amount(other.amount, other.currency)
    text = (
        f"{other.number} of {other.receipt_date.isoformat()} over {amount} {other.currency} has the same reference."
        " If this is the same payment, make one of the two void."
    )
    return [DocumentWarning("repeated_reference", text, {"receipt_id": str(other.id), "number": other.number})]
