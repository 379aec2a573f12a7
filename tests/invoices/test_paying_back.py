"""Money that goes back by the provider that it came by, and payments of which nothing was heard."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.invoices.books import check_receivables
from tests.invoices.conftest import Billing
from tests.invoices.test_paying import (  # noqa: F401 - fixtures
    RZP_SECRET,
    Paying,
    Server,
    go_to_pay,
    paid_by,
    server,
    stripe,
    tell,
)
from tests.invoices.test_portal import Portal, words
from tests.races.test_expenses import at_once
from tracktok.core import clock
from tracktok.core.db import db
from tracktok.core.outbox import deliver_message
from tracktok.core.tables import OutboxMessage
from tracktok.core.tenancy import tenant_scope
from tracktok.invoices.models import Payment, PaymentEvent
from tracktok.invoices.services import paying
from tracktok.invoices.services.paying.starting import WAITS
from tracktok.notifications.models import Notification


@pytest.fixture
def receipt(paid_by: Paying) -> str:  # noqa: F811
    """A receipt of 1,180.00 by Stripe that pays nothing any more."""
    paid_by.tell(paid_by.event())
    [made] = paid_by.receipts()
    paid_by.billing.call("POST", f"/receipts/{made.id}/unallocate", json={})
    return str(made.id)


def refunds(server: Server) -> list[Any]:  # noqa: F811
    return [one for one in server.asked if one[0].endswith(("/refunds", "/refund"))]


def later(company: Any, kind: str) -> list[str]:
    """Carry out what waits of a kind, as the sweep does once its time has come; what each came to."""
    with tenant_scope(company.id):
        due = update(OutboxMessage).where(OutboxMessage.kind == kind, OutboxMessage.delivered_at.is_(None))
        db.session.execute(due.values(available_at=clock.now() - timedelta(seconds=1)))
        db.session.commit()
        waiting = select(OutboxMessage.id).where(OutboxMessage.kind == kind, OutboxMessage.delivered_at.is_(None))
        ids = list(db.session.execute(waiting).scalars())
        return [str(deliver_message(one)) for one in ids]


def test_money_goes_back_in_parts_and_never_more_than_is_left(paid_by: Paying, receipt: str, stripe: Server):  # noqa: F811
    call = paid_by.billing.call
    done = call("POST", f"/receipts/{receipt}/refund-online", 201, json={"amount": "180.00", "reason": "Late"})
    assert (done["status"], done["provider"], done["method"], done["amount"]) == ("done", "stripe", "online", "180.00")
    assert refunds(stripe)[0][2] == {
        "payment_intent": f"pi_{paid_by.payment_id}", "amount": "18000", "metadata[refund_id]": done["id"],
        "metadata[tenant_id]": str(paid_by.billing.company.id),
    }  # fmt: skip
    assert refunds(stripe)[0][1]["Idempotency-Key"] == f"refund:{done['id']}"
    assert call("GET", f"/receipts/{receipt}")["unallocated_amount"] == "1000.00"
    much = call("POST", f"/receipts/{receipt}/refund-online", 409, json={"amount": "1000.01"})
    assert much["errors"][0]["pointer"] == "/amount"
    assert call("POST", f"/receipts/{receipt}/refund-online", 422, json={"amount": "0"})["errors"]
    assert call("POST", f"/receipts/{receipt}/refund-online", 201, json={})["amount"] == "1000.00"
    assert call("POST", f"/receipts/{receipt}/refund-online", 409, json={})["code"] == "not_enough_left"
    assert call("POST", f"/refunds/{done['id']}/take-back", 409)["code"] == "refunded_online"
    assert later(paid_by.billing.company, "payment.refund") == ["True", "True"]
    assert len(refunds(stripe)) == 2, "what the request has told is not told again"
    by_hand = {"customer_id": paid_by.billing.customer, "receipt_date": "2026-11-21", "amount": "10.00"}
    cash = call("POST", "/receipts/", 201, json=by_hand)
    assert call("POST", f"/receipts/{cash['id']}/refund-online", 409, json={})["code"] == "not_payable"
    member = paid_by.billing.company.member("analyst").api()
    assert member.post(f"/receipts/{receipt}/refund-online", json={}).status_code == 403
    with paid_by.billing.company.owner.acting():
        check_receivables()


def test_what_the_provider_refuses_is_said_and_is_left_as_it_was(paid_by: Paying, receipt: str, stripe: Server):  # noqa: F811
    stripe.broken = True
    call = paid_by.billing.call
    done = call("POST", f"/receipts/{receipt}/refund-online", 201, json={"amount": "180.00"})
    assert (done["status"], done["failure"]) == ("failed", "Stripe says: No")
    assert call("GET", f"/receipts/{receipt}")["unallocated_amount"] == "1180.00"
    assert later(paid_by.billing.company, "payment.refund") == ["True"]
    with paid_by.billing.company.owner.acting():
        titles = db.session.execute(select(Notification.title)).scalars().all()
        assert any("was refused" in one for one in titles)
        check_receivables()
    browser = paid_by.billing.company.owner.browser()
    assert browser.post(f"/receipts/{receipt}/refund-online", data={"amount": "5"}).status_code == 303
    page = words(browser.get(f"/receipts/{receipt}"))
    assert "Nothing was given back. Stripe says: No" in page
    assert "Refused" in page


def test_a_provider_that_is_down_is_told_later(paid_by: Paying, receipt: str, stripe: Server):  # noqa: F811
    stripe.down = True
    done = paid_by.billing.call("POST", f"/receipts/{receipt}/refund-online", 201, json={})
    assert done["status"] == "pending"
    assert paid_by.billing.call("GET", f"/receipts/{receipt}")["unallocated_amount"] == "0.00"
    assert later(paid_by.billing.company, "payment.refund") == ["False"]
    stripe.down = False
    assert later(paid_by.billing.company, "payment.refund") == ["True"]
    [found] = paid_by.billing.call("GET", f"/receipts/{receipt}")["refunds"]
    assert (found["status"], found["failure"]) == ("done", "")


def test_the_page_asks_how_much_and_where_and_a_second_click_gives_nothing_back(
    paid_by: Paying,  # noqa: F811
    receipt: str,
    stripe: Server,  # noqa: F811
):
    browser = paid_by.billing.company.owner.browser()
    assert "Refund by Stripe" in browser.get(f"/receipts/{receipt}").text
    page = browser.get(f"/receipts/{receipt}/refund-online")
    said = words(page)
    assert "₹1,180.00 can go back to" in said
    assert f"pi_{paid_by.payment_id} at Stripe" in said
    version = page.text.split('name="version" value="')[1].split('"')[0]
    form = {"amount": "100", "version": version}
    assert browser.post(f"/receipts/{receipt}/refund-online", data=form).status_code == 303
    again = browser.post(f"/receipts/{receipt}/refund-online", data=form)
    assert again.status_code == 409
    assert "in the meantime" in again.text
    assert len(refunds(stripe)) == 1
    assert "Given back" in words(browser.get(f"/receipts/{receipt}"))


@pytest.mark.races
def test_of_many_who_give_all_back_at_once_one_does(
    paid_by: Paying,  # noqa: F811
    receipt: str,
    stripe: Server,  # noqa: F811
    app_context: Flask,
):
    api = paid_by.billing.company.owner.api()
    answers = at_once(app_context, *[lambda: api.post(f"/receipts/{receipt}/refund-online", json={})] * 4)
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]
    assert len(refunds(stripe)) == 1
    parts = at_once(app_context, *[lambda: paying_once(paid_by, receipt)] * 3)
    assert set(parts) == {"done"}
    assert len({one[1]["Idempotency-Key"] for one in refunds(stripe)}) == 1


@pytest.mark.races
def test_a_request_that_is_repeated_while_the_provider_is_slow_gives_back_once(
    paid_by: Paying,  # noqa: F811
    receipt: str,
    stripe: Server,  # noqa: F811
    app_context: Flask,
):
    stripe.slow = 1.5
    api, company = paid_by.billing.company.owner.api(), paid_by.billing.company
    sent = {"json": {"amount": "100.00"}, "headers": {"Idempotency-Key": "once"}}

    def ask(after: float) -> Any:
        time.sleep(after)
        return api.post(f"/receipts/{receipt}/refund-online", **sent)

    first, *others = at_once(app_context, lambda: ask(0), lambda: ask(0.7), lambda: ask(1.1))
    assert first.status_code == 201
    assert {one.json["id"] for one in others if one.status_code == 201} <= {first.json["id"]}
    assert {one.status_code for one in others} <= {201, 409}
    stripe.slow = 0
    later(company, "payment.refund")
    again = paid_by.billing.call("POST", f"/receipts/{receipt}/refund-online", 201, **sent)
    assert again["id"] == first.json["id"]
    [found] = paid_by.billing.call("GET", f"/receipts/{receipt}")["refunds"]
    assert (found["status"], found["amount"]) == ("done", "100.00")
    assert len(refunds(stripe)) == 1


def paying_once(paid_by: Paying, receipt: str) -> str:  # noqa: F811
    """Tell the provider again, as a sweep would."""
    [found] = paid_by.billing.call("GET", f"/receipts/{receipt}")["refunds"]
    with tenant_scope(paid_by.billing.company.id):
        return paying.carry_out(UUID(found["id"])).status


def session_of(paid_by: Paying, **over: Any) -> dict[str, Any]:  # noqa: F811
    found = paid_by.event()["data"]["object"]
    return {**found, "status": "complete", **over}


def test_a_payment_whose_webhook_is_lost_is_asked_for_and_settled_once(paid_by: Paying, stripe: Server):  # noqa: F811
    company, path = paid_by.billing.company, f"/v1/checkout/sessions/{paid_by.session}"
    stripe.found[path] = session_of(paid_by, status="open", payment_status="unpaid")
    assert later(company, "payment.ask") == ["True"]
    assert paid_by.payment().status == "started"
    stripe.down = True
    assert later(company, "payment.ask") == ["False"]
    stripe.down = False
    stripe.found[path] = session_of(paid_by)
    assert later(company, "payment.ask") == ["True"]
    [receipt] = paid_by.receipts()
    assert (paid_by.stands()["status"], receipt.provider_payment_id) == ("paid", f"pi_{paid_by.payment_id}")
    assert paid_by.tell(paid_by.event()).json["outcome"] == "nothing", "the webhook comes late"
    assert len(paid_by.receipts()) == 1
    assert later(company, "payment.ask") == []


def test_a_payment_that_expired_or_never_began_is_closed_and_one_that_stays_open_is_not_asked_for_ever(
    billing: Billing,
    stripe: Server,  # noqa: F811
):
    gone, never, stays = (go_to_pay(billing, stripe) for _ in range(3))
    stripe.found[f"/v1/checkout/sessions/{gone.session}"] = session_of(gone, status="expired", payment_status="unpaid")
    open_one = session_of(stays, status="open", payment_status="unpaid")
    stripe.found[f"/v1/checkout/sessions/{stays.session}"] = open_one
    with billing.company.owner.acting():
        lost = {"provider_id": "", "created_at": clock.now() - timedelta(hours=2)}
        db.session.execute(update(Payment).where(Payment.id == UUID(never.payment_id)).values(lost))
        db.session.commit()
    assert later(billing.company, "payment.ask") == ["True"] * 3
    assert [one.payment().status for one in (gone, never, stays)] == ["expired", "failed", "started"]
    for _ in range(len(WAITS) - 1):
        assert later(billing.company, "payment.ask") == ["True"]
    assert later(billing.company, "payment.ask") == []
    assert stays.payment().status == "started"


@pytest.mark.races
def test_asking_beside_the_webhook_is_one_receipt(paid_by: Paying, stripe: Server, app_context: Flask):  # noqa: F811
    stripe.found[f"/v1/checkout/sessions/{paid_by.session}"] = session_of(paid_by)

    def ask() -> str:
        with tenant_scope(paid_by.billing.company.id):
            outcome = paying.ask(UUID(paid_by.payment_id), 0)
            db.session.commit()
            return outcome

    event = paid_by.event()
    outcomes = at_once(app_context, ask, lambda: tell(app_context.test_client(), event).json["outcome"], ask)
    assert outcomes.count("recorded") == 1
    assert set(outcomes) <= {"recorded", "nothing", "decided", "repeated"}
    assert len(paid_by.receipts()) == 1


@pytest.fixture
def razorpay(app: Flask, server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:  # noqa: F811
    for name, value in {
        "PAYMENT_PROVIDER": "razorpay", "RAZORPAY_KEY_ID": "rzp_1", "RAZORPAY_KEY_SECRET": "s",
        "RAZORPAY_WEBHOOK_SECRET": RZP_SECRET, "RAZORPAY_API_BASE": server.url,
    }.items():  # fmt: skip
        monkeypatch.setitem(app.config, name, value)
    return server


def test_razorpay_is_asked_and_gives_back_once(billing: Billing, razorpay: Server):
    visit, invoice = Portal(billing), billing.issued()
    visit.post(f"/documents/{invoice['id']}/pay")
    link = {"id": "plink_1", "status": "created", "currency": "INR", "amount_paid": 0, "payments": []}
    razorpay.found["/v1/payment_links/plink_1"] = link
    assert later(billing.company, "payment.ask") == ["True"]
    assert billing.call("GET", f"/invoices/{invoice['id']}")["status"] == "issued"
    paid = {"payment_id": "pay_1", "amount": 118000, "status": "captured"}
    razorpay.found["/v1/payment_links/plink_1"] = {**link, "status": "paid", "amount_paid": 118000, "payments": [paid]}
    assert later(billing.company, "payment.ask") == ["True"]
    assert billing.call("GET", f"/invoices/{invoice['id']}")["status"] == "paid"
    with billing.company.owner.acting():
        assert db.session.execute(select(PaymentEvent.kind)).scalars().all() == ["asked.paid"]
    [receipt] = billing.call("GET", "/receipts/")["data"]
    billing.call("POST", f"/receipts/{receipt['id']}/unallocate", json={})
    razorpay.broken = True
    refused = billing.call("POST", f"/receipts/{receipt['id']}/refund-online", 201, json={"amount": "80.00"})
    assert refused["failure"] == "Razorpay says: The account has not enough balance"
    razorpay.broken = False
    done = billing.call("POST", f"/receipts/{receipt['id']}/refund-online", 201, json={"amount": "80.00"})
    assert done["status"] == "done"
    path, headers, sent = refunds(razorpay)[-1]
    assert (path, headers["X-Refund-Idempotency"], sent["amount"]) == ("/v1/payments/pay_1/refund", done["id"], 8000)
