"""Messages in the app, and what a person wants to be told."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from tracktok.core import clock
from tracktok.core.db import db
from tracktok.core.errors import Invalid
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.notifications import queries
from tracktok.notifications.models import Notification, NotificationPreference
from tracktok.notifications.rules import EVENTS, Channel, can_be_refused


def notify(
    person_id: UUID, event: str, title: str, body: str = "", link: str = "", once_key: str | None = None
) -> UUID | None:
    """Tell a person of the current tenant something in the app, unless they do not want to hear of such events.

    `link` is a path of our own pages. With a `once_key` the same news is told once to a person; returns the message's
    id, or None when it was told before or is not wanted.
    """
    if not queries.wants(person_id, event, Channel.in_app):
        return None
    return db.session.execute(
        insert(Notification)
        .values(
            tenant_id=current_tenant_id(),
            id=new_id(),
            person_id=person_id,
            event=event,
            title=title,
            body=body,
            link=link,
            once_key=once_key,
        )
        .on_conflict_do_nothing()
        .returning(Notification.id)
    ).scalar_one_or_none()


def notify_all(people: Sequence[UUID], event: str, title: str, body: str, link: str, once_key: str) -> frozenset[UUID]:
    """Tell people in the app, in one statement; those who were told of this key before are not. Who was told now.

    Who does not want to hear of such events is left out by the caller (`queries.who_wants`).
    """
    if not people:
        return frozenset()
    values = {"tenant_id": current_tenant_id(), "event": event, "title": title, "body": body, "link": link}
    made = insert(Notification).values(
        [{**values, "id": new_id(), "person_id": one, "once_key": f"{once_key}:{one}"} for one in people]
    )
    told = made.on_conflict_do_nothing().returning(Notification.person_id)
    return frozenset(db.session.execute(told).scalars())


def mark_read(person_id: UUID, message_id: UUID, *, read: bool = True) -> Notification:
    """Mark one message as read, or as not read. Raises NotFound."""
    message = queries.get_message(person_id, message_id)
    message.read_at = (message.read_at or clock.now()) if read else None
    db.session.flush()
    return message


def mark_all_read(person_id: UUID) -> int:
    """Mark all of a person's messages as read; returns how many were not."""
    changed = db.session.execute(
        update(Notification)
        .where(Notification.person_id == person_id, Notification.read_at.is_(None))
        .values(read_at=clock.now())
        .returning(Notification.id)
    )
    return len(changed.all())


def set_preference(person_id: UUID, event: str, channel: str, *, wanted: bool) -> None:
    """Choose whether to be told of an event by a channel. Raises Invalid for what does not exist or must stay on."""
    if event not in EVENTS:
        raise Invalid.at("event", f"There is no such event. Use one of: {', '.join(EVENTS)}.")
    if channel not in list(Channel):
        raise Invalid.at("channel", f"Use one of: {', '.join(Channel)}.")
    if not wanted and not can_be_refused(event, Channel(channel)):
        raise Invalid.at("wanted", f"{EVENTS[event].label}: this is always told by e-mail.")
    statement = insert(NotificationPreference).values(
        tenant_id=current_tenant_id(), id=new_id(), person_id=person_id, event=event, channel=channel, wanted=wanted
    )
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "person_id", "event", "channel"], set_={"wanted": wanted}
        )
    )
