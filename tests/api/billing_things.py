"""Customers and documents for requests to name, each as far on its way as the operation needs it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from tests.factories.bank import make_bank_ids
from tests.factories.customers import make_company_gst
from tests.factories.customers import make_each as make_customers
from tests.factories.invoices import (
    ensure_biller,
    invoice_values,
    make_buyer,
    make_invoice,
    make_issued_invoice,
    make_note,
    make_quote,
)
from tests.factories.receipts import make_receipt
from tests.factories.recurring import make_failed_run, make_recurring
from tests.factories.reminders import make_level
from tracktok.customers.queries import get_customer
from tracktok.customers.services import delete_customer, patch_company
from tracktok.invoices import services
from tracktok.invoices.models import DocumentKind, SalesDocument
from tracktok.invoices.queries.documents import lines_of
from tracktok.invoices.queries.receipts import standing_allocations
from tracktok.invoices.queries.reminders import levels
from tracktok.invoices.schemas.documents import DebitNoteIn, QuoteIn
from tracktok.invoices.schemas.receipts import AllocateIn
from tracktok.invoices.services.portal import dispute
from tracktok.invoices.services.recurring import pause_recurring
from tracktok.invoices.services.reminder_levels import delete_level

Made = dict[str, UUID]
OF_CUSTOMERS = (
    "customers", "client-types", "account-managers", "service-types", "tax-rates", "price-lists", "companies",
)  # fmt: skip
ADDRESS = {"address_line1": "12 Residency Road", "city": "Bengaluru", "postal_code": "560025"}
BUYER = {"email": "asha@example.test", "postal_code": "560001"}


def make_billing(label: str) -> Made:
    """What an operation of billing names; empty for the operations of other areas. Call it as the owner."""
    method, path = label.split(" ")
    area, _, rest = path.removeprefix("/api/v1/").partition("/")
    if area in OF_CUSTOMERS:
        made = make_customers()
        if rest.endswith("/statement/send"):  # Of somebody who owes something.
            patch_company(make_company_gst(), ADDRESS)
            return {**made, "customer_id": _issued().customer_id}
        if rest.endswith("/restore"):
            delete_customer(get_customer(made["customer_id"], for_update=True))
        return made
    if area in {"bank-lines", "bank-statements"}:
        return make_bank_ids()
    if area in MAKERS:
        patch_company(make_company_gst(), ADDRESS)  # Another one may have been made the default.
        return MAKERS[area](method, rest)
    return {}


def _named(document: SalesDocument) -> Made:
    return dict.fromkeys(("document_id", "invoice_id", "note_id", "owed_id"), document.id)


def _is_draft(method: str, rest: str) -> bool:
    return method in {"PUT", "PATCH", "DELETE"} or rest.endswith("/finalize")


def _paid(owed: SalesDocument) -> Made:
    """An allocation that pays a part of what is owed, and its receipt."""
    receipt = make_receipt(customer_id=owed.customer_id)
    part = {"document_id": owed.id, "amount": "100"}
    services.allocate_receipt(receipt.id, AllocateIn.model_validate({"allocations": [part]}))
    return {"allocation_id": standing_allocations(receipt.id)[0].id, "customer_receipt_id": receipt.id}


def _owed(rest: str, document: SalesDocument) -> Made:
    """An invoice or debit note that is issued, and what else the operation wants of it."""
    made = _named(document)
    if "{allocation_id}" in rest:
        return {**made, **_paid(document)}
    if rest.endswith("/resolve-dispute"):
        dispute(document, "Two days were never driven")
    if rest.endswith("/reopen"):
        services.mark_uncollectible(document, "They are gone")
    return made


def _issued() -> SalesDocument:
    return make_issued_invoice(customer_id=make_buyer(**BUYER).id)


def _deposit(customer_id: UUID) -> UUID:
    """Money of a customer that came before its invoice."""
    return make_receipt(customer_id=customer_id, deposit={"description": "Tour", "tax_rate": "18"}).id


def _invoice(method: str, rest: str) -> Made:
    if _is_draft(method, rest):
        return _named(make_invoice())
    invoice = _issued()
    if rest.endswith("/apply-deposits"):
        _deposit(invoice.customer_id)
    return _owed(rest, invoice)


def _credit_note(method: str, rest: str) -> Made:
    invoice = _issued()
    if not rest:
        return {"invoice_id": invoice.id}
    note = make_note(invoice)
    if not _is_draft(method, rest):
        note = services.finalize_note(note.id, DocumentKind.credit_note, apply=False).document
    if rest.endswith("/unapply"):
        services.apply_credit_note(note, invoice)
    return {**_named(note), "invoice_id": invoice.id}


def _debit_note(method: str, rest: str) -> Made:
    invoice = _issued()
    original = {"invoice_id": invoice.id, "line_id": lines_of(invoice.id)[0].id}
    if not rest:
        return original
    body = {"invoice_id": invoice.id, "reason": "Too low", "lines": [{"line_id": original["line_id"], "quantity": "1"}]}
    note = services.create_note(DocumentKind.debit_note, DebitNoteIn.model_validate(body)).document
    if _is_draft(method, rest):
        return {**_named(note), **original}
    return _owed(rest, services.finalize_note(note.id, DocumentKind.debit_note).document)


def _quote(method: str, rest: str) -> Made:
    quote = make_quote(customer_id=make_buyer(**BUYER).id)
    if rest.endswith(("/decline", "/convert", "/pdf", "/void")):
        services.send_quote(quote.id)
    return _named(quote)


def _proforma(method: str, rest: str) -> Made:
    ensure_biller()
    values = invoice_values(customer_id=make_buyer(**BUYER).id)
    values["date"] = values.pop("invoice_date")
    made = services.create_document(DocumentKind.proforma, QuoteIn.model_validate(values)).document
    if not _is_draft(method, rest):
        made = services.finalize_document(made.id, DocumentKind.proforma).document
    return _named(made)


def _receipt(method: str, rest: str) -> Made:
    if rest.endswith("/voucher"):
        return {"customer_receipt_id": _deposit(make_buyer().id)}
    invoice = make_issued_invoice()
    if rest.endswith("/unallocate") or "{allocation_id}" in rest:
        return _paid(invoice)
    return {"customer_receipt_id": make_receipt(customer_id=invoice.customer_id).id}


def _recurring(method: str, rest: str) -> Made:
    customer = make_buyer(**BUYER)
    if not rest:
        return {"customer_id": customer.id}
    recurring = make_recurring(customer_id=customer.id)
    made = {"customer_id": customer.id, "recurring_id": recurring.id}
    if "{run_id}" in rest:
        made["run_id"] = make_failed_run(recurring)
    if rest.endswith("/resume"):
        pause_recurring(recurring)
    return made


def _level(method: str, rest: str) -> Made:
    """A level of a day that has none yet."""
    if not rest:
        return {}
    taken = levels()
    for one in taken[9:]:
        delete_level(one)
    days = {one.days for one in taken}
    return {"reminder_level_id": make_level(days=next(day for day in range(1, 366) if day not in days)).id}


MAKERS: dict[str, Callable[[str, str], Made]] = {
    "invoices": _invoice,
    "credit-notes": _credit_note,
    "debit-notes": _debit_note,
    "quotes": _quote,
    "proformas": _proforma,
    "receipts": _receipt,
    "recurring-invoices": _recurring,
    "reminder-levels": _level,
}
