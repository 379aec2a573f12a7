"""Recording a receipt in Chromium: what is typed is shared, and changed by hand."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.factories.invoices import ensure_biller, make_buyer, make_issued_invoice
from tests.factories.tenants import Company


def test_a_receipt_is_shared_while_it_is_typed(tab: Page, company: Company):
    with company.owner.acting():
        ensure_biller()
        buyer = make_buyer(name="Garden City Travels")
        old = make_issued_invoice(customer_id=buyer.id, invoice_date="2026-09-01")
        new = make_issued_invoice(customer_id=buyer.id)
    tab.goto("/receipts/new")
    tab.get_by_role("combobox", name="Customer").click()
    tab.keyboard.type("Garden")
    tab.get_by_role("option", name=re.compile("Garden City")).click()
    first, second = tab.get_by_label(f"Pays of {old.number}"), tab.get_by_label(f"Pays of {new.number}")
    expect(first).to_be_visible()
    tab.get_by_label("Amount received").fill("1500")
    expect(first).to_have_value("1,180.00")
    expect(second).to_have_value("320.00")
    second.fill("100")
    sums = tab.locator("#receipt-sums")
    expect(sums).to_contain_text("₹220.00")
    expect(second).to_be_focused()
    tab.get_by_label("Amount received").fill("1,600")
    expect(sums).to_contain_text("₹320.00")
    expect(second).to_have_value("100")
    tab.get_by_role("button", name="Share it, the oldest first").click()
    expect(second).to_have_value("420.00")
    tab.get_by_label("Reference").fill("UTR 77")
    tab.keyboard.press("Control+Enter")
    expect(tab.get_by_role("heading", name="RCT-26-IND-00001")).to_be_visible()
    expect(tab.get_by_text("₹420.00")).to_be_visible()
