"""Statements: reckoned with month parts and adjustments, approved, posted, paid; as files; kept and dropped."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select, text

from tests.factories.expenses import make_account
from tests.factories.imports import run_job
from tests.factories.notifications import deliver_mails
from tests.factories.trips import make_card, make_fleet_vendor, make_trip
from tracktok.core import cache
from tracktok.core.db import db
from tracktok.core.tables import Job
from tracktok.ledger.models import BookAccount, LedgerEntry, LedgerLine
from tracktok.trips.services.committed import owed_costs
from tracktok.trips.services.statements.mailing import MAIL_JOB, send_statement

MARCH = date(2026, 3, 1), date(2026, 3, 31)
MONTHLY = {
    "model": "hybrid", "currency": "INR", "per_distance": "10",
    "monthly": {"fee": "10000", "included_trips": "2", "extra_trip": "100"},
    "tax": {"percent": "5", "name": "GST"},
}  # fmt: skip


@pytest.fixture
def vendor(company):
    with company.owner.acting():
        vendor = make_fleet_vendor()
        make_card(vendor)
    return vendor


def only(api, **query):
    rows = api.get("/statements/", query_string=query).json["data"]
    assert len(rows) == 1, rows
    return rows[0]


def booked(company):
    with company.owner.acting():
        rows = db.session.execute(
            select(
                BookAccount.role, BookAccount.type, LedgerLine.base_amount, LedgerLine.vendor_id, LedgerEntry.entry_date
            )
            .join(BookAccount, BookAccount.id == LedgerLine.book_account_id)
            .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
            .where(LedgerEntry.source.like("trip_statement%"))
            .order_by(LedgerEntry.number, LedgerLine.line_number)
        ).all()
        return [(row.role or row.type, row.base_amount) for row in rows]


def test_a_draft_is_there_with_the_first_trip_and_follows_every_write(company, vendor):
    api = company.owner.api()
    with company.owner.acting():
        make_trip(vendor, external_id="A1", tolls="25")
    row = only(api)
    assert (row["month"], row["status"], row["trips"], row["total"]) == ("2026-03-01", "draft", 1, "329.50")
    with company.owner.acting():
        trip = make_trip(vendor, external_id="A2")
    assert only(api)["total"] == "634.00"
    api.delete(f"/trips/{trip.id}")
    assert only(api)["total"] == "329.50"
    found = api.get(f"/statements/{row['id']}").json
    assert [line["external_id"] for line in found["lines"]] == ["A1"]


def test_what_a_statement_shows_has_an_etag_of_its_own(company, vendor):
    api = company.owner.api()
    with company.owner.acting():
        make_trip(vendor, external_id="A1")
    here = f"/statements/{only(api)['id']}"
    before = [api.get(f"{here}{query}").headers["ETag"] for query in ("", "?format=csv")]
    with company.owner.acting():
        make_trip(vendor, external_id="A2")
    after = [api.get(f"{here}{query}").headers["ETag"] for query in ("", "?format=csv")]
    assert not set(before) & set(after)
    stale = api.post(f"{here}/approve", json={}, headers={"If-Match": before[0]})
    assert stale.status_code == 412, "what was looked at is not what would be approved"
    assert api.post(f"{here}/approve", json={}, headers={"If-Match": after[0]}).status_code == 200


def test_without_redis_a_statement_is_computed(company, vendor, monkeypatch):
    with company.owner.acting():
        make_trip(vendor, external_id="A1")

    def down():
        raise cache.redis.ConnectionError

    monkeypatch.setattr(cache, "client", down)
    api = company.owner.api()
    assert only(api)["total"] == "304.50"
    assert api.get(f"/statements/{only(api)['id']}?format=csv").status_code == 200
    cache.answered()


def test_a_page_of_statements_asks_the_cache_once(company, vendor, monkeypatch):
    with company.owner.acting():
        for month in range(1, 6):
            make_trip(vendor, external_id=f"A{month}", started_at=f"2026-{month:02d}-10T08:00:00", ended_at=None)
    api = company.owner.api()
    asked, real = [], cache.client

    class Counting:
        def __getattr__(self, name: str) -> object:
            asked.append(name)
            return getattr(real(), name)

    first = api.get("/statements/").json["data"]
    monkeypatch.setattr(cache, "client", Counting)
    assert api.get("/statements/").json["data"] == first
    assert len(first) == 5
    assert asked.count("mget") == 1, asked
    with company.owner.acting():
        costs = owed_costs(date(2026, 1, 1), date(2026, 5, 31))
        asked.clear()
        assert owed_costs(date(2026, 1, 1), date(2026, 5, 31)) == costs
        assert (len(costs), asked.count("mget")) == (5, 1)


def test_the_parts_of_a_month_stand_on_its_statement(company):
    with company.owner.acting():
        vendor = make_fleet_vendor(billing_model="hybrid")
        make_card(vendor, MONTHLY)
        for number in range(3):
            make_trip(vendor, external_id=f"A{number}")
    api = company.owner.api()
    found = api.get(f"/statements/{only(api)['id']}").json
    # 3 trips of 20 km at 10, the fee, and one trip beyond the two that it includes; 5% of all
    assert found["sums"][0]["trip_amount"] == "600.00"
    assert found["sums"][0]["month_amount"] == "10100.00"
    assert found["total"] == "11235.00"
    assert [one["label"] for one in found["parts"][0]["parts"]] == ["Monthly fee", "Trips beyond the fee"]
    with company.owner.acting():
        other = make_fleet_vendor("Idle Cabs", billing_model="hybrid")
        make_card(other, MONTHLY)
    made = api.post("/statements/", json={"vendor_id": str(other.id), "month": "2026-02-14"})
    assert (made.status_code, made.json["total"]) == (201, "10500.00"), "a fee is owed without a trip"


def test_approved_posted_closed_paid_and_taken_back(company, vendor):
    api = company.owner.api()
    with company.owner.acting():
        make_trip(vendor, external_id="A1", tolls="25")
        account = make_account()
        assert sum(one.amount for one in owed_costs(*MARCH)) == Decimal(315)
        assert not any(one.posted for one in owed_costs(*MARCH))
    row = only(api)
    paid_early = api.post(f"/statements/{row['id']}/pay", json={"account_id": str(account.id)})
    assert paid_early.status_code == 409
    done = api.post(f"/statements/{row['id']}/approve", json={"vendor_reference": "SC/77"})
    assert (done.status_code, done.json["status"], done.json["total"]) == (200, "approved", "329.50"), done.json
    assert booked(company) == [
        ("vehicle_hire", Decimal(290)), ("tolls_and_parking", Decimal(25)), ("input_tax", Decimal("14.5")),
        ("payables", Decimal("-329.5")),
    ]  # fmt: skip
    assert api.post(f"/statements/{row['id']}/approve", json={}).status_code == 409
    with company.owner.acting():
        assert [one for one in owed_costs(*MARCH) if not one.posted] == []
        assert sum(one.amount for one in owed_costs(*MARCH)) == Decimal(315), "spent, no longer committed"
        make_trip(vendor, external_id="A2")
    assert api.get(f"/statements/{row['id']}").json["total"] == "329.50", "what was approved stays"
    april = only(api, month="2026-04-01")
    assert (april["trips"], april["total"]) == (1, "304.50")
    paid = api.post(f"/statements/{row['id']}/pay", json={"account_id": str(account.id), "paid_on": "2026-04-10"})
    assert (paid.status_code, paid.json["status"]) == (200, "paid"), paid.json
    assert booked(company)[4:] == [("payables", Decimal("329.5")), ("asset", Decimal("-329.5"))]
    back = api.post(f"/statements/{row['id']}/unpay")
    assert (back.status_code, back.json["status"]) == (200, "approved")
    assert sum(amount for role, amount in booked(company) if role == "payables") == Decimal("-329.5")


def test_an_approved_statement_is_mailed_to_the_contacts_that_get_statements(company, vendor):
    api = company.owner.api()
    with company.owner.acting():
        make_trip(vendor, external_id="A1")
    people = {"boss@cabs.test": True, "driver@cabs.test": False, "": True}
    for email, gets in people.items():
        body = {"name": email or "No address", "email": email, "gets_statements": gets}
        assert api.post(f"/vendors/{vendor.id}/contacts", json=body).status_code == 201
    assert api.post(f"/statements/{only(api)['id']}/approve", json={}).status_code == 200
    with company.owner.acting():
        job = db.session.execute(select(Job.id).where(Job.kind == MAIL_JOB)).scalar_one()
    assert run_job(company, str(job))
    with company.owner.acting():
        assert send_statement(UUID(only(api)["id"])) == {"sent": 1}, "asked again"
    [mail] = [one for one in deliver_mails(company) if "statement" in one.subject]
    assert mail.to_address == "boss@cabs.test"
    assert "Sahyadri Cabs for March 2026:\n₹304.50 for 1 trip, payable by 30/04/2026" in mail.text_body
    assert mail.attachment_name.endswith(".pdf")
    assert not mail.is_personal


def test_a_month_that_has_not_ended_is_not_approved(company, vendor):
    with company.owner.acting():
        make_trip(vendor, started_at="2099-03-10T08:00:00", ended_at=None)
    api = company.owner.api()
    answer = api.post(f"/statements/{only(api)['id']}/approve", json={})
    assert answer.status_code == 409
    assert "has not ended" in answer.json["detail"]


def test_a_statement_in_another_currency_is_posted_at_the_rate_of_its_last_day(company, monkeypatch):
    with company.owner.acting():
        vendor = make_fleet_vendor(currency="USD")
        make_card(vendor, {"model": "trip", "currency": "USD", "per_trip": "9.99", "tax": {"percent": "7"}})
        for number in range(3):
            make_trip(vendor, external_id=f"A{number}")
    with company.owner.acting():
        db.session.execute(text("SELECT 1"))
    from tracktok.trips.services.statements import moving

    monkeypatch.setattr(moving, "_rate", lambda *_: Decimal("83.337"))
    api = company.owner.api()
    done = api.post(f"/statements/{only(api)['id']}/approve", json={})
    assert done.status_code == 200, done.json
    assert sum(amount for _, amount in booked(company)) == 0
    # Paid once the rate of that day was corrected: what is settled is what the books say is owed.
    monkeypatch.setattr(moving, "_rate", lambda *_: Decimal("84.5"))
    with company.owner.acting():
        account = str(make_account().id)
    paid = api.post(f"/statements/{only(api)['id']}/pay", json={"account_id": account, "paid_on": "2026-04-10"})
    assert paid.status_code == 200, paid.json
    assert sum(amount for role, amount in booked(company) if role == "payables") == 0


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "pdf"])
def test_files(company, vendor, file_format):
    with company.owner.acting():
        make_trip(vendor, external_id="A1", origin="=evil()", destination="दिल्ली")
    api = company.owner.api()
    row = only(api)
    answer = api.get(f"/statements/{row['id']}?format={file_format}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].endswith(f'.{file_format}"')
    if file_format == "csv":
        rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert rows[1][2] == "A1"
        assert rows[1][9] == "'=evil()"
        assert rows[-1][0] == "Total"
        assert rows[-1][-3:] == ["290.00", "14.50", "304.50"]
    else:
        assert answer.data[:4] == (b"%PDF" if file_format == "pdf" else b"PK\x03\x04")


def test_costs_and_employees_of_a_month(company, vendor):
    from tests.factories.expenses import make_project

    with company.owner.acting():
        project = make_project(name="Night shift")
        make_trip(vendor, external_id="A1", employees=["E1", "E2"], project_id=str(project.id))
        make_trip(vendor, external_id="A2", employees=["E1"])
    api = company.owner.api()
    costs = api.get("/statements/costs?month=2026-03-01").json["rows"]
    assert [(one["project"], one["trips"], one["total"]) for one in costs] == [
        ("", 1, "304.50"),
        ("Night shift", 1, "304.50"),
    ]
    made = api.post(
        "/incentive-rules/",
        json={"name": "Extra trips", "measure": "trips", "period": "monthly", "currency": "INR", "ordinary": "1",
              "tiers": [{"over": "0", "rate": "40"}], "valid_from": "2026-01-01"},
    )  # fmt: skip
    assert made.status_code == 201, made.json
    rows = {one["employee"]: one for one in api.get("/statements/employees?month=2026-03-01").json["rows"]}
    assert (rows["E1"]["trips"], rows["E1"]["hours"]) == (2, "1.50")
    assert rows["E1"]["totals"] == [{"currency": "INR", "amount": "40.00"}]
    assert rows["E2"]["totals"] == []
    browser = company.owner.browser()
    assert "Night shift" in browser.get("/statements/costs?month=2026-03").text
    assert "E1" in browser.get("/statements/employees?month=2026-03").text
    assert browser.get("/statements/employees?month=2026-03&format=csv").status_code == 200
    assert api.get("/statements/costs?month=2026-03-01&format=xlsx").status_code == 200


def test_pages_of_a_statement(company, vendor):
    browser = company.owner.browser()
    assert "No statements yet" in browser.get("/statements/").text
    with company.owner.acting():
        make_trip(vendor, external_id="A1")
        account = make_account()
    assert "304.50" in browser.get("/statements/").text
    row = only(company.owner.api())
    page = browser.get(f"/statements/{row['id']}")
    assert "What it comes to" in page.text
    approved = browser.post(f"/statements/{row['id']}/approve", data={"vendor_reference": "SC/77"})
    assert approved.status_code == 303
    refused = browser.post(f"/statements/{row['id']}/pay", data={})
    assert refused.status_code == 422
    paid = browser.post(f"/statements/{row['id']}/pay", data={"account_id": str(account.id), "paid_on": "10/04/2026"})
    assert paid.status_code == 303, paid.text
    page = browser.get(f"/statements/{row['id']}").text
    assert "Paid on" in page
    assert "SC/77" in page
    assert browser.post(f"/statements/{row['id']}/unpay").status_code == 303
    assert browser.get(f"/statements/{row['id']}/file.pdf").data[:4] == b"%PDF"
    new = browser.post("/statements/", data={"vendor_id": str(vendor.id), "month": "01/02/2026"})
    assert new.status_code == 303
    member = company.member("analyst")
    assert member.browser().get(f"/statements/{row['id']}").status_code == 200
    assert member.api().post(f"/statements/{row['id']}/approve", json={}).status_code == 403
