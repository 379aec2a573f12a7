"""Pages of recurring invoices: the form with its days and totals, the record, what failed, pausing, repeating."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.factories.customers import make_service_type
from tests.invoices.conftest import Billing
from tests.invoices.test_recurring import START, again, at, make, run_on
from tracktok.invoices.queries.recurring import get_recurring

FORM = {
    "name": "Depot", "every": "1", "unit": "month", "starts_on": "31/01/2027", "action": "draft",
    "lines-0-description": "Rent {month}", "lines-0-quantity": "1", "lines-0-unit_price": "1,000.00",
    "lines-0-tax": "p:18", "follow_prices": "true",
}  # fmt: skip


def form(billing: Billing, **over: Any) -> dict[str, Any]:
    return {**FORM, "customer_id": billing.customer, **over}


def made_by(answer: Any) -> str:
    assert answer.status_code == 303, answer.text[:3000]
    return str(answer.location.rpartition("/")[2])


def test_one_is_set_up_shown_and_changed(billing: Billing):
    with at("2027-01-04"):
        browser = billing.company.owner.browser()
        assert "No recurring invoices yet" in browser.get("/recurring-invoices").text
        assert browser.get("/recurring-invoices/new").status_code == 200
        made = made_by(browser.post("/recurring-invoices/", data=form(billing)))
        here = f"/recurring-invoices/{made}"
        page = browser.get(here).text
        assert "Every month on the last day" in page
        assert "Sun 31/01/2027" in page
        assert "Sun 28/02/2027" in page
        assert page.count("₹1,180.00") >= 12
        assert "Expected each month, before taxes" in browser.get("/recurring-invoices").text
        edit = browser.get(f"{here}/edit").text
        assert "Rent {month}" in edit
        version = again(billing).call("GET", here)["version"]
        changed = form(billing, every="2", anchor_day="15", version=str(version), **{"lines-0-id": "0"})
        assert made_by(browser.post(f"{here}/edit", data=changed)) == made
        assert "Every 2 months on the 15th" in browser.get(here).text
        stale = browser.post(f"{here}/edit", data=changed)
        assert "Somebody else has changed this" in stale.text


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"every": "0"}, "This must be 1 or more."),
        ({"every": "often"}, "Write a whole number."),
        ({"ends_on": "01/01/2026"}, "It ends before it begins."),
        ({"customer_id": ""}, "Choose a customer."),
        ({"lines-0-description": "Rent {mnth}"}, "There is no placeholder {mnth}"),
        ({"lines-0-unit_price": "a lot"}, "Write a number"),
        ({"lines-0-description": "", "lines-0-unit_price": ""}, "Say what is billed"),
    ],
)
def test_what_is_wrong_stands_at_its_field(billing: Billing, over, said):
    answer = billing.company.owner.browser().post("/recurring-invoices/", data=form(billing, **over))
    assert answer.status_code == 422
    assert said in answer.text


def test_totals_and_days_follow_what_is_typed(billing: Billing):
    browser = billing.company.owner.browser()
    page = browser.post("/recurring-invoices/preview", data=form(billing, unit="week", starts_on="04/01/2027")).text
    assert "Every week on Monday" in page
    assert "Mon 11/01/2027" in page
    assert "1,180.00" in page
    assert "Its number will be" not in page
    half = browser.post("/recurring-invoices/preview", data={"every": "x"})
    assert half.status_code == 200
    assert "The days are shown here" in half.text


def test_listed_prices_are_followed_and_shown(billing: Billing):
    with billing.company.owner.acting():
        service = str(make_service_type(unit_price="100.00").id)
    lines = {"lines-0-service_type_id": service, "lines-0-unit_price": "100.00", "lines-1-description": "Extra",
             "lines-1-service_type_id": service, "lines-1-quantity": "1", "lines-1-unit_price": "70.00"}  # fmt: skip
    browser = billing.company.owner.browser()
    made = made_by(browser.post("/recurring-invoices/", data=form(billing, starts_on="31/01/2030", **lines)))
    with billing.company.owner.acting():
        stored = get_recurring(UUID(made)).body["lines"]
    assert [one.get("unit_price") for one in stored] == [None, "70.00"]
    assert "the price of the day" in browser.get(f"/recurring-invoices/{made}").text
    assert 'value="100"' in browser.get(f"/recurring-invoices/{made}/edit").text
    own = form(billing, starts_on="31/01/2030", **lines)
    own.pop("follow_prices")
    fixed = made_by(browser.post("/recurring-invoices/", data=own))
    with billing.company.owner.acting():
        assert [one["unit_price"] for one in get_recurring(UUID(fixed)).body["lines"]] == ["100.00", "70.00"]


def test_lines_are_added_without_scripts(billing: Billing):
    answer = billing.company.owner.browser().post("/recurring-invoices/", data=form(billing, do="add"))
    assert answer.status_code == 200
    assert "lines-1-description" in answer.text


def test_paused_resumed_skipped_ended(billing: Billing):
    with at("2027-01-04"):
        made = make(billing)
        here = f"/recurring-invoices/{made['id']}"
        billing.company.owner.browser().post(f"{here}/pause")
    with at("2027-03-15"):
        browser = billing.company.owner.browser()
        page = browser.get(f"{here}/resume").text
        assert "2 invoices were missed while it was paused: 31/01/2027, 28/02/2027." in page
        assert browser.post(f"{here}/resume", data={"missed": "skip"}).status_code == 303
        page = browser.get(here).text
        assert "goes on, next on 31/03/2027" in page
        assert page.count("Skipped") >= 2
        browser.post(f"{here}/skip")
        assert again(billing).call("GET", here)["next_on"] == "2027-04-30"
        browser.post(f"{here}/end")
        assert billing.call("GET", here)["status"] == "ended"
        assert "It is ended." in browser.get(browser.post(f"{here}/pause").location).text


def test_what_failed_is_told_and_tried_again(billing: Billing):
    with at("2027-01-04"):
        billing.call("PATCH", f"/customers/{billing.customer}", json={"credit_limit": "1"})
        made = make(billing, action="finalize")
    [run] = run_on(billing, START)
    here = f"/recurring-invoices/{made['id']}"
    with at(START):
        browser = billing.company.owner.browser()
        page = browser.get(here).text
        assert "1 invoice could not be made" in page
        assert "more than the credit limit" in page
        assert "Make it all the same" in page
        assert "1 failed" in browser.get("/recurring-invoices?status=failed").text
        again_page = browser.get(browser.post(f"{here}/runs/{run['id']}/retry").location).text
        assert "It failed again" in again_page
        done = browser.get(browser.post(f"{here}/runs/{run['id']}/retry", data={"force": "true"}).location).text
        assert "The invoice of 31/01/2027 is made" in done
        assert "INV-26-IND-00001" in done


def test_an_invoice_is_repeated_from_its_page(billing: Billing):
    with at("2027-01-04"):
        invoice = again(billing).issued(invoice_date="2027-01-04", discount_percent="10")
        browser = billing.company.owner.browser()
        assert f"/recurring-invoices/new?invoice={invoice['id']}" in browser.get(f"/invoices/{invoice['id']}").text
        page = browser.get(f"/recurring-invoices/new?invoice={invoice['id']}").text
        assert "Cab hire" in page
        assert 'value="10 %"' in page


def test_an_analyst_looks_only(billing: Billing):
    made = make(billing)
    browser = billing.company.member("analyst").browser()
    page = browser.get(f"/recurring-invoices/{made['id']}")
    assert page.status_code == 200
    assert "Pause" not in page.text
    assert browser.get("/recurring-invoices/new").status_code == 403
    assert billing.company.member("member").browser().get("/recurring-invoices").status_code == 403
