"""Commands of mail."""

from __future__ import annotations

import smtplib
import sys

import click
import orjson
from flask import current_app
from flask.cli import AppGroup

from tracktok.core.ids import new_id

from .tasks import compose, send_by_smtp

mail_cli = AppGroup("mail", help="Mail.")


@mail_cli.command("test")
@click.argument("to")
@click.option("--json", "as_json", is_flag=True, help="Answer with JSON.")
def send_test_mail(to: str, as_json: bool) -> None:
    """Send a mail to TO by the server of SMTP_URL, at once. Exit code 1 when the server refuses, 2 when none is set."""
    url, message_id = current_app.config["SMTP_URL"], new_id()
    error, code = "", 0
    if not url:
        error, code = "SMTP_URL is not set: mails are kept on the mailbox page and go no further.", 2
    else:
        payload = {
            "to": to,
            "subject": "A mail of TrackTok, to see that it arrives",
            "text": "If you read this, TrackTok's mails arrive.\n",
            "html": "",
        }
        try:
            send_by_smtp(url, compose(message_id, payload))
        except (smtplib.SMTPException, OSError) as failure:
            error, code = f"The mail server refused: {failure}", 1
    if as_json:
        click.echo(orjson.dumps({"to": to, "sent": not error, "error": error or None}).decode())
    else:
        click.echo(error or f"The mail server took the mail to {to}.", err=bool(error))
    sys.exit(code)
