"""A registration that has billed stays; a customer's contacts stand in the customer's history."""

from __future__ import annotations

import pytest

from tests.factories.invoices import FAR_BUYER
from tests.invoices.conftest import Billing
from tests.invoices.test_bank_views import text_of


@pytest.mark.parametrize("change", [{"gstin": FAR_BUYER}, {"gstin": ""}])
def test_a_registration_that_has_billed_is_not_changed(billing: Billing, change):
    company = billing.call("GET", "/companies/")["data"][0]
    billing.call("PATCH", f"/companies/{company['id']}", json={"legal_name": "Indus Haulage Private Limited"})
    invoice = billing.issued()
    refused = billing.call("PATCH", f"/companies/{company['id']}", 409, json=change)
    assert refused["code"] == "company_has_billed"
    assert "Add another company" in refused["detail"]
    assert billing.call("PUT", "/gst-settings/", 409, json=change)["code"] == "company_has_billed"
    assert billing.call("GET", f"/companies/{company['id']}")["gstin"] == company["gstin"]
    # Its name may change: what was issued keeps the old one.
    billing.call("PATCH", f"/companies/{company['id']}", json={"legal_name": "Indus Group Private Limited"})
    kept = billing.call("GET", f"/invoices/{invoice['id']}")["company"]
    assert kept["legal_name"] == "Indus Haulage Private Limited"
    billing.call("PATCH", f"/companies/{company['id']}", json={"email": "new@example.com", "gstin": company["gstin"]})


def test_drafts_and_quotes_do_not_hold_a_registration(billing: Billing):
    company = billing.call("GET", "/companies/")["data"][0]
    billing.draft()
    assert billing.call("PATCH", f"/companies/{company['id']}", json={"gstin": FAR_BUYER})["gstin"] == FAR_BUYER


def test_an_advance_with_a_voucher_holds_it_too(billing: Billing):
    company = billing.call("GET", "/companies/")["data"][0]
    body = {"customer_id": billing.customer, "receipt_date": "2026-11-05", "amount": "118.00", "deposit": {}}
    billing.call("POST", "/receipts/", 201, json=body)
    refused = billing.call("PATCH", f"/companies/{company['id']}", 409, json={"gstin": FAR_BUYER})
    assert refused["code"] == "company_has_billed"


def test_contacts_and_addresses_stand_in_the_history_of_the_customer(billing: Billing):
    path = f"/customers/{billing.customer}"
    asha = billing.call("POST", f"{path}/contacts", 201, json={"name": "Asha Rao"})
    billing.call("PUT", f"{path}/contacts/{asha['id']}", json={"name": "Asha Rao", "phone": "+91 80 1234"})
    bo = billing.call("POST", f"{path}/contacts", 201, json={"name": "Bo Gone"})
    billing.call("DELETE", f"{path}/contacts/{bo['id']}", 204)
    billing.call("POST", f"{path}/addresses", 201, json={"label": "Depot"})
    page = text_of(billing.company.owner.browser().get(f"{path}?tab=history"))
    for said in ("added the contact Asha Rao", "changed phone of the contact Asha Rao", "added the contact Bo Gone",
                 "removed the contact Bo Gone", "added the address Depot"):  # fmt: skip
        assert said in page
