"""The pages of sales documents, as the people who use them see them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.factories.customers import make_service_type, make_tax_rate
from tests.factories.invoices import DAY, FAR_BUYER, ensure_biller, make_buyer, make_invoice, make_issued_invoice
from tests.factories.tenants import Company


def fields(customer: Any, *lines: dict[str, str], **over: str) -> dict[str, str]:
    """What a browser sends of the form."""
    sent = {"customer_id": str(customer.id), "invoice_date": "20/11/2026", "do": "save"}
    for at, line in enumerate(lines):
        given = {"description": "Cab hire", "quantity": "10", "unit": "day", "unit_price": "100", "tax": "p:18", **line}
        sent |= {f"lines-{at}-{name}": value for name, value in given.items()}
    return {**sent, **over}


def text_of(answer: Any) -> str:
    """A page's words without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


@pytest.fixture
def buyer(company: Company) -> Any:
    with company.owner.acting():
        ensure_biller()
        return make_buyer(name="Garden City Travels")


def test_an_empty_list_says_what_to_do(company: Company):
    page = company.owner.browser().get("/invoices")
    assert page.status_code == 200
    assert "No invoices yet" in page.text
    assert "New invoice" in page.text


def test_the_list_shows_documents_and_what_they_come_to(company: Company, buyer: Any):
    with company.owner.acting():
        make_issued_invoice(customer_id=buyer.id)
        make_invoice(customer_id=buyer.id, reference="PO-77")
    browser = company.owner.browser()
    said = text_of(browser.get("/invoices"))
    assert "Garden City Travels" in said
    assert "Invoices 2" in said
    assert "Total ₹2,360.00" in said
    assert "Due ₹1,180.00" in said
    assert "PO-77" in text_of(browser.get("/invoices?status=draft"))
    assert "PO-77" not in text_of(browser.get("/invoices?status=open"))
    assert "No invoice matches" in browser.get("/invoices?q=nothing-is-called-so").text
    assert "This filter is left out" in browser.get("/invoices?status=wrong").text


def test_a_draft_is_made_by_the_form(company: Company, buyer: Any):
    browser = company.owner.browser()
    form = browser.get(f"/invoices/new?customer_id={buyer.id}")
    assert form.status_code == 200
    assert "Garden City Travels" in form.text
    sent = fields(buyer, {}, {"description": "Driver", "quantity": "1", "unit_price": "1,250.50", "discount": "10 %"})
    made = browser.post("/invoices/", data=sent, follow_redirects=True)
    assert made.status_code == 200, made.text
    said = text_of(made)
    assert "Draft invoice" in said
    assert "Rupees" in said
    assert "CGST" in said
    assert "2,507.98" not in said
    # 1,000.00 + 1,125.45 = 2,125.45; CGST and SGST 191.29 each; 2,508.03 rounded to the rupee
    assert "₹2,508.00" in said


def test_a_wrong_line_is_told_at_its_field_and_nothing_is_lost(company: Company, buyer: Any):
    sent = fields(buyer, {}, {"description": "Driver", "quantity": "many"}, reference="PO-9")
    again = company.owner.browser().post("/invoices/", data=sent)
    assert again.status_code == 422
    assert "Line 2, quantity" in again.text
    assert 'id="lines-1-quantity-error"' in again.text
    assert 'value="many"' in again.text
    assert 'value="PO-9"' in again.text


def test_without_a_customer_and_lines_the_form_says_so(company: Company):
    again = company.owner.browser().post("/invoices/", data={"invoice_date": "20/11/2026", "do": "save"})
    assert again.status_code == 422
    assert "Choose a customer." in again.text
    assert "Say what is billed, and its price." in again.text


def test_lines_are_added_copied_moved_and_removed_without_scripts(company: Company, buyer: Any):
    browser = company.owner.browser()

    def order(do: str, *lines: dict[str, str]) -> list[str]:
        page = browser.post("/invoices/", data=fields(buyer, *lines, do=do))
        assert page.status_code == 200
        shown = page.text.split("<template")[0]
        return [
            " ".join(one.split()) for one in re.findall(r"<textarea[^>]*description[^>]*>([^<]*)</textarea>", shown)
        ]

    one, two = {"description": "One"}, {"description": "Two"}
    assert order("add", one, two) == ["One", "Two", ""]
    assert order("copy:0", one, two) == ["One", "One", "Two"]
    assert order("down:0", one, two) == ["Two", "One"]
    assert order("up:1", one, two) == ["Two", "One"]
    assert order("remove:0", one, two) == ["Two"]
    assert order("remove:0", one) == [""]


def test_the_preview_computes_what_can_be_computed(company: Company, buyer: Any):
    browser = company.owner.browser()
    sent = fields(buyer, {}, {"description": "Driver", "unit_price": ""})
    shown = browser.post("/invoices/preview", data=sent)
    assert shown.status_code == 200
    said = text_of(shown)
    assert "₹1,180.00" in said
    assert "Without line 2" in said
    assert "Place of supply: 29 Karnataka, the State of the customer's GSTIN" in said.replace("&#39;", "'")
    assert re.search(r'id="lines-1-problem"[^>]*>Enter a price\.', shown.text)
    assert 'id="lines-0-sum"' in shown.text
    assert "Choose a customer" in browser.post("/invoices/preview", data={"customer_id": ""}).text


def test_a_preview_keeps_nothing(company: Company, buyer: Any):
    browser = company.owner.browser()
    browser.post("/invoices/preview", data=fields(buyer, {}))
    assert "No invoices yet" in browser.get("/invoices").text


def test_a_far_buyer_pays_igst_and_is_told_why(company: Company, buyer: Any):
    with company.owner.acting():
        far = make_buyer(gstin=FAR_BUYER)
    said = text_of(company.owner.browser().post("/invoices/preview", data=fields(far, {})))
    assert "IGST 18 %" in said
    assert "Your own State is Karnataka, so the tax is IGST." in said


def test_a_service_type_fills_a_line(company: Company, buyer: Any):
    with company.owner.acting():
        rate = make_tax_rate()
        service = make_service_type(
            name="Airport transfer", unit="trip", hsn_sac="996601", unit_price="1500.00", tax_rate_id=rate.id
        )
    browser = company.owner.browser()
    filled = browser.get(f"/invoices/fill?service_type_id={service.id}&customer_id={buyer.id}&day=20/11/2026").json
    assert filled == {
        "description": "Airport transfer", "hsn_sac": "996601", "unit": "trip", "unit_price": "1,500",
        "tax": str(rate.id),
    }  # fmt: skip
    found = browser.get("/invoices/find-services?q=airp").json
    assert [one["label"] for one in found] == ["Airport transfer"]
    assert browser.get("/invoices/find-customers?q=garden").json[0]["label"] == "Garden City Travels"


def test_a_draft_is_changed_and_a_stale_form_refused(company: Company, buyer: Any):
    with company.owner.acting():
        draft = make_invoice(customer_id=buyer.id)
        address = f"/invoices/{draft.id}/edit"
    browser = company.owner.browser()
    page = browser.get(address)
    assert page.status_code == 200
    version = re.search(r'name="version" value="(\d+)"', page.text)[1]
    line = re.search(r'name="lines-0-id" value="([^"]+)"', page.text)[1]
    sent = fields(buyer, {"id": line, "unit_price": "200"}, version=version)
    assert "₹2,360.00" in text_of(browser.post(address, data=sent, follow_redirects=True))
    assert browser.post(address, data=sent).status_code == 412


def test_finalize_asks_and_gives_the_number(company: Company, buyer: Any):
    with company.owner.acting():
        draft = make_invoice(customer_id=buyer.id)
    browser = company.owner.browser()
    asked = browser.get(f"/invoices/{draft.id}/finalize")
    assert "INV-26-IND-00001" in asked.text
    assert "₹1,180.00" in asked.text
    dialog = browser.get(f"/invoices/{draft.id}/finalize", headers={"HX-Request": "true", "HX-Target": "modal-body"})
    assert 'id="modal-title"' in dialog.text
    assert "<html" not in dialog.text
    shown = browser.post(f"/invoices/{draft.id}/finalize", data={"reason": ""}, follow_redirects=True)
    said = text_of(shown)
    assert "INV-26-IND-00001" in said
    assert "To pay ₹1,180.00" in said
    assert "finalized it as INV-26-IND-00001" in said
    assert browser.get(f"/invoices/{draft.id}/edit").status_code == 303


def test_save_and_finalize_goes_on_to_the_question(company: Company, buyer: Any):
    page = company.owner.browser().post("/invoices/", data=fields(buyer, {}, do="finalize"), follow_redirects=True)
    assert "Finalize as INV-26-IND-00001" in page.text


def test_void_and_uncollectible_ask_why(company: Company, buyer: Any):
    with company.owner.acting():
        first, second = make_issued_invoice(customer_id=buyer.id), make_issued_invoice(customer_id=buyer.id)
    browser = company.owner.browser()
    assert "Void INV-26-IND-00001?" in browser.get(f"/invoices/{first.id}/ask/void").text
    assert browser.post(f"/invoices/{first.id}/void", data={"reason": " "}).status_code == 422
    said = text_of(browser.post(f"/invoices/{first.id}/void", data={"reason": "Wrong customer"}, follow_redirects=True))
    assert "Void" in said
    assert "Wrong customer" in said
    given_up = browser.post(f"/invoices/{second.id}/uncollectible", data={"reason": "Bankrupt"}, follow_redirects=True)
    assert "Uncollectible" in text_of(given_up)
    back = browser.post(f"/invoices/{second.id}/reopen", follow_redirects=True)
    assert "To pay ₹1,180.00" in text_of(back)


def test_a_copy_opens_in_its_form_and_drafts_are_deleted(company: Company, buyer: Any):
    with company.owner.acting():
        issued = make_issued_invoice(customer_id=buyer.id)
    browser = company.owner.browser()
    copied = browser.post(f"/invoices/{issued.id}/duplicate")
    assert copied.location.endswith("/edit")
    draft = copied.location.removesuffix("/edit")
    assert browser.post(f"{draft}/delete", follow_redirects=True).status_code == 200
    assert browser.get(draft).status_code == 404
    refused = browser.post(f"/invoices/{issued.id}/delete", follow_redirects=True)
    assert "An issued invoice is not changed or deleted" in refused.text


def test_many_at_once(company: Company, buyer: Any):
    with company.owner.acting():
        drafts = [make_invoice(customer_id=buyer.id) for _ in range(3)]
        issued = make_issued_invoice(customer_id=buyer.id)
    browser = company.owner.browser()
    ids = [str(one.id) for one in (*drafts[:2], issued)]
    said = browser.post("/invoices/bulk", data={"ids": ids, "action": "finalize"}, follow_redirects=True).text
    assert "2 invoices finalized" in said
    assert "1 invoice left as it is" in said
    file = browser.post("/invoices/bulk", data={"ids": ids[:1], "action": "csv"})
    assert file.mimetype == "text/csv"
    assert len(file.text.strip().splitlines()) == 2
    gone = browser.post("/invoices/bulk?status=draft", data={"all": "1", "action": "delete"}, follow_redirects=True)
    assert "1 invoice deleted" in gone.text
    assert browser.post("/invoices/bulk", data={"action": "delete"}).status_code == 400


def test_overdue_is_told(company: Company, buyer: Any):
    with company.owner.acting():
        make_issued_invoice(customer_id=buyer.id, invoice_date="2020-01-05", due_date="2020-02-05")
    said = text_of(company.owner.browser().get("/invoices?status=overdue"))
    assert "Overdue" in said
    assert "Garden City Travels" in said


def test_the_palette_and_the_navigation_know_invoices(company: Company, buyer: Any):
    with company.owner.acting():
        make_issued_invoice(customer_id=buyer.id)
    browser = company.owner.browser()
    labels = [entry["label"] for entry in browser.get("/palette?q=garden").json["entries"]]
    assert "INV-26-IND-00001 · Garden City Travels" in labels
    entries = browser.get("/palette").json["entries"]
    assert {"Invoices", "Quotes", "New invoice"} <= {entry["label"] for entry in entries}


def test_the_page_of_a_customer_shows_their_invoices(company: Company, buyer: Any):
    browser = company.owner.browser()
    assert "None yet." in browser.get(f"/customers/{buyer.id}").text
    with company.owner.acting():
        make_issued_invoice(customer_id=buyer.id)
    page = browser.get(f"/customers/{buyer.id}")
    assert "INV-26-IND-00001" in page.text
    assert f"/invoices/new?customer_id={buyer.id}" in page.text


def test_who_may_do_what(company: Company, buyer: Any):
    with company.owner.acting():
        draft = make_invoice(customer_id=buyer.id)
    reader, member = company.member("analyst").browser(), company.member("member").browser()
    page = reader.get(f"/invoices/{draft.id}")
    assert page.status_code == 200
    assert "Finalize" not in text_of(page)
    assert reader.get("/invoices/new").status_code == 403
    assert reader.post(f"/invoices/{draft.id}/finalize").status_code == 403
    assert reader.post("/invoices/bulk", data={"ids": [str(draft.id)], "action": "delete"}).status_code == 403
    assert member.get("/invoices").status_code == 403


def test_another_days_invoice_shows_its_day(company: Company, buyer: Any):
    with company.owner.acting():
        shown = make_issued_invoice(customer_id=buyer.id)
    assert f"{DAY:%d/%m/%Y}" in company.owner.browser().get(f"/invoices/{shown.id}").text
