"""Several people at the same trips, over real connections."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Event
from uuid import UUID

import pytest
from flask import Flask

from tests.factories.imports import begin, commit, run_job
from tests.factories.invoices import ensure_biller, make_buyer
from tests.factories.tenants import Company
from tests.factories.trips import make_card, make_fleet_vendor, make_trip
from tests.races.test_expenses import at_once
from tests.races.test_trips import until_somebody_waits
from tracktok.invoices.schemas.trips import BillTripsIn
from tracktok.invoices.services.billing_trips import bill_trips

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


def test_an_undo_waits_for_who_bills_a_trip_and_leaves_the_import(app: Flask, company: Company):
    api = company.owner.api()
    with company.owner.acting():
        ensure_biller()
        buyer = make_buyer().id
        make_card(make_fleet_vendor())
    content = "Trip ID,Vendor,Start,Distance (km)\nT-1,Sahyadri Cabs,2026-03-10 08:00,20\n"
    done = commit(company, begin(api, content, kind="trips"))
    [trip] = [one["id"] for one in api.get("/trips/").json["data"]]
    billed = Event()

    def bill() -> None:
        with app.app_context(), company.owner.acting():
            bill_trips(BillTripsIn(customer_id=buyer, trip_ids=[UUID(trip)], invoice_date=date(2026, 3, 31)))
            billed.set()
            until_somebody_waits()

    def take_back() -> None:
        assert billed.wait(10)
        asked = api.post(f"/imports/{done['id']}/undo")
        assert asked.status_code == 202, "nobody knows of the invoice yet"
        with app.app_context():
            run_job(company, asked.json["id"])

    with ThreadPoolExecutor(2) as pool:
        for one in [pool.submit(bill), pool.submit(take_back)]:
            one.result(30)
    assert [one["id"] for one in api.get("/trips/").json["data"]] == [trip]
