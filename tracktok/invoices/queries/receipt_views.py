"""The one shape of receipts, of what they paid and of refunds: what the API answers and pages draw."""

from __future__ import annotations

from typing import Any

from tracktok.core.context import preferences
from tracktok.core.money import format_amount
from tracktok.invoices.models import Receipt, Refund
from tracktok.invoices.rules import statuses
from tracktok.invoices.rules.advances import tax_of
from tracktok.web.api import instant

from . import documents, receipts
from .deposits import deposit_of
from .present import quantity_text


def row(found: Any) -> dict[str, Any]:
    """A receipt in a list; `found` has the columns of `queries.receipt_lists.COLUMNS`."""
    currency, base = found.currency, preferences().currency
    is_void = found.status == statuses.VOID
    left = found.amount - found.allocated_amount - found.refunded_amount
    use = statuses.receipt_use(found.amount, found.allocated_amount, found.refunded_amount)
    return {
        "id": found.id,
        "number": found.number,
        "status": found.status,
        "display_status": statuses.VOID if is_void else use,
        "company_id": found.company_id,
        "customer_id": found.customer_id,
        "customer_name": found.customer_name,
        "date": found.receipt_date,
        "receipt_date": found.receipt_date,
        "amount": format_amount(found.amount, currency),
        "currency": currency,
        "base_amount": format_amount(found.base_amount, base),
        "base_currency": base,
        "allocated_amount": format_amount(found.allocated_amount, currency),
        "refunded_amount": format_amount(found.refunded_amount, currency),
        "unallocated_amount": format_amount(left * 0 if is_void else left, currency),
        "method": found.method,
        "reference": found.reference,
        "account_id": found.account_id,
        "account_name": found.account_name,
        "version": found.version,
        "created_at": instant(found.created_at),
        "updated_at": instant(found.updated_at),
    }


class _Named:
    """A receipt with the names of its customer and account beside it."""

    def __init__(self, receipt: Receipt) -> None:
        self._receipt = receipt
        self.customer_name = documents.customer_name(receipt.customer_id)
        self.account_name = receipts.account_name(receipt.account_id)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._receipt, name)


def view(receipt: Receipt) -> dict[str, Any]:
    """A receipt with what it paid and what was given back of it."""
    return {
        **row(_Named(receipt)),
        "exchange_rate": quantity_text(receipt.exchange_rate),
        "rate_date": receipt.rate_date,
        "rate_source": receipt.rate_source,
        "notes": receipt.notes,
        "deposit": deposit(receipt),
        "voided_at": instant(receipt.voided_at),
        "void_reason": receipt.void_reason,
        "allocations": [allocation(one) for one in receipts.allocations_of_receipt(receipt.id)],
        "refunds": [refund(one) for one in receipts.refunds_of_receipt(receipt.id)],
    }


def deposit(receipt: Receipt) -> dict[str, Any] | None:
    """What a receipt was paid for in advance, and the tax in it."""
    found = deposit_of(receipt.id)
    if found is None:
        return None
    part = tax_of(receipt.amount, found.tax_rate, inter_state=found.inter_state)
    names = ("document_id", "description", "hsn_sac", "supply_kind", "place_of_supply", "inter_state", "reverse_charge")
    return {
        **{name: getattr(found, name) for name in names},
        "tax_rate": quantity_text(found.tax_rate),
        "taxable_amount": format_amount(part.taxable, receipt.currency),
        **{f"{one}_amount": format_amount(getattr(part, one), receipt.currency) for one in ("cgst", "sgst", "igst")},
    }


def allocation(found: Any) -> dict[str, Any]:
    """What paid what; `found` is a row of `queries.receipts`."""
    return {
        "id": found.id,
        "kind": found.kind,
        "document_id": found.document_id,
        "document_number": found.document_number,
        "document_kind": found.document_kind,
        "receipt_id": found.receipt_id,
        "receipt_number": found.receipt_number,
        "credit_note_id": found.credit_note_id,
        "credit_note_number": found.credit_note_number,
        "amount": format_amount(found.amount, found.currency),
        "currency": found.currency,
        "exchange_difference": format_amount(found.exchange_difference, preferences().currency),
        "allocated_on": found.allocated_on,
    }


def refund(found: Any) -> dict[str, Any]:
    """Money that was given back: a Refund, or a row of `queries.receipts`."""
    name = receipts.account_name(found.account_id) if isinstance(found, Refund) else found.account_name
    return {
        "id": found.id,
        "customer_id": found.customer_id,
        "receipt_id": found.receipt_id,
        "credit_note_id": found.credit_note_id,
        "refund_date": found.refund_date,
        "amount": format_amount(found.amount, found.currency),
        "currency": found.currency,
        "base_amount": format_amount(found.base_amount, preferences().currency),
        "method": found.method,
        "account_id": found.account_id,
        "account_name": name,
        "reference": found.reference,
        "reason": found.reason,
        "status": found.status,
        "provider": found.provider,
        "failure": found.failure,
    }


def payments(document: Any) -> dict[str, Any]:
    """What paid a document, and what is left of it."""
    currency = document.currency
    return {
        "object": "list",
        "data": [allocation(one) for one in receipts.payments_of(document.id)],
        "has_more": False,
        "next_cursor": None,
        "total": format_amount(document.total, currency),
        "amount_paid": format_amount(document.amount_paid, currency),
        "amount_due": format_amount(document.amount_due, currency),
        "currency": currency,
    }
