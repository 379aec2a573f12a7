"""A price is set while its example is worked, and a subscription shows where its period stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.factories.customers import make_customer
from tests.factories.tenants import Company
from tests.factories.usage import make_price, make_subscription, meter_named, use
from tracktok.invoices.services.usage_billing import bill_customer
from tracktok.usage.schemas.quotas import QuotaIn
from tracktok.usage.services.quotas import create_quota


@pytest.fixture
def metered(company: Company) -> dict[str, str]:
    """A customer who has used something."""
    now = datetime.now(UTC)
    with company.owner.acting():
        customer = make_customer(name="Nimbus Labs", city="Bengaluru")
        steps = {
            "tiers": [{"to": "1000", "per_unit": "0.10"}, {"to": "10000", "per_unit": "0.05"}, {"per_unit": "0.01"}]
        }
        make_price("api_calls", "graduated", steps)
        make_price("data_storage", config={"per_unit": "3.5"})
        make_price("api_calls", config={"per_unit": "0.04"}, customer_id=customer.id, valid_from="2199-01-01")
        start = (now - timedelta(days=40)).date()
        made = make_subscription(customer.id, "api_calls", "data_storage", start_date=start, commitment="500")
        for day in range(40):
            at = now - timedelta(days=40 - day)
            use(customer.id, 350 + day * 37 % 91, timestamp=at, user_id=f"u-{day % 5}", source="gateway-eu")
            use(customer.id, 10 + day, "data_storage", timestamp=at)
        create_quota(QuotaIn(meter_id=meter_named("api_calls").id, customer_id=customer.id, limit=20000, block=True))
        [bill] = bill_customer(customer.id, now).opened
    return {"customer": str(customer.id), "subscription": str(made.id), "bill": str(bill.id)}


def test_a_price_is_set_while_its_example_is_worked(tab: Page, metered):
    tab.goto("/usage/prices/new")
    tab.wait_for_load_state("networkidle")
    tab.get_by_role("combobox", name="Meter").fill("cpu")
    tab.locator(".tt-combo-list:not([hidden]) .tt-combo-option.is-active").wait_for()
    tab.keyboard.press("Enter")
    tab.locator("[name=config-per_unit]").fill("0.002")
    expect(tab.locator("#price-example")).to_contain_text("₹30.00")
    tab.locator("select[name=model]").select_option("graduated")
    tab.locator("[name=config-tiers-0-to]").fill("1,000")
    tab.locator("[name=config-tiers-0-per_unit]").fill("0.10")
    tab.locator("[name=config-tiers-1-per_unit]").fill("0.05")
    expect(tab.locator("#price-example")).to_contain_text("₹800.00")
    tab.locator("[name=example]").fill("2000")
    expect(tab.locator("#price-example")).to_contain_text("₹150.00")
    tab.get_by_role("button", name="Save price").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Prices of usage")
    expect(tab.get_by_role("row", name="CPU time").first).to_contain_text("2 tiers, 0.1 to 0.05")
