"""How refunds stand at their provider: pending for days, failed after they were done, told by webhook, asked about."""

from __future__ import annotations

import hashlib
import hmac
import json
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
    paid_by,
    server,
    stripe,
    tell,
)
from tests.invoices.test_paying_back import later, razorpay, receipt, refunds  # noqa: F401 - fixtures
from tests.invoices.test_portal import Portal
from tests.races.test_expenses import at_once
from tracktok.core import clock, jobs
from tracktok.core.db import db, transaction
from tracktok.core.ids import new_id
from tracktok.core.tenancy import tenant_scope
from tracktok.invoices.models import PaymentEvent, Refund
from tracktok.invoices.services.refunding import LONG
from tracktok.invoices.tasks import PENDING_REFUNDS
from tracktok.notifications.models import Notification


def give_back(billing: Billing, receipt: str, amount: str = "180.00") -> dict[str, Any]:  # noqa: F811
    made: dict[str, Any] = billing.call("POST", f"/receipts/{receipt}/refund-online", 201, json={"amount": amount})
    return made


def stands(billing: Billing, receipt: str) -> tuple[str, str, str]:  # noqa: F811
    """Status and failure of its refund, and what is left of the receipt."""
    found = billing.call("GET", f"/receipts/{receipt}")
    [refund] = found["refunds"]
    return refund["status"], refund["failure"], found["unallocated_amount"]


def refund_event(billing: Billing, refund_id: str, status: str, number: int = 1, **over: Any) -> dict[str, Any]:
    ours = {"tenant_id": str(billing.company.id), "refund_id": refund_id}
    said = {"id": "re_1", "object": "refund", "status": status, "metadata": ours, "amount": 18000, "currency": "inr"}
    return {"id": f"evt_refund_{refund_id}_{number}", "object": "event", "type": "refund.updated",
            "data": {"object": {**said, **over}}}  # fmt: skip


def titles(billing: Billing) -> list[str]:
    with billing.company.owner.acting():
        return list(db.session.execute(select(Notification.title).order_by(Notification.id)).scalars())


def look_after(billing: Billing, **age: int) -> dict[str, Any]:
    """The run of a morning; all refunds are as old as said."""
    with tenant_scope(billing.company.id):
        db.session.execute(update(Refund).values(created_at=clock.now() - timedelta(**age)))
        db.session.commit()
        with transaction():
            job_id, _ = jobs.start(PENDING_REFUNDS, {}, run_key=f"test:{new_id()}")
        assert jobs.execute(job_id)
        found = jobs.find(job_id)
        assert found is not None
        return found.result or {}


@pytest.mark.parametrize("status", ["pending", "requires_action"])
def test_what_stripe_has_not_carried_out_is_pending_until_it_says_so(
    paid_by: Paying, receipt: str, stripe: Server, status: str  # noqa: F811
):  # fmt: skip
    stripe.refund_status = status
    billing = paid_by.billing
    made = give_back(billing, receipt)
    assert (made["status"], stands(billing, receipt)[2]) == ("pending", "1000.00")
    assert later(billing.company, "payment.refund") == ["True"]
    assert len(refunds(stripe)) == 1, "what Stripe has taken is not told again"
    event = refund_event(billing, made["id"], "succeeded")
    assert [paid_by.tell(event).json["outcome"] for _ in range(2)] == ["done", "repeated"]
    assert stands(billing, receipt) == ("done", "", "1000.00")
    with billing.company.owner.acting():
        [row] = db.session.execute(select(PaymentEvent).where(PaymentEvent.event_id == event["id"])).scalars()
        assert (row.kind, row.outcome, str(row.payment_id)) == ("refund.updated", "done", paid_by.payment_id)


@pytest.mark.parametrize(("before", "said"), [("succeeded", "has failed"), ("pending", "was refused")])
def test_a_refund_that_fails_later_is_the_customers_credit_again(
    paid_by: Paying, receipt: str, stripe: Server, before: str, said: str  # noqa: F811
):  # fmt: skip
    stripe.refund_status = before
    billing = paid_by.billing
    made = give_back(billing, receipt)
    failed = refund_event(billing, made["id"], "failed", failure_reason="lost_or_stolen_card")
    assert paid_by.tell(failed).json["outcome"] == "failed"
    assert stands(billing, receipt) == ("failed", "Stripe says: lost or stolen card.", "1180.00")
    late = refund_event(billing, made["id"], "succeeded", 2)
    assert paid_by.tell(late).json["outcome"] == "failed", "what comes late changes nothing"
    assert stands(billing, receipt)[0] == "failed"
    assert [one for one in titles(billing) if said in one]
    with billing.company.owner.acting():
        check_receivables()


def test_what_fails_at_once_is_taken_back_and_a_canceled_one_too(paid_by: Paying, receipt: str, stripe: Server):  # noqa: F811
    stripe.refund_status = "canceled"
    made = give_back(paid_by.billing, receipt)
    assert (made["status"], made["failure"]) == ("failed", "Stripe says: canceled.")
    assert stands(paid_by.billing, receipt)[2] == "1180.00"


def test_refunds_of_nobody_and_of_other_companies_change_nothing(
    paid_by: Paying, receipt: str, stripe: Server, other_company: Any  # noqa: F811
):  # fmt: skip
    billing = paid_by.billing
    made = give_back(billing, receipt)
    for number, metadata in enumerate(
        ({}, {"tenant_id": str(other_company.id), "refund_id": made["id"]}, {"tenant_id": "x", "refund_id": "y"})
    ):
        event = refund_event(billing, made["id"], "failed", number, metadata=metadata)
        assert paid_by.tell(event).json["outcome"] == "nothing"
    assert stands(billing, receipt)[0] == "done"


@pytest.mark.races
def test_the_answer_and_the_webhook_at_once_take_back_once(
    paid_by: Paying, receipt: str, stripe: Server, app_context: Flask  # noqa: F811
):  # fmt: skip
    stripe.refund_status = "pending"
    billing = paid_by.billing
    made = give_back(billing, receipt)
    events = [refund_event(billing, made["id"], "failed", number) for number in range(3)]
    calls = [lambda one=one: tell(app_context.test_client(), one).json["outcome"] for one in events]
    assert at_once(app_context, *calls) == ["failed"] * 3
    assert stands(billing, receipt)[2] == "1180.00"
    assert len([one for one in titles(billing) if "was refused" in one]) == 1
    with billing.company.owner.acting():
        check_receivables()


def test_one_that_stays_pending_is_asked_about_each_day_and_people_are_told(
    paid_by: Paying, receipt: str, stripe: Server  # noqa: F811
):  # fmt: skip
    stripe.refund_status = "pending"
    billing = paid_by.billing
    give_back(billing, receipt)
    assert look_after(billing, minutes=1)["asked"] == 0
    stripe.found["/v1/refunds/re_1"] = {"id": "re_1", "object": "refund", "status": "pending"}
    assert look_after(billing, days=1) == {"asked": 1, "decided": 0, "troubles": 0}
    assert not [one for one in titles(billing) if "on their way back" in one]
    for _ in range(2):
        look_after(billing, days=4)
    assert len([one for one in titles(billing) if "on their way back" in one]) == 1, "told once"
    stripe.found["/v1/refunds/re_1"]["status"] = "succeeded"
    assert look_after(billing, days=5)["decided"] == 1
    assert stands(billing, receipt) == ("done", "", "1000.00")
    assert look_after(billing, days=6)["asked"] == 0
    assert len(refunds(stripe)) == 1


def test_one_that_stripe_never_heard_of_is_told_again_and_one_that_it_has_is_not(
    paid_by: Paying, receipt: str, stripe: Server  # noqa: F811
):  # fmt: skip
    billing = paid_by.billing
    stripe.down = True
    made = give_back(billing, receipt)
    assert look_after(billing, days=1) == {"asked": 1, "decided": 0, "troubles": 0}
    stripe.down = False
    ours = {"refund_id": made["id"]}
    known = {"id": "re_9", "object": "refund", "status": "succeeded", "metadata": ours}
    told = len([one for one in refunds(stripe) if one[2]])
    stripe.found["/v1/refunds?"] = {"object": "list", "data": [{**known, "metadata": {}}, known]}
    assert look_after(billing, days=2)["decided"] == 1
    assert len([one for one in refunds(stripe) if one[2]]) == told
    assert stands(billing, receipt)[0] == "done"
    stripe.down = True
    give_back(billing, receipt, "20.00")
    stripe.down = False
    told = len([one for one in refunds(stripe) if one[2]])
    assert look_after(billing, days=2)["decided"] == 1
    assert len([one for one in refunds(stripe) if one[2]]) == told + 1


def test_one_of_which_the_provider_knows_nothing_for_days_can_be_taken_back(
    paid_by: Paying, receipt: str, stripe: Server  # noqa: F811
):  # fmt: skip
    billing = paid_by.billing
    stripe.down = True
    made = give_back(billing, receipt)
    browser = billing.company.owner.browser()
    assert "Take this refund back" not in browser.get(f"/receipts/{receipt}").text
    assert billing.call("POST", f"/refunds/{made['id']}/take-back", 409)["code"] == "refunded_online"
    look_after(billing, days=LONG.days + 1)
    assert [one for one in titles(billing) if "on their way back" in one]
    assert "Take this refund back" in browser.get(f"/receipts/{receipt}").text
    assert billing.call("POST", f"/refunds/{made['id']}/take-back")["status"] == "failed"
    assert stands(billing, receipt)[2] == "1180.00"
    stripe.down = False
    assert paid_by.tell(refund_event(billing, made["id"], "succeeded")).json["outcome"] == "failed"
    assert [one for one in titles(billing) if "went back after all" in one]
    with billing.company.owner.acting():
        found = db.session.execute(select(Refund).where(Refund.id == UUID(made["id"]))).scalar_one()
        assert found.provider_refund_id == "", "the day on which it failed stays that of its last change"


@pytest.fixture
def by_razorpay(billing: Billing, razorpay: Server) -> str:  # noqa: F811
    """A receipt of 1,180.00 by Razorpay that pays nothing any more."""
    visit, invoice = Portal(billing), billing.issued()
    visit.post(f"/documents/{invoice['id']}/pay")
    paid = {"payment_id": "pay_1", "amount": 118000, "status": "captured"}
    razorpay.found["/v1/payment_links/plink_1"] = {
        "id": "plink_1", "status": "paid", "currency": "INR", "amount_paid": 118000, "payments": [paid],
    }  # fmt: skip
    assert later(billing.company, "payment.ask") == ["True"]
    [made] = billing.call("GET", "/receipts/")["data"]
    billing.call("POST", f"/receipts/{made['id']}/unallocate", json={})
    return str(made["id"])


@pytest.mark.parametrize(
    ("status", "words", "decided"),
    [
        (429, "Request failed because of too many requests", False),
        (400, "Request failed: too many requests, try again", False),
        (409, "Another request with this key runs", False),
        (400, "Request failed because another payment operation is in progress", False),
        (400, "Different request with the same idempotency key has already been processed.", False),
        (401, "Authentication failed", False),
        (500, "The server has a trouble", False),
        (400, "The account has not enough balance", True),
        (400, "The payment has been fully refunded already", True),
    ],
)
def test_only_what_razorpay_has_decided_is_a_refusal(
    billing: Billing, razorpay: Server, by_razorpay: str, status: int, words: str, decided: bool  # noqa: F811
):  # fmt: skip
    razorpay.refused = status, words
    made = give_back(billing, by_razorpay)
    assert (made["status"], stands(billing, by_razorpay)[2]) == (
        ("failed", "1180.00") if decided else ("pending", "1000.00")
    )
    razorpay.refused = None
    later(billing.company, "payment.refund")
    assert stands(billing, by_razorpay)[0] == ("failed" if decided else "done")


def test_what_razorpay_says_of_a_refund_is_taken_by_webhook_and_asked_for(
    billing: Billing, razorpay: Server, by_razorpay: str, app_context: Flask  # noqa: F811
):  # fmt: skip
    razorpay.refund_status = "pending"
    made = give_back(billing, by_razorpay)
    assert made["status"] == "pending"
    said = {"id": "rfnd_1", "status": "pending", "receipt": made["id"]}
    razorpay.found["/v1/refunds/rfnd_1"] = said
    assert look_after(billing, days=1)["decided"] == 0
    ours = {"tenant_id": str(billing.company.id), "refund_id": made["id"]}
    body = json.dumps({
        "event": "refund.failed",
        "payload": {"refund": {"entity": {**said, "status": "failed", "notes": ours}}, "payment": {"entity": {}}},
    }).encode()  # fmt: skip
    headers = {"X-Razorpay-Signature": hmac.new(RZP_SECRET.encode(), body, hashlib.sha256).hexdigest()}
    answer = app_context.test_client().post("/webhooks/payments/razorpay", data=body, headers=headers)
    assert answer.json == {"outcome": "failed"}
    assert stands(billing, by_razorpay) == ("failed", "Razorpay could not give it back.", "1180.00")


def test_a_refund_whose_answer_was_lost_is_found_among_those_of_its_payment(
    billing: Billing, razorpay: Server, by_razorpay: str  # noqa: F811
):  # fmt: skip
    razorpay.down = True
    made = give_back(billing, by_razorpay)
    razorpay.down = False
    told = len(refunds(razorpay))
    items = [{"id": "rfnd_7", "status": "processed", "receipt": "x"}, {"id": "rfnd_8", "receipt": made["id"]}]
    razorpay.found["/v1/payments/pay_1/refunds?"] = {"items": items}
    assert look_after(billing, days=1)["decided"] == 1
    assert len(refunds(razorpay)) == told
    with billing.company.owner.acting():
        found = db.session.execute(select(Refund).where(Refund.id == UUID(made["id"]))).scalar_one()
        assert (found.status, found.provider_refund_id) == ("done", "rfnd_8")
