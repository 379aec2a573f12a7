"""Credit and debit notes: by line, never above what is left, taxed as the invoice was, to the last paisa."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.invoices.books import books_of, check_receivables
from tests.invoices.conftest import Billing, line

AMOUNTS = ("taxable_amount", "cgst_amount", "sgst_amount", "igst_amount", "cess_amount", "tax_amount", "total")


def summed(documents: list[dict[str, Any]], name: str) -> Decimal:
    return sum((Decimal(one[name]) for one in documents), Decimal(0))


def test_a_full_credit_equals_the_invoice_and_pays_it(billing: Billing):
    invoice = billing.issued(lines=[line("22", "1249.50", "18"), line("318.4", "14.75", "18", cess_rate="1")])
    note = billing.credit(invoice)
    assert note["number"] == "CRN-26-IND-00001"
    for name in (*AMOUNTS, "round_off"):
        assert note[name] == invoice[name], name
    assert (note["status"], note["amount_due"]) == ("applied", "0.00")
    assert (note["original_number"], note["original_date"]) == (invoice["number"], "2026-11-20")
    assert note["declare_by"] == "2027-11-30"
    after = billing.call("GET", f"/invoices/{invoice['id']}")
    assert (after["status"], after["amount_due"], after["amount_paid"]) == ("paid", "0.00", invoice["total"])
    with billing.company.owner.acting():
        ours, theirs = books_of(note["id"]), books_of(invoice["id"])
        assert ours == {role: (-amount, -base) for role, (amount, base) in theirs.items()}
        check_receivables()
    refused = billing.credit(invoice, status=409)
    assert refused["code"] == "nothing_left"


def test_parts_add_up_to_the_invoice_and_the_last_takes_the_rest(billing: Billing):
    lines = [line("3", "33.33", "5"), line("1", "0.05", "18"), line("7", "1.11", "18", cess_rate="3")]
    invoice = billing.issued(lines=lines)
    first, second, third = (one["id"] for one in invoice["lines"])
    notes = [
        billing.credit(invoice, {"line_id": first, "quantity": "1"}),
        billing.credit(invoice, {"line_id": third, "amount": "1.00"}, {"line_id": second, "amount": "0.02"}),
        billing.credit(invoice, {"line_id": first, "quantity": "1"}),
        billing.credit(invoice),
    ]
    for name in (*AMOUNTS, "round_off"):
        assert summed(notes, name) == Decimal(invoice[name]), name
    assert notes[1]["lines"][0]["quantity"] == "0"
    assert [note["status"] for note in notes] == ["issued"] * 4  # open credits of the customer
    with billing.company.owner.acting():
        check_receivables()


def test_a_void_note_gives_back_what_it_took(billing: Billing):
    invoice = billing.issued(lines=[line("3", "33.33", "5")])
    part = billing.credit(invoice, {"line_id": invoice["lines"][0]["id"], "quantity": "1"})
    other = billing.credit(invoice, {"line_id": invoice["lines"][0]["id"], "quantity": "1"})
    billing.call("POST", f"/credit-notes/{part['id']}/void", json={"reason": "Mistake"})
    rest = billing.credit(invoice)
    for name in (*AMOUNTS, "round_off"):
        assert summed([other, rest], name) == Decimal(invoice[name]), name
    with billing.company.owner.acting():
        assert books_of(part["id"]) == {}
        check_receivables()


def test_never_above_what_is_left(billing: Billing):
    invoice = billing.issued(line={"quantity": "3", "unit_price": "100.00"})
    row = invoice["lines"][0]["id"]

    def refused(**wanted: str) -> str:
        answer = billing.credit(invoice, {"line_id": row, **wanted}, status=422)
        assert answer["errors"][0]["code"] == "more_than_left"
        return str(answer["errors"][0]["pointer"])

    assert refused(quantity="4") == "/lines/0/quantity"
    assert refused(amount="300.01") == "/lines/0/amount"
    assert refused(amount="0.001") == "/lines/0/amount"
    assert refused(quantity="1", amount="1") == "/lines/0/amount"
    billing.credit(invoice, {"line_id": row, "amount": "250.00"})
    assert refused(quantity="1") == "/lines/0/quantity"
    assert refused(amount="50.01") == "/lines/0/amount"
    unknown = billing.credit(invoice, {"line_id": invoice["id"]}, status=422)
    assert unknown["errors"][0]["pointer"] == "/lines/0/line_id"
    billing.credit(invoice, {"line_id": row, "quantity": "3"})
    assert refused() == "/lines/0/line_id"


def test_reverse_charge_is_mirrored(billing: Billing):
    invoice = billing.issued(lines=[line("1", "96450.00", "5")], reverse_charge=True)
    half = billing.credit(invoice, {"line_id": invoice["lines"][0]["id"], "amount": "48225.00"})
    assert (half["reverse_charge"], half["tax_amount"], half["total"]) == (True, "0.00", "48225.00")
    assert half["reverse_charge_taxes"] == {"cgst": "1205.63", "sgst": "1205.63"}


def test_a_draft_note_is_judged_again_when_it_is_issued(billing: Billing):
    invoice = billing.issued(line={"quantity": "2"})
    row = invoice["lines"][0]["id"]
    draft = billing.credit(invoice, {"line_id": row, "quantity": "2"}, finalize=False)
    assert (draft["status"], draft["number"]) == ("draft", None)
    address = f"/credit-notes/{draft['id']}"
    body = {"invoice_id": invoice["id"], "reason": "Half", "lines": [{"line_id": row, "quantity": "1"}]}
    assert billing.call("PUT", address, json=body)["total"] == "118.00"
    billing.call("PUT", address, json={**body, "lines": [{"line_id": row, "quantity": "2"}]})
    billing.credit(invoice, {"line_id": row, "quantity": "1"})
    assert billing.call("POST", f"{address}/finalize", 409)["code"] == "more_than_left"
    billing.call("PUT", address, json=body)
    assert billing.call("POST", f"{address}/finalize")["total"] == "118.00"
    assert billing.call("DELETE", address, 409)["code"] == "not_a_draft"


def test_open_credits_pay_other_invoices_and_are_taken_back(billing: Billing):
    invoice = billing.issued(line={"quantity": "10"})
    other = billing.issued(line={"quantity": "4"})
    note = billing.credit(invoice, {"line_id": invoice["lines"][0]["id"], "quantity": "5"})
    assert (note["status"], note["amount_due"]) == ("issued", "590.00")
    applied = billing.call("POST", f"/credit-notes/{note['id']}/apply", json={"invoice_id": other["id"]})
    assert (applied["status"], applied["amount_due"]) == ("issued", "118.00")
    assert billing.call("GET", f"/invoices/{other['id']}")["status"] == "paid"
    with billing.company.owner.acting():
        check_receivables()
    too_much = {"invoice_id": invoice["id"], "amount": "118.01"}
    assert billing.call("POST", f"/credit-notes/{note['id']}/apply", 409, json=too_much)["code"] == "not_enough_left"
    blocked = billing.call("POST", f"/credit-notes/{note['id']}/void", 409, json={})
    assert blocked["code"] == "still_paid"
    assert billing.call("POST", f"/invoices/{other['id']}/void", 409, json={})["code"] == "still_paid"
    assert billing.call("POST", f"/invoices/{invoice['id']}/void", 409, json={})["code"] == "credited"
    back = billing.call("POST", f"/credit-notes/{note['id']}/unapply")
    assert (back["status"], back["amount_due"]) == ("issued", "590.00")
    assert billing.call("GET", f"/invoices/{other['id']}")["status"] == "issued"
    billing.call("POST", f"/credit-notes/{note['id']}/void", json={})
    billing.call("POST", f"/invoices/{invoice['id']}/void", json={})
    with billing.company.owner.acting():
        check_receivables()


def test_applying_at_another_rate_posts_the_exchange_difference(billing: Billing):
    with billing.company.owner.acting():
        from tests.factories.invoices import make_biller, make_buyer

        make_biller(lut=True)
        abroad = str(make_buyer(gstin="", country="AE", currency="USD").id)
    first = billing.issued(customer_id=abroad, exchange_rate="80", line={"tax_rate": "0"})
    second = billing.issued(customer_id=abroad, exchange_rate="83.3333", line={"tax_rate": "0", "quantity": "7"})
    note = billing.credit(first, {"line_id": first["lines"][0]["id"], "quantity": "9"})
    billing.call("POST", f"/credit-notes/{note['id']}/apply", json={"invoice_id": second["id"], "amount": "333.33"})
    billing.call("POST", f"/credit-notes/{note['id']}/apply", json={"invoice_id": second["id"]})
    assert billing.call("GET", f"/invoices/{second['id']}")["status"] == "paid"
    billing.call("POST", f"/credit-notes/{note['id']}/apply", json={"invoice_id": first["id"], "amount": "100"})
    assert billing.call("GET", f"/invoices/{first['id']}")["amount_due"] == "900.00"
    with billing.company.owner.acting():
        from sqlalchemy import text

        from tracktok.core.db import db

        check_receivables()
        # 900 of the first invoice are due, and 100 of the note are left, at the rate of that invoice.
        owed = db.session.execute(
            text(
                "SELECT sum(l.base_amount) FROM ledger_lines l JOIN book_accounts b"
                " ON b.tenant_id = l.tenant_id AND b.id = l.book_account_id WHERE b.role = 'receivables'"
            )
        ).scalar_one()
        assert owed == Decimal(64_000)


def test_debit_notes_bill_more_at_the_same_tax(billing: Billing):
    invoice = billing.issued(line={"quantity": "10"})
    row = invoice["lines"][0]["id"]
    body = {"invoice_id": invoice["id"], "reason": "One more day", "finalize": True, "date": "2026-11-25",
            "lines": [{"line_id": row, "quantity": "1"}]}  # fmt: skip
    note = billing.call("POST", "/debit-notes/", 201, json=body)
    assert (note["number"], note["status"], note["total"]) == ("DBN-26-IND-00001", "issued", "118.00")
    assert (note["cgst_amount"], note["amount_due"], note["due_date"]) == ("9.00", "118.00", "2026-12-25")
    draft = billing.call(
        "POST", "/debit-notes/", 201,
        json={**body, "finalize": False, "lines": [{"line_id": row, "amount": "50.00", "description": "Toll"}]},
    )  # fmt: skip
    done = billing.call("POST", f"/debit-notes/{draft['id']}/finalize")
    assert (done["total"], done["lines"][0]["description"]) == ("59.00", "Toll")
    blocked = billing.call("POST", f"/invoices/{invoice['id']}/void", 409, json={})
    assert "debit note" in blocked["detail"]
    with billing.company.owner.acting():
        assert books_of(note["id"])["receivables"][0] == 118
        check_receivables()
    billing.call("POST", f"/debit-notes/{note['id']}/void", json={})
    with billing.company.owner.acting():
        check_receivables()


def test_a_late_credit_is_told(billing: Billing):
    invoice = billing.issued(invoice_date="2025-02-01")
    late = billing.credit(invoice)
    assert [one["code"] for one in late["warnings"]] == ["late_credit"]
    assert late["declare_by"] == "2025-11-30"


def test_drafts_and_void_invoices_are_not_credited(billing: Billing):
    draft = billing.draft()
    assert billing.credit(draft, status=409)["code"] == "illegal_status"
    issued = billing.issued()
    billing.call("POST", f"/invoices/{issued['id']}/void", json={})
    assert billing.credit(issued, status=409)["code"] == "illegal_status"


@pytest.mark.parametrize("rate", ["83.123457", "0.012345"])
def test_a_foreign_invoice_credited_in_parts_leaves_nothing_in_the_books(billing: Billing, rate):
    with billing.company.owner.acting():
        from tests.factories.invoices import make_biller, make_buyer

        make_biller(lut=True)
        abroad = str(make_buyer(gstin="", country="AE", currency="USD").id)
    lines = [line("3", "33.33", "0"), line("1", "0.03", "0")]
    invoice = billing.issued(customer_id=abroad, exchange_rate=rate, lines=lines)
    notes = [
        billing.credit(invoice, {"line_id": invoice["lines"][0]["id"], "quantity": "1"}),
        billing.credit(invoice, {"line_id": invoice["lines"][0]["id"], "amount": "12.34"}),
        billing.credit(invoice),
    ]
    assert summed(notes, "base_total") == Decimal(invoice["base_total"])
    for note in notes:
        billing.call("POST", f"/credit-notes/{note['id']}/apply", json={"invoice_id": invoice["id"]})
    with billing.company.owner.acting():
        check_receivables()
        whole = [books_of(one["id"]).get("receivables", (0, 0)) for one in (invoice, *notes)]
        assert sum(base for _, base in whole) == 0
