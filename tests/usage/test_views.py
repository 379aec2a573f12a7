"""The pages of metered usage, empty and full."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.factories.tenants import Company
from tests.factories.usage import make_customer, make_price, make_subscription, meter_named, use

PAGES = ("/usage/", "/usage/meters", "/usage/prices", "/usage/subscriptions", "/usage/quotas")


@pytest.fixture
def customer_id(company: Company) -> UUID:
    with company.owner.acting():
        return make_customer(name="Nimbus Labs").id


def test_pages_say_what_to_do_when_there_is_nothing(company: Company):
    browser = company.owner.browser()
    said = ("No usage yet", "API calls", "No prices yet", "No subscriptions yet", "No quotas yet")
    for path, words in zip(PAGES, said, strict=True):
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert words in answer.text


@pytest.mark.rbac
def test_an_analyst_looks_and_changes_nothing(company: Company):
    browser = company.member("analyst").browser()
    for path in PAGES:
        assert browser.get(path).status_code == 200
    for path in ("/usage/meters/new", "/usage/prices/new", "/usage/subscriptions/new", "/usage/quotas/new"):
        assert browser.get(path).status_code == 403
    assert company.member("member").browser().get("/usage/").status_code == 403


def test_usage_is_listed_and_filtered(company: Company, customer_id):
    with company.owner.acting():
        use(customer_id, 7, user_id="u-7", source="gateway")
        use(None, 3, "cpu_time", properties={"region": "eu"})
    browser = company.owner.browser()
    page = browser.get("/usage/").text
    assert "Nimbus Labs" in page
    assert "u-7" in page
    filtered = browser.get("/usage/?event=cpu_time").text
    assert "u-7" not in filtered
    assert "u-7" in browser.get(f"/usage/?customer_id={customer_id}&from=10/03/2026&to=10/03/2026").text
    assert "No usage matches" in browser.get("/usage/?from=11/03/2026").text
    found = company.owner.api().get("/usage/?event=cpu_time").json["data"][0]
    assert "region" in browser.get(f"/usage/events/{found['id']}").text


def test_a_meter_is_made_and_keeps_its_code_once_it_is_used(company: Company):
    browser = company.owner.browser()
    form = {"name": "Seats", "code": "Seats!", "aggregation": "max", "unit": "seat"}
    refused = browser.post("/usage/meters", data=form)
    assert refused.status_code == 422
    assert "Begin with a letter" in refused.text
    made = browser.post("/usage/meters", data={**form, "code": "seats"})
    assert made.status_code == 303
    here = made.headers["Location"]
    assert "Maximum" in browser.get(here).text
    with company.owner.acting():
        use(None, 3, "seats")
    assert "Usage is recorded on it" in browser.get(f"{here}/edit").text
    assert browser.post(f"{here}/edit", data={**form, "code": "chairs"}).status_code == 409
    assert browser.post(f"{here}/archive").status_code == 303
    assert "Seats" in browser.get("/usage/meters?archived=1").text


def price_form(meter_id: Any, model: str, **over: str) -> dict[str, str]:
    return {"meter_id": str(meter_id), "valid_from": "01/03/2026", "currency": "INR", "model": model, **over}


def test_a_price_is_set_with_an_example_that_is_worked_as_one_types(company: Company):
    browser = company.owner.browser()
    with company.owner.acting():
        meter = meter_named("api_calls").id
    tiers = {
        "config-tiers-0-to": "1,000", "config-tiers-0-per_unit": "0.10", "config-tiers-3-per_unit": "0.05",
    }  # fmt: skip
    form = price_form(meter, "graduated", **tiers)
    worked = browser.get("/usage/prices/example", query_string={**form, "example": "15,000"})
    assert "₹800.00" in worked.text
    assert "Fill in the price" in browser.get("/usage/prices/example?model=per_unit").text
    assert "Percentage" in browser.get("/usage/prices/fields?model=percentage").text
    percent = {"model": "percentage", "config-rate_percent": "1.2", "config-fixed_amount": "0.10", "example": "200, 50"}
    assert "₹3.20" in browser.get("/usage/prices/example", query_string=percent).text
    assert browser.post("/usage/prices", data=form).status_code == 303
    assert "2 tiers, 0.1 to 0.05" in browser.get("/usage/prices").text
    wrong = browser.post("/usage/prices", data={**form, "config-tiers-3-to": "900"})
    assert wrong.status_code == 422
    assert "last tier has no end" in wrong.text
    assert "1,000" in wrong.text  # what was typed stays
    price = company.owner.api().get("/prices/").json["data"][0]
    edit = browser.get(f"/usage/prices/{price['id']}/edit").text
    assert 'value="1,000"' in edit
    assert browser.post(f"/usage/prices/{price['id']}/delete").status_code == 303


def test_a_subscription_shows_its_period_and_its_bills(company: Company, customer_id):
    browser = company.owner.browser()
    today = datetime.now(UTC)
    with company.owner.acting():
        meter = meter_named("api_calls").id
        make_price(config={"per_unit": "2"})
        use(customer_id, 21, timestamp=today)
    form = {
        "customer_id": str(customer_id), "name": "Metered", "meters": str(meter), "period": "month",
        "start_date": (today - timedelta(days=2)).strftime("%d/%m/%Y"), "timezone": "UTC", "grace_hours": "24",
        "prorate": "true",
    }  # fmt: skip
    assert browser.post("/usage/subscriptions", data={**form, "anchor_day": "40"}).status_code == 422
    made = browser.post("/usage/subscriptions", data=form)
    assert made.status_code == 303
    page = browser.get(made.headers["Location"]).text
    assert "42.00" in page
    assert "Nimbus Labs" in browser.get("/usage/subscriptions").text
    assert "42.00" in browser.get(f"/customers/{customer_id}").text
    edit = browser.get(made.headers["Location"] + "/edit").text
    assert "Metered" in edit


def test_a_bill_says_how_it_came_about_and_the_customer_sees_their_usage(company: Company, customer_id):
    from tracktok.customers.queries import get_customer
    from tracktok.invoices.services import portal
    from tracktok.invoices.services.usage_billing import bill_customer

    with company.owner.acting():
        make_price("api_calls", "package", {"package_size": 10, "package_amount": "3"})
        make_subscription(customer_id)
        use(customer_id, 21)
        [bill] = bill_customer(customer_id, datetime(2026, 4, 1, 1, tzinfo=UTC)).opened
        token = portal.token_of(get_customer(customer_id))
    page = company.owner.browser().get(f"/usage/bills/{bill.id}").text
    assert "Packages of 10" in page
    assert "₹9.00" in page
    assert "Metered usage" in company.owner.browser().get(f"/portal/{token}/").text


def test_a_quota_is_set(company: Company, customer_id):
    browser = company.owner.browser()
    with company.owner.acting():
        meter = meter_named("api_calls").id
    form = {"meter_id": str(meter), "limit": "1,000", "period": "month", "percents": "50, 100", "quantities": "900"}
    assert browser.post("/usage/quotas", data={**form, "percents": "many"}).status_code == 422
    made = browser.post("/usage/quotas", data={**form, "customer_id": str(customer_id)})
    assert made.status_code == 303
    page = browser.get(made.headers["Location"]).text
    assert "Nimbus Labs" in page
    assert "None yet" in page
    assert "Nimbus Labs" in browser.get("/usage/quotas").text
    assert browser.get(made.headers["Location"] + "/edit").status_code == 200
    assert browser.post(made.headers["Location"] + "/delete").status_code == 303
