"""The pages of outsiders as they see them, and those from which they are let in: WCAG, no cut text, nothing odd."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from tests.factories.customers import make_service_type
from tests.factories.documents import make_pdf
from tests.factories.invoices import ensure_biller, make_buyer
from tests.factories.portals import make_employee
from tests.factories.tenants import Company
from tests.factories.trips import make_card, make_fleet_vendor, make_trip
from tracktok.core import clock
from tracktok.trips.schemas.incentives import IncentiveRuleIn
from tracktok.trips.schemas.mileage import MileageRateIn
from tracktok.trips.services.incentives import create_incentive_rule
from tracktok.trips.services.mileage import add_rate

from .conftest import THEMES, Camera, routes_of, visitor

WIDE_AND_NARROW = (1440, 390)
LONG = "Nagasandra and Peenya Industrial Area, second phase, gate 14 beside the weighbridge"


@pytest.fixture
def busy(company: Company) -> Company:
    """A vendor with trips of this month, one of them disputed and answered, and an employee who was driven."""
    today = clock.today("Asia/Kolkata")
    with company.owner.acting():
        ensure_biller()
        buyer = make_buyer(name="Bluewater Travel and Transport Private Limited")
        make_service_type(name="Staff transport", unit="km", unit_price="15")
        vendor = make_fleet_vendor("Sahyadri Cabs and Coaches, Kolhapur")
        make_card(vendor)
        employee = make_employee("Asha Rao", code="E-17", email="asha@acme.test")
        add_rate(MileageRateIn.model_validate({"valid_from": date(2026, 1, 1), "rate": "9.5"}))
        rule = {"name": "Extra trips", "measure": "trips", "period": "monthly", "ordinary": "1",
                "tiers": [{"over": "0", "rate": "40"}], "valid_from": "2026-01-01"}  # fmt: skip
        create_incentive_rule(IncentiveRuleIn.model_validate(rule))
        for number in range(1, 8):
            trip = make_trip(
                vendor, external_id=f"S-{number}", started_at=f"{today}T0{number}:00:00", customer_id=buyer.id,
                ended_at=f"{today}T0{number}:45:00", employees=["E-17"], destination=LONG if number == 3 else "Hebbal",
                driver="Manjunath Gowda", distance_km=str(number * 137),
            )  # fmt: skip
        make_trip(make_fleet_vendor("Without a card"), external_id="X-1")
        vendor_id, employee_id, trip_id = vendor.id, employee.id, trip.id
    person = company.outsider("vendor", vendor_id)
    company.members["firm"], company.members["driven"] = person, company.outsider("employee", employee_id)
    sent = {"claimed": "4350", "reason": f"The toll at {LONG} is missing", "file": (make_pdf(), "toll receipt.pdf")}
    made = person.api().post(f"/vendor-portal/trips/{trip_id}/dispute", data=sent)
    dispute = made.json["id"]
    company.owner.api().post(f"/trip-disputes/{dispute}/messages", json={"said": "Which toll, and on which day?"})
    return company


def told(camera: Camera) -> str:
    return "\n".join(str(one) for one in camera.findings)


@pytest.mark.slow
def test_pages_of_a_vendor(app: Flask, camera: Camera, busy: Company):
    person = visitor(busy.members["firm"])
    looked = camera.look(
        routes_of(app, "vendor_portal"),
        person,
        widths=WIDE_AND_NARROW,
        themes=THEMES,
        only=r"^vendor_portal\.",
        every_setting=False,
    )
    assert looked >= 7
    assert not camera.findings, told(camera)


@pytest.mark.slow
def test_pages_of_an_employee_and_of_nobody_yet(app: Flask, camera: Camera, busy: Company):
    with busy.owner.acting():
        vendor = make_fleet_vendor("New vendor").id
        employee = make_employee("Nobody Yet").id
    for person in (busy.outsider("employee", employee), busy.outsider("vendor", vendor), busy.members["driven"]):
        only = r"^(employee|vendor)_portal\."
        looked = camera.look(
            routes_of(app, "vendor_portal", "employee_portal"),
            visitor(person),
            widths=WIDE_AND_NARROW,
            themes=THEMES[:1],
            only=only,
            every_setting=False,
        )
        assert looked >= 1
    assert not camera.findings, told(camera)


@pytest.mark.slow
def test_pages_from_which_they_are_let_in(app: Flask, camera: Camera, busy: Company):
    only = r"^(employees\.|vendors\.people|trips\.(index|show|mileage)|invoices\.trips|vendor_bills\.show_dispute)"
    looked = camera.look(
        routes_of(app, "employees", "vendors", "trips", "invoices", "vendor_bills"),
        visitor(busy.owner),
        widths=WIDE_AND_NARROW,
        themes=THEMES[:1],
        only=only,
        every_setting=False,
    )
    assert looked >= 6
    assert not camera.findings, told(camera)
