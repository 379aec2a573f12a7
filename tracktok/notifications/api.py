"""The JSON routes of messages, of what one wants to be told, and of the mailbox."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from tracktok.core.errors import Unauthorized
from tracktok.core.permissions import current_actor, permits, signed_in
from tracktok.web.api import Api, ListQuery, instant, json_response, list_response

from . import queries, schemas, services
from .rules import EVENTS, Channel

api = Api("notifications", __name__, prefix="/notifications", tag="Notifications")
mails_api = Api("mails", __name__, prefix="/mails", tag="Notifications")


def _me() -> UUID:
    person_id = current_actor().person_id
    if person_id is None:
        raise Unauthorized
    return person_id


def _message(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "event": row.event,
        "title": row.title,
        "body": row.body,
        "link": row.link,
        "created_at": instant(row.created_at),
        "read_at": instant(row.read_at),
    }


@api.get("/", responses={200: schemas.MessageList})
@signed_in
def list_messages(query: schemas.MessageQuery) -> Response:
    """One's own messages, newest first."""
    page = queries.list_messages(_me(), unread=query.unread, cursor=query.cursor, limit=query.limit)
    return list_response(page, [_message(row) for row in page.rows])


@api.get("/unread-count", responses={200: schemas.UnreadOut})
@signed_in
def unread() -> Response:
    """How many of one's messages are not read."""
    return json_response({"unread": queries.count_unread(_me())})


@api.post("/read-all", responses={200: schemas.UnreadOut})
@signed_in
def read_all() -> Response:
    """Mark all of one's messages as read."""
    services.mark_all_read(_me())
    return json_response({"unread": 0})


@api.patch("/<uuid:notification_id>", responses={200: schemas.MessageOut})
@signed_in
def mark(path: schemas.MessagePath, body: schemas.ReadIn) -> Response:
    """Mark a message as read, or as not read."""
    return json_response(_message(services.mark_read(_me(), path.notification_id, read=body.read)))


@api.get("/preferences", responses={200: schemas.PreferenceList})
@signed_in
def preferences() -> Response:
    """What one is told of every event, by channel."""
    return json_response({"object": "list", "data": _preferences(), "has_more": False, "next_cursor": None})


@api.put("/preferences", responses={200: schemas.PreferenceList})
@signed_in
def prefer(body: schemas.PreferenceIn) -> Response:
    """Choose whether to be told of an event by a channel."""
    services.set_preference(_me(), body.event, body.channel, wanted=body.wanted)
    return preferences()


def _preferences() -> list[dict[str, Any]]:
    return [
        {"event": name, "label": EVENTS[name].label, **{channel.value: chosen[channel] for channel in Channel}}
        for name, chosen in queries.preferences_of(_me()).items()
    ]


def _mail(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "to": row.to_address,
        "subject": row.subject,
        "attachment": row.attachment_name,
        "created_at": instant(row.created_at),
        "sent_at": instant(row.sent_at),
    }


@mails_api.get("/", responses={200: schemas.MailList})
@permits("mailbox.read")
def list_mails(query: ListQuery) -> Response:
    """The mails that were written for the company, newest first."""
    page = queries.list_mails(cursor=query.cursor, limit=query.limit)
    return list_response(page, [_mail(row) for row in page.rows])


@mails_api.get("/<uuid:mail_id>", responses={200: schemas.MailWithTextOut})
@permits("mailbox.read")
def show_mail(path: schemas.MailPath) -> Response:
    """A mail with its text."""
    mail = queries.get_mail(path.mail_id)
    return json_response({**_mail(mail), "text": services.readable_text(mail, current_actor().email)})


APIS = (api, mails_api)
