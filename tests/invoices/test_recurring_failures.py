"""What fails of recurring invoices stands in its period, leaves the others alone, and is tried again or left out."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, text

from tests.invoices.conftest import Billing
from tests.invoices.test_recurring import START, again, at, invoices, make, run_on
from tracktok.core.context import Actor
from tracktok.core.db import db
from tracktok.core.ids import new_id
from tracktok.invoices.models import RecurringRun
from tracktok.invoices.services.recurring import making
from tracktok.notifications.models import Notification


def test_who_may_not_issue_lets_none_be_issued_by_pages_or_api(billing: Billing, monkeypatch):
    with at("2027-01-04"):
        billing.call("PATCH", f"/customers/{billing.customer}", json={"credit_limit": "1"})
        made = make(billing, action="finalize")
    [run] = run_on(billing, START)
    path = f"/recurring-invoices/{made['id']}"
    with at(START):
        again(billing).call("POST", f"{path}/pause")
        browser = billing.company.owner.browser()
        kept = Actor.may
        monkeypatch.setattr(Actor, "may", lambda who, name: name != "invoices.finalize" and kept(who, name))
        for there in ("resume", f"runs/{run['id']}/retry"):
            assert browser.post(f"{path}/{there}", data={"missed": "make_up", "force": "true"}).status_code == 403
            assert billing.api.post(f"{path}/{there}", json={}).status_code == 403
        assert billing.call("GET", path)["status"] == "paused"


def test_a_period_before_the_latest_two_hundred_is_tried_again(billing: Billing):
    with at("2027-01-04"):
        billing.call("PATCH", f"/customers/{billing.customer}", json={"credit_limit": "1000"})
        made = make(billing, action="finalize")
    [run] = run_on(billing, START)
    with at(START), billing.company.owner.acting():
        for number in range(200):
            day = START + timedelta(days=1 + number)
            db.session.add(
                RecurringRun(
                    id=new_id(),
                    recurring_id=UUID(made["id"]),
                    period_on=day,
                    period_index=900 + number,
                    status="skipped",
                )
            )
        db.session.commit()
        billing.call("PATCH", f"/customers/{billing.customer}", json={"credit_limit": None})
    with at(START):
        done = again(billing).call("POST", f"/recurring-invoices/{made['id']}/runs/{run['id']}/retry", json={})
        assert (done["id"], done["status"]) == (run["id"], "made")


def test_a_defect_of_one_period_leaves_the_others_of_the_run_as_they_are(billing: Billing, monkeypatch):
    with at("2027-01-04"):
        make(billing, action="finalize")
    whole = making.invoice_of

    def breaks(recurring, index):
        if index == 1:
            raise RuntimeError("a defect")
        return whole(recurring, index)

    monkeypatch.setattr(making, "invoice_of", breaks)
    runs = run_on(billing, "2027-03-31")
    assert [(one["period_on"], one["status"], one["problem_code"]) for one in runs] == [
        ("2027-01-31", "made", ""), ("2027-02-28", "failed", "internal"), ("2027-03-31", "made", ""),
    ]  # fmt: skip
    with billing.company.owner.acting():
        titles = db.session.execute(select(Notification.title)).scalars().all()
        assert titles == ["“Parking” of 2027-02-28 was not made"]
    monkeypatch.undo()
    assert {one["status"] for one in run_on(billing, "2027-03-31")} == {"made"}


def test_a_statement_that_the_database_refuses_leaves_the_others_of_the_run_as_they_are(billing: Billing, monkeypatch):
    with at("2027-01-04"):
        make(billing, action="finalize")
    whole = making.invoice_of

    def breaks(recurring, index):
        made = whole(recurring, index)
        if index == 1:
            db.session.execute(text("SELECT 1 / 0"))
        return made

    monkeypatch.setattr(making, "invoice_of", breaks)
    runs = run_on(billing, "2027-03-31")
    assert [(one["status"], one["problem_code"]) for one in runs] == [
        ("made", ""),
        ("failed", "internal"),
        ("made", ""),
    ]
    assert len(invoices(billing)) == 2
    monkeypatch.undo()
    assert {one["status"] for one in run_on(billing, "2027-03-31")} == {"made"}


def test_a_placeholder_that_grows_beyond_its_field_is_told_and_the_page_opens(billing: Billing):
    with at("2027-01-04"):
        reference = "x" * 87 + " {month}"  # 100 characters in January, one too many in February
        made = make(billing, reference=reference, action="finalize")
        page = billing.company.owner.browser().get(f"/recurring-invoices/{made['id']}")
        assert page.status_code == 200
        coming = billing.call("GET", f"/recurring-invoices/{made['id']}/upcoming")["data"]
        assert [bool(one["problem"]) for one in coming[:5]] == [False, True, False, False, False]
    runs = run_on(billing, "2027-04-30")
    assert [one["status"] for one in runs] == ["made", "failed", "made", "made"]
    assert runs[1]["problem"].startswith("Reference: ")


def test_ended_by_hand_nothing_that_failed_is_tried_again(billing: Billing):
    with at("2027-01-04"):
        billing.call("PATCH", f"/customers/{billing.customer}", json={"credit_limit": "1000"})
        made = make(billing, action="finalize")
        path = f"/recurring-invoices/{made['id']}"
    [run] = run_on(billing, START)
    assert run["status"] == "failed"
    with at(START):
        again(billing).call("POST", f"{path}/end")
        billing.call("PATCH", f"/customers/{billing.customer}", json={"credit_limit": None})
    [run] = run_on(billing, "2027-02-01")
    assert run["status"] == "skipped"
    with at("2027-02-01"):
        assert invoices(billing) == []
        assert again(billing).call("POST", f"{path}/runs/{run['id']}/retry", 409, json={})["code"] == "not_failed"


def test_what_failed_in_the_last_period_is_tried_again_though_it_has_run_out(billing: Billing):
    with at("2027-01-04"):
        billing.call("PATCH", f"/customers/{billing.customer}", json={"credit_limit": "1000"})
        made = make(billing, action="finalize", most=1)
    run_on(billing, START)
    with at(START):
        assert again(billing).call("GET", f"/recurring-invoices/{made['id']}")["status"] == "ended"
        billing.call("PATCH", f"/customers/{billing.customer}", json={"credit_limit": None})
    assert [one["status"] for one in run_on(billing, "2027-02-01")] == ["made"]
