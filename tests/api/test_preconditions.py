"""`If-Match`: what cannot be read protects nobody and is refused, on every route of the API."""

from __future__ import annotations

import pytest

from tests.factories.budgets import make_budget
from tests.factories.tenants import Company

READABLE = ['"1"', 'W/"1"', '"1", "2"', "*"]


@pytest.mark.parametrize("wanted", ["1", '"1', "W/1", '"1" "2"', '"1",', "", '"a b"', "**"])
def test_what_is_no_etag_is_400_and_changes_nothing(company: Company, wanted: str):
    with company.owner.acting():
        budget = make_budget(name="Fuel")
        path, name = f"/budgets/{budget.id}", budget.name
    api, headers = company.owner.api(), {"If-Match": wanted}
    for method, body in (("PATCH", {"name": "Other"}), ("DELETE", None), ("GET", None)):
        answer = api.open(method, path, headers=headers, **({"json": body} if body else {}))
        assert (answer.status_code, answer.json["code"]) == (400, "bad_request"), method
    # Also where nothing has a version.
    assert api.post("/expenses/", json={"title": "Tea"}, headers=headers).status_code == 400
    assert api.get(path).json["name"] == name


@pytest.mark.parametrize("wanted", READABLE)
def test_what_is_an_etag_is_held_against_the_version(company: Company, wanted: str):
    with company.owner.acting():
        budget = make_budget(name="Fuel")
        path, version = f"/budgets/{budget.id}", budget.version
    assert version == 1
    answer = company.owner.api().patch(path, json={"name": "Other"}, headers={"If-Match": wanted})
    assert answer.status_code == 200


def test_who_has_not_signed_in_is_told_that_first(app, company: Company):
    headers = {"If-Match": "nonsense", "X-Tenant-Id": company.subdomain}
    assert app.test_client().get("/api/v1/budgets/", headers=headers).status_code == 401
