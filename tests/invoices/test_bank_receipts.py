"""Lines of a bank that were recorded by hand before."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from tests.factories.bank import take
from tests.factories.expenses import make_account
from tests.factories.tenants import Company
from tests.invoices.books import check_receivables
from tests.invoices.conftest import Billing
from tests.races.test_expenses import at_once
from tracktok.invoices.rules.matching import BankMoney
from tracktok.invoices.rules.matching_receipts import KnownReceipt, suggest_receipts


def known(**over: Any) -> KnownReceipt:
    values: dict[str, Any] = {
        "id": uuid4(), "number": "RCT-26-IND-00001", "customer_id": uuid4(), "customer_name": "Garden City Travels",
        "receipt_date": date(2026, 11, 20), "amount": Decimal(500), "currency": "INR", "base_amount": Decimal(500),
    }  # fmt: skip
    return KnownReceipt(**{**values, **over})


def money(amount: str = "500", **over: Any) -> BankMoney:
    values = {"currency": "INR", "booked_on": date(2026, 11, 21), "counterparty": "", "said": "", **over}
    return BankMoney(Decimal(amount), **values)


@pytest.mark.parametrize(
    ("line", "receipt", "score"),
    [
        (money(), known(), 55),
        (money(booked_on=date(2026, 11, 20)), known(), 60),
        (money(said="UTR AX12345"), known(reference="AX12345"), 90),
        (money(said="UTR AX12345", counterparty="GARDEN CITY TRAVELS PVT LTD"), known(reference="AX12345"), 100),
        (money(booked_on=date(2026, 12, 30)), known(), None),
        (money("501"), known(), None),
        (money("-500"), known(), None),
        (money("97500"), known(amount=Decimal(1000), currency="USD", base_amount=Decimal(97500)), 55),
        (money(currency="EUR"), known(), None),
    ],
)
def test_a_receipt_is_like_a_line_by_amount_day_reference_and_name(line, receipt, score):
    found = suggest_receipts(line, [receipt], "INR")
    assert [one.score for one in found] == ([] if score is None else [score])


def test_of_receipts_alike_the_one_that_is_named_is_first_and_those_of_other_accounts_are_none():
    one, other, far = known(reference="AX12345"), known(number="RCT-2"), known(account_id=uuid4())
    found = suggest_receipts(money(said="ax-12345"), [other, one, far], "INR", uuid4())
    assert [each.receipt for each in found] == [one, other]
    assert "2 receipts have this amount" in found[1].why


def recorded(billing: Billing, amount: str = "1180.00", **over: Any) -> dict[str, Any]:
    body = {"customer_id": billing.customer, "receipt_date": "2026-11-20", "amount": amount, "method": "bank_transfer"}
    return billing.call("POST", "/receipts/", 201, json={**body, **over})  # type: ignore[no-any-return]


def test_a_line_is_a_receipt_of_before_and_no_second_one_is_made(billing: Billing, other_company: Company):
    invoice = billing.issued()
    paying = [{"document_id": invoice["id"], "amount": "1180.00"}]
    receipt = recorded(billing, reference="AX12345", allocations=paying)
    with billing.company.owner.acting():
        line, out, other = map(
            str,
            take(
                ("20261121", "1180.00", "SOMEBODY", "UTR AX12345", "1"),
                ("20261121", "-1180.00", "B", "", "2"),
                ("20261121", "1180.00", "C", "", "3"),
            ),
        )
        stranger = str(make_account(name="Other").id)
    found = billing.call("GET", f"/bank-lines/{line}/suggestions")["receipts"]
    assert [(one["number"], one["amount"]) for one in found] == [(receipt["number"], "1180.00")]
    assert found[0]["why"][:2] == ["the amount is the same", "AX12345 is named"]
    page = billing.company.owner.browser().get("/bank/").text
    assert f"It is {receipt['number']}" in page
    body = {"receipt_id": receipt["id"]}
    done = billing.call("POST", f"/bank-lines/{line}/match", json=body)
    assert (done["status"], done["receipt_number"], done["is_linked"]) == ("matched", receipt["number"], True)
    assert len(billing.call("GET", "/receipts/")["data"]) == 1
    assert billing.call("GET", f"/bank-lines/{other}/suggestions")["receipts"] == []
    assert billing.call("POST", f"/bank-lines/{other}/match", 409, json=body)["code"] == "receipt_linked"
    assert billing.call("POST", f"/bank-lines/{out}/match", 409, json=body)["code"] == "money_out"
    browser = billing.company.owner.browser()
    assert "Bank line" in browser.get(f"/receipts/{receipt['id']}").text
    assert "The receipt stays" in browser.get(f"/bank/lines/{line}").text
    back = billing.call("POST", f"/bank-lines/{line}/unmatch")
    assert (back["status"], back["is_linked"]) == ("open", False)
    assert billing.call("GET", f"/receipts/{receipt['id']}")["status"] == "received"
    assert billing.call("GET", f"/invoices/{invoice['id']}")["status"] == "paid"

    def refused(receipt_id: str, line_id: str = line) -> str:
        answer = billing.call("POST", f"/bank-lines/{line_id}/match", 422, json={"receipt_id": receipt_id})
        return str(answer["errors"][0]["code"])

    assert refused(recorded(billing, "1179.00")["id"]) == "other_amount"
    assert refused(recorded(billing, account_id=stranger)["id"]) == "other_account"
    assert refused(str(uuid4())) == "not_found"
    both = {**body, "customer_id": billing.customer}
    assert billing.call("POST", f"/bank-lines/{line}/match", 422, json=both)["errors"]
    gone = recorded(billing)
    billing.call("POST", f"/receipts/{gone['id']}/void", json={})
    assert refused(gone["id"]) == "void"
    # Void: its line is open again, and nothing is said of a receipt of before.
    later = recorded(billing)
    billing.call("POST", f"/bank-lines/{line}/match", json={"receipt_id": later["id"]})
    billing.call("POST", f"/receipts/{later['id']}/void", json={})
    assert billing.call("GET", f"/bank-lines/{line}")["is_linked"] is False
    with billing.company.owner.acting():
        check_receivables()


def test_the_page_of_a_line_offers_the_receipt_with_one_button(billing: Billing):
    receipt = recorded(billing)
    with billing.company.owner.acting():
        [line] = take(("20261121", "1180.00", "SOMEBODY", "", "1"))
    browser = billing.company.owner.browser()
    page = browser.get(f"/bank/lines/{line}").text
    assert "Recorded already" in page
    assert browser.post(f"/bank/lines/{line}/match", data={"receipt_id": receipt["id"]}).status_code == 303
    assert re.search(rf"Matched: {receipt['number']}", browser.get("/bank/").text)
    assert "Recorded already" not in browser.get(f"/bank/lines/{line}").text


@pytest.mark.races
def test_of_lines_that_are_matched_with_one_receipt_at_once_one_is(billing: Billing, app_context):
    receipt = recorded(billing)
    with billing.company.owner.acting():
        found = take(*(("20261121", "1180.00", "A", "", str(number)) for number in range(4)))
    api, body = billing.company.owner.api(), {"receipt_id": receipt["id"]}
    calls = [lambda line=line: api.post(f"/bank-lines/{line}/match", json=body) for line in found]
    answers = at_once(app_context, *calls)
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409]
    assert {one.json["code"] for one in answers if one.status_code == 409} == {"receipt_linked"}
