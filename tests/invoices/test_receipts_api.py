"""Receipts by the API: recorded, allocated, given back, void; what customers owe; to the last minor unit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.factories.expenses import make_account, make_rates
from tests.factories.invoices import make_buyer, make_issued_invoice
from tests.factories.receipts import make_receipt
from tests.factories.tenants import Company
from tests.invoices.books import check_receivables
from tests.invoices.conftest import Billing
from tracktok.core.db import db
from tracktok.core.tenancy import current_tenant_id
from tracktok.ledger.queries import prove_books

D = Decimal
RECEIPT = {"receipt_date": "2026-11-21", "amount": "1180.00"}


def receive(billing: Billing, status: int = 201, **over: Any) -> dict[str, Any]:
    """A receipt of the customer, 1,180.00 unless `over` says otherwise."""
    body = {**RECEIPT, "customer_id": billing.customer, **over}
    return billing.call("POST", "/receipts/", status, json=body)  # type: ignore[no-any-return]


def balances(billing: Billing) -> dict[str, Decimal]:
    """What stands on the accounts that receipts move, by role, in the company's currency."""
    roles = ("receivables", "customer_advances", "undeposited_funds", "exchange_difference", "rounding", "bad_debts")
    statement = text(
        "SELECT b.role, sum(l.base_amount) AS amount FROM ledger_lines l"
        " JOIN book_accounts b ON b.tenant_id = l.tenant_id AND b.id = l.book_account_id"
        " WHERE l.tenant_id = :tenant AND b.role = ANY(:roles) GROUP BY 1 HAVING sum(l.base_amount) <> 0"
    )
    with billing.company.owner.acting():
        check_receivables()
        rows = db.session.execute(statement, {"tenant": current_tenant_id(), "roles": list(roles)})
        return {row.role: row.amount for row in rows}


def test_a_receipt_is_numbered_and_stays_a_credit_until_it_pays(billing: Billing):
    made = receive(billing, method="upi", reference="UTR 77", notes="By phone")
    assert made["number"] == "RCT-26-IND-00001"
    assert (made["status"], made["display_status"]) == ("received", "unallocated")
    assert (made["amount"], made["unallocated_amount"], made["base_amount"]) == ("1180.00", "1180.00", "1180.00")
    assert (made["method"], made["reference"], made["account_id"], made["allocations"]) == ("upi", "UTR 77", None, [])
    assert balances(billing) == {"undeposited_funds": D(1180), "customer_advances": D(-1180)}
    invoice = billing.issued()
    paid = billing.call(
        "POST",
        f"/receipts/{made['id']}/allocate",
        json={"allocations": [{"invoice_id": invoice["id"], "amount": "1000"}]},
    )
    assert (paid["display_status"], paid["allocated_amount"], paid["unallocated_amount"]) == (
        "part_allocated", "1000.00", "180.00",
    )  # fmt: skip
    [part] = paid["allocations"]
    assert (part["document_number"], part["amount"], part["exchange_difference"]) == (
        invoice["number"], "1000.00", "0.00",
    )  # fmt: skip
    shown = billing.call("GET", f"/invoices/{invoice['id']}")
    assert (shown["status"], shown["amount_paid"], shown["amount_due"]) == ("part_paid", "1000.00", "180.00")
    payments = billing.call("GET", f"/invoices/{invoice['id']}/payments")
    assert [(one["receipt_number"], one["kind"]) for one in payments["data"]] == [(made["number"], "receipt")]
    rest = billing.call("POST", f"/receipts/{made['id']}/allocate", json={"allocate": "oldest"})
    assert (rest["display_status"], len(rest["allocations"])) == ("allocated", 2)
    assert billing.call("GET", f"/invoices/{invoice['id']}")["status"] == "paid"
    assert balances(billing) == {"undeposited_funds": D(1180)}
    assert billing.call("GET", f"/receipts/{made['id']}") == {key: rest[key] for key in rest if key != "warnings"}


def test_the_oldest_is_paid_first_and_the_rest_stays(billing: Billing):
    late = billing.issued(invoice_date="2026-11-22")
    early = billing.issued(invoice_date="2026-09-01")
    other = billing.issued(invoice_date="2026-11-23", line={"unit_price": "10.00"})
    made = receive(billing, amount="2000", allocate="oldest")
    assert [(one["document_id"], one["amount"]) for one in made["allocations"]] == [
        (early["id"], "1180.00"), (late["id"], "820.00"),
    ]  # fmt: skip
    # An allocation is of the day on which both were there.
    assert [one["allocated_on"] for one in made["allocations"]] == ["2026-11-21", "2026-11-22"]
    rich = receive(billing, amount="1000", allocate="oldest")
    assert (rich["allocated_amount"], rich["unallocated_amount"]) == ("478.00", "522.00")
    assert billing.call("GET", f"/invoices/{other['id']}")["status"] == "paid"
    refused = billing.call("POST", f"/receipts/{rich['id']}/allocate", 409, json={"allocate": "oldest"})
    assert refused["code"] == "not_applicable"
    assert balances(billing)["customer_advances"] == D(-522)


def test_what_is_refused_says_where_and_why(billing: Billing, other_company: Company):
    invoice, draft = billing.issued(), billing.draft()
    with billing.company.owner.acting():
        stranger = str(make_issued_invoice().id)
        dollars = str(make_account(currency="USD").id)
        archived = str(make_account(is_archived=True).id)
    with other_company.owner.acting():
        theirs = str(make_issued_invoice().id)
        their_buyer = str(make_buyer().id)
        their_account = str(make_account().id)

    def pay(document: str, part: str, status: int, **over: Any) -> Any:
        allocations = [{"document_id": document, "amount": part}]
        return receive(billing, status, allocations=allocations, **over)["errors"][0]["pointer"]

    assert pay(invoice["id"], "1180.01", 409, amount="2000") == "/allocations/0/amount"
    assert pay(invoice["id"], "1100", 409, amount="1000") == "/allocations/0/amount"
    assert pay(invoice["id"], "1.005", 422) == "/allocations/0/amount"
    assert pay(draft["id"], "1", 409) == "/allocations/0/document_id"
    assert pay(stranger, "1", 409) == "/allocations/0/document_id"
    assert pay(theirs, "1", 422) == "/allocations/0/document_id"
    assert pay(invoice["id"], "1", 422, allocate="oldest") == "/allocate"
    for field, value in {
        "customer_id": their_buyer, "account_id": their_account, "amount": "0", "currency": "XXX",
        "receipt_date": "2099-01-01", "company_id": their_buyer, "exchange_rate": "0", "base_amount": "5",
        "method": "barter",
    }.items():  # fmt: skip
        assert receive(billing, 422, **{field: value})["errors"][0]["pointer"] == f"/{field}", field
    assert receive(billing, 422, account_id=dollars)["errors"][0]["code"] == "other_currency"
    assert receive(billing, 422, account_id=archived)["errors"][0]["code"] == "archived"
    assert receive(billing, 422, amount="1.005")["errors"][0]["detail"] == "INR has 2 decimal places at most."
    twice = [{"document_id": invoice["id"], "amount": "1"}] * 2
    assert receive(billing, 422, allocations=twice)["detail"]
    assert billing.call("GET", "/receipts/")["data"] == []
    # No number was lost to what was refused.
    assert receive(billing)["number"] == "RCT-26-IND-00001"


def test_allocations_are_taken_back_and_a_receipt_made_void(billing: Billing):
    first, second = billing.issued(), billing.issued()
    made = receive(billing, amount="2360", allocate="oldest")
    address = f"/receipts/{made['id']}"
    assert billing.call("POST", f"{address}/void", 409, json={})["code"] == "receipt_in_use"
    part = next(one for one in made["allocations"] if one["document_id"] == second["id"])
    back = billing.call("POST", f"{address}/unallocate", json={"allocation_id": part["id"]})
    assert (back["unallocated_amount"], len(back["allocations"])) == ("1180.00", 1)
    again = billing.call("POST", f"{address}/unallocate", 409, json={"allocation_id": part["id"]})
    assert again["code"] == "not_applicable"
    assert billing.call("GET", f"/invoices/{second['id']}")["status"] == "issued"
    [left] = billing.call("GET", f"/invoices/{first['id']}/payments")["data"]
    paid = billing.call("POST", f"/invoices/{first['id']}/payments/{left['id']}/take-back")
    assert (paid["data"], paid["amount_due"]) == ([], "1180.00")
    stale = billing.api.post(f"{address}/void", json={}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    void = billing.call("POST", f"{address}/void", json={"reason": "The cheque came back"})
    assert (void["status"], void["display_status"], void["void_reason"]) == ("void", "void", "The cheque came back")
    assert void["unallocated_amount"] == "0.00"
    assert billing.call("POST", f"{address}/void", 409, json={})["code"] == "receipt_void"
    for path, body in (("allocate", {"allocate": "oldest"}), ("refund", {})):
        assert billing.call("POST", f"{address}/{path}", 409, json=body)["code"] == "receipt_void"
    assert balances(billing) == {"receivables": D(2360)}


def test_refunds_of_a_receipt(billing: Billing):
    made = receive(billing)
    address = f"/receipts/{made['id']}/refund"
    part = billing.call("POST", address, 201, json={"amount": "180", "date": "2026-11-22", "reason": "Paid twice"})
    assert (part["amount"], part["status"], part["receipt_id"]) == ("180.00", "done", made["id"])
    assert billing.call("POST", address, 409, json={"amount": "1000.01"})["errors"][0]["pointer"] == "/amount"
    assert billing.call("POST", address, 422, json={"date": "2026-11-20"})["errors"][0]["pointer"] == "/refund_date"
    assert balances(billing) == {"undeposited_funds": D(1000), "customer_advances": D(-1000)}
    rest = billing.call("POST", address, 201, json={})
    assert rest["amount"] == "1000.00"
    shown = billing.call("GET", f"/receipts/{made['id']}")
    assert (shown["display_status"], len(shown["refunds"])) == ("refunded", 2)
    assert billing.call("POST", f"/receipts/{made['id']}/void", 409, json={})["code"] == "receipt_in_use"
    assert billing.call("POST", address, 409, json={})["code"] == "not_enough_left"
    back = billing.call("POST", f"/refunds/{part['id']}/take-back")
    assert back["status"] == "failed"
    assert billing.call("POST", f"/refunds/{part['id']}/take-back", 409)["code"] == "refund_taken_back"
    assert billing.call("GET", f"/receipts/{made['id']}")["unallocated_amount"] == "180.00"
    assert balances(billing) == {"undeposited_funds": D(180), "customer_advances": D(-180)}


def test_refunds_of_a_credit_note(billing: Billing):
    invoice = billing.issued()
    receive(billing, allocate="oldest")
    note = billing.credit(invoice)
    assert note["status"] == "issued"
    address = f"/credit-notes/{note['id']}"
    part = billing.call("POST", f"{address}/refund", 201, json={"amount": "500"})
    assert billing.call("GET", address)["amount_due"] == "680.00"
    billing.call("POST", f"{address}/refund", 201, json={})
    assert billing.call("GET", address)["status"] == "refunded"
    assert balances(billing) == {}
    billing.call("POST", f"/refunds/{part['id']}/take-back")
    after = billing.call("GET", address)
    assert (after["status"], after["amount_due"]) == ("issued", "500.00")
    other = billing.issued()
    billing.call("POST", f"{address}/apply", json={"invoice_id": other["id"]})
    assert billing.call("GET", address)["status"] == "applied"
    [payment] = billing.call("GET", f"/invoices/{other['id']}/payments")["data"]
    assert (payment["kind"], payment["credit_note_number"], payment["amount"]) == (
        "credit_note", note["number"], "500.00",
    )  # fmt: skip
    billing.call("POST", f"/invoices/{other['id']}/payments/{payment['id']}/take-back")
    assert billing.call("GET", address)["status"] == "issued"
    assert balances(billing) == {"undeposited_funds": D(500), "receivables": D(680)}


def test_write_offs_are_rounding_or_bad_debts(billing: Billing):
    invoice = billing.issued()
    receive(billing, amount="1179.25", allocate="oldest")
    address = f"/invoices/{invoice['id']}"
    over = billing.call("POST", f"{address}/write-off", 409, json={"amount": "0.76"})
    assert over["code"] == "not_enough_left"
    done = billing.call("POST", f"{address}/write-off", json={"reason": "Bank charges"})
    assert (done["amount_due"], [one["kind"] for one in done["data"]]) == ("0.00", ["receipt", "write_off"])
    assert billing.call("GET", address)["status"] == "paid"
    assert balances(billing)["rounding"] == D("0.75")
    assert billing.call("POST", f"{address}/write-off", 409, json={})["code"] == "not_applicable"
    back = billing.call("POST", f"{address}/payments/{done['data'][1]['id']}/take-back")
    assert back["amount_due"] == "0.75"
    assert "rounding" not in balances(billing)

    large = billing.issued()
    billing.call("POST", f"/invoices/{large['id']}/write-off", json={"amount": "100"})
    billing.call("POST", f"/invoices/{large['id']}/write-off", json={"amount": "0.50"})
    assert balances(billing) | {"receivables": 0, "undeposited_funds": 0} == {
        "bad_debts": D(100), "rounding": D("0.50"), "receivables": 0, "undeposited_funds": 0,
    }  # fmt: skip
    given_up = billing.call("POST", f"/invoices/{large['id']}/uncollectible", json={})
    assert given_up["status"] == "uncollectible"
    for one in billing.call("GET", f"/invoices/{large['id']}/payments")["data"]:
        refused = billing.call("POST", f"/invoices/{large['id']}/payments/{one['id']}/take-back", 409)
        assert "Reopen" in refused["detail"]
    assert balances(billing)["bad_debts"] == D("1179.50")
    # What was given up comes back from wherever it went.
    assert billing.call("POST", f"/invoices/{large['id']}/reopen")["amount_due"] == "1180.00"
    assert {"bad_debts", "rounding"}.isdisjoint(balances(billing))


def test_exchange_differences_are_complete(billing: Billing):
    with billing.company.owner.acting():
        customer = str(make_buyer(gstin="", country="US", currency="USD").id)
        bank, dollars = (make_account(**over).id for over in ({}, {"currency": "USD"}))
    invoice = billing.issued(customer_id=customer, exchange_rate="83.123457", line={"tax_rate": "0"})
    assert (invoice["total"], invoice["base_total"]) == ("1000.00", "83123.46")
    first = receive(billing, customer_id=customer, amount="333.33", exchange_rate="84.5", allocate="oldest",
                    account_id=str(dollars))  # fmt: skip
    assert (first["currency"], first["base_amount"], first["account_id"]) == ("USD", "28166.39", str(dollars))
    second = receive(billing, customer_id=customer, amount="700", base_amount="57000.01", account_id=str(bank))
    assert second["exchange_rate"] == "81.428585714286"
    paid = billing.call("POST", f"/receipts/{second['id']}/allocate", json={"allocate": "oldest"})
    assert (paid["allocated_amount"], paid["unallocated_amount"]) == ("666.67", "33.33")
    differences = [D(one["allocations"][0]["exchange_difference"]) for one in (first, paid)]
    assert differences[0] > 0 > differences[1]
    found = balances(billing)
    assert "receivables" not in found
    assert found["exchange_difference"] == -sum(differences)
    assert found["customer_advances"] == -(D("28166.39") + D("57000.01") - D("83123.46") - sum(differences))
    # Given back on a day of another rate.
    billing.call("POST", f"/receipts/{second['id']}/refund", 201, json={"exchange_rate": "90", "account_id": str(bank)})
    found = balances(billing)
    assert {"receivables", "customer_advances"}.isdisjoint(found)
    with billing.company.owner.acting():
        rows = db.session.execute(
            text(
                "SELECT a.currency, sum(l.amount) AS amount, sum(l.base_amount) AS base FROM ledger_lines l"
                " JOIN accounts a ON a.tenant_id = l.tenant_id AND a.id = l.account_id"
                " WHERE l.tenant_id = :tenant GROUP BY 1 ORDER BY 1"
            ),
            {"tenant": current_tenant_id()},
        )
        assert [(row.currency, row.amount, row.base) for row in rows] == [
            ("INR", D("54000.31"), D("54000.31")), ("USD", D("333.33"), D("28166.39")),
        ]  # fmt: skip


def test_the_published_rate_is_taken_and_a_missing_one_asked_for(billing: Billing):
    with billing.company.owner.acting():
        from datetime import date

        # Published rates belong to no company: a day on which no other test publishes any.
        make_rates(date(2019, 3, 5), USD="1.1", INR="99")
    made = receive(billing, currency="USD", amount="10", receipt_date="2019-03-06")
    assert (made["exchange_rate"], made["rate_date"], made["base_amount"]) == ("90", "2019-03-05", "900.00")
    missing = receive(billing, 422, currency="AFN", amount="10")
    assert missing["errors"][0]["code"] == "rate_missing"


def test_lists_filters_totals_and_files(billing: Billing):
    with billing.company.owner.acting():
        zenith = make_buyer(name="Zenith Travels").id
        bank = make_account(name="Axis").id
        make_receipt(customer_id=zenith, receipt_date="2026-10-01", reference="CHQ 9", method="cheque", account_id=bank)
    billing.issued(line={"unit_price": "50.00"})
    used = receive(billing, amount="590", allocate="oldest", receipt_date="2026-11-20")
    void = receive(billing, amount="5")
    billing.call("POST", f"/receipts/{void['id']}/void", json={})

    def numbers(query: str) -> list[str]:
        return [one["number"][-1] for one in billing.call("GET", f"/receipts/?{query}")["data"]]

    assert numbers("") == ["3", "2", "1"]
    assert numbers("sort=date") == ["1", "2", "3"]
    assert numbers("sort=created_at") == ["1", "2", "3"]
    assert numbers("q=zenith") == numbers("q=chq") == numbers("method=cheque") == ["1"]
    assert numbers(f"account_id={bank}") == numbers(f"customer_id={zenith}") == ["1"]
    assert numbers("unallocated=1") == ["1"]
    assert numbers("q=") == ["3", "2", "1"]
    assert numbers("status=void") == ["3"]
    assert numbers("date_from=2026-10-02&date_to=2026-11-20") == ["2"]
    assert numbers("amount_from=500&amount_to=600") == ["2"]
    page = billing.call("GET", "/receipts/?limit=2")
    assert page["has_more"]
    assert numbers(f"limit=2&cursor={page['next_cursor']}") == ["1"]
    assert billing.call("GET", "/receipts/?sort=amount", 422)["errors"][0]["pointer"] == "/sort"
    totals = billing.call("GET", "/receipts/?totals=1")["totals"]
    assert totals == {
        "count": 2, "base_currency": "INR", "base_amount": "1770.00",
        "by_currency": [{"currency": "INR", "count": 2, "amount": "1770.00", "allocated_amount": "590.00",
                         "refunded_amount": "0.00", "unallocated_amount": "1180.00"}],
    }  # fmt: skip
    assert billing.call("GET", "/receipts/summary") == totals
    file = billing.api.get("/receipts/?format=csv&sort=date").text.splitlines()
    assert len(file) == 4
    assert file[2].startswith(f'"{used["number"]}",20/11/2026')
    assert billing.api.get("/receipts/?format=xlsx").data[:2] == b"PK"


def test_balance_and_statement(billing: Billing):
    old = billing.issued(invoice_date="2026-08-01", due_date="2026-08-20", reference="PO 1")
    new = billing.issued(invoice_date="2026-11-20")
    receive(billing, amount="2000", receipt_date="2026-11-21", reference="UTR 5",
            allocations=[{"invoice_id": new["id"], "amount": "1180"}])  # fmt: skip
    billing.credit(old, {"line_id": old["lines"][0]["id"], "amount": "100"}, date="2026-11-22")
    balance = billing.call("GET", f"/customers/{billing.customer}/balance")
    [one] = balance["currencies"]
    assert {name: one[name] for name in ("receivable", "overdue", "unallocated", "open_credit_notes", "balance")} == {
        "receivable": "1180.00", "overdue": "1180.00", "unallocated": "820.00", "open_credit_notes": "118.00",
        "balance": "242.00",
    }  # fmt: skip
    assert balance["base_balance"] == "242.00"
    assert {age["key"]: age["amount"] for age in one["ageing"] if age["amount"] != "0.00"} in (
        {"over_90": "1180.00"}, {"61_90": "1180.00"},
    )  # fmt: skip
    path = f"/customers/{billing.customer}/statement?from=2026-11-01&to=2026-11-30"
    [account] = billing.call("GET", path)["currencies"]
    assert (account["opening"], account["closing"]) == ("1180.00", "242.00")
    assert [(row["date"], row["kind"], row["debit"], row["credit"], row["balance"]) for row in account["rows"]] == [
        ("2026-11-20", "invoice", "1180.00", "0.00", "2360.00"),
        ("2026-11-21", "receipt", "0.00", "2000.00", "360.00"),
        ("2026-11-22", "credit_note", "0.00", "118.00", "242.00"),
    ]
    assert account["rows"][1]["description"] == "Payment received: UTR 5"
    file = billing.api.get(f"{path}&format=csv").text.splitlines()
    assert [line.split(",")[-1] for line in file[1:]] == ["1180.00", "2360.00", "360.00", "242.00"]
    assert billing.api.get(f"{path}&format=xlsx").data[:2] == b"PK"
    wrong = f"/customers/{billing.customer}/statement?from=2026-12-01&to=2026-11-30"
    assert billing.call("GET", wrong, 422)["errors"][0]["pointer"] == "/from"
    for file_format in ("json", "csv"):
        wrong = f"{path}&format={file_format}&currency=AAA"
        assert billing.call("GET", wrong, 422)["errors"][0]["pointer"] == "/currency"
    assert [one["currency"] for one in billing.call("GET", f"{path}&currency=usd")["currencies"]] == ["USD"]
    for empty in ("from", "to", "currency"):
        assert billing.call("GET", f"/customers/{billing.customer}/statement?{empty}=", 422)
    assert billing.call("GET", f"/customers/{UUID(int=7)}/balance", 404)


def test_verify_tells_what_is_not_as_the_books_say(billing: Billing):
    billing.issued()
    made = receive(billing, allocate="oldest")
    receive(billing, amount="50")
    with billing.company.owner.acting(), db.session.begin_nested() as inner:
        for change, kind in (
            ("UPDATE customer_receipts SET allocated_amount = 1000 WHERE id = :id", "advances settled"),
            ("UPDATE sales_documents SET amount_paid = 1000, amount_due = 180 WHERE kind = 'invoice'",
             "advances receivables settled"),
            ("UPDATE allocations SET removed_at = now()", "advances receivables settled"),
        ):  # fmt: skip
            db.session.execute(text(change), {"id": made["id"]})
            assert {one.kind for one in prove_books().discrepancies} == set(kind.split())
        inner.rollback()
    assert "receivables" not in balances(billing)


def test_a_repeated_reference_is_told(billing: Billing):
    first = receive(billing, reference="UTR 5")
    second = receive(billing, reference="utr 5")
    assert first["warnings"] == []
    assert [(one["code"], one["number"]) for one in second["warnings"]] == [("repeated_reference", first["number"])]


def test_roles_and_keys(billing: Billing):
    company = billing.company
    analyst = company.member("analyst").api()
    body = {**RECEIPT, "customer_id": billing.customer}
    assert analyst.post("/receipts/", json=body).status_code == 403
    key = {"Idempotency-Key": "once"}
    first, second = (billing.api.post("/receipts/", json=body, headers=key) for _ in range(2))
    assert first.json["id"] == second.json["id"]
    address = f"/receipts/{first.json['id']}"
    assert analyst.get(address).status_code == 200
    invoice = billing.issued()
    for path, sent in (
        (f"{address}/allocate", {"allocate": "oldest"}), (f"{address}/unallocate", {}), (f"{address}/void", {}),
        (f"{address}/refund", {}), (f"/invoices/{invoice['id']}/write-off", {}),
    ):  # fmt: skip
        assert analyst.post(path, json=sent).status_code == 403
    assert company.member("member").api().get(address).status_code == 403
    assert billing.call("GET", "/receipts/")["data"][0]["id"] == first.json["id"]


@pytest.mark.tenancy
def test_receipts_of_other_companies_are_not_there(billing: Billing, other_company: Company):
    with other_company.owner.acting():
        receipt = make_receipt()
        invoice = make_issued_invoice(customer_id=receipt.customer_id)
    assert billing.call("GET", "/receipts/")["data"] == []
    for method, path in (
        ("GET", f"/receipts/{receipt.id}"), ("POST", f"/receipts/{receipt.id}/void"),
        ("POST", f"/receipts/{receipt.id}/refund"), ("POST", f"/receipts/{receipt.id}/unallocate"),
        ("POST", f"/invoices/{invoice.id}/write-off"), ("GET", f"/invoices/{invoice.id}/payments"),
        ("GET", f"/customers/{receipt.customer_id}/balance"), ("GET", f"/customers/{receipt.customer_id}/statement"),
    ):  # fmt: skip
        options = {} if method == "GET" else {"json": {}}
        assert billing.call(method, path, 404, **options)
    own = receive(billing)
    wrong = {"allocations": [{"invoice_id": str(invoice.id), "amount": "1"}]}
    assert billing.call("POST", f"/receipts/{own['id']}/allocate", 422, json=wrong)
