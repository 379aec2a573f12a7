"""Mails as they leave, as they are written, and what is done when the server does not answer."""

from __future__ import annotations

import io
import socket
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import update

from tests.factories.notifications import deliver_mails
from tracktok.core.db import db, transaction
from tracktok.core.outbox import deliver_message
from tracktok.core.storage import file_key, storage
from tracktok.core.tables import OutboxMessage
from tracktok.core.tenancy import tenant_scope
from tracktok.notifications import queries
from tracktok.notifications.services import may_read, readable_text, render_mail, send_mail

GOLDEN = Path(__file__).parent / "golden"
MAILS = {
    "auth/verify": {"name": "Kim", "company": "Acme & Sons", "link": "https://acme.example.com/verify?token=abc"},
    "auth/reset": {"name": "Kim", "link": "https://acme.example.com/reset?token=abc"},
    "auth/password_changed": {
        "name": "Kim",
        "when": "20/11/2026, 10:00",
        "address": "192.0.2.1",
        "link": "https://acme.example.com/forgot",
    },
    "auth/invite": {
        "inviter": "Kim <Lee>",
        "company": "Acme & Sons",
        "role": "analyst",
        "until": "27/11/2026",
        "link": "https://acme.example.com/invite/abc",
    },
    "tenants/upgrade_requested": {
        "company": "Acme & Sons",
        "subdomain": "acme",
        "plan": "Professional",
        "present": "Basic",
        "person": "Kim Lee",
        "email": "kim@acme.com",
        "message": "We grow.\nSoon.",
        "link": "https://example.com/tenants?q=acme",
    },
    "tenants/plan_changed": {
        "name": "Kim",
        "company": "Acme & Sons",
        "plan": "Professional",
        "before": "Basic",
        "link": "https://acme.example.com/settings/plan",
    },
}


@pytest.mark.parametrize("name", MAILS)
def test_mails_read_as_agreed(name):
    mail = render_mail(name, **MAILS[name])
    written = f"Subject: {mail.subject}\n\n{mail.text}\n--- html ---\n{mail.html}"
    golden = GOLDEN / f"{name.replace('/', '.')}.txt"
    assert golden.read_text() == written


class Keeper:
    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.refuse = False

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library's name
        if self.refuse:
            return "451 try later"
        self.messages.append(envelope.content)
        return "250 OK"


@pytest.fixture
def smtp(app):
    keeper = Keeper()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(keeper, hostname="127.0.0.1", port=port)
    controller.start()
    app.config["SMTP_URL"] = f"smtp://127.0.0.1:{port}"
    yield keeper
    app.config["SMTP_URL"] = ""
    controller.stop()


def test_a_mail_goes_out_whole_with_the_id_of_its_outbox_message(company, smtp):
    with company.owner.acting():
        key = file_key("reports", "r1")
        storage().put(key, io.BytesIO(b"%PDF-1.7 x"), "application/pdf")
        outbox_id = send_mail(
            "kim@example.com", "Report for Zürich", "Grüße", "<p>Grüße</p>", attachment=(key, "report.pdf")
        )
    [mail] = deliver_mails(company)
    assert mail.sent_at is not None
    [raw] = smtp.messages
    sent = message_from_bytes(raw, policy=policy.default)
    assert sent["Message-ID"] == f"<{outbox_id}@tracktok.example>"
    assert sent["To"] == "kim@example.com"
    assert sent["Subject"] == "Report for Zürich"
    assert sent.get_body(("plain",)).get_content().strip() == "Grüße"
    assert "<p>Grüße</p>" in sent.get_body(("html",)).get_content()
    [attachment] = sent.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content_type()) == ("report.pdf", "application/pdf")
    assert attachment.get_content() == b"%PDF-1.7 x"
    deliver_mails(company)
    assert len(smtp.messages) == 1, "once"


def test_a_server_that_refuses_is_asked_again(company, smtp):
    smtp.refuse = True
    with company.owner.acting():
        outbox_id = send_mail("kim@example.com", "Hello", "Hello")
    assert deliver_mails(company) == []
    with tenant_scope(company.id):
        number, reason = queries.mails_not_delivered()
        assert number == 1
        assert "451" in (reason or "")
    smtp.refuse = False
    with tenant_scope(company.id), transaction():
        db.session.execute(update(OutboxMessage).values(available_at=OutboxMessage.created_at))
    with tenant_scope(company.id):
        assert deliver_message(outbox_id)
    assert len(smtp.messages) == 1


def test_personal_links_are_kept_from_others_in_production(app, company):
    with company.owner.acting():
        send_mail("kim@example.com", "Reset", "secret link", personal=True)
        send_mail("kim@example.com", "Report", "open text")
    personal, open_one = deliver_mails(company)
    assert may_read(personal, "owner@example.com"), "the mailbox page is the mail server of development"
    app.config["TRACKTOK_ENV"] = "production"
    try:
        assert "secret" not in readable_text(personal, "owner@example.com")
        assert readable_text(personal, "KIM@example.com") == "secret link"
        assert readable_text(open_one, "owner@example.com") == "open text"
    finally:
        app.config["TRACKTOK_ENV"] = "testing"
