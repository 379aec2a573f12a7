"""A number that a document has already is refused by the database's judgement, and nothing is half done."""

from __future__ import annotations

from sqlalchemy import text

from tests.factories.invoices import make_invoice, make_issued_invoice
from tests.factories.receipts import make_receipt
from tests.factories.tenants import Company
from tracktok.core.db import db


def set_back(kind: str) -> None:
    """The series forgets its last number: as if an import had brought the document that has it."""
    db.session.execute(text("UPDATE number_series SET last_value = last_value - 1 WHERE kind = :kind"), {"kind": kind})


def test_an_invoice_whose_number_is_taken_stays_a_draft(company: Company):
    api = company.owner.api()
    with company.owner.acting():
        issued = make_issued_invoice()
        draft = make_invoice()
        set_back("invoice")
    refused = api.post(f"/invoices/{draft.id}/finalize")
    assert (refused.status_code, refused.json["code"]) == (409, "number_taken")
    assert issued.number in refused.json["detail"]
    found = api.get(f"/invoices/{draft.id}").json
    assert (found["status"], found["number"]) == ("draft", None)
    with company.owner.acting():
        assert db.session.execute(text("SELECT last_value FROM number_series WHERE kind = 'invoice'")).scalar() == 0


def test_of_many_the_one_whose_number_is_taken_is_told_and_the_others_are_issued(company: Company):
    with company.owner.acting():
        issued = make_issued_invoice()
        drafts = [make_invoice().id for _ in range(2)]
        set_back("invoice")
    page = company.owner.browser().post(
        "/invoices/bulk", data={"action": "finalize", "ids": [str(one) for one in drafts]}, follow_redirects=True
    )
    assert page.status_code == 200
    statuses = {company.owner.api().get(f"/invoices/{one}").json["status"] for one in drafts}
    assert statuses == {"draft"}, "both would get the number that is taken"
    assert issued.number in page.text


def test_the_page_that_asked_says_that_the_number_is_taken(company: Company):
    with company.owner.acting():
        issued = make_issued_invoice()
        draft = make_invoice().id
        set_back("invoice")
    page = company.owner.browser().post(f"/invoices/{draft}/finalize", data={})
    assert page.status_code == 409
    assert f"There is a document {issued.number} already." in page.text
    with company.owner.acting():
        receipt = make_receipt()
        set_back("receipt")
    form = {"customer_id": str(receipt.customer_id), "amount": "10.00", "method": "cash"}
    page = company.owner.browser().post("/receipts/", data=form)
    assert page.status_code == 409
    assert f"There is a document {receipt.number} already." in page.text


def test_a_receipt_whose_number_is_taken_is_not_recorded(company: Company):
    api = company.owner.api()
    with company.owner.acting():
        receipt = make_receipt()
        set_back("receipt")
    body = {"customer_id": str(receipt.customer_id), "amount": "10.00", "method": "cash"}
    refused = api.post("/receipts/", json=body)
    assert (refused.status_code, refused.json["code"]) == (409, "number_taken")
    assert len(api.get("/receipts/").json["data"]) == 1
