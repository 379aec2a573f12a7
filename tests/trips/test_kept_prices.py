"""Prices stay where a card is archived, and drafts follow whatever they are reckoned from."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text

from tests.factories.imports import begin, commit, undo
from tests.factories.trips import BY_KM, make_card, make_fleet_vendor, make_trip, trip_body
from tracktok.core.db import db
from tracktok.trips.models import TripAdjustment
from tracktok.trips.queries.rate_cards import card_book, get_rate_card
from tracktok.trips.schemas.trips import WhatIfIn
from tracktok.trips.services.rate_cards import archive_rate_card
from tracktok.trips.services.rerating import what_if

FEE = {
    "model": "hybrid", "currency": "INR",
    "monthly": {"fee": "10000", "included_distance": "30", "extra_distance": "10"},
}  # fmt: skip


@pytest.fixture
def vendor(company):
    with company.owner.acting():
        return make_fleet_vendor()


def drafts(company, **query):
    return company.owner.api().get("/statements/", query_string=query).json["data"]


def archive(company, version):
    with company.owner.acting():
        card = get_rate_card(version.rate_card_id)
        archive_rate_card(get_rate_card(card.id, for_update=True))


def test_an_archived_card_takes_no_price_back(company, vendor):
    api = company.owner.api()
    with company.owner.acting():
        version = make_card(vendor)
        closed = make_trip(vendor, external_id="A1")
        opened = make_trip(vendor, external_id="A2", started_at="2026-04-10T08:00", ended_at="2026-04-10T08:45")
        db.session.execute(text("UPDATE trip_statements SET status = 'approved' WHERE month = '2026-03-01'"))
    archive(company, version)
    body = trip_body(vendor, external_id="A1", notes="Seen by the guard")
    assert api.put(f"/trips/{closed.id}", json=body).status_code == 200
    april = {"started_at": "2026-04-10T08:00", "ended_at": "2026-04-10T08:45"}
    changed = api.put(f"/trips/{opened.id}", json=trip_body(vendor, external_id="A2", distance_km="30", **april)).json
    assert changed["total"] == "430.50", "corrected by the version that priced it"
    period = {"vendor_id": str(vendor.id), "date_from": "2026-03-01", "date_to": "2026-04-30"}
    done = api.post("/trips/rerate", json=period).json
    assert (done["trips"], done["superseded"], done["adjusted"]) == (2, 0, 0)
    with company.owner.acting():
        assert db.session.execute(select(TripAdjustment.total)).scalars().all() == []
        found = what_if(WhatIfIn.model_validate(period))
        assert (found.trips, found.changed) == (2, 0), "what is compared is what would be written"
    other = trip_body(vendor, external_id="A2", vehicle_class="Coach", started_at="2010-04-10T08:00", ended_at=None)
    assert api.put(f"/trips/{opened.id}", json=other).json["total"] is None, "on that day it never held"


def test_an_edit_keeps_the_price_of_an_archived_card_beside_another_that_would_hold(company, vendor):
    api = company.owner.api()
    with company.owner.acting():
        make_card(vendor, {**BY_KM, "per_trip": "100"}, name="For all")
        sedan = make_card(vendor, BY_KM, vehicle_class="Sedan")
        trip = make_trip(vendor, external_id="A1", vehicle_class="Sedan")
    archive(company, sedan)
    body = trip_body(vendor, external_id="A1", vehicle_class="Sedan", notes="Seen by the guard")
    assert api.put(f"/trips/{trip.id}", json=body).json["total"] == "304.50"
    period = {"vendor_id": str(vendor.id), "date_from": "2026-03-01", "date_to": "2026-03-31"}
    assert api.post("/trips/rerate", json=period).json["superseded"] == 1, "when it is asked for"
    assert api.get(f"/trips/{trip.id}").json["total"] == "357.00"


def test_a_draft_keeps_the_fee_of_an_archived_card_until_another_takes_its_place(company, vendor):
    with company.owner.acting():
        version = make_card(vendor, FEE)
        make_trip(vendor, external_id="A1")
    assert drafts(company)[0]["total"] == "10000.00"
    archive(company, version)
    assert drafts(company)[0]["total"] == "10000.00"
    made = company.owner.api().post(
        "/rate-cards/",
        json={"vendor_id": str(vendor.id), "name": "New", "valid_from": "2026-03-16",
              "terms": {"model": "package", "monthly": {"fee": "31000"}}},
    )  # fmt: skip
    assert made.status_code == 201, made.text
    # 15 of 31 days of 10,000, and of the 20 km those beyond 15 of 31 days of 30 km; 16 of 31 days of 31,000
    assert drafts(company)[0]["total"] == "20893.55"


def test_a_draft_follows_an_edit_that_leaves_the_price_of_the_trip(company, vendor):
    api = company.owner.api()
    with company.owner.acting():
        make_card(vendor, FEE)
        trip = make_trip(vendor, external_id="A1")
    assert drafts(company)[0]["total"] == "10000.00"
    longer = trip_body(vendor, external_id="A1", distance_km="50")
    assert api.put(f"/trips/{trip.id}", json=longer).status_code == 200
    assert drafts(company)[0]["total"] == "10200.00"
    planned = trip_body(vendor, external_id="A1", distance_km="50", status="planned")
    assert api.put(f"/trips/{trip.id}", json=planned).status_code == 200
    assert drafts(company)[0]["trips"] == 0


def test_a_draft_counts_trips_without_a_price_as_they_are_now(company, vendor):
    api = company.owner.api()
    with company.owner.acting():
        make_card(vendor, BY_KM, vehicle_class="Sedan")
        make_trip(vendor, external_id="A1", vehicle_class="Sedan")
        bare = make_trip(vendor, external_id="A2", vehicle_class="Coach")

    def unpriced():
        return api.get(f"/statements/{drafts(company, month='2026-03-01')[0]['id']}").json["unpriced"]

    assert unpriced() == 1
    moved = trip_body(
        vendor, external_id="A2", vehicle_class="Coach", started_at="2026-04-10T08:00", ended_at="2026-04-10T08:45"
    )
    assert api.put(f"/trips/{bare.id}", json=moved).status_code == 200
    assert unpriced() == 0
    with company.owner.acting():
        make_trip(vendor, external_id="A3", vehicle_class="Coach")
    assert unpriced() == 1
    content = "Trip ID,Vendor,Start,Distance (km),Vehicle class\nB1,Sahyadri Cabs,2026-03-10 08:00,10,Coach\n"
    done = commit(company, begin(api, content, kind="trips"))
    assert unpriced() == 2
    undo(company, done)
    assert unpriced() == 1


def test_a_draft_follows_every_change_of_a_card(company, vendor):
    api = company.owner.api()
    with company.owner.acting():
        make_card(vendor, BY_KM, vehicle_class="Sedan")
        make_trip(vendor, external_id="A1", vehicle_class="Sedan")
    assert drafts(company)[0]["total"] == "304.50"

    def version(fee, day):
        return {"valid_from": day, "terms": {"model": "package", "monthly": {"fee": fee}}}

    body = {"vendor_id": str(vendor.id), "name": "Bus", "vehicle_class": "Bus", **version("1000", "2026-01-01")}
    made = api.post("/rate-cards/", json=body)
    assert made.status_code == 201, made.text
    card = made.json
    assert drafts(company)[0]["total"] == "1304.50"
    path = f"/rate-cards/{card['id']}"
    added = api.post(f"{path}/versions", json=version("2000", "2026-02-01")).json
    assert drafts(company)[0]["total"] == "2304.50"
    changed = api.put(f"{path}/versions/{added['id']}", json=version("3000", "2026-02-01"))
    assert changed.status_code == 200, changed.text
    assert drafts(company)[0]["total"] == "3304.50"
    assert api.delete(f"{path}/versions/{added['id']}").status_code == 204
    assert drafts(company)[0]["total"] == "1304.50"
    scope = {"name": "Bus", "vehicle_class": "Bus"}
    assert api.put(path, json={**scope, "is_archived": True}).status_code == 200
    assert drafts(company)[0]["total"] == "304.50"
    assert api.put(path, json={**scope, "is_archived": False}).status_code == 200
    assert drafts(company)[0]["total"] == "1304.50"
    copied = api.post(f"{path}/copy", json={"vendor_id": str(vendor.id), "valid_from": "2026-01-01", "name": "Van"})
    assert copied.status_code == 409, "the same scope"
    assert api.delete(path).status_code == 204
    assert drafts(company)[0]["total"] == "304.50"


def test_an_archived_card_holds_until_the_one_of_its_scope_begins(company, vendor):
    with company.owner.acting():
        old = make_card(vendor, FEE, name="Old", is_archived=True)
        make_card(vendor, FEE, name="New", valid_from=date(2026, 2, 1))
        book = card_book(vendor.id, [old.id])
        assert [one.is_archived for one, _, _ in book.between(date(2026, 3, 1), date(2026, 3, 31))] == [False]
        spans = [(first, last) for _, first, last in book.between(date(2026, 1, 1), date(2026, 1, 31))]
        assert spans == [(date(2026, 1, 1), date(2026, 1, 31))]
