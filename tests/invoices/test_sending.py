"""Documents go to customers by mail, with their file and a link that opens the customer's page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.factories.notifications import deliver_mails, link_in
from tests.invoices.conftest import Billing
from tracktok.core.storage import storage
from tracktok.core.tenancy import tenant_scope
from tracktok.invoices.queries.documents import get_document


def contact(billing: Billing, **over: Any) -> None:
    body = {"name": "Asha Rao", "email": "asha@garden.test", **over}
    billing.call("POST", f"/customers/{billing.customer}/contacts", 201, json=body)


def test_an_invoice_goes_to_the_contacts_that_get_documents_with_its_file(billing: Billing):
    contact(billing)
    contact(billing, name="Ravi", email="ravi@garden.test", gets_documents=False)
    invoice = billing.issued()
    sent = billing.call("POST", f"/invoices/{invoice['id']}/send", json={})
    assert sent["to"] == ["asha@garden.test"]
    [mail] = deliver_mails(billing.company)
    assert (mail.to_address, mail.attachment_name) == ("asha@garden.test", f"{invoice['number']}.pdf")
    assert invoice["number"] in mail.subject
    assert "₹1,180.00" in mail.text_body
    with tenant_scope(billing.company.id), storage().open(mail.attachment_key) as file:
        attached = file.read()
    pdf = billing.api.get(f"/invoices/{invoice['id']}/pdf")
    assert attached == pdf.data, "what is mailed is the file that is kept"
    page = billing.company.owner.browser().get(link_in(mail))
    assert page.status_code == 200
    assert invoice["number"] in page.text
    assert billing.call("GET", f"/invoices/{invoice['id']}")["sent_at"]


def test_words_and_addresses_of_ones_own(billing: Billing):
    invoice = billing.issued()
    body = {
        "to": ["a@x.test", "b@x.test", "a@x.test"],
        "subject": "Your cab bill",
        "message": "As agreed.",
    }
    assert billing.call("POST", f"/invoices/{invoice['id']}/send", json=body)["to"] == ["a@x.test", "b@x.test"]
    mails = deliver_mails(billing.company)
    assert [one.to_address for one in mails] == ["a@x.test", "b@x.test"]
    assert {one.subject for one in mails} == {"Your cab bill"}
    assert all("As agreed." in one.text_body for one in mails)


@pytest.mark.parametrize("to", [[], ["nobody"], ["a@b"], ["a@x.test<script>"], ["x" * 300 + "@"]])
def test_what_is_no_address_is_told(billing: Billing, to):
    invoice = billing.issued()
    answer = billing.call("POST", f"/invoices/{invoice['id']}/send", 422, json={"to": to})
    assert answer["errors"][0]["pointer"].endswith("to")
    assert deliver_mails(billing.company) == []


def test_a_customer_without_any_address_is_told(billing: Billing):
    invoice = billing.issued()
    answer = billing.call("POST", f"/invoices/{invoice['id']}/send", 422, json={})
    assert "no e-mail address" in answer["detail"]


def test_drafts_and_void_documents_are_not_sent(billing: Billing):
    draft, void = billing.draft(), billing.issued()
    billing.call("POST", f"/invoices/{void['id']}/void", json={"reason": "Twice"})
    for one in (draft, void):
        answer = billing.call("POST", f"/invoices/{one['id']}/send", 409, json={"to": ["a@x.test"]})
        assert answer["code"] == "not_sendable"
    assert deliver_mails(billing.company) == []


def test_notes_and_quotes_are_sent_too(billing: Billing):
    note = billing.credit(billing.issued())
    billing.call("POST", f"/credit-notes/{note['id']}/send", json={"to": ["a@x.test"]})
    quote = billing.call("POST", "/quotes/", 201, json={
        "customer_id": billing.customer, "date": "2026-11-20", "lines": [{"description": "Cab", "unit_price": "5"}],
    })  # fmt: skip
    sent = billing.call("POST", f"/quotes/{quote['id']}/send", json={"to": ["b@x.test"]})
    assert sent["status"] == "sent"
    mails = deliver_mails(billing.company)
    assert [one.attachment_name for one in mails] == [f"{note['number']}.pdf", f"{sent['number']}.pdf"]


def test_who_may_not_send_does_not(billing: Billing):
    invoice = billing.issued()
    analyst = billing.company.member("analyst")
    assert analyst.api().post(f"/invoices/{invoice['id']}/send", json={"to": ["a@x.test"]}).status_code == 403
    assert analyst.browser().get(f"/invoices/{invoice['id']}/send").status_code == 403


def test_the_page_fills_in_whom_and_what_and_sends(billing: Billing):
    contact(billing)
    invoice = billing.issued()
    browser = billing.company.owner.browser()
    page = browser.get(f"/invoices/{invoice['id']}/send")
    assert "asha@garden.test" in page.text
    assert f"Invoice {invoice['number']} from Indus Logistics" in page.text
    wrong = browser.post(f"/invoices/{invoice['id']}/send", data={"to": "asha at garden", "subject": "Hi"})
    assert wrong.status_code == 422
    assert "is not an e-mail address" in wrong.text
    form = {"to": "asha@garden.test, boss@garden.test", "subject": "Hi", "message": "Here it is."}
    done = browser.post(f"/invoices/{invoice['id']}/send", data=form)
    assert done.status_code == 303
    assert len(deliver_mails(billing.company)) == 2
    with billing.company.owner.acting():
        assert get_document(UUID(invoice["id"])).sent_at is not None
    assert "Send again" in browser.get(f"/invoices/{invoice['id']}").text
