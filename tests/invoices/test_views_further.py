"""The pages of quotes, proformas, credit and debit notes, of files on documents, and of patterns of numbers."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from tests.factories.documents import make_pdf
from tests.factories.invoices import ensure_biller, make_buyer, make_invoice, make_issued_invoice
from tests.factories.tenants import Company

from .test_views_documents import text_of

LINE = {
    "lines-0-description": "Cab hire",
    "lines-0-quantity": "10",
    "lines-0-unit_price": "100",
    "lines-0-tax": "p:18",
}


@pytest.fixture
def buyer(company: Company) -> Any:
    with company.owner.acting():
        ensure_biller()
        return make_buyer(name="Garden City Travels")


@pytest.mark.parametrize("path", ["/quotes", "/proformas", "/credit-notes", "/debit-notes"])
def test_every_kind_has_its_list(company: Company, path: str):
    page = company.owner.browser().get(path)
    assert page.status_code == 200
    assert " yet" in page.text


@pytest.mark.usefixtures("in_november")
def test_a_quote_is_sent_accepted_and_made_an_invoice_once(company: Company, buyer: Any):
    browser = company.owner.browser()
    sent = {"customer_id": str(buyer.id), "date": "20/11/2026", "do": "finalize", **LINE}
    asked = browser.post("/quotes/", data=sent)
    assert asked.location.endswith("/finalize")
    assert "QTN-26-IND-00001" in browser.get(asked.location).text
    here = asked.location.removesuffix("/finalize")
    said = text_of(browser.post(f"{here}/finalize", follow_redirects=True))
    assert "QTN-26-IND-00001" in said
    assert "Sent" in said
    assert "Accepted" in text_of(browser.post(f"{here}/accept", follow_redirects=True))
    made = browser.post(f"{here}/convert")
    assert re.search(r"/invoices/[^/]+/edit$", made.location)
    assert browser.get(made.location).status_code == 200
    said = text_of(browser.get(here))
    assert "Invoiced" in said
    assert "Draft invoice" in said
    assert "already" in text_of(browser.post(f"{here}/convert", follow_redirects=True))


def test_a_declined_quote_keeps_the_reason(company: Company, buyer: Any):
    browser = company.owner.browser()
    here = browser.post("/quotes/", data={"customer_id": str(buyer.id), "date": "20/11/2026", **LINE}).location
    browser.post(f"{here}/finalize")
    said = text_of(browser.post(f"{here}/decline", data={"reason": "Too dear"}, follow_redirects=True))
    assert "Declined" in said
    assert "Too dear" in said


def test_a_credit_note_begins_with_all_that_is_left(company: Company, buyer: Any):
    with company.owner.acting():
        invoice = make_issued_invoice(customer_id=buyer.id)
    browser = company.owner.browser()
    form = browser.get(f"/credit-notes/new?invoice_id={invoice.id}")
    assert form.status_code == 200
    assert re.search(r'name="lines-1-quantity" value="10"', form.text)
    assert "₹1,180.00" in text_of(form)
    address = f"/credit-notes/?invoice_id={invoice.id}"
    sent = {"date": "25/11/2026", "reason": "Two days were not driven", "lines-1-quantity": "2", "do": "save"}
    preview = browser.post(f"/credit-notes/preview?invoice_id={invoice.id}", data={**sent, "reason": ""})
    assert "₹236.00" in text_of(preview)
    made = browser.post(address, data=sent)
    assert made.status_code == 303
    said = text_of(browser.get(made.location))
    assert "Draft credit note" in said
    assert "Two days were not driven" in said
    assert browser.get(f"{made.location}/edit").status_code == 200
    issued = text_of(browser.post(f"{made.location}/finalize", follow_redirects=True))
    assert "CRN-26-IND-00001" in issued
    assert "Of invoice INV-26-IND-00001" in issued
    assert "CRN-26-IND-00001" in browser.get(f"/invoices/{invoice.id}").text
    again = browser.get(f"/credit-notes/new?invoice_id={invoice.id}")
    assert re.search(r'name="lines-1-quantity" value="8"', again.text)


def test_more_than_is_left_is_told_at_the_line(company: Company, buyer: Any):
    with company.owner.acting():
        invoice = make_issued_invoice(customer_id=buyer.id)
    browser = company.owner.browser()
    sent = {"date": "25/11/2026", "reason": "Too much", "lines-1-quantity": "11"}
    again = browser.post(f"/credit-notes/?invoice_id={invoice.id}", data=sent)
    assert again.status_code == 422
    assert "Line 1, quantity: Only 10 of this line is left to credit." in text_of(again)
    nothing = browser.post(f"/credit-notes/?invoice_id={invoice.id}", data={"date": "25/11/2026"})
    assert "Say of one line at least how much." in nothing.text


def test_a_debit_note_bills_more(company: Company, buyer: Any):
    with company.owner.acting():
        invoice = make_issued_invoice(customer_id=buyer.id)
    browser = company.owner.browser()
    sent = {"date": "25/11/2026", "reason": "Toll was left out", "lines-1-amount": "50", "do": "finalize"}
    made = browser.post(f"/debit-notes/?invoice_id={invoice.id}", data=sent)
    shown = text_of(browser.post(made.location, follow_redirects=True))
    assert "DBN-26-IND-00001" in shown
    assert "To pay ₹59.00" in shown


def test_a_draft_has_no_notes(company: Company, buyer: Any):
    with company.owner.acting():
        draft = make_invoice(customer_id=buyer.id)
    browser = company.owner.browser()
    answer = browser.get(f"/credit-notes/new?invoice_id={draft.id}", follow_redirects=True)
    assert "change it instead of crediting it" in answer.text
    assert browser.get("/credit-notes/new").status_code == 303


def test_files_are_put_on_a_document_and_opened_by_readers(company: Company, buyer: Any):
    with company.owner.acting():
        invoice = make_issued_invoice(customer_id=buyer.id)
    browser, here = company.owner.browser(), f"/invoices/{invoice.id}"
    pdf = make_pdf().read()

    def send(content: bytes, name: str, **options: Any) -> Any:
        return browser.post(f"{here}/files", data={"files": (io.BytesIO(content), name)}, **options)

    assert "order.pdf" in send(pdf, "order.pdf", follow_redirects=True).text
    assert "is on this document already" in send(pdf, "again.pdf", headers={"HX-Request": "true"}).text
    assert send(b"MZ\x00\x01", "run.exe", headers={"HX-Request": "true"}).status_code == 415
    file = re.search(r'href="(/files/[^"]+)"', browser.get(here).text)[1]
    assert company.member("analyst").browser().get(file).status_code == 200
    assert company.member("member").browser().get(file).status_code == 404
    gone = re.search(r'action="([^"]+/delete)"', browser.get(here).text)[1]
    assert "order.pdf" not in browser.post(gone, follow_redirects=True).text


def test_the_pdf_opens_from_the_page(company: Company, buyer: Any):
    with company.owner.acting():
        invoice = make_issued_invoice(customer_id=buyer.id)
    browser = company.owner.browser()
    assert f"/invoices/{invoice.id}/pdf" in browser.get(f"/invoices/{invoice.id}").text
    assert browser.get(f"/invoices/{invoice.id}/pdf").data.startswith(b"%PDF")


@pytest.mark.usefixtures("in_november")
def test_patterns_of_numbers(company: Company, buyer: Any):
    browser = company.owner.browser()
    assert "INV-26-IND-00001" in browser.get("/settings/numbers").text
    assert "BILL/26/001" in browser.get("/settings/numbers/invoice/preview?pattern=BILL/{YY}/{%23%23%23}").text
    bad = browser.post("/settings/numbers/invoice", data={"pattern": "no number"})
    assert bad.status_code == 422
    good = browser.post("/settings/numbers/invoice", data={"pattern": "BILL/{YY}/{###}"}, follow_redirects=True)
    assert "BILL/26/001" in good.text
    with company.owner.acting():
        assert make_issued_invoice(customer_id=buyer.id).number == "BILL/26/001"
    assert company.member("analyst").browser().get("/settings/numbers/invoice").status_code == 403
