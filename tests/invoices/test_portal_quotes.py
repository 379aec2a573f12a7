"""Quotes on the customer's own page: accepted or declined once, by somebody with a name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories.invoices import make_quote
from tests.factories.notifications import deliver_mails
from tests.invoices.conftest import Billing
from tests.invoices.test_portal import Portal, words
from tests.races.test_expenses import at_once
from tracktok.core.db import db
from tracktok.invoices.models import QuoteAnswer
from tracktok.invoices.services import send_quote, today
from tracktok.notifications.models import Notification


def sent(billing: Billing, **over: Any) -> str:
    with billing.company.owner.acting():
        quote = make_quote(customer_id=UUID(billing.customer), **over)
        return str(send_quote(quote.id).document.id)


def test_a_quote_is_accepted_with_name_time_and_address_and_the_company_is_told(billing: Billing):
    visit, quote = Portal(billing), sent(billing)
    path = f"/documents/{quote}"
    assert "Waiting for your answer" in words(visit.open())
    page = words(visit.open(path))
    assert "Accept this quote" in page
    assert "Over ₹1,180.00" in page
    nameless = visit.post(f"{path}/accept", name=" ")
    assert nameless.status_code == 422
    assert "Write your name." in words(nameless)
    options = {"data": {"name": "Asha Rao"}, "environ_base": {"REMOTE_ADDR": "203.0.113.9"}}
    assert visit.open(f"{path}/accept", "POST", **options).status_code == 303
    found = billing.call("GET", f"/quotes/{quote}")
    assert found["status"] == "accepted"
    answer = found["answer"]
    assert (answer["accepted"], answer["name"], answer["address"]) == (True, "Asha Rao", "203.0.113.9")
    page = words(visit.open(path))
    assert "This quote is accepted By Asha Rao." in page
    assert "Decline it" not in page
    again = visit.post(f"{path}/accept", name="Somebody else")
    assert again.status_code == 409
    assert "was accepted by Asha Rao on" in words(again)
    assert visit.post(f"{path}/decline", name="Somebody else", reason="No").status_code == 409
    assert billing.call("GET", f"/quotes/{quote}")["answer"]["name"] == "Asha Rao"
    with billing.company.owner.acting():
        titles = db.session.execute(select(Notification.title)).scalars().all()
        assert f"{found['number']} is accepted" in titles
    assert any("Asha Rao accepts it over" in one.text_body for one in deliver_mails(billing.company))
    shown = words(billing.company.owner.browser().get(f"/quotes/{quote}"))
    assert "Answer of the customer" in shown
    assert "203.0.113.9" in shown
    assert billing.call("POST", f"/quotes/{quote}/convert", 201)["original_id"] == quote


def test_who_answers_again_is_told_the_day_of_the_company(billing: Billing):
    visit, quote = Portal(billing), sent(billing)
    assert visit.post(f"/documents/{quote}/accept", name="Asha Rao").status_code == 303
    with billing.company.owner.acting():
        db.session.execute(update(QuoteAnswer).values(answered_at=datetime(2025, 1, 5, 20, tzinfo=UTC)))
        db.session.commit()
    again = visit.post(f"/documents/{quote}/accept", name="Somebody else")
    assert "was accepted by Asha Rao on 06/01/2025" in words(again)


def test_a_quote_is_declined_with_a_reason(billing: Billing):
    visit, quote = Portal(billing), sent(billing)
    path = f"/documents/{quote}"
    for data in ({"name": "Asha"}, {"reason": "Too dear"}):
        assert visit.post(f"{path}/decline", **data).status_code == 422
    assert visit.post(f"{path}/decline", name="Asha", reason="Too dear").status_code == 303
    found = billing.call("GET", f"/quotes/{quote}")
    assert (found["status"], found["reason"], found["answer"]["accepted"]) == ("declined", "Too dear", False)
    assert "“Too dear” Asha" in words(visit.open(path))
    assert visit.post(f"{path}/accept", name="Asha").status_code == 409


def test_a_quote_that_has_expired_cannot_be_accepted(billing: Billing):
    with billing.company.owner.acting():
        day = today()
    visit = Portal(billing)
    old = sent(billing, invoice_date="2026-01-02", valid_until=(day - timedelta(days=1)).isoformat())
    last = sent(billing, invoice_date="2026-01-02", valid_until=day.isoformat())
    page = words(visit.open(f"/documents/{old}"))
    assert "This quote has expired" in page
    assert "Accept this quote" not in page
    refused = visit.post(f"/documents/{old}/accept", name="Asha")
    assert refused.status_code == 409
    assert "Ask for a new one" in words(refused)
    assert billing.call("GET", f"/quotes/{old}")["status"] == "sent"
    assert visit.post(f"/documents/{old}/decline", name="Asha", reason="Too late").status_code == 303
    assert visit.post(f"/documents/{last}/accept", name="Asha").status_code == 303
    invoice = billing.issued()
    assert visit.post(f"/documents/{invoice['id']}/accept", name="Asha").status_code == 409


@pytest.mark.races
def test_of_two_tabs_that_answer_at_once_one_does(billing: Billing, app_context: Flask):
    visit, quote = Portal(billing), sent(billing)
    path = f"/documents/{quote}"
    answers = at_once(
        app_context,
        lambda: visit.post(f"{path}/accept", name="One"),
        lambda: visit.post(f"{path}/accept", name="Two"),
        lambda: visit.post(f"{path}/decline", name="Three", reason="No"),
    )
    assert sorted(one.status_code for one in answers) == [303, 409, 409]
    with billing.company.owner.acting():
        assert len(db.session.execute(select(QuoteAnswer.id)).all()) == 1
