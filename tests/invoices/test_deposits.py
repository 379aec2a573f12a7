"""Deposits: money before its invoice, the tax that is owed on it, and the invoice that takes it up."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from sqlalchemy import update

from tests.factories.invoices import FAR_BUYER, make_buyer, make_invoice, make_quote
from tests.factories.recurring import recurring_values, run_recurring
from tests.factories.tenants import Company
from tests.invoices.books import check_receivables
from tests.invoices.conftest import Billing
from tests.races.test_expenses import at_once
from tracktok.core import clock
from tracktok.core.context import Actor, preferences
from tracktok.core.db import db
from tracktok.customers.services import default_company
from tracktok.invoices.models import Allocation, Refund
from tracktok.invoices.rules.advances import Advance, advances_json, rows_of, tax_of
from tracktok.invoices.services import returns, send_quote

D = Decimal
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


@pytest.mark.parametrize(
    ("amount", "rate", "inter", "expected"),
    [
        ("1180", "18", False, ("1000", "0", "90", "90")),
        ("1180", "18", True, ("1000", "180", "0", "0")),
        ("1000", "5", False, ("952.38", "0", "23.81", "23.81")),
        ("0.01", "18", False, ("0.01", "0", "0.00", "0.00")),
        ("500", "0", True, ("500", "0.00", "0", "0")),
    ],
)
def test_tax_is_in_the_advance(amount, rate, inter, expected):
    found = tax_of(D(amount), D(rate), inter_state=inter)
    assert (found.taxable, found.igst, found.cgst, found.sgst) == tuple(map(D, expected))


@given(
    st.integers(1, 10**9),
    st.sampled_from(["5", "12", "18", "28"]),
    st.booleans(),
    st.lists(st.integers(0, 1000), min_size=1, max_size=5),
)
def test_parts_of_an_advance_come_to_its_tax_month_by_month(paise, rate, inter, weights):
    amount, whole = D(paise) / 100, tax_of(D(paise) / 100, D(rate), inter_state=inter)
    parts = [(amount * one / (sum(weights) or 1)).quantize(D("0.01")) for one in weights]
    used, adjusted = D(0), D(0)
    first, _ = rows_of([Advance(date(2026, 4, 1), amount, D(rate), "29", inter)], date(2026, 4, 1), date(2026, 5, 1))
    for number, wanted in enumerate(parts, 5):
        part = min(wanted, amount - used)
        one = Advance(date(2026, 4, 1), amount, D(rate), "29", inter, used, part)
        _, told = rows_of([one], date(2026, number, 1), date(2026, number + 1, 1))
        adjusted += sum((row["igst"] + row["cgst"] + row["sgst"] for row in told), D(0))
        used += part
    rest = tax_of(amount - used, D(rate), inter_state=inter)
    taxes = whole.igst + whole.cgst + whole.sgst
    assert adjusted + rest.igst + rest.cgst + rest.sgst == taxes
    assert sum((row["igst"] + row["cgst"] + row["sgst"] for row in first), D(0)) == taxes


def test_the_portal_reads_advances_by_place_and_rate():
    row = {"inter_state": False, "place_of_supply": "29", "rate": D(18), "taxable": D(1000), "igst": D(0),
           "cgst": D(90), "sgst": D(90), "cess": D(0)}  # fmt: skip
    far = {**row, "inter_state": True, "place_of_supply": "27", "igst": D(180)}
    assert advances_json([row, {**row, "rate": D(5)}, far]) == [
        {"pos": "29", "sply_ty": "INTRA", "itms": [
            {"rt": D(18), "ad_amt": D(1000), "camt": D(90), "samt": D(90), "csamt": D(0)},
            {"rt": D(5), "ad_amt": D(1000), "camt": D(90), "samt": D(90), "csamt": D(0)},
        ]},
        {"pos": "27", "sply_ty": "INTER", "itms": [{"rt": D(18), "ad_amt": D(1000), "iamt": D(180), "csamt": D(0)}]},
    ]  # fmt: skip


def deposited(
    billing: Billing, amount: str = "1180.00", day: str = "2026-11-05", status: int = 201, **over: Any
) -> Any:
    body = {"customer_id": billing.customer, "receipt_date": day, "amount": amount,
            "deposit": {"description": "Tour in December", "hsn_sac": "996601", "tax_rate": "18", **over}}  # fmt: skip
    return billing.call("POST", "/receipts/", status, json=body)


def told(billing: Billing, month: date) -> dict[str, Any]:
    with billing.company.owner.acting():
        return returns.make_gstr1(default_company(), month).json


def pdf_text(data: bytes) -> str:
    return " ".join("\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())


def test_an_advance_has_its_tax_its_voucher_and_is_told_in_its_month(billing: Billing):
    made = deposited(billing)
    deposit = made["deposit"]
    assert (deposit["taxable_amount"], deposit["cgst_amount"], deposit["igst_amount"]) == ("1000.00", "90.00", "0.00")
    assert (deposit["place_of_supply"], deposit["inter_state"]) == ("29", False)
    assert told(billing, NOVEMBER)["at"] == [
        {"pos": "29", "sply_ty": "INTRA", "itms": [
            {"rt": D(18), "ad_amt": D(1000), "camt": D(90), "samt": D(90), "csamt": D(0)}
        ]}
    ]  # fmt: skip
    answer = billing.api.get(f"/receipts/{made['id']}/voucher")
    assert answer.status_code == 200
    said = pdf_text(answer.data)
    for part in ("Receipt voucher", made["number"], "Tour in December", "29 Karnataka", "CGST 9 %", "90.00", "1,180.00",
                 "29AABCI5678G1Z7", "29AAGCB7383J1Z4", "Reverse charge"):  # fmt: skip
        assert part in said, part
    assert billing.api.get(f"/receipts/{made['id']}/voucher").data == answer.data
    plain = billing.call("POST", "/receipts/", 201, json={"customer_id": billing.customer, "amount": "5.00"})
    assert plain["deposit"] is None
    assert billing.api.get(f"/receipts/{plain['id']}/voucher").status_code == 404
    page = billing.company.owner.browser().get(f"/receipts/{made['id']}").text
    assert "Receipt voucher" in page
    assert billing.company.owner.browser().get(f"/receipts/{made['id']}/voucher.pdf").status_code == 200


@pytest.mark.parametrize(
    ("over", "rate", "place"),
    [
        ({"supply_kind": "goods"}, "0", "29"),
        ({"reverse_charge": True}, "0", "29"),
        ({"tax_rate": None}, "18", "29"),
        ({"place_of_supply": "27"}, "18", "27"),
    ],
)
def test_what_the_law_does_not_tax_before_the_invoice_is_not_taxed(billing: Billing, over, rate, place):
    deposit = deposited(billing, **over)["deposit"]
    assert (deposit["tax_rate"], deposit["place_of_supply"]) == (rate, place)
    assert bool(told(billing, NOVEMBER)["at"]) == (rate != "0")


def test_what_is_not_supported_is_refused_and_an_export_under_a_letter_bears_no_tax(billing: Billing):
    with billing.company.owner.acting():
        abroad = str(make_buyer(name="Abroad", gstin="", gst_category="overseas", country="US", currency="INR").id)
    body = {"customer_id": abroad, "receipt_date": "2026-11-05", "amount": "100.00", "deposit": {"tax_rate": "18"}}
    [error] = billing.call("POST", "/receipts/", 422, json=body)["errors"]
    assert (error["pointer"], error["code"]) == ("/deposit", "not_supported")
    assert deposited(billing, status=422, hsn_sac="99")["errors"][0]["pointer"] == "/deposit/hsn_sac"
    both = {"customer_id": billing.customer, "amount": "1.00", "allocate": "oldest", "deposit": {}}
    assert billing.call("POST", "/receipts/", 422, json=both)["errors"]


def test_an_invoice_takes_up_what_was_received_and_its_paper_says_so(billing: Billing):
    with billing.company.owner.acting():
        quote = send_quote(make_quote(customer_id=UUID(billing.customer)).id).document.id
    other = deposited(billing, "500.00", "2026-11-04")
    own = deposited(billing, "300.00", document_id=str(quote))
    far = deposited(billing, "999.00", "2026-11-06", document_id=str(quote))
    billing.call("POST", f"/receipts/{far['id']}/refund", 201, json={"amount": "999.00", "date": "2026-11-20"})
    draft = billing.call("POST", f"/quotes/{quote}/convert", 201)
    billing.call("PATCH", f"/invoices/{draft['id']}", json={"invoice_date": "2026-12-02"})
    done = billing.call("POST", f"/invoices/{draft['id']}/finalize?apply_deposits=true")
    assert [(one["number"], one["amount"]) for one in done["advances"]] == [
        (own["number"], "300.00"), (other["number"], "500.00"),
    ]  # fmt: skip
    assert (done["status"], done["amount_paid"], done["amount_due"]) == ("part_paid", "800.00", "380.00")
    said = pdf_text(billing.api.get(f"/invoices/{draft['id']}/pdf").data)
    assert f"Less: advance received {own['number']}" in said
    assert "To pay" in said
    assert "380.00" in said
    december = told(billing, DECEMBER)
    assert december["at"] == []
    [item] = december["txpd"][0]["itms"]
    assert item["ad_amt"] + item["camt"] + item["samt"] == D(800)
    [item] = told(billing, NOVEMBER)["at"][0]["itms"]
    assert item["ad_amt"] + item["camt"] + item["samt"] == D(800), "what went back in its month is no advance"
    shown = billing.company.owner.browser().get(f"/invoices/{draft['id']}").text
    assert "Less: advance received" in shown
    with billing.company.owner.acting():
        check_receivables()


def test_an_invoice_that_is_finalized_later_takes_up_the_deposit_in_its_own_month(billing: Billing):
    deposited(billing, "1180.00", "2025-10-05")
    draft = billing.draft(invoice_date="2025-10-20")
    billing.call("POST", f"/invoices/{draft['id']}/finalize?apply_deposits=true")
    october = told(billing, date(2025, 10, 1))
    assert (october["at"], october["txpd"]) == ([], [])
    with billing.company.owner.acting():
        this_month = default_company(), clock.today(preferences().timezone).replace(day=1)
        assert returns.make_gstr1(*this_month).json["txpd"] == []


def test_deposits_are_applied_by_hand_once_and_only_where_something_is_left(billing: Billing):
    deposited(billing, "1000.00")
    first, second, third = billing.issued(), billing.issued(), billing.issued()
    browser = billing.company.owner.browser()
    assert "Apply deposits" in browser.get(f"/invoices/{first['id']}").text
    assert billing.call("POST", f"/invoices/{first['id']}/apply-deposits")["amount_due"] == "180.00"
    assert billing.call("POST", f"/invoices/{second['id']}/apply-deposits", 409)["code"] == "not_applicable"
    deposited(billing, "2000.00")
    assert browser.post(f"/invoices/{first['id']}/apply-deposits").status_code == 303
    assert billing.call("GET", f"/invoices/{first['id']}")["status"] == "paid"
    assert billing.call("POST", f"/invoices/{first['id']}/apply-deposits", 409)["code"] == "not_applicable"
    assert billing.call("POST", f"/invoices/{second['id']}/apply-deposits")["status"] == "paid"
    assert billing.call("POST", f"/invoices/{third['id']}/apply-deposits")["amount_due"] == "540.00"


def test_the_form_of_a_quote_records_its_deposit_and_finalizing_offers_it(billing: Billing):
    browser = billing.company.owner.browser()
    with billing.company.owner.acting():
        far = make_buyer(name="Far", gstin=FAR_BUYER)
        quote = send_quote(make_quote(customer_id=far.id).id).document
        draft = make_invoice(customer_id=far.id)
    page = browser.get(f"/receipts/new?deposit_of={quote.id}").text
    assert f"Advance for {quote.number}" in page
    form = {
        "customer_id": str(far.id), "amount": "590.00", "receipt_date": "20/11/2026", "method": "upi",
        "currency": "INR", "is_deposit": "1", "deposit-description": "Advance", "deposit-tax_rate": "18",
        "deposit-supply_kind": "services", "deposit-document_id": str(quote.id), "deposit-hsn_sac": "",
        "deposit-place_of_supply": "",
    }  # fmt: skip
    answer = browser.post("/receipts/", data=form)
    assert answer.status_code == 303, answer.text[:300]
    shown = browser.get(answer.headers["Location"]).text
    assert "IGST in it" in shown
    wrong = browser.post("/receipts/", data={**form, "deposit-tax_rate": "much"})
    assert wrong.status_code == 422
    assert "received in advance" in browser.get(f"/invoices/{draft.id}/finalize").text
    made = browser.post(f"/invoices/{draft.id}/finalize", data={"apply_deposits": "1", "reason": ""})
    assert made.status_code == 303, made.text[:300]
    assert billing.call("GET", f"/invoices/{draft.id}")["amount_due"] == "590.00"


def told_at(billing: Billing, day: str, month: str) -> dict[str, Any]:
    """GSTR-1 of a month, without its number of the month, as it is made on a day."""
    with time_machine.travel(f"{day}T05:00:00Z", tick=False), billing.company.owner.acting():
        made = returns.make_gstr1(default_company(), date.fromisoformat(month))
        return {name: made.json[name] for name in ("at", "txpd", "ata", "txpda")}


def gst_of(rows: list[dict[str, Any]]) -> Decimal:
    """What advances with their taxes come to."""
    return sum((one["ad_amt"] + one["camt"] + one["samt"] for row in rows for one in row["itms"]), D(0))


def put_instants(billing: Billing, model: Any, entered: str, ended: str | None = None) -> None:
    """When something was written: the database has a clock of its own."""
    values = {"created_at": f"{entered}T05:00:00Z", **({"updated_at": f"{ended}T05:00:00Z"} if ended else {})}
    with billing.company.owner.acting():
        db.session.execute(update(model).values(values))
        db.session.commit()


def later_on(billing: Billing, day: str) -> Any:
    billing.__dict__.pop("api", None)  # who moves in time signs in anew
    return time_machine.travel(f"{day}T05:00:00Z", tick=False)


def test_what_is_taken_back_later_amends_the_month_that_it_was_told_in(billing: Billing):
    with later_on(billing, "2025-10-05"):
        receipt = deposited(billing, "1180.00", "2025-10-05")
        other = deposited(billing, "590.00", "2025-10-05")
    with later_on(billing, "2025-11-10"):
        invoice = billing.issued(invoice_date="2025-11-10")
        billing.call("POST", f"/invoices/{invoice['id']}/apply-deposits")
    november = told_at(billing, "2025-12-05", "2025-11-01")
    assert (gst_of(november["txpd"]), november["txpda"]) == (D(1180), [])
    with later_on(billing, "2026-01-15"):
        billing.call("POST", f"/receipts/{receipt['id']}/unallocate", json={})
    assert told_at(billing, "2026-02-05", "2025-11-01") == november, "what was told stays"
    assert told_at(billing, "2026-02-05", "2025-12-01") == {"at": [], "txpd": [], "ata": [], "txpda": []}
    january = told_at(billing, "2026-02-05", "2026-01-01")
    assert (january["at"], january["txpd"], january["ata"]) == ([], [], [])
    [row] = january["txpda"]
    assert (row["omon"], row["pos"], row["sply_ty"]) == ("112025", "29", "INTRA")
    assert row["itms"] == [{"rt": D(18), "ad_amt": D(0), "camt": D(0), "samt": D(0), "csamt": D(0)}]
    with later_on(billing, "2026-02-10"):
        invoice = billing.issued(invoice_date="2026-02-10")
        billing.call("POST", f"/receipts/{receipt['id']}/allocate", json={
            "allocations": [{"document_id": invoice["id"], "amount": "1180.00"}]
        })  # fmt: skip
    assert gst_of(told_at(billing, "2026-03-05", "2026-02-01")["txpd"]) == D(1180)
    assert told_at(billing, "2026-03-05", "2026-01-01") == january
    with later_on(billing, "2026-03-20"):
        billing.call("POST", f"/receipts/{other['id']}/void", json={"reason": "It never came"})
    march = told_at(billing, "2026-04-05", "2026-03-01")
    [row] = march["ata"]
    assert (row["omon"], gst_of(march["ata"])) == ("102025", D(1180)), "the whole sum as it is now"
    assert gst_of(told_at(billing, "2026-04-05", "2025-10-01")["at"]) == D(1770)


def test_what_went_back_in_its_month_and_failed_later_amends_it_too(billing: Billing):
    with later_on(billing, "2025-10-05"):
        receipt = deposited(billing, "1180.00", "2025-10-05")
        refund = billing.call("POST", f"/receipts/{receipt['id']}/refund", 201, json={"amount": "180.00"})
    assert gst_of(told_at(billing, "2025-11-05", "2025-10-01")["at"]) == D(1000)
    with later_on(billing, "2025-11-20"):
        billing.call("POST", f"/refunds/{refund['id']}/take-back")
    put_instants(billing, Refund, "2025-10-05", "2025-11-20")
    assert gst_of(told_at(billing, "2025-12-05", "2025-10-01")["at"]) == D(1000)
    november = told_at(billing, "2025-12-05", "2025-11-01")
    assert (gst_of(november["ata"]), november["ata"][0]["omon"]) == (D(1180), "102025")


def test_a_slip_of_the_pen_is_told_nowhere(billing: Billing):
    with later_on(billing, "2025-10-05"):
        receipt = deposited(billing, "1180.00", "2025-10-05")
    with later_on(billing, "2025-11-03"):
        invoice = billing.issued(invoice_date="2025-10-20")
        part = {"document_id": invoice["id"], "amount": "1180.00"}
        billing.call("POST", f"/receipts/{receipt['id']}/allocate", json={"allocations": [part], "date": "2025-10-20"})
    assert told_at(billing, "2025-11-03", "2025-10-01")["at"] == []
    with later_on(billing, "2025-11-04"):
        billing.call("POST", f"/receipts/{receipt['id']}/unallocate", json={})
    put_instants(billing, Allocation, "2025-11-03")
    assert gst_of(told_at(billing, "2025-12-05", "2025-10-01")["at"]) == D(1180)
    assert told_at(billing, "2025-12-05", "2025-11-01")["ata"] == []


def test_the_summary_counts_the_tax_on_advances_beside_that_of_documents(billing: Billing):
    with later_on(billing, "2025-10-05"):
        receipt = deposited(billing, "1180.00", "2025-10-05")
    with later_on(billing, "2025-11-10"):
        invoice = billing.issued(invoice_date="2025-11-10")
        billing.call("POST", f"/invoices/{invoice['id']}/apply-deposits")
    with later_on(billing, "2026-01-15"):
        billing.call("POST", f"/receipts/{receipt['id']}/unallocate", json={})
        found = billing.call("GET", "/reports/gst-summary?date_from=2025-10-01&date_to=2026-01-31")
        rows = [(one["month"], one["section"], one["taxable"], one["tax"]) for one in found["advances"]]
        assert rows == [
            ("2025-10", "at", "1000.00", "180.00"), ("2025-11", "txpd", "-1000.00", "-180.00"),
            ("2026-01", "txpda", "1000.00", "180.00"),
        ]  # fmt: skip
        assert (found["total"]["tax"], found["owed"]["tax"], found["equal"]) == ("180.00", "360.00", True)
        october = billing.call("GET", "/reports/gst-summary?date_from=2025-10-01&date_to=2025-10-31")
        assert (october["rows"], october["owed"]["tax"]) == ([], "180.00")
        page = billing.company.owner.browser().get("/reports/gst-summary?date_from=2025-10-01&date_to=2026-01-31")
        assert "On advances" in page.text
        exported = billing.api.get("/reports/gst-summary?date_from=2025-10-01&date_to=2026-01-31&format=csv")
        assert "Together with advances" in exported.text
        returned = billing.company.owner.browser().get("/gst-returns/?month=2026-01").text
        assert "Nothing was issued" not in returned, "no supplies, but it is not filed as nil"
        assert "Advances adjusted, amended" in returned


def test_several_that_are_finalized_at_once_take_up_what_was_received(billing: Billing):
    deposited(billing, "1500.00", "2025-10-05")
    drafts = [billing.draft(invoice_date="2025-10-20")["id"] for _ in range(2)]
    browser = billing.company.owner.browser()
    assert browser.post("/invoices/bulk", data={"action": "finalize", "ids": drafts}).status_code in {302, 303}
    found = [billing.call("GET", f"/invoices/{one}") for one in drafts]
    assert sorted(one["amount_due"] for one in found) == ["0.00", "860.00"]
    assert all(one["advances"] for one in found)


def test_what_is_issued_by_itself_takes_up_what_no_quote_has_asked_for(billing: Billing):
    with later_on(billing, "2025-10-05"):
        with billing.company.owner.acting():
            offer = make_quote(customer_id=UUID(billing.customer), invoice_date="2025-10-01")
            quote = send_quote(offer.id).document.id
        deposited(billing, "180.00", "2025-10-05")
        deposited(billing, "700.00", "2025-10-04", document_id=str(quote))
        body = recurring_values(customer_id=billing.customer, action="finalize", starts_on="2025-10-31")
        billing.call("POST", "/recurring-invoices/", 201, json=body)
    with later_on(billing, "2025-10-31"):
        run_recurring(billing.company)
        [made] = [billing.call("GET", f"/invoices/{one['id']}") for one in billing.call("GET", "/invoices/")["data"]]
        assert ([one["amount"] for one in made["advances"]], made["amount_due"]) == (["180.00"], "1000.00")
    with billing.company.owner.acting():
        check_receivables()


def test_who_may_not_allocate_takes_up_no_deposit(billing: Billing, monkeypatch: pytest.MonkeyPatch):
    deposited(billing, "1000.00", "2025-10-05")
    draft, browser = billing.draft(invoice_date="2025-10-20")["id"], billing.company.owner.browser()
    kept = Actor.may
    monkeypatch.setattr(Actor, "may", lambda who, name: name != "receipts.write" and kept(who, name))
    assert billing.api.post(f"/invoices/{draft}/finalize?apply_deposits=true").status_code == 403
    assert browser.post(f"/invoices/{draft}/finalize", data={"apply_deposits": "1", "reason": ""}).status_code == 403
    assert "received in advance" not in browser.get(f"/invoices/{draft}/finalize").text
    assert browser.post("/invoices/bulk", data={"action": "finalize", "ids": [draft]}).status_code in {302, 303}
    assert billing.call("GET", f"/invoices/{draft}")["amount_due"] == "1180.00"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ({"hsn_sac": ""}, "services"),
        ({"hsn_sac": "", "supply_kind": "goods"}, "goods"),
        ({"hsn_sac": "996601"}, "services"),
        ({"hsn_sac": "8703"}, "goods"),
    ],
)
def test_the_form_knows_goods_by_their_code_or_service_type_alone(billing: Billing, line: dict[str, str], kind: str):
    with billing.company.owner.acting():
        quote = send_quote(make_quote(customer_id=UUID(billing.customer), line=line).id).document.id
    page = billing.company.owner.browser().get(f"/receipts/new?deposit_of={quote}").text
    assert f'<option value="{kind}" selected>' in page


def test_the_form_knows_that_the_customer_owes_the_tax(billing: Billing):
    with billing.company.owner.acting():
        quote = send_quote(make_quote(customer_id=UUID(billing.customer), reverse_charge=True).id).document.id
    browser = billing.company.owner.browser()
    page = browser.get(f"/receipts/new?deposit_of={quote}").text
    [field] = [one for one in page.split("<input") if 'name="deposit-reverse_charge"' in one]
    assert "checked" in field.split(">")[0]
    form = {
        "customer_id": billing.customer, "amount": "590.00", "receipt_date": "20/11/2025", "method": "upi",
        "currency": "INR", "is_deposit": "1", "deposit-supply_kind": "services", "deposit-tax_rate": "18",
        "deposit-reverse_charge": "1",
    }  # fmt: skip
    answer = browser.post("/receipts/", data=form)
    assert answer.status_code == 303, answer.text[:300]
    deposit = billing.call("GET", f"/receipts/{answer.headers['Location'].rsplit('/', 1)[1]}")["deposit"]
    assert (deposit["reverse_charge"], deposit["tax_rate"]) == (True, "0")


def test_deposits_of_others_are_not_there(billing: Billing, other_company: Company):
    with other_company.owner.acting():
        theirs = str(send_quote(make_quote().id).document.id)
    [error] = deposited(billing, status=422, document_id=theirs)["errors"]
    assert error["code"] == "not_found"


@pytest.mark.races
def test_many_at_once_and_one_by_one_wait_in_no_ring(billing: Billing, app_context):
    with billing.company.owner.acting():
        other = str(make_buyer(name="Other").id)
    for customer in (billing.customer, other):
        body = {"customer_id": customer, "receipt_date": "2025-10-05", "amount": "1000.00", "deposit": {}}
        billing.call("POST", "/receipts/", 201, json=body)
    drafts = [billing.draft(customer_id=one, invoice_date="2025-10-20")["id"] for one in (billing.customer, other) * 3]
    browser, api = billing.company.owner.browser(), billing.company.owner.api()
    calls = [
        lambda: browser.post("/invoices/bulk", data={"action": "finalize", "ids": drafts[:2]}),
        lambda: api.post(f"/invoices/{drafts[3]}/finalize?apply_deposits=true"),
        lambda: browser.post("/invoices/bulk", data={"action": "finalize", "ids": [drafts[5], drafts[4]]}),
        lambda: api.post(f"/invoices/{drafts[2]}/finalize?apply_deposits=true"),
    ]
    answers = at_once(app_context, *calls)
    assert {one.status_code for one in answers} <= {200, 302, 303}
    found = [billing.call("GET", f"/invoices/{one}") for one in drafts]
    assert all(one["number"] for one in found)
    assert sum(D(one["amount_paid"]) for one in found) == D(2000)
    with billing.company.owner.acting():
        check_receivables()


@pytest.mark.races
def test_invoices_that_take_up_one_deposit_at_once_take_no_more_than_there_is(billing: Billing, app_context):
    deposited(billing, "1500.00")
    with billing.company.owner.acting():
        drafts = [make_invoice(customer_id=UUID(billing.customer)).id for _ in range(3)]
    api = billing.company.owner.api()
    calls = [lambda one=one: api.post(f"/invoices/{one}/finalize?apply_deposits=true") for one in drafts]
    answers = at_once(app_context, *calls)
    assert [one.status_code for one in answers] == [200] * 3
    assert sum(D(one.json["amount_paid"]) for one in answers) == D(1500)
    with billing.company.owner.acting():
        check_receivables()
