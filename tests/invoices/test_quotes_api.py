"""Quotes, proformas, numbers and billable expenses by the API."""

from __future__ import annotations

import pytest

from tests.factories.expenses import make_expense
from tests.factories.invoices import make_biller
from tests.invoices.books import check_receivables
from tests.invoices.conftest import Billing, line


def quote(billing: Billing, kind: str = "quotes", **over: object) -> dict:  # type: ignore[type-arg]
    body = {"customer_id": billing.customer, "date": "2026-11-20", "lines": [line("10", "100.00", "18")], **over}
    return billing.call("POST", f"/{kind}/", 201, json=body)  # type: ignore[no-any-return]


def test_a_quote_is_sent_accepted_and_invoiced_once(billing: Billing):
    draft = quote(billing)
    assert (draft["status"], draft["valid_until"], draft["due_date"]) == ("draft", "2026-12-20", None)
    sent = billing.call("POST", f"/quotes/{draft['id']}/send")
    assert (sent["number"], sent["status"]) == ("QTN-26-IND-00001", "sent")
    assert sent["sent_at"]
    assert billing.call("PATCH", f"/quotes/{draft['id']}", 409, json={"notes": "x"})["code"] == "not_a_draft"
    assert billing.call("POST", f"/quotes/{draft['id']}/accept")["status"] == "accepted"
    invoice = billing.call("POST", f"/quotes/{draft['id']}/convert", 201)
    assert (invoice["kind"], invoice["status"], invoice["total"]) == ("invoice", "draft", "1180.00")
    assert (invoice["original_id"], invoice["original_number"]) == (draft["id"], sent["number"])
    again = billing.call("POST", f"/quotes/{draft['id']}/convert", 409)
    assert (again["code"], again["invoice_id"]) == ("already_invoiced", invoice["id"])
    assert billing.call("GET", f"/quotes/{draft['id']}")["status"] == "invoiced"
    billing.call("DELETE", f"/invoices/{invoice['id']}", 204)
    assert billing.call("GET", f"/quotes/{draft['id']}")["status"] == "accepted"
    made = billing.call("POST", f"/quotes/{draft['id']}/convert", 201)
    issued = billing.call("POST", f"/invoices/{made['id']}/finalize")
    billing.call("POST", f"/invoices/{issued['id']}/void", json={})
    assert billing.call("GET", f"/quotes/{draft['id']}")["status"] == "accepted"
    with billing.company.owner.acting():
        check_receivables()


def test_a_quoted_price_holds(billing: Billing):
    sent = billing.call("POST", f"/quotes/{quote(billing, discount_percent='10')['id']}/send")
    invoice = billing.call("POST", f"/quotes/{sent['id']}/convert", 201)
    assert (invoice["total"], invoice["discount_percent"]) == (sent["total"], "10")
    declined = billing.call("POST", f"/quotes/{quote(billing)['id']}/decline", 409, json={})
    assert declined["code"] == "illegal_status"
    other = billing.call("POST", f"/quotes/{quote(billing)['id']}/send")
    lost = billing.call("POST", f"/quotes/{other['id']}/decline", json={"reason": "Too dear"})
    assert (lost["status"], lost["reason"]) == ("declined", "Too dear")
    old = billing.call("POST", f"/quotes/{quote(billing, date='2026-01-05')['id']}/send")
    assert (old["status"], old["display_status"]) == ("sent", "expired")


def test_proformas_have_their_own_series_and_move_no_books(billing: Billing):
    draft = quote(billing, "proformas")
    assert billing.call("POST", f"/proformas/{draft['id']}/convert", 409)["code"] == "illegal_status"
    issued = billing.call("POST", f"/proformas/{draft['id']}/finalize")
    assert (issued["number"], issued["amount_due"]) == ("PRO-26-IND-00001", "0.00")
    invoice = billing.call("POST", f"/proformas/{draft['id']}/convert", 201)
    assert invoice["original_id"] == draft["id"]
    assert billing.call("POST", f"/proformas/{draft['id']}/void", 409, json={})["code"] == "illegal_status"
    with billing.company.owner.acting():
        check_receivables()
    copy = billing.call("POST", f"/proformas/{draft['id']}/duplicate", 201)
    assert (copy["kind"], copy["status"]) == ("proforma", "draft")


@pytest.mark.usefixtures("in_november")
def test_patterns_show_the_next_number_and_refuse_what_collides(billing: Billing):
    listed = {one["kind"]: one for one in billing.call("GET", "/number-patterns/")["data"]}
    assert listed["invoice"]["next_number"].endswith("-IND-00001")
    assert listed["invoice"]["is_default"]
    first = billing.issued()["number"]
    body = {"kind": "invoice", "pattern": "A{YY}/{####}"}
    shown = billing.call("PUT", "/number-patterns/", json={**body, "preview": True})
    assert shown["next_number"] == "A26/0002"
    assert billing.issued()["number"] == "INV-26-IND-00002"
    assert billing.call("PUT", "/number-patterns/", json=body)["next_number"] == "A26/0003"
    assert billing.issued()["number"] == "A26/0003"

    def refused(pattern: str, status: int, kind: str = "credit_note") -> str:
        answer = billing.call("PUT", "/number-patterns/", status, json={"kind": kind, "pattern": pattern})
        assert answer["errors"][0]["pointer"] == "/pattern"
        return str(answer["code"])

    assert refused("A{YY}/{######}", 409) == "pattern_collides"
    assert refused("INV-26-IND-{#####}", 409) == "pattern_collides"  # of a document that is there
    assert refused("INV-26-INDU-{#####}", 422) == "invalid"  # 17 characters
    assert refused("no number", 422) == "invalid"
    assert refused("inv-{#####}", 422) == "invalid"
    assert first == "INV-26-IND-00001"


def test_a_series_that_is_full_asks_for_a_new_one(billing: Billing):
    pattern = {"kind": "invoice", "pattern": "X{#}"}
    billing.call("PUT", "/number-patterns/", json=pattern)
    for number in range(1, 10):
        assert billing.issued()["number"] == f"X{number}"
    refused = billing.call("POST", f"/invoices/{billing.draft()['id']}/finalize", 409)
    assert refused["code"] == "series_ended"
    billing.call("PUT", "/number-patterns/", json={"kind": "invoice", "pattern": "Y{###}"})
    assert billing.issued()["number"] == "Y010"


def test_numbers_begin_anew_with_the_fiscal_year(billing: Billing):
    numbers = [billing.issued(invoice_date=day)["number"] for day in ("2026-03-31", "2026-04-01", "2026-03-01")]
    assert numbers == ["INV-25-IND-00001", "INV-26-IND-00001", "INV-25-IND-00002"]


def test_other_companies_of_the_tenant_have_series_of_their_own(billing: Billing):
    from tests.factories.customers import make_billing_company

    with billing.company.owner.acting():
        other = str(make_billing_company(legal_name="Other Movers", org_code="OTHER").id)
    assert billing.issued()["number"] == "INV-26-IND-00001"
    theirs = billing.issued(company_id=other)
    assert (theirs["number"], theirs["tax_amount"], theirs["company"]["legal_name"]) == (
        "INV-2026-OTHER-00001", "0.00", "Other Movers",
    )  # fmt: skip


def test_expenses_are_billed_once(billing: Billing):
    with billing.company.owner.acting():
        toll = str(make_expense(title="Toll", amount="340.00", billable=True).id)
        own = str(make_expense(title="Lunch").id)
    assert [one["id"] for one in billing.call("GET", "/invoices/billable-expenses")["data"]] == [toll]
    bad = billing.call(
        "POST", "/invoices/", 422, json={"customer_id": billing.customer, "lines": [{"expense_id": own}]}
    )
    assert bad["errors"][0]["code"] == "not_billable"
    draft = billing.draft(lines=[{"expense_id": toll, "tax_rate": "18"}])
    row = draft["lines"][0]
    assert (row["description"], row["taxable_amount"], row["source"], row["source_id"]) == (
        "Toll", "340.00", "expense", toll,
    )  # fmt: skip
    assert billing.call("GET", "/invoices/billable-expenses")["data"] == []
    body = {"customer_id": billing.customer, "lines": [{"expense_id": toll}]}
    refused = billing.call("POST", "/invoices/", 409, json=body)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("already_billed", "/lines/0/expense_id")
    assert billing.call("PATCH", f"/invoices/{draft['id']}", json={"reference": "R"})["total"] == draft["total"]
    issued = billing.call("POST", f"/invoices/{draft['id']}/finalize")
    assert billing.call("POST", "/invoices/", 409, json=body)["code"] == "already_billed"
    copy = billing.call("POST", f"/invoices/{issued['id']}/duplicate", 201)
    assert copy["lines"][0]["source"] == ""
    billing.call("POST", f"/invoices/{issued['id']}/void", json={})
    again = billing.call("POST", "/invoices/", 201, json=body)
    billing.call("DELETE", f"/invoices/{again['id']}", 204)
    assert billing.call("GET", "/invoices/billable-expenses")["data"][0]["id"] == toll
    with billing.company.owner.acting():
        check_receivables()


def test_a_pure_agent_passes_on_without_tax(billing: Billing):
    said = {"authorised": True, "supplier": "NHAI", "document_number": "T1", "document_date": "2026-11-19",
            "additional": True, "exact": True}  # fmt: skip
    toll = line("1", "500.00", "18", pure_agent=said)
    issued = billing.issued(lines=[line("1", "1000.00", "18"), toll])
    assert (issued["taxable_amount"], issued["tax_amount"], issued["total"]) == ("1000.00", "180.00", "1680.00")
    assert issued["lines"][1]["pure_agent"]["supplier"] == "NHAI"
    lax = {"customer_id": billing.customer, "lines": [{**toll, "pure_agent": {**said, "exact": False}}]}
    assert billing.call("POST", "/invoices/", 422, json=lax)["errors"][0]["pointer"] == "/lines/0/pure_agent"
    note = billing.credit(issued)
    assert note["total"] == "1680.00"


def test_generic_taxes_and_none(billing: Billing):
    with billing.company.owner.acting():
        make_biller(gstin="", tax_regime="generic", country="GB", round_off=False, postal_code="")
        from tests.factories.customers import make_customer

        customer = str(make_customer(country="GB", currency="INR").id)
    issued = billing.issued(customer_id=customer, line={"tax_rate": "20"})
    assert (issued["tax_amount"], issued["cgst_amount"], issued["total"]) == ("200.00", "0.00", "1200.00")
    assert issued["number"] == "INV-2026-INDUS-00001"
    assert billing.credit(issued)["total"] == "1200.00"
    with billing.company.owner.acting():
        check_receivables()
