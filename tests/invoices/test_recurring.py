"""Recurring invoices as their maker sees them: made on their days, once; what fails waits and is tried again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import func, select, text

from tests.conftest import ROOT
from tests.factories.customers import make_service_type, make_tax_rate
from tests.factories.notifications import deliver_mails
from tests.factories.recurring import recurring_values, run_recurring
from tests.invoices.conftest import Billing
from tests.races.test_expenses import at_once
from tracktok.core import jobs
from tracktok.core.db import db
from tracktok.core.tables import Job
from tracktok.core.tenancy import tenant_scope
from tracktok.customers.queries import get_service_type
from tracktok.customers.services import patch_service_type
from tracktok.invoices.models import RecurringRun, SalesDocument
from tracktok.invoices.services.recurring import making
from tracktok.notifications.models import Notification

START = date(2027, 1, 31)
MAIL = "ap@garden.test"


def at(day: date | str) -> Any:
    """At half past eight in the morning in India, on a day."""
    return time_machine.travel(f"{day}T03:00:00Z", tick=False)


def again(billing: Billing) -> Billing:
    """Who moves in time signs in anew."""
    billing.__dict__.pop("api", None)
    return billing


def make(billing: Billing, **over: Any) -> dict[str, Any]:
    body = recurring_values(**{"customer_id": billing.customer, **over})
    return again(billing).call("POST", "/recurring-invoices/", 201, json=body)


def run_on(billing: Billing, day: date | str) -> list[dict[str, Any]]:
    """The run of a morning, with what it starts; all that came of the company's recurring invoices, oldest first."""
    with at(day):
        run_recurring(billing.company)
        work(billing)
        rows = again(billing).call("GET", "/recurring-invoices/")["data"]
        runs = [run for one in rows for run in billing.call("GET", f"/recurring-invoices/{one['id']}/runs")["data"]]
        return sorted(runs, key=lambda one: one["period_on"])


def work(billing: Billing) -> None:
    """What waits for the worker."""
    with tenant_scope(billing.company.id):
        waiting = db.session.execute(
            select(Job.id).where(Job.status == "queued", Job.kind.like("invoices.recurring%"))
        ).scalars()
        for job_id in waiting.all():
            jobs.execute(job_id)


def invoices(billing: Billing) -> list[dict[str, Any]]:
    rows = again(billing).call("GET", "/invoices/?sort=date&limit=100")["data"]
    return [billing.call("GET", f"/invoices/{one['id']}") for one in rows]


def test_drafts_come_on_the_last_day_of_each_month_with_the_words_of_theirs(billing: Billing):
    with at("2027-01-04"):
        made = make(billing, line={"description": "Parking {month}, {period}"})
        assert (made["schedule"], made["next_on"]) == ("Every month on the last day", "2027-01-31")
        assert (made["total"], made["monthly"]) == ("1180.00", "1000.00")
        coming = billing.call("GET", f"/recurring-invoices/{made['id']}/upcoming")["data"]
        assert [one["on"] for one in coming[:4]] == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]
        assert len(coming) == 12
        assert {one["total"] for one in coming} == {"1180.00"}
    assert run_on(billing, "2027-01-30") == []
    for day in ("2027-01-31", "2027-02-27", "2027-02-28", "2027-03-31", "2027-03-31"):
        run_on(billing, day)
    with at("2027-04-01"):
        found = invoices(billing)
    assert [(one["date"], one["status"]) for one in found] == [
        ("2027-01-31", "draft"), ("2027-02-28", "draft"), ("2027-03-31", "draft"),
    ]  # fmt: skip
    assert [one["lines"][0]["description"] for one in found] == [
        "Parking January 2027, 31/01/2027 to 27/02/2027",
        "Parking February 2027, 28/02/2027 to 30/03/2027",
        "Parking March 2027, 31/03/2027 to 29/04/2027",
    ]
    with billing.company.owner.acting():
        titles = db.session.execute(select(Notification.title)).scalars().all()
        assert titles == ["A draft of “Parking” waits"] * 3


def test_finalized_and_sent_by_themselves(billing: Billing):
    with at("2027-01-04"):
        billing.call("PATCH", f"/customers/{billing.customer}", json={"email": MAIL})
        make(billing, action="send", due_days=10)
    [run] = run_on(billing, START)
    assert (run["status"], run["document_status"], run["total"], run["problem"]) == ("made", "issued", "1180.00", "")
    [mail] = deliver_mails(billing.company)
    assert (mail.to_address, mail.attachment_name) == (MAIL, f"{run['number']}.pdf")
    with at(START):
        [invoice] = invoices(billing)
        assert (invoice["due_date"], invoice["sent_at"] is not None) == ("2027-02-10", True)
        page = again(billing).company.owner.browser().get(f"/invoices/{invoice['id']}")
        assert "Parking" in page.text
    run_on(billing, START)
    assert len(deliver_mails(billing.company)) == 1


def test_what_cannot_be_sent_is_made_and_told(billing: Billing):
    with at("2027-01-04"):
        make(billing, action="send")
    [run] = run_on(billing, START)
    assert (run["status"], run["document_status"]) == ("made", "issued")
    assert "It could not be sent" in run["problem"]
    with billing.company.owner.acting():
        titles = db.session.execute(select(Notification.title)).scalars().all()
        assert titles == [f"{run['number']} could not be sent"]


def test_prices_and_taxes_are_those_of_the_day_unless_a_line_has_its_own(billing: Billing):
    with at("2027-01-04"), billing.company.owner.acting():
        periods = [{"valid_from": "2026-01-01", "percent": "12"}, {"valid_from": "2027-02-15", "percent": "18"}]
        rate = make_tax_rate(periods=periods)
        service = make_service_type(unit_price="100.00", tax_rate_id=rate.id)
        service_id = service.id
    with at("2027-01-04"):
        lines = [{"service_type_id": str(service_id)}, {"service_type_id": str(service_id), "unit_price": "70.00"}]
        made = make(billing, lines=lines)
        coming = billing.call("GET", f"/recurring-invoices/{made['id']}/upcoming")["data"]
        assert [one["total"] for one in coming[:2]] == ["190.00", "201.00"], "the rate of 15 February is known"
    run_on(billing, START)
    with at("2027-02-01"), billing.company.owner.acting():
        patch_service_type(get_service_type(service_id, for_update=True), {"unit_price": Decimal(200)})
    run_on(billing, "2027-02-28")
    with at("2027-03-01"):
        first, second = invoices(billing)
    assert [one["unit_price"] for one in first["lines"]] == ["100.00", "70.00"]
    assert [one["tax_rate"] for one in first["lines"]] == ["12", "12"]
    assert [one["unit_price"] for one in second["lines"]] == ["200.00", "70.00"]
    assert [one["tax_rate"] for one in second["lines"]] == ["18", "18"]


def test_without_a_rate_of_exchange_it_fails_is_told_once_and_made_when_the_rate_is_known(billing: Billing):
    with at("2027-01-04"):
        made = make(billing, currency="KWD", action="finalize")
        assert made["total"] == "0.000"
    [run] = run_on(billing, START)
    assert (run["status"], run["problem_code"]) == ("failed", "rate_missing")
    assert run["problem"] == "No rate from KWD to INR is known for 31/01/2027."  # and nothing about entering one
    run_on(billing, "2027-02-01")
    with billing.company.owner.acting():
        titles = db.session.execute(select(Notification.title)).scalars().all()
        assert titles == ["“Parking” of 2027-01-31 was not made"]
    with at("2027-02-01"):
        listed = again(billing).call("GET", "/recurring-invoices/?status=failed")["data"]
        assert [(one["id"], one["failed"]) for one in listed] == [(made["id"], 1)]
        retry = f"/recurring-invoices/{made['id']}/runs/{run['id']}/retry"
        assert billing.call("POST", retry, json={})["status"] == "failed"
        body = recurring_values(customer_id=billing.customer, currency="INR", action="finalize")
        billing.call("PUT", f"/recurring-invoices/{made['id']}", json=body)
        done = billing.call("POST", retry, json={})
        assert (done["status"], done["attempts"]) == ("made", 4)
        assert billing.call("POST", retry, 409, json={})["code"] == "not_failed"
        [invoice] = invoices(billing)
        assert invoice["date"] == "2027-01-31"


def test_a_credit_limit_holds_it_until_somebody_says_otherwise(billing: Billing):
    with at("2027-01-04"):
        billing.call("PATCH", f"/customers/{billing.customer}", json={"credit_limit": "1000"})
        made = make(billing, action="finalize")
    [run] = run_on(billing, START)
    assert (run["status"], run["problem_code"]) == ("failed", "credit_limit")
    assert "more than the credit limit" in run["problem"]
    with at(START):
        assert invoices(billing) == [], "neither a number nor an entry is left behind"
        path = f"/recurring-invoices/{made['id']}/runs/{run['id']}/retry"
        done = billing.call("POST", path, json={"force": True})
        assert (done["status"], done["number"]) == ("made", "INV-26-IND-00001")


def test_a_customer_who_is_gone_and_a_period_that_is_left_out(billing: Billing):
    with at("2027-01-04"):
        made = make(billing)
        again(billing).call("DELETE", f"/customers/{billing.customer}", 204)
    [run] = run_on(billing, START)
    assert (run["status"], run["problem"]) == ("failed", "There is no such customer.")
    with at(START):
        path = f"/recurring-invoices/{made['id']}/runs/{run['id']}"
        assert again(billing).call("POST", f"{path}/skip")["status"] == "skipped"
        billing.call("POST", f"{path}/skip", 409)
        page = billing.company.owner.browser().get(f"/recurring-invoices/{made['id']}")
        assert page.status_code == 200


def test_a_series_that_has_ended_fails_and_nothing_is_lost(billing: Billing):
    with at("2027-01-04"):
        billing.issued(invoice_date="2027-01-04")
        made = make(billing, action="finalize", starts_on="2027-01-31")
    with billing.company.owner.acting():
        db.session.execute(text("UPDATE number_series SET last_value = 99999"))
    [run] = run_on(billing, START)
    assert (run["status"], run["problem_code"]) == ("failed", "series_ended")
    assert made["status"] == "active"
    runs = run_on(billing, "2027-02-28")
    assert [(one["period_on"], one["status"]) for one in runs] == [("2027-01-31", "failed"), ("2027-02-28", "failed")]


def test_after_a_stop_all_that_was_missed_is_made_on_its_days(billing: Billing):
    with at("2027-01-04"):
        make(billing, action="finalize")
    runs = run_on(billing, "2027-05-02")
    assert [one["period_on"] for one in runs] == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]
    assert {one["status"] for one in runs} == {"made"}


@pytest.mark.parametrize(("missed", "expected"), [("skip", ["skipped", "skipped", "made"]), ("make_up", ["made"] * 3)])
def test_paused_nothing_is_made_and_what_was_missed_is_skipped_or_made_up(billing: Billing, missed, expected):
    with at("2027-01-04"):
        made = make(billing)
        path = f"/recurring-invoices/{made['id']}"
        billing.call("POST", f"{path}/pause")
        billing.call("POST", f"{path}/pause", 409)
    assert run_on(billing, "2027-02-28") == []
    with at("2027-03-15"):
        assert again(billing).call("GET", "/recurring-invoices/")["monthly_revenue"] == "0.00"
        resumed = billing.call("POST", f"{path}/resume", json={"missed": missed})
        assert resumed["status"] == "active"
        work(billing)
        assert billing.call("GET", path)["next_on"] == "2027-03-31"
    runs = run_on(billing, "2027-03-31")
    assert [one["status"] for one in runs] == expected


def test_the_next_is_skipped_and_it_ends(billing: Billing):
    with at("2027-01-04"):
        made = make(billing, most=3)
        path = f"/recurring-invoices/{made['id']}"
        assert billing.call("POST", f"{path}/skip-next")["next_on"] == "2027-02-28"
    run_on(billing, "2027-02-28")
    runs = run_on(billing, "2027-06-30")
    assert [one["status"] for one in runs] == ["skipped", "made", "made"]
    with at("2027-07-01"):
        ended = again(billing).call("GET", path)
        assert (ended["status"], ended["next_on"]) == ("ended", None)
        billing.call("POST", f"{path}/skip-next", 409)
        billing.call("POST", f"{path}/end", 409)
        body = recurring_values(customer_id=billing.customer)
        assert billing.call("PUT", path, 409, json=body)["code"] == "recurring_stopped"


def test_what_falls_on_today_is_made_at_once_and_no_day_before_it(billing: Billing):
    with at("2027-03-31"):
        make(billing)
        work(billing)
        found = invoices(billing)
        assert [one["date"] for one in found] == ["2027-03-31"]


def test_changed_it_goes_on_by_the_new_days_and_bills_no_day_twice(billing: Billing):
    with at("2027-01-04"):
        made = make(billing)
    run_on(billing, START)
    with at(START):
        body = recurring_values(customer_id=billing.customer, unit="week", starts_on="2027-01-31", every=2)
        changed = again(billing).call("PUT", f"/recurring-invoices/{made['id']}", json=body)
        assert changed["next_on"] == "2027-02-14"
        stale = billing.api.put(f"/recurring-invoices/{made['id']}", json=body, headers={"If-Match": '"1"'})
        assert stale.status_code == 412


def test_an_invoice_is_repeated(billing: Billing):
    with at("2027-01-04"):
        invoice = again(billing).issued(invoice_date="2027-01-04", discount_percent="10", notes="Thank you")
        body = {"starts_on": "2027-02-04", "unit": "year", "name": "Each year"}
        made = billing.call("POST", f"/invoices/{invoice['id']}/repeat", 201, json=body)
        assert (made["customer_id"], made["total"]) == (billing.customer, invoice["total"])
        assert made["body"]["notes"] == "Thank you"
        assert made["schedule"] == "Every year on 4 February"
        assert again(billing).call("GET", "/recurring-invoices/")["monthly_revenue"] == "75.00"


@pytest.mark.parametrize(
    ("over", "pointer"),
    [
        ({"ends_on": "2026-01-01"}, "/ends_on"),
        ({"every": 0}, "/every"),
        ({"unit": "hour"}, "/unit"),
        ({"anchor_day": 32}, "/anchor_day"),
        ({"line": {"description": "{mont}"}}, "/lines"),
        ({"customer_id": str(UUID(int=1))}, "/customer_id"),
        ({"lines": []}, "/lines"),
        ({"line": {"description": ""}}, "/lines/0/description"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(billing: Billing, over, pointer):
    body = recurring_values(**{"customer_id": billing.customer, **over})
    answer = billing.call("POST", "/recurring-invoices/", 422, json=body)
    assert answer["errors"][0]["pointer"] == pointer


def test_who_may_only_read_or_draft_does_not_more(billing: Billing):
    made = make(billing)
    analyst = billing.company.member("analyst").api()
    path = f"/recurring-invoices/{made['id']}"
    assert analyst.get(path).status_code == 200
    assert analyst.post(f"{path}/pause").status_code == 403
    assert analyst.post("/recurring-invoices/", json=recurring_values(customer_id=billing.customer)).status_code == 403


@pytest.mark.races
def test_two_workers_at_once_make_each_period_once(billing: Billing, app_context):
    with at("2027-01-04"):
        for _ in range(3):
            make(billing, action="finalize")
    with at("2027-03-01"):
        at_once(app_context, *[lambda: run_recurring(billing.company)] * 4)
        found = invoices(billing)
        assert len(found) == 6
        assert sorted(one["number"] for one in found) == [f"INV-26-IND-{at:05d}" for at in range(1, 7)]
    with billing.company.owner.acting():
        assert db.session.execute(select(func.count()).select_from(RecurringRun)).scalar_one() == 6


@pytest.mark.races
def test_tried_again_by_two_at_once_it_is_made_once(billing: Billing, app_context):
    with at("2027-01-04"):
        billing.call("PATCH", f"/customers/{billing.customer}", json={"credit_limit": "1"})
        made = make(billing, action="finalize")
    [run] = run_on(billing, START)
    with at(START):
        api = again(billing).api
        path = f"/recurring-invoices/{made['id']}/runs/{run['id']}/retry"
        answers = at_once(app_context, *[lambda: api.post(path, json={"force": True})] * 3)
        assert sorted(one.status_code for one in answers) == [200, 409, 409]
        assert len(invoices(billing)) == 1


def test_a_defect_stands_as_failed_and_the_others_are_made(billing: Billing, monkeypatch):
    with at("2027-01-04"):
        broken = make(billing, name="Broken")
        make(billing, name="Whole")
    whole = making.invoice_of

    def breaks(recurring, index):
        if str(recurring.id) == broken["id"]:
            raise RuntimeError("a defect")
        return whole(recurring, index)

    monkeypatch.setattr(making, "invoice_of", breaks)
    runs = run_on(billing, START)
    assert sorted((one["status"], one["problem_code"]) for one in runs) == [("failed", "internal"), ("made", "")]
    monkeypatch.undo()
    assert {one["status"] for one in run_on(billing, START + timedelta(days=1))} == {"made"}


KILLED = """
import sys, time
from uuid import UUID
from tracktok.app import create_app
from tracktok.core.tenancy import tenant_scope
from tracktok.invoices.services import recurring
from tracktok.invoices.signals import document_finalized

def stay(_sender, document):
    print(document.number, flush=True)
    time.sleep(60)

document_finalized.connect(stay)
app = create_app()
with app.app_context(), tenant_scope(UUID(sys.argv[1])):
    from datetime import date
    recurring.run_recurring(UUID(sys.argv[2]), date(2030, 1, 1))
"""


@pytest.mark.integration
def test_a_worker_that_is_killed_in_the_middle_leaves_the_period_to_the_next(billing: Billing):
    made = make(billing, action="finalize", starts_on="2027-01-31")
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(billing.company.id), made["id"]],
        cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    taken = process.stdout.readline().strip()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert taken.endswith("00001")
    [run] = run_on(billing, START)
    assert (run["status"], run["number"]) == ("made", taken)
    with billing.company.owner.acting():
        assert db.session.execute(select(func.count()).select_from(SalesDocument)).scalar_one() == 1
