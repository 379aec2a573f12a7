"""Who has nothing yet looks at sample data, and takes all of it back."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.expenses.equality import check_books_equal_rows
from tests.factories.imports import run_job
from tests.factories.tenants import Company
from tracktok.expenses.rules.defaults import CATEGORIES
from tracktok.expenses.rules.sample import DAYS, sample_rows


@given(st.dates(date(2024, 1, 1), date(2029, 1, 1)))
def test_it_is_of_the_last_three_months_and_of_categories_that_every_company_has(today):
    header, *rows = sample_rows(today)
    names = {one.name for top in CATEGORIES for one in (top, *top.below)}
    assert header[0] == "Date"
    assert len(rows) > 60
    assert {row[3] for row in rows} <= names
    days = [date.fromisoformat(row[0]) for row in rows]
    assert today - timedelta(days=DAYS) < min(days) <= today - timedelta(days=60)
    assert today - timedelta(days=7) < max(days) <= today
    assert all(Decimal(row[2]) > 0 for row in rows)


@pytest.mark.parametrize("currency", ["INR", "JPY"])
def test_sample_data_is_looked_at_imported_and_taken_back(app_context, currency: str):
    from tests.factories.tenants import make_company

    company = make_company(currency=currency)
    browser, api = company.owner.browser(), company.owner.api()
    for page in ("/expenses", "/dashboard"):
        assert 'action="/expenses/sample"' in browser.get(page).text, page
    begun = browser.post("/expenses/sample")
    assert begun.status_code == 303
    import_id = begun.location.rsplit("/", 1)[-1]
    found = api.get(f"/imports/{import_id}").json
    assert (found["status"], found["invalid"], found["filename"]) == ("ready", 0, "sample-data.csv")
    assert "sample data" in browser.get(begun.location).text
    assert api.get("/expenses/").json["data"] == [], "nothing before it is imported"
    run_job(company, api.post(f"/imports/{import_id}/commit").json["id"])
    assert api.get("/expenses/summary").json["count"] == found["valid"] > 60
    assert 'action="/expenses/sample"' not in browser.get("/expenses").text
    run_job(company, api.post(f"/imports/{import_id}/undo").json["id"])
    assert api.get("/expenses/").json["data"] == []
    with company.owner.acting():
        check_books_equal_rows()


@pytest.mark.rbac
def test_only_who_may_import_is_offered_it(company: Company):
    browser = company.member("analyst").browser()
    assert "/expenses/sample" not in browser.get("/expenses").text
    assert browser.post("/expenses/sample").status_code == 403
