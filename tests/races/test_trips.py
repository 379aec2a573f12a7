"""Trips with several at once: each is there once, and a month that closes holds what was written, once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from tests.factories.expenses import make_account
from tests.factories.imports import begin, commit, undo
from tests.factories.tenants import Company
from tests.factories.trips import BY_KM, add_version, make_card, make_fleet_vendor, make_trip
from tests.races.test_customers import together
from tracktok.core.db import db
from tracktok.trips.models import Trip, TripAdjustment, Vendor
from tracktok.trips.queries.bills import get_dispute
from tracktok.trips.queries.statements import find_statement, get_statement
from tracktok.trips.schemas.bills import AgreeIn, RejectIn
from tracktok.trips.schemas.portals import VendorDisputeIn
from tracktok.trips.schemas.statements import ApproveIn, PayIn
from tracktok.trips.schemas.trips import RerateIn
from tracktok.trips.services import bills, statements
from tracktok.trips.services.periods import hold_alone, hold_open
from tracktok.trips.services.portals import open_vendor_dispute
from tracktok.trips.services.rerating import rerate

pytestmark = [pytest.mark.integration, pytest.mark.races]
MARCH = date(2026, 3, 1)
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))")


@pytest.fixture
def vendor(company: Company) -> Vendor:
    """With a card of 50 a trip and 12 a km, 5% tax, and one trip of 304.50 in March."""
    with company.owner.acting():
        vendor = make_fleet_vendor()
        make_card(vendor)
        make_trip(vendor, external_id="A0")
    return vendor


def until_somebody_waits() -> None:
    """Keep this transaction open until another one waits for it."""
    until = time.monotonic() + 10
    while not db.session.execute(WAITING).scalar_one():
        assert time.monotonic() < until, "nobody waits"
        time.sleep(0.02)


def statement_of(vendor: Vendor) -> UUID:
    found = find_statement(vendor.id, MARCH)
    assert found is not None
    return found.id


def approve(company: Company, vendor: Vendor) -> UUID:
    with company.owner.acting():
        statement_id = statement_of(vendor)
        statements.approve_statement(statements.lock_to_approve(statement_id), ApproveIn())
    return statement_id


def test_a_trip_that_several_send_is_there_once(app: Flask, company: Company, vendor: Vendor):
    got = together(app, company, lambda _: make_trip(vendor, external_id="A1").external_id)
    assert sorted(got) == ["A1", *["trip_known"] * 5]
    [row] = company.owner.api().get("/statements/?month=2026-03-01").json["data"]
    assert (row["trips"], row["total"]) == (2, "609.00")


def test_an_approval_waits_for_who_writes_a_trip_and_holds_it(app: Flask, company: Company, vendor: Vendor):
    """Neither waits for the other in a circle: months are held first, then their statements."""
    with company.owner.acting():
        statement_id = statement_of(vendor)
    api, began = company.owner.api(), Event()

    def write() -> None:
        with app.app_context(), company.owner.acting():
            hold_open([vendor.id])
            began.set()
            until_somebody_waits()
            make_trip(vendor, external_id="A1")

    def close() -> Any:
        assert began.wait(10)
        return api.post(f"/statements/{statement_id}/approve", json={})

    with ThreadPoolExecutor(2) as pool:
        writing, closing = pool.submit(write), pool.submit(close)
        writing.result(30)
        done = closing.result(30)
    assert (done.status_code, done.json["status"], done.json["total"]) == (200, "approved", "609.00"), done.json


def test_a_closed_month_that_two_price_again_is_adjusted_once(app: Flask, company: Company, vendor: Vendor):
    approve(company, vendor)
    with company.owner.acting():
        card_id = db.session.execute(text("SELECT id FROM rate_cards")).scalar_one()
        add_version(card_id, {**BY_KM, "per_trip": "150"}, date(2026, 3, 5))
        make_trip(vendor, external_id="A1")  # the version is used already: nobody waits for its row
    body = RerateIn(vendor_id=vendor.id, date_from=MARCH, date_to=date(2026, 3, 31))
    priced = Event()

    def first() -> int:
        with app.app_context(), company.owner.acting():
            done = rerate(body)
            priced.set()
            until_somebody_waits()
            return done.adjusted

    def second() -> int:
        assert priced.wait(10)
        with app.app_context(), company.owner.acting():
            return rerate(body).adjusted

    with ThreadPoolExecutor(2) as pool:
        got = [pool.submit(first), pool.submit(second)]
        assert [one.result(30) for one in got] == [1, 0]
    with company.owner.acting():
        adjusted = db.session.execute(select(func.sum(TripAdjustment.total))).scalar_one()
    assert adjusted == Decimal(105)


def test_a_statement_that_several_pay_is_paid_once(app: Flask, company: Company, vendor: Vendor):
    statement_id = approve(company, vendor)
    with company.owner.acting():
        account_id = make_account().id
    body = PayIn(account_id=account_id, paid_on=date(2026, 4, 10))

    def pay(_: int) -> str:
        return statements.pay_statement(get_statement(statement_id, for_update=True), body).status

    assert sorted(together(app, company, pay)) == [*["illegal_status"] * 5, "paid"]


def test_two_credits_of_a_trip_at_once_come_to_what_was_agreed_last(app: Flask, company: Company, vendor: Vendor):
    with company.owner.acting():
        trip = db.session.execute(select(Trip)).scalar_one()
        ids = []
        for _ in range(2):
            body = VendorDisputeIn(claimed=Decimal(400), reason="The toll is missing")
            dispute = open_vendor_dispute(trip, body)
            ids.append(dispute.id)
            bills.reject(dispute, RejectIn())
        for one, agreed in zip(ids, (350, 330), strict=True):
            again = get_dispute(one, for_update=True)
            bills.reopen(again)
            bills.agree(again, AgreeIn(agreed=Decimal(agreed)))
    credited = Event()

    def first() -> None:
        with app.app_context(), company.owner.acting():
            bills.credit(get_dispute(ids[0], for_update=True))
            credited.set()
            until_somebody_waits()

    def second() -> None:
        assert credited.wait(10)
        with app.app_context(), company.owner.acting():
            bills.credit(get_dispute(ids[1], for_update=True))

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(first), pool.submit(second)]:
            done.result(30)
    with company.owner.acting():
        given = db.session.execute(select(TripAdjustment.total).order_by(TripAdjustment.id)).scalars().all()
    assert given == [Decimal("45.5"), Decimal(-20)]


def test_an_import_and_its_undo_wait_for_their_own_vendors_only(app: Flask, company: Company, vendor: Vendor):
    api = company.owner.api()
    content = "Trip ID,Vendor,Start,Distance (km)\nB1,Sahyadri Cabs,2026-03-10 08:00,20\n"
    found = begin(api, content, kind="trips")
    with company.owner.acting():
        other = make_fleet_vendor("Konkan Cabs").id

    def work() -> str:
        with app.app_context():
            done = commit(company, found)
            return str(undo(company, done)["status"])

    with ThreadPoolExecutor(1) as pool, company.owner.acting():
        hold_alone(other)  # somebody approves a month of another vendor
        assert pool.submit(work).result(30) == "undone"
