"""The page of GST returns, and e-invoices on the pages of documents."""

from __future__ import annotations

import base64
import io
import json
import re
from typing import Any

import openpyxl
import pytest

from tests.factories.customers import BUYER_MAHARASHTRA, make_company_gst, make_customer
from tests.factories.invoices import make_biller, make_buyer, make_issued_invoice, make_note
from tests.factories.tenants import Company
from tracktok.core.db import db
from tracktok.customers.services import patch_company
from tracktok.invoices import services
from tracktok.invoices.models import DocumentKind
from tracktok.invoices.rules.portal_answers import read_answer

IRN = "a5c12dca80e743321740b001fd70953e8738d109865d28ba4013750f2046f229"
PAGE = "/gst-returns?month=2026-11"


def text_of(answer: Any) -> str:
    """A page's words without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def signed(number: str) -> str:
    """A signed code as the portal makes them, of a document."""
    claims = {"data": json.dumps({"DocNo": number}), "iss": "NIC"}
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJSUzI1NiJ9.{middle}.c2lnbmF0dXJl"


@pytest.fixture
def november(company: Company) -> dict[str, Any]:
    """Invoices within and across States, to a consumer, one without a code, and a credit note."""
    with company.owner.acting():
        patch_company(make_biller(), {"e_invoicing": True})
        full = {"postal_code": "560001"}
        home = make_buyer(name="Garden City Travels", **full)
        away = make_buyer(gstin=BUYER_MAHARASHTRA, name="Mumbai Movers", city="Mumbai", postal_code="400001")
        made = {
            "home": make_issued_invoice(customer_id=home.id),
            "away": make_issued_invoice(customer_id=away.id, line={"unit_price": "18734.565"}),
            "person": make_issued_invoice(customer_id=make_customer(name="Asha Rao", state_code="29").id),
            "no_code": make_issued_invoice(customer_id=home.id, line={"hsn_sac": ""}),
        }
        made["note"] = services.finalize_document(make_note(made["home"]).id, DocumentKind.credit_note).document
        db.session.commit()
    return made


def test_a_month_is_shown_section_by_section_with_sums(company: Company, november: dict[str, Any]):
    page = company.owner.browser().get(PAGE)
    said = text_of(page)
    assert page.status_code == 200
    assert "29AABCI5678G1Z7" in said
    for title in ("Registered buyers B2B", "To consumers B2CS", "Notes, registered CDNR", "Documents issued DOC ISSUE"):
        assert title in said
    assert "Nothing in: Large, to consumers; Exports; Notes, unregistered; Nil-rated" in said
    assert november["away"].number in said
    assert "IGST ₹33,722.22" in said
    assert f"/invoices/open/{november['home'].id}" in page.text


def test_what_would_be_refused_leads_to_its_document(company: Company, november: dict[str, Any]):
    page = company.owner.browser().get(PAGE)
    assert "The portal would refuse 1 document" in page.text
    assert "Line 1 has no HSN or SAC." in page.text
    assert f'href="/invoices/open/{november["no_code"].id}"' in page.text


def test_files_of_the_month(company: Company, november: dict[str, Any]):
    browser = company.owner.browser()
    portal = browser.get("/gst-returns/portal?month=2026-11")
    assert portal.headers["Content-Disposition"] == 'attachment; filename="GSTR1-29AABCI5678G1Z7-2026-11.json"'
    assert portal.json["fp"] == "112026"
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/gst-returns/workbook?month=2026-11").data))
    assert book["Registered buyers"].max_row == 5
    assert browser.get("/gst-returns/portal?month=1999-01").status_code == 422
    assert browser.get("/gst-returns?month=1999-01").status_code == 200


def test_a_company_without_gst_is_told_what_to_do(company: Company):
    browser = company.owner.browser()
    assert "No company is under GST" in browser.get("/gst-returns").text
    assert browser.get("/gst-returns/portal").status_code == 404
    assert company.member("member").browser().get("/gst-returns").status_code == 403


def test_an_empty_month_says_so(company: Company):
    with company.owner.acting():
        make_company_gst()
        db.session.commit()
    assert "Nothing was issued in this month" in company.owner.browser().get("/gst-returns?month=2026-08").text


def test_the_portals_answer_is_taken_on_the_page_of_the_invoice(company: Company, november: dict[str, Any]):
    browser, invoice = company.owner.browser(), november["home"]
    shown = browser.get(f"/invoices/{invoice.id}")
    assert "It has no IRN yet" in shown.text
    sent = browser.get(f"/gst-returns/einvoice/{invoice.id}")
    assert sent.json["DocDtls"]["No"] == invoice.number
    form = f"/gst-returns/einvoice/{invoice.id}/answer"
    assert "Keep the answer" in browser.get(form).text
    for wrong, told in (
        ("abc", "An IRN has 64 digits"),
        ('{"Irn": "', "This is not the whole answer"),
        ('{"Status": 0}', "There is no IRN in this answer."),
        (json.dumps({"Irn": IRN, "SignedQRCode": signed("INV-1")}), "This code is of INV-1"),
    ):
        refused = browser.post(form, data={"answer": wrong})
        assert refused.status_code == 422
        assert told in refused.text
    answer = {
        "AckNo": 112010000011474,
        "AckDt": "2026-11-20 10:05:00",
        "Irn": IRN,
        "SignedQRCode": signed(invoice.number),
    }
    taken = browser.post(
        form, data={"answer": json.dumps({"Status": 1, "Data": json.dumps(answer)})}, follow_redirects=True
    )
    assert taken.status_code == 200
    assert IRN in taken.text
    assert "112010000011474 of 2026-11-20 10:05:00" in taken.text
    assert "Paste the answer" not in taken.text
    told = company.owner.api().get(f"/invoices/{invoice.id}").json
    assert told["irn"] == IRN


def test_what_the_portal_would_not_take_is_said(company: Company, november: dict[str, Any]):
    browser = company.owner.browser()
    shown = browser.get(f"/invoices/{november['person'].id}")
    assert "not to consumers" in shown.text
    assert "File INV-01" not in shown.text
    refused = browser.get(f"/gst-returns/einvoice/{november['person'].id}", follow_redirects=True)
    assert "not to consumers" in refused.text
    assert "E-invoice" in browser.get(f"/credit-notes/{november['note'].id}").text
    reader = company.member("analyst").browser()
    assert reader.get(f"/gst-returns/einvoice/{november['home'].id}/answer").status_code == 403


def test_without_e_invoicing_an_invoice_says_nothing_of_it(company: Company):
    with company.owner.acting():
        invoice = make_issued_invoice()
        db.session.commit()
    assert "E-invoice" not in company.owner.browser().get(f"/invoices/{invoice.id}").text


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        (f"  {IRN}\n", {"irn": IRN}),
        (json.dumps([{"Irn": IRN, "AckNo": "7"}]), {"irn": IRN, "ack_number": "7"}),
        (json.dumps({"result": {"Irn": IRN, "SignedQRCode": "a.b.c"}}), {"irn": IRN, "signed_qr": "a.b.c"}),
        (json.dumps(json.dumps({"Irn": IRN})), {"irn": IRN}),
    ],
)
def test_answers_are_read_however_they_are_wrapped(pasted: str, expected: dict[str, str]):
    assert read_answer(pasted) == expected


@pytest.mark.parametrize(
    "pasted", ["{", "[]", "{}", "[1]", '{"Data": {"Data": 3}}', "[" * 50_000, '[{"Irn":"a"},{"Irn":"b"}]']
)
def test_what_is_no_answer_is_refused_in_words(pasted: str):
    with pytest.raises(ValueError, match=r"[a-z]+\.$"):
        read_answer(pasted)
