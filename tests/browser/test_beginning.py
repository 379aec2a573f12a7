"""Who has nothing yet looks at sample data; what is deleted by mistake is brought back by the toast."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.factories.expenses import make_account, make_expense, make_tag
from tests.factories.tenants import Company


def shot(tab: Page, name: str) -> None:
    """A picture, for who wants to see what the test sees."""
    if folder := os.environ.get("TRACKTOK_PICTURES"):
        tab.screenshot(path=Path(folder) / f"{name}.png")


def test_sample_data_is_a_file_to_look_at(tab: Page):
    tab.goto("/dashboard")
    shot(tab, "dashboard-empty")
    tab.set_viewport_size({"width": 390, "height": 800})
    tab.goto("/expenses")
    shot(tab, "expenses-empty-phone")
    tab.set_viewport_size({"width": 1440, "height": 900})
    tab.goto("/expenses")
    shot(tab, "expenses-empty")
    tab.get_by_role("button", name="See it with sample data").click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("sample-data.csv")
    expect(tab.locator(".tt-toast")).to_contain_text("This is sample data")
    shot(tab, "sample-import")


@pytest.mark.parametrize("thing", ["account", "tag"])
def test_deleting_is_undone(tab: Page, company: Company, thing: str):
    with company.owner.acting():
        made = make_account(name="Petty cash") if thing == "account" else make_tag(name="Petty cash")
        if thing == "tag":
            make_expense(tags=["Petty cash"])
        here = f"/accounts/{made.id}" if thing == "account" else f"/tags/{made.id}"
    tab.goto(here)
    if thing == "account":
        tab.locator("summary[aria-label='More']").click()
    tab.get_by_role("button", name="Delete").first.click()
    tab.locator("dialog[open]").get_by_role("button", name="Delete").click()
    expect(tab.locator(".tt-toast")).to_contain_text("“Petty cash” deleted")
    shot(tab, f"deleted-{thing}")
    tab.get_by_role("button", name="Undo").click()
    expect(tab.locator(".tt-toast").first).to_contain_text("“Petty cash” is back")
    expect(tab.get_by_text("Petty cash").first).to_be_visible()
