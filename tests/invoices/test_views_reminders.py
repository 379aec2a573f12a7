"""Pages of reminders: settings with a preview, the card of an invoice, by hand for one and for several, statements."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.factories.notifications import deliver_mails
from tests.factories.reminders import run_reminders
from tests.invoices.conftest import Billing
from tests.invoices.test_reminders import DUE, MAIL, START, at, owed, signed_in
from tracktok.invoices.queries.documents import get_document

LEVEL = {"name": "Third reminder", "days": "30", "side": "after", "subject": "{number}", "message": "Please.",
         "is_active": "true"}  # fmt: skip


@pytest.fixture
def owing(billing: Billing) -> dict[str, Any]:
    """An invoice of 4 January, due on the 14th; the levels are as a company finds them."""
    with at(START):
        billing.company.owner.api().put("/reminder-settings/", json={"is_on": False})
        billing.company.owner.api().put("/reminder-settings/", json={"is_on": True})
        return owed(billing)


def test_levels_are_made_changed_switched_and_deleted(billing: Billing):
    browser = billing.company.owner.browser()
    page = browser.get("/settings/reminders")
    assert page.status_code == 200
    assert "21 days after it was due" in page.text
    assert "3 days before it is due" in page.text
    assert browser.post("/settings/reminders", data=LEVEL).status_code == 303
    page = browser.get("/settings/reminders")
    assert "Third reminder" in page.text
    again = browser.post("/settings/reminders", data=LEVEL)
    assert again.status_code == 409
    assert "There is a reminder already: 30 days after it was due." in again.text
    wrong = browser.post("/settings/reminders", data={**LEVEL, "message": "Pay {amount}"})
    assert wrong.status_code == 422
    assert "There is no placeholder {amount}" in wrong.text
    early = browser.post("/settings/reminders", data={**LEVEL, "days": "100", "side": "before"})
    assert early.status_code == 422
    made = next(one for one in billing.call("GET", "/reminder-levels/")["data"] if one["days"] == 30)
    here = f"/settings/reminders/{made['id']}"
    assert "Third reminder" in browser.get(here).text
    form = {**LEVEL, "side": "before", "days": "5", "version": str(made["version"])}
    assert browser.post(here, data=form).status_code == 303
    assert billing.call("GET", f"/reminder-levels/{made['id']}")["days"] == -5
    assert "Somebody else has changed this" in browser.post(here, data=form).text
    browser.post(f"{here}/switch")
    assert billing.call("GET", f"/reminder-levels/{made['id']}")["is_active"] is False
    assert browser.post(f"{here}/delete").status_code == 303
    browser.get("/settings/reminders")  # which tells of it
    assert "Third reminder" not in browser.get("/settings/reminders").text


def test_the_preview_follows_what_is_typed(billing: Billing):
    browser = billing.company.owner.browser()
    query = {"subject": "{number} is late", "message": "Dear {customer},\n\npay {amount_due}.", "days": "10",
             "side": "after"}  # fmt: skip
    page = browser.get("/settings/reminders/preview", query_string=query)
    assert "INV-00042 is late" in page.text
    assert "10 days overdue" in page.text
    assert "pay ₹11,800.00." in page.text
    wrong = browser.get("/settings/reminders/preview", query_string={**query, "message": "{wrong}"})
    assert "There is no placeholder {wrong}" in wrong.text


def test_all_are_switched_off_and_on(billing: Billing):
    browser = billing.company.owner.browser()
    browser.post("/settings/reminders/switch", data={"is_on": "false"})
    assert "Reminders are off" in browser.get("/settings/reminders").text
    browser.post("/settings/reminders/switch", data={"is_on": "true"})
    assert billing.call("GET", "/reminder-settings/")["is_on"] is True


def test_an_invoice_says_what_was_sent_and_what_comes_next(billing: Billing, owing):
    here = f"/invoices/{owing['id']}"
    with at(DUE):
        page = billing.company.owner.browser().get(here)
        assert "Next: First reminder on Thu 21/01/2027" in page.text
    with at(DUE + timedelta(days=7)):
        run_reminders(billing.company)
        page = billing.company.owner.browser().get(here)
        assert "Next: Second reminder on Thu 04/02/2027" in page.text
        assert MAIL in page.text
        assert "sent “First reminder”" in page.text
    with at(DUE + timedelta(days=8)):
        browser = billing.company.owner.browser()
        browser.post(f"{here}/stop-reminders", data={"stopped": "true"})
        assert "Reminders are stopped for this document." in browser.get(here).text
        browser.post(f"{here}/stop-reminders", data={"stopped": "false"})
        assert "Next: Second reminder" in browser.get(here).text


def test_a_reminder_by_hand_shows_its_words_first(billing: Billing, owing):
    with at(DUE + timedelta(days=8)):
        browser = billing.company.owner.browser()
        page = browser.get(f"/invoices/{owing['id']}/remind")
        assert MAIL in page.text
        assert f"Reminder: ₹1,180.00 overdue, {owing['number']}" in page.text
        wrong = browser.post(f"/invoices/{owing['id']}/remind", data={"to": "nobody"})
        assert wrong.status_code == 422
        form = {"to": MAIL, "subject": "Hello {number}", "message": "Please pay."}
        assert browser.post(f"/invoices/{owing['id']}/remind", data=form).status_code == 303
        again = browser.post(f"/invoices/{owing['id']}/remind", data=form)
        assert again.status_code == 409
        assert "was reminded today already" in again.text
        [mail] = deliver_mails(billing.company)
        assert mail.subject == f"Hello {owing['number']}"


def test_what_is_due_is_found_in_the_list_and_reminded_of_at_once(billing: Billing, owing):
    with at(START):
        second = owed(signed_in(billing))
    with at(DUE + timedelta(days=30)):
        browser = billing.company.owner.browser()
        page = browser.get("/invoices?reminder=due")
        assert owing["number"] in page.text
        done = browser.post("/invoices/bulk?reminder=due", data={"action": "remind", "all": "1"})
        assert done.status_code == 303
        page = browser.get("/invoices?reminder=due")
        assert "2 invoices reminded of, in 1 mail" in page.text
        assert f'/invoices/{second["id"]}"' not in page.text
        assert len(deliver_mails(billing.company)) == 1
        again = browser.post("/invoices/bulk", data={"action": "remind", "ids": [owing["id"]]})
        assert again.status_code == 303
        assert "was reminded today already" in browser.get("/invoices").text
    with billing.company.owner.acting():
        assert get_document(UUID(owing["id"])).reminders_stopped is False


def test_a_statement_is_asked_for_and_sent(billing: Billing, owing):
    with at(DUE + timedelta(days=1)):
        browser = billing.company.owner.browser()
        page = browser.get(f"/receipts/statement/{billing.customer}/send")
        assert MAIL in page.text
        assert "₹1,180.00 is open, ₹1,180.00 of it overdue" in page.text
        form = {"to": MAIL, "subject": "Your account", "message": "Hello", "date_from": "01/01/2027",
                "date_to": "15/01/2027"}  # fmt: skip
        assert browser.post(f"/receipts/statement/{billing.customer}/send", data=form).status_code == 303
        [mail] = deliver_mails(billing.company)
        assert mail.subject == "Your account"
        wrong = browser.post(f"/receipts/statement/{billing.customer}/send", data={**form, "date_from": "20/01/2027"})
        assert wrong.status_code == 422


def test_an_analyst_reads_and_may_not_change(billing: Billing, owing):
    browser = billing.company.member("analyst").browser()
    assert "New reminder" not in browser.get("/settings/reminders").text
    assert browser.get("/settings/reminders/new").status_code == 403
    page = browser.get(f"/invoices/{owing['id']}")
    assert "Send a reminder now" not in page.text
    assert browser.get(f"/invoices/{owing['id']}/remind").status_code == 403
