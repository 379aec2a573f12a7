"""Views of lists: kept from the present address, shown above the list, renamed, shared, deleted, brought back."""

from __future__ import annotations

import re
import threading
from html import unescape

import pytest
from flask import Flask, current_app

from tests.factories.expenses import make_expense
from tests.factories.tenants import Company, Member
from tracktok.web.saved import clean_filters, href_of, read_filters

FUEL = {"kind": "expenses", "name": "Fuel, to pay", "filters": {"q": "fuel", "status": ["approved"]}}


def tabs(member: Member, address: str = "/expenses") -> dict[str, str]:
    """The views above the list: name and address; the current one has a star."""
    page = member.browser().get(address).text
    found = re.findall(r'<a class="tt-view" href="([^"]*)"( aria-current="page")?.*?tt-view-name">(.*?)</span>', page)
    return {("*" if current else "") + unescape(name): unescape(href) for href, current, name in found}


def test_the_filters_of_an_address_are_kept_and_shown(company: Company):
    with company.owner.acting():
        make_expense(title="Fuel", status="approved")
        make_expense(title="Tea")
    browser = company.owner.browser()
    listed = browser.get("/expenses?q=fuel&status=approved&category_id=&sort=-expense_date").text
    link = unescape(re.search(r'href="([^"]*)"[^>]*>(?:(?!</a>).)*Save this view', listed, re.DOTALL).group(1))
    form = browser.get(link).text
    query = unescape(re.search(r'name="query" value="([^"]*)"', form).group(1))
    assert query == "q=fuel&status=approved"
    kept = browser.post("/views/", data={"kind": "expenses", "query": query, "name": "Fuel, to pay"})
    assert (kept.status_code, kept.headers["Location"]) == (303, "/expenses?q=fuel&status=approved")
    assert tabs(company.owner) == {"*All": "/expenses", "Fuel, to pay": "/expenses?q=fuel&status=approved"}
    here = tabs(company.owner, "/expenses?status=approved&q=fuel")
    assert list(here) == ["All", "*Fuel, to pay"]
    again = browser.get("/expenses?q=fuel&status=approved").text
    assert "Save this view" not in again
    assert "Tea" not in again.partition('id="expenses-rows"')[2].partition("</table>")[0]


def test_nothing_is_offered_where_there_is_nothing_to_keep(company: Company):
    page = company.owner.browser().get("/expenses").text
    assert "Save this view" not in page
    assert "tt-views" not in page


def test_a_name_is_taken_once_and_replaced_on_wish(company: Company):
    api, browser = company.owner.api(), company.owner.browser()
    assert api.post("/saved-views/", json=FUEL).status_code == 201
    again = api.post("/saved-views/", json={**FUEL, "name": "fuel, TO pay"})
    assert (again.status_code, again.json["code"]) == (409, "name_taken")
    form = {"kind": "expenses", "name": "Fuel, to pay", "query": "q=diesel"}
    refused = browser.post("/views/", data=form)
    assert refused.status_code == 409
    assert "Put these filters in place" in refused.text
    assert browser.post("/views/", data={**form, "replace": "true"}).status_code == 303
    (one,) = api.get("/saved-views/").json["data"]
    assert one["filters"] == {"q": ["diesel"]}


def test_a_view_is_renamed_and_deleted_and_brought_back(company: Company):
    browser = company.owner.browser()
    made = company.owner.api().post("/saved-views/", json=FUEL).json
    page = browser.get(f"/views/{made['id']}/edit").text
    assert 'value="Fuel, to pay"' in page
    version = re.search(r'name="version" value="(\d+)"', page).group(1)
    assert browser.post(f"/views/{made['id']}", data={"name": "", "version": version}).status_code == 422
    assert browser.post(f"/views/{made['id']}", data={"name": "Fuel", "version": version}).status_code == 303
    assert browser.post(f"/views/{made['id']}", data={"name": "Late", "version": version}).status_code == 412
    assert "Fuel" in tabs(company.owner)
    browser.post(f"/views/{made['id']}/delete")
    after = browser.get("/expenses").text
    assert "tt-views" not in after
    undo = re.search(r'"undo":\s*"([^"]*)"', unescape(after)).group(1).encode().decode("unicode_escape")
    assert browser.post(undo).status_code == 303
    assert tabs(company.owner)["Fuel"] == "/expenses?q=fuel&status=approved"


def test_shared_views_are_everybodys_and_changed_by_managers(company: Company):
    analyst = company.member("analyst")
    refused = analyst.api().post("/saved-views/", json={**FUEL, "is_shared": True})
    assert refused.status_code == 403
    own = analyst.api().post("/saved-views/", json=FUEL).json
    shared = company.owner.api().post("/saved-views/", json={**FUEL, "name": "Ours", "is_shared": True}).json
    assert list(tabs(company.member("member"))) == ["*All", "Ours"]
    assert list(tabs(analyst)) == ["*All", "Fuel, to pay", "Ours"]
    assert company.owner.api().get(f"/saved-views/{own['id']}").status_code == 404, "one's own is nobody else's"
    address = f"/saved-views/{shared['id']}"
    assert analyst.api().get(address).json["is_own"] is False
    assert analyst.api().put(address, json={**FUEL, "is_shared": True}).status_code == 403
    assert analyst.api().delete(address).status_code == 403
    assert analyst.browser().get(f"/views/{shared['id']}/edit").status_code == 404
    assert analyst.browser().post(f"/views/{shared['id']}/delete").status_code == 404
    taken = company.member("admin").api().put(address, json={**FUEL, "name": "Mine", "is_shared": False})
    assert (taken.status_code, taken.json["is_own"]) == (200, True)
    assert company.owner.api().get(address).status_code == 404


def test_a_managers_form_shares_and_others_have_no_such_box(company: Company):
    browser = company.owner.browser()
    browser.post("/views/", data={"kind": "expenses", "query": "status=paid", "name": "Paid", "is_shared": "true"})
    assert "Shared: " in browser.get("/expenses").text
    assert "Share it" not in company.member("member").browser().get("/views/new?kind=expenses&query=q%3Da").text


def test_the_api_lists_changes_and_deletes(company: Company):
    api = company.owner.api()
    ids = [api.post("/saved-views/", json={**FUEL, "name": f"View {at}"}).json["id"] for at in range(3)]
    first = api.get("/saved-views/?limit=2&kind=expenses").json
    rest = api.get(f"/saved-views/?limit=2&kind=expenses&cursor={first['next_cursor']}").json
    assert [one["id"] for one in (*first["data"], *rest["data"])] == ids[::-1]
    answer = api.get(f"/saved-views/{ids[0]}")
    assert answer.json["url"] == "/expenses?q=fuel&status=approved"
    body = {**FUEL, "name": "Other", "filters": {"sort": "-expense_date", "tag": ["a", "b"], "cursor": "x"}}
    changed = api.put(f"/saved-views/{ids[0]}", json=body, headers={"If-Match": answer.headers["ETag"]})
    assert changed.json["filters"] == {"tag": ["a", "b"]}
    stale = api.put(f"/saved-views/{ids[0]}", json=body, headers={"If-Match": answer.headers["ETag"]})
    assert stale.status_code == 412
    assert api.put(f"/saved-views/{ids[0]}", json={**body, "kind": "audit"}).status_code == 422
    assert api.put(f"/saved-views/{ids[0]}", json={**body, "name": "View 1"}).status_code == 409
    assert api.delete(f"/saved-views/{ids[0]}").status_code == 204
    assert api.get(f"/saved-views/{ids[0]}").status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "nothing"}, "/kind"),
        ({"kind": "Expenses!"}, "/kind"),
        ({"name": ""}, "/name"),
        ({"name": "x" * 61}, "/name"),
    ],
)
def test_what_is_no_view_is_refused(company: Company, body, pointer):
    answer = company.owner.api().post("/saved-views/", json={**FUEL, **body})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == pointer


@pytest.mark.rbac
def test_views_of_a_list_that_the_role_may_not_see_are_no_views(company: Company):
    shared = {"kind": "audit", "name": "Deleted", "filters": {"action": "deleted"}, "is_shared": True}
    made = company.owner.api().post("/saved-views/", json=shared).json
    assert made["url"] == "/audit?action=deleted"
    member = company.member("member")
    assert member.api().get("/saved-views/").json["data"] == []
    assert member.api().post("/saved-views/", json={**shared, "is_shared": False}).status_code == 422
    assert member.browser().get("/views/new?kind=audit").status_code == 404
    assert "*Deleted" in tabs(company.owner, "/audit?action=deleted")


@pytest.mark.tenancy
def test_another_companys_shared_views_are_not_there(company: Company, other_company: Company):
    made = company.owner.api().post("/saved-views/", json={**FUEL, "is_shared": True}).json
    assert other_company.owner.api().get("/saved-views/").json["data"] == []
    assert other_company.owner.api().get(f"/saved-views/{made['id']}").status_code == 404
    assert other_company.owner.api().post("/saved-views/", json={**FUEL, "is_shared": True}).status_code == 201


def test_of_two_at_once_one_gets_the_name(company: Company):
    app: Flask = current_app._get_current_object()
    statuses, begin, headers = [], threading.Barrier(4), company.owner.headers

    def keep() -> None:
        with app.app_context():
            begin.wait()
            answer = app.test_client().post("/api/v1/saved-views/", json={**FUEL, "is_shared": True}, headers=headers)
            statuses.append(answer.status_code)

    threads = [threading.Thread(target=keep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 409, 409, 409]


def test_addresses_are_made_of_filters_only(app_context: Flask):
    filters = {"_external": "1", "_anchor": "x", "q": 'a"b&c', "limit": "5", "empty": ""}
    assert clean_filters("expenses", filters) == {"_anchor": ["x"], "_external": ["1"], "q": ['a"b&c']}
    assert read_filters("expenses", "?tag=a&tag=b&sort=-expense_date&q=") == {"tag": ["a", "b"]}
    with app_context.test_request_context():
        assert href_of("expenses", {"_external": ["1"], "q": ["a&b"]}) == "/expenses?_external=1&q=a%26b"
        assert href_of("nothing", {}) == ""
