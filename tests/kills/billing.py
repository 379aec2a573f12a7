"""What a company on a machine bills: one of each thing that has a page of its own."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.factories.bank import ofx
from tests.kills.machine import Company

BUYER = {"gstin": "29AAGCB7383J1Z4", "address_line1": "4 MG Road", "city": "Bengaluru", "postal_code": "560001"}
SELLER = {"gstin": "29AABCI5678G1Z7", "round_off": True, "e_invoicing": True}


def make_billing(found: Company, today: date, account: str) -> str:
    """Customers, what is sold, documents as drafts and issued, money that came in, and a statement of the bank.

    The id of the customer.
    """
    found.call("PUT", "/gst-settings/", 200, json=SELLER)
    [company] = found.get("/companies/")["data"]
    address = {"address_line1": "12 Residency Road", "city": "Bengaluru", "postal_code": "560025"}
    found.call("PATCH", f"/companies/{company['id']}", 200, json=address)
    found.make("/client-types/", name="Schools")
    found.make("/account-managers/", name="Meera")
    found.make("/tax-rates/", name="GST 18", percent="18")
    found.make("/service-types/", name="Cab hire", unit_price="100.00")
    found.make("/price-lists/", name="Contract")
    customer: str = found.make(
        "/customers/", name="Asha Tours", email=f"asha@{found.subdomain}.test", contacts=[{"name": "Asha"}],
        addresses=[{"label": "Depot"}], **BUYER,
    )["id"]  # fmt: skip
    line = {"description": "Cab hire", "hsn_sac": "996601", "quantity": "10", "unit": "day", "unit_price": "100.00",
            "tax_rate": "18"}  # fmt: skip
    day = today.isoformat()

    def document(kind: str, **over: Any) -> Any:
        dated = {"invoice_date" if kind == "invoices" else "date": day}
        return found.make(f"/{kind}/", customer_id=customer, lines=[line], **dated, **over)

    for kind in ("invoices", "quotes", "proformas"):
        document(kind)
    quote, proforma, invoice = (document(kind)["id"] for kind in ("quotes", "proformas", "invoices"))
    found.call("POST", f"/quotes/{quote}/send", 200)
    found.call("POST", f"/proformas/{proforma}/finalize", 200)
    issued = found.call("POST", f"/invoices/{invoice}/finalize", 200)
    of_line = {"line_id": issued["lines"][0]["id"], "quantity": "1"}
    body = {"invoice_id": invoice, "reason": "Another distance", "lines": [of_line]}
    for kind in ("credit-notes", "debit-notes"):
        found.make(f"/{kind}/", **body)
    found.make("/credit-notes/", **body, finalize=True, apply=False)
    found.make("/debit-notes/", **body, finalize=True)
    share = {"document_id": issued["id"], "amount": "200.00"}
    found.make("/receipts/", customer_id=customer, amount="500.00", receipt_date=day, allocations=[share])
    movement = (today.strftime("%Y%m%d"), "300.00", "Asha Tours", "NEFT", "A1")
    statement = ("bank.ofx", ofx(movement), "application/x-ofx")
    found.call("POST", "/bank-statements/", 201, files={"file": statement}, data={"account_id": account})
    return customer
