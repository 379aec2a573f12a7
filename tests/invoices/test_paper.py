"""Documents on paper: what is said, kept once, the same for ever."""

from __future__ import annotations

import hashlib
import io
import os
from decimal import Decimal
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.factories.customers import BUYER_MAHARASHTRA, make_company_gst
from tests.factories.invoices import make_buyer, make_customer, make_invoice, make_issued_invoice
from tracktok.core import jobs
from tracktok.core.db import db
from tracktok.customers.services import patch_company
from tracktok.invoices.services import paper, void_document

_LINE = {"hsn_sac": "996412", "tax_rate": "18"}
TWO_LINES = [
    {**_LINE, "description": "Airport drop", "quantity": "22", "unit": "trip", "unit_price": "1249.50"},
    {**_LINE, "description": "Extra kilometres", "quantity": "318.4", "unit": "km", "unit_price": "14.75"},
]
EXPORT = {"gst_category": "overseas", "country": "DE", "city": "Berlin", "address_line1": "Hauptstr. 1"}


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def drawn(document) -> str:
    made = paper.draw(document)
    if folder := os.environ.get("TRACKTOK_PAPERS"):  # to look at them
        Path(
            folder, f"{os.environ['PYTEST_CURRENT_TEST'].split('::')[1].split(' ')[0]}.pdf".replace("/", "_")
        ).write_bytes(made)
    return text_of(made)


def biller(**over):
    return patch_company(
        make_company_gst(),
        {
            "legal_name": "Indus Logistics Private Limited", "org_code": "INDUS", "address_line1": "12 Residency Road",
            "city": "Bengaluru", "postal_code": "560025", "bank_name": "HDFC Bank",
            "bank_account_number": "50200012345678", "bank_ifsc": "HDFC0000053", "upi_id": "indus@hdfcbank",
            "email": "accounts@indus.example",
            "default_terms": "Payment within 30 days.", **over,
        },
    )  # fmt: skip


def test_worked_example_1_on_paper(company):
    with company.owner.acting():
        biller()
        told = drawn(make_issued_invoice(lines=TWO_LINES))
    for words in (
        "Tax invoice", "ORIGINAL FOR RECIPIENT", "29AABCI5678G1Z7", "29AAGCB7383J1Z4", "32,185.40", "CGST 9 %",
        "2,896.69", "SGST 9 %", "0.22", "INR 37,979.00", "29 Karnataka",
        "Rupees Thirty-Seven Thousand Nine Hundred Seventy-Nine Only",
        "Reverse charge", "50200012345678", "HDFC0000053", "Payment within 30 days.", "Page 1 of 1", "996412",
        "Authorised signatory",
    ):  # fmt: skip
        assert words in told.replace("\n", " ")


def test_between_states(company):
    with company.owner.acting():
        biller()
        buyer = make_buyer(gstin=BUYER_MAHARASHTRA, city="Mumbai", postal_code="400001")
        told = drawn(make_issued_invoice(customer_id=buyer.id, line={"quantity": "1", "unit_price": "187345.65"}))
    assert "IGST 18 %" in told
    assert "27 Maharashtra" in told
    assert "INR 2,21,068.00" in told
    assert "CGST" not in told


def test_reverse_charge_is_said(company):
    with company.owner.acting():
        biller(is_body_corporate=False)
        line = {"quantity": "1", "unit_price": "96450.00", "tax_rate": "5"}
        told = drawn(make_issued_invoice(reverse_charge=True, line=line))
    assert "INR 96,450.00" in told
    assert "Payable by the recipient: CGST 2.5 %: 2,411.25, SGST 2.5 %: 2,411.25 (INR)." in told.replace("\n", " ")
    assert "Yes" in told


def test_an_export_says_the_sentence_of_the_law(company):
    with company.owner.acting():
        biller()
        make_company_gst(lut=True, lut_reference="AD290326000123X")
        buyer = make_customer(**EXPORT, currency="EUR")
        told = drawn(make_issued_invoice(customer_id=buyer.id, currency="EUR", exchange_rate="98.40"))
    assert "WITHOUT PAYMENT OF INTEGRATED TAX" in told.replace("\n", " ")
    assert "EUR" in told
    assert "Germany" in told
    assert "upi" not in told.lower()


@pytest.mark.parametrize(("currency", "total"), [("JPY", "1,000"), ("KWD", "1,000.000")])
def test_currencies_of_other_places(company, currency, total):
    with company.owner.acting():
        biller()
        make_company_gst(lut=True)
        buyer = make_customer(**EXPORT, currency=currency)
        line = {"quantity": "10", "unit_price": "100"}
        told = drawn(make_issued_invoice(customer_id=buyer.id, currency=currency, exchange_rate="2.5", line=line))
    assert f"{currency} {total}" in told


def test_a_hindi_name_is_embedded_and_shaped(company):
    with company.owner.acting():
        biller()
        buyer = make_buyer(name="श्री गणेश ट्रांसपोर्ट प्राइवेट लिमिटेड")
        document = make_issued_invoice(customer_id=buyer.id, line={"description": "कर्मचारी परिवहन, ₹ दर"})
        drawn(document)
        fonts = {
            str(font.get_object()["/BaseFont"])
            for page in PdfReader(io.BytesIO(paper.draw(document))).pages
            for font in page["/Resources"]["/Font"].values()
        }
    assert any("Devanagari" in font for font in fonts)
    assert not any("Helvetica" in font for font in fonts)


@pytest.mark.parametrize("count", [30, 1000])
def test_many_lines_have_their_head_on_every_page(company, count):
    with company.owner.acting():
        biller()
        line = {"hsn_sac": "996412", "quantity": "1", "unit": "trip", "unit_price": "10.00", "tax_rate": "5"}
        lines = [{**line, "description": f"Trip {n}, Whitefield to Electronic City, night shift"} for n in range(count)]
        told = drawn(make_issued_invoice(lines=lines))
    pages = told.split("HSN/SAC")
    assert len(pages) > count / 40
    assert f"Trip {count - 1}," in told


def test_hostile_text_is_only_text(company):
    with company.owner.acting():
        biller()
        buyer = make_buyer(name='<b>Bobby & "Sons"</b> <para>')
        told = drawn(make_invoice(customer_id=buyer.id, notes="a < b & c\n</para><img src='http://x'/>\x0b"))
    assert '<b>Bobby & "Sons"</b> <para>' in told
    assert "a < b & c" in told


def test_what_was_issued_is_one_file_for_ever(company):
    owner = company.owner.api()
    with company.owner.acting():
        biller()
        document = make_issued_invoice()
        job_id = db.session.execute(db.text("SELECT id FROM jobs WHERE kind = 'invoices.pdf'")).scalar_one()
        db.session.commit()
        assert jobs.execute(job_id)
    first = owner.get(f"/invoices/{document.id}/pdf")
    assert first.status_code == 200
    assert first.content_type == "application/pdf"
    assert first.headers["X-Content-SHA256"] == hashlib.sha256(first.data).hexdigest()
    with company.owner.acting():
        biller(legal_name="Somebody Else Limited", address_line1="Elsewhere")
        db.session.commit()
    again = owner.get(f"/invoices/{document.id}/pdf")
    assert again.data == first.data
    assert document.number in first.headers["Content-Disposition"]


def test_without_a_worker_the_file_is_kept_when_it_is_asked_for(company):
    with company.owner.acting():
        biller()
        document = make_issued_invoice()
        db.session.commit()
    first = company.owner.api().get(f"/invoices/{document.id}/pdf")
    second = company.owner.api().get(f"/invoices/{document.id}/pdf")
    assert first.data == second.data
    assert first.headers["X-Content-SHA256"]


def test_drafts_and_void_documents_are_marked_and_not_kept(company):
    with company.owner.acting():
        biller()
        draft, issued = make_invoice(), make_issued_invoice()
        void_document(issued, "Wrong customer")
        db.session.commit()
    for document, word in ((draft, "DRAFT"), (issued, "VOID")):
        answer = company.owner.api().get(f"/invoices/{document.id}/pdf")
        assert word in text_of(answer.data)
        assert "X-Content-SHA256" not in answer.headers


def test_another_company_does_not_find_the_file(company, other_company):
    with company.owner.acting():
        biller()
        document = make_issued_invoice()
        db.session.commit()
    assert other_company.owner.api().get(f"/invoices/{document.id}/pdf").status_code == 404
    assert company.member("member").api().get(f"/invoices/{document.id}/pdf").status_code == 403


def test_the_upi_link_asks_for_the_total(company):
    with company.owner.acting():
        biller()
        document = make_issued_invoice(lines=TWO_LINES)
        link = paper.upi_link(document, document.snapshot["company"])
    assert (
        link
        == f"upi://pay?pa=indus@hdfcbank&pn=Indus%20Logistics%20Private%20Limited&am={Decimal('37979.00')}&cu=INR&tn={document.number}"
    )
