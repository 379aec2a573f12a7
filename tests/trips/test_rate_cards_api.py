"""Rate cards by the API: versions in time, what is refused and where, prices with their trace, copies, differences."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.factories.expenses import make_project
from tests.factories.vendors import BY_TRIP, make_rate_card, make_vendor
from tracktok.trips.queries.rate_cards import card_book, versions_of
from tracktok.trips.services.rate_cards import mark_used

TRIP = {"start": "2026-03-03T21:30:00", "end": "2026-03-03T22:40:00", "distance": "18.4"}


def errors(answer: Any) -> dict[str, str]:
    """What is wrong, by field."""
    return {one["pointer"].lstrip("/"): one["detail"] for one in answer.json["errors"]}


@pytest.fixture
def card(company) -> dict[str, Any]:
    """A card of the company as the API shows it."""
    with company.owner.acting():
        made = make_rate_card(name="City")
    answer: dict[str, Any] = company.owner.api().get(f"/rate-cards/{made.id}").json
    return answer


def test_a_card_is_made_with_its_first_version(company):
    with company.owner.acting():
        vendor = make_vendor(currency="EUR")
    body = {
        "vendor_id": str(vendor.id),
        "name": "City",
        "valid_from": "2026-01-01",
        "terms": BY_TRIP,
        "vehicle_class": "SUV",
    }
    made = company.owner.api().post("/rate-cards/", json=body)
    assert made.status_code == 201, made.json
    assert (made.json["billing_model"], made.json["currency"], made.json["vehicle_class"]) == ("trip", "EUR", "SUV")
    version = made.json["versions"][0]
    assert (version["valid_from"], version["valid_to"], version["used"]) == ("2026-01-01", None, False)
    assert version["terms"]["per_distance"] == "12"


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"model": "trip"}, "terms/per_trip"),
        ({"model": "weekly"}, "terms/model"),
        ({**BY_TRIP, "per_trip": "-1"}, "terms/per_trip"),
        ({**BY_TRIP, "night": {"starts": "25:00", "ends": "06:00", "amount": "1"}}, "terms/night/starts"),
        ({**BY_TRIP, "late": [{"after_minutes": 5}]}, "terms/late/0/amount"),
        ({**BY_TRIP, "surcharges": [{"name": "Fuel", "percent": "3", "on": ["moon"]}]}, "terms/surcharges/0/on/0"),
        ({"model": "hybrid", "per_trip": "1"}, "terms/monthly/fee"),
        ({"model": "package", "packages": {"options": []}}, "terms/packages/options"),
        ({**BY_TRIP, "unknown": 1}, "terms/unknown"),
    ],
)
def test_what_is_wrong_with_terms_is_said_at_its_field(company, terms, field):
    with company.owner.acting():
        vendor = make_vendor()
    body = {"vendor_id": str(vendor.id), "name": "City", "valid_from": "2026-01-01", "terms": terms}
    answer = company.owner.api().post("/rate-cards/", json=body)
    assert answer.status_code == 422, answer.json
    assert field in errors(answer), answer.json


def test_a_vendor_has_one_card_in_use_for_each_scope(company):
    with company.owner.acting():
        vendor, project = make_vendor(), make_project()
        first = make_rate_card(vendor, name="All")
        make_rate_card(vendor, name="SUV", vehicle_class="SUV")
        make_rate_card(vendor, name="Site", project_id=project.id)
    api = company.owner.api()
    body = {"vendor_id": str(vendor.id), "name": "New", "valid_from": "2026-01-01", "terms": BY_TRIP}
    for scope in ({}, {"vehicle_class": "suv"}, {"project_id": str(project.id)}):
        answer = api.post("/rate-cards/", json={**body, **scope})
        assert (answer.status_code, answer.json["code"]) == (409, "scope_taken"), scope
    taken = api.post("/rate-cards/", json={**body, "name": "all", "trip_type": "drop"})
    assert (taken.status_code, list(errors(taken))) == (409, ["name"])
    archived = api.put(f"/rate-cards/{first.id}", json={"name": "All", "is_archived": True})
    assert archived.status_code == 200, archived.json
    assert api.post("/rate-cards/", json=body).status_code == 201
    assert api.put(f"/rate-cards/{first.id}", json={"name": "All"}).status_code == 409


def test_versions_follow_one_another_in_time(company, card):
    api, path = company.owner.api(), f"/rate-cards/{card['id']}/versions"
    later = {"valid_from": "2026-04-01", "note": "Fuel went up", "terms": {**BY_TRIP, "per_distance": "13.5"}}
    made = api.post(path, json=later)
    assert made.status_code == 201, made.json
    again = api.post(path, json=later)
    assert (again.status_code, again.json["code"], list(errors(again))) == (409, "version_taken", ["valid_from"])
    other = api.post(
        path,
        json={
            **later,
            "valid_from": "2026-05-01",
            "terms": {"model": "package", "packages": {"options": [{"amount": "5"}]}},
        },
    )
    assert (other.status_code, list(errors(other))) == (422, ["terms/model"])
    spans = [(one["valid_from"], one["valid_to"]) for one in api.get(f"/rate-cards/{card['id']}").json["versions"]]
    assert spans == [("2026-04-01", None), ("2026-01-01", "2026-03-31")]
    for day, amount in (("2026-03-31", "320.80"), ("2026-04-01", "348.40")):
        trip = {**TRIP, "start": f"{day}T10:00:00", "end": f"{day}T11:00:00"}
        answer = api.post(f"/rate-cards/{card['id']}/price", json={"trip": trip})
        assert (answer.status_code, answer.json["amount"]) == (200, amount)
    differing = api.get(f"/rate-cards/{card['id']}/compare?before={card['versions'][0]['id']}&after={made.json['id']}")
    assert differing.json["differences"] == [
        {"field": "per_distance", "label": "For each km or mile", "before": "12", "after": "13.5"}
    ]


def test_a_version_that_priced_trips_stays_as_it_is(company, card):
    api, path = company.owner.api(), f"/rate-cards/{card['id']}/versions"
    first = f"{path}/{card['versions'][0]['id']}"
    changed = api.put(first, json={"valid_from": "2026-01-05", "terms": {**BY_TRIP, "per_trip": "90"}})
    assert (changed.status_code, changed.json["terms"]["per_trip"]) == (200, "90")
    assert api.delete(first).json["code"] == "last_version"
    with company.owner.acting():
        mark_used([UUID(card["versions"][0]["id"])])
    for answer in (
        api.put(first, json={"valid_from": "2026-01-05", "terms": BY_TRIP}),
        api.delete(first),
    ):
        assert (answer.status_code, answer.json["code"]) == (409, "version_used")
    assert api.get(first).json["used"] is True
    assert api.delete(f"/rate-cards/{card['id']}").json["code"] == "in_use"
    later = api.post(path, json={"valid_from": "2026-06-01", "terms": BY_TRIP}).json
    assert api.delete(f"{path}/{later['id']}").status_code == 204


def test_an_unused_card_is_deleted_with_its_versions(company, card):
    api = company.owner.api()
    assert api.delete(f"/rate-cards/{card['id']}").status_code == 204
    assert api.get(f"/rate-cards/{card['id']}").status_code == 404


def test_a_price_comes_with_its_trace(company, card):
    terms = {
        **BY_TRIP,
        "night": {"starts": "22:00", "ends": "06:00", "amount": "50"},
        "tax": {"percent": "5", "name": "GST"},
    }
    api = company.owner.api()
    answer = api.post(f"/rate-cards/{card['id']}/price", json={"trip": {**TRIP, "tolls": "85"}, "terms": terms}).json
    assert [(part["code"], part["quantity"], part["rate"], part["amount"]) for part in answer["parts"]] == [
        ("trip", "1", "100", "100.00"),
        ("distance", "18.4", "12", "220.80"),
        ("night", "1", "50", "50.00"),
        ("tolls", "85", "1", "85.00"),
    ]
    assert (answer["amount"], answer["tax"], answer["total"]) == ("455.80", "18.54", "474.34")
    assert (answer["passed_on"], answer["version_id"]) == ("85.00", None)
    unsaved = api.post("/rate-cards/price", json={"currency": "INR", "terms": terms, "trip": {**TRIP, "tolls": "85"}})
    assert unsaved.json["total"] == "474.34"


def test_times_are_those_of_the_company_or_carry_an_offset(company, card):
    """22:00 in Kolkata is 16:30 in UTC."""
    api = company.owner.api()
    terms = {**BY_TRIP, "night": {"starts": "22:00", "ends": "06:00", "amount": "50"}}
    for start, end, night in (
        ("2026-03-03T16:00:00Z", "2026-03-03T16:29:00Z", False),
        ("2026-03-03T16:00:00Z", "2026-03-03T16:31:00Z", True),
        ("2026-03-03T21:00:00", "2026-03-03T21:59:00", False),
    ):
        trip = {"start": start, "end": end, "distance": "1"}
        parts = api.post(f"/rate-cards/{card['id']}/price", json={"trip": trip, "terms": terms}).json["parts"]
        assert ("night" in [part["code"] for part in parts]) is night


@pytest.mark.parametrize(
    ("over", "status", "field"),
    [
        ({"end": "2026-03-03T21:00:00"}, 422, "trip/end"),
        ({"end": "2026-03-03T21:00:00Z"}, 422, "trip/end"),
        ({"end": "2026-05-03T21:00:00"}, 422, "trip/end"),
        ({"distance": "-1"}, 422, "trip/distance"),
        ({"status": "lost"}, 422, "trip/status"),
    ],
)
def test_a_trip_that_contradicts_itself_is_not_priced(company, card, over, status, field):
    answer = company.owner.api().post(f"/rate-cards/{card['id']}/price", json={"trip": {**TRIP, **over}})
    assert answer.status_code == status, answer.json
    assert field in errors(answer)


def test_before_the_first_version_there_is_no_price(company, card):
    trip = {**TRIP, "start": "2025-12-31T10:00:00", "end": "2025-12-31T11:00:00"}
    answer = company.owner.api().post(f"/rate-cards/{card['id']}/price", json={"trip": trip})
    assert (answer.status_code, answer.json["code"]) == (409, "no_version")


def test_miles_are_turned_into_the_cards_unit(company, card):
    terms = {**BY_TRIP, "distance_unit": "mi", "per_trip": "0"}
    api = company.owner.api()
    for unit, distance in ((None, "2.4"), ("mi", "2.4"), ("km", "3.862426")):
        trip = {**TRIP, "distance": distance, **({"distance_unit": unit} if unit else {})}
        answer = api.post(f"/rate-cards/{card['id']}/price", json={"trip": trip, "terms": terms}).json
        assert (answer["parts"][0]["quantity"], answer["amount"]) == ("2.4", "28.80")


def test_a_month_is_priced_beside_its_trips(company):
    with company.owner.acting():
        made = make_rate_card(
            terms={"model": "package", "monthly": {"fee": "45000", "included_trips": "26", "extra_trip": "600"}}
        )
    body = {"month": {"month": "2026-06-15", "trips": 28}}
    answer = company.owner.api().post(f"/rate-cards/{made.id}/price-month", json=body)
    assert answer.status_code == 200, answer.json
    assert [part["amount"] for part in answer.json["parts"]] == ["45000.00", "1200.00"]


def test_a_card_is_copied_to_another_vendor_as_it_holds_on_a_day(company, card):
    api = company.owner.api()
    api.post(
        f"/rate-cards/{card['id']}/versions", json={"valid_from": "2026-04-01", "terms": {**BY_TRIP, "per_trip": "150"}}
    )
    with company.owner.acting():
        other = make_vendor()
    copied = api.post(f"/rate-cards/{card['id']}/copy", json={"vendor_id": str(other.id), "valid_from": "2026-05-01"})
    assert copied.status_code == 201, copied.json
    assert (copied.json["name"], copied.json["vendor_id"]) == ("City", str(other.id))
    assert [one["terms"]["per_trip"] for one in copied.json["versions"]] == ["150"]


def test_the_cards_of_a_vendor_are_found_for_a_batch(company):
    with company.owner.acting():
        vendor = make_vendor()
        general, suv = make_rate_card(vendor), make_rate_card(vendor, vehicle_class="SUV")
        book = card_book(vendor.id)
        day = versions_of([general.id])[general.id][0].valid_from
        assert book.find(day, "suv").rate_card_id == suv.id
        assert book.find(day, "Sedan").rate_card_id == general.id
        assert book.find(day.replace(year=2025)) is None


def test_incentive_rules_are_made_changed_and_priced(company):
    api = company.owner.api()
    body = {
        "name": "Extra",
        "measure": "trips",
        "ordinary": "44",
        "tiers": [{"over": "0", "rate": "150"}],
        "valid_from": "2026-01-01",
    }
    made = api.post("/incentive-rules/", json=body)
    assert made.status_code == 201, made.json
    path = f"/incentive-rules/{made.json['id']}"
    assert api.post(f"{path}/price", json={"done": "47"}).json["amount"] == "450.00"
    assert api.put(path, json={**body, "cap": "300"}).json["cap"] == "300"
    paid = api.post(f"{path}/price", json={"done": "47"}).json
    assert ([part["amount"] for part in paid["parts"]], paid["amount"]) == (["450.00", "-150.00"], "300.00")
    wrong = api.put(path, json={**body, "tiers": [{"over": "0"}]})
    assert list(errors(wrong)) == ["tiers/0/rate"]
    assert api.post("/incentive-rules/", json=body).json["code"] == "name_taken"
    assert [one["name"] for one in api.get("/incentive-rules/").json["data"]] == ["Extra"]
    assert api.delete(path).status_code == 204
