"""What a program sees of spending."""

from __future__ import annotations

import pytest

from tests.factories.tenants import Company


@pytest.fixture
def owner(company: Company):
    return company.owner.api()


def body(**over):
    return {"amount": "125.50", "title": "Taxi", "expense_date": "2026-11-10", **over}


def test_the_body_of_the_specification_works_as_it_stands(owner):
    category = owner.get("/categories/").json["data"][0]
    answer = owner.post(
        "/expenses/",
        json={
            "amount": "125.50",
            "title": "Lunch with a client",
            "description": "Three people",
            "category_id": category["id"],
            "expense_date": "2026-11-10",
            "payment_method": "upi",
            "tags": ["client", "food"],
        },
    )
    assert answer.status_code == 201, answer.json
    made = answer.json
    assert made["amount"] == "125.50"
    assert made["currency"] == "INR"
    assert made["category"] == category["name"]
    assert made["tags"] == ["client", "food"]
    assert made["status"] == "paid"
    assert made["warnings"] == []
    shown = owner.get(answer.headers["Location"].removeprefix("/api/v1"))
    assert shown.json == {name: value for name, value in made.items() if name != "warnings"}
    assert shown.headers["ETag"] == answer.headers["ETag"]


def test_a_new_company_finds_categories_and_accounts(owner):
    categories = owner.get("/categories/").json["data"]
    assert {"Travel", "Fuel", "Rent"} <= {row["name"] for row in categories}
    fuel = next(row for row in categories if row["name"] == "Fuel")
    assert fuel["path"] == ["Vehicles", "Fuel"]
    assert [row["name"] for row in owner.get("/accounts/").json["data"]] == ["Bank account", "Cash"]
