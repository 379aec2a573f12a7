"""The description of the API: valid, complete, and readable without another host."""

from __future__ import annotations

import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import BaseModel

from tracktok.core.permissions import access_of

WRITES = {"post", "put", "patch", "delete"}


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def document(client):
    return client.get("/api/v1/openapi.json").get_json()


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def names(document, operation):
    kept = document["components"]["parameters"]
    for parameter in operation["parameters"]:
        yield kept[parameter["$ref"].rpartition("/")[2]]["name"] if "$ref" in parameter else parameter["name"]


def test_it_is_valid_openapi_3_1(document):
    assert document["openapi"].startswith("3.1.")
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


# What is asked for there by an id that is none is not found, instead of a method that is not allowed.
NOT_DESCRIBED = {("get", "/api/v1/reports/{user_id}")}


def test_every_route_of_the_api_is_described(app, document):
    described = {(method, path) for method, path, _ in operations(document)}
    routes = {
        (method.lower(), re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.rule != "/api/v1/openapi.json"
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert routes - NOT_DESCRIBED == described


def test_every_operation_says_what_it_does_who_may_and_what_it_answers(document):
    ids = set()
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert "Needs `" in operation["description"] or "nybody" in operation["description"], where
        assert operation["tags"], where
        assert any(status.startswith("2") for status in operation["responses"]), where
        assert {"400", "404", "422", "429", "503"} <= set(operation["responses"]), where
        assert operation["operationId"] not in ids, where
        ids.add(operation["operationId"])
    assert all(tag.get("name") for tag in document["tags"])


def test_no_two_schemas_have_one_name(app):
    """They stand in the description by their names alone: the one that comes last would describe both."""
    places: dict[str, set[str]] = {}
    waiting: list[type] = [BaseModel]
    while waiting:
        for schema in waiting.pop().__subclasses__():
            waiting.append(schema)
            if schema.__module__.startswith("tracktok."):
                places.setdefault(schema.__name__, set()).add(schema.__module__)
    assert len(places) > 100
    assert {name: modules for name, modules in places.items() if len(modules) > 1} == {}


def test_security_follows_the_permissions(app, document):
    adapter = app.url_map.bind("tracktok.test")
    for method, path, operation in operations(document):
        sample = re.sub(r"\{[^}]+\}", "00000000-0000-0000-0000-000000000000", path)
        endpoint, _ = adapter.match(sample, method=method.upper())
        public = bool(access_of(app.view_functions[endpoint]).public_because)
        assert operation["security"] == ([] if public else [{"bearer": []}]), path


def test_headers_that_the_edge_understands_are_described(document):
    for method, path, operation in operations(document):
        found = set(names(document, operation))
        assert "X-Tenant-Id" in found, path
        assert ("Idempotency-Key" in found) is (
            method == "post" and bool(operation["security"]) and "/auth/" not in path
        ), path
        assert ("If-Match" in found) is (method in WRITES - {"post"} and "{" in path), path


def test_refusals_are_problem_documents(document):
    assert document["components"]["responses"]
    for response in document["components"]["responses"].values():
        assert list(response["content"]) == ["application/problem+json"]


def test_amounts_are_described_as_text(document):
    amount = document["components"]["schemas"]["ExpenseIn"]["properties"]["amount"]
    assert amount["anyOf"][0]["type"] == "string"
    assert amount["examples"]
    assert document["components"]["schemas"]["ExpenseOut"]["properties"]["amount"]["type"] == "string"


def test_it_is_not_sent_again_to_who_has_it(client):
    first = client.get("/api/v1/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    again = client.get("/api/v1/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_the_page_starts_a_viewer_that_asks_no_other_host(client):
    page = client.get("/docs")
    html = page.get_data(as_text=True)
    policy = page.headers["Content-Security-Policy"]
    assert page.status_code == 200
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", html)
    assert not re.search(r"\sstyle=|\son\w+=", html)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", html)
    assert "/api/v1/openapi.json" in html
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        asset = client.get(f"/docs/assets/{name}", headers={"Accept-Encoding": "gzip"})
        assert asset.status_code == 200
        assert "max-age" in asset.headers["Cache-Control"]
    assert client.get("/docs/assets/other.js").status_code == 404
