"""The customer's own pages: what a signed link opens, what it never opens, and what a customer does there."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from tests.factories.invoices import make_buyer, make_invoice, make_issued_invoice
from tests.factories.notifications import deliver_mails
from tests.factories.receipts import make_receipt
from tests.factories.tenants import Company
from tests.invoices.conftest import Billing
from tracktok.audit.queries.history import history_of
from tracktok.core import clock
from tracktok.core.db import db
from tracktok.customers.queries import get_customer
from tracktok.invoices.models import Dispute
from tracktok.invoices.queries.documents import get_document
from tracktok.invoices.services import portal
from tracktok.notifications.models import Notification

WRITES = ("/dispute", "/promise", "/pay", "/accept", "/decline")


class Portal:
    """A customer in front of their own page, signed in to nothing."""

    def __init__(self, billing: Billing, host: str = "") -> None:
        self.billing, self.host = billing, host or current_app.config["BASE_DOMAIN"]
        self.client = current_app.test_client()
        with billing.company.owner.acting():
            self.token = portal.token_of(get_customer(UUID(billing.customer)))

    def open(self, path: str = "/", method: str = "GET", **options: Any) -> Any:
        address = f"/portal/{self.token}{path}"
        return self.client.open(address, method=method, base_url=f"http://{self.host}", **options)

    def post(self, path: str, **data: Any) -> Any:
        return self.open(path, "POST", data=data)


@pytest.fixture
def visit(billing: Billing) -> Portal:
    return Portal(billing)


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def stored(billing: Billing, document: dict[str, Any]) -> Any:
    with billing.company.owner.acting():
        return get_document(UUID(document["id"]))


def test_the_link_opens_without_signing_in_on_the_companys_host_and_without(billing: Billing, visit: Portal):
    invoice = billing.issued()
    for host in (current_app.config["BASE_DOMAIN"], f"{billing.company.subdomain}.{current_app.config['BASE_DOMAIN']}"):
        page = Portal(billing, host).open()
        assert page.status_code == 200
        assert invoice["number"] in page.text
        assert "₹1,180.00" in words(page)
        assert "noindex" in page.headers["X-Robots-Tag"]
        assert 'name="robots" content="noindex' in page.text
        assert "no-store" in page.headers["Cache-Control"]
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert "tt-sidebar" not in page.text


def test_open_and_paid_documents_and_never_drafts(billing: Billing, visit: Portal):
    owed, paid, draft = billing.issued(), billing.issued(), billing.draft(notes="Secret draft")
    with billing.company.owner.acting():
        make_receipt(customer_id=billing.customer, allocations=[{"document_id": paid["id"], "amount": "1180.00"}])
    page = visit.open()
    head, others = page.text.split("Paid and other documents", 1)
    assert owed["number"] in head
    assert paid["number"] not in head
    assert paid["number"] in others
    assert draft["id"] not in page.text
    for path in ("", "/pdf"):
        assert visit.open(f"/documents/{draft['id']}{path}").status_code == 404
        assert visit.open(f"/documents/{owed['id']}{path}").status_code == 200
    for path in WRITES:
        assert visit.post(f"/documents/{draft['id']}{path}").status_code == 404


def test_documents_of_others_are_not_there(billing: Billing, visit: Portal, other_company: Company):
    with billing.company.owner.acting():
        neighbours = make_issued_invoice(customer_id=make_buyer().id).id
    with other_company.owner.acting():
        theirs = make_issued_invoice().id
    for one in (neighbours, theirs):
        for method, path in (
            ("GET", ""),
            ("GET", "/pdf"),
            ("POST", "/dispute"),
            ("POST", "/promise"),
            ("POST", "/accept"),
            ("POST", "/decline"),
            ("POST", "/pay"),
        ):
            assert visit.open(f"/documents/{one}{path}", method).status_code == 404
    with billing.company.owner.acting():
        assert get_document(neighbours).viewed_at is None
    elsewhere = Portal(billing, f"{other_company.subdomain}.{current_app.config['BASE_DOMAIN']}")
    assert elsewhere.open().status_code == 404, "a link of one company opens nothing on the address of another"


def test_a_link_that_was_changed_opens_nothing(billing: Billing, visit: Portal, app: Flask):
    whole = visit.token
    visit.token = whole[:-2] + ("aa" if not whole.endswith("aa") else "bb")
    assert visit.open().status_code == 404
    with billing.company.owner.acting():
        customer = get_customer(UUID(billing.customer))
        from tracktok.documents.services import _serializer

        visit.token = str(_serializer().dumps([str(billing.company.id), str(customer.id), 1]))
    assert visit.open().status_code == 404, "what was signed for another use opens nothing here"


def test_old_links_can_be_made_invalid(billing: Billing, visit: Portal):
    browser = billing.company.owner.browser()
    assert visit.token in browser.get(f"/invoices/customer-page/{billing.customer}").text
    assert browser.post(f"/invoices/customer-page/{billing.customer}/revoke").status_code == 303
    assert visit.open().status_code == 404
    assert Portal(billing).open().status_code == 200
    url = billing.call("POST", f"/customers/{billing.customer}/portal-link")["url"]
    assert billing.call("POST", f"/customers/{billing.customer}/portal-link/revoke")["url"] != url
    assert billing.company.member("analyst").api().post(f"/customers/{billing.customer}/portal-link").status_code == 403


def test_the_first_look_is_remembered_but_not_of_the_companys_own_people(billing: Billing, visit: Portal):
    invoice = billing.issued()
    billing.company.owner.browser().get(f"/portal/{visit.token}/documents/{invoice['id']}")
    assert stored(billing, invoice).viewed_at is None
    assert visit.open(f"/documents/{invoice['id']}").status_code == 200
    first = stored(billing, invoice).viewed_at
    assert first is not None
    visit.open(f"/documents/{invoice['id']}")
    assert stored(billing, invoice).viewed_at == first
    with billing.company.owner.acting():
        told = history_of("sales_documents", UUID(invoice["id"]))
        name = get_customer(UUID(billing.customer)).name
    assert any(one.who == name for one in told)
    assert "opened it" in billing.company.owner.browser().get(f"/invoices/{invoice['id']}").text


def test_the_file_is_the_one_that_is_kept(billing: Billing, visit: Portal):
    invoice = billing.issued()
    mine = billing.api.get(f"/invoices/{invoice['id']}/pdf")
    theirs = visit.open(f"/documents/{invoice['id']}/pdf?download=1")
    assert theirs.data == mine.data
    assert theirs.headers["Content-Disposition"].startswith("attachment")


def test_the_statement_is_the_customers_account(billing: Billing, visit: Portal):
    invoice = billing.issued()
    with billing.company.owner.acting():
        receipt = make_receipt(customer_id=billing.customer, amount="180.00").number
    page = visit.open("/statement?from=2026-11-01&to=2026-11-30")
    told = words(page)
    assert invoice["number"] in told
    assert receipt in told
    assert "1,000.00" in told, "the balance"
    file = visit.open("/statement?from=2026-11-01&to=2026-11-30&format=csv")
    assert receipt in file.get_data(as_text=True)
    assert visit.open("/statement?from=2026-12-01&to=2026-11-01").status_code == 422
    assert visit.open("/statement?from=nonsense").status_code == 422
    assert visit.open("/statement?currency=AAA").status_code == 422
    assert visit.open("/statement?from=&to=&currency=").status_code == 200, "a form sends empty fields too"


def test_a_dispute_is_told_stops_reminders_and_is_resolved(billing: Billing, visit: Portal):
    invoice = billing.issued()
    path = f"/documents/{invoice['id']}"
    assert visit.post(f"{path}/dispute", said="  ").status_code == 422
    assert visit.post(f"{path}/dispute", said="Two days were never driven <b>").status_code == 303
    assert stored(billing, invoice).disputed_at is not None
    assert "Two days were never driven &lt;b&gt;" in visit.open(path).text
    again = visit.post(f"{path}/dispute", said="Once more")
    assert again.status_code == 409
    with billing.company.owner.acting():
        told = db.session.execute(select(Notification.title, Notification.body)).all()
    assert [one.title for one in told] == [f"{invoice['number']} is disputed"]
    assert any("never driven" in one.text_body for one in deliver_mails(billing.company))
    browser = billing.company.owner.browser()
    assert "Two days were never driven" in browser.get(f"/invoices/{invoice['id']}").text
    done = browser.post(f"/invoices/{invoice['id']}/resolve", data={"reason": "We credit two days."})
    assert done.status_code == 303
    assert stored(billing, invoice).disputed_at is None
    assert "We credit two days." in visit.open(path).text
    with billing.company.owner.acting():
        assert db.session.execute(select(Dispute.status)).scalars().all() == ["resolved"]
    answer = billing.call("POST", f"/invoices/{invoice['id']}/resolve-dispute", 409, json={})
    assert answer["code"] == "not_disputed"


def test_a_promise_to_pay_is_remembered_and_told(billing: Billing, visit: Portal):
    invoice = billing.issued()
    path = f"/documents/{invoice['id']}/promise"
    today = clock.today("Asia/Kolkata")
    for wrong in ("", "01/01/2020", "01/01/2150", "soon"):
        assert visit.post(path, day=wrong).status_code == 422
    assert visit.post(path, day=today.strftime("%d/%m/%Y")).status_code == 303
    assert stored(billing, invoice).promised_on == today
    with billing.company.owner.acting():
        assert [one for (one,) in db.session.execute(select(Notification.title))] == [
            f"{invoice['number']}: payment is promised"
        ]


def test_what_is_paid_can_neither_be_disputed_nor_promised(billing: Billing, visit: Portal):
    paid = billing.issued()
    with billing.company.owner.acting():
        make_receipt(customer_id=billing.customer, allocations=[{"document_id": paid["id"], "amount": "1180.00"}])
    page = visit.open(f"/documents/{paid['id']}")
    assert "Something is wrong" not in page.text
    assert visit.post(f"/documents/{paid['id']}/dispute", said="No").status_code == 409
    tomorrow = clock.today("Asia/Kolkata") + timedelta(days=1)
    assert visit.post(f"/documents/{paid['id']}/promise", day=f"{tomorrow:%d/%m/%Y}").status_code == 422


def test_a_customer_may_do_nothing_else(billing: Billing, visit: Portal):
    invoice = billing.issued()
    for path, status in (
        (f"/invoices/{invoice['id']}", 302), ("/customers", 302), (f"/api/v1/invoices/{invoice['id']}", 401),
    ):  # fmt: skip
        answer = visit.client.get(path, base_url=f"http://{billing.company.subdomain}.tracktok.test")
        assert answer.status_code == status, path
    with billing.company.owner.acting():
        who = portal.acting_customer(get_customer(UUID(billing.customer)))
        assert not who.may("invoices.read")
        assert make_invoice(customer_id=billing.customer).number is None
