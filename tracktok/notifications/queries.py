"""What is read of mails and messages."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import load_only

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import DEFAULT_LIMIT, Page, keyset, make_page, page_parameters, sort_by
from tracktok.core.tables import OutboxMessage

from .models import Mail, Notification, NotificationPreference
from .rules import EVENTS, Channel, event_named, wanted_by_default

_NEWEST = "-created_at"
_MESSAGE_SORTS = {"created_at": sort_by(Notification.created_at)}
_MAIL_SORTS = {"created_at": sort_by(Mail.created_at)}
_UNREAD = select(func.count()).where(Notification.person_id == bindparam("person_id"), Notification.read_at.is_(None))
_CHOICES = select(NotificationPreference.event, NotificationPreference.channel, NotificationPreference.wanted).where(
    NotificationPreference.person_id == bindparam("person_id")
)
_WAITING = select(func.count(), func.max(OutboxMessage.error)).where(
    OutboxMessage.kind == "mail", OutboxMessage.delivered_at.is_(None), OutboxMessage.attempts > 0
)


@cache
def _messages(*, unread: bool, after: bool) -> Select[Any]:
    statement: Any = select(
        Notification.id,
        Notification.event,
        Notification.title,
        Notification.body,
        Notification.link,
        Notification.created_at,
        Notification.read_at,
    ).where(Notification.person_id == bindparam("person_id"))
    if unread:
        statement = statement.where(Notification.read_at.is_(None))
    return keyset(statement, sorts=_MESSAGE_SORTS, id_column=Notification.id, sort=_NEWEST, after=after)


def list_messages(
    person_id: UUID, *, unread: bool = False, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page:
    """A person's messages in the app, newest first."""
    parameters = page_parameters(sorts=_MESSAGE_SORTS, sort=_NEWEST, cursor=cursor, limit=limit)
    statement = _messages(unread=unread, after=bool(cursor))
    rows = db.session.execute(statement, {"person_id": person_id, **parameters}).all()
    return make_page(rows, sort=_NEWEST, limit=limit, sort_key="created_at")


def count_unread(person_id: UUID) -> int:
    """How many messages a person has not read."""
    return int(db.session.execute(_UNREAD, {"person_id": person_id}).scalar_one())


def get_message(person_id: UUID, message_id: UUID) -> Notification:
    """A message of a person. Raises NotFound, also for somebody else's."""
    found = db.session.execute(
        select(Notification).where(Notification.id == message_id, Notification.person_id == person_id)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def wants(person_id: UUID, event: str, channel: Channel | str) -> bool:
    """Whether a person is to be told of an event by a channel (`in_app` or `mail`)."""
    channel = Channel(channel)
    if channel in event_named(event).always:
        return True
    chosen = db.session.execute(
        select(NotificationPreference.wanted).where(
            NotificationPreference.person_id == person_id,
            NotificationPreference.event == event,
            NotificationPreference.channel == channel,
        )
    ).scalar_one_or_none()
    return wanted_by_default(event, channel) if chosen is None else chosen


def who_wants(people: Iterable[UUID], event: str, channel: Channel | str) -> list[UUID]:
    """Who of some people is to be told of an event by a channel, in one statement; in their order."""
    asked, channel = list(people), Channel(channel)
    if channel in event_named(event).always:
        return asked
    rows = db.session.execute(
        select(NotificationPreference.person_id, NotificationPreference.wanted).where(
            NotificationPreference.person_id.in_(asked),
            NotificationPreference.event == event,
            NotificationPreference.channel == channel,
        )
    )
    chosen = {row.person_id: row.wanted for row in rows}
    return [one for one in asked if chosen.get(one, wanted_by_default(event, channel))]


def preferences_of(person_id: UUID) -> dict[str, dict[Channel, bool]]:
    """Every event with whether the person wants it, by channel."""
    chosen = {(row.event, row.channel): row.wanted for row in db.session.execute(_CHOICES, {"person_id": person_id})}
    return {
        name: {channel: chosen.get((name, channel), wanted_by_default(name, channel)) for channel in Channel}
        for name in EVENTS
    }


@cache
def _mails(*, own: bool, after: bool) -> Select[Any]:
    statement: Any = select(
        Mail.id, Mail.to_address, Mail.subject, Mail.attachment_name, Mail.is_personal, Mail.created_at, Mail.sent_at
    )
    if own:
        statement = statement.where(func.lower(Mail.to_address) == bindparam("address"))
    return keyset(statement, sorts=_MAIL_SORTS, id_column=Mail.id, sort=_NEWEST, after=after)


def list_mails(*, to: str | None = None, cursor: str | None = None, limit: int = DEFAULT_LIMIT) -> Page:
    """The mails that were written, newest first; `to` narrows them to one address."""
    parameters = page_parameters(sorts=_MAIL_SORTS, sort=_NEWEST, cursor=cursor, limit=limit)
    if to:
        parameters["address"] = to.lower()
    rows = db.session.execute(_mails(own=bool(to), after=bool(cursor)), parameters).all()
    return make_page(rows, sort=_NEWEST, limit=limit, sort_key="created_at")


def get_mail(mail_id: UUID) -> Mail:
    """A mail of the current tenant. Raises NotFound."""
    found = db.session.execute(select(Mail).where(Mail.id == mail_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def find_mail_of(outbox_id: UUID) -> Mail | None:
    """The mail that was made of an outbox message."""
    return db.session.execute(
        select(Mail).where(Mail.outbox_id == outbox_id).options(load_only(Mail.id, Mail.sent_at))
    ).scalar_one_or_none()


def mails_not_delivered() -> tuple[int, str | None]:
    """(how many mails the server has not taken yet, one of the reasons)."""
    number, reason = db.session.execute(_WAITING).one()
    return number, reason
