"""The one shape of a document: what the API answers, and what pages, the PDF and the customer's portal draw.

`view` is a document with its lines and parties; `row` is one in a list. Amounts are decimal strings with the places of
their currency; an issued document shows the parties of its snapshot, a draft those of today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.money import format_amount, minor_unit
from tracktok.customers.models import Company, Customer, CustomerAddress
from tracktok.customers.rules.states import state_name
from tracktok.invoices.models import DocumentKind, SalesDocument, SalesLine
from tracktok.invoices.rules import statuses
from tracktok.invoices.rules.law import credit_note_deadline
from tracktok.web.api import instant

from . import answers, documents, parties

_COMPANY = (
    "legal_name", "trade_name", "gstin", "pan", "tax_id", "state_code", "address_line1", "address_line2", "city",
    "postal_code", "country", "email", "phone", "website", "bank_name", "bank_account_name", "bank_account_number",
    "bank_ifsc", "bank_swift", "upi_id", "signatory", "lut_reference", "org_code",
)  # fmt: skip
_CUSTOMER = (
    "name", "code", "kind", "email", "phone", "gst_category", "gstin", "pan", "tax_id", "state_code", "address_line1",
    "address_line2", "city", "postal_code", "country",
)  # fmt: skip
_ADDRESS = ("label", "address_line1", "address_line2", "city", "postal_code", "state_code", "country")
_AMOUNTS = (
    "subtotal", "discount_total", "taxable_amount", "cgst_amount", "sgst_amount", "igst_amount", "cess_amount",
    "tax_amount", "round_off", "total", "amount_paid", "amount_due",
)  # fmt: skip
_LINE_AMOUNTS = (
    "gross_amount",
    "taxable_amount",
    "cgst_amount",
    "sgst_amount",
    "igst_amount",
    "cess_amount",
    "tax_amount",
    "total",
)
NOT_OF_PEOPLE = {
    "pay", "pay_part", "unpay", "unpay_part", "apply_part", "unapply", "expire", "reopen_part", "refund", "revise",
}  # fmt: skip
"""Actions that follow from something else: payments, time."""


def parties_of(
    company: Company, customer: Customer, delivery: CustomerAddress | None, statement: str, locale: str
) -> dict[str, Any]:
    """What a document says about its parties: its snapshot when it is issued, until then the parties of today."""
    return {
        "company": _party(company, _COMPANY),
        "customer": _party(customer, _CUSTOMER),
        "delivery": _party(delivery, _ADDRESS) if delivery is not None else None,
        "statement": statement,
        "locale": locale,
    }


def _party(row: Any, names: Sequence[str]) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in names}
    return {**found, "state": state_name(row.state_code) if row.state_code else ""}


def live_parties(document: SalesDocument, statement: str = "") -> dict[str, Any]:
    """The parties of a draft, as they are today."""
    company = parties.find_company(document.company_id)
    customer = parties.find_customer(document.customer_id)
    if company is None or customer is None:  # the keys of the database do not allow it
        raise LookupError("a document without its parties")
    address_id = document.delivery_address_id
    delivery = parties.find_address(address_id, customer.id) if address_id else None
    return parties_of(company, customer, delivery, statement, customer.language or preferences().locale)


def quantity_text(value: Decimal) -> str:
    """A quantity or percentage without the noughts behind it."""
    return format(value.normalize(), "f")


def price_text(price: Decimal, currency: str) -> str:
    """A unit price: with at least the places of the currency, more where it has them."""
    plain = price.normalize()
    places = max(minor_unit(currency), -int(plain.as_tuple().exponent))
    return format(plain, f".{places}f")


def line(row: SalesLine, currency: str) -> dict[str, Any]:
    """A line of a document."""
    return {
        "id": row.id,
        "position": row.position,
        "service_type_id": row.service_type_id,
        "description": row.description,
        "hsn_sac": row.hsn_sac,
        "supply_kind": row.supply_kind,
        "quantity": quantity_text(row.quantity),
        "unit": row.unit,
        "unit_price": price_text(row.unit_price, currency),
        "discount_percent": quantity_text(row.discount_percent),
        "discount_amount": format_amount(row.discount_amount, currency),
        "tax_rate_id": row.tax_rate_id,
        "tax_rate": quantity_text(row.tax_rate),
        "cess_rate": quantity_text(row.cess_rate),
        "cess_per_unit": quantity_text(row.cess_per_unit),
        **{name: format_amount(getattr(row, name), currency) for name in _LINE_AMOUNTS},
        "taxes": [{**part, "amount": format_amount(Decimal(part["amount"]), currency)} for part in row.tax_components],
        "book_account_id": row.book_account_id,
        "original_line_id": row.original_line_id,
        "source": row.source,
        "source_id": row.source_id,
        "pure_agent": row.pure_agent,
    }


def standing(found: Any, today: date) -> dict[str, Any]:
    """The status, as it is kept and as people read it: `overdue` and `expired` are seen by the day."""
    status, shown = found.status, statuses.shown_status(found.status, found.due_date, today)
    waits = status == {"quote": statuses.SENT, "proforma": statuses.ISSUED}.get(found.kind)
    if waits and found.valid_until is not None and found.valid_until < today:
        shown = statuses.EXPIRED
    return {
        "status": status,
        "display_status": shown,
        "is_overdue": statuses.is_overdue(status, found.due_date, today),
    }


def document(
    doc: SalesDocument,
    lines: Sequence[SalesLine],
    said: Mapping[str, Any],
    *,
    original: Any = None,
) -> dict[str, Any]:
    """A document with its lines. `said` is its snapshot, or `parties_of` for a draft; `original` of `original_of`."""
    currency, base = doc.currency, preferences().currency
    today = clock.today(preferences().timezone)
    customer = dict(said["customer"])
    return {
        "id": doc.id,
        "kind": doc.kind,
        "number": doc.number,
        **standing(doc, today),
        "company_id": doc.company_id,
        "customer_id": doc.customer_id,
        "customer_name": customer["name"],
        "date": doc.document_date,
        "invoice_date": doc.document_date,
        "due_date": doc.due_date,
        "valid_until": doc.valid_until,
        "currency": currency,
        "exchange_rate": quantity_text(doc.exchange_rate),
        "rate_date": doc.rate_date,
        "rate_source": doc.rate_source,
        "tax_regime": doc.tax_regime,
        "tax_inclusive": doc.tax_inclusive,
        "supply_type": doc.supply_type,
        "place_of_supply": doc.place_of_supply,
        "place_of_supply_name": state_name(doc.place_of_supply) if doc.place_of_supply else "",
        "inter_state": doc.inter_state,
        "reverse_charge": doc.reverse_charge,
        "statement": said.get("statement", ""),
        "lines": [line(row, currency) for row in lines],
        "discount_percent": quantity_text(doc.discount_percent),
        "discount_amount": format_amount(doc.discount_amount, currency),
        **{name: format_amount(getattr(doc, name), currency) for name in _AMOUNTS},
        "amount_due": due(doc),
        "taxes": [
            {
                **group,
                "taxable": format_amount(Decimal(group["taxable"]), currency),
                "amount": format_amount(Decimal(group["amount"]), currency),
            }
            for group in doc.tax_groups
        ],
        "reverse_charge_taxes": {
            code: format_amount(Decimal(amount), currency) for code, amount in doc.reverse_charge_taxes.items()
        },
        "base_currency": base,
        "base_total": format_amount(doc.base_total, base),
        "amount_in_words": doc.amount_in_words,
        "company": dict(said["company"]),
        "customer": customer,
        "delivery": said.get("delivery"),
        "original_id": doc.original_id,
        "original_number": original.number if original else None,
        "original_date": original.document_date if original else None,
        "declare_by": declare_by(doc, original),
        "reason": doc.reason,
        "answer": None,
        "advances": list(said.get("advances", ())),
        "reference": doc.reference,
        "notes": doc.notes,
        "terms": doc.terms,
        "transport": doc.transport,
        "custom_fields": doc.custom_fields,
        "delivery_address_id": doc.delivery_address_id,
        "finalized_at": instant(doc.finalized_at),
        "voided_at": instant(doc.voided_at),
        "sent_at": instant(doc.sent_at),
        "viewed_at": instant(doc.viewed_at),
        "irn": doc.irn,
        # A preview has no row that would have them empty.
        "irn_ack_number": doc.irn_ack_number or "",
        "irn_ack_date": doc.irn_ack_date or "",
        "actions": actions(doc),
        "version": doc.version,
        "created_at": instant(doc.created_at),
        "updated_at": instant(doc.updated_at),
    }


def declare_by(doc: SalesDocument, original: Any) -> date | None:
    """The last day on which the tax of a credit note under GST may be declared."""
    if doc.kind != DocumentKind.credit_note or doc.tax_regime != "gst" or original is None:
        return None
    return credit_note_deadline(original.document_date)


def due(found: Any) -> str:
    """What is still to be paid: nothing on what is void, and nothing ever on a quote or proforma."""
    nothing = found.status == statuses.VOID or found.kind in {"quote", "proforma"}
    return format_amount(Decimal(0) if nothing else found.amount_due, found.currency)


def actions(doc: SalesDocument) -> list[str]:
    """What a person may do with a document where it stands."""
    found = [one for one in statuses.actions_from(doc.kind, doc.status) if one not in NOT_OF_PEOPLE]
    return list(dict.fromkeys(found))


def view(doc: SalesDocument, lines: Sequence[SalesLine] | None = None) -> dict[str, Any]:
    """A stored document, as everybody shows it."""
    said = doc.snapshot or live_parties(doc)
    rows = documents.lines_of(doc.id) if lines is None else lines
    found = document(doc, rows, said, original=documents.original_of(doc.original_id))
    if doc.kind == DocumentKind.quote and (given := answers.latest_answer(doc.id)) is not None:
        found["answer"] = {
            **{name: getattr(given, name) for name in ("accepted", "name", "reason", "address")},
            "answered_at": instant(given.answered_at),
        }
    return found


def row(found: Any, today: date, base: str) -> dict[str, Any]:
    """A document in a list; `found` has the columns of `queries.lists.COLUMNS`."""
    currency = found.currency
    return {
        "id": found.id,
        "kind": found.kind,
        "number": found.number,
        **standing(found, today),
        "company_id": found.company_id,
        "customer_id": found.customer_id,
        "customer_name": found.customer_name,
        "date": found.document_date,
        "invoice_date": found.document_date,
        "due_date": found.due_date,
        "valid_until": found.valid_until,
        "currency": currency,
        "taxable_amount": format_amount(found.taxable_amount, currency),
        "tax_amount": format_amount(found.tax_amount, currency),
        "total": format_amount(found.total, currency),
        "amount_paid": format_amount(found.amount_paid, currency),
        "amount_due": due(found),
        "base_total": format_amount(found.base_total, base),
        "base_currency": base,
        "reference": found.reference,
        "original_id": found.original_id,
        "sent_at": instant(found.sent_at),
        "version": found.version,
        "created_at": instant(found.created_at),
        "updated_at": instant(found.updated_at),
    }


__all__ = ["DocumentKind", "actions", "document", "line", "live_parties", "parties_of", "row", "standing", "view"]
