"""Reminders as their sender and the customer see them: one mail a day, each level once, and what stops them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import event, func, select

from tests.factories.invoices import make_buyer, make_issued_invoice
from tests.factories.notifications import deliver_mails, link_in
from tests.factories.reminders import run_reminders, switch_all_on
from tests.invoices.conftest import Billing
from tests.races.test_expenses import at_once
from tracktok.core.db import db
from tracktok.core.outbox import deliver_message, due_messages
from tracktok.core.tables import OutboxMessage
from tracktok.core.tenancy import tenant_scope
from tracktok.invoices.models import Reminder, ReminderMail
from tracktok.invoices.services import reminding
from tracktok.notifications.models import Notification

START, DUE = date(2027, 1, 4), date(2027, 1, 14)
MAIL = "ap@garden.test"


def at(day: date, clock: str = "04:00") -> Any:
    """At half past nine in India, on a day."""
    return time_machine.travel(f"{day}T{clock}:00Z", tick=False)


@pytest.fixture
def owing(billing: Billing) -> dict[str, Any]:
    """An invoice of 1,180.00 of 4 January, due on the 14th, to a customer with an address; all levels are on."""
    switch_all_on(billing.company)
    with at(START):
        return owed(billing)


def owed(billing: Billing, **over: Any) -> dict[str, Any]:
    billing.__dict__.pop("api", None)
    billing.call("PATCH", f"/customers/{billing.customer}", json={"email": MAIL})
    return billing.issued(**{"invoice_date": str(START), "due_date": str(DUE), **over})


def run_on(billing: Billing, day: date) -> list[Any]:
    """The run of a day; the mails to the customer that it wrote."""
    with at(day):
        before = {one.id for one in deliver_mails(billing.company)}
        run_reminders(billing.company)
        return [one for one in deliver_mails(billing.company) if one.id not in before and one.to_address == MAIL]


def signed_in(billing: Billing) -> Billing:
    """Who moves in time signs in anew."""
    billing.__dict__.pop("api", None)
    return billing


def test_a_mail_says_what_is_open_carries_the_file_and_leads_to_the_customers_page(billing: Billing, owing):
    [mail] = run_on(billing, DUE + timedelta(days=7))
    assert mail.subject == f"Reminder: ₹1,180.00 overdue, {owing['number']}"
    assert "₹1,180.00" in mail.text_body
    assert "14/01/2027 (7 days overdue)" in mail.text_body
    assert "Indus Logistics Private Limited" in mail.text_body
    assert mail.attachment_name == f"{owing['number']}.pdf"
    page = billing.company.owner.browser().get(link_in(mail))
    assert page.status_code == 200
    assert owing["number"] in page.text


def test_several_invoices_stand_in_one_mail_at_the_words_of_the_highest_level(billing: Billing, owing):
    with at(START):
        other = owed(signed_in(billing), due_date=str(DUE + timedelta(days=6)), line={"unit_price": "200"})
    [mail] = run_on(signed_in(billing), DUE + timedelta(days=7))
    assert mail.subject == f"Reminder: ₹3,540.00 overdue, {owing['number']} and {other['number']}"
    assert f"{other['number']}: ₹2,360.00, due 20/01/2027 (1 day overdue)" in mail.text_body
    assert mail.attachment_name == "", "both are behind the link"
    with at(DUE + timedelta(days=8)):
        names = [signed_in(billing).call("GET", f"/invoices/{one['id']}/reminders") for one in (owing, other)]
    assert [one["sent"][0]["level_name"] for one in names] == ["First reminder", "Just due"]


def test_what_was_missed_in_a_stop_is_made_up_once(billing: Billing, owing):
    [mail] = run_on(billing, DUE + timedelta(days=60))
    assert mail.subject.startswith("Final reminder")
    assert run_on(billing, DUE + timedelta(days=61)) == []


def test_contacts_that_get_reminders_get_them(billing: Billing, owing):
    with at(START):
        path = f"/customers/{billing.customer}/contacts"
        signed_in(billing).call("POST", path, 201, json={"name": "A", "email": "a@garden.test"})
        billing.call("POST", path, 201, json={"name": "B", "email": "b@garden.test", "gets_reminders": False})
    with at(DUE + timedelta(days=1)):
        run_reminders(billing.company)
        assert [one.to_address for one in deliver_mails(billing.company)] == ["a@garden.test"]


def test_without_an_address_those_who_send_are_told_once(billing: Billing, owing):
    with at(START):
        signed_in(billing).call("PATCH", f"/customers/{billing.customer}", json={"email": ""})
    for day in (1, 2):
        assert run_on(billing, DUE + timedelta(days=day)) == []
    with billing.company.owner.acting():
        told = db.session.execute(select(Notification.title).where(Notification.event == "invoice.attention")).all()
        assert [row.title for row in told] == [f"{owing['number']} could not be reminded"]
        assert db.session.execute(select(func.count()).select_from(Reminder)).scalar_one() == 0
    with at(DUE + timedelta(days=3)):
        found = signed_in(billing).call("GET", f"/invoices/{owing['id']}/reminders")
        assert (found["next"], found["rests"]) == (None, "no_address")


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements of what is done inside."""
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_a_customer_without_an_address_costs_the_same_however_much_is_due(billing: Billing, owing):
    with at(START):
        signed_in(billing).call("PATCH", f"/customers/{billing.customer}", json={"email": ""})
        ids = [owing["id"]]
        counts = []
        for wanted in (1, 8):
            ids += [billing.issued(invoice_date=str(START), due_date=str(DUE))["id"] for _ in range(wanted - len(ids))]
            with billing.company.owner.acting(), counted() as seen:
                args = UUID(billing.customer), [UUID(one) for one in ids], DUE + timedelta(days=7 + wanted)
                assert reminding.remind_customer(*args) == 0
                counts.append(len(seen))
    assert counts[0] == counts[1]
    with at(DUE + timedelta(days=30)):
        run_reminders(billing.company)
    with billing.company.owner.acting():
        told = select(Notification.title).where(Notification.event == "invoice.attention").order_by(Notification.id)
        titles = db.session.execute(told).scalars().all()
        assert ["7 more" in one for one in titles] == [False, True, True], "again when a further level comes"


def test_many_by_hand_are_read_together(billing: Billing, owing):
    others = [owing["id"]]
    with at(START):
        others += [billing.issued(invoice_date=str(START), due_date=str(DUE))["id"] for _ in range(8)]
    counts = []
    for day, ids in ((7, others[:2]), (8, others[2:8])):
        with at(DUE + timedelta(days=day)), billing.company.owner.acting(), counted() as seen:
            done = reminding.remind_many([UUID(one) for one in ids])
            assert (done.mails, done.documents) == (1, len(ids))
            counts.append(len([one for one in seen if one.lstrip().startswith("SELECT")]))
    assert counts[0] == counts[1]


def test_switched_off_nothing_goes_and_switched_on_nobody_is_mailed_about_the_past(billing: Billing, owing):
    with at(DUE):
        assert signed_in(billing).call("PUT", "/reminder-settings/", json={"is_on": False})["is_on"] is False
        assert billing.call("GET", f"/invoices/{owing['id']}/reminders")["rests"] == "off"
    assert run_on(billing, DUE + timedelta(days=8)) == []
    with at(DUE + timedelta(days=8)):
        settings = signed_in(billing).call("PUT", "/reminder-settings/", json={"is_on": True})
        assert settings == {"is_on": True, "waiting": 1}
        found = billing.call("GET", f"/invoices/{owing['id']}/reminders")["next"]
        assert (found["level_name"], found["on"]) == ("Second reminder", "2027-02-04")
        listed = billing.call("GET", "/invoices/?reminder=due")["data"]
        assert [one["id"] for one in listed] == [owing["id"]]
    assert run_on(billing, DUE + timedelta(days=9)) == []
    assert len(run_on(billing, DUE + timedelta(days=21))) == 1


def test_by_hand_the_level_that_fits_goes_and_counts(billing: Billing, owing):
    with at(DUE + timedelta(days=8)):
        path = f"/invoices/{owing['id']}"
        done = signed_in(billing).call("POST", f"{path}/remind", json={})
        assert (done["sent"][0]["level_name"], done["sent"][0]["is_automatic"]) == ("First reminder", False)
        again = billing.call("POST", f"{path}/remind", 409, json={})
        assert again["code"] == "reminded_today"
        assert billing.call("GET", "/invoices/?reminder=due")["data"] == []
        [mail] = deliver_mails(billing.company)
        assert mail.to_address == MAIL
        history = billing.company.owner.browser().get(f"/invoices/{owing['id']}")
        assert "First reminder" in history.text
    assert run_on(billing, DUE + timedelta(days=8)) == []
    assert run_on(billing, DUE + timedelta(days=20)) == []
    with at(DUE + timedelta(days=20)):
        body = {"to": ["boss@garden.test"], "subject": "{number}", "message": "Please, {customer}."}
        done = signed_in(billing).call("POST", f"/invoices/{owing['id']}/remind", json=body)
        assert done["sent"][0]["level_id"] is None, "one more, beside the level's own"
        assert done["sent"][0]["subject"] == owing["number"]
    assert len(run_on(billing, DUE + timedelta(days=21))) == 1


def test_before_it_is_due_a_reminder_by_hand_says_that_it_will_be(billing: Billing, owing):
    with at(START + timedelta(days=1)):
        done = signed_in(billing).call("POST", f"/invoices/{owing['id']}/remind", json={})
        assert done["sent"][0]["subject"] == f"{owing['number']} is due on 14/01/2027"
    with at(DUE + timedelta(days=2)):
        done = signed_in(billing).call("POST", f"/invoices/{owing['id']}/remind", json={})
        assert done["sent"][0]["subject"] == f"{owing['number']} was due on 14/01/2027"


def test_several_by_hand_one_mail_for_each_customer_and_what_rests_is_told(billing: Billing, owing):
    day = DUE + timedelta(days=8)
    with at(START):
        second, stopped = (owed(signed_in(billing)) for _ in range(2))
        draft = billing.draft()
    with at(day):
        signed_in(billing).call("POST", f"/invoices/{stopped['id']}/stop-reminders", json={})
        ids = [one["id"] for one in (owing, second, stopped, draft)]
        done = billing.call("POST", "/invoices/remind", json={"ids": ids})
        assert (done["mails"], done["documents"]) == (1, 2)
        assert [one["document"] for one in done["refused"]] == [stopped["number"], "A draft"]
        assert len(deliver_mails(billing.company)) == 1
        assert billing.call("POST", "/invoices/remind", 404, json={"ids": [str(UUID(int=5))]})["code"] == "not_found"


def test_stopped_for_an_invoice_and_for_a_customer(billing: Billing, owing):
    path = f"/invoices/{owing['id']}"
    with at(DUE):
        signed_in(billing).call("POST", f"{path}/stop-reminders", json={})
        assert billing.call("GET", f"{path}/reminders")["rests"] == "stopped"
        assert billing.call("POST", f"{path}/remind", 409, json={})["code"] == "reminder_rests"
    assert run_on(billing, DUE + timedelta(days=1)) == []
    with at(DUE + timedelta(days=2)):
        signed_in(billing).call("POST", f"{path}/resume-reminders", json={})
        billing.call("PATCH", f"/customers/{billing.customer}", json={"reminders_stopped": True})
        assert billing.call("GET", f"{path}/reminders")["rests"] == "customer_stopped"
    assert run_on(billing, DUE + timedelta(days=2)) == []
    with at(DUE + timedelta(days=2)):
        signed_in(billing).call("POST", f"{path}/remind", json={"force": True})


@pytest.mark.parametrize("words", [{"subject": "{numbr}"}, {"message": "Pay {"}, {"days": 1000}, {"name": ""}])
def test_what_is_wrong_with_a_level_is_told_at_its_field(billing: Billing, words):
    body = {"name": "Third", "days": 30, "subject": "{number}", "message": "Please.", **words}
    answer = billing.call("POST", "/reminder-levels/", 422, json=body)
    assert answer["errors"][0]["pointer"] == f"/{next(iter(words))}"


def test_levels_are_listed_made_changed_and_deleted(billing: Billing):
    rows = billing.call("GET", "/reminder-levels/")["data"]
    assert [(one["days"], one["is_active"]) for one in rows] == [
        (-3, False), (1, False), (7, True), (21, True), (45, False),
    ]  # fmt: skip
    body = {"name": "Third reminder", "days": 30, "subject": "{number}", "message": "Please pay {amount_due}."}
    made = billing.call("POST", "/reminder-levels/", 201, json=body)
    assert billing.call("POST", "/reminder-levels/", 409, json=body)["code"] == "level_taken"
    one = f"/reminder-levels/{made['id']}"
    assert billing.call("PUT", one, json={**body, "days": 35, "is_active": False})["days"] == 35
    stale = billing.api.put(one, json=body, headers={"If-Match": f'"{made["version"]}"'})
    assert stale.status_code == 412
    billing.call("DELETE", one, 204)
    billing.call("GET", one, 404)
    assert len(billing.call("GET", "/reminder-levels/")["data"]) == 5


def test_who_may_only_read_changes_and_sends_nothing(billing: Billing, owing):
    analyst = billing.company.member("analyst").api()
    assert analyst.get("/reminder-levels/").status_code == 200
    assert analyst.put("/reminder-settings/", json={"is_on": False}).status_code == 403
    assert analyst.post(f"/invoices/{owing['id']}/remind", json={}).status_code == 403
    assert analyst.post("/invoices/remind", json={"ids": [owing["id"]]}).status_code == 403


@pytest.mark.races
def test_the_run_twice_at_once_sends_once(app, billing: Billing, owing, app_context):
    with at(START):
        for _ in range(3):
            owed(signed_in(billing))
    with at(DUE + timedelta(days=7)):
        at_once(app_context, *[lambda: run_reminders(billing.company)] * 4)
        assert len(deliver_mails(billing.company)) == 1
    with billing.company.owner.acting():
        assert db.session.execute(select(func.count()).select_from(ReminderMail)).scalar_one() == 1
        assert db.session.execute(select(func.count()).select_from(Reminder)).scalar_one() == 4


@pytest.mark.races
def test_by_hand_twice_at_once_sends_once(billing: Billing, owing, app_context):
    with at(DUE + timedelta(days=7)):
        api = billing.company.owner.api()
        answers = at_once(app_context, *[lambda: api.post(f"/invoices/{owing['id']}/remind", json={})] * 3)
        assert sorted(one.status_code for one in answers) == [200, 409, 409]
        assert len(deliver_mails(billing.company)) == 1


def test_a_worker_killed_before_it_delivers_leaves_the_mail_to_the_sweep_which_sends_it_once(billing: Billing, owing):
    """What is committed is in the outbox: the sweep of another worker finds it there, as often as it looks."""
    with at(DUE + timedelta(days=7)):
        run_reminders(billing.company)  # and here the worker is gone
    with tenant_scope(billing.company.id):
        [waiting] = db.session.execute(select(OutboxMessage.id).where(OutboxMessage.delivered_at.is_(None))).scalars()
    assert (billing.company.id, waiting) in due_messages(10_000)
    with tenant_scope(billing.company.id):
        assert [deliver_message(waiting) for _ in range(3)] == [True, False, False]
    assert len(deliver_mails(billing.company)) == 1
    assert run_on(billing, DUE + timedelta(days=8)) == []


def test_one_customers_trouble_does_not_keep_another_waiting(billing: Billing, owing, monkeypatch):

    whole = reminding.remind_customer

    def broken(customer_id, ids, day):
        if str(customer_id) != billing.customer:
            raise RuntimeError("no PDF today")
        return whole(customer_id, ids, day)

    with at(START), billing.company.owner.acting():
        other = make_buyer(email="other@x.test").id
        make_issued_invoice(customer_id=other, invoice_date=str(START), due_date=str(DUE))
    with at(DUE + timedelta(days=7)):
        monkeypatch.setattr(reminding, "remind_customer", broken)
        assert run_reminders(billing.company) == {"mails": 1, "documents": 1, "failed": 1}
        monkeypatch.undo()
        assert run_reminders(billing.company) == {"mails": 1, "documents": 1, "failed": 0}


def test_a_statement_goes_by_mail(billing: Billing, owing):
    with at(DUE):
        path = f"/customers/{billing.customer}/statement/send"
        assert signed_in(billing).call("POST", path, json={})["to"] == [MAIL]
        [mail] = deliver_mails(billing.company)
        assert "Statement of account from Indus Logistics" in mail.subject
        assert "₹1,180.00 is open" in mail.text_body
        assert owing["number"] in mail.text_body
        assert billing.company.owner.browser().get(link_in(mail)).status_code == 200
        assert billing.call("POST", path, 422, json={"to": []})["errors"][0]["pointer"] == "/to"
        wrong = {"date_from": "2027-01-10", "date_to": "2027-01-01"}
        billing.call("POST", path, 422, json=wrong)
        before = {"date_from": "2026-01-01", "date_to": "2026-02-01"}
        assert billing.call("POST", path, 409, json=before)["code"] == "nothing_to_state"
