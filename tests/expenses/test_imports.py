"""Imports from file to expenses and back: mapping, questions, bad rows, duplicates, commit, undo, walls."""

from __future__ import annotations

import pytest

from tests.expenses.equality import check_books_equal_rows
from tests.factories.imports import begin, commit, run_job, undo, upload
from tests.factories.tenants import set_tier
from tracktok.expenses.signals import expenses_imported
from tracktok.tenants.rules import PLANS, Limit, Tier

PLAIN = """Date,Description,Amount,Category
2026-11-01,Taxi to the airport,125.50,Travel
2026-11-02,Team lunch,"1,840.00",Food
2026-11-03,Printer paper,310,Office
"""


def expenses(api, **query):
    answer = api.get("/expenses/", query_string={"sort": "expense_date", "limit": 100, **query})
    assert answer.status_code == 200, answer.json
    return answer.json["data"]


def books_equal_rows(company):
    with company.owner.acting():
        check_books_equal_rows()


def test_a_plain_file_is_read_mapped_and_committed(company):
    api = company.owner.api()
    found = begin(api, PLAIN)
    assert found["status"] == "ready"
    assert found["columns"] == ["Date", "Description", "Amount", "Category"]
    assert found["mapping"] == {
        "expense_date": "Date", "title": "Description", "amount": "Amount", "category": "Category"
    }  # fmt: skip
    assert [found[name] for name in ("rows", "valid", "invalid", "duplicates")] == [3, 3, 0, 0]
    assert expenses(api) == [], "nothing is written before the commit"
    done = commit(company, found)
    assert (done["status"], done["committed_rows"]) == ("committed", 3)
    rows = expenses(api)
    assert [(row["title"], row["amount"], row["currency"], row["status"]) for row in rows] == [
        ("Taxi to the airport", "125.50", "INR", "paid"),
        ("Team lunch", "1840.00", "INR", "paid"),
        ("Printer paper", "310.00", "INR", "paid"),
    ]
    assert {row["person_id"] for row in rows} == {str(company.owner.person_id)}
    assert {row["import_id"] for row in rows} == {found["id"]}
    assert [row["category"] for row in rows] == ["Travel", "Food", "Office"]
    books_equal_rows(company)


def test_the_same_file_again_adds_nothing(company):
    api = company.owner.api()
    commit(company, begin(api, PLAIN))
    again = begin(api, PLAIN)
    assert (again["valid"], again["duplicates"]) == (0, 3)
    assert again["file"]["same_file"]["id"]
    assert api.post(f"/imports/{again['id']}/commit").status_code == 409
    rows = api.get(f"/imports/{again['id']}/rows?status=duplicate").json["data"]
    assert [row["row"] for row in rows] == [2, 3, 4]
    assert "Recorded already" in rows[0]["errors"][0]["message"]
    assert len(expenses(api)) == 3


def test_two_imports_of_one_file_that_were_checked_before_either_was_committed_add_it_once(company):
    api = company.owner.api()
    first, second = begin(api, PLAIN), begin(api, PLAIN)
    assert (first["valid"], second["valid"]) == (3, 3)
    commit(company, first)
    done = commit(company, second)
    assert done["committed_rows"] == 0
    assert done["result"]["commit"]["duplicates_meanwhile"] == 3
    assert len(expenses(api)) == 3
    books_equal_rows(company)


def test_rows_alike_are_duplicates_only_as_far_as_they_are_recorded(company):
    api = company.owner.api()
    header = "Date,Description,Amount,Card\n"
    one, two = "2026-11-01,Tea,10,A\n", "2026-11-01,Tea,10,B\n"
    commit(company, begin(api, header + one))
    found = begin(api, header + one + one + two)
    assert (found["valid"], found["duplicates"]) == (1, 2)
    messages = [
        row["errors"][0]["message"] for row in api.get(f"/imports/{found['id']}/rows?status=duplicate").json["data"]
    ]
    assert any("row 2 of this file" in message for message in messages)
    commit(company, found)
    assert len(expenses(api)) == 2
    assert begin(api, header + one + one + two)["valid"] == 0


def test_duplicates_can_be_imported_all_the_same(company):
    api = company.owner.api()
    text = "Date,Description,Amount\n2026-11-01,Tea,10\n2026-11-01,Tea,10\n"
    found = begin(api, text, duplicates="import")
    assert (found["valid"], found["duplicates"]) == (2, 1)
    assert commit(company, found)["committed_rows"] == 2
    assert begin(api, text)["valid"] == 0


def test_every_bad_row_is_named_with_its_reason(company):
    api = company.owner.api()
    found = begin(
        api,
        "Date,Description,Amount,Currency\n2026-11-01,Good,10,INR\n31/02/2026,No such day,10,INR\n2026-11-03,Words,ten,INR\n"  # noqa: E501
        "2026-11-04,Nothing,0,INR\n2026-11-05,Places,10.555,INR\n2026-11-06,Money,10,XXQ\n,Empty,,INR\nTotal,,40,\n",
        date_form="DMY",
        decimal=".",
    )
    assert (found["rows"], found["valid"], found["invalid"], found["skipped"]) == (8, 1, 6, 1)
    assert [(error["row"], error["column"]) for error in found["errors"]] == [
        (3, "Date"), (4, "Amount"), (5, "Amount"), (6, "Amount"), (7, "Amount"), (8, "Date"), (8, "Amount"),
    ]  # fmt: skip
    assert all(len(error["message"]) > 10 for error in found["errors"])
    [totals] = api.get(f"/imports/{found['id']}/rows?status=skipped").json["data"]
    assert totals["row"] == 9
    [good] = api.get(f"/imports/{found['id']}/rows?status=valid").json["data"]
    assert good["cells"] == {"Date": "2026-11-01", "Description": "Good", "Amount": "10", "Currency": "INR"}


def test_an_open_order_of_day_and_month_is_asked_not_guessed(company):
    api = company.owner.api()
    text = "Date,Description,Amount\n03/04/2026,Tea,10\n05/06/2026,Cab,20\n"
    found = begin(api, text)
    assert (found["status"], found["valid"]) == ("mapping", 0)
    [question] = found["questions"]
    assert question["option"] == "date_form"
    assert {choice["value"]: choice["example"] for choice in question["choices"]} == {
        "DMY": "03/04/2026 is 3 April 2026", "MDY": "03/04/2026 is 4 March 2026"
    }  # fmt: skip
    assert api.post(f"/imports/{found['id']}/commit").status_code == 409
    answered = api.patch(f"/imports/{found['id']}", json={"options": {"date_form": "MDY"}}).json
    assert (answered["status"], answered["valid"]) == ("ready", 2)
    commit(company, answered)
    assert [row["expense_date"] for row in expenses(api)] == ["2026-03-04", "2026-05-06"]
    again = begin(api, text.replace("Tea", "Coffee"))
    assert again["status"] == "ready", "what was chosen for these headers is remembered"
    assert again["mapped_by"] == "remembered"


def test_two_date_forms_in_one_column_are_told_and_rows_that_do_not_fit_are_bad(company):
    api = company.owner.api()
    found = begin(api, "Date,Note,Amount\n25/12/2025,A,1\n12/25/2025,B,2\n3/1/2026,C,3\n2026-01-04,D,4\n")
    assert found["questions"][0]["option"] == "date_form"
    assert "mixed" in found["questions"][0]["text"]
    found = api.patch(f"/imports/{found['id']}", json={"options": {"date_form": "DMY"}}).json
    assert (found["valid"], found["invalid"]) == (3, 1)
    assert found["errors"][0]["row"] == 3


def test_dates_with_and_without_a_time_in_one_column_are_one_form(company):
    found = begin(company.owner.api(), "Date,Note,Amount\n20/09/2018 12:04:08,A,1\n9/1/2017,B,2\n2018-01-31,C,3\n")
    assert (found["status"], found["valid"]) == ("ready", 3)
    assert found["decided"]["date_form"] == "DMY"


def test_an_open_decimal_sign_is_asked(company):
    api = company.owner.api()
    found = begin(api, "Date;Text;Betrag\n2026-01-31;A;1.234\n2026-02-01;B;5.678\n")
    assert [question["option"] for question in found["questions"]] == ["decimal"]
    found = api.patch(f"/imports/{found['id']}", json={"options": {"decimal": ","}}).json
    commit(company, found)
    assert [row["amount"] for row in expenses(api)] == ["1234.00", "5678.00"]


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (["1,234.50", "12"], ["1234.50", "12.00"]),
        (["1.234,50", "12"], ["1234.50", "12.00"]),
        (["1,23,456.00", "2"], ["123456.00", "2.00"]),
        (["(123.45)", "10.00", "20.00"], ["-123.45", "10.00", "20.00"]),
        (["123.00-", "10.00", "20.00"], ["-123.00", "10.00", "20.00"]),
        (["₹ 500", "Rs. 1,200.50"], ["500.00", "1200.50"]),
    ],
)
def test_amounts_as_people_write_them(company, amounts, expected):
    api = company.owner.api()
    text = "Date\tText\tAmount\n" + "".join(
        f"2026-11-{day:02}\tRow {day}\t{amount}\n" for day, amount in enumerate(amounts, 1)
    )
    found = begin(api, text)
    assert found["valid"] == len(amounts), found["errors"]
    commit(company, found)
    assert [row["amount"] for row in expenses(api)] == expected


def test_only_expenses_are_imported_and_the_rest_is_named(company):
    api = company.owner.api()
    found = begin(
        api,
        "Date,Mode,Category,Note,Amount,Income/Expense\n2026-11-01,Cash,Food,Tea,10,Expense\n2026-11-02,Bank account,Salary,,900,"  # noqa: E501
        "Income\n2026-11-03,Bank account,Funds,,500,Transfer-Out\n",
    )
    assert (found["valid"], found["skipped"], found["invalid"]) == (1, 2, 0)
    rows = api.get(f"/imports/{found['id']}/rows?status=skipped").json["data"]
    assert "Income" in rows[0]["errors"][0]["message"]
    assert found["new"].get("category") == ["Food"], "nothing is made for rows that are left out"


def test_words_that_tell_direction_and_are_not_known_are_asked(company):
    api = company.owner.api()
    text = "Date,Note,Amount,Type\n" + "2026-11-01,A,1,Debit\n2026-11-02,B,2,Debit\n2026-11-03,C,3,Chargeback\n"
    found = begin(api, text)
    assert [question["option"] for question in found["questions"]] == ["directions.Chargeback"]
    found = api.patch(f"/imports/{found['id']}", json={"options": {"directions": {"Chargeback": "skip"}}}).json
    assert (found["valid"], found["skipped"]) == (2, 1)


def test_debit_and_credit_columns(company):
    api = company.owner.api()
    found = begin(
        api,
        'Account statement\n\nTxn Date,Narration,Withdrawal Amt,Deposit Amt,Balance\n01/11/2026,Rent,"12,000.00",,500\n'
        "13/11/2026,Salary,,50000.00,900\n15/11/2026,Neither,,,900\n",
    )
    assert found["file"]["header_row"] == 3
    assert (found["valid"], found["skipped"], found["invalid"]) == (1, 1, 1)
    commit(company, found)
    assert [(row["title"], row["amount"]) for row in expenses(api)] == [("Rent", "12000.00")]


def test_statements_that_write_money_out_as_negative(company):
    api = company.owner.api()
    text = "Date,Details,Amount\n2026-11-01,Rent,-500.00\n2026-11-02,Fuel,-20.00\n2026-11-03,Salary,900.00\n"
    found = begin(api, text)
    assert (found["valid"], found["skipped"]) == (2, 1)
    assert any(note["about"] == "sign" for note in found["notes"])
    found = api.patch(f"/imports/{found['id']}", json={"options": {"sign": "positive"}}).json
    assert found["valid"] == 3
    commit(company, found)
    assert [row["amount"] for row in expenses(api)] == ["-500.00", "-20.00", "900.00"]


def test_names_are_matched_or_made_or_refused_as_chosen(company):
    api = company.owner.api()
    project = api.post("/projects/", json={"name": "Depot", "code": "DP-1"}).json
    text = (
        "Date,Note,Amount,Category,Subcategory,Project,Account\n2026-11-01,A,1,travel,HOTELS,dp-1,cash\n"
        "2026-11-02,B,2,Canteen,Fruit,,Visa Gold\n"
    )
    found = begin(api, text)
    assert found["new"] == {"category": ["Canteen", "Canteen > Fruit"], "account": ["Visa Gold"]}
    refused = api.patch(f"/imports/{found['id']}", json={"options": {"unknown": {"category": "reject"}}}).json
    assert (refused["valid"], refused["invalid"]) == (1, 1)
    back = api.patch(f"/imports/{found['id']}", json={"options": {"unknown": None}}).json
    commit(company, back)
    first, second = expenses(api)
    assert (first["category"], first["project_id"], first["account"]) == ("Hotels", project["id"], "Cash")
    assert (second["category"], second["account"]) == ("Fruit", "Visa Gold")
    visa = next(one for one in api.get("/accounts/").json["data"] if one["name"] == "Visa Gold")
    assert (visa["type"], visa["balance"]) == ("card", "-2.00")
    books_equal_rows(company)


def test_defaults_fill_what_the_file_does_not_say(company):
    api = company.owner.api()
    category = api.get("/categories/").json["data"][0]
    account = next(one for one in api.get("/accounts/").json["data"] if one["name"] == "Cash")
    options = {"category_id": category["id"], "account_id": account["id"], "status": "approved"}
    commit(company, begin(api, "Date,Note,Amount\n2026-11-01,A,1\n", **options))
    [row] = expenses(api)
    assert (row["category_id"], row["account_id"], row["status"]) == (category["id"], account["id"], "approved")
    books_equal_rows(company)


def test_other_currencies_by_column_sign_and_rate(company):
    api = company.owner.api()
    found = begin(
        api,
        "Date,Note,Amount,Currency,Exchange rate\n2026-11-01,A,10.00,USD,83.25\n2026-11-02,B,5,INR,\n2026-11-03,C,7,ZMW,\n",  # noqa: E501
    )
    assert (found["valid"], found["invalid"]) == (2, 1)
    assert "No rate from ZMW" in found["errors"][0]["message"]
    commit(company, found)
    first, second = expenses(api)
    assert (first["amount"], first["currency"], first["base_amount"]) == ("10.00", "USD", "832.50")
    assert second["base_amount"] == "5.00"
    books_equal_rows(company)


def test_tags_are_put_on_and_made(company):
    api = company.owner.api()
    commit(company, begin(api, 'Date,Note,Amount,Tags\n2026-11-01,A,1,"fleet, urgent"\n2026-11-02,B,2,Fleet\n'))
    assert [row["tags"] for row in expenses(api)] == [["fleet", "urgent"], ["fleet"]]


def test_undo_takes_everything_back(company):
    api = company.owner.api()
    before = api.get("/categories/?limit=100").json["data"]
    done = commit(company, begin(api, PLAIN.replace("Food", "Canteen")))
    undone = undo(company, done)
    assert undone["status"] == "undone"
    assert undone["result"]["undo"] == {"removed": 3, "edited_to_bin": 0, "in_bin_before": 0, "kept_names": []}
    assert expenses(api) == []
    assert len(api.get("/categories/?limit=100").json["data"]) == len(before)
    books_equal_rows(company)
    assert begin(api, PLAIN)["valid"] == 3
    again = commit(company, undone)
    assert again["committed_rows"] == 3
    books_equal_rows(company)


def test_undo_puts_what_was_edited_into_the_bin_and_leaves_what_was_deleted_there(company):
    api = company.owner.api()
    done = commit(company, begin(api, PLAIN))
    edited, deleted, _ = expenses(api)
    assert api.patch(f"/expenses/{edited['id']}", json={"title": "Taxi, shared", "amount": "99.00"}).status_code == 200
    assert api.delete(f"/expenses/{deleted['id']}").status_code == 204
    undone = undo(company, done)
    result = undone["result"]["undo"]
    assert (result["removed"], result["edited_to_bin"], result["in_bin_before"]) == (1, 1, 1)
    assert expenses(api) == []
    assert {row["title"] for row in api.get("/expenses/bin").json["data"]} == {"Taxi, shared", "Team lunch"}
    books_equal_rows(company)
    assert api.post(f"/expenses/{edited['id']}/restore").status_code == 200
    books_equal_rows(company)


def test_all_or_nothing(company):
    """A category that is deleted between the check and the commit stops the whole of it."""
    api = company.owner.api()
    category = api.post("/categories/", json={"name": "Rail"}).json
    found = begin(api, "Date,Note,Amount,Category\n2026-11-01,A,1,\n2026-11-02,B,2,Rail\n")
    assert api.delete(f"/categories/{category['id']}").status_code == 204
    answer = api.post(f"/imports/{found['id']}/commit")
    run_job(company, answer.json["id"])
    job = api.get(f"/jobs/{answer.json['id']}").json
    assert job["status"] == "failed"
    assert "deleted" in job["error"]
    after = api.get(f"/imports/{found['id']}").json
    assert (after["status"], after["error"]) == ("failed", job["error"])
    assert expenses(api) == []
    books_equal_rows(company)
    found = api.patch(f"/imports/{found['id']}", json={"options": {}}).json
    assert commit(company, found)["committed_rows"] == 2


def test_those_who_watch_spending_hear_of_a_commit_and_an_undo(company):
    heard = []

    def listen(_sender, spending):
        heard.append(spending)

    with expenses_imported.connected_to(listen):
        undo(company, commit(company, begin(company.owner.api(), PLAIN)))
    assert [(one.undone, one.rows, str(one.base_amount)) for one in heard] == [
        (False, 3, "2275.5000"),
        (True, 3, "2275.5000"),
    ]
    assert heard[0].first_day.isoformat() == "2026-11-01"
    assert len(heard[0].category_ids) == 3


def test_a_plan_that_has_no_room_refuses_the_whole_import(company, monkeypatch):
    set_tier(company, "basic")
    monkeypatch.setitem(PLANS[Tier.basic].limits, Limit.expenses, 500)
    api = company.owner.api()
    rows = "".join(f"2026-11-01,Row {number},{number}\n" for number in range(1, 700))
    found = begin(api, "Date,Note,Amount\n" + rows)
    answer = api.post(f"/imports/{found['id']}/commit")
    run_job(company, answer.json["id"])
    job = api.get(f"/jobs/{answer.json['id']}").json
    assert job["status"] == "failed"
    assert "500" in job["error"]
    assert expenses(api) == []
    monkeypatch.setitem(PLANS[Tier.basic].limits, Limit.expenses, 699)
    assert commit(company, found)["committed_rows"] == 699, "there is room now, to the last row"


def test_the_mapping_is_checked_at_its_fields(company):
    api = company.owner.api()
    found = begin(api, PLAIN)
    url = f"/imports/{found['id']}"
    for body, pointer in (
        ({"mapping": {"nonsense": "Date"}}, "/mapping/nonsense"),
        ({"mapping": {"amount": "No such column"}}, "/mapping/amount"),
        ({"options": {"currency": "XXQ"}}, "/options/currency"),
        ({"options": {"account_id": found["id"]}}, "/options/account_id"),
    ):
        answer = api.patch(url, json=body)
        assert answer.status_code == 422
        assert answer.json["errors"][0]["pointer"] == pointer
    answer = api.patch(url, json={"mapping": {"amount": "Amount"}})
    assert answer.json["questions"][0]["option"] == "mapping.expense_date"
    assert api.patch(url, json={"mapping": found["mapping"]}, headers={"If-Match": '"1"'}).status_code == 412


def test_imports_are_listed_and_can_be_discarded(company):
    api = company.owner.api()
    ids = [begin(api, PLAIN)["id"] for _ in range(3)]
    page = api.get("/imports/?limit=2").json
    assert [one["id"] for one in page["data"]] == ids[:0:-1]
    assert [one["id"] for one in api.get(f"/imports/?limit=2&cursor={page['next_cursor']}").json["data"]] == ids[:1]
    assert api.delete(f"/imports/{ids[0]}").status_code == 204
    assert api.get(f"/imports/{ids[0]}").status_code == 404


@pytest.mark.rbac
@pytest.mark.parametrize(("role", "status"), [("owner", 201), ("admin", 201), ("analyst", 403), ("member", 403)])
def test_who_may_import(company, role, status):
    assert upload(company.member(role).api(), PLAIN).status_code == status


@pytest.mark.tenancy
def test_another_company_sees_nothing_of_it(company, other_company):
    found = begin(company.owner.api(), PLAIN)
    job = company.owner.api().post(f"/imports/{found['id']}/commit").json
    api = other_company.owner.api()
    assert api.get(f"/imports/{found['id']}").status_code == 404
    assert api.get(f"/imports/{found['id']}/rows").status_code == 404
    assert api.post(f"/imports/{found['id']}/commit").status_code == 404
    assert api.post(f"/imports/{found['id']}/undo").status_code == 404
    assert api.get(f"/jobs/{job['id']}").status_code == 404
    assert api.get("/imports/").json["data"] == []


@pytest.mark.rbac
def test_a_job_is_seen_by_who_asked_for_it(company):
    job = company.owner.api().post(f"/imports/{begin(company.owner.api(), PLAIN)['id']}/commit").json
    assert company.owner.api().get(f"/jobs/{job['id']}").json["status"] == "queued"
    assert company.member("admin").api().get(f"/jobs/{job['id']}").status_code == 404
    assert company.owner.api().post(f"/jobs/{job['id']}/cancel").json["status"] == "cancelled"
    after = company.owner.api().get(f"/imports/{job['import_id']}").json
    assert after["status"] == "failed"
    assert commit(company, after)["committed_rows"] == 3
