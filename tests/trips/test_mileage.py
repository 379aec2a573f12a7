"""A trip as a mileage expense: distance x the rate of its day, once, and back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tests.factories.expenses import make_category
from tests.factories.imports import begin, commit, undo
from tests.factories.tenants import Company
from tests.factories.trips import make_fleet_vendor, make_trip, trip_body
from tracktok.trips.queries.trips import get_trip
from tracktok.trips.queries.vendors import get_vendor
from tracktok.trips.rules.mileage import mileage_of


@pytest.fixture
def trip(company: Company) -> str:
    with company.owner.acting():
        return str(make_trip(make_fleet_vendor(), external_id="T-1").id)


def rate(company: Company, **over: Any) -> Any:
    body = {"valid_from": "2026-01-01", "rate": "9.50", **over}
    return company.owner.api().post("/mileage-rates/", json=body)


@pytest.mark.parametrize(
    ("km", "each", "unit", "currency", "expected"),
    [
        ("20", "9.5", "km", "INR", "190.00"),
        ("0.333", "9.5", "km", "INR", "3.16"),
        ("16.09344", "0.67", "mi", "USD", "6.70"),
        ("10", "3.3", "km", "JPY", "33"),
    ],
)
def test_the_distance_is_multiplied_and_rounded_once(km: str, each: str, unit: str, currency: str, expected: str):
    assert mileage_of(Decimal(km), Decimal(each), unit, currency) == Decimal(expected)


def test_a_trip_becomes_an_expense_once_and_comes_back_when_undone(company: Company, trip: str):
    api = company.owner.api()
    refused = api.post(f"/trips/{trip}/mileage-expense")
    assert (refused.status_code, "No mileage rate" in refused.text) == (422, True)
    with company.owner.acting():
        category = str(make_category(name="Own car").id)
    assert rate(company, category_id=category).status_code == 201
    assert rate(company, valid_from="2026-03-11", rate="20").status_code == 201, "for later trips only"
    made = api.post(f"/trips/{trip}/mileage-expense")
    assert (made.status_code, made.json["amount"], made.json["currency"]) == (201, "190.00", "INR")
    expense = api.get(f"/expenses/{made.json['expense_id']}").json
    assert (expense["title"], expense["expense_date"]) == ("Mileage, Whitefield to Electronic City", "2026-03-10")
    assert expense["category_id"] == category
    again = api.post(f"/trips/{trip}/mileage-expense")
    assert (again.status_code, again.json["code"]) == (409, "mileage_recorded")
    assert api.delete(f"/trips/{trip}/mileage-expense").status_code == 204
    assert api.get("/expenses/").json["data"] == []
    assert api.delete(f"/trips/{trip}/mileage-expense").status_code == 404
    back = api.post(f"/trips/{trip}/mileage-expense")
    assert back.json["expense_id"] == made.json["expense_id"], "the same one comes out of the bin: never two"


def test_what_comes_back_costs_what_the_trip_costs_now(company: Company, trip: str):
    api = company.owner.api()
    rate(company)
    made = api.post(f"/trips/{trip}/mileage-expense").json
    assert api.delete(f"/trips/{trip}/mileage-expense").status_code == 204
    with company.owner.acting():
        vendor = get_vendor(get_trip(UUID(trip)).vendor_id)
    longer = trip_body(vendor, external_id="T-1", distance_km="30")
    assert api.put(f"/trips/{trip}", json=longer).status_code == 200
    back = api.post(f"/trips/{trip}/mileage-expense").json
    assert (back["expense_id"], back["amount"]) == (made["expense_id"], "285.00")
    expense = api.get(f"/expenses/{made['expense_id']}").json
    assert (expense["amount"], expense["description"]) == ("285.00", "30.0 km at INR 9.5, KA 01 AB 1234")


def test_a_trip_that_is_an_expense_is_not_deleted_nor_its_import_undone(company: Company):
    api = company.owner.api()
    with company.owner.acting():
        make_fleet_vendor()
    rate(company)
    content = "Trip ID,Vendor,Start,Distance (km)\nT-1,Sahyadri Cabs,2026-03-10 08:00,20\n"
    done = commit(company, begin(api, content, kind="trips"))
    [trip] = [one["id"] for one in api.get("/trips/").json["data"]]
    assert api.post(f"/trips/{trip}/mileage-expense").status_code == 201
    refused = api.delete(f"/trips/{trip}")
    assert (refused.status_code, refused.json["code"]) == (409, "trip_is_mileage")
    refused = api.post(f"/imports/{done['id']}/undo")
    assert (refused.status_code, "1 of its trips is a mileage expense" in refused.text) == (409, True)
    assert api.delete(f"/trips/{trip}/mileage-expense").status_code == 204
    assert undo(company, done)["status"] == "undone"
    assert api.get("/trips/").json["data"] == []


def test_on_the_trips_page_it_takes_one_click(company: Company, trip: str):
    rate(company)
    browser = company.owner.browser()
    assert "Record as mileage expense" in browser.get(f"/trips/{trip}").text
    assert browser.post(f"/trips/{trip}/mileage").status_code == 303
    page = browser.get(f"/trips/{trip}").text
    assert "Undo the mileage expense" in page
    assert "190.00" in page
    assert browser.post(f"/trips/{trip}/mileage/undo").status_code == 303
    assert browser.post("/trips/mileage", data={"ids": [trip]}).status_code == 303
    assert "Undo the mileage expense" in browser.get(f"/trips/{trip}").text


def test_rates_are_kept_on_their_page_one_for_each_day(company: Company):
    browser = company.owner.browser()
    assert "No mileage rate yet" in browser.get("/trips/mileage-rates").text
    sent = {"valid_from": "01/01/2026", "rate": "9.50", "unit": "km", "currency": "INR"}
    assert browser.post("/trips/mileage-rates", data=sent).status_code == 303
    twice = browser.post("/trips/mileage-rates", data=sent)
    assert (twice.status_code, "There is a rate from this day already" in twice.text) == (422, True)
    api = company.owner.api()
    [one] = api.get("/mileage-rates/").json["data"]
    assert (one["rate"], one["unit"]) == ("9.5", "km")
    assert browser.post(f"/trips/mileage-rates/{one['id']}/delete").status_code == 303
    assert api.get("/mileage-rates/").json["data"] == []
