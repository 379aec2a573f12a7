"""A person's paths in Chromium, on pages of the product."""

from __future__ import annotations

import re
from datetime import date

from playwright.sync_api import Page, expect

from tests.factories.expenses import make_expense
from tests.factories.tenants import Company


def test_the_dashboard_draws_its_charts_again_for_other_days(tab: Page, company: Company):
    with company.owner.acting():
        for day in (1, 9, 17):
            make_expense(amount="120.00", expense_date=date(2026, 10, day))
    failures: list[str] = []
    tab.on("pageerror", lambda error: failures.append(str(error)))
    tab.goto("/dashboard?preset=last_month")
    expect(tab.locator("#trend[data-drawn]")).to_be_visible()
    tab.get_by_text("Other days").click()
    tab.get_by_label("From", exact=True).fill("1 oct 2026")
    tab.get_by_label("To", exact=True).fill("17/10/2026")
    tab.get_by_role("button", name="Show these days").click()
    expect(tab).to_have_url(re.compile("date_to="))
    expect(tab.locator("#trend[data-drawn]")).to_be_visible()
    assert not failures


def test_signing_up_suggests_an_address_and_begins_at_what_is_wrong(tab: Page):
    tab.goto("/sign-up")
    tab.keyboard.type("Bäckerei Nord & Söhne")
    expect(tab.get_by_label("Address", exact=True)).to_have_value("backerei-nord-sohne")
    tab.get_by_label("Address", exact=True).fill("nord")
    tab.get_by_label("Company name").fill("Bakery")
    expect(tab.get_by_label("Address", exact=True)).to_have_value("nord")
    tab.get_by_label("Your e-mail address").fill("owner@nord.example")
    tab.get_by_label("Password", exact=True).fill("short")
    tab.keyboard.press("Control+Enter")
    expect(tab.get_by_text("Write at least 10 characters.")).to_be_visible()
    expect(tab.get_by_label("Password", exact=True)).to_be_focused()


def test_the_summary_names_fields_in_their_order_on_the_page(tab: Page):
    tab.goto("/expenses/new")
    tab.keyboard.press("Control+Enter")
    expect(tab.locator("[data-error-summary] a")).to_have_text([re.compile("^Title"), re.compile("^Amount")])
