"""Expenses by the API: what is refused and where, what changes, what everybody may."""

from __future__ import annotations

import io
from datetime import date

import pytest

from tests.expenses.equality import check_books_equal_rows
from tests.factories.expenses import make_account, make_category, make_expense, make_project, make_rates, make_tag
from tests.factories.tenants import Company, set_tier
from tracktok.core.ids import new_id


@pytest.fixture
def owner(company: Company):
    return company.owner.api()


@pytest.fixture(autouse=True)
def _books_stay_equal(company: Company):
    yield
    with company.owner.acting():
        check_books_equal_rows()


def body(**over):
    return {"amount": "125.50", "title": "Taxi", "expense_date": "2026-11-10", **over}


def make(api, **over):
    answer = api.post("/expenses/", json=body(**over))
    assert answer.status_code == 201, answer.json
    return answer.json


def pointers(answer):
    return [error["pointer"] for error in answer.json["errors"]]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"amount": "0"}, "/amount"),
        ({"amount": "12,5"}, "/amount"),
        ({"amount": "1e99"}, "/amount"),
        ({"amount": "1.005"}, "/amount"),
        ({"amount": None}, "/amount"),
        ({"title": ""}, "/title"),
        ({"title": "   "}, "/title"),
        ({"title": "x" * 201}, "/title"),
        ({"expense_date": "2026-02-29"}, "/expense_date"),
        ({"expense_date": "1969-01-01"}, "/expense_date"),
        ({"expense_date": "2099-01-01"}, "/expense_date"),
        ({"currency": "XXX"}, "/currency"),
        ({"currency": "RUPEE"}, "/currency"),
        ({"currency": "AED"}, "/exchange_rate"),
        ({"currency": "AED", "exchange_rate": "0"}, "/exchange_rate"),
        ({"currency": "JPY", "amount": "1.50", "exchange_rate": "0.55"}, "/amount"),
        ({"currency": "JPY", "amount": "1", "exchange_rate": "0.001"}, "/amount"),
        ({"tax_amount": "200.00"}, "/tax_amount"),
        ({"payment_method": "barter"}, "/payment_method"),
        ({"status": "gone"}, "/status"),
        ({"tags": [""]}, "/tags/0"),
        ({"tags": ["t"] * 21}, "/tags"),
        ({"category_id": str(new_id())}, "/category_id"),
        ({"project_id": str(new_id())}, "/project_id"),
        ({"account_id": str(new_id())}, "/account_id"),
        ({"person_id": str(new_id())}, "/person_id"),
        ({"tags": [str(new_id())]}, "/tags/0"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(owner, change, pointer):
    answer = owner.post("/expenses/", json=body(**change))
    assert answer.status_code == 422, answer.json
    assert pointers(answer) == [pointer]
    assert owner.get("/expenses/summary").json["count"] == 0


def test_references_of_another_company_are_unknown(owner, other_company: Company):
    with other_company.owner.acting():
        ids = {
            "category_id": make_category().id,
            "project_id": make_project().id,
            "account_id": make_account().id,
            "person_id": other_company.owner.person_id,
        }
        tag, theirs = make_tag().id, make_expense().id
    for name, value in ids.items():
        answer = owner.post("/expenses/", json=body(**{name: str(value)}))
        assert (answer.status_code, pointers(answer)) == (422, [f"/{name}"])
        bulk = {"ids": [make(owner)["id"]], "action": name.replace("_id", ""), name: str(value)}
        if name != "person_id":
            answer = owner.post("/expenses/bulk", json={**bulk, "action": f"set_{name.removesuffix('_id')}"})
            assert (answer.status_code, pointers(answer)) == (422, [f"/{name}"])
    assert owner.post("/expenses/", json=body(tags=[str(tag)])).status_code == 422
    for method, path in (
        ("GET", ""), ("PUT", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/restore"), ("GET", "/receipts"),
    ):  # fmt: skip
        json = body() if method in {"PUT", "PATCH"} else None
        assert owner.open(method, f"/expenses/{theirs}{path}", json=json).status_code == 404
    assert owner.post("/expenses/bulk", json={"ids": [str(theirs)], "action": "delete"}).status_code == 404
    for name in ("category_id", "project_id", "account_id"):
        assert owner.get(f"/expenses/?{name}={ids[name]}").json["data"] == []


def test_the_original_amount_is_kept_and_the_rate_is_told(company: Company, owner):
    with company.owner.acting():
        make_rates(date(2026, 11, 6), INR="90.00", USD="1.2")
    made = make(owner, currency="USD", amount="10.00", expense_date="2026-11-08")  # a Sunday
    assert (made["amount"], made["currency"], made["base_amount"]) == ("10.00", "USD", "750.00")
    assert made["exchange_rate"] == "75"
    assert made["rate_date"] == "2026-11-06"
    assert "last published" in made["rate_source"]
    entered = make(owner, currency="USD", amount="10.00", exchange_rate="83.25")
    assert (entered["base_amount"], entered["rate_source"]) == ("832.50", "entered")
    kept = owner.patch(f"/expenses/{entered['id']}", json={"amount": "20.00"}).json
    assert (kept["base_amount"], kept["exchange_rate"]) == ("1665.00", "83.25")
    assert make(owner, currency="usd", amount="-10", exchange_rate="80")["base_amount"] == "-800.00"


def test_what_left_the_account_is_in_its_currency(company: Company, owner):
    with company.owner.acting():
        make_rates(date(2026, 11, 10), INR="90.00", USD="1.2", EUR="1")
        dollars = str(make_account(currency="USD", opening_balance="100.00", opening_date="2026-11-10").id)
    made = make(owner, amount="750.00", account_id=dollars)
    assert (made["account_amount"], made["account_currency"]) == ("10.00", "USD")
    told = make(owner, amount="750.00", account_id=dollars, account_amount="10.35")
    assert told["account_amount"] == "10.35"
    assert owner.get(f"/accounts/{dollars}").json["balance"] == "79.65"
    same = owner.patch(f"/expenses/{told['id']}", json={"title": "Cab"}).json
    assert same["account_amount"] == "10.35"
    moved = owner.post("/expenses/bulk", json={"ids": [told["id"]], "action": "set_account", "account_id": None})
    assert moved.json["changed"] == 1
    assert owner.get(f"/accounts/{dollars}").json["balance"] == "90.00"


def test_put_patch_and_stale_copies(owner):
    made = make(owner, tags=["night"], merchant="Meru")
    path = f"/expenses/{made['id']}"
    patched = owner.patch(path, json={"title": "Cab"}, headers={"If-Match": '"1"'})
    assert (patched.status_code, patched.json["title"], patched.json["tags"]) == (200, "Cab", ["night"])
    assert owner.patch(path, json={"title": "Bus"}, headers={"If-Match": '"1"'}).status_code == 412
    assert owner.put(path, json=body(), headers={"If-Match": '"1"'}).status_code == 412
    assert owner.delete(path, headers={"If-Match": '"1"'}).status_code == 412
    replaced = owner.put(path, json=body(amount="99.00"), headers={"If-Match": patched.headers["ETag"]}).json
    assert (replaced["amount"], replaced["tags"], replaced["merchant"]) == ("99.00", [], "")
    tagged = owner.patch(path, json={"tags": ["day", "NIGHT"]})
    assert tagged.json["tags"] == ["day", "night"]
    assert tagged.headers["ETag"] != f'"{replaced["version"]}"'
    nulls = owner.patch(path, json={"title": None, "amount": None})
    assert (nulls.status_code, sorted(pointers(nulls))) == (422, ["/amount", "/title"])


def test_deleting_can_be_undone_for_thirty_days(owner, monkeypatch):
    from datetime import timedelta

    from tracktok.core import clock

    made = make(owner)
    path = f"/expenses/{made['id']}"
    assert owner.delete(path).status_code == 204
    assert owner.delete(path).status_code == 404
    assert owner.patch(path, json={"title": "x"}).status_code == 404
    assert owner.get("/expenses/").json["data"] == []
    assert owner.get(path).json["deleted_at"] is not None
    assert [row["id"] for row in owner.get("/expenses/bin").json["data"]] == [made["id"]]
    assert owner.post(f"{path}/restore").status_code == 200
    assert owner.post(f"{path}/restore").status_code == 404
    owner.delete(path)
    later = clock.now() + timedelta(days=31)
    monkeypatch.setattr("tracktok.expenses.queries.expenses.bin_begins", lambda: later - timedelta(days=30))
    assert owner.post(f"{path}/restore").status_code == 409


def test_what_is_gone_meanwhile_is_left_out_on_return(company: Company, owner):
    with company.owner.acting():
        category = str(make_category(name="Odd").id)
    made = make(owner, category_id=category)
    owner.delete(f"/expenses/{made['id']}")
    assert owner.delete(f"/categories/{category}").status_code == 204
    back = owner.post(f"/expenses/{made['id']}/restore").json
    assert back["category_id"] is None


def test_the_status_decides_what_is_posted(company: Company, owner):
    account = owner.get("/accounts/?q=Cash").json["data"][0]["id"]
    made = make(owner, status="draft", account_id=account, amount="100.00")
    path = f"/expenses/{made['id']}"

    def balance():
        return owner.get(f"/accounts/{account}").json["balance"]

    assert balance() == "0.00"
    assert owner.post(f"{path}/status", json={"action": "unpay"}).status_code == 409
    assert owner.post(f"{path}/status", json={"action": "approve"}).json["status"] == "approved"
    assert balance() == "0.00"
    assert owner.post(f"{path}/status", json={"action": "pay"}).json["status"] == "paid"
    assert balance() == "-100.00"
    assert owner.post(f"{path}/status", json={"action": "unpay"}).json["status"] == "approved"
    assert balance() == "0.00"


def test_duplicates_are_told_and_kept(owner):
    first = make(owner, merchant="Meru")
    second = make(owner, merchant="MERU", title="Cab")
    assert [warning["code"] for warning in second["warnings"]] == ["duplicate"]
    assert second["warnings"][0]["expense_ids"] == [first["id"]]
    assert make(owner, merchant="Meru", expense_date="2026-11-11")["warnings"] == []
    assert owner.get("/expenses/summary").json["count"] == 3


def test_an_idempotency_key_records_once(owner):
    key = {"Idempotency-Key": "one"}
    first = owner.post("/expenses/", json=body(), headers=key)
    again = owner.post("/expenses/", json=body(), headers=key)
    assert (again.status_code, again.json["id"]) == (201, first.json["id"])
    assert owner.post("/expenses/", json=body(amount="1.00"), headers=key).status_code == 422
    assert owner.get("/expenses/summary").json["count"] == 1


def test_limits_of_the_plan(company: Company, owner, monkeypatch):
    set_tier(company, "basic")
    for number in range(3):
        assert owner.post("/projects/", json={"name": f"P{number}"}).status_code == 201
    refused = owner.post("/projects/", json={"name": "P4"})
    assert (refused.status_code, refused.json["limit"]) == (402, 3)
    assert owner.post("/accounts/", json={"name": "Third"}).status_code == 201
    assert owner.post("/accounts/", json={"name": "Fourth"}).status_code == 402
    project = owner.get("/projects/").json["data"][0]["id"]
    monkeypatch.setattr("tracktok.expenses.queries.projects.count_expenses", lambda *_a, **_k: 101)
    assert [one["code"] for one in make(owner, project_id=project)["warnings"]] == ["plan_soft_limit"]
    monkeypatch.setattr("tracktok.expenses.queries.expenses.count_expenses", lambda: 100_000)
    monkeypatch.setattr("tracktok.tenants.services.limits._far", {})  # what was far off is remembered for seconds
    assert owner.post("/expenses/", json=body()).status_code == 402


@pytest.mark.rbac
def test_members_have_their_own_expenses_only(company: Company, owner):
    mine = make(owner, title="Of the owner")
    member, analyst = company.member("member").api(), company.member("analyst").api()
    theirs = make(member, title="Of the member")
    assert theirs["person_id"] == str(company.member("member").person_id)
    assert [row["title"] for row in member.get("/expenses/").json["data"]] == ["Of the member"]
    assert member.get("/expenses/summary").json["count"] == 1
    assert member.get(f"/expenses/?person_id={company.owner.person_id}").json["data"] == []
    for method in ("GET", "PATCH", "DELETE"):
        assert member.open(method, f"/expenses/{mine['id']}", json={"title": "x"}).status_code == 404
    assert member.post("/expenses/bulk", json={"ids": [mine["id"]], "action": "delete"}).status_code == 404
    whole = member.post("/expenses/bulk", json={"filter": {}, "action": "add_tags", "tags": ["new"]})
    assert whole.status_code == 422  # members make no tags
    other = member.post("/expenses/", json=body(person_id=str(company.owner.person_id)))
    assert (other.status_code, pointers(other)) == (422, ["/person_id"])
    assert len(analyst.get("/expenses/").json["data"]) == 2
    assert analyst.post("/expenses/", json=body()).status_code == 403
    assert analyst.delete(f"/expenses/{mine['id']}").status_code == 403
    assert member.post("/projects/", json={"name": "x"}).status_code == 403
    assert member.get("/accounts/").status_code == 403
    admin = company.member("admin").api()
    assert admin.patch(f"/expenses/{theirs['id']}", json={"title": "Seen"}).status_code == 200
    moved = admin.patch(f"/expenses/{theirs['id']}", json={"person_id": str(company.owner.person_id)})
    assert moved.json["person_id"] == str(company.owner.person_id)


@pytest.mark.rbac
def test_nobody_else_comes_in(company: Company, other_company: Company, app_context, owner):
    mine = make(owner)
    client = app_context.test_client()
    assert client.get("/api/v1/expenses/", headers={"X-Tenant-Id": str(company.id)}).status_code == 401
    stranger = other_company.owner.api()
    assert stranger.get(f"/expenses/{mine['id']}").status_code == 404
    crossed = stranger.get("/expenses/", headers={"X-Tenant-Id": str(company.id)})
    assert crossed.status_code == 403


def test_receipts_by_content_with_thumbnail_and_duplicates(owner):
    from PIL import Image

    picture = io.BytesIO()
    Image.new("RGB", (800, 600), "red").save(picture, "PNG")
    first, second = make(owner), make(owner, amount="2.00")

    def send(expense, data, name):
        return owner.post(f"/expenses/{expense['id']}/receipts", data={"files": (io.BytesIO(data), name)})

    added = send(first, picture.getvalue(), "scan.pdf")
    assert added.status_code == 201
    [receipt] = added.json["data"]
    assert receipt["content_type"] == "image/png"
    assert receipt["filename"] == "scan.png"
    assert receipt["thumbnail_url"]
    assert owner.get(f"/expenses/{first['id']}").json["receipts"] == 1
    again = send(second, picture.getvalue(), "copy.png")
    assert [one["code"] for one in again.json["warnings"]] == ["duplicate_receipt"]
    assert again.json["data"][0]["duplicate_of"] == [first["id"]]
    assert send(first, b"<html></html>", "page.png").status_code == 415
    assert send(first, b"", "empty.png").status_code == 422
    assert owner.post(f"/expenses/{first['id']}/receipts", data={}).status_code == 422
    assert [row["id"] for row in owner.get("/expenses/?has_receipt=false").json["data"]] == []
    assert owner.delete(f"/expenses/{first['id']}/receipts/{receipt['id']}").status_code == 204
    assert owner.get(f"/expenses/{first['id']}/receipts").json["data"] == []
    assert [row["id"] for row in owner.get("/expenses/?has_receipt=false").json["data"]] == [first["id"]]


def test_bulk_is_all_or_nothing(company: Company, owner):
    ids = [make(owner, amount=f"{number}.00")["id"] for number in range(1, 6)]
    with company.owner.acting():
        category, project = str(make_category().id), str(make_project().id)

    def bulk(**fields):
        return owner.post("/expenses/bulk", json=fields)

    assert bulk(ids=ids, action="set_category", category_id=category).json["changed"] == 5
    assert bulk(filter={"category_id": category}, action="set_project", project_id=project).json["changed"] == 5
    assert bulk(ids=[*ids, str(new_id())], action="delete").status_code == 404
    assert owner.get("/expenses/summary").json["count"] == 5
    assert bulk(ids=ids[:2], action="set_status", status="draft").json["changed"] == 2
    assert bulk(ids=ids, action="add_tags", tags=["trip"]).json["changed"] == 5
    assert len(owner.get("/expenses/?tag=TRIP").json["data"]) == 5
    assert bulk(ids=ids[:1], action="remove_tags", tags=["trip"]).json["changed"] == 1
    assert len(owner.get("/expenses/?tag=trip").json["data"]) == 4
    assert bulk(filter={"tag": "trip"}, action="delete").json["changed"] == 4
    assert bulk(ids=ids[1:], action="restore").json["changed"] == 4
    for wrong in (
        {"action": "delete"},
        {"action": "delete", "ids": ids, "filter": {}},
        {"action": "set_category", "ids": ids},
        {"action": "set_status", "ids": ids},
        {"action": "add_tags", "ids": ids},
        {"action": "explode", "ids": ids},
        {"action": "restore", "filter": {}},
    ):
        assert bulk(**wrong).status_code == 422, wrong
    assert bulk(filter={"q": "nothing like it"}, action="delete").json["changed"] == 0


def test_history_is_told_to_the_audit_trail(company: Company, owner):
    from tracktok.audit.queries.history import history_of

    made = make(owner, tags=["night"])
    owner.patch(f"/expenses/{made['id']}", json={"amount": "130.00", "tags": []})
    with company.owner.acting():
        events = history_of("expenses", made["id"])
    assert {event.action for event in events} == {"created", "updated", "tagged"}
    changed = next(event for event in events if event.action == "updated" and event.fields)
    assert "amount" in {name for name, _, _ in changed.fields}
