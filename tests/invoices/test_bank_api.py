"""Statements that are taken in, and lines that become receipts, by the API."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine

from tests.factories.bank import ofx, take
from tests.factories.expenses import make_account
from tests.factories.invoices import make_buyer
from tests.factories.tenants import Company
from tests.invoices.books import check_receivables
from tests.invoices.conftest import Billing
from tests.races.test_expenses import at_once
from tracktok.core import clock
from tracktok.invoices.schemas.bank import BankMatchIn
from tracktok.invoices.schemas.receipts import AllocateIn
from tracktok.invoices.services import allocate_receipt
from tracktok.invoices.services.bank.matching import match_line, unmatch_line
from tracktok.invoices.services.receiving import ReceiptInUse


@pytest.fixture
def account(billing: Billing) -> str:
    with billing.company.owner.acting():
        return str(make_account(name="HDFC current").id)


def send(billing: Billing, account: str, data: bytes, status: int = 201, **form: str) -> dict[str, Any]:
    body = {"file": (io.BytesIO(data), "statement.txt"), "account_id": account, **form}
    return billing.call("POST", "/bank-statements/", status, data=body)  # type: ignore[no-any-return]


def lines(billing: Billing, **filters: str) -> list[dict[str, Any]]:
    return billing.call("GET", "/bank-lines/", query_string=filters)["data"]  # type: ignore[no-any-return]


def test_a_second_import_adds_nothing_and_an_overlapping_one_what_is_new(billing: Billing, account: str):
    tea = ("20261121", "-12.50", "Tea", "", "")
    first = send(billing, account, ofx(("20261121", "1180.00", "Acme", "INV", "A1"), tea, tea, closing="1155.00"))
    assert (first["added"], first["repeated"], first["notes"]) == (3, 0, [])
    [statement] = first["statements"]
    assert (statement["closing_balance"], statement["currency"], statement["format"]) == ("1155.00", "INR", "ofx")
    assert (statement["period_start"], statement["period_end"]) == ("2026-11-20", "2026-11-23")
    again = send(billing, account, ofx(("20261121", "1180.00", "Acme", "INV", "A1"), tea, tea), 200)
    assert (again["added"], again["repeated"], again["statements"]) == (0, 3, [])
    more = send(billing, account, ofx(tea, tea, tea, ("20261122", "5.00", "Bo", "", "A2")))
    assert (more["added"], more["repeated"]) == (2, 2)
    assert len(lines(billing, account_id=account)) == 5
    assert len(billing.call("GET", "/bank-statements/")["data"]) == 2
    assert [one["counterparty"] for one in lines(billing, direction="in")] == ["Bo", "Acme"]
    assert [one["counterparty"] for one in lines(billing, q="acm")] == ["Acme"]
    assert lines(billing, date_from="2026-11-23") == []
    shown = billing.call("GET", f"/bank-statements/{statement['id']}")
    assert shown == statement
    other = billing.api.get(f"/bank-lines/?limit=2&account_id={account}").json
    assert other["has_more"]
    rest = billing.api.get(f"/bank-lines/?limit=3&account_id={account}&cursor={other['next_cursor']}").json
    assert len(rest["data"]) == 3
    assert not rest["has_more"]


def test_what_cannot_be_taken_in_says_where_and_why(billing: Billing, account: str, other_company: Company):
    with billing.company.owner.acting():
        dollars = str(make_account(currency="USD").id)
    with other_company.owner.acting():
        theirs = str(make_account().id)
    good = ofx(("20261121", "1.00", "A", "", "1"))

    def refused(data: bytes, account_id: str, **form: str) -> tuple[str, str]:
        [error] = send(billing, account_id, data, 422, **form)["errors"]
        return error["pointer"], error["code"]

    assert refused(good, theirs) == ("/account_id", "not_found")
    assert refused(good, dollars) == ("/account_id", "other_currency")
    assert refused(b"", account) == ("/file", "empty")
    assert refused(b"%PDF-1.7 no", account) == ("/file", "unreadable")
    assert refused(ofx(), account) == ("/file", "empty")
    qif = b"!Type:Bank\nD03/04/2026\nT1.00\nPA\n^\n"
    assert refused(qif, account) == ("/date_order", "date_order")
    done = send(billing, account, qif, date_order="DMY")
    assert done["added"] == 1
    assert lines(billing)[0]["booked_on"] == "2026-04-03"
    two = b":20:A\n:25:1\n:28C:1\n:60F:C261120INR0,00\n:61:261121C1,00NTRFNONREF\n:62F:C261121INR1,00\n-\n"
    both = two + two.replace(b":25:1", b":25:2")
    assert refused(both, account) == ("/bank_account", "several_accounts")
    assert send(billing, account, both, bank_account="2")["statements"][0]["bank_account"] == "2"
    assert billing.company.member("member").api().get("/bank-lines/").status_code == 403
    viewer = billing.company.member("analyst").api()
    assert viewer.get("/bank-lines/").status_code == 200
    assert viewer.post(f"/bank-lines/{lines(billing)[0]['id']}/ignore").status_code == 403


def test_a_suggestion_is_accepted_and_taken_back(billing: Billing):
    invoice = billing.issued()
    with billing.company.owner.acting():
        [line_id] = map(str, take(("20261124", "1180.00", "SOMEBODY", f"PAY {invoice['number']}", "A1")))
    [best] = billing.call("GET", f"/bank-lines/{line_id}/suggestions")["data"]
    assert best["score"] >= 90
    assert best["why"][:2] == [f"{invoice['number']} is named", "the amount is what is due"]
    ids = [{"id": one["id"]} for one in best["documents"]]
    done = billing.call("POST", f"/bank-lines/{line_id}/match", json={"documents": ids})
    assert done["status"] == "matched"
    receipt = billing.call("GET", f"/receipts/{done['receipt_id']}")
    assert (receipt["number"], receipt["date"], receipt["amount"]) == (
        done["receipt_number"], "2026-11-24", "1180.00",
    )  # fmt: skip
    assert (receipt["reference"], receipt["account_id"]) == ("A1", done["account_id"])
    assert billing.call("GET", f"/invoices/{invoice['id']}")["status"] == "paid"
    assert billing.call("POST", f"/bank-lines/{line_id}/match", 409, json={"documents": ids})["code"] == "line_matched"
    assert billing.call("POST", f"/bank-lines/{line_id}/ignore", 409)["code"] == "line_matched"
    assert billing.call("GET", f"/bank-lines/{line_id}/suggestions")["data"] == []
    back = billing.call("POST", f"/bank-lines/{line_id}/unmatch")
    assert (back["status"], back["receipt_id"]) == ("open", None)
    assert billing.call("GET", f"/invoices/{invoice['id']}")["amount_due"] == "1180.00"
    assert billing.call("GET", f"/receipts/{receipt['id']}")["status"] == "void"
    assert billing.call("POST", f"/bank-lines/{line_id}/unmatch", 409)["code"] == "line_not_matched"
    with billing.company.owner.acting():
        check_receivables()


def test_a_line_is_the_money_of_a_customer_and_is_not_taken_back_once_something_hangs_on_it(billing: Billing):
    invoice, later = billing.issued(), billing.issued()
    with billing.company.owner.acting():
        paid, out, credit = map(
            str,
            take(
                ("20261124", "2000.00", "A", "", "1"),
                ("20261124", "-5.00", "B", "", "2"),
                ("20261124", "70.00", "C", "", "3"),
            ),
        )
        stranger = str(make_buyer().id)
    part = {"documents": [{"id": invoice["id"], "amount": "180.00"}]}
    assert billing.call("POST", f"/bank-lines/{out}/match", 409, json=part)["code"] == "money_out"
    wrong = billing.call("POST", f"/bank-lines/{paid}/match", 422, json={**part, "customer_id": stranger})
    assert wrong["errors"][0]["pointer"] == "/customer_id"
    much = {"documents": [{"id": invoice["id"], "amount": "1500.00"}]}
    [error] = billing.call("POST", f"/bank-lines/{paid}/match", 409, json=much)["errors"]
    assert error["pointer"] == "/documents/0/amount"
    assert billing.call("POST", f"/bank-lines/{paid}/match", 422, json={})["errors"]
    done = billing.call("POST", f"/bank-lines/{paid}/match", json=part)
    receipt = billing.call("GET", f"/receipts/{done['receipt_id']}")
    assert (receipt["allocated_amount"], receipt["unallocated_amount"]) == ("180.00", "1820.00")
    more = {"allocations": [{"document_id": later["id"], "amount": "10.00"}]}
    billing.call("POST", f"/receipts/{receipt['id']}/allocate", json=more)
    assert billing.call("POST", f"/bank-lines/{paid}/unmatch", 409)["code"] == "receipt_in_use"
    kept = billing.call("POST", f"/bank-lines/{credit}/match", json={"customer_id": billing.customer})
    billing.call("POST", f"/receipts/{kept['receipt_id']}/void", json={})
    assert billing.call("GET", f"/bank-lines/{credit}")["status"] == "open"
    assert billing.call("POST", f"/bank-lines/{credit}/ignore")["status"] == "ignored"
    assert billing.call("POST", f"/bank-lines/{credit}/match", 409, json=part)["code"] == "line_ignored"
    assert billing.call("POST", f"/bank-lines/{credit}/unmatch")["status"] == "open"
    kept = billing.call("POST", f"/bank-lines/{credit}/match", json={"customer_id": billing.customer})
    billing.call("POST", f"/receipts/{kept['receipt_id']}/refund", 201, json={"amount": "1.00"})
    assert billing.call("POST", f"/bank-lines/{credit}/unmatch", 409)["code"] == "receipt_in_use"
    with billing.company.owner.acting():
        check_receivables()


@pytest.mark.parametrize("minutes", [-10, 10])
def test_what_hangs_on_a_receipt_is_known_whatever_the_clock_of_this_machine_says(billing: Billing, minutes: int):
    first, second = billing.issued(), billing.issued()

    def match(line: UUID) -> UUID:
        body = {"documents": [{"id": first["id"], "amount": "100.00"}]}
        return match_line(line, BankMatchIn.model_validate(body))[1].receipt.id

    with time_machine.travel(clock.now() + timedelta(minutes=minutes)):
        with billing.company.owner.acting():
            [line] = take(("20261124", "200.00", "A", "", "1"))
        with billing.company.owner.acting():
            match(line)
        with billing.company.owner.acting():
            assert unmatch_line(line).status == "open"
        with billing.company.owner.acting():
            receipt = match(line)
        with billing.company.owner.acting():
            part = {"document_id": second["id"], "amount": "10.00"}
            allocate_receipt(receipt, AllocateIn.model_validate({"allocations": [part]}))
        with pytest.raises(ReceiptInUse), billing.company.owner.acting():
            unmatch_line(line)


@pytest.mark.races
def test_of_many_who_match_one_line_one_does(billing: Billing, app_context):
    invoice = billing.issued()
    with billing.company.owner.acting():
        [line_id] = take(("20261124", "500.00", "A", "", "1"))
    body = {"documents": [{"id": invoice["id"]}]}
    api = billing.company.owner.api()
    calls = [lambda: api.post(f"/bank-lines/{line_id}/match", json=body)] * 4
    answers = at_once(app_context, *calls)
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409]
    assert billing.call("GET", f"/invoices/{invoice['id']}")["amount_paid"] == "500.00"
    calls = [lambda: api.post(f"/bank-lines/{line_id}/unmatch")] * 3
    assert sorted(one.status_code for one in at_once(app_context, *calls)) == [200, 409, 409]
    assert billing.call("GET", f"/invoices/{invoice['id']}")["amount_paid"] == "0.00"


@pytest.mark.races
def test_of_many_who_take_in_one_file_its_lines_are_there_once(billing: Billing, account: str, app_context):
    data = ofx(*(("20261121", f"{number}.00", "A", "", str(number)) for number in range(1, 30)))
    api = billing.company.owner.api()

    def call() -> Any:
        return api.post("/bank-statements/", data={"file": (io.BytesIO(data), "a.ofx"), "account_id": account})

    answers = at_once(app_context, call, call, call)
    assert sum(one.json["added"] for one in answers) == 29
    assert len(lines(billing, limit="100")) == 29
