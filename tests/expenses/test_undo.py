"""Accounts, categories and tags that were deleted come back as they were, by the "Undo" of the toast."""

from __future__ import annotations

import html
import re
from datetime import date
from typing import Any

import pytest

from tests.expenses.equality import check_books_equal_rows
from tests.factories.expenses import make_account, make_category, make_expense, make_tag
from tests.factories.tenants import Company
from tracktok.ledger.queries import balance_of

DAY = date(2026, 11, 10)


def undo_of(answer: Any, page: Any) -> str:
    """The address that the toast on the page offers to POST to; "" when it offers none."""
    assert answer.status_code == 303
    toasts = re.search(r'<noscript>(<div class="tt-toast.*?)</noscript>', page.text, re.DOTALL)
    assert toasts, "there is a toast"
    found = re.search(r'action="([^"]*/restore[^"]*)"', toasts[1])
    return html.unescape(found[1]) if found else ""


def delete(browser: Any, path: str, **form: str) -> str:
    answer = browser.post(path, data=form)
    return undo_of(answer, browser.get(answer.location))


def test_an_account_comes_back_with_its_opening_balance(company: Company):
    browser, api = company.owner.browser(), company.owner.api()
    with company.owner.acting():
        account = make_account(name="Bank", opening_balance="250.00", opening_date=date(2026, 4, 1))
        dollars = make_account(name="Dollars", currency="USD", opening_balance="10.00", exchange_rate="83.123457")
        ids, books = [account.id, dollars.id], [account.book_account_id, dollars.book_account_id]
        before = balance_of(books)
    undone = [delete(browser, f"/accounts/{one}/delete") for one in ids]
    assert all(undone)
    assert api.get(f"/accounts/{ids[0]}").status_code == 404
    with company.owner.acting():
        assert {one.amount for one in balance_of(books).values()} == {0}
    for path in undone:
        assert browser.post(path).status_code == 303
        assert browser.post(path).status_code == 404, "once"
    assert [api.get(f"/accounts/{one}").json["balance"] for one in ids] == ["250.00", "10.00"]
    with company.owner.acting():
        assert balance_of(books) == before
        check_books_equal_rows()


def test_an_account_whose_name_is_in_use_again_stays_deleted(company: Company):
    browser = company.owner.browser()
    with company.owner.acting():
        account = make_account(name="Bank").id
    undo = delete(browser, f"/accounts/{account}/delete")
    with company.owner.acting():
        make_account(name="bank")
    refused = browser.post(undo, follow_redirects=True)
    assert "There is an account of this name already" in refused.text
    assert company.owner.api().get(f"/accounts/{account}").status_code == 404


def test_a_category_comes_back_to_its_place_with_its_expenses(company: Company):
    browser, api = company.owner.browser(), company.owner.api()
    with company.owner.acting():
        parent = make_category(name="Outings").id
        category = make_category(name="By rail", parent_id=parent).id
        other = make_category(name="Others").id
        kept, moved = (str(make_expense(category_id=category, expense_date=DAY).id) for _ in range(2))
    undo = delete(browser, f"/categories/{category}/delete")
    assert api.get(f"/expenses/{kept}").json["category_id"] is None
    assert api.patch(f"/expenses/{moved}", json={"category_id": str(other)}).status_code == 200
    assert browser.post(undo).status_code == 303
    back = api.get(f"/categories/{category}").json
    assert (back["name"], back["parent_id"]) == ("By rail", str(parent))
    assert api.get(f"/expenses/{kept}").json["category_id"] == str(category)
    assert api.get(f"/expenses/{moved}").json["category_id"] == str(other), "somebody has put it elsewhere since"
    with company.owner.acting():
        check_books_equal_rows()


def test_a_category_comes_back_at_the_top_when_its_parent_is_gone(company: Company):
    browser, api = company.owner.browser(), company.owner.api()
    with company.owner.acting():
        parent = make_category(name="Outings").id
        category = make_category(name="By rail", parent_id=parent).id
    undo = delete(browser, f"/categories/{category}/delete")
    delete(browser, f"/categories/{parent}/delete")
    assert browser.post(undo).status_code == 303
    assert api.get(f"/categories/{category}").json["parent_id"] is None


def test_what_was_merged_offers_no_undo(company: Company):
    browser = company.owner.browser()
    with company.owner.acting():
        category, into = make_category().id, make_category().id
        tag, into_tag = make_tag(name="rail").id, make_tag(name="train").id
    assert delete(browser, f"/categories/{category}/delete", reassign_to=str(into)) == ""
    assert delete(browser, f"/tags/{tag}/delete", into_id=str(into_tag)) == ""


def test_a_tag_comes_back_on_its_expenses(company: Company):
    browser, api = company.owner.browser(), company.owner.api()
    with company.owner.acting():
        tag = make_tag(name="night shift", color="#1f6feb").id
        one, two = (str(make_expense(tags=["night shift", "fleet"]).id) for _ in range(2))
    undo = delete(browser, f"/tags/{tag}/delete")
    assert api.get(f"/expenses/{one}").json["tags"] == ["fleet"]
    assert api.delete(f"/expenses/{two}").status_code == 204
    assert browser.post(undo).status_code == 303
    assert api.get(f"/expenses/{one}").json["tags"] == ["fleet", "night shift"]
    [row] = [row for row in api.get("/tags/").json["data"] if row["name"] == "night shift"]
    assert row["color"] == "#1f6feb"
    again = browser.post(undo, follow_redirects=True)
    assert "There is a tag of this name already" in again.text


@pytest.mark.tenancy
def test_another_companys_expenses_are_not_tagged(company: Company, other_company: Company):
    with other_company.owner.acting():
        theirs = make_expense().id
    made = company.owner.browser().post(f"/tags/restore?name=rail&ids={theirs}")
    assert made.status_code == 303
    assert other_company.owner.api().get(f"/expenses/{theirs}").json["tags"] == []
    assert company.owner.api().get("/expenses/?tag=rail").json["data"] == []


@pytest.mark.rbac
def test_who_may_not_delete_may_not_bring_back(company: Company):
    with company.owner.acting():
        account, category = make_account().id, make_category().id
    browser, member = company.owner.browser(), company.member("member").browser()
    paths = [delete(browser, f"/accounts/{account}/delete"), delete(browser, f"/categories/{category}/delete")]
    for path in (*paths, "/tags/restore?name=rail"):
        assert member.post(path).status_code == 403


def test_more_than_a_hundred_offer_no_undo(company: Company, monkeypatch):
    monkeypatch.setattr("tracktok.expenses.views.categories.MOST_UNDONE", 1)
    monkeypatch.setattr("tracktok.expenses.views.tags.MOST_UNDONE", 1)
    with company.owner.acting():
        category, tag = make_category().id, make_tag(name="rail").id
        for _ in range(2):
            make_expense(category_id=category, tags=["rail"])
    browser = company.owner.browser()
    assert delete(browser, f"/categories/{category}/delete") == ""
    assert delete(browser, f"/tags/{tag}/delete") == ""
