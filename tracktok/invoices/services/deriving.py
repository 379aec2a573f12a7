"""From what was entered to what the document says: parties, dates, rates, taxes, amounts, words. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.errors import Invalid
from tracktok.core.money import MINOR_UNITS, round_amount
from tracktok.customers.models import Company, Customer, CustomerAddress
from tracktok.customers.services import default_company
from tracktok.invoices.models import DocumentKind, SalesDocument, SalesLine
from tracktok.invoices.queries import billable, parties
from tracktok.invoices.rules.computing import Computed, ComputedLine, DocumentInput, compute
from tracktok.invoices.rules.supply import PLAIN, Supply, decide_supply
from tracktok.invoices.rules.taxes import regime_of
from tracktok.invoices.rules.words import amount_in_words
from tracktok.invoices.schemas.documents import DocumentIn
from tracktok.invoices.signals import DocumentWarning
from tracktok.ledger.queries import rate_between
from tracktok.ledger.services import no_rate

from .filling import FilledLine, Filler, check_sources, plain

ENTERED = "entered"
DAYS_VALID = 30
FOLLOWING = ("due_date", "valid_until", "supply_type", "place_of_supply", "exchange_rate", "currency", "notes", "terms")
"""Fields that follow the customer, the company or the day until somebody enters them."""


@dataclass(slots=True)
class Derived:
    """A document as it would be written, and what it was made of."""

    company: Company
    customer: Customer
    delivery: CustomerAddress | None
    supply: Supply
    values: dict[str, Any]
    lines: list[dict[str, Any]]
    warnings: list[DocumentWarning] = field(default_factory=list)


def derive(
    kind: DocumentKind,
    body: DocumentIn,
    *,
    old: SalesDocument | None = None,
    old_lines: Sequence[SalesLine] = (),
    lock: bool = True,
) -> Derived:
    """Everything that follows from a body. `old`: the draft that it replaces. Without `lock` for a preview.

    Raises Invalid (422) with the fields, SourceBilled (409).
    """
    company = _company(body.company_id, old)
    customer = _customer(body.customer_id, old)
    delivery = _delivery(body.delivery_address_id, customer)
    day = body.day or (old.document_date if old else today())
    currency = _currency(body, customer)
    expenses = _expenses(body, lock=lock)
    kept = frozenset(one for line in old_lines for one in (line.service_type_id, line.tax_rate_id) if one is not None)
    filled = Filler(customer, currency, day, company.tax_regime, kept).fill(body.lines, expenses)
    if kind is DocumentKind.invoice:
        check_sources(filled, old.id if old else None)
    elif any(line.source for line in filled):
        raise Invalid.at("lines", "Expenses are billed by invoices; take them out of this document.")
    supply = _supply(body, company, customer, filled)
    computed = compute(
        DocumentInput(
            currency=currency,
            lines=[line.as_input for line in filled],
            regime=regime_of(company.tax_regime),
            supply=supply,
            tax_inclusive=body.tax_inclusive,
            discount_percent=body.discount_percent,
            discount_amount=body.discount_amount,
            round_to_unit=company.round_off and currency == preferences().currency,
        )
    )
    rate = _rate(body, currency, day, old)
    values = {
        "kind": kind.value,
        "company_id": company.id,
        "customer_id": customer.id,
        "document_date": day,
        **_deadlines(kind, body, day, company, customer),
        "currency": currency,
        "exchange_rate": rate[0],
        "rate_date": rate[1],
        "rate_source": rate[2],
        "tax_regime": company.tax_regime,
        "tax_inclusive": body.tax_inclusive,
        "supply_type": supply.supply_type,
        "place_of_supply": supply.place_of_supply,
        "inter_state": supply.inter_state,
        "reverse_charge": supply.reverse_charge,
        "discount_percent": body.discount_percent,
        "discount_amount": body.discount_amount,
        **amounts_of(computed),
        "base_total": round_amount(computed.total * rate[0], preferences().currency),
        "amount_in_words": amount_in_words(computed.total, currency, locale_of(customer)),
        "reference": body.reference,
        "notes": company.default_notes if body.notes is None else body.notes,
        "terms": company.default_terms if body.terms is None else body.terms,
        "transport": _transport(body),
        "delivery_address_id": body.delivery_address_id,
        "custom_fields": body.model_dump(mode="json", include={"custom_fields"})["custom_fields"],
        "entered": [name for name in FOLLOWING if getattr(body, name, None) is not None],
    }
    holds = kind is DocumentKind.invoice
    pairs = zip(filled, computed.lines, strict=True)
    lines = [line_values(at, line, amounts, holds=holds) for at, (line, amounts) in enumerate(pairs, 1)]
    return Derived(company, customer, delivery, supply, values, lines)


def today() -> date:
    """The date where the tenant is."""
    return clock.today(preferences().timezone)


def locale_of(customer: Customer) -> str:
    """The locale of a customer's documents."""
    return customer.language or preferences().locale


def _company(company_id: UUID | None, old: SalesDocument | None) -> Company:
    found = parties.find_company(company_id) if company_id else default_company()
    if found is None:
        raise Invalid.at("company_id", "There is no such company.", "not_found")
    if found.is_archived and (old is None or old.company_id != found.id):
        raise Invalid.at("company_id", f"“{found.legal_name}” is archived; choose another company.", "archived")
    return found


def _customer(customer_id: UUID, old: SalesDocument | None) -> Customer:
    found = parties.find_customer(customer_id)
    if found is None or found.deleted_at is not None:
        raise Invalid.at("customer_id", "There is no such customer.", "not_found")
    if found.is_archived and (old is None or old.customer_id != found.id):
        raise Invalid.at("customer_id", f"“{found.name}” is archived; choose another customer.", "archived")
    return found


def _delivery(address_id: UUID | None, customer: Customer) -> CustomerAddress | None:
    if address_id is None:
        return None
    found = parties.find_address(address_id, customer.id)
    if found is None:
        raise Invalid.at("delivery_address_id", "This customer has no such address.", "not_found")
    return found


def _currency(body: DocumentIn, customer: Customer) -> str:
    currency = body.currency or customer.currency or preferences().currency
    if currency not in MINOR_UNITS:
        raise Invalid.at("currency", "Use a currency code in use, such as INR, USD or EUR.")
    return currency


def _expenses(body: DocumentIn, *, lock: bool) -> dict[UUID, Any]:
    ids = {line.expense_id for line in body.lines if line.expense_id is not None}
    return billable.lock_expenses(ids) if lock else billable.read_expenses(ids)


def _supply(body: DocumentIn, company: Company, customer: Customer, lines: Sequence[FilledLine]) -> Supply:
    if company.tax_regime != "gst":
        if body.reverse_charge and company.tax_regime == "generic":
            return Supply(reverse_charge=True, charged=False)
        return PLAIN
    # A composite supply is taxed where its principal supply is: that of the largest line.
    principal = max(lines, key=lambda line: abs(line.quantity * line.unit_price))
    return decide_supply(
        supplier_state=company.state_code,
        gst_category=customer.gst_category,
        buyer_gstin=customer.gstin,
        buyer_state=customer.state_code,
        buyer_country=customer.country,
        kind=principal.supply_kind,
        origin_state=body.transport.origin_state if body.transport else "",
        lut=company.lut,
        reverse_charge=body.reverse_charge,
        supply_type=body.supply_type or "",
        place=body.place_of_supply or "",
    )


def _rate(body: DocumentIn, currency: str, day: date, old: SalesDocument | None) -> tuple[Decimal, date | None, str]:
    base = preferences().currency
    if currency == base:
        return Decimal(1), None, ""
    if body.exchange_rate is not None:
        same = old is not None and (old.currency, old.document_date) == (currency, day)
        if old is not None and same and old.exchange_rate == body.exchange_rate:
            return old.exchange_rate, old.rate_date, old.rate_source
        return body.exchange_rate, day, ENTERED
    found = rate_between(currency, base, day)
    if found is None:
        raise no_rate(currency, base, day)
    return found.rate, found.rate_date, found.source


def _deadlines(
    kind: DocumentKind, body: DocumentIn, day: date, company: Company, customer: Customer
) -> dict[str, date | None]:
    if kind in {DocumentKind.quote, DocumentKind.proforma}:
        until = getattr(body, "valid_until", None) or day + timedelta(days=DAYS_VALID)
        if until < day:
            raise Invalid.at("valid_until", "This is before the document's date.")
        return {"due_date": None, "valid_until": until}
    due = getattr(body, "due_date", None) or due_by_terms(day, company, customer)
    if due < day:
        raise Invalid.at("due_date", "It cannot be due before its date.")
    return {"due_date": due, "valid_until": None}


def due_by_terms(day: date, company: Company, customer: Customer) -> date:
    """When a document of a day is due, by the customer's terms of payment or else the company's."""
    terms = customer.payment_terms_days if customer.payment_terms_days is not None else company.payment_terms_days
    return day + timedelta(days=terms)


def _transport(body: DocumentIn) -> dict[str, str]:
    if body.transport is None:
        return {}
    return {name: value for name, value in body.transport.model_dump().items() if value}


def amounts_of(computed: Computed) -> dict[str, Any]:
    """The amounts of a document, by the names of its columns."""
    groups = computed.groups or computed.reverse_charge_groups
    return {
        "subtotal": computed.subtotal,
        "discount_total": computed.discount_total,
        "taxable_amount": computed.taxable_total,
        **tax_columns(computed.taxes_by_code),
        "tax_amount": computed.tax_total,
        "round_off": computed.round_off,
        "total": computed.total,
        "amount_paid": Decimal(0),
        "amount_due": computed.total,
        "tax_groups": [
            {
                "code": one.code,
                "label": one.label,
                "percent": str(plain(one.percent)),
                "per_unit": str(plain(one.per_unit)),
                "taxable": str(one.taxable),
                "amount": str(one.amount),
                "charged": bool(computed.groups),
            }
            for one in groups
        ],
        "reverse_charge_taxes": {code: str(amount) for code, amount in computed.reverse_charge_taxes.items()},
    }


def tax_columns(taxes: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Amounts of taxes by code, as columns. The tax of a Union territory stands with that of States."""
    none = Decimal(0)
    return {
        "cgst_amount": taxes.get("cgst", none),
        "sgst_amount": taxes.get("sgst", none) + taxes.get("utgst", none),
        "igst_amount": taxes.get("igst", none),
        "cess_amount": taxes.get("cess", none),
    }


def line_values(position: int, line: FilledLine, amounts: ComputedLine, *, holds: bool) -> dict[str, Any]:
    """A line as its row: what was filled and what was computed."""
    compound = {one.code: one.compound for one in line.tax.components}
    parts = [
        {
            "code": part.code,
            "label": part.label,
            "percent": str(plain(part.percent)),
            "per_unit": str(plain(part.per_unit)),
            "compound": compound.get(part.code, False),
            "amount": str(part.amount),
        }
        for part in amounts.parts
    ]
    return {
        "position": position,
        "service_type_id": line.service_type_id,
        "description": line.description,
        "hsn_sac": line.hsn_sac,
        "supply_kind": line.supply_kind,
        "quantity": line.quantity,
        "unit": line.unit,
        "unit_price": line.unit_price,
        "discount_percent": line.discount_percent,
        "discount_amount": line.discount_amount,
        "tax_rate_id": line.tax_rate_id,
        "tax_rate": line.tax.rate,
        "cess_rate": line.tax.cess_percent,
        "cess_per_unit": line.tax.cess_per_unit,
        "tax_components": parts,
        "gross_amount": amounts.gross,
        "taxable_amount": amounts.taxable_amount,
        **tax_columns(amounts.taxes),
        "tax_amount": amounts.tax_amount,
        "total": amounts.total,
        "book_account_id": line.book_account_id,
        "source": line.source,
        "source_id": line.source_id,
        "holds_source": holds and bool(line.source),
        "pure_agent": line.pure_agent,
    }
