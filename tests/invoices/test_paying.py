"""Payments by providers: begun at a server that speaks Stripe's protocol, told by signed webhooks, recorded once."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.invoices import make_buyer, make_issued_invoice
from tests.factories.tenants import Company
from tests.invoices.books import check_receivables
from tests.invoices.conftest import Billing
from tests.invoices.test_portal import Portal, words
from tests.races.test_expenses import at_once
from tracktok.config import Config, ConfigurationError
from tracktok.core.db import db
from tracktok.core.errors import Invalid
from tracktok.invoices.models import Payment, PaymentEvent, Receipt
from tracktok.invoices.services.paying.protocol import amount_of, minor_amount

SECRET = "whsec_of_the_tests"
RZP_SECRET = "rzp_of_the_tests"


@dataclass
class Server:
    """A server that speaks enough of the protocols of Stripe and Razorpay, and remembers what it was asked."""

    url: str = ""
    broken: bool = False
    down: bool = False
    slow: float = 0
    """How many seconds it takes to answer."""
    refund_status: str = ""
    """What it says of a refund that it takes."""
    refused: tuple[int, str] | None = None
    """Status and words with which Razorpay answers a refund."""
    found: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What it answers when it is asked about a session, link or refund; lists stand with a question mark."""
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        sent = json.loads(body) if headers.get("Content-Type", "").startswith("application/json") else None
        form = sent if sent is not None else dict(parse_qsl(body.decode()))
        self.asked.append((path, headers, form))
        time.sleep(self.slow)
        if self.down:
            return 503, {"error": {"type": "api_error", "code": "SERVER_ERROR", "message": "Down"}}
        place, asks, _ = path.partition("?")
        if place + asks in self.found:
            return 200, self.found[place + asks]
        if self.refused is not None and path.endswith("/refund"):
            return self.refused[0], {"error": {"code": "BAD_REQUEST_ERROR", "description": self.refused[1]}}
        if self.broken and path.endswith("/refund"):
            return 400, {"error": {"code": "BAD_REQUEST_ERROR", "description": "The account has not enough balance"}}
        if self.broken:
            return 402, {"error": {"type": "card_error", "code": "no", "message": "No"}}
        number = len(self.asked)
        if path == "/v1/checkout/sessions":
            session = f"cs_test_{number}_{time.time_ns()}"
            return 200, {"id": session, "object": "checkout.session", "url": f"https://checkout.stripe.com/c/{session}"}
        if path == "/v1/refunds":
            return 200, {"id": "re_1", "object": "refund", "amount": int(form["amount"]), **self._stands()}
        if path.endswith("/refund"):
            return 200, {"id": "rfnd_1", "amount": form["amount"], **self._stands()}
        if path == "/v1/payment_links":
            return 200, {"id": f"plink_{number}", "short_url": "https://rzp.io/i/abc"}
        return 404, {"error": {"message": "Unknown", "type": "invalid_request_error"}}

    def _stands(self) -> dict[str, str]:
        return {"status": self.refund_status} if self.refund_status else {}


@pytest.fixture
def server() -> Iterator[Server]:
    known = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, answer = known.answer(
                self.path, {name.title(): value for name, value in self.headers.items()}, body
            )
            sent = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: Any) -> None:
            return

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.url = f"http://127.0.0.1:{httpd.server_address[1]}"
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield known
    httpd.shutdown()
    httpd.server_close()
    thread.join(5)


@pytest.fixture
def stripe(app: Flask, server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """Stripe is the provider."""
    for name, value in {
        "PAYMENT_PROVIDER": "stripe",
        "STRIPE_SECRET_KEY": "sk_test_1",
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "STRIPE_API_BASE": server.url,
    }.items():
        monkeypatch.setitem(app.config, name, value)
    return server


@dataclass
class Paying:
    """An invoice of 1,180.00 whose customer has gone to the pay page."""

    billing: Billing
    visit: Portal
    invoice: dict[str, Any]
    session: str
    payment_id: str

    def event(self, kind: str = "checkout.session.completed", **over: Any) -> dict[str, Any]:
        """An event of Stripe about the session."""
        found = {
            "id": self.session, "object": "checkout.session", "payment_status": "paid", "amount_total": 118000,
            "currency": "inr", "payment_intent": f"pi_{self.payment_id}",
            "metadata": {"tenant_id": str(self.billing.company.id), "payment_id": self.payment_id},
        }  # fmt: skip
        event_id = over.pop("event_id", f"evt_{kind}_{self.payment_id}")
        return {"id": event_id, "object": "event", "type": kind, "data": {"object": {**found, **over}}}

    def tell(self, event: dict[str, Any], **options: Any) -> Any:
        return tell(self.visit.client, event, **options)

    def receipts(self) -> list[Any]:
        with self.billing.company.owner.acting():
            check_receivables()
            rows = db.session.execute(select(Receipt).order_by(Receipt.number)).scalars()
            return list(rows)

    def payment(self) -> Payment:
        with self.billing.company.owner.acting():
            return db.session.execute(select(Payment).where(Payment.id == UUID(self.payment_id))).scalar_one()

    def stands(self) -> dict[str, Any]:
        return self.billing.call("GET", f"/invoices/{self.invoice['id']}")  # type: ignore[no-any-return]


def signature(body: bytes, secret: str = SECRET, at: int | None = None) -> str:
    at = at or int(time.time())
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


def tell(client: Any, event: dict[str, Any], signed: str | None = None) -> Any:
    body = json.dumps(event).encode()
    headers = {"Stripe-Signature": signature(body) if signed is None else signed}
    return client.post("/webhooks/payments/stripe", data=body, headers=headers, content_type="application/json")


def go_to_pay(billing: Billing, server: Server) -> Paying:
    visit, invoice = Portal(billing), billing.issued()
    answer = visit.post(f"/documents/{invoice['id']}/pay")
    assert answer.status_code == 303, answer.text
    session = answer.headers["Location"].rsplit("/", 1)[1]
    form = server.asked[-1][2]
    return Paying(billing, visit, invoice, session, form["client_reference_id"])


@pytest.fixture
def paid_by(billing: Billing, stripe: Server) -> Paying:
    return go_to_pay(billing, stripe)


def test_a_customer_is_led_to_the_checkout_over_what_is_open(paid_by: Paying, stripe: Server):
    path, headers, form = stripe.asked[-1]
    assert path == "/v1/checkout/sessions"
    assert headers["Authorization"] == "Bearer sk_test_1"
    assert headers["Idempotency-Key"] == f"payment:{paid_by.payment_id}"
    assert form["line_items[0][price_data][unit_amount]"] == "118000"
    assert form["line_items[0][price_data][currency]"] == "inr"
    assert paid_by.invoice["number"] in form["line_items[0][price_data][product_data][name]"]
    assert f"/portal/{paid_by.visit.token}/documents/{paid_by.invoice['id']}" in form["success_url"]
    assert (paid_by.payment().status, paid_by.payment().provider_id) == ("started", paid_by.session)
    page = paid_by.visit.open(f"/documents/{paid_by.invoice['id']}?payment={paid_by.payment_id}")
    assert "your payment is on its way" in page.text
    assert "https://checkout.stripe.com" in page.headers["Content-Security-Policy"]


def test_a_payment_is_a_receipt_that_pays_its_invoice(paid_by: Paying):
    answer = paid_by.tell(paid_by.event())
    assert (answer.status_code, answer.json) == (200, {"outcome": "recorded"})
    [receipt] = paid_by.receipts()
    assert (receipt.amount, receipt.method, receipt.provider) == (Decimal(1180), "online", "stripe")
    assert receipt.provider_payment_id == f"pi_{paid_by.payment_id}"
    assert (paid_by.stands()["status"], paid_by.payment().receipt_id) == ("paid", receipt.id)
    page = paid_by.visit.open(f"/documents/{paid_by.invoice['id']}?payment={paid_by.payment_id}")
    assert "Thank you" in words(page)
    assert "Pay ₹" not in words(page)


@pytest.mark.parametrize("wrong", ["secret", "body", "old", "none", "nonsense"])
def test_what_stripe_did_not_sign_is_refused(paid_by: Paying, wrong: str):
    event = paid_by.event()
    body = json.dumps(event).encode()
    signed = {
        "secret": signature(body, "whsec_of_somebody"),
        "body": signature(body + b" "),
        "old": signature(body, at=int(time.time()) - 3600),
        "none": "",
        "nonsense": "t=1,v1=zz",
    }[wrong]
    answer = paid_by.tell(event, signed=signed)
    assert answer.status_code == 400
    assert (paid_by.receipts(), paid_by.stands()["status"]) == ([], "issued")


def test_the_same_event_again_changes_nothing(paid_by: Paying):
    outcomes = [paid_by.tell(paid_by.event()).json["outcome"] for _ in range(3)]
    assert outcomes == ["recorded", "repeated", "repeated"]
    assert len(paid_by.receipts()) == 1


def test_other_events_of_one_payment_make_no_second_receipt_in_any_order(paid_by: Paying):
    waiting = paid_by.event(payment_status="unpaid")
    assert paid_by.tell(paid_by.event("checkout.session.expired")).json["outcome"] == "expired"
    assert paid_by.payment().status == "expired"
    assert paid_by.tell(paid_by.event("checkout.session.async_payment_succeeded")).json["outcome"] == "recorded"
    assert paid_by.tell(waiting).json["outcome"] == "nothing"
    assert paid_by.tell(paid_by.event("checkout.session.async_payment_failed")).json["outcome"] == "nothing"
    assert paid_by.tell(paid_by.event(event_id="evt_further")).json["outcome"] == "nothing"
    assert paid_by.payment().status == "succeeded"
    assert len(paid_by.receipts()) == 1


@pytest.mark.races
def test_the_same_event_twice_at_the_same_moment_is_one_receipt(paid_by: Paying, app_context: Flask):
    event = paid_by.event()
    answers = at_once(app_context, *[lambda: tell(app_context.test_client(), event)] * 4)
    assert [one.status_code for one in answers] == [200] * 4
    assert sorted(one.json["outcome"] for one in answers) == ["recorded", "repeated", "repeated", "repeated"]
    assert len(paid_by.receipts()) == 1
    with paid_by.billing.company.owner.acting():
        assert len(db.session.execute(select(PaymentEvent.id)).all()) == 1


@pytest.mark.races
def test_two_events_of_one_payment_at_the_same_moment_do_not_wait_in_a_ring(paid_by: Paying, app_context: Flask):
    events = [paid_by.event(event_id=f"evt_{number}") for number in range(3)]
    answers = at_once(app_context, *(lambda event=event: tell(app_context.test_client(), event) for event in events))
    assert sorted(one.json["outcome"] for one in answers) == ["nothing", "nothing", "recorded"]
    assert len(paid_by.receipts()) == 1


@pytest.mark.races
def test_a_receipt_by_hand_at_the_same_moment_leaves_the_rest_as_credit(paid_by: Paying, app_context: Flask):
    body = {
        "customer_id": paid_by.billing.customer, "receipt_date": "2026-11-21", "amount": "1180.00",
        "allocations": [{"document_id": paid_by.invoice["id"], "amount": "1180.00"}],
    }  # fmt: skip
    api = paid_by.billing.company.owner.api()
    by_hand, told = at_once(
        app_context,
        lambda: api.post("/receipts/", json=body),
        lambda: tell(app_context.test_client(), paid_by.event()),
    )
    assert told.json["outcome"] == "recorded"
    assert by_hand.status_code in {201, 409}
    receipts = paid_by.receipts()
    assert sum(one.allocated_amount for one in receipts) == Decimal(1180)
    assert len(receipts) == (2 if by_hand.status_code == 201 else 1)
    assert paid_by.stands()["status"] == "paid"


def test_what_was_paid_in_between_leaves_the_payment_as_credit(paid_by: Paying):
    body = {
        "customer_id": paid_by.billing.customer, "receipt_date": "2026-11-21", "amount": "1000.00",
        "allocations": [{"document_id": paid_by.invoice["id"], "amount": "1000.00"}],
    }  # fmt: skip
    paid_by.billing.call("POST", "/receipts/", 201, json=body)
    assert paid_by.tell(paid_by.event()).json["outcome"] == "recorded"
    online = next(one for one in paid_by.receipts() if one.provider == "stripe")
    assert (online.allocated_amount, online.amount) == (Decimal(180), Decimal(1180))


def test_another_currency_makes_no_receipt_and_is_told(paid_by: Paying):
    assert paid_by.tell(paid_by.event(currency="usd")).json["outcome"] == "mismatch"
    assert paid_by.receipts() == []


def test_events_of_nobody_and_of_other_companies_do_nothing(paid_by: Paying, other_company: Company):
    stranger = {"tenant_id": str(other_company.id), "payment_id": paid_by.payment_id}
    for metadata in (
        {},
        stranger,
        {"tenant_id": "x", "payment_id": "y"},
        {**stranger, "tenant_id": paid_by.payment_id},
    ):
        answer = paid_by.tell(paid_by.event(metadata=metadata, event_id=f"evt_{len(str(metadata))}"))
        assert (answer.status_code, answer.json) == (200, {"outcome": "nothing"})
    assert paid_by.tell({"id": "e", "object": "event", "type": "charge.updated", "data": {"object": {}}}).json == {
        "outcome": "nothing"
    }
    assert paid_by.receipts() == []


def test_a_provider_that_does_not_answer_is_told_and_nothing_is_left(billing: Billing, stripe: Server):
    stripe.broken = True
    visit, invoice = Portal(billing), billing.issued()
    answer = visit.post(f"/documents/{invoice['id']}/pay")
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(invoice["id"])
    assert "Stripe does not take this now" in visit.open(f"/documents/{invoice['id']}").text
    with billing.company.owner.acting():
        assert db.session.execute(select(Payment.status)).scalars().all() == ["failed"]


def test_the_page_of_the_test_provider_pays_and_declines(billing: Billing):
    visit, invoice = Portal(billing), billing.issued()
    path = f"/documents/{invoice['id']}"
    assert "Pay ₹1,180.00" in words(visit.open(path))

    def desk() -> str:
        return str(visit.post(f"{path}/pay").headers["Location"])

    first = desk()
    page = visit.client.get(first)
    assert "Pay 1,180.00" in words(page)
    assert "Decline" in words(page)
    back = visit.client.post(first, data={"do": "decline"}).headers["Location"]
    assert "payment=" in back
    assert "did not go through" in visit.client.get(back.split("tracktok.test", 1)[1]).text
    second = desk()
    for _ in range(2):
        assert visit.client.post(second, data={"do": "pay"}).status_code == 303
    assert billing.call("GET", f"/invoices/{invoice['id']}")["status"] == "paid"
    assert visit.post(f"{path}/pay").headers["Location"].endswith(invoice["id"]), "nothing is left to pay"
    with billing.company.owner.acting():
        assert len(db.session.execute(select(Receipt.id)).all()) == 1
    forged = visit.client.post("/webhooks/payments/fake", data=b"{}", headers={"X-Fake-Signature": "0" * 64})
    assert forged.status_code == 400
    assert visit.client.get("/pay/fake/nonsense").status_code == 404


def test_without_a_provider_nothing_is_offered(billing: Billing, app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(app.config, "PAYMENT_PROVIDER", "none")
    visit, invoice = Portal(billing), billing.issued()
    assert "Pay ₹" not in words(visit.open(f"/documents/{invoice['id']}"))
    assert visit.client.post("/webhooks/payments/fake", data=b"{}").status_code == 404
    assert visit.client.post("/webhooks/payments/stripe", data=b"{}").status_code == 404


def test_razorpay_by_payment_links(billing: Billing, app: Flask, server: Server, monkeypatch: pytest.MonkeyPatch):
    for name, value in {
        "PAYMENT_PROVIDER": "razorpay", "RAZORPAY_KEY_ID": "rzp_1", "RAZORPAY_KEY_SECRET": "s",
        "RAZORPAY_WEBHOOK_SECRET": RZP_SECRET, "RAZORPAY_API_BASE": server.url,
    }.items():  # fmt: skip
        monkeypatch.setitem(app.config, name, value)
    visit, invoice = Portal(billing), billing.issued()
    assert visit.post(f"/documents/{invoice['id']}/pay").headers["Location"] == "https://rzp.io/i/abc"
    asked = server.asked[-1][2]
    assert (asked["amount"], asked["currency"]) == (118000, "INR")
    link = {"id": "plink_1", "status": "paid", "notes": asked["notes"], "currency": "INR"}
    event = {
        "event": "payment_link.paid",
        "payload": {
            "payment_link": {"entity": link},
            "payment": {"entity": {"id": "pay_1", "amount": 118000, "currency": "INR"}},
        },
    }
    body = json.dumps(event).encode()

    def told(secret: str) -> Any:
        signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Razorpay-Signature": signed, "X-Razorpay-Event-Id": "evt_1"}
        return visit.client.post("/webhooks/payments/razorpay", data=body, headers=headers)

    assert told("somebody's").status_code == 400
    assert [told(RZP_SECRET).json["outcome"] for _ in range(2)] == ["recorded", "repeated"]
    assert billing.call("GET", f"/invoices/{invoice['id']}")["status"] == "paid"


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("37979.00", "INR", 3797900), ("500", "JPY", 500), ("1.230", "KWD", 1230), ("5", "ISK", 500), ("5", "UGX", 500)],
)
def test_amounts_are_told_as_providers_count_them(amount: str, currency: str, minor: int):
    assert minor_amount(Decimal(amount), currency) == minor
    assert amount_of(minor, currency) == Decimal(amount)


@pytest.mark.parametrize(("amount", "currency"), [("1.005", "INR"), ("0.5", "JPY"), ("1.234", "KWD")])
def test_amounts_that_a_provider_cannot_take_exactly_are_refused(amount: str, currency: str):
    with pytest.raises(Invalid):
        minor_amount(Decimal(amount), currency)


def test_settings_that_would_lose_money_are_refused():
    safe = {"TRACKTOK_ENV": "production", "SECRET_KEY": "abcdefghij0123456789abcdefghij0123",
            "JWT_SECRET": "abcdefghij0123456789abcdefghij0124"}  # fmt: skip
    Config.from_environment(safe)
    for wrong in ({"PAYMENT_PROVIDER": "fake"}, {"PAYMENT_PROVIDER": "stripe"}, {"PAYMENT_PROVIDER": "paypal"}):
        with pytest.raises(ConfigurationError):
            Config.from_environment({**safe, **wrong})


def test_payments_of_other_companies_are_not_there(billing: Billing, other_company: Company):
    with other_company.owner.acting():
        theirs = make_issued_invoice(customer_id=make_buyer().id).id
    assert Portal(billing).post(f"/documents/{theirs}/pay").status_code == 404
