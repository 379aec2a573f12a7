"""Vendors' bills against our trips, and disputes to their credit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from tests.factories.imports import begin, commit, undo
from tests.factories.trips import make_card, make_fleet_vendor, make_trip
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
