"""Deposits: money that comes before its invoice, taken up by it when it is issued.

Locks: the receipts of the deposits, then the document.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Invalid
from tracktok.core.ids import new_id
from tracktok.core.money import format_amount
from tracktok.customers.models import Company, Customer
from tracktok.invoices.models import Deposit, DocumentKind, Receipt, SalesDocument
from tracktok.invoices.queries import deposits as queries
from tracktok.invoices.queries import documents as documents_queries
from tracktok.invoices.queries import present
from tracktok.invoices.rules import statuses
from tracktok.invoices.rules.advances import GOODS, UNKNOWN_RATE, bears_tax
from tracktok.invoices.rules.supply import EXPORTS, SEZ_SUPPLIES, Supply, decide_supply
from tracktok.invoices.schemas.receipts import AllocateIn, DepositIn

from .allocating import allocate_receipt
from .deriving import today
from .drafts import Written
from .issuing import finalize_document
from .settling import NotApplicable


def note_deposit(receipt: Receipt, body: DepositIn, company: Company, customer: Customer) -> Deposit:
    """Remember what a receipt was paid for in advance, and the tax that is owed on it by then.

    Raises Invalid (422) at `deposit/...` for what is not supported, and what contradicts itself.
    """
    if body.document_id is not None:
        _check_asked_for(body.document_id, customer.id)
    under_gst = company.tax_regime == "gst" and bool(company.gstin)
    supply = _supply(receipt, body, company, customer) if under_gst else Supply()
    taxed = under_gst and supply.charged and bears_tax(body.supply_kind, receipt.receipt_date)
    rate = (UNKNOWN_RATE if body.tax_rate is None else body.tax_rate) if taxed else Decimal(0)
    made = Deposit(
        id=new_id(), receipt_id=receipt.id, customer_id=customer.id, document_id=body.document_id,
        description=body.description, hsn_sac=body.hsn_sac, supply_kind=body.supply_kind, tax_rate=rate,
        rate_known=body.tax_rate is not None or not taxed, supply_type=supply.supply_type,
        place_of_supply=supply.place_of_supply, inter_state=supply.inter_state, reverse_charge=supply.reverse_charge,
        snapshot=present.parties_of(company, customer, None, "", customer.language or preferences().locale),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def _check_asked_for(document_id: UUID, customer_id: UUID) -> None:
    found = documents_queries.lock_documents([document_id]).get(document_id)
    if found is None or found.customer_id != customer_id or found.deleted_at is not None:
        raise Invalid.at("deposit/document_id", "This customer has no such quote or proforma.", "not_found")
    if found.kind not in {DocumentKind.quote, DocumentKind.proforma}:
        raise Invalid.at("deposit/document_id", "A deposit is for a quote or a proforma; let a receipt pay an invoice.")


def _supply(receipt: Receipt, body: DepositIn, company: Company, customer: Customer) -> Supply:
    supply = decide_supply(
        supplier_state=company.state_code,
        gst_category=customer.gst_category,
        buyer_gstin=customer.gstin,
        buyer_state=customer.state_code,
        buyer_country=customer.country,
        lut=company.lut,
        reverse_charge=body.reverse_charge,
        place=body.place_of_supply,
    )
    if supply.supply_type in EXPORTS | SEZ_SUPPLIES and supply.charged:
        text = (
            "An advance for an export or a supply to an SEZ on payment of tax is not supported: enter the letter of"
            " undertaking of your company, or record the money as a receipt without an advance."
        )
        raise Invalid.at("deposit", text, "not_supported")
    if receipt.currency != preferences().currency and supply.charged and body.supply_kind != GOODS:
        text = "Tax on an advance in another currency is not supported. Record it as a receipt without an advance."
        raise Invalid.at("deposit", text, "not_supported")
    return supply


def finalize_with_deposits(document_id: UUID, locked: Collection[UUID] | None = None) -> Written:
    """Issue a draft invoice and let the customer's deposits pay it: the paper says what was received in advance.

    They are taken up on the invoice's day: GSTR-1 of its month tells of it. Who issues several has `locked` the
    deposits of all their customers before. Raises what finalizing raises.
    """
    if locked is None:
        draft = documents_queries.get_document(document_id, DocumentKind.invoice)
        locked = queries.lock_deposits([draft.customer_id])
    written = finalize_document(document_id, DocumentKind.invoice)
    _said_on_paper(written.document, _use(written.document, locked, written.document.document_date))
    return written


def take_up_deposits(document: SalesDocument, locked: Collection[UUID]) -> SalesDocument:
    """Let deposits, locked before, pay an invoice that was issued by itself, as its paper says.

    One that was asked for by a quote or proforma waits for the invoice of that.
    """
    if not locked:
        return document
    used = _use(document, locked, document.document_date, only_free=True)
    return _said_on_paper(document, used)


def _said_on_paper(document: SalesDocument, used: list[dict[str, Any]]) -> SalesDocument:
    if used:
        document.snapshot = {**document.snapshot, "advances": used}
        db.session.flush()
        db.session.refresh(document)
    return document


def apply_deposits(document_id: UUID) -> SalesDocument:
    """Let the deposits of a customer pay an issued invoice. Raises NotFound, NotApplicable (409)."""
    document = documents_queries.get_document(document_id, DocumentKind.invoice)
    locked = queries.lock_deposits([document.customer_id])
    document = documents_queries.get_document(document_id, DocumentKind.invoice, for_update=True)
    if document.status not in statuses.OPEN_INVOICES:
        raise NotApplicable(f"Nothing is open on {document.number}." if document.number else "It is not issued yet.")
    if not _use(document, locked, today()):
        raise NotApplicable("This customer has no deposit of which something is left.")
    db.session.refresh(document)
    return document


def _use(
    document: SalesDocument, locked: Collection[UUID], on: date, *, only_free: bool = False
) -> list[dict[str, Any]]:
    """Let deposits pay a document on a day, or on that on which both are there; what each pays."""
    found = queries.open_deposits(document.customer_id, document.company_id, document.currency, document.original_id)
    used: list[dict[str, Any]] = []
    due = document.amount_due
    for row in found:
        if row.id not in locked or (only_free and row.document_id not in {None, document.original_id}):
            continue
        amount = min(row.left, due)
        if amount <= 0:
            break
        part = {"document_id": document.id, "amount": amount}
        day = max(on, row.receipt_date, document.document_date)
        allocate_receipt(row.id, AllocateIn.model_validate({"allocations": [part], "date": day}))
        due -= amount
        money = format_amount(amount, document.currency)
        used.append({"number": row.number, "date": row.receipt_date.isoformat(), "amount": money})
    return used
