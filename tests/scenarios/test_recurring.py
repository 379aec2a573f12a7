"""Invoices that come again, morning by morning: over 31 January to 31 March, and over 29 February."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories.notifications import deliver_mails
from tests.factories.tenants import Company
from tests.invoices.books import check_receivables
from tests.scenarios.test_month import Life, start_due_of
from tracktok.core import context
from tracktok.core.context import SYSTEM
from tracktok.core.tenancy import tenant_scope
from tracktok.invoices.tasks import RECURRING


class Landlord(Life):
    """A company that bills rent."""

    def begin(self, **over: Any) -> str:
        """A recurring invoice; its id."""
        self.register()
        customer = self.make("/customers/", name="Tenant", email="ap@tenant.test")["id"]
        body = {"customer_id": customer, "lines": [{"description": "Rent {month}", "unit_price": "1000"}], **over}
        return str(self.make("/recurring-invoices/", **body)["id"])

    def mornings(self, first: date, last: date) -> None:
        """Each morning at six the ticks of a day, and what they start."""
        day = first
        while day <= last:
            with self.at(f"{day}T00:35:00Z"), self.app.app_context():
                for _ in range(2):
                    start_due_of(self.id, [RECURRING])
                self.run_jobs()
                self.run_jobs()  # what the first started: mails
            day += timedelta(days=1)

    def invoices(self, instant: str) -> list[Any]:
        with self.at(instant):
            rows = self.call("GET", "/invoices/?sort=date&limit=100", 200)["data"]
            return [self.call("GET", f"/invoices/{one['id']}", 200) for one in rows]


@pytest.mark.integration
def test_from_31_january_to_31_march(app: Flask):
    life = Landlord(app)
    with life.at("2027-01-25T04:00:00Z"):
        life.begin(starts_on="2027-01-31", action="send")
    life.mornings(date(2027, 1, 29), date(2027, 4, 2))
    found = life.invoices("2027-04-03T04:00:00Z")
    assert [(one["date"], one["lines"][0]["description"]) for one in found] == [
        ("2027-01-31", "Rent January 2027"),
        ("2027-02-28", "Rent February 2027"),
        ("2027-03-31", "Rent March 2027"),
    ]
    assert all(one["status"] == "issued" and one["sent_at"] for one in found)
    with app.app_context():
        mails = [one for one in deliver_mails(Company(life.id, life.name)) if one.to_address == "ap@tenant.test"]
        assert [one.attachment_name for one in mails] == [f"{one['number']}.pdf" for one in found]
        with tenant_scope(life.id), context.acting(SYSTEM):
            check_receivables()


@pytest.mark.integration
def test_over_29_february(app: Flask):
    life = Landlord(app)
    with life.at("2028-01-25T04:00:00Z"):
        template = life.begin(starts_on="2028-01-30", action="finalize", most=3)
    life.mornings(date(2028, 2, 28), date(2028, 3, 1))
    life.mornings(date(2028, 3, 29), date(2028, 3, 31))
    found = life.invoices("2028-04-01T04:00:00Z")
    assert [one["date"] for one in found] == ["2028-01-30", "2028-02-29", "2028-03-30"], "that of a stop made up"
    with life.at("2028-04-01T04:00:00Z"):
        assert life.call("GET", f"/recurring-invoices/{template}", 200)["status"] == "ended"


@pytest.mark.integration
def test_each_29_february_and_the_28th_between(app: Flask):
    life = Landlord(app)
    with life.at("2028-02-20T04:00:00Z"):
        life.begin(starts_on="2028-02-29", unit="year", action="finalize")
    for year in (2028, 2029, 2032):
        life.mornings(date(year, 2, 28), date(year, 3, 1))
    found = life.invoices("2032-04-01T04:00:00Z")
    assert [one["date"] for one in found] == ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]
