"""Trips, statements and vendors' bills in a browser: how they look, with a fleet month of the demo company."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.factories.expenses import make_account
from tests.factories.tenants import Company
from tests.factories.trips import make_card, make_fleet_vendor
from tracktok.trips.services.demo import hire_vendors
from tracktok.trips.services.demo_trips import drive

from .conftest import THEMES, Camera, routes_of, visitor

OURS = "^(trips|trip_statements|vendor_bills)"


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_pages_of_trips_look_right(app: Flask, camera: Camera, company: Company):
    with company.owner.acting():
        drive(hire_vendors(date(2026, 5, 20)), date(2026, 5, 20), make_account().id)
    looked = camera.look(
        routes_of(app, "trips", "trip_statements", "vendor_bills"),
        visitor(company.owner),
        widths=(1440, 390),
        themes=THEMES,
        only=OURS,
        every_setting=False,
    )
    assert looked > 15
    assert not camera.findings, "\n".join(str(finding) for finding in camera.findings)


def test_a_trip_is_typed_and_its_price_shown(tab: Page, camera: Camera, company: Company):
    with company.owner.acting():
        vendor = make_fleet_vendor("Balaji")
        make_card(vendor)
    tab.goto(f"{camera.url}/trips/new?vendor_id={vendor.id}")
    tab.locator("#started_at").fill("2026-03-10T08:00")
    tab.locator("#ended_at").fill("2026-03-10T07:00")
    tab.locator("#distance_km").fill("20")
    tab.get_by_role("button", name="Save trip").click()
    expect(tab.locator("#ended_at-error")).to_contain_text("before the pick-up")
    tab.locator("#ended_at").fill("2026-03-10T08:45")
    tab.get_by_role("button", name="Save trip").click()
    expect(tab.get_by_role("heading", name="How the price comes about")).to_be_visible()
    expect(tab.get_by_text("304.50").first).to_be_visible()
