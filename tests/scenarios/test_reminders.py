"""An invoice that nobody pays, morning by morning: all levels, a dispute, a promise that is broken, a payment."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from tests.factories.notifications import deliver_mails
from tests.factories.tenants import Company
from tests.scenarios.test_month import Life, start_due_of
from tracktok.core import context
from tracktok.core.context import SYSTEM
from tracktok.core.db import transaction
from tracktok.core.tenancy import tenant_scope
from tracktok.invoices.queries.documents import get_document
from tracktok.invoices.services import portal
from tracktok.invoices.tasks import REMINDERS

DUE = date(2027, 1, 14)


class Debt(Life):
    """A company, and what its customer finds in the mail."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self.seen = 0

    def morning(self, day: date) -> list[str]:
        """The ticks of a day, more than are needed; the subjects of the mails that the customer gets."""
        with self.at(f"{day}T03:35:00Z"), self.app.app_context():
            for _ in range(3):
                start_due_of(self.id, [REMINDERS])
            self.run_jobs()
            mails = [one for one in deliver_mails(self._company()) if one.to_address == "ap@garden.test"]
            found, self.seen = mails[self.seen :], len(mails)
            return [one.subject.partition(":")[0] for one in found]

    def _company(self) -> Company:
        return Company(self.id, self.name)

    def days(self, first: int, last: int) -> dict[int, list[str]]:
        """Mornings from so many days after the due date to so many, with what came; those with nothing left out."""
        found = {after: self.morning(DUE + timedelta(days=after)) for after in range(first, last + 1)}
        return {after: subjects for after, subjects in found.items() if subjects}

    def as_customer(self, day: date, call: Any) -> None:
        """What the customer does on their page."""
        inside = tenant_scope(self.id)
        with self.at(f"{day}T06:00:00Z"), self.app.app_context(), inside, context.acting(SYSTEM), transaction():
            call(get_document(UUID(self.invoice), for_update=True))

    def begin(self) -> None:
        """An invoice of 4 January; all levels are on."""
        self.register()
        customer = self.make("/customers/", name="Garden", email="ap@garden.test")["id"]
        for level in self.call("GET", "/reminder-levels/", 200)["data"]:
            words = {name: level[name] for name in ("name", "days", "subject", "message")}
            self.call("PUT", f"/reminder-levels/{level['id']}", 200, json={**words, "is_active": True})
        draft = self.make("/invoices/", customer_id=customer, invoice_date="2027-01-04", due_date=str(DUE),
                          lines=[{"description": "Cab", "unit_price": "1000"}])  # fmt: skip
        self.invoice = self.call("POST", f"/invoices/{draft['id']}/finalize", 200)["id"]
        self.customer = customer


@pytest.mark.integration
def test_an_invoice_that_nobody_pays(app: Flask):
    debt = Debt(app)
    with debt.at("2027-01-04T04:00:00Z"):
        debt.begin()
    assert {day: len(mails) for day, mails in debt.days(-9, 8).items()} == {-3: 1, 1: 1, 7: 1}

    # A dispute on the tenth day, resolved on the 30th: the second reminder, which it held back, goes at once.
    debt.as_customer(DUE + timedelta(days=10), lambda one: portal.dispute(one, "Two days are wrong"))
    assert debt.days(11, 30) == {}
    with debt.at("2027-02-13T06:00:00Z"):
        found = debt.call("GET", f"/invoices/{debt.invoice}/reminders", 200)
        assert (found["rests"], found["next"]) == ("disputed", None)
        debt.call("POST", f"/invoices/{debt.invoice}/resolve-dispute", 200, json={"answer": "They were driven"})
        found = debt.call("GET", f"/invoices/{debt.invoice}/reminders", 200)
        assert (found["next"]["level_name"], found["next"]["on"]) == ("Second reminder", "2027-02-14")
    assert debt.days(31, 43) == {31: ["Second reminder"]}

    # A promise until the 50th day, broken: on the day itself reminders rest, on the day after they go on.
    promised = DUE + timedelta(days=50)
    debt.as_customer(DUE + timedelta(days=43), lambda one: portal.promise(one, promised))
    with debt.at("2027-02-27T06:00:00Z"):
        found = debt.call("GET", f"/invoices/{debt.invoice}/reminders", 200)
        assert found["rests"] == "promised"
        assert (found["next"]["level_name"], found["next"]["on"]) == ("Final reminder", str(promised + timedelta(1)))
    assert debt.days(44, 53) == {51: ["Final reminder"]}

    # Paid: nothing comes any more, and the page has nothing to say of what comes next.
    with debt.at("2027-03-10T06:00:00Z"):
        debt.make("/receipts/", customer_id=debt.customer, amount="1000", receipt_date="2027-03-10",
                  allocations=[{"document_id": debt.invoice, "amount": "1000"}])  # fmt: skip
        found = debt.call("GET", f"/invoices/{debt.invoice}/reminders", 200)
        assert (found["rests"], found["next"], len(found["sent"])) == ("not_open", None, 5)
    assert debt.days(56, 58) == {}


@pytest.mark.integration
def test_a_stop_of_three_weeks_sends_the_highest_that_was_missed(app: Flask):
    debt = Debt(app)
    with debt.at("2027-01-04T04:00:00Z"):
        debt.begin()
    assert len(debt.days(1, 1)[1]) == 1
    assert debt.days(24, 26) == {24: ["Second reminder"]}
