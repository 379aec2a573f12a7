"""A person keeps the filters of a list under a name, goes back to them, and deletes and brings back the view."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.factories.expenses import make_expense
from tests.factories.tenants import Company


def test_a_view_is_kept_opened_deleted_and_brought_back(tab: Page, company: Company):
    with company.owner.acting():
        make_expense(title="Fuel")
        make_expense(title="Tea")
    tab.goto("/expenses?q=fuel")
    tab.get_by_role("link", name="Save this view").click()
    expect(tab.locator("#view-name")).to_be_focused()
    tab.fill("#view-name", "Fuel only")
    tab.keyboard.press("Enter")
    views = tab.get_by_role("navigation", name="Saved views")
    expect(views.locator("[aria-current]")).to_have_text("Fuel only")
    views.get_by_role("link", name="All").click()
    expect(tab.get_by_role("link", name="Tea", exact=True)).to_be_visible()
    views.get_by_role("link", name="Fuel only").click()
    expect(tab.get_by_role("link", name="Tea", exact=True)).not_to_be_visible()
    assert tab.url.endswith("/expenses?q=fuel")
    views.get_by_role("link", name="Rename, share or delete Fuel only").click()
    tab.get_by_role("button", name="Delete this view").click()
    tab.get_by_role("button", name="Undo").click()
    expect(views.get_by_role("link", name="Fuel only", exact=True)).to_be_visible()
