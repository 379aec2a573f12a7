"""The pages of messages, of what one is told, and the mailbox."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, Response, current_app, make_response, request, url_for

from tracktok.core import storage
from tracktok.core.errors import Forbidden, NotFound, Unauthorized
from tracktok.core.permissions import current_actor, permits, signed_in
from tracktok.web.addresses import address
from tracktok.web.links import own_path
from tracktok.web.render import redirect_to, render, toast
from tracktok.web.security import content_security_policy

from . import queries, services
from .rules import EVENTS, Channel, can_be_refused

blueprint = Blueprint("notifications", __name__, template_folder="templates")
# A mail is somebody else's page: it gets an origin of its own, no script, no form, and links open beside it.
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'none'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


def _me() -> UUID:
    person_id = current_actor().person_id
    if person_id is None:
        raise Unauthorized
    return person_id


@blueprint.get("/notifications")
@signed_in
def index() -> Response:
    """One's messages, newest first."""
    unread = request.args.get("unread") == "1"
    page = queries.list_messages(_me(), unread=unread, cursor=request.args.get("cursor"), limit=30)
    return render(
        "notifications/index.html",
        block={"messages-more": "rows"},
        page=page,
        unread=unread,
        count=queries.count_unread(_me()),
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
    )


@blueprint.get("/notifications/<uuid:message_id>")
@signed_in
def open_message(message_id: UUID) -> Response:
    """Read a message: go where it leads."""
    message = services.mark_read(_me(), message_id)
    return redirect_to(own_path(message.link, url_for("notifications.index")))


@blueprint.post("/notifications/<uuid:message_id>/unread")
@signed_in
def mark_unread(message_id: UUID) -> Response:
    """Mark a message as not read."""
    services.mark_read(_me(), message_id, read=False)
    return redirect_to(url_for("notifications.index"))


@blueprint.post("/notifications/read-all")
@signed_in
def read_all() -> Response:
    """Mark all messages as read."""
    services.mark_all_read(_me())
    toast("All messages are read")
    return redirect_to(url_for("notifications.index"))


@blueprint.get("/notifications/preferences")
@signed_in
def preferences() -> Response:
    """What one is told, by event and channel."""
    return render(
        "notifications/preferences.html",
        events=list(EVENTS.values()),
        chosen=queries.preferences_of(_me()),
        channels=list(Channel),
        can_be_refused=can_be_refused,
    )


@blueprint.post("/notifications/preferences")
@signed_in
def save_preferences() -> Response:
    """Choose what to be told."""
    wanted = set(request.form.getlist("wanted"))
    now = queries.preferences_of(_me())
    for name in EVENTS:
        for channel in Channel:
            choice = f"{name}:{channel}" in wanted
            if can_be_refused(name, channel) and now[name][channel] != choice:
                services.set_preference(_me(), name, channel, wanted=choice)
    toast("Your choices are saved")
    return redirect_to(url_for("notifications.preferences"))


@blueprint.get("/mailbox")
@permits("mailbox.read")
def mailbox() -> Response:
    """The mails that were written for the company, newest first."""
    page = queries.list_mails(cursor=request.args.get("cursor"), limit=30)
    waiting, reason = queries.mails_not_delivered()
    return render(
        "notifications/mailbox.html",
        block={"mails-more": "rows"},
        page=page,
        waiting=waiting,
        reason=reason or "",
        by_server=bool(current_app.config["SMTP_URL"]),
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
    )


@blueprint.get("/mailbox/<uuid:mail_id>")
@permits("mailbox.read")
def mail(mail_id: UUID) -> Response:
    """A mail: its text, and as it looks."""
    row = queries.get_mail(mail_id)
    readable = services.may_read(row, current_actor().email)
    response = render(
        "notifications/mail.html",
        mail=row,
        readable=readable,
        text=services.readable_text(row, current_actor().email),
        as_html=request.args.get("view") == "html" and readable and bool(row.html_body),
    )
    response.headers["Content-Security-Policy"] = f"{content_security_policy()}; frame-src 'self'"
    return response


@blueprint.get("/mailbox/<uuid:mail_id>/body")
@permits("mailbox.read")
def mail_body(mail_id: UUID) -> Response:
    """A mail's HTML alone, in an origin of its own."""
    row = queries.get_mail(mail_id)
    if not row.html_body:
        raise NotFound
    _check_readable(row)
    response = make_response(row.html_body.replace("<head>", '<head><base target="_blank">', 1))
    response.headers["Content-Security-Policy"] = _MAIL_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@blueprint.get("/mailbox/<uuid:mail_id>/attachment")
@permits("mailbox.read")
def attachment(mail_id: UUID) -> Response:
    """A mail's attachment, as a download."""
    row = queries.get_mail(mail_id)
    if not row.attachment_key:
        raise NotFound
    _check_readable(row)
    stream = storage.storage().open(row.attachment_key)
    response = Response(storage.read_chunks(stream), mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=row.attachment_name)
    return response


def _check_readable(row: Any) -> None:
    if not services.may_read(row, current_actor().email):
        raise Forbidden("This mail carries a personal link. Only the person it was written to reads it.")


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(blueprint)
