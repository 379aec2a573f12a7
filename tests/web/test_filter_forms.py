"""Forms of filters send every field, also the empty ones: pages take them for no filter, the API refuses them."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from flask import Flask
from looking.routes import Routes

from tests.architecture.test_routes import make_everything
from tests.factories.tenants import Company


class _Filters(HTMLParser):
    """The forms of a page that are sent with GET: (address, names of their fields)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[str]]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = (given.get("method") or "get").lower() == "get"
            if self._inside:
                self.found.append((urlsplit(given.get("action") or "").path, []))
        elif self._inside and tag in {"input", "select", "textarea"} and given.get("name"):
            self.found[-1][1].append(str(given["name"]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def test_a_form_of_filters_with_every_field_empty_filters_nothing(app: Flask, company: Company):
    make_everything(company)  # an empty list has no filters
    browser, seen, sent_before = company.owner.browser(), set(), set()
    for page in Routes(app, without=("gallery.", "guide.", "error_")).first():
        answer = browser.get(page.path)
        if answer.status_code != 200:
            continue
        forms = _Filters()
        forms.feed(answer.text)
        for action, names in forms.found:
            if not names or not action or (same := (action, frozenset(names))) in sent_before:
                continue
            sent_before.add(same)
            sent = browser.get(action, query_string=dict.fromkeys(names, ""))
            assert sent.status_code == 200, f"{page.path}: {action} with {names} is {sent.status_code}"
            assert "is-invalid" not in sent.text, f"{page.path}: {action} with {names}"
            seen.add(action)
    assert {"/expenses", "/audit", "/bank/", "/customers", "/invoices/", "/receipts/"} <= seen, sorted(seen)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/expenses/", "date_from category_id person_id status amount_from payment_method has_receipt currency"),
        ("/expenses/summary", "date_to project_id account_id import_id"),
        ("/invoices/", "customer_id date_from amount_to currency original_id"),
        ("/receipts/", "customer_id account_id method status date_to unallocated"),
        ("/bank-lines/", "status direction account_id statement_id date_from"),
        ("/customers/", "kind archived"),
        ("/audit/", "actor_id date_from"),
    ],
)
def test_the_api_refuses_an_empty_filter_at_its_field_but_for_searches(company: Company, path: str, fields: str):
    api = company.owner.api()
    for field in fields.split():
        answer = api.get(f"{path}?{field}=")
        assert answer.status_code == 422, field
        assert [one["pointer"].split("/")[1] for one in answer.json["errors"]][:1] == [field]
    assert api.get(f"{path}?q=").status_code == 200


def test_an_empty_tag_or_search_filters_nothing(company: Company):
    api = company.owner.api()
    assert api.post("/expenses/", json={"title": "Tea", "amount": "3", "expense_date": "2026-11-10"}).status_code == 201
    assert [row["title"] for row in api.get("/expenses/?tag=&q=").json["data"]] == ["Tea"]
    assert api.get("/expenses/?tag=rail").json["data"] == []
