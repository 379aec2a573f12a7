"""Carries out the mails of the outbox: keeps each as a row, and gives it to the mail server when one is set."""

from __future__ import annotations

import mimetypes
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from flask import current_app

from tracktok.core import clock
from tracktok.core.outbox import handler
from tracktok.core.storage import storage

from .services import mails

SECONDS = 15


@handler(mails.KIND)
def deliver_mail(outbox_id: UUID, payload: dict[str, Any]) -> None:
    """Keep a mail and send it. Raises what the mail server raises, so that the outbox tries again.

    A worker killed between the server's answer and the commit sends it twice: both carry the same Message-ID.
    """
    mails.record_mail(outbox_id, payload)
    url = current_app.config["SMTP_URL"]
    if url:
        send_by_smtp(url, compose(outbox_id, payload))
        mails.mark_sent(outbox_id, clock.now())


def compose(outbox_id: UUID, payload: Mapping[str, Any]) -> EmailMessage:
    """The message as it goes over the wire: text, HTML beside it, and the attachment."""
    sender = current_app.config["MAIL_FROM"]
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    message = EmailMessage()
    message["From"] = sender
    message["To"] = payload["to"]
    message["Subject"] = payload["subject"]
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{outbox_id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(payload["text"])
    if payload.get("html"):
        message.add_alternative(payload["html"], subtype="html")
    if payload.get("attachment_key"):
        name = payload["attachment_name"]
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        main, _, sub = kind.partition("/")
        with storage().open(payload["attachment_key"]) as stream:
            message.add_attachment(stream.read(), maintype=main, subtype=sub, filename=name)
    return message


def send_by_smtp(url: str, message: EmailMessage) -> None:
    """Give a message to the server at `smtp[s]://user:password@host:port`.

    With smtp:// the connection is encrypted when the server offers it (`?starttls=never` leaves that out).
    Raises smtplib.SMTPException or OSError.
    """
    with _connection(url) as server:
        server.send_message(message)


@contextmanager
def _connection(url: str) -> Iterator[smtplib.SMTP]:
    parts = urlsplit(url)
    host, options = parts.hostname or "localhost", parse_qs(parts.query)
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=SECONDS)
    with server:
        server.ehlo()
        if parts.scheme != "smtps" and server.has_extn("starttls") and options.get("starttls") != ["never"]:
            server.starttls(context=context)
            server.ehlo()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server
