"""Files of trips: real ones, contradictions, clock changes, units, ids."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from tests.factories.imports import begin, commit, undo
from tests.factories.trips import make_card, make_fleet_vendor, make_trip, trip_body
from tracktok.core.db import db
from tracktok.imports.rules.plan import Plan
from tracktok.trips.models import Trip, TripCharge
from tracktok.trips.queries.rate_cards import all_books
from tracktok.trips.services.importing.pricing import ChunkPricer
from tracktok.trips.services.importing.rows import TripBuilder
from tracktok.trips.services.importing.writing import CardChanged, _use

HEADER = "Trip ID,Vendor,Start,End,Distance (km),Vehicle,Toll\n"
ROW = "{0},Sahyadri Cabs,2026-03-10 08:{1:02},2026-03-10 09:{1:02},10,KA01,{2}\n"


@pytest.fixture
def vendor(company):
    with company.owner.acting():
        vendor = make_fleet_vendor()
        make_card(vendor)
    return vendor


def trips_of(company):
    with company.owner.acting():
        statement = (
            select(Trip.external_id, Trip.started_at, Trip.ended_at, Trip.distance_km, TripCharge.total)
            .outerjoin(TripCharge, (TripCharge.trip_id == Trip.id) & TripCharge.superseded_at.is_(None))
            .where(Trip.deleted_at.is_(None))
            .order_by(Trip.trip_date, Trip.id)
        )
        return db.session.execute(statement).all()


def test_a_file_is_priced_as_it_is_written_and_the_same_again_adds_nothing(company, vendor):
    api = company.owner.api()
    content = HEADER + ROW.format("A1", 1, 25) + ROW.format("A2", 2, "")
    found = begin(api, content, name="trips.csv", kind="trips")
    assert found["status"] == "ready", found["questions"]
    done = commit(company, found)
    assert done["committed_rows"] == 2
    # 50 + 10 x 12 = 170, and 25 of tolls, which bear no tax: 170 x 1.05 + 25
    assert [row.total for row in trips_of(company)] == [Decimal("203.5"), Decimal("178.5")]
    with company.owner.acting():
        make_trip(vendor, external_id="B1")
    listed = api.get(f"/trips/?import_id={done['id']}").json["data"]
    assert sorted(one["external_id"] for one in listed) == ["A1", "A2"]
    assert api.get(f"/trips/?import_id={uuid4()}").json["data"] == []
    again = begin(api, content, name="trips.csv", kind="trips")
    assert (again["valid"], again["duplicates"]) == (0, 2)
    page = company.owner.browser().get(f"/imports/{done['id']}").text
    assert "2 trips imported" in page
    assert "382.00" in page


def test_a_row_of_a_file_is_read_again_as_its_import_read_it(company, vendor):
    api = company.owner.api()
    content = (
        "Vendor;Duty Date;Start Time;End Time;Total KM;Employees;Toll;Trip type;Vehicle No\n"
        "Sahyadri Cabs;10/03/2026;10:30 PM;1:15 AM;40,5;E-1, E-2;1.250,5;Log in;KA 01\n"
    )
    found = begin(api, content, kind="trips", date_form="DMY")
    assert found["status"] == "ready", found["questions"]
    commit(company, found)
    [trip] = [one["id"] for one in api.get("/trips/").json["data"]]
    as_imported = api.get(f"/trips/{trip}").json
    assert (as_imported["tolls"], as_imported["type"], as_imported["employees"]) == (
        "1250.5",
        "pickup",
        ["E-1", "E-2"],
    )
    body = trip_body(vendor, vehicle="KA 99", distance_km="7", customer_id=None)
    assert api.put(f"/trips/{trip}", json=body).status_code == 200
    again = api.post(f"/trips/{trip}/replay")
    assert again.status_code == 200, again.text
    left_out = {"version", "updated_at", "charge", "charges", "history"}
    assert {name: one for name, one in again.json.items() if name not in left_out} == {
        name: one for name, one in as_imported.items() if name not in left_out
    }


def test_rows_that_contradict_themselves_are_named_and_not_priced(company, vendor):
    api = company.owner.api()
    header = "Trip ID,Vendor,Start,End,Distance (km),Total amount\n"
    rows = [
        "A1,Sahyadri Cabs,2026-03-10 09:00,2026-03-10 08:00,10,100",
        "A2,Sahyadri Cabs,2026-03-10 09:00,2026-03-10 10:00,10,-100",
        "A3,Sahyadri Cabs,2026-03-10 09:00,2026-03-10 10:00,-10,100",
        "A4,Sahyadri Cabs,2026-03-10 09:00,2026-03-20 10:00,10,100",
        "Totals,,,,40,300",
        "A5,Sahyadri Cabs,2026-03-10 09:00,2026-03-10 10:00,10,100",
    ]
    found = begin(api, header + "\n".join(rows) + "\n", kind="trips")
    assert (found["valid"], found["invalid"], found["skipped"]) == (1, 4, 1)
    told = {
        row["row"]: row["errors"][0]["message"]
        for row in api.get(f"/imports/{found['id']}/rows?status=invalid").json["data"]
    }
    assert "before the pick-up" in told[2]
    assert "negative" in told[3]
    assert "negative" in told[4]
    assert "10 days" in told[5]
    skipped = api.get(f"/imports/{found['id']}/rows?status=skipped").json["data"]
    assert "totals" in skipped[0]["errors"][0]["message"]
    assert commit(company, found)["committed_rows"] == 1


def test_times_around_a_change_of_the_clock(company, vendor):
    api = company.owner.api()
    rows = (
        "A1,Sahyadri Cabs,2026-03-08 01:50,2026-03-08 02:30,10,,\n"  # 02:30 does not exist: 03:30
        "A2,Sahyadri Cabs,2026-11-01 01:50,2026-11-01 01:10,10,,\n"  # 01:10 exists twice: the second is meant
        "A3,Sahyadri Cabs,2026-11-01 01:10,2026-11-01 01:50,10,,\n"
        "A4,Sahyadri Cabs,2026-07-01 23:50,2026-07-02 00:20,10,,\n"
    )
    found = begin(api, HEADER + rows, kind="trips", timezone="America/New_York")
    assert found["valid"] == 4, found
    assert any("change of the clock" in one["text"] for one in found["notes"])
    commit(company, found)
    minutes = {row.external_id: (row.ended_at - row.started_at).total_seconds() / 60 for row in trips_of(company)}
    assert minutes == {"A1": 40, "A2": 20, "A3": 40, "A4": 30}


def test_the_unit_is_asked_when_nothing_tells_it_and_the_vendor_when_no_column_does(company, vendor):
    api = company.owner.api()
    content = "Start,End,Distance\n2026-03-10 08:00,2026-03-10 09:00,10\n"
    found = begin(api, content, kind="trips")
    assert found["status"] == "mapping"
    assert {one["option"] for one in found["questions"]} == {"vendor_id", "distance_unit"}
    answer = api.patch(
        f"/imports/{found['id']}", json={"options": {"vendor_id": str(vendor.id), "distance_unit": "mi"}}
    )
    assert answer.json["status"] == "ready"
    commit(company, answer.json)
    assert [row.distance_km for row in trips_of(company)] == [Decimal("16.093")]


def test_a_cell_that_names_its_unit_is_read_in_it(company, vendor):
    api = company.owner.api()
    cells = ("12", "12 mi", "12 km", "12.5 Miles", "12kms")
    rows = "".join(f"A{at},2026-03-10 08:00,2026-03-10 09:00,{cell}\n" for at, cell in enumerate(cells))
    found = begin(
        api, f"Trip ID,Start,End,Distance\n{rows}", kind="trips", vendor_id=str(vendor.id), distance_unit="km"
    )
    commit(company, found)
    told = {row.external_id: str(row.distance_km) for row in trips_of(company)}
    assert told == {"A0": "12.000", "A1": "19.312", "A2": "12.000", "A3": "20.117", "A4": "12.000"}


def test_a_version_that_was_moved_to_another_day_meanwhile_prices_nothing(company, vendor):
    with company.owner.acting():
        [card] = [
            one for book in all_books().values() for one, _, _ in book.between(date(2026, 3, 1), date(2026, 3, 1))
        ]
        pricer = ChunkPricer({}, {}, {})
        pricer.versions[card.version_id] = card
        _use(pricer)
        pricer.versions[card.version_id] = replace(card, valid_from=date(2026, 2, 1))
        with pytest.raises(CardChanged):
            _use(pricer)


def test_days_and_times_in_columns_of_their_own(company, vendor):
    api = company.owner.api()
    content = "Duty Date,Start Time,End Time,Total KM\n10/03/2026,10:30 PM,1:15 AM,40\n25/03/2026,9:00 AM,9:45 AM,12\n"
    found = begin(api, content, kind="trips", vendor_id=str(vendor.id))
    assert found["status"] == "ready", found["questions"]
    commit(company, found)
    assert [(row.ended_at - row.started_at).total_seconds() / 60 for row in trips_of(company)] == [165, 45]


def test_an_undone_import_can_be_imported_again(company, vendor):
    api = company.owner.api()
    found = begin(api, HEADER + ROW.format("A1", 1, ""), kind="trips")
    done = commit(company, found)
    assert undo(company, done)["status"] == "undone"
    assert trips_of(company) == []
    again = begin(api, HEADER + ROW.format("A1", 1, ""), kind="trips")
    assert again["valid"] == 1
    assert commit(company, again)["committed_rows"] == 1


def test_rows_alike_in_a_file_without_ids_are_trips_of_their_own_once(company, vendor):
    api = company.owner.api()
    header = "START_DATE*,END_DATE*,CATEGORY*,START*,STOP*,MILES*,PURPOSE*\n"
    row = "6/28/2016 23:34,6/28/2016 23:59,Business,Durham,Cary,9.9,Meeting\n"
    other = "1/1/2016 21:11,1/1/2016 21:17,Business,Fort Pierce,Fort Pierce,5.1,Meal/Entertain\n"
    content = header + row + other + row + "Totals,,,,,24.9,\n"
    found = begin(api, content, kind="trips", vendor_id=str(vendor.id))
    assert (found["valid"], found["skipped"], found["duplicates"]) == (3, 1, 0)
    assert commit(company, found)["committed_rows"] == 3
    again = begin(api, content, kind="trips", vendor_id=str(vendor.id))
    assert (again["valid"], again["duplicates"]) == (0, 3)


def test_names_of_vendors_are_found_by_code_and_made_when_they_are_new(company, vendor):
    api = company.owner.api()
    with company.owner.acting():
        coded = make_fleet_vendor("Yellow Cabs", code="2")
        make_card(coded, {"model": "trip", "currency": "INR", "per_trip": "80"})
    content = (
        "vendor_id,pickup_datetime,dropoff_datetime,trip_distance\n2,2019-01-15 03:36:12,2019-01-15 03:42:19,1.0\n"
    )
    content += "Malabar Taxis,2019-01-15 03:36:12,2019-01-15 03:42:19,1.0\n"
    found = begin(api, content, kind="trips", distance_unit="mi")
    done = commit(company, found)
    assert done["committed_rows"] == 2
    with company.owner.acting():
        assert db.session.execute(select(func.count()).select_from(TripCharge)).scalar_one() == 1
    page = company.owner.browser().get(f"/imports/{done['id']}").text
    assert "1 trip without a price" in page


def test_ordinary_rows_are_read_alike_beside_others(company, vendor):
    """Chunks of ordinary rows are read a column at a time; beside a row that is none, each is looked at."""
    fields = ("external_id", "vendor", "started_at", "ended_at", "distance", "vehicle", "tolls", "notes")
    columns = [{"name": name} for name in fields]
    options = {"date_form": "YMD", "decimal": ".", "distance_unit": "km"}
    ordinary = [
        [f"T{place}", "Sahyadri Cabs", f"2026-03-{day} 08:{place:02}", f"2026-03-{day} 09:{place:02}",
         far, "KA 01", toll, text]
        for place, (day, far, toll, text) in enumerate(
            [("10", "12.5", "", ""), ("10", "1.9", "45", "a"), ("11", "400", "1,000", "],["), ("11", "5000", "", "\\"),
             ("12", "0", "", "ü"), ("13", "250", "0.5", "x" * 50), ("13", "251", "", "tab\there")]
        )
    ]  # fmt: skip
    others = [
        ["T90", "Sahyadri Cabs", "2026-03-10", "", "7", "", "", ""],
        ["", "Sahyadri Cabs", "2026-03-10 08:00", "2026-03-10 09:00", "", "", "", ""],
        ["T 92", "Sahyadri Cabs", "2026-03-10T08:00", "2026-03-10 08:00 PM", "3 mi", "", "", ""],
        ["T93", "Sahyadri Cabs", "2026-03-10 08:00", "2026-03-10 07:00", "7", "", "", ""],
        ["T94", "Nobody", "2026-03-10 08:00", "2026-03-20 08:00", "9000", "", "-5", ""],
    ]

    def staged(rows):
        builder = TripBuilder(Plan({name: name for name in fields}, dict(options), columns))
        lines, _, flaws = builder.stage([[str(place), *row] for place, row in enumerate(rows, 2)])
        return lines.split("\n"), flaws, builder.found()

    with company.owner.acting():
        alone, none, told = staged(ordinary)
        assert none == []
        [odd] = [note for note in told["notes"] if note["about"] == "distance"]
        assert odd["text"].startswith("3 trips")  # 400, 5,000 and 251 km in an hour; 250 are just possible
        for other in others:
            beside, _, _ = staged([*ordinary, other])
            assert beside[: len(ordinary)] == alone[: len(ordinary)]
        assert len(staged([*ordinary, *others])[1]) == 2
