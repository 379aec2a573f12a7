"""The pages of bank statements."""

from __future__ import annotations

import io
import re
from typing import Any

from tests.factories.bank import ofx, take
from tests.factories.expenses import make_account
from tests.factories.invoices import make_buyer
from tests.invoices.conftest import Billing


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.text[:500]
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_a_file_is_read_matched_with_one_button_and_taken_back(billing: Billing):
    browser = billing.company.owner.browser()
    assert "No statement yet" in text_of(browser.get("/bank/"))
    invoice = billing.issued()
    with billing.company.owner.acting():
        account = str(make_account(name="HDFC current").id)
    data = ofx(
        ("20261123", "1180.00", "SOMEBODY", f"for {invoice['number']}", "1"),
        ("20261123", "-9.00", "Charges", "", "2"),
        ("20261123", "3.33", "Interest", "", "3"),
    )

    def upload() -> Any:
        return browser.post("/bank/", data={"account_id": account, "file": (io.BytesIO(data), "a.ofx")})

    assert upload().status_code == 303
    page = text_of(browser.get("/bank/"))
    assert f"Match {invoice['number']}" in page
    assert "is named" in page
    assert "Very likely" in page
    assert "Nothing that is open fits." in page
    assert "Charges" not in page
    assert "Charges" in text_of(browser.get("/bank/?show=out"))
    assert upload().status_code == 303
    assert "were there already" in text_of(browser.get("/bank/statements"))
    assert "No line fits" in text_of(browser.get("/bank/?q=nobody&date_from=never"))
    [line] = [one for one in billing.call("GET", "/bank-lines/")["data"] if one["counterparty"] == "SOMEBODY"]
    address = f"/bank/lines/{line['id']}"
    assert "Very likely" in text_of(browser.get(address))
    assert browser.post(f"{address}/match", data={"documents": invoice["id"]}).status_code == 303
    assert billing.call("GET", f"/invoices/{invoice['id']}")["status"] == "paid"
    assert "Matched: RCT-" in text_of(browser.get("/bank/?show=matched"))
    assert "Take back" in text_of(browser.get(address))
    assert browser.post(f"{address}/match", data={"documents": invoice["id"]}).status_code == 303
    assert "Somebody has matched this line already." in text_of(browser.get("/bank/"))
    assert browser.post(f"{address}/unmatch").status_code == 303
    assert billing.call("GET", f"/invoices/{invoice['id']}")["status"] == "issued"


def test_what_a_line_pays_is_chosen_by_hand(billing: Billing):
    browser = billing.company.owner.browser()
    first, second = billing.issued(), billing.issued()
    with billing.company.owner.acting():
        [line_id] = take(("20261123", "2000.00", "Someone", "", "1"))
        other = str(make_buyer(name="Nothing Owed").id)
    address = f"/bank/lines/{line_id}"
    page = text_of(browser.get(f"{address}?customer_id={billing.customer}"))
    assert first["number"] in page
    assert second["number"] in page
    assert "Nothing is open for Nothing Owed" in text_of(browser.get(f"{address}?customer_id={other}"))
    assert browser.post(f"{address}/match", data={}).status_code == 303
    assert "Choose a customer first." in text_of(browser.get(address))
    form = {"customer_id": billing.customer, "documents": [first["id"], second["id"]]}
    assert browser.post(f"{address}/match", data=form).status_code == 303
    assert billing.call("GET", f"/invoices/{first['id']}")["status"] == "paid"
    assert billing.call("GET", f"/invoices/{second['id']}")["amount_paid"] == "820.00"


def test_a_file_that_cannot_be_read_says_so_at_its_field(billing: Billing):
    browser = billing.company.owner.browser()
    with billing.company.owner.acting():
        account = str(make_account().id)
    qif = b"!Type:Bank\nD03/04/2026\nT5\nPA\n^\n"
    for data, why in ((b"hello", "no bank statement"), (qif, "can be read in more than one way")):
        answer = browser.post("/bank/", data={"account_id": account, "file": (io.BytesIO(data), "a.qif")})
        assert answer.status_code == 422
        assert why in answer.text
    assert "Day first" in answer.text
    form = {"account_id": account, "date_order": "MDY", "file": (io.BytesIO(qif), "a.qif")}
    assert browser.post("/bank/", data=form).status_code == 303
    assert "Choose a file first." in browser.post("/bank/", data={}).text


def test_ignored_lines_stand_apart_and_only_who_may_sees_buttons(billing: Billing):
    browser = billing.company.owner.browser()
    with billing.company.owner.acting():
        [line_id] = take(("20261123", "2000.00", "Someone", "", "1"))
    reader = billing.company.member("analyst").browser()
    page = text_of(reader.get("/bank/"))
    assert "Someone" in page
    assert "Ignore " not in page.replace("Ignored", "")
    assert reader.post(f"/bank/lines/{line_id}/ignore").status_code == 403
    assert browser.post(f"/bank/lines/{line_id}/ignore").status_code == 303
    assert "All is matched" in text_of(browser.get("/bank/"))
    assert "Someone" in text_of(browser.get("/bank/?show=ignored"))
