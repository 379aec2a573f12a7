"""GSTR-1 and e-invoices through the API."""

from __future__ import annotations

import base64
import io
import json
from decimal import Decimal

import openpyxl
import pytest

from tests.factories.customers import BUYER_MAHARASHTRA, make_company_gst
from tests.factories.invoices import (
    make_biller,
    make_buyer,
    make_customer,
    make_invoice,
    make_issued_invoice,
    make_note,
)
from tracktok.core.db import db
from tracktok.invoices.models import DocumentKind
from tracktok.invoices.services import finalize_document, void_document

IRN = "a5c12dca80e743321740b001fd70953e8738d109865d28ba4013750f2046f229"
FULL = {"address_line1": "4 MG Road", "city": "Bengaluru", "postal_code": "560001"}


@pytest.fixture
def november(company):
    """A month of everything: B2B within and across States, consumers, an export, a void one, a credit note."""
    with company.owner.acting():
        make_biller()
        make_company_gst(lut=True)
        home, away = make_buyer(**FULL), make_buyer(gstin=BUYER_MAHARASHTRA, city="Mumbai", postal_code="400001")
        person = make_customer(name="Asha Rao", state_code="29", city="Bengaluru")
        abroad = make_customer(gst_category="overseas", country="DE", city="Berlin", address_line1="Hauptstr. 1")
        made = {
            "home": make_issued_invoice(
                customer_id=home.id, line={"quantity": "3", "unit_price": "33.33", "tax_rate": "5"}
            ),
            "away": make_issued_invoice(customer_id=away.id, line={"quantity": "1", "unit_price": "187345.65"}),
            "person": make_issued_invoice(customer_id=person.id),
            "export": make_issued_invoice(customer_id=abroad.id),
            "void": make_issued_invoice(customer_id=home.id),
            "nil": make_issued_invoice(customer_id=home.id, line={"tax_rate": "0"}),
        }
        void_document(made["void"], "Sent twice")
        made["note"] = finalize_document(make_note(made["person"]).id, DocumentKind.credit_note).document
        db.session.commit()
    return made


def gstr1(company, **query):
    return company.owner.api().get("/gst-returns/gstr1", query_string={"month": "2026-11", **query})


def money(rows, name):
    return sum((Decimal(row[name]) for row in rows), Decimal(0))


def test_the_return_adds_up_to_the_documents(company, november):
    told = gstr1(company).json
    sections = told["sections"]
    live = [one for name, one in november.items() if name != "void"]
    signed = [(-1 if one.kind == "credit_note" else 1, one) for one in live]
    for name, column in (("taxable", "taxable_amount"), ("igst", "igst_amount"), ("cgst", "cgst_amount")):
        assert Decimal(told["totals"][name]) == sum(sign * getattr(one, column) for sign, one in signed)
    by_code = money(sections["hsn_b2b"], "taxable") + money(sections["hsn_b2c"], "taxable")
    assert by_code == Decimal(told["totals"]["taxable"])
    listed = money(sections["b2b"], "taxable") + money(sections["exp"], "taxable") + money(sections["b2cs"], "taxable")
    assert listed + money(sections["nil"], "nil_amt") == Decimal(told["totals"]["taxable"])
    assert {row["number"] for row in sections["b2b"]} == {november["home"].number, november["away"].number}
    issued = {row["nature"]: (row["total"], row["cancelled"]) for row in sections["doc_issue"]}
    assert issued == {"Invoices for outward supply": (6, 1), "Credit Note": (1, 0)}
    assert told["refused"] == []


def test_the_portals_file_has_numbers(company, november):
    answer = gstr1(company, format="portal")
    assert "GSTR1-29AABCI5678G1Z7-2026-11.json" in answer.headers["Content-Disposition"]
    told = json.loads(answer.data, parse_float=Decimal)
    assert told["fp"] == "112026"
    away = next(party for party in told["b2b"] if party["ctin"] == BUYER_MAHARASHTRA)
    (invoice,) = away["inv"]
    assert invoice["val"] == Decimal("221068.00")
    assert invoice["itms"][0]["itm_det"]["iamt"] == Decimal("33722.22")
    assert b"33722.22" in answer.data


def test_the_workbook_opens_with_a_sheet_for_each_section(company, november):
    book = openpyxl.load_workbook(io.BytesIO(gstr1(company, format="xlsx").data))
    assert {"Registered buyers", "To consumers", "Exports", "HSN, business", "Documents issued"} <= set(book.sheetnames)
    heads = [cell.value for cell in book["Registered buyers"][1]]
    assert heads[0] == "GSTIN"
    taxable = heads.index("Taxable value")
    assert book["Registered buyers"].cell(row=2, column=taxable + 1).value == pytest.approx(99.99)


def test_a_month_without_documents_is_empty_and_not_an_error(company, november):
    told = gstr1(company, month="2026-10").json
    assert told["sections"]["b2b"] == []
    assert Decimal(told["totals"]["taxable"]) == 0


@pytest.mark.parametrize("month", ["", "2026-13", "November", "1999-01"])
def test_months_that_are_none(company, month):
    assert gstr1(company, month=month).status_code == 422


def test_without_a_gstin_there_is_nothing_to_return(company):
    answer = gstr1(company)
    assert answer.status_code == 409
    assert answer.json["code"] == "not_under_gst"


def test_an_e_invoice_and_the_portals_answer(company, november):
    api = company.owner.api()
    home = november["home"]
    told = json.loads(api.get(f"/invoices/{home.id}/einvoice").data, parse_float=Decimal)
    assert told["DocDtls"]["No"] == home.number
    assert told["ValDtls"]["TotInvVal"] == Decimal("105.00")
    assert told["ValDtls"]["RndOffAmt"] == Decimal("0.01")
    before = api.get(f"/invoices/{home.id}/pdf").data
    signed = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in ({"alg": "RS256"}, {"data": json.dumps({"DocNo": home.number, "Irn": IRN})}, "x")
    )
    answer = api.post(
        f"/invoices/{home.id}/einvoice", json={"irn": IRN, "ack_number": "112010036563310", "signed_qr": signed}
    )
    assert answer.status_code == 200
    assert answer.json["irn"] == IRN
    after = api.get(f"/invoices/{home.id}/pdf")
    assert after.data != before
    assert api.get(f"/invoices/{home.id}/pdf").data == after.data
    other = api.post(f"/invoices/{home.id}/einvoice", json={"irn": "b" * 64})
    assert (other.status_code, other.json["code"]) == (409, "irn_kept")
    mixed = api.post(f"/invoices/{november['away'].id}/einvoice", json={"irn": "c" * 64, "signed_qr": signed})
    assert mixed.status_code == 422
    assert mixed.json["errors"][0]["pointer"] == "/signed_qr"


def test_what_the_portal_would_refuse_is_said_whole(company, november):
    answer = company.owner.api().get(f"/invoices/{november['person'].id}/einvoice")
    assert answer.status_code == 422
    assert any("consumers" in error["detail"] for error in answer.json["errors"])


def test_drafts_have_no_e_invoice(company, november):
    with company.owner.acting():
        draft = make_invoice()
        db.session.commit()
    assert company.owner.api().get(f"/invoices/{draft.id}/einvoice").status_code == 409
    answer = company.owner.api().post(f"/invoices/{draft.id}/einvoice", json={"irn": IRN})
    assert answer.status_code == 409


def test_others_neither_read_nor_answer(company, other_company, november):
    address = f"/invoices/{november['home'].id}/einvoice"
    assert other_company.owner.api().get(address).status_code == 404
    assert other_company.owner.api().post(address, json={"irn": IRN}).status_code == 404
    assert (
        company.member("member").api().get("/gst-returns/gstr1", query_string={"month": "2026-11"}).status_code == 403
    )
    analyst = company.member("analyst").api()
    assert analyst.get(address).status_code == 200
    assert analyst.post(address, json={"irn": IRN}).status_code == 403
