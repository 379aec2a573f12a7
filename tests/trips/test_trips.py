"""Trips through the API and the pages: recorded, priced, changed, listed; billing rows are only added."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests.factories.customers import make_customer
from tests.factories.expenses import make_project
from tests.factories.trips import add_version, make_card, make_fleet_vendor, make_trip, trip_body
from tracktok.core.db import db
from tracktok.trips.models import RateCard, TripAdjustment, TripCharge, TripStatement
from tracktok.trips.queries.trips import get_trip
from tracktok.trips.queries.vendors import get_vendor
from tracktok.trips.services.vendors import archive_vendor

HYBRID = {"model": "trip", "currency": "INR", "per_trip": "100", "per_distance": "10"}


@pytest.fixture
def vendor(company):
    with company.owner.acting():
        vendor = make_fleet_vendor()
        make_card(vendor)
    return vendor


def test_a_trip_is_priced_and_its_price_explained(company, vendor):
    api = company.owner.api()
    answer = api.post("/trips/", json=trip_body(vendor, external_id="A1", tolls="25"))
    assert answer.status_code == 201, answer.json
    trip = answer.json
    assert (trip["amount"], trip["tax"], trip["total"]) == ("315.00", "14.50", "329.50")
    parts = trip["charges"][0]["parts"]
    assert [(one["label"], one["quantity"], one["rate"], one["amount"]) for one in parts] == [
        ("Base fare", "1", "50", "50.00"), ("Distance", "20", "12", "240.00"), ("Tolls", "25", "1", "25.00"),
    ]  # fmt: skip
    assert trip["period"] == "2026-03-01"
    assert trip["payload"]["distance_km"] == "20"
    page = company.owner.browser().get(f"/trips/{trip['id']}").text
    for words in ("How the price comes about", "Base fare", "329.50", "Whitefield to Electronic City", "45 min"):
        assert words in page


def test_the_same_external_id_of_a_vendor_is_refused_and_no_id_is_told_by_content(company, vendor):
    api = company.owner.api()
    assert api.post("/trips/", json=trip_body(vendor, external_id="A1")).status_code == 201
    again = api.post("/trips/", json=trip_body(vendor, external_id="A1", distance_km="99"))
    assert (again.status_code, again.json["code"], again.json["errors"][0]["pointer"]) == (
        409,
        "trip_known",
        "/external_id",
    )
    assert api.post("/trips/", json=trip_body(vendor)).status_code == 201
    assert api.post("/trips/", json=trip_body(vendor)).json["code"] == "trip_known"


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"ended_at": "2026-03-10T07:00:00"}, "ended_at"),
        ({"ended_at": "2026-03-20T07:00:00"}, "ended_at"),
        ({"distance_km": "-1"}, "distance_km"),
        ({"odometer_start": "100", "odometer_end": "90"}, "odometer_end"),
        ({"billed_amount": "-5"}, "billed_amount"),
        ({"tolls": "-5"}, "tolls"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"vendor_id": "01930000-0000-7000-8000-000000000001"}, "vendor_id"),
    ],
)
def test_what_contradicts_itself_is_named_at_its_field(company, vendor, over, field):
    answer = company.owner.api().post("/trips/", json=trip_body(vendor, **over))
    assert answer.status_code == 422, answer.json
    assert answer.json["errors"][0]["pointer"] == f"/{field}"


def test_a_batch_is_answered_for_trip_by_trip_and_again_adds_nothing(company, vendor):
    api = company.owner.api()
    trips = [
        trip_body(vendor, external_id="B1"),
        trip_body(vendor, external_id="B2", ended_at="2026-03-10T07:00:00"),
        {"vendor_id": str(vendor.id)},
        trip_body(vendor, external_id="B1"),
        trip_body(vendor, external_id="B3"),
    ]
    answer = api.post("/trips/bulk", json={"trips": trips})
    assert answer.status_code == 200, answer.json
    assert [one["status"] for one in answer.json["items"]] == ["created", "refused", "refused", "known", "created"]
    assert answer.json["items"][1]["errors"][0]["pointer"] == "/ended_at"
    assert answer.json["items"][2]["errors"][0]["pointer"] == "/started_at"
    again = api.post("/trips/bulk", json={"trips": trips}).json
    assert (again["created"], again["known"], again["refused"]) == (0, 3, 2)
    summary = api.get("/trips/summary").json
    assert (summary["trips"], summary["totals"][0]["total"]) == (2, "609.00")


def test_an_edit_supersedes_the_price_and_keeps_the_old_one(company, vendor):
    api = company.owner.api()
    trip = api.post("/trips/", json=trip_body(vendor, external_id="A1")).json
    changed = api.put(f"/trips/{trip['id']}", json=trip_body(vendor, external_id="A1", distance_km="30"))
    assert changed.status_code == 200, changed.json
    assert changed.json["total"] == "430.50"
    assert [one["total"] for one in changed.json["charges"]] == ["430.50", "304.50"]
    assert changed.json["charges"][1]["superseded_at"]
    same = api.put(f"/trips/{trip['id']}", json=trip_body(vendor, external_id="A1", distance_km="30", notes="x"))
    assert len(same.json["charges"]) == 2, "a price that stays is not written again"
    stale = api.put(f"/trips/{trip['id']}", json=trip_body(vendor), headers={"If-Match": '"1"'})
    assert stale.status_code == 412


def test_the_database_refuses_to_change_billing_rows(company, vendor):
    with company.owner.acting():
        make_trip(vendor)
    for statement in (
        "UPDATE trip_charges SET amount = 0",
        "DELETE FROM trip_charges",
        "UPDATE trip_adjustments SET amount = 0",
    ):
        with pytest.raises(DBAPIError), company.owner.acting():
            db.session.execute(text(statement))
    with company.owner.acting():
        db.session.execute(text("UPDATE trip_charges SET superseded_at = now()"))
    for statement in ("superseded_at = NULL", "superseded_at = now() + interval '1 day'"):
        with pytest.raises(DBAPIError), company.owner.acting():
            db.session.execute(text(f"UPDATE trip_charges SET {statement}"))


def test_planned_trips_and_those_without_a_card_have_no_price(company, vendor):
    api = company.owner.api()
    planned = api.post("/trips/", json=trip_body(vendor, external_id="P", status="planned")).json
    assert planned["total"] is None
    early = api.post(
        "/trips/", json=trip_body(vendor, external_id="E", started_at="2010-03-10T08:00:00", ended_at=None)
    ).json
    assert early["total"] is None
    assert "No rate card" in company.owner.browser().get(f"/trips/{early['id']}").text
    listed = api.get("/trips/?priced=false").json["data"]
    assert {one["id"] for one in listed} == {planned["id"], early["id"]}


def test_lists_filters_and_files(company, vendor):
    api = company.owner.api()
    with company.owner.acting():
        other = make_fleet_vendor("Other Cabs")
        for number in range(5):
            day, who = f"2026-03-{10 + number}", ["E1"] if number == 2 else ["E2"]
            make_trip(
                vendor, external_id=f"A{number}", started_at=f"{day}T08:00", ended_at=f"{day}T08:30", employees=who
            )
        make_trip(other, external_id="O1", status="cancelled", vehicle="=1+1")
    assert len(api.get("/trips/").json["data"]) == 6
    first = api.get("/trips/?limit=4").json
    rest = api.get(f"/trips/?limit=4&cursor={first['next_cursor']}").json
    assert [one["external_id"] for one in first["data"] + rest["data"]] == ["A4", "A3", "A2", "A1", "O1", "A0"] or (
        len({one["id"] for one in first["data"] + rest["data"]}) == 6
    )
    for query, expected in (
        (f"vendor_id={other.id}", {"O1"}),
        ("status=cancelled", {"O1"}),
        ("date_from=2026-03-13", {"A3", "A4"}),
        ("employee=E1", {"A2"}),
        ("q=A1", {"A1"}),
        ("q=A_", set()),
    ):
        assert {one["external_id"] for one in api.get(f"/trips/?{query}").json["data"]} == expected, query
    answer = api.get("/trips/?format=csv&status=cancelled")
    assert answer.status_code == 200
    assert "'=1+1" in answer.text
    assert "Whitefield" in answer.text
    page = company.owner.browser().get("/trips/?date_from=2026-03-13").text
    assert "2 trips" in page


def test_what_if_writes_nothing_and_pricing_again_supersedes(company, vendor):
    api = company.owner.api()
    with company.owner.acting():
        for number in range(3):
            make_trip(vendor, external_id=f"A{number}")
        card = db.session.execute(select(RateCard)).scalar_one()
        other = add_version(card.id, HYBRID, date(2027, 1, 1))
    period = {"vendor_id": str(vendor.id), "date_from": "2026-03-01", "date_to": "2026-03-31"}
    found = api.post("/trips/what-if", json={**period, "version_id": str(other.id)}).json
    assert (found["trips"], found["changed"]) == (3, 3)
    assert found["totals"] == [{"currency": "INR", "now": "913.50", "then": "900.00", "difference": "-13.50"}]
    assert api.post("/trips/what-if", json=period).json["changed"] == 0
    assert api.post("/trips/rerate", json=period).json["superseded"] == 0, "under the same card nothing changes"
    with company.owner.acting():
        db.session.execute(
            text("UPDATE rate_card_versions SET valid_from = '2026-02-01' WHERE id = :id"), {"id": other.id}
        )
    done = api.post("/trips/rerate", json=period).json
    assert (done["trips"], done["superseded"], done["adjusted"]) == (3, 3, 0)
    assert api.get("/trips/summary").json["totals"][0]["total"] == "900.00"
    page = company.owner.browser().get(f"/trips/rerate?vendor_id={vendor.id}&date_from=2026-03-01&date_to=2026-03-31")
    assert "Every trip would come to the same" in page.text


def test_a_closed_month_changes_by_adjustment_only(company, vendor):
    api = company.owner.api()
    with company.owner.acting():
        trip = make_trip(vendor, external_id="A1")
        db.session.execute(text("UPDATE trip_statements SET status = 'approved'"))
    api.put(f"/trips/{trip.id}", json=trip_body(vendor, external_id="A1", distance_km="30"))
    api.put(f"/trips/{trip.id}", json=trip_body(vendor, external_id="A1", distance_km="25"))
    with company.owner.acting():
        rows = db.session.execute(select(TripAdjustment).order_by(TripAdjustment.id)).scalars().all()
        assert [(row.period, row.about, row.total) for row in rows] == [
            (date(2026, 4, 1), date(2026, 3, 1), Decimal(126)), (date(2026, 4, 1), date(2026, 3, 1), Decimal(-63)),
        ]  # fmt: skip
        assert db.session.execute(select(TripCharge.total)).scalars().all() == [Decimal("304.5")]
        late = make_trip(vendor, external_id="A2")
        charge = db.session.execute(select(TripCharge).where(TripCharge.trip_id == late.id)).scalar_one()
        assert charge.period == date(2026, 4, 1), "what comes late stands on the next open month"
        months = db.session.execute(select(TripStatement.month).order_by(TripStatement.month)).scalars().all()
        assert months == [date(2026, 3, 1), date(2026, 4, 1)]
    assert api.delete(f"/trips/{trip.id}").status_code == 204
    with company.owner.acting():
        total = sum(db.session.execute(select(TripAdjustment.total)).scalars())
        assert total == Decimal("-304.5"), "all of it is taken back"


def test_a_trip_is_made_again_what_was_received(company, vendor):
    api, browser = company.owner.api(), company.owner.browser()
    body = trip_body(vendor, external_id="A1", employees=["Asha"], tolls="25")
    made = api.post("/trips/", json=body).json
    changed = api.put(f"/trips/{made['id']}", json={**body, "distance_km": "30", "employees": [], "tolls": "0"}).json
    assert changed["total"] == "430.50"
    back = api.post(f"/trips/{made['id']}/replay")
    assert back.status_code == 200, back.text
    assert (back.json["total"], back.json["employees"]) == (made["total"], ["Asha"])
    assert api.post(f"/trips/{made['id']}/replay", headers={"If-Match": '"1"'}).status_code == 412
    assert "Read it again" in browser.get(f"/trips/{made['id']}").text
    assert browser.post(f"/trips/{made['id']}/replay").status_code == 303
    with company.owner.acting():
        db.session.execute(text("UPDATE trips SET payload = '{}'"))
    refused = api.post(f"/trips/{made['id']}/replay")
    assert (refused.status_code, refused.json["code"]) == (409, "cannot_be_replayed")


def test_pages_of_a_trip(company, vendor):
    browser = company.owner.browser()
    assert "No trips yet" in browser.get("/trips/").text
    form = browser.get("/trips/new").text
    assert 'type="datetime-local"' in form
    sent = {
        "vendor_id": str(vendor.id), "started_at": "2026-03-10T08:00", "ended_at": "2026-03-10T07:00",
        "distance_km": "20", "employees": "Asha, Ravi", "type": "pickup", "status": "completed",
    }  # fmt: skip
    refused = browser.post("/trips/", data=sent)
    assert refused.status_code == 422
    assert "before the pick-up" in refused.text
    made = browser.post("/trips/", data={**sent, "ended_at": "2026-03-10T09:00"})
    assert made.status_code == 303, made.text
    page = browser.get(made.headers["Location"]).text
    assert "Asha" in page
    assert "304.50" in page
    edit = browser.get(f"{made.headers['Location']}/edit").text
    assert "2026-03-10T08:00" in edit
    changed = browser.post(
        f"{made.headers['Location']}/edit", data={**sent, "ended_at": "2026-03-10T09:00", "distance_km": "30"}
    )
    assert changed.status_code == 303, changed.text
    assert "430.50" in browser.get(made.headers["Location"]).text
    assert browser.post(f"{made.headers['Location']}/delete").status_code == 303
    assert browser.get(made.headers["Location"]).status_code == 404


class Fields(HTMLParser):
    """What a browser sends of the page's form that posts to an address, when nothing of it was touched."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self.action, self.sent, self.inside, self.select, self.area = action, {}, False, "", ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.inside = (given.get("action") or "").endswith(self.action)
        if not self.inside:
            return
        if tag == "select":
            self.select = given["name"]
        elif tag == "textarea":
            self.area = given["name"]
            self.sent[self.area] = ""
        elif tag == "option" and "selected" in given:
            self.sent[self.select] = given["value"]
        elif tag == "input" and given.get("name"):
            if given.get("type") != "checkbox":
                self.sent[given["name"]] = given.get("value") or ""
            elif "checked" in given:
                self.sent[given["name"]] = given["value"]

    def handle_data(self, data):
        if self.inside and self.area:
            self.sent[self.area] += data

    def handle_endtag(self, tag):
        if tag == "textarea":  # a line break behind the opening tag is none of the text; a browser sends CR LF
            self.sent[self.area] = self.sent[self.area].removeprefix("\n").replace("\n", "\r\n")
            self.area = ""
        elif tag == "form":
            self.inside = False


@pytest.mark.parametrize(
    "over",
    [
        {"started_at": "2026-03-10T08:00:30", "ended_at": "2026-03-10T08:45:59.250000"},
        # 01:10 exists twice on this day: the second is meant
        {
            "timezone": "America/New_York",
            "started_at": "2025-11-02T01:10:00-05:00",
            "ended_at": "2025-11-02T01:40:00-05:00",
        },
        {
            "employees": ["Rao, Asha", "Ravi"], "distance_km": "20.125", "tolls": "10.5", "escort": True,
            "notes": "One line\nand another", "odometer_start": "100", "odometer_end": "130", "passengers": 0,
        },
        {"status": "no_show", "type": "airport", "dead_km": "1.5", "waiting_minutes": 7, "billed_amount": "1234.5"},
    ],
)  # fmt: skip
def test_a_form_that_nobody_touched_changes_nothing(company, vendor, over):
    api, browser = company.owner.api(), company.owner.browser()
    with company.owner.acting():
        project, customer = make_project(name="Night shift"), make_customer(name="Garden City")
        named = {"project_id": str(project.id), "customer_id": str(customer.id)}
        trip = make_trip(
            vendor, external_id="A1", vehicle_class="Sedan", driver="Ramesh", site="South", **named, **over
        )
        before = trip.started_at, trip.ended_at, trip.employees, trip.notes
        vendor_row = get_vendor(vendor.id, for_update=True)
        archive_vendor(vendor_row)
    told = api.get(f"/trips/{trip.id}").json
    page = browser.get(f"/trips/{trip.id}/edit").text
    saved = browser.post(f"/trips/{trip.id}/edit", data=Fields(page, f"/trips/{trip.id}/edit").sent)
    assert saved.status_code == 303, saved.text
    assert api.get(f"/trips/{trip.id}").json == told
    with company.owner.acting():
        now = get_trip(trip.id)
        assert (now.started_at, now.ended_at, now.employees, now.notes) == before
