"""What vendors of trips are owed counts in budgets: committed, then spent."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories.expenses import make_project
from tests.factories.tenants import Company
from tests.factories.trips import make_card, make_fleet_vendor, make_trip
from tracktok.budgets import services
from tracktok.ledger.queries import book_account_for
from tracktok.trips.queries.books import category_of

START = (date.today() - timedelta(days=45)).replace(day=1)
PERIOD = {"period": "custom", "period_days": 400, "start_date": START.isoformat()}


def times(days: int) -> dict[str, str]:
    """The times of a trip of three quarters of an hour, so many days after the start."""
    day = START + timedelta(days=days)
    return {"started_at": f"{day}T08:00:00", "ended_at": f"{day}T08:45:00"}


@pytest.fixture
def world(company: Company) -> dict[str, Any]:
    with company.owner.acting():
        vendor = make_fleet_vendor()
        make_card(vendor)
        project = str(make_project(name="Night shift").id)
        make_trip(vendor, external_id="T-1", project_id=project, **times(9))
        make_trip(vendor, external_id="T-2", tolls="60", **times(10))
        make_trip(vendor, external_id="T-3", **times(-5))
    api = company.owner.api()
    names = {"api": api, "vendor": vendor.id, "project": project}
    categories = {one["name"]: one["id"] for one in api.get("/categories/?limit=100").json["data"]}
    return {**names, "categories": categories}


def budget(world: dict[str, Any], **over: Any) -> str:
    made = world["api"].post(
        "/budgets/", json={"name": f"B{len(over)}{over}"[:60], "amount": "10000", **PERIOD, **over}
    )
    assert made.status_code == 201, made.text
    return f"/budgets/{made.json['id']}"


def used(world: dict[str, Any], address: str) -> tuple[str, str]:
    found = world["api"].get(address).json
    return found["current_period"]["spent"], found["current_period"]["committed"]


def approve(world: dict[str, Any]) -> str:
    api = world["api"]
    rows = api.get(f"/statements/?vendor_id={world['vendor']}").json["data"]
    own = next(one for one in rows if one["month"] == START.isoformat())
    done = api.post(f"/statements/{own['id']}/approve", json={}, headers={"If-Match": f'"{own["version"]}"'})
    assert done.status_code == 200, done.text
    return str(own["id"])


def test_trips_are_committed_until_their_statement_is_approved_and_then_spent(world: dict[str, Any]):
    whole, project = budget(world), budget(world, project_id=world["project"])
    assert used(world, whole) == ("0.00", "640.00"), (
        "290 + 290 + 60 of tolls, before tax; what was before the budget is not of it"
    )
    assert used(world, project) == ("0.00", "290.00")
    approve(world)
    assert used(world, whole) == ("640.00", "0.00")
    assert used(world, project) == ("290.00", "0.00")


def test_a_trip_that_is_written_counts_at_once(world: dict[str, Any]):
    whole = budget(world)
    assert used(world, whole)[1] == "640.00"
    body = {"vendor_id": str(world["vendor"]), **times(20), "distance_km": "10", "external_id": "T-9"}  # fmt: skip
    made = world["api"].post("/trips/", json=body)
    assert used(world, whole)[1] == "810.00"
    assert world["api"].delete(f"/trips/{made.json['id']}").status_code == 204
    assert used(world, whole)[1] == "640.00"


def test_a_budget_of_a_category_within_a_project_sees_them_too(world: dict[str, Any], company: Company):
    with company.owner.acting():
        category = category_of(book_account_for("vehicle_hire"))
    assert category is not None
    both = budget(world, project_id=world["project"], category_id=str(category))
    alone = budget(world, category_id=str(category))
    assert used(world, both) == ("0.00", "290.00")
    assert used(world, alone)[1] == "580.00", "tolls are of another category"
    approve(world)
    assert used(world, both) == ("290.00", "0.00")
    assert used(world, alone) == ("580.00", "0.00")


def test_an_approval_is_seen_at_once_by_whoever_records_an_expense(world: dict[str, Any]):
    address = budget(world, amount="1.00", enforcement="warn")

    def measured() -> tuple[Decimal, Decimal]:
        """What the budget had used before an expense, and what it says of itself after it, less that expense."""
        body = {"title": "Tea", "amount": "1.00", "expense_date": (START + timedelta(days=10)).isoformat()}
        made = world["api"].post("/expenses/", json=body)
        assert made.status_code == 201, made.text
        (told,) = [one for one in made.json["warnings"] if "used" in one]
        return Decimal(told["used"]), sum(map(Decimal, used(world, address)), Decimal(0)) - 1

    before = measured()
    assert before[0] == before[1] > 0
    approve(world)
    after = measured()
    assert after[0] == after[1] == before[0] + 1


def test_a_budget_that_trips_pass_is_looked_at_soon(world: dict[str, Any], company: Company, monkeypatch: Any):
    asked: list[str] = []
    monkeypatch.setattr(services.looking, "enqueue", lambda task, *_, **__: asked.append(task.task))
    body = {"vendor_id": str(world["vendor"]), **times(20), "distance_km": "10", "external_id": "T-9"}

    def looked() -> bool:
        with company.owner.acting():
            services.begin_look()  # what is written from now on asks for another
        return bool(asked) and not asked.clear()

    looked()
    made = world["api"].post("/trips/", json=body)
    assert made.status_code == 201
    assert looked(), "a trip was recorded"
    assert world["api"].put(f"/trips/{made.json['id']}", json={**body, "distance_km": "30"}).status_code == 200
    assert looked(), "it costs more"
    card = world["api"].get("/rate-cards/").json["data"][0]["id"]
    assert world["api"].put(f"/rate-cards/{card}", json={"name": "Standard", "is_archived": True}).status_code == 200
    assert looked(), "its card was changed"
    approve(world)
    assert looked(), "what was owed is spent"
