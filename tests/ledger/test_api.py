"""The books by the API and as pages: who may see them, what they say, what is refused."""

from __future__ import annotations

from datetime import date

import pytest

from tests.factories.expenses import make_account, make_category, make_expense, make_rates
from tests.factories.ledger import post_entry
from tests.factories.tenants import Company
from tracktok.core.ids import new_id
from tracktok.ledger import queries


def fuel_of(company: Company) -> str:
    with company.owner.acting():
        return str(queries.book_account_for("fuel"))


def test_the_chart_is_listed_with_balances(company: Company):
    with company.owner.acting():
        post_entry("100.00")
    listed = company.member("analyst").api().get("/ledger/accounts?limit=100&type=expense").get_json()
    fuel = next(row for row in listed["data"] if row["role"] == "fuel")
    assert (fuel["code"], fuel["balance"], fuel["base_currency"]) == ("5100", "100.00", "INR")
    assert [row["code"] for row in listed["data"]] == sorted(row["code"] for row in listed["data"])
    first = company.owner.api().get("/ledger/accounts?limit=3").get_json()
    second = company.owner.api().get(f"/ledger/accounts?limit=3&cursor={first['next_cursor']}").get_json()
    assert not {row["id"] for row in first["data"]} & {row["id"] for row in second["data"]}


def test_an_account_is_added_renamed_and_archived(company: Company):
    api = company.owner.api()
    made = api.post("/ledger/accounts", json={"name": "Security deposits", "type": "asset"})
    assert made.status_code == 201
    assert made.get_json()["code"].startswith("1")
    url = made.headers["Location"].removeprefix("/api/v1")
    changed = api.patch(url, json={"name": "Deposits"}, headers={"If-Match": made.headers["ETag"]})
    assert (changed.status_code, changed.get_json()["name"]) == (200, "Deposits")
    assert api.patch(url, json={"name": "X"}, headers={"If-Match": made.headers["ETag"]}).status_code == 412
    assert api.patch(url, json={"is_archived": True}).get_json()["is_archived"] is True
    assert api.get(url).get_json()["is_archived"] is True


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": " ", "type": "asset"}, "/name"),
        ({"name": "X", "type": "thing"}, "/type"),
        ({"name": "X", "type": "asset", "currency": "XXX"}, "/currency"),
    ],
)
def test_what_is_no_account_is_refused_at_its_field(company: Company, body, field):
    answer = company.owner.api().post("/ledger/accounts", json=body)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == field


def test_accounts_that_are_needed_are_not_archived(company: Company):
    api = company.owner.api()
    answer = api.patch(f"/ledger/accounts/{fuel_of(company)}", json={"is_archived": True})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "not_archivable")
    with company.owner.acting():
        post_entry("5.00", debit=(own := queries_account()))
    assert api.patch(f"/ledger/accounts/{own}", json={"is_archived": True}).status_code == 409


def queries_account():
    from tracktok.ledger.services import create_book_account

    return create_book_account("Own", "expense").id


def test_entries_are_listed_and_told_with_their_lines(company: Company):
    with company.owner.acting():
        expense = make_expense(amount="100.00", category_id=make_category().id, account_id=make_account().id)
    api = company.owner.api()
    listed = api.get(f"/ledger/entries?source=expense&source_id={expense.id}").get_json()["data"]
    assert [row["amount"] for row in listed] == ["100.00"]
    told = api.get(f"/ledger/entries/{listed[0]['id']}").get_json()
    assert sum(float(line["base_amount"]) for line in told["lines"]) == 0
    assert {line["category_id"] for line in told["lines"]} == {str(expense.category_id)}
    assert told["reversed_by_id"] is None


def test_the_trial_balance_balances(company: Company):
    with company.owner.acting():
        post_entry("100.00", entry_date=date(2026, 5, 3))
        post_entry("40.00", entry_date=date(2026, 6, 3))
    api = company.owner.api()
    told = api.get("/ledger/trial-balance?date_from=2026-06-01&date_to=2026-06-30").get_json()
    assert (told["debit"], told["credit"]) == ("40.00", "40.00")
    fuel = next(row for row in told["rows"] if row["code"] == "5100")
    assert (fuel["opening"], fuel["debit"], fuel["credit"], fuel["closing"]) == ("100.00", "40.00", "0.00", "140.00")
    assert api.get("/ledger/trial-balance?date_from=2026-06-02&date_to=2026-06-01").status_code == 422
    whole = api.get("/ledger/trial-balance").get_json()
    assert whole["date_from"].endswith("-04-01")


def test_a_rate_is_told_with_its_day(company: Company):
    with company.owner.acting():
        make_rates(date(2021, 3, 5), USD="1.2", INR="87.6")
    api = company.member("member").api()
    told = api.get("/exchange-rates/?from=USD&to=INR&date=2021-03-06").get_json()
    assert (told["rate"], told["rate_date"], told["from"], told["to"]) == ("73", "2021-03-05", "USD", "INR")
    assert "2021-03-06" in told["source"]
    assert api.get("/exchange-rates/?from=USD&to=INR&date=1990-01-01").get_json()["code"] == "no_rate"
    assert api.get("/exchange-rates/?from=usd&to=INR").status_code == 422
    assert api.get("/exchange-rates/?to=INR").status_code == 422


PAGES = ("/ledger", "/ledger/trial-balance", "/ledger/entries", "/ledger/accounts/{fuel}", "/ledger/entries/{entry}")


@pytest.mark.parametrize("page", PAGES)
def test_pages_open_for_those_who_may_and_only_in_their_company(company: Company, other_company: Company, page: str):
    with company.owner.acting():
        entry = post_entry("1234.50")
    path = page.format(fuel=fuel_of(company), entry=entry)
    answer = company.member("analyst").browser().get(path)
    assert answer.status_code == 200
    assert "1,234.50" in answer.text
    assert company.member("member").browser().get(path).status_code == 403
    if "{" in page:
        assert other_company.owner.browser().get(path).status_code == 404


@pytest.mark.tenancy
def test_another_companys_books_are_not_there(company: Company, other_company: Company):
    with company.owner.acting():
        entry = post_entry("1.00")
    api = other_company.owner.api()
    assert api.get(f"/ledger/entries/{entry}").status_code == 404
    assert api.get(f"/ledger/accounts/{fuel_of(company)}").status_code == 404
    assert api.patch(f"/ledger/accounts/{fuel_of(company)}", json={"name": "X"}).status_code == 404
    assert api.get(f"/ledger/accounts/{new_id()}").status_code == 404


@pytest.mark.rbac
def test_who_may_do_what(company: Company):
    wanted = {"owner": (200, 201), "admin": (200, 201), "analyst": (200, 403), "member": (403, 403)}
    for role, (reading, writing) in wanted.items():
        api = company.member(role).api()
        assert api.get("/ledger/entries").status_code == reading, role
        assert api.get("/ledger/trial-balance").status_code == reading, role
        assert api.post("/ledger/accounts", json={"name": "X", "type": "asset"}).status_code == writing, role


def test_an_account_is_added_and_renamed_on_its_page(company: Company):
    browser = company.owner.browser()
    assert "Fill this in" in browser.post("/ledger/accounts", data={"name": "", "type": "asset"}).text
    answer = browser.post("/ledger/accounts", data={"name": "Deposits", "type": "asset", "currency": ""})
    assert answer.status_code == 303
    page = browser.get(answer.headers["Location"])
    assert "Nothing was posted to this account" in page.text
    assert browser.post(f"{answer.headers['Location']}/edit", data={"name": "Long deposits"}).status_code == 303
    assert "Long deposits" in browser.get("/ledger").text
    assert browser.post(f"{answer.headers['Location']}/archive", data={"archived": "1"}).status_code == 303
    assert "Long deposits" not in browser.get("/ledger").text
    assert "Long deposits" in browser.get("/ledger?archived=1").text


def test_an_entry_leads_to_its_expense(company: Company):
    with company.owner.acting():
        expense = make_expense(title="Taxi to the yard")
        (entry,) = queries.standing_entries("expense", expense.id)
    page = company.owner.browser().get(f"/ledger/entries/{entry.id}").text
    assert f"/expenses/{expense.id}" in page
