"""The frame and the components by hand and by keyboard, on the gallery's pages."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.factories.tenants import Company

from .conftest import Camera, visitor

LIST, FORM = "/dev/components/list", "/dev/components/form"


def rows(tab: Page):
    return tab.locator("tbody tr[data-id]")


def test_the_palette_opens_pages(tab: Page):
    tab.goto(LIST)
    tab.wait_for_load_state("networkidle")  # its scripts listen by then, also on a busy machine
    tab.keyboard.press("Control+k")
    field = tab.get_by_role("combobox", name="Search for a page or a record")
    expect(field).to_be_focused()
    tab.keyboard.type("keyb")
    expect(tab.locator(".tt-palette-item[aria-selected=true]")).to_have_text("Keyboard")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", level=1)).to_have_text("Keyboard")
    tab.wait_for_load_state()  # the heading is there before the scripts of the new page listen
    tab.keyboard.press("Control+k")
    expect(field).to_be_focused()
    tab.keyboard.press("Escape")
    expect(field).to_be_hidden()


def test_keys_move_through_rows_preview_and_select(tab: Page):
    tab.goto(LIST)
    tab.keyboard.press("j")
    tab.keyboard.press("j")
    expect(rows(tab).nth(1)).to_have_class(re.compile("is-current"))
    tab.keyboard.press("Space")
    expect(tab.locator("#peek-body h2").first).to_have_text("Coffee and snacks")
    tab.keyboard.press("k")
    expect(tab.locator("#peek-body h2").first).to_contain_text("Diesel")
    tab.keyboard.press("Escape")
    expect(tab.locator("#peek")).to_be_hidden()
    tab.keyboard.press("x")
    expect(tab.locator(".tt-bulk-count")).to_have_text("1 expense selected")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile(r"/record/1$"))


def test_the_list_of_keys(tab: Page):
    tab.goto(LIST)
    tab.keyboard.press("?")
    expect(tab.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()


def test_filters_live_in_the_address_and_follow_it(tab: Page):
    tab.goto(LIST)
    tab.keyboard.press("/")
    tab.keyboard.type("toll")
    expect(tab).to_have_url(re.compile(r"q=toll"))
    expect(tab.locator("[name=q]")).to_be_focused()
    expect(rows(tab)).to_have_count(7)
    tab.get_by_role("link", name="Amount").click()
    expect(tab).to_have_url(re.compile(r"q=toll.*sort=amount|sort=amount.*q=toll"))
    expect(tab.locator("th[aria-sort=ascending]")).to_contain_text("Amount")
    tab.locator(".tt-chip").first.click()
    expect(tab).not_to_have_url(re.compile(r"q=toll"))
    expect(tab.locator("[name=q]")).to_have_value("")
    tab.go_back()
    expect(tab.locator("[name=q]")).to_have_value("toll")
    expect(rows(tab)).to_have_count(7)
    tab.reload()
    expect(tab.locator("[name=q]")).to_have_value("toll")


def test_choosing_in_the_filter_panel(tab: Page):
    tab.goto(LIST)
    tab.locator("summary", has_text="Filter").click()
    tab.get_by_role("combobox", name="Category").fill("fue")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile(r"category=Fuel"))
    expect(tab.locator(".tt-filter-count")).to_contain_text("1")
    tab.keyboard.press("Escape")
    expect(tab.locator(".tt-filter-panel")).to_be_hidden()


def test_more_rows_are_added_below(tab: Page):
    tab.goto(LIST)
    tab.get_by_role("link", name="Load more").click()
    expect(rows(tab)).to_have_count(24)
    expect(tab).to_have_url(re.compile(r"/list$"))


def test_bulk_and_undo(tab: Page):
    tab.goto(LIST)
    rows(tab).nth(0).get_by_role("checkbox").check()
    rows(tab).nth(2).get_by_role("checkbox").click(modifiers=["Shift"])
    expect(tab.locator(".tt-bulk-count")).to_have_text("3 expenses selected")
    tab.locator(".tt-bulk").get_by_role("button", name="Delete").click()
    expect(tab.locator(".tt-toast")).to_contain_text("3 expenses deleted")
    tab.get_by_role("button", name="Undo").click()
    expect(tab.locator(".tt-toast")).to_contain_text("Brought back")


def test_a_form_by_keyboard(tab: Page):
    tab.goto(FORM)
    expect(tab.locator("#title")).to_be_focused()
    tab.keyboard.type("Di")
    tab.fill("#amount", "1.234,5")
    expect(tab.locator("#amount-echo")).to_have_text("Understood as INR 1,234.50")
    tab.keyboard.press("Control+Enter")
    expect(tab.locator("[data-error-summary]")).to_be_focused()
    expect(tab.locator("#amount")).to_have_value("1.234,5")
    tab.get_by_role("link", name="Category: Fill this in.").click()
    expect(tab.get_by_role("combobox", name="Category")).to_be_focused()
    tab.keyboard.type("trav")
    tab.keyboard.press("Enter")
    tab.fill("#title", "Diesel")
    tab.fill("#expense_date", "5 nov 2026")
    expect(tab.locator("#expense_date-echo")).to_contain_text("5 November 2026")
    tab.keyboard.press("Tab")
    expect(tab.locator("#expense_date")).to_have_value("05/11/2026")
    tab.keyboard.press("Control+Enter")
    expect(tab).to_have_url(re.compile(r"/list$"))
    expect(tab.locator(".tt-toast")).to_contain_text("Expense recorded")


def test_amounts_are_understood_alike_in_the_page_and_on_the_server(tab: Page):
    from tracktok.web.inputs import plain_decimal

    texts = [
        "1,234.5",
        "1.234,5",
        "1,234",
        "1.234",
        "12,34,567.89",
        "1,5",
        "(9)",
        "-3",
        "Rs. 500",
        "5k",
        "5 cr",
        "1,,0",
    ]
    texts += ["", "abc", "1'234.50", "₹ 99", ".5", "99 EUR", "1.2.3", "-0", "0012"]
    tab.goto(FORM)
    for decimal in (".", ","):
        seen = tab.evaluate("([all, mark]) => all.map((text) => tt.plainDecimal(text, mark))", [texts, decimal])
        assert seen == [plain_decimal(text, decimal) for text in texts]


def test_asking_first(tab: Page):
    tab.goto("/dev/components")
    tab.get_by_role("button", name="Ask first").click()
    dialog = tab.get_by_role("alertdialog", name="Send 3 invoices?")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    expect(tab).to_have_url(re.compile(r"/dev/components$"))
    tab.get_by_role("button", name="Ask first").click()
    dialog.get_by_role("button", name="Ask first").click()
    expect(tab.locator(".tt-toast")).to_contain_text("Brought back")


def test_a_chart_has_its_table(tab: Page):
    tab.goto("/dev/components")
    chart = tab.locator("#c-trend")
    expect(chart).to_have_attribute("data-drawn", "true")
    chart.get_by_role("button", name="Table").click()
    expect(chart.get_by_role("table")).to_be_visible()
    expect(chart.get_by_role("cell", name="12,48,500.00")).to_be_visible()


def test_the_theme_is_remembered(tab: Page):
    tab.goto(LIST)
    tab.get_by_role("button", name="Dark theme").click()
    expect(tab.locator("html")).to_have_attribute("data-bs-theme", "dark")
    tab.goto(FORM)
    expect(tab.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_theme_stays_when_a_field_is_changed(tab: Page):
    tab.goto("/projects/new")
    tab.get_by_role("button", name="Dark theme").click()
    tab.locator("[name=name]").fill("Night shuttle")
    tab.locator("[name=name]").press("Tab")
    expect(tab.locator("html")).to_have_attribute("data-bs-theme", "dark")
    tab.evaluate("localStorage.setItem('tt_theme', 'undefined')")  # as a fault of earlier versions kept it
    tab.reload()
    expect(tab.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_a_phone_has_a_drawer_that_keeps_the_focus(camera: Camera, company: Company):
    context = camera.context(visitor(company.owner), viewport={"width": 390, "height": 800})
    tab = context.new_page()
    tab.goto(LIST)
    expect(tab.locator("#sidebar")).to_be_hidden()
    tab.get_by_role("link", name="Open the menu").click()
    expect(tab.locator("#sidebar")).to_be_visible()
    expect(tab.get_by_role("link", name="Close the menu")).to_be_focused()
    tab.keyboard.press("Escape")
    expect(tab.locator("#sidebar")).to_be_hidden()
    expect(tab.get_by_role("link", name="Open the menu")).to_be_focused()
    context.close()


def test_everything_that_matters_works_without_scripts(camera: Camera, company: Company):
    context = camera.context(visitor(company.owner), java_script_enabled=False)
    tab = context.new_page()
    tab.goto(FORM)
    tab.fill("#title", "Diesel")
    tab.fill("#amount", "1.234,5")
    tab.get_by_role("button", name="Save expense").click()
    expect(tab.get_by_text("Please look at one field")).to_be_visible()
    tab.select_option("#category", "Fuel")
    tab.get_by_role("button", name="Save expense").click()
    expect(tab).to_have_url(re.compile(r"/list$"))
    expect(tab.locator("noscript .tt-toast-text")).to_have_text("Expense recorded")
    tab.locator("tbody input[type=checkbox]").first.check()
    tab.locator(".tt-bulk").get_by_role("button", name="Delete").click()
    expect(tab.locator("noscript .tt-toast-text")).to_have_text("1 expense deleted")
    tab.locator("noscript .tt-toast button").click()
    expect(tab.locator("noscript .tt-toast-text")).to_have_text("Brought back")
    context.close()


def test_a_form_in_a_dialog(tab: Page):
    tab.goto("/dev/components")
    tab.get_by_role("button", name="Rename").click()
    dialog = tab.get_by_role("dialog", name="Rename the view")
    expect(dialog.get_by_label("Name")).to_be_focused()
    dialog.get_by_label("Name").fill("x")
    tab.keyboard.press("Control+Enter")
    expect(dialog).to_contain_text("Write at least 3 characters.")
    dialog.get_by_label("Name").fill("Diesel")
    dialog.get_by_role("button", name="Rename").click()
    expect(dialog).to_be_hidden()
    expect(tab.locator(".tt-toast")).to_contain_text("Renamed to Diesel")


def test_letters_go_to_pages_and_make_things(tab: Page):
    tab.goto("/guide")
    tab.keyboard.press("g")
    tab.keyboard.press("e")
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Expenses")
    tab.wait_for_load_state()
    tab.keyboard.press("n")
    expect(tab.locator("#new-menu")).to_have_attribute("open", "")
    tab.keyboard.press("e")
    expect(tab.get_by_role("heading", level=1)).to_have_text("New expense")
    tab.wait_for_load_state()
    tab.keyboard.press("Escape")
    tab.keyboard.press("Control+k")
    tab.keyboard.type("proj")
    expect(tab.locator(".tt-palette-item").first).to_contain_text("roject")
