"""Companies that bill, customers and documents. Call these inside `company.owner.acting()`."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from sqlalchemy import select

from tracktok.core.db import db
from tracktok.core.ids import new_id
from tracktok.customers.models import Company, Customer
from tracktok.invoices import services
from tracktok.invoices.models import DocumentKind, SalesDocument
from tracktok.invoices.schemas.documents import InvoiceIn

SUPPLIER = "29AABCI5678G1Z7"
BUYER, FAR_BUYER = "29AAGCB7383J1Z4", "27AAPFU0939F1ZV"
DAY = date(2026, 11, 20)


def make_biller(**over: Any) -> Company:
    """The company that bills by default: under GST, in Karnataka, with rupee round-off."""
    found = db.session.execute(select(Company).where(Company.is_default)).scalar_one_or_none()
    company = found or Company(id=new_id(), is_default=True)
    values: dict[str, Any] = {
        "legal_name": "Indus Logistics Private Limited", "org_code": "INDUS", "tax_regime": "gst", "registered": True,
        "gstin": SUPPLIER, "pan": SUPPLIER[2:12], "state_code": "29", "round_off": True,
        "address_line1": "12 Residency Road", "city": "Bengaluru", "postal_code": "560025", "country": "IN", **over,
    }  # fmt: skip
    for name, value in values.items():
        setattr(company, name, value)
    db.session.add(company)
    db.session.flush()
    return company


def ensure_biller() -> Company:
    """The default company, under GST."""
    found = db.session.execute(select(Company).where(Company.is_default)).scalar_one_or_none()
    return found if found is not None and found.tax_regime == "gst" else make_biller()


def make_customer(**over: Any) -> Customer:
    """A registered business in Karnataka, of a name of its own."""
    gstin = over.get("gstin", BUYER)
    values: dict[str, Any] = {
        "name": f"Customer {secrets.token_hex(4)}", "gstin": gstin, "state_code": gstin[:2], "currency": "INR",
        "gst_category": "registered" if gstin else "unregistered", "address_line1": "4 MG Road", "city": "Bengaluru",
        "country": "IN", **over,
    }  # fmt: skip
    customer = Customer(id=new_id(), **values)
    db.session.add(customer)
    db.session.flush()
    return customer


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
        over["customer_id"] = make_customer().id
    body = InvoiceIn.model_validate(invoice_values(**over))
    return services.create_document(DocumentKind.invoice, body).document


def make_issued_invoice(**over: Any) -> SalesDocument:
    """The same, issued."""
    return services.finalize_document(make_invoice(**over).id, DocumentKind.invoice).document
