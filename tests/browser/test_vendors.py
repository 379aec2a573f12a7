"""Vendors and rate cards in a browser: how they look, and a card that is typed beside its worked trip."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.factories.tenants import Company
from tests.factories.vendors import make_vendor
from tracktok.trips.services.demo import hire_vendors

from .conftest import THEMES, Camera, routes_of, visitor

OURS = "^(vendors|rate_cards|incentives)"


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_pages_of_vendors_look_right(app: Flask, camera: Camera, company: Company):
    with company.owner.acting():
        hire_vendors(date(2026, 11, 20))
    looked = camera.look(
        routes_of(app, "vendors", "rate_cards", "incentives"),
        visitor(company.owner),
        widths=(1440, 390),
        themes=THEMES,
        only=OURS,
        every_setting=False,
    )
    assert looked > 10
    assert not camera.findings, "\n".join(str(finding) for finding in camera.findings)


def test_the_worked_trip_follows_the_card_that_is_typed(tab: Page, camera: Camera, company: Company):
    with company.owner.acting():
        vendor = make_vendor(name="Balaji")
    tab.goto(f"{camera.url}/rate-cards/new?vendor_id={vendor.id}")
    tab.locator("#name").fill("City")
    tab.locator("#per_trip").fill("100")
    tab.locator("#per_distance").fill("12")
    worked = tab.locator("#worked")
    expect(worked).to_contain_text("380.80")  # 100 + 18.4 x 12 + 60 of tolls
    tab.locator("#trip-distance").fill("20")
    expect(worked).to_contain_text("400.00")
    tab.locator("#per_trip").fill("ten")
    expect(tab.locator("#live-per_trip")).to_contain_text("Write a number such as")
    tab.locator("#per_trip").fill("110")
    expect(tab.locator("#live-per_trip")).to_be_empty()
    expect(worked).to_contain_text("410.00")
    expect(tab.get_by_role("heading", name="Packages")).to_be_hidden()
    tab.locator("input[name=model][value=package]").check()
    expect(tab.get_by_role("heading", name="Packages")).to_be_visible()
    tab.locator("input[name=model][value=trip]").check()
    tab.get_by_role("button", name="Save rate card").click()
    expect(tab.get_by_role("heading", name="City")).to_be_visible()
    expect(tab.locator(".tt-terms")).to_contain_text("110.00 a trip")
    tab.locator("#trip-distance").fill("5")
    expect(tab.locator("#worked")).to_contain_text("230.00")
