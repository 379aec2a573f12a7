"""What holds for every kind of import, whichever there are: asked of each handler."""

from __future__ import annotations

import csv
import io

import pytest
from flask import url_for

from tests.factories.imports import begin, commit, undo, upload
from tracktok.auth import rules as auth_rules
from tracktok.core.errors import NotFound
from tracktok.imports.services import handler_of, handlers

KINDS = [one.kind.name for one in handlers()]


@pytest.fixture(params=KINDS)
def handler(request):
    return handler_of(request.param)


def example(api, handler):
    answer = api.get(f"/imports/example?kind={handler.kind.name}")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/csv")
    return answer.data


def test_there_is_more_than_one():
    assert {"expenses", "projects"} <= set(KINDS)
    with pytest.raises(NotFound):
        handler_of("nonsense")


def test_every_kind_says_what_pages_need(handler):
    assert handler.permission in auth_rules.PERMISSIONS
    assert handler.permission.endswith(".import")
    names = {one.name for one in handler.kind.fields}
    assert set(handler.shown) <= names
    assert {field for group in handler.kind.needs for field in group} <= names
    assert {one.field for one in handler.meanings} <= names
    assert {one.name for one in handler.references} <= names
    assert all(one.choices is not tuple for one in handler.options if one.place), "a control offers something"
    assert handler.file_help
    assert handler.repeats[0][0] == "skip"


def test_the_example_file_is_understood_as_it_is_imported_and_undone(company, handler):
    api = company.owner.api()
    content = example(api, handler)
    header, *rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    found = begin(api, content, name="example.csv", kind=handler.kind.name)
    assert found["status"] == "ready", found["questions"]
    labels = {one.name: one.label for one in handler.kind.fields}
    assert {labels[name]: column for name, column in found["mapping"].items()} == {one: one for one in header}
    assert (found["valid"], found["invalid"]) == (len(rows), 0), found["errors"]
    done = commit(company, found)
    assert done["committed_rows"] == len(rows)
    again = begin(api, content, name="example.csv", kind=handler.kind.name)
    assert (again["valid"], again["duplicates"]) == (0, len(rows))
    browser = company.owner.browser()
    page = browser.get(f"/imports/{done['id']}").text
    assert f"{len(rows)} {handler.kind.nouns} imported" in page
    assert undo(company, done)["status"] == "undone"
    assert "The import was undone" in browser.get(f"/imports/{done['id']}").text


def test_the_pages_of_a_kind(app, company, handler):
    api, browser = company.owner.api(), company.owner.browser()
    name = handler.kind.name
    new = browser.get(f"/imports/new?kind={name}")
    assert f"File of {handler.kind.nouns}" in new.text
    assert f'name="kind" value="{name}"' in new.text
    answer = browser.post("/imports", data={"kind": name, "file": (io.BytesIO(example(api, handler)), f"{name}.csv")})
    assert answer.status_code == 303, answer.text
    show = browser.get(answer.headers["Location"])
    assert f"Import 2 {handler.kind.nouns}" in show.text
    columns = browser.get(f"{answer.headers['Location']}/columns")
    assert columns.status_code == 200
    for option in handler.options:
        assert (f'name="{option.name}"' in columns.text) == bool(option.place)
    for one in handler.references:
        assert f'name="unknown-{one.name}"' in columns.text
    listed = browser.get(f"/imports?kind={name}")
    assert f"{name}.csv" in listed.text
    for other in set(KINDS) - {name}:
        assert f"{name}.csv" not in browser.get(f"/imports?kind={other}").text
    download = browser.get(f"/imports/example.csv?kind={name}")
    assert f'filename="{name}.csv"' in download.headers["Content-Disposition"]
    with app.test_request_context():
        assert url_for("imports.index") == "/imports"


def test_the_guide_tells_of_every_kind(company, handler):
    page = company.owner.browser().get("/guide/import").text
    assert handler.file_help in page
    assert company.owner.browser().get("/guide/import").status_code == 200


def test_kinds_are_described_by_the_api(company, handler):
    kinds = {one["name"]: one for one in company.owner.api().get("/imports/kinds").json["data"]}
    told = kinds[handler.kind.name]
    assert [one["name"] for one in told["fields"]] == [one.name for one in handler.kind.fields]
    assert {one["name"] for one in told["options"]} == {one.name for one in handler.options}
    schema = company.owner.api().get("/openapi.json").json["components"]["schemas"]["ImportOptions"]
    for option in handler.options:
        assert option.label in schema["properties"][option.name]["description"]


def test_options_of_one_kind_are_none_of_another(company):
    api = company.owner.api()
    found = begin(api, "Name\nDepot\n", kind="projects")
    for options in ({"sign": "positive"}, {"unknown": {"category": "create"}}, {"statuses": []}, {"decimal": ["."]}):
        answer = api.patch(f"/imports/{found['id']}", json={"options": options})
        assert answer.status_code == 422
        assert answer.json["errors"][0]["pointer"].startswith(f"/options/{next(iter(options))}")
    expenses = begin(api, "Date,Title,Amount\n2026-11-02,Tea,1\n")
    for options in ({"statuses": {}}, {"currency": ["INR"]}, {"status": {}}, {"account_id": 5}, {"directions": [1]}):
        answer = api.patch(f"/imports/{expenses['id']}", json={"options": options})
        assert answer.status_code == 422, options
        assert answer.json["errors"][0]["pointer"].startswith(f"/options/{next(iter(options))}")


def test_a_kind_that_does_not_exist(company):
    api, browser = company.owner.api(), company.owner.browser()
    refused = upload(api, "Name\nDepot\n", kind="nonsense")
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/kind")
    assert api.get("/imports/example?kind=nonsense").status_code == 404
    assert browser.get("/imports/new?kind=nonsense").status_code == 404
    assert browser.get("/imports?kind=nonsense").status_code == 200


@pytest.mark.rbac
def test_each_kind_asks_for_its_own_permission(company, monkeypatch):
    """Somebody who may import projects and nothing else sees and does just that."""
    owner = company.owner.api()
    expenses = begin(owner, "Date,Title,Amount\n2026-11-02,Tea,1\n")
    projects = begin(owner, "Name\nDepot\n", kind="projects")
    held = {**auth_rules.PERMISSIONS}
    held["projects.import"] = (held["expenses.read"][0], "")
    monkeypatch.setattr(auth_rules, "PERMISSIONS", held)
    member = company.member("member")
    api, browser = member.api(), member.browser()
    assert [one["id"] for one in api.get("/imports/").json["data"]] == [projects["id"]]
    assert [one["name"] for one in api.get("/imports/kinds").json["data"]] == ["projects"]
    assert "File of projects" in browser.get("/imports/new").text
    assert browser.get("/imports/new?kind=expenses").status_code == 403
    assert api.get("/imports/example?kind=expenses").status_code == 403
    assert upload(api, "Date,Title,Amount\n2026-11-02,Tea,1\n").status_code == 403
    for what in ("", "/rows"):
        assert api.get(f"/imports/{projects['id']}{what}").status_code == 200
        assert api.get(f"/imports/{expenses['id']}{what}").status_code == 403
    for what in ("commit", "undo"):
        assert api.post(f"/imports/{expenses['id']}/{what}").status_code == 403
    assert api.delete(f"/imports/{expenses['id']}").status_code == 403
    assert api.patch(f"/imports/{expenses['id']}", json={}).status_code == 403
    for what in ("", "/columns", "/progress"):
        assert browser.get(f"/imports/{expenses['id']}{what}").status_code == 403
    for what in ("columns", "commit", "undo", "discard"):
        assert browser.post(f"/imports/{expenses['id']}/{what}").status_code == 403
    assert api.post(f"/imports/{projects['id']}/commit").status_code == 202
