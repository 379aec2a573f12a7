"""The pages of spending, as a person without scripts sees them."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest

from tests.factories.expenses import make_category, make_expense, make_project
from tests.factories.tenants import Company
from tracktok.core import clock
from tracktok.web.filters import format_day


def _csrf(page) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.get_data(as_text=True))
    return found[1] if found else ""


def _post(browser, address, form_page, **fields):
    return browser.post(address, data={"csrf_token": _csrf(browser.get(form_page)), **fields})


@pytest.mark.parametrize(
    "address",
    ["/expenses", "/expenses/new", "/expenses/bin", "/projects", "/projects/new", "/accounts", "/accounts/new",
     "/categories", "/categories/new", "/tags", "/tags/new"],
)  # fmt: skip
def test_every_page_opens_empty_and_full(company: Company, address):
    browser = company.owner.browser()
    assert browser.get(address).status_code == 200
    with company.owner.acting():
        make_expense(tags=["night"], project_id=make_project(budget_amount="50.00").id, category_id=make_category().id)
    page = browser.get(address)
    assert page.status_code == 200
    assert "<h1" in page.get_data(as_text=True)


def test_an_expense_is_recorded_shown_changed_and_deleted_without_scripts(company: Company):
    browser = company.owner.browser()
    sent = {"title": "Taxi", "amount": "1,250.50", "currency": "INR", "expense_date": "10/11/2026", "status": "paid",
            "tags": "night, client"}  # fmt: skip
    answer = _post(browser, "/expenses", "/expenses/new", **sent)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    page = browser.get("/expenses").get_data(as_text=True)
    assert "Taxi" in page
    assert "1,250.50" in page
    href = re.search(r'href="(/expenses/[0-9a-f-]{36})"', page)[1]
    shown = browser.get(href).get_data(as_text=True)
    assert "night" in shown
    edited = _post(browser, f"{href}/edit", f"{href}/edit", **{**sent, "title": "Cab", "version": "1"})
    assert edited.status_code == 303
    stale = _post(browser, f"{href}/edit", f"{href}/edit", **{**sent, "title": "Bus", "version": "1"})
    assert stale.status_code == 412
    assert "Somebody else has changed this" in stale.get_data(as_text=True)
    assert browser.post(f"{href}/delete", data={"csrf_token": _csrf(browser.get(href))}).status_code == 303
    assert "Cab" in browser.get("/expenses/bin").get_data(as_text=True)
    assert browser.post(f"{href}/restore", data={"csrf_token": _csrf(browser.get(href))}).status_code == 303
    assert "Cab" in browser.get("/expenses").get_data(as_text=True)


def test_a_refused_form_keeps_what_was_typed(company: Company):
    browser = company.owner.browser()
    answer = _post(browser, "/expenses", "/expenses/new", title="Dinner", amount="12x", expense_date="31/02/2026")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="12x"' in text
    assert 'value="31/02/2026"' in text
    assert 'value="Dinner"' in text
    assert "Write a date such as" in text
    foreign = {"title": "Dinner", "amount": "12.00", "currency": "AED", "expense_date": "10/11/2026", "status": "paid"}
    answer = _post(browser, "/expenses", "/expenses/new", **foreign)
    assert answer.status_code == 422
    said = "No rate from AED to INR is known for 10/11/2026. Enter the exchange rate: how many INR one AED is worth."
    assert said in answer.get_data(as_text=True)


def test_a_new_expense_begins_with_today_the_category_used_last_and_the_companys_own_currency(company: Company):
    with company.owner.acting():
        category = make_category().id
        make_expense(title="Abroad", currency="USD", exchange_rate="80", amount="12.50", category_id=category)
        day = format_day(clock.today("Asia/Kolkata"))
    text = company.owner.browser().get("/expenses/new").get_data(as_text=True)
    assert re.search(rf'<option value="{category}"[^>]* selected', text)
    assert "<option selected>INR</option>" in text
    assert f'value="{day}"' in text


def test_a_receipt_comes_with_the_form_and_goes(company: Company):
    browser = company.owner.browser()
    sent = {"title": "Bill", "amount": "10", "expense_date": "10/11/2026", "status": "paid",
            "receipts": (io.BytesIO(b"%PDF-1.4\n%%EOF"), "bill.pdf")}  # fmt: skip
    assert _post(browser, "/expenses", "/expenses/new", **sent).status_code == 303
    href = re.search(r'href="(/expenses/[0-9a-f-]{36})"', browser.get("/expenses").get_data(as_text=True))[1]
    shown = browser.get(href).get_data(as_text=True)
    assert "bill.pdf" in shown
    opened = browser.get(re.search(r'href="(/files/[0-9a-f-]{36})"', shown)[1])
    assert opened.status_code == 200
    assert opened.content_type == "application/pdf"
    remove = re.search(rf'action="({href}/receipts/[0-9a-f-]+/delete)"', shown)[1]
    assert browser.post(remove, data={"csrf_token": _csrf(browser.get(href))}).status_code == 303
    assert "bill.pdf" not in browser.get(href).get_data(as_text=True)


def test_a_field_is_edited_in_place(company: Company):
    browser = company.owner.browser()
    with company.owner.acting():
        expense, project = make_expense().id, make_project(name="Move")
    htmx = {"HX-Request": "true"}
    form = browser.get(f"/expenses/{expense}/field/project?edit=1", headers=htmx)
    assert "<form" in form.get_data(as_text=True)
    assert "<html" not in form.get_data(as_text=True)
    token = _csrf(form)
    saved = browser.post(
        f"/expenses/{expense}/field/project", data={"csrf_token": token, "project_id": str(project.id)}, headers=htmx
    )
    assert "Move" in saved.get_data(as_text=True)
    refused = browser.post(f"/expenses/{expense}/field/title", data={"csrf_token": token, "title": ""}, headers=htmx)
    assert refused.status_code == 422
    without_scripts = browser.get(f"/expenses/{expense}/field/project")
    assert without_scripts.location.endswith(f"/expenses/{expense}/edit")


def test_filters_and_bulk(company: Company):
    browser = company.owner.browser()
    with company.owner.acting():
        make_expense(title="First", expense_date=date(2026, 10, 1))
        make_expense(title="Second", status="approved")
        ids = [str(make_expense(title=f"Third {n}").id) for n in range(3)]
        make_expense(title="Abroad", currency="USD", exchange_rate="80", amount="12.50")
    assert "In USD" in browser.get("/expenses").get_data(as_text=True)
    text = browser.get("/expenses?date_to=05/10/2026").get_data(as_text=True)
    assert "First" in text
    assert "Second" not in text
    assert "remove this filter" in text
    assert "Second" not in browser.get("/expenses?status=paid&amount_from=nonsense").get_data(as_text=True)
    assert "No expense matches" in browser.get("/expenses?q=zzz").get_data(as_text=True)
    token = _csrf(browser.get("/expenses"))
    answer = browser.post("/expenses/bulk?q=third", data={"csrf_token": token, "ids": ids[:2], "action": "delete"})
    assert answer.status_code == 303
    assert answer.location.endswith("/expenses?q=third")
    assert "2 expenses deleted" in browser.get("/expenses").get_data(as_text=True)
    browser.post("/expenses/bulk?q=third", data={"csrf_token": token, "all": "1", "action": "set_status:draft"})
    assert browser.get("/expenses?status=draft").get_data(as_text=True).count("Third") >= 1


def test_members_see_their_own_only(company: Company):
    with company.owner.acting():
        hidden = make_expense(title="Secret").id
    member = company.member("member").browser()
    assert "Secret" not in member.get("/expenses").get_data(as_text=True)
    assert member.get(f"/expenses/{hidden}").status_code == 404
    analyst = company.member("analyst").browser()
    assert "Secret" in analyst.get("/expenses").get_data(as_text=True)
    assert "New expense" not in analyst.get("/expenses").get_data(as_text=True)


def test_the_palette_finds_expenses_and_projects(company: Company):
    with company.owner.acting():
        make_expense(title="Zebra crossing")
        make_project(name="Zebra")
    found = company.owner.browser().get("/palette?q=zeb", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "Zebra crossing" in found
    assert "/projects/" in found


def test_save_and_new_begins_another(company: Company):
    browser = company.owner.browser()
    for address, fields in (
        ("/projects", {"name": "Shuttle", "status": "active"}),
        ("/accounts", {"name": "Till", "type": "cash", "currency": "INR"}),
        ("/categories", {"name": "Ferries", "tax_treatment": "none"}),
        ("/tags", {"name": "harbour"}),
    ):
        answer = _post(browser, address, f"{address}/new", **fields, then="new")
        assert (answer.status_code, answer.location) == (303, f"{address}/new"), answer.get_data(as_text=True)


def test_a_deleted_project_comes_back_unless_its_name_is_taken(company: Company):
    browser = company.owner.browser()
    with company.owner.acting():
        href = f"/projects/{make_project(name='Harbour').id}"
    token = _csrf(browser.get(href))
    assert browser.post(f"{href}/delete", data={"csrf_token": token}).location == "/projects"
    page = browser.get("/projects").get_data(as_text=True)
    assert f"{href}/restore" in page, "the toast offers to undo"
    assert browser.get(href).status_code == 404
    assert browser.post(f"{href}/restore", data={"csrf_token": token}).location == href
    assert browser.get(href).status_code == 200
    assert browser.post(f"{href}/restore", data={"csrf_token": token}).status_code == 404, "it is no longer deleted"
    browser.post(f"{href}/delete", data={"csrf_token": token})
    with company.owner.acting():
        make_project(name="harbour")
    assert browser.post(f"{href}/restore", data={"csrf_token": token}).location == "/projects"
    assert browser.get(href).status_code == 404


def test_figures_of_a_category_include_those_below_it(company: Company):
    with company.owner.acting():
        top = make_category(name="Fleet 2")
        below = make_category(name="Ferries", parent_id=top.id)
        make_expense(amount="100.00", category_id=top.id)
        make_expense(amount="23.00", category_id=below.id)
    page = company.owner.browser().get("/categories").get_data(as_text=True)
    row = page[page.index("Fleet 2") :]
    assert row.index("123.00") < row.index("23.00", row.index("Ferries"))
