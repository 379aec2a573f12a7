"""Documents. Call these inside `company.owner.acting()`."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.factories.customers import BUYER_KARNATAKA, BUYER_MAHARASHTRA, make_company_gst, make_customer
from tracktok.customers.models import Company, Customer
from tracktok.customers.services import default_company, patch_company
from tracktok.invoices import services
from tracktok.invoices.models import DocumentKind, SalesDocument
from tracktok.invoices.schemas.documents import CreditNoteIn, InvoiceIn, QuoteIn

BUYER, FAR_BUYER = BUYER_KARNATAKA, BUYER_MAHARASHTRA
DAY, NOTED = date(2026, 11, 20), date(2026, 11, 25)
BILLER = {
    "legal_name": "Indus Logistics Private Limited", "org_code": "INDUS", "address_line1": "12 Residency Road",
    "city": "Bengaluru", "postal_code": "560025",
}  # fmt: skip


def make_biller(**over: Any) -> Company:
    """The company that bills by default: under GST, in Karnataka, with rupee round-off."""
    return patch_company(make_company_gst(), {**BILLER, **over})


def ensure_biller() -> Company:
    """The default company, under GST."""
    found = default_company()
    return found if found.tax_regime == "gst" else make_biller()


def make_buyer(**over: Any) -> Customer:
    """A registered business in Karnataka, of a name of its own."""
    return make_customer(**{"gstin": BUYER, "address_line1": "4 MG Road", "city": "Bengaluru", **over})


def invoice_values(**over: Any) -> dict[str, Any]:
    """The body of an invoice of one line: 10 days at 100.00 and 18 %, of 20 November 2026."""
    line = {"description": "Cab hire", "hsn_sac": "996601", "quantity": "10", "unit": "day", "unit_price": "100.00",
            "tax_rate": "18"}  # fmt: skip
    lines = over.pop("lines", [{**line, **over.pop("line", {})}])
    return {"invoice_date": DAY.isoformat(), "lines": lines, **over}


def make_invoice(**over: Any) -> SalesDocument:
    """A draft invoice of 1,180.00. `line` changes its line, `lines` replaces all."""
    ensure_biller()
    if "customer_id" not in over:
        over["customer_id"] = make_buyer().id
    body = InvoiceIn.model_validate(invoice_values(**over))
    return services.create_document(DocumentKind.invoice, body).document


def make_issued_invoice(**over: Any) -> SalesDocument:
    """The same, issued."""
    return services.finalize_document(make_invoice(**over).id, DocumentKind.invoice).document


def make_quote(**over: Any) -> SalesDocument:
    """A draft quote of 1,180.00."""
    ensure_biller()
    values = invoice_values(**over)
    values["date"] = values.pop("invoice_date")
    if "customer_id" not in values:
        values["customer_id"] = make_buyer().id
    return services.create_document(DocumentKind.quote, QuoteIn.model_validate(values)).document


def make_note(invoice: SalesDocument, **over: Any) -> SalesDocument:
    """A draft credit note of 25 November 2026 over all that is left of an issued invoice; `lines` for less."""
    values = {"invoice_id": invoice.id, "reason": "Not delivered", "date": NOTED.isoformat(), **over}
    body = CreditNoteIn.model_validate(values)
    return services.create_note(DocumentKind.credit_note, body).document
