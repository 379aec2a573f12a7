"""Vendors' bills against our trips, and disputes to their credit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.factories.imports import begin, commit, undo
from tests.factories.trips import make_card, make_fleet_vendor, make_trip, trip_body
from tracktok.core.db import db
from tracktok.trips.models import Trip, TripAdjustment
from tracktok.trips.queries.bills import bills_credited_without_trip
from tracktok.trips.rules.matching import BillLine, OurTrip, match

HEADER = "Trip ID,Date,Vehicle No,Total KM,Amount\n"


def line(number, external_id="", amount="100", km=None, day=date(2026, 3, 10), vehicle="KA 01"):
    return BillLine(number, external_id, day, vehicle, Decimal(km) if km else None, Decimal(amount))


def trip(number, external_id="", price="100", km="20", day=date(2026, 3, 10), vehicle="KA-01"):
    return OurTrip(UUID(int=number), external_id, day, vehicle, Decimal(km), Decimal(price) if price else None)


@pytest.mark.parametrize(
    ("lines", "trips", "expected"),
    [
        ([line(1, "a1")], [trip(1, "A1")], ["matched"]),
        ([line(1, "A9")], [trip(1, "A1")], ["missing"]),
        ([line(1, "A1"), line(2, "A1")], [trip(1, "A1")], ["matched", "duplicate"]),
        ([line(1, "A1", km="21")], [trip(1, "A1")], ["matched"]),
        ([line(1, "A1", km="22")], [trip(1, "A1")], ["over_km"]),
        ([line(1, "A1", "100.01")], [trip(1, "A1")], ["matched"]),
        ([line(1, "A1", "100.02")], [trip(1, "A1")], ["rate_drift"]),
        ([line(1, "A1")], [trip(1, "A1", price=None)], ["rate_drift"]),
        ([line(1)], [trip(1, "A1")], ["matched"]),
        ([line(1), line(2)], [trip(1, "A1"), trip(2, "A2")], ["matched", "matched"]),
        ([line(1, vehicle="KA 02")], [trip(1, "A1")], ["missing"]),
        (
            [line(1, amount="50"), line(2, amount="100")],
            [trip(1, "x", "100"), trip(2, "y", "50")],
            ["matched", "matched"],
        ),
    ],
)
def test_lines_are_matched_by_id_or_by_day_and_vehicle(lines, trips, expected):
    assert [one.verdict for one in match(lines, trips)] == expected


@pytest.fixture
def vendor(company):
    with company.owner.acting():
        vendor = make_fleet_vendor()
        make_card(vendor)
        for number in range(4):
            make_trip(vendor, external_id=f"A{number}", started_at=f"2026-03-1{number}T08:00:00", ended_at=None)
    return vendor


def bill(company, vendor):
    api = company.owner.api()
    rows = (
        "A0,10/03/2026,KA 01 AB 1234,20,304.50\n"
        "A1,11/03/2026,KA 01 AB 1234,28,400.00\n"
        "A2,12/03/2026,KA 01 AB 1234,20,350.00\n"
        "A2,12/03/2026,KA 01 AB 1234,20,304.50\n"
        "Z9,13/03/2026,KA 99 ZZ 9999,20,304.50\n"
    )
    found = begin(api, HEADER + rows, name="march.csv", kind="vendor_bills", vendor_id=str(vendor.id), date_form="DMY")
    assert found["status"] == "ready", found
    done = commit(company, found)
    assert done["committed_rows"] == 5
    [row] = api.get("/vendor-bills/").json["data"]
    return row, done


def test_a_bill_says_what_agrees_and_what_does_not(company, vendor):
    api = company.owner.api()
    row, _ = bill(company, vendor)
    assert row["verdicts"] == {"matched": 1, "over_km": 1, "rate_drift": 1, "duplicate": 1, "missing": 1}
    found = api.get(f"/vendor-bills/{row['id']}").json
    assert [one["external_id"] for one in found["not_billed"]] == ["A3"]
    lines = api.get(f"/vendor-bills/{row['id']}/lines?verdict=over_km").json["data"]
    assert (lines[0]["expected_km"], lines[0]["expected"]) == ("20", "304.50")
    browser = company.owner.browser()
    assert "march.csv" in browser.get("/vendor-bills/").text
    page = browser.get(f"/vendor-bills/{row['id']}").text
    assert "28 km are billed; the trip was 20 km." in page
    assert "Not on any bill" in page
    assert browser.post(f"/vendor-bills/{row['id']}/match").status_code == 303


def test_a_dispute_is_agreed_on_and_credited_on_the_next_statement(company, vendor):
    api = company.owner.api()
    row, done = bill(company, vendor)
    over = api.get(f"/vendor-bills/{row['id']}/lines?verdict=over_km").json["data"][0]
    made = api.post(f"/vendor-bills/{row['id']}/lines/{over['id']}/dispute", json={})
    assert made.status_code == 201, made.json
    assert (made.json["claimed"], made.json["expected"]) == ("400.00", "304.50")
    assert "28 km" in made.json["reason"]
    assert api.post(f"/vendor-bills/{row['id']}/lines/{over['id']}/dispute", json={}).status_code == 409
    dispute = f"/trip-disputes/{made.json['id']}"
    assert api.post(f"{dispute}/credit").status_code == 409
    assert api.post(f"{dispute}/agree", json={"agreed": "325.50"}).json["status"] == "agreed"
    statement = api.get("/statements/?month=2026-03-01").json["data"][0]
    before = Decimal(statement["total"])
    credited = api.post(f"{dispute}/credit")
    assert credited.json["status"] == "credited", credited.json
    after = api.get(f"/statements/{statement['id']}").json
    assert Decimal(after["total"]) - before == Decimal("21.00")
    assert after["adjustments"][0]["tax"] == "1.00"
    refused = api.post(f"/imports/{done['id']}/undo")
    assert refused.status_code == 409, "what is disputed is not taken away"


def in_the_portal(company, vendor, external_id="A1"):
    """Somebody of the vendor, and the address of a trip there."""
    api = company.outsider("vendor", vendor.id).api()
    found = {one["external_id"]: one["id"] for one in api.get("/vendor-portal/trips").json["data"]}
    return api, f"/vendor-portal/trips/{found[external_id]}/dispute"


def settle(api, dispute_id, agreed):
    dispute = f"/trip-disputes/{dispute_id}"
    done = api.post(f"{dispute}/agree", json={"agreed": agreed})
    assert done.status_code == 200, done.text
    return api.post(f"{dispute}/credit")


def credits_of(company, external_id="A1"):
    with company.owner.acting():
        return db.session.execute(
            select(TripAdjustment.amount, TripAdjustment.tax, TripAdjustment.total)
            .join(Trip, Trip.id == TripAdjustment.trip_id)
            .where(Trip.external_id == external_id)
            .order_by(TripAdjustment.id)
        ).all()


def test_a_line_and_its_vendor_get_together_what_was_agreed_last(company, vendor):
    api = company.owner.api()
    row, _ = bill(company, vendor)
    over = api.get(f"/vendor-bills/{row['id']}/lines?verdict=over_km").json["data"][0]
    first = api.post(f"/vendor-bills/{row['id']}/lines/{over['id']}/dispute", json={}).json["id"]
    portal, address = in_the_portal(company, vendor)
    again = portal.post(address, json={"claimed": "400", "reason": "A detour"})
    assert (again.status_code, again.json["code"]) == (409, "already_disputed")
    above = api.post(f"/trip-disputes/{first}/agree", json={"agreed": "400.01"})
    assert (above.status_code, above.json["errors"][0]["pointer"]) == (422, "/agreed"), "more than is billed"
    assert settle(api, first, "325.50").status_code == 200
    same = portal.post(address, json={"claimed": "325.50", "reason": "A detour"})
    assert same.status_code == 422, "this is what it comes to now, with the credit"
    second = portal.post(address, json={"claimed": "400", "reason": "A detour"}).json
    assert second["expected"] == "325.50"
    assert settle(api, second["id"], "346.50").status_code == 200
    assert [one.total for one in credits_of(company)] == [Decimal("21.0000"), Decimal("21.0000")]
    third = portal.post(address, json={"claimed": "400", "reason": "A detour"}).json["id"]
    assert settle(api, third, "304.50").status_code == 200
    assert sum(one.total for one in credits_of(company)) == 0, "back to what the card says"


def test_a_line_is_not_disputed_while_the_vendor_disputes_its_trip(company, vendor):
    api = company.owner.api()
    row, _ = bill(company, vendor)
    portal, address = in_the_portal(company, vendor)
    assert portal.post(address, json={"claimed": "400", "reason": "A detour"}).status_code == 201
    over = api.get(f"/vendor-bills/{row['id']}/lines?verdict=over_km").json["data"][0]
    assert api.post(f"/vendor-bills/{row['id']}/lines/{over['id']}/dispute", json={}).status_code == 409


def test_what_is_agreed_on_a_bill_without_tax_bears_its_tax(company, vendor):
    api = company.owner.api()
    found = begin(
        api, HEADER + "A1,11/03/2026,KA 01 AB 1234,20,350.00\n", kind="vendor_bills", vendor_id=str(vendor.id),
        date_form="DMY", amounts="without_tax",
    )  # fmt: skip
    commit(company, found)
    [row] = api.get("/vendor-bills/").json["data"]
    [line] = api.get(f"/vendor-bills/{row['id']}/lines").json["data"]
    assert line["expected"] == "290.00"
    made = api.post(f"/vendor-bills/{row['id']}/lines/{line['id']}/dispute", json={}).json
    page = company.owner.browser().get(f"/vendor-bills/disputes/{made['id']}").text
    assert "Without tax, as the bill has them" in page
    theirs = company.outsider("vendor", vendor.id).browser().get(f"/vendor/disputes/{made['id']}").text
    assert "Without tax, as your bill has them" in theirs
    assert settle(api, made["id"], "310").status_code == 200
    assert [tuple(one) for one in credits_of(company)] == [(Decimal("20.0000"), Decimal("1.0000"), Decimal("21.0000"))]


def test_a_credit_is_reckoned_from_what_the_trip_costs_by_then(company, vendor):
    api = company.owner.api()
    row, _ = bill(company, vendor)
    over = api.get(f"/vendor-bills/{row['id']}/lines?verdict=over_km").json["data"][0]
    made = api.post(f"/vendor-bills/{row['id']}/lines/{over['id']}/dispute", json={}).json["id"]
    body = trip_body(vendor, external_id="A1", started_at="2026-03-11T08:00", ended_at=None, distance_km="22")
    longer = api.put(f"/trips/{over['trip_id']}", json=body)
    assert longer.json["total"] == "329.70", longer.text
    assert settle(api, made, "350.70").status_code == 200
    assert [one.total for one in credits_of(company)] == [Decimal("21.0000")]
    # What comes on top for a line that another one billed is no part of the trip's own price.
    twice = api.get(f"/vendor-bills/{row['id']}/lines?verdict=duplicate").json["data"][0]
    extra = api.post(f"/vendor-bills/{row['id']}/lines/{twice['id']}/dispute", json={}).json["id"]
    assert settle(api, extra, "100").status_code == 200
    assert credits_of(company, "A2") == []


@pytest.mark.parametrize("how", ["entered", "sent with others", "imported", "entered before a card has priced it"])
def test_a_missing_trip_that_is_found_later_is_not_paid_twice(company, vendor, how):
    api = company.owner.api()
    row, _ = bill(company, vendor)
    missing = api.get(f"/vendor-bills/{row['id']}/lines?verdict=missing").json["data"][0]
    owed = f"/statements/{api.get('/statements/?month=2026-03-01').json['data'][0]['id']}"
    before = Decimal(api.get(owed).json["total"])
    made = api.post(f"/vendor-bills/{row['id']}/lines/{missing['id']}/dispute", json={}).json["id"]
    assert settle(api, made, "250").status_code == 200
    assert Decimal(api.get(owed).json["total"]) - before == 250
    with company.owner.acting():
        make_trip(vendor, external_id="B7", started_at="2026-04-13T08:00:00", ended_at=None)
        assert bills_credited_without_trip([vendor.id]) == [], "no bill is matched again for another trip"
    body = trip_body(vendor, external_id="Z9", started_at="2026-03-13T08:00", ended_at=None, distance_km="20")
    if how == "imported":
        rows = "Trip ID,Start,Distance (km)\nZ9,13/03/2026 08:00,20\n"
        choices = {"vendor_id": str(vendor.id), "date_form": "DMY"}
        assert commit(company, begin(api, rows, name="late.csv", kind="trips", **choices))["committed_rows"] == 1
    elif how == "sent with others":
        sent = api.post("/trips/bulk", json={"trips": [body, {**body, "external_id": "Z10"}]})
        assert [one["status"] for one in sent.json["items"]] == ["created"] * 2, sent.text
        before += Decimal("304.50")
    elif how == "entered":
        assert api.post("/trips/", json=body).json["total"] == "304.50"
    else:
        planned = api.post("/trips/", json={**body, "status": "planned"}).json
        assert Decimal(api.get(owed).json["total"]) - before == 250, "no card has priced it"
        assert api.put(f"/trips/{planned['id']}", json=body).json["total"] == "304.50"
        api.post(f"/vendor-bills/{row['id']}/match")
    for _ in range(2):
        assert Decimal(api.get(owed).json["total"]) - before == 250, "what both agreed on, and once"
        assert [one.total for one in credits_of(company, "Z9")] == [Decimal("-54.5000")]
        assert api.get(f"/vendor-bills/{row['id']}/lines?verdict=missing").json["data"] == []
        assert api.get(f"/trip-disputes/{made}").json["trip_id"] is not None
        api.post(f"/vendor-bills/{row['id']}/match")  # again changes nothing


def test_nothing_is_credited_for_a_trip_that_was_deleted(company, vendor):
    api = company.owner.api()
    portal, address = in_the_portal(company, vendor)
    made = portal.post(address, json={"claimed": "400", "reason": "A detour"}).json
    assert api.delete(f"/trips/{made['trip_id']}").status_code == 204
    assert settle(api, made["id"], "400").status_code == 409


def test_the_vendor_is_told_of_each_step_of_a_dispute(company, vendor):
    api = company.owner.api()
    row, _ = bill(company, vendor)
    portal, _ = in_the_portal(company, vendor)
    over = api.get(f"/vendor-bills/{row['id']}/lines?verdict=over_km").json["data"][0]
    made = api.post(f"/vendor-bills/{row['id']}/lines/{over['id']}/dispute", json={}).json["id"]
    assert api.post(f"/trip-disputes/{made}/reject", json={}).status_code == 200
    assert api.post(f"/trip-disputes/{made}/reopen").status_code == 200
    assert settle(api, made, "325.50").status_code == 200
    told = [one["title"] for one in portal.get("/notifications/").json["data"]]
    assert sorted(told) == [
        "A dispute is open again",
        "A dispute was rejected: it stays as the rate card says",
        "A line of your bill is disputed",
        "Agreed: ₹325.50",
        "What was agreed stands on your next statement",
    ]
    page = company.outsider("vendor", vendor.id).browser().get(f"/vendor/disputes/{made}")
    assert "28 km are billed" in page.text


def test_a_bill_is_matched_once_and_again_when_it_comes_twice(company, vendor):
    _, done = bill(company, vendor)
    api = company.owner.api()
    assert undo(company, done)["status"] == "undone"
    assert api.get("/vendor-bills/").json["data"] == []
    bill(company, vendor)
    content = HEADER + "A0,10/03/2026,KA 01 AB 1234,20,304.50\n"
    again = begin(api, content, kind="vendor_bills", vendor_id=str(vendor.id), date_form="DMY")
    assert (again["valid"], again["duplicates"]) == (0, 1)
    other = begin(
        api, content.replace("304.50", "304.51"), kind="vendor_bills", vendor_id=str(vendor.id), date_form="DMY"
    )
    commit(company, other)
    newest = max(api.get("/vendor-bills/").json["data"], key=lambda one: one["id"])
    assert newest["verdicts"] == {"duplicate": 1}, "billed by an earlier bill"


def test_a_distance_of_a_bill_may_name_its_unit(company, vendor):
    api = company.owner.api()
    rows = "A0,10/03/2026,KA 01 AB 1234,20 km,304.50\nA1,11/03/2026,KA 01 AB 1234,20 mi,304.50\n"
    found = begin(api, HEADER + rows, kind="vendor_bills", vendor_id=str(vendor.id), date_form="DMY")
    commit(company, found)
    [row] = api.get("/vendor-bills/").json["data"]
    lines = api.get(f"/vendor-bills/{row['id']}/lines").json["data"]
    assert [(one["distance_km"], one["verdict"]) for one in lines] == [("20", "matched"), ("32.187", "over_km")]


def test_pages_of_disputes(company, vendor):
    browser = company.owner.browser()
    assert "No bills yet" in browser.get("/vendor-bills/").text
    assert "No disputes" in browser.get("/vendor-bills/disputes").text
    row, _ = bill(company, vendor)
    missing = company.owner.api().get(f"/vendor-bills/{row['id']}/lines?verdict=missing").json["data"][0]
    made = browser.post(f"/vendor-bills/{row['id']}/lines/{missing['id']}/dispute")
    assert made.status_code == 303
    page = made.headers["Location"]
    assert "There is no such trip in our records." in browser.get(page).text
    assert "Sahyadri Cabs" in browser.get("/vendor-bills/disputes?status=open").text
    refused = browser.post(f"{page}/agree", data={"agreed": "-1"})
    assert refused.status_code == 422
    assert browser.post(f"{page}/reject").status_code == 303
    assert browser.post(f"{page}/reopen").status_code == 303
    assert browser.post(f"{page}/agree", data={"agreed": "0"}).status_code == 303
    assert browser.post(f"{page}/credit").status_code == 303
    assert "Credited" in browser.get(page).text
