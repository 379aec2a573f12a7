"""What goes in and out about messages and mails."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from tracktok.web.api import ListQuery, Schema

from .rules import Channel


class MessagePath(Schema):
    """The id of a message."""

    notification_id: UUID


class MailPath(Schema):
    """The id of a mail."""

    mail_id: UUID


class MessageOut(Schema):
    """A message in the app."""

    id: UUID
    event: str
    title: str
    body: str
    link: str = Field(description="A path of the pages, or empty")
    created_at: datetime
    read_at: datetime | None


class MessageList(Schema):
    """Messages."""

    object: Literal["list"] = "list"
    data: list[MessageOut]
    has_more: bool
    next_cursor: str | None


class MessageQuery(ListQuery):
    """Which messages to list."""

    unread: bool = Field(False, description="Only those not read")


class ReadIn(Schema):
    """Whether a message has been read."""

    read: bool = True


class UnreadOut(Schema):
    """How many messages are not read."""

    unread: int


class PreferenceIn(Schema):
    """Whether to be told of an event by a channel."""

    event: str = Field(max_length=60)
    channel: Channel
    wanted: bool


class PreferenceOut(Schema):
    """What one is told of an event."""

    event: str
    label: str
    in_app: bool
    mail: bool


class PreferenceList(Schema):
    """What one is told of every event."""

    object: Literal["list"] = "list"
    data: list[PreferenceOut]
    has_more: bool
    next_cursor: str | None


class MailOut(Schema):
    """A mail that was written. The text of others' personal links is kept back."""

    id: UUID
    to: str
    subject: str
    attachment: str
    created_at: datetime
    sent_at: datetime | None


class MailWithTextOut(MailOut):
    """A mail with its text."""

    text: str


class MailList(Schema):
    """Mails."""

    object: Literal["list"] = "list"
    data: list[MailOut]
    has_more: bool
    next_cursor: str | None
