"""Bank statements that are tables: what their columns are taken for, what is asked, and what is remembered."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest

from tests.factories.expenses import make_account
from tests.invoices.conftest import Billing
from tests.invoices.test_bank_api import lines

HDFC = (
    "HDFC BANK Ltd.\n\nAccount No : 50100\n\n"
    "Date,Narration,Chq./Ref.No.,Value Dt,Withdrawal Amt.,Deposit Amt.,Closing Balance\n"
    '13/11/26,UPI-ACME TRAVELS-INV-26-IND-00001,000042,13/11/26,,"1,180.00","11,180.00"\n'
    '14/11/26,TEA,,14/11/26,12.50,,"11,167.50"\n14/11/26,TEA,,14/11/26,12.50,,"11,155.00"\n'
    '15/11/26,=HYPERLINK("x"),,15/11/26,,5.00,"11,160.00"\n'
    '\nSTATEMENT SUMMARY,,,,,,\nOpening,Dr,Cr,,Debits,Credits,Closing\n'
    '"10,000.00",2,2,,25.00,"1,185.00","11,160.00"\n'
)  # fmt: skip
SIDES = (
    "Tran Date;Particulars;Betrag;Dr/Cr;Saldo\n2026-11-15;Rent;1.500,00;DR;500,00\n"
    "2026-11-14;Acme;2.000,00;CR;2.000,00\n"
)
OPEN = "Date,Description,Amount\n03/04/2026,A,1\n05/06/2026,B,-2\n"


@pytest.fixture
def account(billing: Billing) -> str:
    with billing.company.owner.acting():
        return str(make_account(name="HDFC current").id)


def send(billing: Billing, account: str, text: str, status: int = 201, path: str = "", **form: str) -> dict[str, Any]:
    body = {"file": (io.BytesIO(text.encode()), "statement.csv"), "account_id": account, **form}
    return billing.call("POST", f"/bank-statements/{path}", status, data=body)  # type: ignore[no-any-return]


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_a_table_is_read_as_its_headers_say_and_tells_how(billing: Billing, account: str):
    shown = send(billing, account, HDFC, 200, path="preview")
    assert shown["mapping"] == {
        "booked_on": "Date", "description": "Narration", "reference": "Chq./Ref.No.", "debit": "Withdrawal Amt.",
        "credit": "Deposit Amt.", "balance": "Closing Balance",
    }  # fmt: skip
    assert (shown["date_order"], shown["decimal"], shown["header_row"]) == ("DMY", ".", 5)
    assert (shown["lines"], shown["questions"], shown["problems"]) == (4, [], [])
    assert any("Day first" in one for one in shown["notes"])
    assert any("below the last date" in one for one in shown["notes"])
    assert lines(billing) == []
    done = send(billing, account, HDFC)
    assert (done["added"], done["notes"], done["table"]["mapped_by"]) == (4, [], "headers")
    [statement] = done["statements"]
    assert (statement["format"], statement["opening_balance"], statement["closing_balance"]) == (
        "csv", "10000.00", "11160.00",
    )  # fmt: skip
    kept = [(one["booked_on"], one["amount"], one["description"]) for one in lines(billing, sort="date")]
    assert kept == [
        ("2026-11-13", "1180.00", "UPI-ACME TRAVELS-INV-26-IND-00001"),
        ("2026-11-14", "-12.50", "TEA"),
        ("2026-11-14", "-12.50", "TEA"),
        ("2026-11-15", "5.00", '=HYPERLINK("x")'),
    ]
    again = send(billing, account, HDFC, 200)
    assert (again["added"], again["repeated"], again["table"]["mapped_by"]) == (0, 4, "remembered")
    missing = HDFC.replace('14/11/26,TEA,,14/11/26,12.50,,"11,155.00"\n', "").replace("TEA", "COFFEE")
    assert "12.50 INR are not explained" in send(billing, account, missing)["notes"][0].replace("-", "")


def test_one_column_of_amounts_may_have_another_that_says_in_or_out_and_go_backwards(billing: Billing, account: str):
    done = send(billing, account, SIDES)
    assert done["table"]["mapping"]["direction"] == "Dr/Cr"
    assert done["table"]["decimal"] == ","
    assert (done["statements"][0]["opening_balance"], done["statements"][0]["closing_balance"]) == ("0.00", "500.00")
    assert [one["amount"] for one in lines(billing)] == ["-1500.00", "2000.00"]
    signed = "Date,Description,Amount\n2026-11-20,A,500.00 Cr\n2026-11-21,B,20.00 Dr\n2026-11-22,C,(7.00)\n"
    send(billing, account, signed)
    assert [one["amount"] for one in lines(billing, date_from="2026-11-20", sort="date")] == [
        "500.00",
        "-20.00",
        "-7.00",
    ]
    minus = "Date,Debit,Credit\n2026-10-20,-5.00,\n2026-10-21,,6.00\n"
    send(billing, account, minus)
    assert [one["amount"] for one in lines(billing, date_to="2026-10-30", sort="date")] == ["-5.00", "6.00"]


def test_what_the_file_does_not_say_is_asked_and_remembered_for_the_account(billing: Billing, account: str):
    [error] = send(billing, account, OPEN, 422)["errors"]
    assert (error["pointer"], error["code"]) == ("/date_order", "to_be_said")
    shown = send(billing, account, OPEN, 200, path="preview")
    assert [one["option"] for one in shown["questions"]] == ["date_form"]
    assert shown["questions"][0]["choices"][0]["example"] == "03/04/2026 is 3 April 2026"
    send(billing, account, OPEN, date_order="MDY")
    assert [one["booked_on"] for one in lines(billing, sort="date")] == ["2026-03-04", "2026-05-06"]
    again = send(billing, account, OPEN.replace("A,1", "A,3"))
    assert (again["added"], again["repeated"]) == (1, 1)
    assert any("as last time" in one for one in again["table"]["notes"])
    clear = send(billing, account, OPEN.replace("05/06", "25/06"))
    assert clear["table"]["date_order"] == "DMY"  # evidence goes before memory
    with billing.company.owner.acting():
        other = str(make_account(name="Other").id)
    assert send(billing, other, OPEN, 422)["errors"][0]["pointer"] == "/date_order"
    thousands = "Date,Description,Amount\n2026-11-01,A,1.234\n"
    assert send(billing, account, thousands, 422)["errors"][0]["pointer"] == "/decimal"
    assert send(billing, account, thousands, decimal=",")["added"] == 1
    assert lines(billing, date_from="2026-11-01")[0]["amount"] == "1234.00"
    unknown = "Wann,Was,Wieviel\n2026-11-02,A,1.50\n"
    assert {one["pointer"] for one in send(billing, account, unknown, 422)["errors"]} == {
        "/mapping/booked_on", "/mapping/amount",
    }  # fmt: skip
    mapping = json.dumps({"booked_on": "Wann", "description": "Was", "amount": "Wieviel"})
    assert send(billing, account, unknown, mapping=mapping)["table"]["mapped_by"] == "given"
    assert send(billing, account, unknown.replace("A,1", "B,1"))["added"] == 1
    wrong = json.dumps({"booked_on": "Nope"})
    assert send(billing, account, unknown, 422, mapping=wrong)["errors"][0]["pointer"] == "/mapping/booked_on"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("2026-11-03,B,1.00,2.00", "in one row"),
        ("2026-11-03,B,=1+1,", "is not an amount"),
        ("2026-11-03,B,$5.00,", "is not in INR"),
        ("sometime,B,5.00,", "is not a date"),
        ("2026-11-31,B,5.00,", "not a day of the calendar"),
        ("2026-11-03,B,0.00001,", "more than four decimal places"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_keeps_the_file_out(billing: Billing, account: str, row: str, why: str):
    table = f"Date,Description,Debit,Credit\n2026-11-01,A,5.00,\n{row}\n2026-11-05,C,,6.00\n"
    [error] = send(billing, account, table, 422)["errors"]
    assert error["pointer"] == "/rows/3"
    assert why in error["detail"]
    assert send(billing, account, table, 200, path="preview")["problems"][0]["row"] == 3
    assert lines(billing) == []


def test_the_page_shows_the_columns_first_and_takes_what_was_changed(billing: Billing, account: str):
    browser = billing.company.owner.browser()

    def upload(text: str) -> Any:
        return browser.post("/bank/", data={"account_id": account, "file": (io.BytesIO(text.encode()), "a.csv")})

    answer = upload(OPEN)
    assert answer.status_code == 303
    address = answer.headers["Location"]
    page = browser.get(address)
    assert "03/04/2026 is 3 April 2026" in text_of(page)
    assert "Guessed from headers" in page.text
    base = {"account_id": account, "has_columns": "1", "column-booked_on": "Date", "column-amount": "Amount"}
    path = address.partition("?")[0]
    refused = browser.post(path, data=base)
    assert refused.status_code == 422
    assert "nothing in the column says which" in text_of(refused)
    chosen = {**base, "date_order": "DMY", "column-description": "Description"}
    seen = browser.get(path, query_string=chosen, headers={"HX-Request": "true", "HX-Target": "bank-table"})
    assert "Take 2 lines" in text_of(seen)
    assert "<html" not in seen.text
    assert browser.post(path, data=chosen).status_code == 303
    assert [one["booked_on"] for one in lines(billing, sort="date")] == ["2026-04-03", "2026-06-05"]
    again = browser.get(upload(OPEN).headers["Location"])
    assert "As last time for this account" in again.text
    assert "no row below" in browser.get(path, query_string={**chosen, "header_row": "3"}).text
    assert billing.company.member("admin").browser().get(address).status_code == 200
    assert billing.company.member("analyst").browser().get(address).status_code == 403
    assert upload("hello").status_code == 422
