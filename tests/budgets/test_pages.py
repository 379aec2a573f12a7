"""The pages of budgets, as a person uses them."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from tests.factories.budgets import make_budget
from tests.factories.expenses import make_category, make_expense
from tests.factories.tenants import Company
from tracktok.budgets import queries

FORM = {
    "name": "Fuel", "amount": "2,50,000", "period": "monthly", "start_date": "01/11/2026", "rollover": "off",
    "enforcement": "warn", "alert_enabled": "true", "alert_thresholds": "50, 80 and 100 %",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _on_a_day_in_november():
    with time_machine.travel("2026-11-21T06:30:00Z", tick=False):
        yield


def only(company: Company):
    with company.owner.acting():
        (budget,) = queries.live_budgets()
        return budget


def test_the_first_budget_is_made_from_the_empty_list(company: Company):
    browser = company.owner.browser()
    assert "No budgets yet" in browser.get("/budgets").text
    assert browser.get("/budgets/new").status_code == 200
    answer = browser.post("/budgets", data=FORM)
    budget = only(company)
    assert (answer.status_code, answer.location) == (303, f"/budgets/{budget.id}")
    assert (str(budget.amount), budget.alert_thresholds) == ("250000.0000", [50, 80, 100])
    assert budget.start_date == date(2026, 11, 1)
    page = browser.get(answer.location).text
    assert "On track" in page
    assert "₹2,50,000.00" in page
    assert "Fuel" in browser.get("/budgets?q=fue").text
    assert "No budget matches" in browser.get("/budgets?q=100%25_").text


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"amount": "much"}, "amount", "Write a number"),
        ({"amount": "-5"}, "amount", "more than 0"),
        ({"name": ""}, "name", "required|Write|Fill"),
        ({"period": "custom"}, "period_days", "how many days"),
        ({"end_date": "01/10/2026"}, "end_date", "before the start"),
        ({"alert_thresholds": "80, many"}, "alert_thresholds", "whole percents"),
        ({"start_date": "01/11/1926"}, "start_date", "or more"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(company: Company, change, field, said):
    answer = company.owner.browser().post("/budgets", data={**FORM, **change})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert any(words in answer.text for words in said.split("|"))
    for typed in {**FORM, **change}.values():
        if typed and typed[0].isdigit():
            assert f'value="{typed}"' in answer.text


def test_a_name_that_is_taken_is_said_at_the_name(company: Company):
    with company.owner.acting():
        make_budget(name="Fuel")
    answer = company.owner.browser().post("/budgets", data=FORM)
    assert (answer.status_code, 'href="#name"' in answer.text) == (409, True)


def test_the_form_shows_where_the_present_period_stands(company: Company):
    with company.owner.acting():
        category = make_category().id
        make_expense(amount="120.00", category_id=category)
        make_expense(amount="30.00", category_id=category, status="approved")
        make_expense(amount="1000.00")
    browser = company.owner.browser()
    asked = {**FORM, "name": "", "amount": "200", "category_id": str(category)}
    shown = browser.get("/budgets/preview", query_string=asked).text
    assert "75.0%" in shown
    assert "₹30.00" in shown
    assert "Enter an amount" in browser.get("/budgets/preview", query_string={**asked, "amount": ""}).text
    foreign = {**asked, "category_id": "00000000-0000-7000-8000-000000000000"}
    assert "₹0.00" in browser.get("/budgets/preview", query_string=foreign).text


def test_two_people_do_not_overwrite_one_another(company: Company):
    with company.owner.acting():
        make_budget(name="Fuel")
    browser, budget = company.owner.browser(), only(company)
    address = f"/budgets/{budget.id}/edit"
    assert 'name="version" value="1"' in browser.get(address).text
    assert browser.post(address, data={**FORM, "version": "1", "amount": "10"}).status_code == 303
    late = browser.post(address, data={**FORM, "version": "1", "amount": "20"})
    assert late.status_code == 412
    assert str(only(company).amount) == "10.0000"
    silent = {name: value for name, value in FORM.items() if name != "alert_enabled"}
    browser.post(address, data={**silent, "version": "2"})
    assert only(company).alert_enabled is False


def test_a_deleted_budget_comes_back_from_the_bin(company: Company):
    with company.owner.acting():
        budget = make_budget(name="Fuel")
    browser = company.owner.browser()
    assert browser.post(f"/budgets/{budget.id}/delete").status_code == 303
    assert browser.get(f"/budgets/{budget.id}").status_code == 404
    assert "Fuel" in browser.get("/budgets/bin").text
    assert browser.post(f"/budgets/{budget.id}/restore").location == f"/budgets/{budget.id}"
    assert "Nothing was deleted" in browser.get("/budgets/bin").text


def test_alerts_can_sleep_and_wake(company: Company):
    with company.owner.acting():
        budget = make_budget()
    browser = company.owner.browser()
    for how_long, until in (("week", date(2026, 11, 27)), ("period", date(2026, 11, 30)), ("wake", None)):
        assert browser.post(f"/budgets/{budget.id}/snooze", data={"for": how_long}).status_code == 303
        assert only(company).snoozed_until == until
    assert browser.post(f"/budgets/{budget.id}/snooze", data={"for": "ever"}).status_code == 422


def test_money_is_moved_and_a_refusal_keeps_the_form(company: Company):
    with company.owner.acting():
        one, two = make_budget(name="One").id, make_budget(name="Two").id
    browser = company.owner.browser()
    assert "Choose a budget" in browser.get(f"/budgets/{one}?move=1").text
    sent = {"to_budget_id": str(two), "amount": "250.00", "note": "Tyres"}
    refused = browser.post(f"/budgets/{one}/transfers", data={**sent, "amount": "1,000.01"})
    assert refused.status_code == 409
    assert "has not so much left" in refused.text
    assert 'value="1,000.01"' in refused.text
    unknown = browser.post(f"/budgets/{one}/transfers", data={**sent, "to_budget_id": str(one)})
    assert unknown.status_code == 422
    assert browser.post(f"/budgets/{one}/transfers", data=sent).status_code == 303
    assert "₹250.00 to Two: Tyres" in browser.get(f"/budgets/{one}").text
    assert "₹250.00 moved here" in browser.get(f"/budgets/{two}").text


def test_the_periods_before_can_be_opened(company: Company):
    with company.owner.acting():
        budget = make_budget(start_date=date(2024, 1, 1)).id
        make_expense(amount="1500.00", expense_date=date(2026, 9, 10))
    browser = company.owner.browser()
    page = browser.get(f"/budgets/{budget}").text
    assert "?period=32" in page
    september = browser.get(f"/budgets/{budget}?period=32").text
    assert "Over budget" in september
    assert "Passed on 10/09/2026" in september
    assert "Present period" in september
    assert "Ended" not in september, "the budget itself lives"
    assert browser.get(f"/budgets/{budget}?period=99999").status_code == 404
    more = browser.get(f"/budgets/{budget}?before=23", headers={"HX-Request": "true", "HX-Target": "periods-more"}).text
    assert "01/11/2025 to 30/11/2025" in more
    assert "<html" not in more


@pytest.mark.rbac
@pytest.mark.parametrize(
    ("role", "reads", "writes"), [("admin", 200, 200), ("analyst", 200, 403), ("member", 403, 403)]
)
def test_who_sees_and_changes_budgets(company: Company, role, reads, writes):
    with company.owner.acting():
        budget = make_budget().id
    browser = company.member(role).browser()
    for path in ("/budgets", f"/budgets/{budget}"):
        answer = browser.get(path)
        assert answer.status_code == reads
        assert ("New budget" in answer.text or "/edit" in answer.text) == (writes == 200)
    for path in ("/budgets/new", f"/budgets/{budget}/edit", "/budgets/bin", "/budgets/preview"):
        assert browser.get(path).status_code == writes
    if writes == 403:
        for path in ("", f"/{budget}/edit", f"/{budget}/delete", f"/{budget}/snooze", f"/{budget}/transfers"):
            assert browser.post(f"/budgets{path}", data=FORM).status_code == 403


@pytest.mark.tenancy
def test_another_companys_budget_is_not_there(company: Company, other_company: Company):
    with other_company.owner.acting():
        theirs = make_budget().id
    with company.owner.acting():
        mine = make_budget().id
    browser = company.owner.browser()
    for path in ("", "/edit"):
        assert browser.get(f"/budgets/{theirs}{path}").status_code == 404
    for path in ("edit", "delete", "restore", "snooze", "transfers"):
        sent = {**FORM, "for": "week", "to_budget_id": str(mine)}
        assert browser.post(f"/budgets/{theirs}/{path}", data=sent).status_code == 404, path
    to_theirs = {"to_budget_id": str(theirs), "amount": "1"}
    assert browser.post(f"/budgets/{mine}/transfers", data=to_theirs).status_code == 422
