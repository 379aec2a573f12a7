"""Projects from a file and back: mapping remembered, bad rows named, duplicates by name, undo."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.expenses import make_expense, make_project
from tests.factories.imports import begin, commit, run_job, undo, upload
from tests.factories.tenants import set_tier

PLAIN = """Project name,Project code,Client,Start date,Due date,Status,Budget,Notes
Warehouse move,WH-26,Bluewater Travel,2026-11-01,2027-03-31,In progress,"2,50,000.00",From Pune to Nashik
Website relaunch,WEB-2,Orchid Tours,2026-12-15,,Not started,80000,
Fleet audit,,,,,,,
"""


def start(api: Any, text: str, **options: Any) -> dict[str, Any]:
    return begin(api, text, name="projects.csv", kind="projects", **options)


def projects(api: Any, **query: Any) -> list[dict[str, Any]]:
    answer = api.get("/projects/", query_string={"sort": "name", **query})
    assert answer.status_code == 200, answer.json
    return answer.json["data"]


def reasons(api: Any, found: dict[str, Any], status: str) -> list[tuple[int, str, str]]:
    rows = api.get(f"/imports/{found['id']}/rows?status={status}").json["data"]
    return [(row["row"], error["column"], error["message"]) for row in rows for error in row["errors"]]


def test_a_list_of_projects_is_read_mapped_and_written(company):
    api = company.owner.api()
    found = start(api, PLAIN)
    assert (found["kind"], found["status"]) == ("projects", "ready")
    assert found["mapping"] == {
        "name": "Project name", "code": "Project code", "client_name": "Client", "start_date": "Start date",
        "end_date": "Due date", "status": "Status", "budget_amount": "Budget", "description": "Notes",
    }  # fmt: skip
    assert [found[name] for name in ("rows", "valid", "invalid", "duplicates")] == [3, 3, 0, 0]
    assert projects(api) == []
    done = commit(company, found)
    assert (done["status"], done["committed_rows"]) == ("committed", 3)
    assert done["result"]["commit"] == {"written": 3, "duplicates_meanwhile": 0}
    audit, move, web = projects(api)
    assert (audit["name"], audit["status"], audit["budget_amount"]) == ("Fleet audit", "active", None)
    assert move | {
        "code": "WH-26", "client_name": "Bluewater Travel", "description": "From Pune to Nashik", "status": "active",
        "start_date": "2026-11-01", "end_date": "2027-03-31",
    } == move  # fmt: skip
    assert (move["budget_amount"], web["status"], web["end_date"]) == ("250000.00", "planned", None)


def test_those_of_an_import_are_found_by_it(company):
    api = company.owner.api()
    with company.owner.acting():
        make_project(name="Older")
    done = commit(company, start(api, PLAIN))
    assert len(projects(api)) == 4
    assert [one["name"] for one in projects(api, import_id=done["id"])] == [
        "Fleet audit", "Warehouse move", "Website relaunch"
    ]  # fmt: skip
    page = company.owner.browser().get(f"/projects?import_id={done['id']}")
    assert "Warehouse move" in page.text
    assert "Older" not in page.text


def test_every_bad_row_is_named_with_its_reason(company):
    api = company.owner.api()
    found = start(
        api,
        "Name,Code,Start,End,Budget\nGood,G,2026-01-01,2026-02-01,10\n,X,2026-01-01,,10\nBackwards,,2026-03-01,2026-02-01,\n"
        f"No day,,31/02/2026,,\nWords,,,,ten\nLess,,,,-5\nPlaces,,,,1.005\nDollars,,,,$12.00\n{'Long ' * 30},,,,\n"
        f"Code,{'9' * 31},,,\nTotal,,,,40 0\n",
        date_form="DMY",
        decimal=".",
    )
    assert (found["valid"], found["invalid"], found["skipped"]) == (1, 9, 1), found["errors"]
    told = {(error["row"], error["column"]): error["message"] for error in found["errors"]}
    assert list(told) == [
        (3, "Name"), (4, "End"), (5, "Start"), (6, "Budget"), (7, "Budget"), (8, "Budget"), (9, "Budget"), (10, "Name"),
        (11, "Code"),
    ]  # fmt: skip
    assert told[4, "End"] == "The end is before the start."
    assert "INR" in told[9, "Budget"]
    commit(company, found)
    assert [one["name"] for one in projects(api)] == ["Good"]


def test_projects_of_a_name_that_is_there_or_stands_above_are_duplicates(company):
    api = company.owner.api()
    with company.owner.acting():
        make_project(name="Depot")
    found = start(api, "Name,Client\nDEPOT,A\nBridge,B\nbridge,C\nBridge,B\nRoad,D\n")
    assert (found["valid"], found["duplicates"]) == (2, 3)
    assert reasons(api, found, "duplicate") == [
        (2, "", "There is a project of this name already."),
        (4, "", "The same project as row 3 of this file."),
        (5, "", "The same as row 3 of this file, in every cell."),
    ]
    refused = api.patch(f"/imports/{found['id']}", json={"options": {"duplicates": "import"}})
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "/options/duplicates"
    commit(company, found)
    assert [(one["name"], one["client_name"]) for one in projects(api)] == [
        ("Bridge", "B"),
        ("Depot", ""),
        ("Road", "D"),
    ]
    again = start(api, "Name,Client\nDEPOT,A\nBridge,B\n")
    assert (again["valid"], again["duplicates"]) == (0, 2)


def test_a_project_that_was_made_between_the_check_and_the_commit_stays_as_it_is(company):
    api = company.owner.api()
    found = start(api, PLAIN)
    api.post("/projects/", json={"name": "fleet AUDIT", "code": "MINE"})
    done = commit(company, found)
    assert done["result"]["commit"] == {"written": 2, "duplicates_meanwhile": 1}
    assert {one["code"] for one in projects(api)} == {"MINE", "WH-26", "WEB-2"}


def test_words_for_where_a_project_stands_are_understood_asked_and_remembered(company):
    api = company.owner.api()
    text = "Name,Stage\nOne,Closed\nTwo,Gate 3\nThree,PAUSED\nFour,Cancelled\n"
    found = start(api, text)
    assert [question["option"] for question in found["questions"]] == ["statuses.Gate 3", "statuses.Cancelled"]
    url = f"/imports/{found['id']}"
    assert api.patch(url, json={"options": {"statuses": {"Gate 3": "nearly"}}}).status_code == 422
    found = api.patch(url, json={"options": {"statuses": {"Gate 3": "active", "Cancelled": "skip"}}}).json
    assert (found["valid"], found["skipped"]) == (3, 1)
    commit(company, found)
    assert {one["name"]: one["status"] for one in projects(api)} == {
        "One": "completed", "Two": "active", "Three": "on_hold"
    }  # fmt: skip
    again = start(api, text.replace("One", "Five"))
    assert (again["mapped_by"], again["status"], again["valid"]) == ("remembered", "ready", 1)
    assert begin(api, "Date,Title,Amount\n2026-11-02,Tea,1\n")["mapped_by"] == "headers"


def test_a_day_that_is_sure_in_one_column_is_so_in_the_other(company):
    api = company.owner.api()
    found = start(api, "Name,Start,End\nA,03/04/2026,25/04/2026\nB,05/06/2026,\n")
    assert (found["status"], found["decided"]["date_form"]) == ("ready", "DMY")
    commit(company, found)
    assert [one["start_date"] for one in projects(api)] == ["2026-04-03", "2026-06-05"]
    asked = start(api, "Name,Start,End\nC,25/04/2026,04/25/2026\n")
    assert [question["option"] for question in asked["questions"]] == ["date_form"]


def test_undo_takes_back_what_nobody_has_used_or_changed(company):
    api = company.owner.api()
    done = commit(company, start(api, PLAIN))
    audit, move, _ = projects(api)
    with company.owner.acting():
        make_expense(project_id=move["id"])
    assert api.patch(f"/projects/{audit['id']}", json={"code": "FA"}).status_code == 200
    undone = undo(company, done)
    assert undone["result"]["undo"] == {
        "removed": 1, "kept": 2, "kept_names": ["Fleet audit", "Warehouse move"], "deleted_before": 0
    }  # fmt: skip
    assert [one["name"] for one in projects(api)] == ["Fleet audit", "Warehouse move"]
    page = company.owner.browser().get(f"/imports/{done['id']}")
    assert "1 project removed" in page.text
    assert "Fleet audit, Warehouse move" in page.text
    again = commit(company, undone)
    assert again["result"]["commit"] == {"written": 1, "duplicates_meanwhile": 2}
    assert undo(company, again)["result"]["undo"]["removed"] == 1


def test_an_undo_that_would_take_nothing_back_is_refused(company):
    api = company.owner.api()
    done = commit(company, start(api, "Name\nOnly\n"))
    [only] = projects(api)
    with company.owner.acting():
        make_expense(project_id=only["id"])
    page = company.owner.browser().get(f"/imports/{done['id']}")
    assert "cannot be undone" in page.text
    assert "Undo the import" not in page.text
    refused = api.post(f"/imports/{done['id']}/undo")
    assert (refused.status_code, refused.json["code"]) == (409, "cannot_be_undone")
    assert [one["name"] for one in projects(api)] == ["Only"]


def test_a_plan_that_has_no_room_refuses_the_whole_import(company):
    set_tier(company, "basic")
    api = company.owner.api()
    found = start(api, "Name\n" + "".join(f"Project {number}\n" for number in range(500)))
    answer = api.post(f"/imports/{found['id']}/commit")
    run_job(company, answer.json["id"])
    job = api.get(f"/jobs/{answer.json['id']}").json
    assert job["status"] == "failed"
    assert projects(api) == []


@pytest.mark.rbac
@pytest.mark.parametrize(("role", "status"), [("owner", 201), ("admin", 201), ("analyst", 403), ("member", 403)])
def test_who_may_import_projects(company, role, status):
    assert upload(company.member(role).api(), PLAIN, kind="projects").status_code == status


@pytest.mark.tenancy
def test_undo_and_lists_reach_no_other_company(company, other_company):
    done = commit(company, start(company.owner.api(), PLAIN))
    other = other_company.owner.api()
    commit(other_company, start(other, PLAIN))
    assert other.get(f"/projects/?import_id={done['id']}").status_code == 404
    undo(company, done)
    assert len(projects(other)) == 3
