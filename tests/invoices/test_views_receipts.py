"""The pages of receipts and statements, as the people who use them see them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.factories.expenses import make_account
from tests.factories.invoices import ensure_biller, make_buyer, make_issued_invoice
from tests.factories.receipts import make_receipt
from tests.factories.tenants import Company
from tests.invoices.books import check_receivables


def text_of(answer: Any) -> str:
    """A page's words without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


@pytest.fixture
def buyer(company: Company) -> Any:
    with company.owner.acting():
        ensure_biller()
        return make_buyer(name="Garden City Travels")


def issued(company: Company, buyer: Any, **over: Any) -> Any:
    with company.owner.acting():
        return make_issued_invoice(customer_id=buyer.id, **over)


def received(company: Company, buyer: Any, **over: Any) -> Any:
    with company.owner.acting():
        return make_receipt(customer_id=buyer.id, **over)


def test_an_empty_list_says_what_to_do(company: Company):
    page = company.owner.browser().get("/receipts")
    assert page.status_code == 200
    assert "No receipts yet" in page.text
    assert "Record a receipt" in page.text


def test_the_list_shows_receipts_and_what_they_come_to(company: Company, buyer: Any):
    issued(company, buyer)
    received(company, buyer, amount="1500", allocate="oldest", reference="UTR 77")
    received(company, buyer, amount="20", receipt_date="2026-11-22")
    browser = company.owner.browser()
    said = text_of(browser.get("/receipts"))
    for words in ("Garden City Travels", "UTR 77", "Receipts 2", "Received ₹1,520.00", "Left ₹340.00", "Unallocated"):
        assert words in said
    assert "Receipts 2" in text_of(browser.get("/receipts?unallocated=1"))
    assert "No receipt matches" in browser.get("/receipts?q=nothing-is-called-so").text
    assert "This filter is left out" in browser.get("/receipts?status=wrong").text
    more = browser.get("/receipts", headers={"HX-Request": "true", "HX-Target": "receipts-list"})
    assert "<html" not in more.text
    assert browser.get("/receipts/export.csv").status_code == 200


def test_what_is_typed_is_shared_the_oldest_first(company: Company, buyer: Any):
    old = issued(company, buyer, invoice_date="2026-09-01")
    new = issued(company, buyer)
    browser = company.owner.browser()
    asked = {"HX-Request": "true", "HX-Target": "receipt-open"}
    form = browser.get(f"/receipts/new?customer_id={buyer.id}")
    assert form.status_code == 200
    assert form.text.index(old.number) < form.text.index(new.number)
    values = {"customer_id": str(buyer.id), "currency": "INR", "amount": "1,500"}
    shared = browser.get("/receipts/share", query_string=values, headers=asked)
    assert f'name="pay-{old.id}" value="1,180.00"' in shared.text
    assert f'name="pay-{new.id}" value="320.00"' in shared.text
    assert "Stays as credit ₹0.00" in text_of(shared)
    by_hand = {**values, "by_hand": "1", f"pay-{old.id}": "", f"pay-{new.id}": "1,000.50"}
    sums = browser.get("/receipts/share", query_string=by_hand, headers={**asked, "HX-Target": "receipt-sums"})
    assert "Stays as credit ₹499.50" in text_of(sums)
    assert "<table" not in sums.text
    over = browser.get("/receipts/share", query_string={**by_hand, f"pay-{new.id}": "1,500"}, headers=asked)
    assert "than is open" in over.text
    again = browser.get("/receipts/share", query_string={**by_hand, "again": "1"}, headers=asked)
    assert f'name="pay-{old.id}" value="1,180.00"' in again.text


def test_a_receipt_is_recorded_by_the_form(company: Company, buyer: Any):
    old, new = issued(company, buyer, invoice_date="2026-09-01"), issued(company, buyer)
    with company.owner.acting():
        bank = make_account(name="Axis current")
    browser = company.owner.browser()
    sent = {
        "customer_id": str(buyer.id), "amount": "2,000", "currency": "INR", "receipt_date": "22/11/2026",
        "method": "upi", "account_id": str(bank.id), "reference": "UTR 12", f"pay-{old.id}": "1,180",
        f"pay-{new.id}": "320.50",
    }  # fmt: skip
    wrong = browser.post("/receipts/", data={**sent, f"pay-{new.id}": "1,200"})
    assert wrong.status_code == 409
    assert "Only 1180.00 INR of" in wrong.text
    assert 'value="1,200"' in wrong.text
    made = browser.post("/receipts/", data=sent, follow_redirects=True)
    said = text_of(made)
    for words in ("RCT-26-IND-00001", "Part allocated", "UPI", "Axis current", "UTR 12", old.number, "₹320.50",
                  "Left ₹499.50"):  # fmt: skip
        assert words in said
    with company.owner.acting():
        check_receivables()


def test_paying_one_invoice_begins_at_its_page(company: Company, buyer: Any):
    invoice = issued(company, buyer)
    browser = company.owner.browser()
    page = browser.get(f"/invoices/{invoice.id}").text
    assert f"/receipts/new?customer_id={buyer.id}&amp;document_id={invoice.id}" in page
    form = browser.get(f"/receipts/new?customer_id={buyer.id}&document_id={invoice.id}").text
    assert 'name="amount" value="1,180.00"' in form
    assert f'name="pay-{invoice.id}" value="1,180.00"' in form


def test_the_rest_is_allocated_taken_back_given_back_and_void(company: Company, buyer: Any):
    invoice = issued(company, buyer)
    receipt = received(company, buyer, amount="2000")
    browser, here = company.owner.browser(), f"/receipts/{receipt.id}"
    form = browser.get(f"{here}/allocate")
    assert f'name="pay-{invoice.id}" value="1,180.00"' in form.text
    empty = browser.post(f"{here}/allocate", data={f"pay-{invoice.id}": ""})
    assert empty.status_code == 422
    done = browser.post(f"{here}/allocate", data={f"pay-{invoice.id}": "1,180.00"}, follow_redirects=True)
    assert "Part allocated" in text_of(done)
    assert browser.get(f"{here}/void").status_code == 200
    refused = browser.post(f"{here}/void", data={"reason": "Wrong"})
    assert refused.status_code == 409
    assert "Take that back first" in refused.text
    ask = browser.get(f"{here}/refund")
    assert 'value="820"' in ask.text
    back = browser.post(f"{here}/refund", data={"amount": "20", "refund_date": "23/11/2026", "method": "cash"},
                        follow_redirects=True)  # fmt: skip
    assert "Given back" in back.text
    assert "Left ₹800.00" in text_of(browser.get(here))
    browser.post(f"{here}/unallocate", data={})
    page = browser.get(here).text
    refund = re.search(r"/receipts/refunds/([0-9a-f-]{36})/take-back", page)
    assert refund is not None
    browser.post(refund[0], data={})
    assert "Taken back" in browser.get(here).text
    gone = browser.post(f"{here}/void", data={"reason": "Never came"}, follow_redirects=True)
    assert "Never came" in text_of(gone)
    with company.owner.acting():
        check_receivables()


def test_write_offs_and_payments_on_the_page_of_an_invoice(company: Company, buyer: Any):
    invoice = issued(company, buyer)
    received(company, buyer, amount="1179.50", allocate="oldest")
    browser, here = company.owner.browser(), f"/invoices/{invoice.id}"
    assert f"/receipts/write-off/{invoice.id}" in browser.get(here).text
    assert "₹1.00 it is a rounding difference" in text_of(browser.get(f"/receipts/write-off/{invoice.id}"))
    done = browser.post(f"/receipts/write-off/{invoice.id}", data={"amount": "0.50", "reason": "Charges"},
                        follow_redirects=True)  # fmt: skip
    assert "Written off" in done.text
    allocation = re.search(r'name="allocation_id" value="([0-9a-f-]{36})"', done.text)
    assert allocation is not None
    address = f"/receipts/of-document/{invoice.id}/take-back"
    back = browser.post(address, data={"allocation_id": allocation[1]}, follow_redirects=True)
    assert "Taken back from" in back.text
    with company.owner.acting():
        check_receivables()


def test_the_statement_of_a_customer(company: Company, buyer: Any):
    issued(company, buyer, invoice_date="2026-08-01")
    issued(company, buyer)
    received(company, buyer, amount="2000", reference="UTR 5")
    browser, here = company.owner.browser(), f"/receipts/statement/{buyer.id}"
    page = browser.get(f"{here}?from=01/11/2026&to=30/11/2026")
    said = text_of(page)
    for words in ("Balance before ₹1,180.00", "Billed ₹1,180.00", "Paid or credited ₹2,000.00", "Balance ₹360.00",
                  "Payment received: UTR 5"):  # fmt: skip
        assert words in said
    assert browser.get(f"{here}/export.csv?from=2026-11-01&to=2026-11-30").text.count("\n") == 4
    assert "not understood" in browser.get(f"{here}?from=whenever").text
    assert browser.get(f"{here}?currency=AAA").status_code == 422
    assert browser.get(f"{here}?from=&to=&currency=").status_code == 200
    shown = text_of(browser.get(f"/customers/{buyer.id}"))
    for words in ("Account", "Statement", "Record payment", "Owed ₹2,360.00", "Credit ₹2,000.00"):
        assert words in shown


def test_who_only_reads_is_offered_nothing_to_press(company: Company, buyer: Any):
    receipt = received(company, buyer)
    browser = company.member("analyst").browser()
    page = browser.get(f"/receipts/{receipt.id}")
    assert page.status_code == 200
    assert "Allocate" not in page.text
    for path in ("/receipts/new", f"/receipts/{receipt.id}/allocate", f"/receipts/{receipt.id}/refund"):
        assert browser.get(path).status_code == 403
    assert browser.post(f"/receipts/{receipt.id}/void", data={}).status_code == 403
