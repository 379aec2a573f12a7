"""Projects, accounts, categories and tags by the API."""

from __future__ import annotations

from datetime import date

import pytest

from tests.expenses.equality import check_books_equal_rows
from tests.factories.expenses import make_category, make_expense, make_project, make_rates
from tests.factories.tenants import Company


@pytest.fixture
def owner(company: Company):
    return company.owner.api()


@pytest.mark.parametrize(
    ("path", "body", "change"),
    [
        ("/projects", {"name": "Move"}, {"name": "Moved", "status": "completed"}),
        ("/accounts", {"name": "Till", "type": "cash"}, {"name": "Box", "is_archived": True}),
        ("/categories", {"name": "Odd"}, {"name": "Even", "tax_treatment": "blocked"}),
        ("/tags", {"name": "night"}, {"name": "day"}),
    ],
)
def test_each_is_made_read_changed_and_deleted(owner, other_company: Company, path, body, change):
    made = owner.post(f"{path}/", json=body)
    assert made.status_code == 201, made.json
    one = f"{path}/{made.json['id']}"
    assert made.headers["Location"] == f"/api/v1{one}"
    assert owner.get(one).json == made.json
    taken = owner.post(f"{path}/", json={**body, "name": body["name"].upper()})
    assert (taken.status_code, taken.json["errors"][0]["pointer"]) == (409, "/name")
    changed = owner.patch(one, json=change, headers={"If-Match": made.headers["ETag"]})
    assert changed.status_code == 200, changed.json
    assert {name: changed.json[name] for name in change} == change
    assert owner.put(one, json=body, headers={"If-Match": made.headers["ETag"]}).status_code == 412
    assert owner.put(one, json=body, headers={"If-Match": changed.headers["ETag"]}).status_code == 200
    assert owner.patch(one, json={"name": None}).status_code == 422
    assert owner.patch(one, json={"name": ""}).status_code == 422
    stranger = other_company.owner.api()
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        assert stranger.open(method, one, json=body).status_code == 404
    assert body["name"] in [row["name"] for row in owner.get(f"{path}/").json["data"]]
    assert owner.delete(one).status_code == 204
    assert owner.get(one).status_code == 404
    assert owner.post(f"{path}/", json=body).status_code == 201  # the name is free again


def test_a_project_tells_what_was_spent_on_it(company: Company, owner):
    made = owner.post("/projects/", json={"name": "Move", "budget_amount": "150.00"}).json
    assert (made["spent"], made["remaining"], made["expenses"]) == ("0.00", "150.00", 0)
    with company.owner.acting():
        make_expense(project_id=made["id"])
        make_expense(project_id=made["id"], amount="100.50")
    shown = owner.get(f"/projects/{made['id']}").json
    assert (shown["spent"], shown["remaining"], shown["expenses"]) == ("200.50", "-50.50", 2)
    refused = owner.delete(f"/projects/{made['id']}")
    assert refused.status_code == 409
    assert "2 expenses name this project" in refused.json["detail"]
    wrong = owner.post("/projects/", json={"name": "X", "start_date": "2026-02-01", "end_date": "2026-01-31"})
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/end_date")


def test_the_balance_of_an_account_comes_from_the_books(company: Company, owner):
    bank = owner.post("/accounts/", json={"name": "B", "opening_balance": "500.00"}).json
    card = owner.post("/accounts/", json={"name": "C", "type": "card", "opening_balance": "-20.00"}).json
    assert (bank["balance"], card["balance"]) == ("500.00", "-20.00")
    with company.owner.acting():
        make_expense(account_id=bank["id"])
        make_expense(account_id=card["id"], amount="-5.00")
    assert owner.get(f"/accounts/{bank['id']}").json["balance"] == "400.00"
    assert owner.get(f"/accounts/{card['id']}").json["balance"] == "-15.00"
    moved = owner.post(f"/accounts/{bank['id']}/transfers", json={"to_account_id": card["id"], "amount": "15.00"})
    assert moved.status_code == 201, moved.json
    assert owner.get(f"/accounts/{bank['id']}").json["balance"] == "385.00"
    assert owner.get(f"/accounts/{card['id']}").json["balance"] == "0.00"
    changed = owner.patch(f"/accounts/{bank['id']}", json={"opening_balance": "600.00"}).json
    assert changed["balance"] == "485.00"
    for wrong in ({"to_account_id": bank["id"], "amount": "1"}, {"to_account_id": card["id"], "amount": "0"},
                  {"to_account_id": card["id"], "amount": "1", "to_amount": "2"}):  # fmt: skip
        assert owner.post(f"/accounts/{bank['id']}/transfers", json=wrong).status_code == 422
    assert owner.delete(f"/accounts/{bank['id']}").status_code == 409
    assert owner.patch(f"/accounts/{bank['id']}", json={"type": "card"}).status_code == 422
    archived = owner.patch(f"/accounts/{bank['id']}", json={"is_archived": True})
    assert archived.status_code == 200
    refused = owner.post("/expenses/", json={"amount": "1", "title": "x", "account_id": bank["id"]})
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "archived")


def test_a_transfer_between_currencies(company: Company, owner):
    with company.owner.acting():
        make_rates(date(2026, 11, 10), INR="90.00", USD="1.2")
    usd = owner.post("/accounts/", json={"name": "U", "currency": "usd"}).json
    cash = owner.get("/accounts/?q=Cash").json["data"][0]
    body = {"to_account_id": usd["id"], "amount": "750.00", "transfer_date": "2026-11-10"}
    done = owner.post(f"/accounts/{cash['id']}/transfers", json=body).json
    assert (done["to_amount"], done["to_currency"]) == ("10.00", "USD")
    told = owner.post(f"/accounts/{cash['id']}/transfers", json={**body, "to_amount": "9.90"}).json
    assert told["to_amount"] == "9.90"
    assert owner.get(f"/accounts/{usd['id']}").json["balance"] == "19.90"
    missing = owner.post(f"/accounts/{cash['id']}/transfers", json={**body, "transfer_date": "2020-01-01"})
    assert (missing.status_code, missing.json["errors"][0]["pointer"]) == (422, "/to_amount")


def test_the_tree_has_four_levels_and_no_circles(owner):
    ids, parent = [], None
    for number in range(4):
        made = owner.post("/categories/", json={"name": f"L{number}", "parent_id": parent})
        assert made.status_code == 201
        parent = made.json["id"]
        ids.append(parent)
    assert owner.get(f"/categories/{parent}").json["path"] == ["L0", "L1", "L2", "L3"]
    deep = owner.post("/categories/", json={"name": "L4", "parent_id": parent})
    assert (deep.status_code, deep.json["errors"][0]["code"]) == (422, "too_deep")
    circle = owner.patch(f"/categories/{ids[0]}", json={"parent_id": ids[3]})
    assert (circle.status_code, circle.json["errors"][0]["code"]) == (422, "cycle")
    assert owner.delete(f"/categories/{ids[1]}").status_code == 409
    assert owner.patch(f"/categories/{ids[3]}", json={"parent_id": None}).json["depth"] == 1


def test_expenses_follow_their_category(company: Company, owner):
    with company.owner.acting():
        top, low, other = make_category(), None, make_category()
        low = make_category(parent_id=top.id)
        make_expense(category_id=top.id)
        make_expense(category_id=low.id, amount="50.00", status="approved", tags=["night"])
        make_expense(category_id=low.id, status="draft")
    fuel = next(row for row in owner.get("/categories/").json["data"] if row["name"] == "Fuel")
    changed = owner.patch(f"/categories/{low.id}", json={"book_account_id": fuel["book_account_id"]})
    assert changed.status_code == 200, changed.json
    wrong = owner.patch(f"/categories/{low.id}", json={"book_account_id": str(top.id)})
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/book_account_id")
    with company.owner.acting():
        check_books_equal_rows()
    merged = owner.post(f"/categories/{top.id}/merge", json={"into_id": str(other.id)})
    assert merged.status_code == 200, merged.json
    assert len(owner.get(f"/expenses/?category_id={other.id}").json["data"]) == 3
    with company.owner.acting():
        check_books_equal_rows()
    assert owner.delete(f"/categories/{other.id}").status_code == 204
    assert len(owner.get("/expenses/?category_id=none").json["data"]) == 3
    with company.owner.acting():
        check_books_equal_rows()


def test_tags_are_merged(company: Company, owner):
    with company.owner.acting():
        make_expense(tags=["night", "late"])
        make_expense(tags=["late"])
    tags = {row["name"]: row for row in owner.get("/tags/").json["data"]}
    assert {name: row["expenses"] for name, row in tags.items()} == {"night": 1, "late": 2}
    same = owner.post(f"/tags/{tags['late']['id']}/merge", json={"into_id": tags["late"]["id"]})
    assert same.status_code == 422
    merged = owner.post(f"/tags/{tags['late']['id']}/merge", json={"into_id": tags["night"]["id"]})
    assert merged.json["expenses"] == 2
    assert [row["name"] for row in owner.get("/tags/").json["data"]] == ["night"]


def test_lists_of_things(company: Company, owner):
    with company.owner.acting():
        for name in ("b", "a", "c"):
            make_project(name=name, client_name="Zeta" if name == "a" else "")
    assert [row["name"] for row in owner.get("/projects/?sort=name").json["data"]] == ["a", "b", "c"]
    assert [row["name"] for row in owner.get("/projects/?q=zet").json["data"]] == ["a"]
    page = owner.get("/projects/?sort=name&limit=2").json
    rest = owner.get(f"/projects/?sort=name&limit=2&cursor={page['next_cursor']}").json
    assert [row["name"] for row in rest["data"]] == ["c"]
    assert owner.get("/projects/?q=%25").json["data"] == []
