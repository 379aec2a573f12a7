"""Invoices by the API: the worked examples of GST to the paisa, drafts, numbers, refusals, lists."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from tests.factories.customers import make_price_list, make_service_type, make_tax_rate
from tests.factories.invoices import BUYER, FAR_BUYER, invoice_values, make_biller, make_buyer
from tests.factories.tenants import Company, set_tier
from tests.invoices.books import books_of, check_receivables
from tracktok.core.db import db
from tracktok.customers.models import Customer


def bill(company: Company, *, biller: dict[str, Any] | None = None, customer: dict[str, Any] | None = None) -> str:
    """A company that bills and a customer; the customer's id."""
    with company.owner.acting():
        make_biller(**(biller or {}))
        return str(make_buyer(**(customer or {})).id)


def make(company: Company, customer: str, **over: Any) -> dict[str, Any]:
    answer = company.owner.api().post("/invoices/", json=invoice_values(customer_id=customer, **over))
    assert answer.status_code == 201, answer.json
    return answer.json


def finalize(company: Company, invoice: dict[str, Any], status: int = 200) -> dict[str, Any]:
    answer = company.owner.api().post(f"/invoices/{invoice['id']}/finalize")
    assert answer.status_code == status, answer.json
    return answer.json


def line(quantity: str, price: str, rate: str, **over: Any) -> dict[str, Any]:
    return {"description": "Cab hire", "hsn_sac": "996601", "quantity": quantity, "unit_price": price, "tax_rate": rate,
            **over}  # fmt: skip


EXAMPLES = [
    pytest.param(
        BUYER, [line("22", "1249.50", "18"), line("318.4", "14.75", "18")], {},
        {"taxable_amount": "32185.40", "cgst_amount": "2896.69", "sgst_amount": "2896.69", "igst_amount": "0.00",
         "round_off": "0.22", "total": "37979.00", "place_of_supply": "29", "supply_type": "B2B",
         "lines": [{"taxable_amount": "27489.00", "cgst_amount": "2474.01", "sgst_amount": "2474.01"},
                   {"taxable_amount": "4696.40", "cgst_amount": "422.68", "sgst_amount": "422.68"}]},
        {"receivables": "37979.00", "sales": "-32185.40", "output_cgst": "-2896.69", "output_sgst": "-2896.69",
         "rounding": "-0.22"},
        id="intra-State",
    ),
    pytest.param(
        FAR_BUYER, [line("1", "187345.65", "18")], {},
        {"place_of_supply": "27", "igst_amount": "33722.22", "cgst_amount": "0.00", "round_off": "0.13",
         "total": "221068.00", "amount_in_words": "Rupees Two Lakh Twenty-One Thousand Sixty-Eight Only"},
        {"receivables": "221068.00", "sales": "-187345.65", "output_igst": "-33722.22", "rounding": "-0.13"},
        id="inter-State",
    ),
    pytest.param(
        BUYER, [line("1", "96450.00", "5")], {"reverse_charge": True},
        {"reverse_charge": True, "tax_amount": "0.00", "cgst_amount": "0.00", "total": "96450.00",
         "reverse_charge_taxes": {"cgst": "2411.25", "sgst": "2411.25"}},
        {"receivables": "96450.00", "sales": "-96450.00"},
        id="reverse charge",
    ),
    pytest.param(
        BUYER, [line("1", "33.33", "5")] * 3, {},
        {"cgst_amount": "2.50", "sgst_amount": "2.50", "round_off": "0.01", "total": "105.00",
         "lines": [{"cgst_amount": "0.83"}, {"cgst_amount": "0.84"}, {"cgst_amount": "0.83"}]},
        {"receivables": "105.00", "sales": "-99.99", "output_cgst": "-2.50", "output_sgst": "-2.50",
         "rounding": "-0.01"},
        id="spread",
    ),
    pytest.param(
        BUYER, [line("1", "0.10", "5")] * 10, {}, {"cgst_amount": "0.03", "sgst_amount": "0.03"},
        {"receivables": "1.00", "sales": "-1.00", "output_cgst": "-0.03", "output_sgst": "-0.03", "rounding": "0.06"},
        id="small lines",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("gstin", "lines", "over", "expected", "books"), EXAMPLES)
def test_worked_examples_to_the_paisa(company: Company, gstin, lines, over, expected, books):
    customer = bill(company, customer={"gstin": gstin})
    draft = make(company, customer, lines=lines, **over)
    preview = company.owner.api().post(
        "/invoices/preview", json=invoice_values(customer_id=customer, lines=lines, **over)
    )
    assert preview.status_code == 200, preview.json
    issued = finalize(company, draft)
    for document in (draft, preview.json, issued):
        for name, value in expected.items():
            if name == "lines":
                for row, wanted in zip(document["lines"], value, strict=True):
                    assert {key: row[key] for key in wanted} == wanted
            else:
                assert document[name] == value, name
    assert issued["number"] == "INV-26-IND-00001"
    assert issued["status"] == "issued"
    assert issued["amount_due"] == issued["total"]
    with company.owner.acting():
        assert {role: amount for role, (amount, _) in books_of(issued["id"]).items()} == {
            role: Decimal(amount) for role, amount in books.items()
        }
        check_receivables()


def test_totals_on_top_are_those_of_the_lines(company: Company):
    customer = bill(company)
    invoice = make(
        company, customer, discount_percent="3.3",
        lines=[line("3", "33.33", "18", cess_rate="1"), line("7", "11.11", "5", discount_percent="10"),
               line("1.5", "199.99", "0")],
    )  # fmt: skip
    for name in ("taxable_amount", "cgst_amount", "sgst_amount", "igst_amount", "cess_amount", "tax_amount"):
        assert sum(Decimal(row[name]) for row in invoice["lines"]) == Decimal(invoice[name])
    assert sum(Decimal(group["amount"]) for group in invoice["taxes"]) == Decimal(invoice["tax_amount"])
    assert Decimal(invoice["total"]) == sum(
        Decimal(invoice[name]) for name in ("taxable_amount", "tax_amount", "round_off")
    )
    assert Decimal(invoice["subtotal"]) - Decimal(invoice["discount_total"]) == Decimal(invoice["taxable_amount"])


def test_a_draft_has_no_number_and_is_changed_and_deleted(company: Company):
    customer = bill(company)
    api = company.owner.api()
    draft = make(company, customer)
    assert (draft["number"], draft["status"], draft["total"]) == (None, "draft", "1180.00")
    assert draft["due_date"] == "2026-12-20"
    assert draft["actions"] == ["finalize"]
    address = f"/invoices/{draft['id']}"
    stale = api.patch(address, json={"reference": "PO 7"}, headers={"If-Match": '"99"'})
    assert stale.status_code == 412
    changed = api.patch(address, json={"reference": "PO 7", "invoice_date": "2026-11-25"})
    assert changed.status_code == 200
    assert (changed.json["reference"], changed.json["due_date"]) == ("PO 7", "2026-12-25")
    fixed = api.patch(address, json={"due_date": "2026-11-30"}).json
    assert fixed["due_date"] == "2026-11-30"
    assert api.patch(address, json={"invoice_date": "2026-11-26"}).json["due_date"] == "2026-11-30"
    assert api.patch(address, json={"due_date": None}).json["due_date"] == "2026-12-26"
    replaced = api.put(address, json=invoice_values(customer_id=customer, line={"quantity": "2"}))
    assert replaced.json["total"] == "236.00"
    assert api.delete(address).status_code == 204
    assert api.get(address).status_code == 404


def test_an_issued_invoice_is_neither_changed_nor_deleted(company: Company):
    customer = bill(company)
    api = company.owner.api()
    issued = finalize(company, make(company, customer))
    address = f"/invoices/{issued['id']}"
    for answer in (
        api.put(address, json=invoice_values(customer_id=customer)),
        api.patch(address, json={"notes": "x"}),
        api.delete(address),
    ):
        assert answer.status_code == 409
        assert answer.json["code"] == "not_a_draft"
        assert "credit note" in answer.json["detail"]
    assert finalize(company, issued, 409)["code"] == "illegal_status"
    with company.owner.acting():
        db.session.execute(update(Customer).values(name="Another name", city="Elsewhere"))
    after = api.get(address).json
    assert after["customer"] == issued["customer"]
    assert after["customer_name"] == issued["customer_name"]


def test_void_takes_it_from_the_books_and_keeps_its_number(company: Company):
    customer = bill(company)
    api = company.owner.api()
    first = finalize(company, make(company, customer))
    void = api.post(f"/invoices/{first['id']}/void", json={"reason": "Wrong customer"})
    assert void.status_code == 200, void.json
    assert (void.json["status"], void.json["number"], void.json["amount_due"]) == ("void", first["number"], "0.00")
    with company.owner.acting():
        assert books_of(first["id"]) == {}
        check_receivables()
    assert api.post(f"/invoices/{first['id']}/void", json={}).status_code == 409
    assert finalize(company, make(company, customer))["number"] == "INV-26-IND-00002"


def test_uncollectible_goes_to_bad_debts_and_comes_back(company: Company):
    customer = bill(company)
    api = company.owner.api()
    issued = finalize(company, make(company, customer))
    gone = api.post(f"/invoices/{issued['id']}/uncollectible", json={"reason": "Insolvent"})
    assert gone.status_code == 200, gone.json
    assert (gone.json["status"], gone.json["amount_due"]) == ("uncollectible", "0.00")
    with company.owner.acting():
        assert books_of(issued["id"])["bad_debts"][0] == Decimal(1180)
        assert "receivables" not in books_of(issued["id"])
        check_receivables()
    back = api.post(f"/invoices/{issued['id']}/reopen")
    assert (back.json["status"], back.json["amount_due"]) == ("issued", "1180.00")
    with company.owner.acting():
        assert "bad_debts" not in books_of(issued["id"])
        check_receivables()


def test_a_foreign_invoice_balances_to_the_last_unit_in_both_currencies(company: Company):
    # A currency that no other test publishes a rate of: published rates belong to no company.
    customer = bill(company, biller={"lut": True}, customer={
        "gstin": "", "gst_category": "overseas", "country": "BB", "currency": "BBD"})  # fmt: skip
    missing = company.owner.api().post("/invoices/", json=invoice_values(customer_id=customer))
    assert missing.status_code == 422
    assert missing.json["errors"][0]["pointer"] == "/exchange_rate"
    lines = [line("1", "33.33", "0"), line("1", "33.33", "0", book_account_id=None), line("1", "0.01", "0")]
    issued = finalize(company, make(company, customer, exchange_rate="83.123457", lines=lines))
    assert (issued["supply_type"], issued["place_of_supply"], issued["total"]) == ("EXPWOP", "96", "66.67")
    assert "WITHOUT PAYMENT OF INTEGRATED TAX" in issued["statement"]
    assert (issued["base_total"], issued["rate_source"]) == ("5541.84", "entered")
    with company.owner.acting():
        books = books_of(issued["id"])
        assert sum(base for _, base in books.values()) == 0
        assert books["receivables"] == (Decimal("66.67"), Decimal("5541.84"))
        check_receivables()


def test_service_types_fill_in_what_is_not_given(company: Company):
    customer = bill(company)
    with company.owner.acting():
        periods = [{"valid_from": "2017-07-01", "percent": "12"}, {"valid_from": "2025-09-22", "percent": "18"}]
        rate = make_tax_rate(periods=periods)
        service = make_service_type(
            name="Truck hire", hsn_sac="996601", unit="day", unit_price="900", tax_rate_id=rate.id
        )
        price = {"service_type_id": service.id, "valid_from": "2026-01-01", "unit_price": "850"}
        friend = str(make_buyer(price_list_id=make_price_list(items=[price]).id).id)
        service_id = str(service.id)
    bare = {"service_type_id": service_id, "quantity": "2"}
    now = make(company, customer, lines=[bare])["lines"][0]
    wanted = ("description", "hsn_sac", "unit", "unit_price", "tax_rate", "taxable_amount")
    assert [now[name] for name in wanted] == ["Truck hire", "996601", "day", "900.00", "18", "1800.00"]
    before = make(company, customer, lines=[bare], invoice_date="2025-09-21")
    assert before["lines"][0]["tax_rate"] == "12"
    moved = company.owner.api().patch(f"/invoices/{before['id']}", json={"invoice_date": "2025-09-22"}).json
    assert moved["lines"][0]["tax_rate"] == "18"
    assert make(company, friend, lines=[bare])["lines"][0]["unit_price"] == "850.00"
    named = make(company, friend, lines=[{**bare, "unit_price": "5", "description": "Van"}])["lines"][0]
    assert (named["description"], named["unit_price"]) == ("Van", "5.00")


def test_mistakes_are_told_at_their_field(company: Company):
    customer = bill(company)
    api = company.owner.api()

    def refused(**over: Any) -> set[str]:
        answer = api.post("/invoices/", json=invoice_values(customer_id=customer, **over))
        assert answer.status_code == 422, answer.json
        return {error["pointer"] for error in answer.json["errors"]}

    other = "01890000-0000-7000-8000-000000000000"
    assert refused(lines=[{"quantity": "1"}]) == {"/lines/0/description", "/lines/0/unit_price"}
    assert refused(lines=[{"service_type_id": other}]) >= {"/lines/0/service_type_id"}
    assert refused(line={"tax_rate_id": other}) == {"/lines/0/tax_rate_id"}
    assert refused(line={"expense_id": other}) == {"/lines/0/expense_id"}
    assert refused(line={"book_account_id": other}) == {"/lines/0/book_account_id"}
    assert refused(line={"discount_percent": "101"}) == {"/lines/0/discount_percent"}
    assert refused(line={"discount_amount": "1001"}) == {"/lines/0/discount_amount"}
    assert refused(due_date="2026-11-19") == {"/due_date"}
    assert refused(place_of_supply="00") == {"/place_of_supply"}
    assert refused(supply_type="SEZWP") == {"/supply_type"}
    assert refused(delivery_address_id=other) == {"/delivery_address_id"}
    assert refused(company_id=other) == {"/company_id"}
    assert refused(currency="XXX") == {"/currency"}
    assert refused(lines=[]) == {"/lines"}


def test_from_50000_on_an_unregistered_buyer_is_named_with_address_and_state(company: Company):
    customer = bill(company, customer={"gstin": "", "state_code": "", "address_line1": "", "city": ""})
    assert finalize(company, make(company, customer, line={"unit_price": "4999.90"}))["supply_type"] == "B2C"
    refused = finalize(company, make(company, customer, line={"unit_price": "5000.00"}), 422)
    assert refused["code"] == "contents_missing"
    assert "no address and no State" in refused["detail"]


def test_passing_the_credit_limit_is_told(company: Company):
    customer = bill(company, customer={"credit_limit": "2000"})
    assert finalize(company, make(company, customer))["warnings"] == []
    warned = finalize(company, make(company, customer))["warnings"]
    assert [one["code"] for one in warned] == ["credit_limit"]
    assert warned[0]["owed"] == "2360.00"


def test_a_plan_ends_at_its_invoices_of_the_month(company: Company):
    customer = bill(company)
    set_tier(company, "basic")
    drafts = [make(company, customer) for _ in range(11)]
    for draft in drafts[:10]:
        finalize(company, draft)
    refused = finalize(company, drafts[10], 402)
    assert (refused["limit"], refused["used"]) == (10, 10)


def test_a_copy_is_a_draft_of_today(company: Company):
    customer = bill(company)
    issued = finalize(company, make(company, customer, line={"quantity": "3"}, reference="PO 1"))
    copy = company.owner.api().post(f"/invoices/{issued['id']}/duplicate")
    assert copy.status_code == 201
    assert (copy.json["status"], copy.json["number"], copy.json["total"]) == ("draft", None, "354.00")
    assert copy.json["lines"][0]["description"] == issued["lines"][0]["description"]


def test_lists_filter_sort_and_add_up(company: Company):
    customer = bill(company)
    with company.owner.acting():
        other = str(make_buyer(name="Zenith Cargo").id)
    old = finalize(company, make(company, customer, invoice_date="2026-01-05", reference="PO-77"))
    new = finalize(
        company, make(company, other, invoice_date="2026-11-20", due_date="2199-12-20", line={"unit_price": "10"})
    )
    draft = make(company, customer, invoice_date="2026-11-21")
    api = company.owner.api()

    def found(query: str) -> list[str]:
        answer = api.get(f"/invoices/?{query}")
        assert answer.status_code == 200, answer.json
        return [row["id"] for row in answer.json["data"]]

    assert found("") == [draft["id"], new["id"], old["id"]]
    assert found("sort=total") == [new["id"], *sorted([old["id"], draft["id"]])]
    assert found("sort=due_date")[0] == old["id"]
    assert found("status=overdue") == [old["id"]]
    assert found("status=open") == [new["id"], old["id"]]
    assert found("status=draft") == [draft["id"]]
    assert found("q=zenith") == [new["id"]]
    assert found("q=po-7") == [old["id"]]
    assert found(f"q={new['number'].lower()}") == [new["id"]]
    assert found(f"customer_id={other}") == [new["id"]]
    assert found("date_from=2026-11-20&date_to=2026-11-20") == [new["id"]]
    assert found("due_to=2026-02-10") == [old["id"]]
    assert found("amount_from=118&amount_to=118") == [new["id"]]
    assert found("currency=USD") == []
    assert api.get("/invoices/?status=nonsense").status_code == 422
    page = api.get("/invoices/?limit=2").json
    assert page["has_more"]
    assert [row["id"] for row in api.get(f"/invoices/?limit=2&cursor={page['next_cursor']}").json["data"]] == [
        old["id"]
    ]
    totals = api.get("/invoices/?totals=1&status=open").json["totals"]
    assert totals["by_currency"] == [
        {"currency": "INR", "count": 2, "total": "1298.00", "amount_paid": "0.00", "amount_due": "1298.00"}
    ]
    assert api.get("/invoices/summary?status=open").json == totals
    overdue = api.get(f"/invoices/{old['id']}").json
    assert (overdue["status"], overdue["display_status"], overdue["is_overdue"]) == ("issued", "overdue", True)
    file = api.get("/invoices/?format=csv&sort=date").text
    assert file.splitlines()[1].startswith(f'"{old["number"]}"')
    assert api.get("/invoices/?format=xlsx").data[:2] == b"PK"


def test_roles_and_keys(company: Company):
    customer = bill(company)
    body = invoice_values(customer_id=customer)
    analyst = company.member("analyst").api()
    assert analyst.post("/invoices/", json=body).status_code == 403
    draft = make(company, customer)
    assert analyst.get(f"/invoices/{draft['id']}").status_code == 200
    assert analyst.post(f"/invoices/{draft['id']}/finalize").status_code == 403
    key = {"Idempotency-Key": "one"}
    api = company.owner.api()
    first, second = (api.post(f"/invoices/{draft['id']}/finalize", headers=key) for _ in range(2))
    assert first.json["number"] == second.json["number"]
    assert first.headers["ETag"] == f'"{first.json["version"]}"'
