"""Mail: written into the outbox with the change that it tells of, kept as a row, sent by the worker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from tracktok.core import outbox
from tracktok.core.db import db
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.notifications.models import Mail

from .rendering import render_mail

KIND = "mail"
KEPT_BACK = "This mail carries a personal link. Only the person it was written to reads it."
Attachment = tuple[str, str]
"""(key in the storage, name of the file as the reader sees it)."""


def send_mail(
    to: str,
    subject: str,
    text: str,
    html: str = "",
    once_key: str | None = None,
    attachment: Attachment | None = None,
    *,
    personal: bool = False,
) -> UUID | None:
    """Write a mail in the current transaction; it leaves after the commit, once.

    `personal`: it carries a link that signs its reader in. Returns the outbox id, or None when a mail with the same
    `once_key` was written before. Raises ValueError for an address that cannot be one.
    """
    address = to.strip()
    if "@" not in address or not address.isprintable() or any(sign in address for sign in " ,;<>"):
        raise ValueError(f"{to!r} is not an address")
    payload = {
        "to": address,
        "subject": " ".join(subject.split()),
        "text": text,
        "html": html,
        "attachment_key": attachment[0] if attachment else "",
        "attachment_name": attachment[1] if attachment else "",
        "personal": personal,
    }
    return outbox.send(KIND, payload, once_key=f"mail:{once_key}" if once_key else None)


def send_template(
    template: str, to: str, /, *, once_key: str | None = None, attachment: Attachment | None = None, **values: Any
) -> UUID | None:
    """Write a mail from templates (see `rendering.render_mail`). A value `personal=True` is as in `send_mail`."""
    personal = bool(values.pop("personal", False))
    mail = render_mail(template, **values)
    return send_mail(to, mail.subject, mail.text, mail.html, once_key, attachment, personal=personal)


def record_mail(outbox_id: UUID, payload: Mapping[str, Any]) -> UUID | None:
    """Keep a mail as a row, once for an outbox message; returns its id, or None when it is kept already."""
    return db.session.execute(
        insert(Mail)
        .values(
            tenant_id=current_tenant_id(),
            id=new_id(),
            outbox_id=outbox_id,
            to_address=payload["to"],
            subject=payload["subject"],
            text_body=payload["text"],
            html_body=payload.get("html", ""),
            attachment_key=payload.get("attachment_key", ""),
            attachment_name=payload.get("attachment_name", ""),
            is_personal=payload.get("personal", False),
        )
        .on_conflict_do_nothing()
        .returning(Mail.id)
    ).scalar_one_or_none()


def mark_sent(outbox_id: UUID, at: datetime) -> None:
    """Note that the mail server has taken a mail."""
    db.session.execute(update(Mail).where(Mail.outbox_id == outbox_id, Mail.sent_at.is_(None)).values(sent_at=at))


def may_read(mail: Mail, email: str) -> bool:
    """Whether somebody of the company with this address may read a mail's body.

    Personal links let their holder in. Where the mailbox page takes the place of a mail server outside production,
    those who look after the mailbox read everything.
    """
    if not mail.is_personal or current_app.config["TRACKTOK_ENV"] != "production":
        return True
    return mail.to_address.lower() == email.lower()


def readable_text(mail: Mail, email: str) -> str:
    """A mail's text for somebody of the company, or why it is kept back."""
    return mail.text_body if may_read(mail, email) else KEPT_BACK
