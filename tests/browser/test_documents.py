"""An invoice by hand and by keyboard: drafted with live totals, finalized, looked at."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.factories.customers import make_service_type
from tests.factories.invoices import ensure_biller, make_buyer, make_invoice
from tests.factories.tenants import Company
from tracktok.customers.queries.taxes import find_tax_rate


@pytest.fixture
def sold(company: Company) -> None:
    """What can be billed, and to whom."""
    with company.owner.acting():
        ensure_biller()
        make_buyer(name="Garden City Travels", payment_terms_days=30)
        rate = find_tax_rate("GST 18 %")
        make_service_type(name="Sedan, per day", unit="day", hsn_sac="996601", unit_price="1249.50", tax_rate_id=rate)
        make_service_type(
            name="Outstation kilometres", unit="km", hsn_sac="996601", unit_price="14.75", tax_rate_id=rate
        )


def pick(tab: Page, at: int, name: str, text: str) -> None:
    """Choose from the field that searches in a line."""
    row = tab.locator("[data-line]").nth(at)
    row.get_by_role("combobox", name=name).first.fill(text)
    tab.locator(".tt-combo-list:not([hidden]) .tt-combo-option.is-active").wait_for()
    tab.keyboard.press("Enter")


@pytest.mark.usefixtures("sold")
def test_an_invoice_is_drafted_and_finalized(tab: Page):
    tab.goto("/invoices")
    tab.wait_for_load_state("networkidle")
    tab.keyboard.press("n")
    tab.keyboard.press("i")
    expect(tab.get_by_role("heading", level=1)).to_have_text("New invoice")
    tab.wait_for_load_state("networkidle")
    tab.get_by_role("combobox", name="Customer").fill("garden")
    tab.locator(".tt-combo-list:not([hidden]) .tt-combo-option.is-active").wait_for()
    tab.keyboard.press("Enter")
    expect(tab.locator("#until-follows")).to_contain_text("by the terms of payment")
    pick(tab, 0, "Service", "sedan")
    expect(tab.locator("[name=lines-0-unit_price]")).to_have_value("1,249.50")
    expect(tab.locator("[name=lines-0-hsn_sac]")).to_have_value("996601")
    quantity = tab.locator("[name=lines-0-quantity]")
    quantity.fill("22")
    expect(tab.locator("#doc-total")).to_contain_text("₹32,437.00")
    expect(quantity).to_be_focused()
    # Enter in the last line adds one, and puts the focus into it.
    quantity.press("Enter")
    rows = tab.locator("[data-line]")
    expect(rows).to_have_count(2)
    pick(tab, 1, "Service", "outstation")
    expect(rows.nth(1).locator("[data-line-field=unit_price]")).to_have_value("14.75")
    rows.nth(1).locator("[data-line-field=quantity]").fill("318.4")
    # The first worked example of the specification.
    expect(tab.locator("#doc-total")).to_contain_text("₹37,979.00")
    expect(tab.locator("#doc-totals")).to_contain_text("CGST 9 %")
    expect(tab.locator("#doc-totals")).to_contain_text("2,896.69")
    tab.get_by_role("button", name="Add a line").click()
    expect(rows).to_have_count(3)
    rows.nth(2).locator("[data-line-field=description]").fill("Driver allowance")
    expect(rows.nth(2).locator(".tt-line-problem")).to_have_text("Enter a price.")
    expect(tab.locator("#doc-totals")).to_contain_text("Without line 3")
    rows.nth(2).locator("[data-line-field=unit_price]").fill("500")
    expect(tab.locator("#doc-total")).to_contain_text("₹38,479.00")
    rows.nth(2).locator("[data-line-field=unit_price]").press("Alt+ArrowUp")
    expect(rows.nth(1).locator("[data-line-field=description]")).to_have_value("Driver allowance")
    tab.get_by_role("button", name="Finalize").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Finalize this invoice?")
    tab.get_by_role("button", name="Finalize as INV-26-IND-00001").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("INV-26-IND-00001")
    expect(tab.locator(".tt-paper-lines tbody tr").nth(1)).to_contain_text("Driver allowance")
    expect(tab.locator(".tt-record-amount")).to_contain_text("₹38,479.00")


@pytest.mark.usefixtures("sold")
def test_ctrl_enter_saves_and_a_dialog_asks_before_finalizing(tab: Page, company: Company):
    with company.owner.acting():
        draft = make_invoice()
    tab.goto(f"/invoices/{draft.id}/edit")
    tab.wait_for_load_state("networkidle")
    tab.locator("[name=lines-0-quantity]").fill("20")
    expect(tab.locator("#doc-total")).to_contain_text("₹2,360.00")
    tab.keyboard.press("Control+Enter")
    expect(tab).to_have_url(re.compile(rf"/invoices/{draft.id}$"))
    expect(tab.locator(".tt-record-amount")).to_contain_text("₹2,360.00")
    tab.wait_for_load_state("networkidle")
    tab.get_by_role("link", name="Finalize").click()
    dialog = tab.get_by_role("dialog", name="Finalize this invoice?")
    expect(dialog).to_contain_text("INV-26-IND-00001")
    dialog.get_by_role("button", name="Finalize as").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("INV-26-IND-00001")
