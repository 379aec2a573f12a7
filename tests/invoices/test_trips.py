"""Trips on a customer's invoice: priced as chosen, billed once, let go when the line, draft or invoice is gone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.customers import make_service_type
from tests.factories.imports import begin, commit, undo
from tests.factories.invoices import ensure_biller, make_buyer
from tests.factories.tenants import Company
from tests.factories.trips import make_card, make_fleet_vendor, make_trip
from tracktok.invoices.rules.trip_lines import (
    TripGrouping,
    TripPricing,
    TripToBill,
    cost_of,
    describe,
    group_trips,
    quantity_of,
)


class World:
    """A company with a buyer, a vendor with a card (50 + 12 a km, 5 % tax) and trips of 20 km: 290.00 before tax."""

    def __init__(self, company: Company) -> None:
        self.company = company
        with company.owner.acting():
            ensure_biller()
            self.buyer = str(make_buyer(name="Garden City Travels").id)
            self.vendor = make_fleet_vendor()
            make_card(self.vendor)
            self.service = str(make_service_type(name="Staff transport", unit="km", unit_price="15").id)
        self.api = company.owner.api()
        self.count = 0

    def trip(self, **over: Any) -> str:
        self.count += 1
        with self.company.owner.acting():
            trip = make_trip(
                self.vendor, **{"customer_id": self.buyer, "external_id": f"T-{self.count}", "route": "R1", **over}
            )
            return str(trip.id)

    def bill(self, *trips: str, **over: Any) -> Any:
        body = {"customer_id": self.buyer, "trip_ids": list(trips), "invoice_date": "2026-03-31", **over}
        return self.api.post("/invoices/from-trips", json=body)


@pytest.fixture
def world(company: Company) -> World:
    return World(company)


def lines(answer: Any) -> list[tuple[str, str, str]]:
    assert answer.status_code in {200, 201}, answer.text
    return [(one["quantity"], one["unit_price"], one["gross_amount"]) for one in answer.json["lines"]]


def test_trips_are_billed_at_cost_line_by_line(world: World):
    made = world.bill(world.trip(), world.trip(distance_km="10"))
    assert lines(made) == [("1", "290.00", "290.00"), ("1", "170.00", "170.00")]
    first = made.json["lines"][0]
    assert first["source"] == "trips"
    assert first["description"] == "Trip T-1 on 10/03/2026, R1, 20.0 km, KA 01 AB 1234"
    told = world.api.get(f"/invoices/{made.json['id']}/trips").json["trips"]
    assert [(one["external_id"], one["position"]) for one in told] == [("T-1", 1), ("T-2", 2)]


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ({"pricing": "markup", "markup_percent": "12.5", "group": "all"}, [("1", "978.75", "978.75")]),
        ({"group": "day"}, [("1", "580.00", "580.00"), ("1", "290.00", "290.00")]),
        ({"group": "route"}, [("1", "580.00", "580.00"), ("1", "290.00", "290.00")]),
        ({"group": "vehicle"}, [("1", "870.00", "870.00")]),
        ({"pricing": "per_trip", "unit_price": "400", "group": "all"}, [("3", "400.00", "1200.00")]),
    ],
)
def test_trips_are_grouped_and_priced_as_chosen(world: World, over: dict[str, Any], expected: Any):
    trips = [
        world.trip(),
        world.trip(started_at="2026-03-10T18:00:00", ended_at="2026-03-10T19:00:00"),
        world.trip(started_at="2026-03-12T08:00:00", ended_at="2026-03-12T09:00:00", route="R2"),
    ]
    assert lines(world.bill(*trips, **over)) == expected


def test_the_price_of_a_service_is_asked_for_each_km(world: World):
    made = world.bill(world.trip(), world.trip(), pricing="per_km", group="all", service_type_id=world.service)
    assert lines(made) == [("40", "15.00", "600.00")]
    assert made.json["lines"][0]["unit"] == "km"
    refused = world.bill(world.trip(), pricing="per_km")
    assert refused.json["errors"][0]["pointer"] == "/service_type_id"


def test_a_trip_is_billed_once_and_again_when_it_was_let_go(world: World):
    trip = world.trip()
    draft = world.bill(trip).json
    again = world.bill(trip)
    assert (again.status_code, again.json["code"]) == (409, "already_billed")
    assert world.api.get(f"/invoices/billable-trips?customer_id={world.buyer}").json["data"] == []
    assert world.api.delete(f"/trips/{trip}").status_code == 409, "a billed trip is not deleted"
    assert world.api.delete(f"/invoices/{draft['id']}").status_code == 204
    waiting = world.api.get(f"/invoices/billable-trips?customer_id={world.buyer}").json["data"]
    assert [(one["id"], one["cost"]) for one in waiting] == [(trip, "290.00")]
    issued = world.bill(trip).json
    assert world.api.post(f"/invoices/{issued['id']}/finalize").status_code == 200
    assert world.bill(trip).status_code == 409
    assert world.api.post(f"/invoices/{issued['id']}/void", json={"reason": "Wrong month"}).status_code == 200
    assert world.bill(trip).status_code == 201
    told = world.api.get(f"/invoices/{issued['id']}/trips").json["trips"]
    assert [one["trip_id"] for one in told] == [trip], "what a void invoice billed stays known"


def test_an_import_of_which_a_trip_is_billed_is_not_undone(world: World):
    content = "Trip ID,Vendor,Customer,Start,Distance (km)\nT-1,Sahyadri Cabs,Garden City Travels,2026-03-10 08:00,20\n"
    done = commit(world.company, begin(world.api, content, kind="trips"))
    [trip] = [one["id"] for one in world.api.get("/trips/").json["data"]]
    draft = world.bill(trip).json
    refused = world.api.post(f"/imports/{done['id']}/undo")
    assert (refused.status_code, "billed to customers (on a draft)" in refused.text) == (409, True)
    assert world.api.delete(f"/invoices/{draft['id']}").status_code == 204
    assert undo(world.company, done)["status"] == "undone"


def test_trips_are_added_to_a_draft_and_go_with_their_line(world: World):
    first, second = world.trip(), world.trip()
    draft = world.bill(first).json
    added = world.bill(second, document_id=draft["id"])
    assert added.status_code == 200
    assert len(lines(added)) == 2
    body = {"notes": "Thank you"}
    kept = world.api.patch(f"/invoices/{draft['id']}", json=body)
    assert kept.status_code == 200
    assert world.bill(first).status_code == 409, "a change of something else keeps them"
    line = {"description": "Only this", "unit_price": "10"}
    assert world.api.patch(f"/invoices/{draft['id']}", json={"lines": [line]}).status_code == 200
    assert world.bill(first, second).status_code == 201


def test_the_editor_keeps_the_trips_of_its_lines(world: World):
    trip = world.trip()
    draft = world.bill(trip).json
    browser = world.company.owner.browser()
    line = draft["lines"][0]
    sent = {
        "customer_id": world.buyer, "invoice_date": "31/03/2026", "do": "save",
        "lines-0-id": line["id"], "lines-0-description": "Airport run", "lines-0-quantity": "1",
        "lines-0-unit_price": "300", "lines-0-tax": "p:5",
    }  # fmt: skip
    assert browser.post(f"/invoices/{draft['id']}/edit", data=sent).status_code == 303
    assert world.bill(trip).status_code == 409
    assert "Airport run" in browser.get(f"/invoices/{draft['id']}").text
    sent = {name: text for name, text in sent.items() if name != "lines-0-id"}
    assert browser.post(f"/invoices/{draft['id']}/edit", data=sent).status_code == 303
    assert world.bill(trip).status_code == 201


def test_what_cannot_be_billed_is_refused_with_its_reason(world: World):
    with world.company.owner.acting():
        other = str(make_buyer(name="Somebody else", gstin="").id)
        bare = make_fleet_vendor("Without a card")
        unpriced = str(make_trip(bare, customer_id=world.buyer).id)
    cancelled, theirs = world.trip(status="cancelled"), world.trip(customer_id=other)
    for trips, words in (
        ([cancelled], "completed"),
        ([theirs], "somebody else"),
        ([unpriced], "no price"),
        ([str(uuid4())], "not there"),
        ([], "Choose the trips"),
    ):
        refused = world.bill(*trips)
        assert refused.status_code == 422, refused.text
        assert words in refused.text, refused.text
    assert world.bill(unpriced, pricing="per_trip", unit_price="9").status_code == 201
    nothing = world.api.post("/invoices/from-trips", json={"customer_id": world.buyer})
    assert "waits to be billed" in nothing.text


def test_all_that_fit_are_billed_without_naming_them(world: World):
    world.trip()
    world.trip(started_at="2026-04-02T08:00:00", ended_at="2026-04-02T09:00:00")
    body = {"customer_id": world.buyer, "date_from": "2026-03-01", "date_to": "2026-03-31", "group": "all"}
    look = world.api.post("/invoices/from-trips/preview", json=body)
    assert lines(look) == [("1", "290.00", "290.00")]
    assert lines(world.api.post("/invoices/from-trips", json=body)) == [("1", "290.00", "290.00")]
    left = world.api.get(f"/invoices/billable-trips?customer_id={world.buyer}").json["data"]
    assert [one["trip_date"] for one in left] == ["2026-04-02"]


def test_selected_trips_are_billed_on_the_page(world: World):
    trips = [world.trip(), world.trip(distance_km="10")]
    browser = world.company.owner.browser()
    assert "Bill to customer" in browser.get("/trips").text
    page = browser.post("/invoices/trips/choose", data={"ids": trips})
    assert page.status_code == 200
    assert "2 trips chosen" in page.text
    assert "Garden City Travels" in page.text
    assert "Trip T-1" in page.text
    everything = browser.post("/invoices/trips/choose?q=T-1", data={"all": "1"})
    assert "1 trip chosen" in everything.text
    sent = {"trip_ids": trips, "customer_id": world.buyer, "group": "all", "pricing": "markup",
            "markup_percent": "10", "do": "look"}  # fmt: skip
    assert "506.00" in browser.post("/invoices/trips", data=sent).text
    done = browser.post("/invoices/trips", data={**sent, "do": "bill"})
    assert done.status_code == 303
    shown = browser.get(done.headers["Location"]).text
    assert "506.00" in shown
    assert "Billed on" in browser.get(f"/trips/{trips[0]}").text
    wrong = browser.post("/invoices/trips", data={**sent, "do": "bill"})
    assert wrong.status_code == 409
    assert "billed by a draft already" in wrong.text


def test_the_editor_offers_trips_that_wait(world: World):
    browser = world.company.owner.browser()
    assert "Bill 1 trip" not in browser.get(f"/invoices/new?customer_id={world.buyer}").text
    world.trip()
    assert "Bill 1 trip" in browser.get(f"/invoices/new?customer_id={world.buyer}").text


def one(**over: Any) -> TripToBill:
    values = {
        "id": uuid4(), "name": "T", "trip_date": date(2026, 3, 1), "route": "", "vehicle": "", "origin": "A",
        "destination": "B", "distance_km": Decimal(10), "currency": "INR", "cost": Decimal(100), **over,
    }  # fmt: skip
    return TripToBill(**values)


TRIPS = st.lists(
    st.builds(
        one,
        id=st.uuids(),
        trip_date=st.dates(date(2026, 3, 1), date(2026, 3, 9)),
        route=st.sampled_from(["", "R1", "R2"]),
        vehicle=st.sampled_from(["", "KA 1"]),
        cost=st.decimals(0, 10_000, places=2),
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda trip: trip.id,
)


@given(TRIPS, st.sampled_from(TripGrouping))
def test_however_trips_are_grouped_each_stands_once_and_the_cost_is_the_same(trips: list[TripToBill], grouping: Any):
    groups = group_trips(trips, grouping)
    placed: list[UUID] = [trip.id for group in groups for trip in group]
    assert sorted(placed) == sorted(trip.id for trip in trips)
    asked = sum(cost_of(group, "INR", Decimal(0), lambda _: Decimal(1)) for group in groups)
    assert asked == sum(trip.cost or 0 for trip in trips)
    assert all(describe(group, grouping, str) for group in groups)


def test_costs_in_two_currencies_are_rounded_once():
    trips = [one(cost=Decimal("10.004")), one(currency="USD", cost=Decimal("1.001"))]
    assert cost_of(trips, "INR", Decimal(0), {"INR": Decimal(1), "USD": Decimal("83.1234")}.get) == Decimal("93.21")


def test_a_service_sold_by_the_mile_is_billed_by_the_mile():
    assert quantity_of([one(distance_km=Decimal("16.09344"))], TripPricing.per_km, "mile") == (Decimal(10), "mile")
    assert quantity_of([one()], TripPricing.per_km, "") == (Decimal(10), "km")
    assert quantity_of([one(), one()], TripPricing.per_trip, "") == (Decimal(2), "trip")
