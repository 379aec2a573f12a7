"""Mails and messages, as tests look at them."""

from __future__ import annotations

import re

from sqlalchemy import select

from tests.factories.tenants import Company
from tracktok.core.db import db
from tracktok.core.outbox import deliver_message
from tracktok.core.tables import OutboxMessage
from tracktok.core.tenancy import tenant_scope
from tracktok.notifications.models import Mail


def deliver_mails(company: Company) -> list[Mail]:
    """Carry out what waits in a company's outbox, and return all its mails, oldest first."""
    with tenant_scope(company.id):
        waiting = db.session.execute(
            select(OutboxMessage.id)
            .where(OutboxMessage.delivered_at.is_(None), OutboxMessage.kind == "mail")
            .order_by(OutboxMessage.id)
        ).scalars()
        for message_id in waiting.all():
            deliver_message(message_id)
        return list(db.session.execute(select(Mail).order_by(Mail.id)).scalars())


def link_in(mail: Mail) -> str:
    """The first link of a mail's text."""
    found = re.search(r"https?://\S+", mail.text_body)
    assert found, mail.text_body
    return found.group()
