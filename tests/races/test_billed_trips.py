"""Several people at the same trips, over real connections."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.factories.invoices import ensure_biller, make_buyer
from tests.factories.tenants import Company
from tests.factories.trips import make_card, make_fleet_vendor, make_trip
from tests.races.test_expenses import at_once

pytestmark = pytest.mark.races


def test_of_six_who_bill_a_trip_at_once_one_does(company: Company, app_context):
    with company.owner.acting():
        ensure_biller()
        buyer = str(make_buyer().id)
        vendor = make_fleet_vendor()
        make_card(vendor)
        trips = [str(make_trip(vendor, customer_id=buyer, external_id=f"T-{n}").id) for n in range(3)]
    api = company.owner.api()
    body = {"customer_id": buyer, "trip_ids": trips, "group": "all"}
    answers = at_once(app_context, *(lambda: api.post("/invoices/from-trips", json=body) for _ in range(6)))
    assert Counter(one.status_code for one in answers) == {201: 1, 409: 5}
    assert len(api.get("/invoices/").json["data"]) == 1


def test_of_six_who_record_a_trip_as_mileage_at_once_one_does(company: Company, app_context):
    with company.owner.acting():
        trip = str(make_trip(make_fleet_vendor()).id)
    api = company.owner.api()
    assert api.post("/mileage-rates/", json={"valid_from": "2026-01-01", "rate": "10"}).status_code == 201
    answers = at_once(app_context, *(lambda: api.post(f"/trips/{trip}/mileage-expense") for _ in range(6)))
    assert Counter(one.status_code for one in answers) == {201: 1, 409: 5}
    assert len(api.get("/expenses/").json["data"]) == 1
