"""Vendors and employees who sign in: their own, explained; and nothing of anybody else's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from tests.auth.test_people import accept
from tests.factories.documents import make_pdf
from tests.factories.notifications import deliver_mails, link_in
from tests.factories.portals import make_employee
from tests.factories.tenants import Company, Member
from tests.factories.trips import make_card, make_fleet_vendor, make_trip
from tracktok.core.ids import new_id
from tracktok.core.permissions import access_of
from tracktok.trips.schemas.incentives import IncentiveRuleIn
from tracktok.trips.schemas.portals import VendorDisputeIn
from tracktok.trips.services.incentives import create_incentive_rule
from tracktok.trips.services.portals import open_vendor_dispute


class Fleet:
    """Two vendors of a company with a trip each, and somebody of each who signs in."""

    def __init__(self, company: Company) -> None:
        self.company = company
        with company.owner.acting():
            self.own, self.other = make_fleet_vendor(), make_fleet_vendor("Konkan Cabs")
            make_card(self.own)
            make_card(self.other)
            self.trip = str(make_trip(self.own, external_id="S-1", notes="a secret of the company").id)
            self.theirs = str(make_trip(self.other, external_id="K-1").id)
            self.vendor_id, self.other_id = self.own.id, self.other.id
        self.person: Member = company.outsider("vendor", self.vendor_id)
        self.rival: Member = company.outsider("vendor", self.other_id)
        self.api, self.browser = self.person.api(), self.person.browser()

    def dispute(self, *, rival: bool = False) -> str:
        person, trip = (self.rival, self.theirs) if rival else (self.person, self.trip)
        body = {"claimed": "350", "reason": "The toll is missing"}
        made = person.api().post(f"/vendor-portal/trips/{trip}/dispute", json=body)
        assert made.status_code == 201, made.text
        return str(made.json["id"])

    def statement(self, vendor_id: Any) -> str:
        found = self.company.owner.api().get(f"/statements/?vendor_id={vendor_id}").json["data"]
        return str(found[0]["id"])


@pytest.fixture
def fleet(company: Company) -> Fleet:
    return Fleet(company)


def test_a_vendor_sees_their_own_trips_with_the_price_explained(fleet: Fleet):
    rows = fleet.api.get("/vendor-portal/trips").json["data"]
    assert [(one["external_id"], one["total"]) for one in rows] == [("S-1", "304.50")]
    assert not {"customer_id", "project_id", "notes", "employees", "vendor_id"} & set(rows[0])
    one = fleet.api.get(f"/vendor-portal/trips/{fleet.trip}").json
    assert [part["amount"] for part in one["charge"]["parts"]][:2] == ["50.00", "240.00"]
    assert "secret" not in str(one)
    page = fleet.browser.get("/vendor/trips").text
    assert "S-1" in page
    assert "K-1" not in page
    record = fleet.browser.get(f"/vendor/trips/{fleet.trip}").text
    assert "How the price comes about" in record
    assert "304.50" in record
    assert "secret" not in record
    assert "No trip matches" in fleet.browser.get("/vendor/trips?status=cancelled").text


def test_a_filter_never_widens_what_a_vendor_sees(fleet: Fleet):
    for address in (f"/vendor-portal/trips?vendor_id={fleet.other_id}", "/vendor-portal/trips?q=K-1"):
        answer = fleet.api.get(address)
        assert answer.status_code == 422 or answer.json["data"] == []
    assert "K-1" not in fleet.browser.get(f"/vendor/trips?vendor_id={fleet.other_id}").text
    assert fleet.browser.get(f"/vendor/statements?vendor_id={fleet.other_id}").status_code == 200


def test_statements_are_their_own_also_as_files(fleet: Fleet):
    statement = fleet.statement(fleet.vendor_id)
    assert [one["id"] for one in fleet.api.get("/vendor-portal/statements").json["data"]] == [statement]
    told = fleet.api.get(f"/vendor-portal/statements/{statement}").json
    assert (told["total"], len(told["lines"])) == ("304.50", 1)
    assert "304.50" in fleet.browser.get(f"/vendor/statements/{statement}").text
    for file_format, begins in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("pdf", b"%PDF")):
        answer = fleet.browser.get(f"/vendor/statements/{statement}/file.{file_format}")
        assert answer.status_code == 200
        assert answer.data.startswith(begins) or b"Line" in answer.data[:40]
        assert fleet.api.get(f"/vendor-portal/statements/{statement}?format={file_format}").status_code == 200


def test_a_dispute_goes_back_and_forth_with_files(fleet: Fleet):
    sent = {"claimed": "350", "reason": "The toll is missing", "file": (make_pdf(), "toll.pdf")}
    done = fleet.browser.post(f"/vendor/trips/{fleet.trip}/dispute", data=sent)
    assert done.status_code == 303, done.text
    dispute = done.headers["Location"].rpartition("/")[2]
    again = fleet.api.post(f"/vendor-portal/trips/{fleet.trip}/dispute", json={"claimed": "351", "reason": "x"})
    assert (again.status_code, again.json["code"]) == (409, "already_disputed")
    owner, boss = fleet.company.owner.api(), fleet.company.owner.browser()
    assert [one["id"] for one in owner.get("/trip-disputes/").json["data"]] == [dispute]
    [message] = owner.get(f"/trip-disputes/{dispute}/messages").json["data"]
    assert (message["by"], message["said"], message["filename"]) == ("vendor", "The toll is missing", "toll.pdf")
    assert "toll.pdf" in boss.get(f"/vendor-bills/disputes/{dispute}").text
    assert boss.get(f"/files/{message['file_id']}").status_code == 200
    answer = {"said": "Which toll?", "file": (make_pdf(), "map.pdf")}
    assert boss.post(f"/vendor-bills/disputes/{dispute}/answer", data=answer).status_code == 303
    page = fleet.browser.get(f"/vendor/disputes/{dispute}").text
    assert "Which toll?" in page
    assert fleet.browser.post(f"/vendor/disputes/{dispute}/answer", data={"said": "Airport"}).status_code == 303
    said = fleet.api.get(f"/vendor-portal/disputes/{dispute}").json["messages"]
    assert [(one["by"], one["said"]) for one in said][1:] == [("company", "Which toll?"), ("vendor", "Airport")]
    theirs = said[1]["file_id"]
    assert fleet.browser.get(f"/files/{theirs}").status_code == 200, "what the company shows them"
    assert fleet.rival.browser().get(f"/files/{theirs}").status_code == 404
    assert owner.post(f"/trip-disputes/{dispute}/agree", json={"agreed": "330"}).status_code == 200
    assert owner.post(f"/trip-disputes/{dispute}/credit").status_code == 200
    over = fleet.api.post(f"/vendor-portal/disputes/{dispute}/messages", json={"said": "More"})
    assert (over.status_code, over.json["code"]) == (409, "dispute_over")
    assert "credited" in fleet.browser.get("/vendor/disputes").text.lower()


def test_what_is_wrong_in_a_dispute_stands_at_its_field(fleet: Fleet):
    page = fleet.browser.post(f"/vendor/trips/{fleet.trip}/dispute", data={"claimed": "304.50", "reason": "Hm"})
    assert page.status_code == 422
    assert "This is what the trip comes to already" in page.text
    refused = fleet.api.post(f"/vendor-portal/trips/{fleet.trip}/dispute", json={"claimed": "-1"})
    assert {one["pointer"] for one in refused.json["errors"]} == {"/claimed", "/reason"}


def test_the_overview_is_where_a_vendor_arrives(fleet: Fleet):
    home = fleet.browser.get("/")
    assert home.headers["Location"].endswith("/vendor/")
    fleet.dispute()
    page = fleet.browser.get("/vendor/").text
    assert "Sahyadri Cabs" in page
    assert "March 2026" in page or "Mar" in page
    assert "The toll is missing" in page
    for path in ("/vendor/trips", "/vendor/statements", "/vendor/disputes"):
        assert f'href="{path}"' in page
    assert 'href="/trips/"' not in page


def test_every_route_of_a_vendor_refuses_the_ids_of_others(app: Flask, fleet: Fleet, other_company: Company):
    abroad = Fleet(other_company)
    asked = 0
    for ids in (
        {"own_trip_id": fleet.theirs, "own_statement_id": fleet.statement(fleet.other_id),
         "own_dispute_id": fleet.dispute(rival=True)},
        {"own_trip_id": abroad.trip, "own_statement_id": abroad.statement(abroad.vendor_id),
         "own_dispute_id": abroad.dispute()},
        {"own_trip_id": new_id(), "own_statement_id": new_id(), "own_dispute_id": new_id()},
    ):  # fmt: skip
        for rule in app.url_map.iter_rules():
            access = access_of(app.view_functions.get(rule.endpoint))
            if access is None or access.permission != "vendor_portal.use" or not rule.arguments:
                continue
            address = app.url_map.bind("x").build(
                rule.endpoint, {name: {**ids, "file_format": "csv"}[name] for name in rule.arguments}
            )
            body = {"claimed": "1", "reason": "x", "said": "x"}
            for method in rule.methods & {"GET", "POST"}:
                if address.startswith("/api/v1"):
                    wanted = {
                        name: body[name] for name in (("said",) if "messages" in address else ("claimed", "reason"))
                    }
                    answer = fleet.api.open(
                        method, address.removeprefix("/api/v1"), json=wanted if method == "POST" else None
                    )
                else:
                    answer = fleet.browser.open(address, method=method, data=body if method == "POST" else None)
                asked += 1
                assert answer.status_code == 404, (method, address, answer.status_code)
    assert asked >= 3 * 11


def test_nobody_but_a_vendor_opens_the_vendors_portal(fleet: Fleet):
    employee = fleet.company.outsider("employee", new_id())
    for somebody in (fleet.company.owner, fleet.company.member("member"), employee):
        assert somebody.api().get("/vendor-portal/trips").status_code == 403
        assert somebody.browser().get("/vendor/").status_code == 403
    assert fleet.api.get("/employee-portal/month").status_code == 403
    assert fleet.api.get("/trips/").status_code == 403
    assert fleet.api.get(f"/vendors/{fleet.vendor_id}/people").status_code == 403


def test_a_vendors_people_are_invited_and_let_go(app: Flask, fleet: Fleet):
    boss, api = fleet.company.owner.browser(), fleet.company.owner.api()
    here = f"/vendors/{fleet.vendor_id}/people"
    assert f'href="{here}"' in boss.get(f"/vendors/{fleet.vendor_id}").text
    address = f"kim@{new_id().hex[-10:]}.test"
    assert boss.post(here, data={"email": "nobody"}).status_code == 422
    assert boss.post(here, data={"email": address}).status_code == 303
    assert address in boss.get(here).text
    mail = [one for one in deliver_mails(fleet.company) if one.to_address == address][-1]
    joined = accept(app, link_in(mail).rpartition("/")[2])
    assert joined.json["user"]["role"] == "vendor"
    people = {one["email"]: one for one in api.get(here).json["data"]}
    assert (people[address]["kind"], people[address]["status"]) == ("person", "active")
    rival = f"/vendors/{fleet.other_id}/people/{people[address]['id']}"
    assert api.delete(rival).status_code == 404, "through another vendor nobody is let go"
    assert boss.post(f"{here}/{people[address]['id']}/remove").status_code == 303
    assert {one["email"]: one["status"] for one in api.get(here).json["data"]}[address] == "deactivated"
    assert boss.post(f"{here}/{people[address]['id']}/back").status_code == 303
    assert api.delete(f"{here}/{people[address]['id']}").status_code == 204
    assert api.post(f"{rival}/let-back").status_code == 404
    back = api.post(f"{here}/{people[address]['id']}/let-back")
    assert {one["email"]: one["status"] for one in back.json["data"]}[address] == "active", back.text
    assert api.post(here, json={"email": f"lee@{new_id().hex[-10:]}.test"}).status_code == 201
    waiting = [one for one in api.get(here).json["data"] if one["kind"] == "invitation"]
    assert api.delete(f"{here}/{waiting[0]['id']}").status_code == 204
    assert fleet.company.member("analyst").api().post(here, json={"email": "x@y.test"}).status_code == 403


def test_a_vendor_is_not_deleted_while_people_of_it_may_sign_in(company: Company):
    api = company.owner.api()
    with company.owner.acting():
        vendor = make_fleet_vendor("Nobody's Cabs").id
    person = company.outsider("vendor", vendor)
    refused = api.delete(f"/vendors/{vendor}")
    assert (refused.status_code, "were let in" in refused.text) == (409, True)
    [one] = api.get(f"/vendors/{vendor}/people").json["data"]
    assert api.delete(f"/vendors/{vendor}/people/{one['id']}").status_code == 204
    assert api.delete(f"/vendors/{vendor}").status_code == 204
    assert person.api().get("/vendor-portal/trips").status_code == 401


@pytest.fixture
def commute(company: Company) -> dict[str, Any]:
    with company.owner.acting():
        vendor = make_fleet_vendor()
        asha = make_employee("Asha Rao", code="E-17", email="asha@acme.test", known_as=["A. Rao"])
        ravi = make_employee("Ravi Kumar", code="E-18")
        for number, names in enumerate((["E-17", "Asha Rao"], ["asha@ACME.test", "E-18"], ["A. Rao"], ["E-18"]), 1):
            make_trip(vendor, external_id=f"C-{number}", started_at=f"2026-03-{number:02d}T08:00:00",
                      ended_at=f"2026-03-{number:02d}T09:30:00", employees=names)  # fmt: skip
        make_trip(vendor, external_id="C-9", started_at="2026-04-01T08:00:00", ended_at="2026-04-01T09:00:00",
                  employees=["E-17"])  # fmt: skip
        rule = {"name": "Extra trips", "measure": "trips", "period": "monthly", "ordinary": "1",
                "tiers": [{"over": "0", "rate": "40"}], "valid_from": "2026-01-01"}  # fmt: skip
        create_incentive_rule(IncentiveRuleIn.model_validate(rule))
        return {"asha": asha.id, "ravi": ravi.id}


def test_an_employee_sees_the_trips_that_name_them_however_they_do(company: Company, commute: dict[str, Any]):
    asha = company.outsider("employee", commute["asha"])
    month = asha.api().get("/employee-portal/month?month=2026-03-15").json
    assert [one["trip_date"] for one in month["rows"]] == ["2026-03-03", "2026-03-02", "2026-03-01"]
    assert (month["trips"], month["hours"], month["distance_km"]) == (3, "4.50", "60")
    assert not {"vendor", "total", "employees", "customer_id"} & set(month["rows"][0])
    assert month["totals"] == [{"currency": "INR", "amount": "80.00"}], "two more than the ordinary one, by 40"
    page = asha.browser().get("/employee/?month=2026-03").text
    assert "Extra trips" in page
    assert "80.00" in page
    assert asha.browser().get("/").headers["Location"].endswith("/employee/")
    assert "No trips in" in asha.browser().get("/employee/?month=2020-01").text
    ravi = company.outsider("employee", commute["ravi"]).api().get("/employee-portal/month?month=2026-03-01").json
    assert [one["trip_date"] for one in ravi["rows"]] == ["2026-03-04", "2026-03-02"]


def test_the_company_sees_of_an_employee_what_they_see_themselves(company: Company, commute: dict[str, Any]):
    rows = company.owner.api().get("/statements/employees?month=2026-03-01").json["rows"]
    told = {one["employee"]: one for one in rows}
    for name, employee in (("Asha Rao", commute["asha"]), ("Ravi Kumar", commute["ravi"])):
        own = company.outsider("employee", employee).api().get("/employee-portal/month?month=2026-03-01").json
        for what in ("trips", "hours", "distance_km", "totals"):
            assert told[name][what] == own[what], (name, what)
    assert told["Asha Rao"]["totals"] == [{"currency": "INR", "amount": "80.00"}]


def test_an_archived_rule_takes_nothing_back(company: Company, commute: dict[str, Any]):
    api = company.owner.api()
    asha = company.outsider("employee", commute["asha"]).api()
    [rule] = api.get("/incentive-rules/").json["data"]
    body = {"name": "Extra trips", "measure": "trips", "period": "monthly", "ordinary": "1",
            "tiers": [{"over": "0", "rate": "40"}], "valid_from": "2026-01-01", "is_archived": True}  # fmt: skip
    archived = api.put(f"/incentive-rules/{rule['id']}", json=body)
    assert archived.status_code == 200, archived.text
    assert archived.json["valid_to"] is not None
    month = asha.get("/employee-portal/month?month=2026-03-15").json
    assert month["totals"] == [{"currency": "INR", "amount": "80.00"}]
    assert api.put(f"/incentive-rules/{rule['id']}", json={**body, "valid_to": "2026-02-28"}).status_code == 200
    assert api.put(f"/incentive-rules/{rule['id']}", json=body).json["valid_to"] == "2026-02-28", "it has ended before"
    assert asha.get("/employee-portal/month?month=2026-03-15").json["totals"] == []
    later = {**body, "valid_from": "2090-01-01", "valid_to": "2090-12-31"}
    assert api.put(f"/incentive-rules/{rule['id']}", json=later).json["valid_to"] is None, "it has never begun"


def test_somebody_who_is_bound_to_nothing_sees_nothing(company: Company, commute: dict[str, Any]):
    for record in (new_id(),):
        stray = company.outsider("employee", record)
        assert stray.api().get("/employee-portal/month").status_code == 404
        assert stray.browser().get("/employee/").status_code == 404


def test_a_text_means_one_employee_only(company: Company, commute: dict[str, Any]):
    api, browser = company.owner.api(), company.owner.browser()
    for body, pointer in (({"name": "asha rao"}, "/name"), ({"name": "Other", "known_as": ["a. rao"]}, "/known_as")):
        refused = api.post("/employees/", json=body)
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer)
    asha = api.get(f"/employees/{commute['asha']}").json
    assert asha["known_as"] == ["a. rao", "asha rao", "asha@acme.test", "e-17"]
    changed = api.put(f"/employees/{commute['asha']}", json={"name": "Asha Rao", "code": "E-170"})
    assert changed.json["known_as"] == ["asha rao", "e-170"]
    assert "Ravi Kumar" in browser.get("/employees/?q=ravi").text
    assert "Asha" not in browser.get("/employees/?q=ravi").text
    made = browser.post("/employees/", data={"name": "New One", "known_as": "N1\nN2"})
    assert made.status_code == 303
    page = browser.get(made.headers["Location"]).text
    assert "n2" in page
    edit = browser.get(f"{made.headers['Location']}/edit").text
    assert re.search(r"n1\s+n2", edit)
    assert browser.post(f"{made.headers['Location']}/edit", data={"name": "New Two"}).status_code == 303
    assert browser.post(f"{made.headers['Location']}/delete").status_code == 303


def test_an_employee_is_invited_from_the_directory(app: Flask, company: Company, commute: dict[str, Any]):
    boss, api = company.owner.browser(), company.owner.api()
    address = f"asha@{new_id().hex[-10:]}.test"
    assert boss.post(f"/employees/{commute['asha']}/people", data={"email": address}).status_code == 303
    mail = [one for one in deliver_mails(company) if one.to_address == address][-1]
    assert accept(app, link_in(mail).rpartition("/")[2]).json["user"]["role"] == "employee"
    [one] = api.get(f"/employees/{commute['asha']}/people").json["data"]
    assert (one["email"], one["status"]) == (address, "active")
    assert api.delete(f"/employees/{commute['asha']}").status_code == 409
    assert api.delete(f"/employees/{commute['ravi']}/people/{one['id']}").status_code == 404
    assert api.delete(f"/employees/{commute['asha']}/people/{one['id']}").status_code == 204


def test_the_company_is_told_of_a_dispute_and_the_vendor_of_an_answer(fleet: Fleet):
    dispute = fleet.dispute()
    owner = fleet.company.owner.api()
    assert "disputes a trip" in str(owner.get("/notifications/").json)
    assert owner.post(f"/trip-disputes/{dispute}/messages", json={"said": "We look at it"}).status_code == 201
    assert "An answer about your dispute" in str(fleet.api.get("/notifications/").json)


def test_a_dispute_is_of_the_price_that_stands(fleet: Fleet):
    with fleet.person.acting():
        from tracktok.trips.queries.portals import own_trip

        made = open_vendor_dispute(own_trip(fleet.trip), VendorDisputeIn(claimed="300", reason="Less"))  # type: ignore[arg-type]
        assert (str(made.claimed), str(made.expected)) == ("300.0000", "304.5000")
