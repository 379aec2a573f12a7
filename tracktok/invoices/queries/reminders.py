"""Reminders: levels, who is to be reminded today, and what was sent of a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, Date, Uuid, and_, bindparam, exists, func, or_, select

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.prepared import one_of
from tracktok.customers.models import Customer
from tracktok.invoices.models import Reminder, ReminderLevel, ReminderMail, ReminderSettings, SalesDocument
from tracktok.invoices.rules.dunning import Owed

_TODAY = bindparam("today", type_=Date())
_IDS = bindparam("ids", type_=ARRAY(Uuid())).any_()
_LEVELS = select(ReminderLevel).where(ReminderLevel.is_deleted.is_(False)).order_by(ReminderLevel.days)
_SENT = (
    select(
        Reminder.id, Reminder.document_id, Reminder.level_id, Reminder.level_name, Reminder.level_days,
        Reminder.sent_on, Reminder.amount_due, Reminder.created_at, ReminderMail.to_addresses,
        ReminderMail.is_automatic, ReminderMail.subject, ReminderMail.sent_by,
    )
    .join(ReminderMail, and_(ReminderMail.tenant_id == Reminder.tenant_id, ReminderMail.id == Reminder.mail_id))
    .where(Reminder.document_id == _IDS)
    .order_by(Reminder.sent_on.desc(), Reminder.id.desc())
)  # fmt: skip
_OPEN = and_(
    one_of(SalesDocument.status, ("issued", "part_paid")),
    one_of(SalesDocument.kind, ("invoice", "debit_note")),
    SalesDocument.disputed_at.is_(None),
    SalesDocument.reminders_stopped.is_(False),
    or_(SalesDocument.promised_on.is_(None), SalesDocument.promised_on < _TODAY),
)
# The day of a level has come, and what says "will be due" is still true.
_COME = and_(
    ReminderLevel.tenant_id == SalesDocument.tenant_id,
    ReminderLevel.is_active,
    ReminderLevel.is_deleted.is_(False),
    SalesDocument.due_date + ReminderLevel.days <= _TODAY,
    or_(ReminderLevel.days >= 0, SalesDocument.due_date >= _TODAY),
)
_HIGHEST = (
    select(func.max(ReminderLevel.days)).where(_COME).correlate(SalesDocument).scalar_subquery()
)  # fmt: skip
_OF_HIGHEST = select(ReminderLevel.id).where(_COME, ReminderLevel.days == _HIGHEST).correlate(SalesDocument)
_ANSWERED = (
    exists()
    .where(
        Reminder.tenant_id == SalesDocument.tenant_id,
        Reminder.document_id == SalesDocument.id,
        or_(
            Reminder.level_days >= _HIGHEST,
            Reminder.sent_on == _TODAY,
            Reminder.level_id.in_(_OF_HIGHEST.scalar_subquery()),
        ),
    )
    .correlate(SalesDocument)
)
_NOT_STOPPED = (
    exists()
    .where(
        Customer.tenant_id == SalesDocument.tenant_id,
        Customer.id == SalesDocument.customer_id,
        Customer.reminders_stopped.is_(False),
    )
    .correlate(SalesDocument)
)
REMINDER_DUE = and_(_OPEN, _HIGHEST.is_not(None), ~_ANSWERED, _NOT_STOPPED)
"""Of documents: a level has come and was not sent, whether it goes by itself or not. Wants the parameter `today`."""
_BY_ITSELF = (
    exists()
    .where(_COME, SalesDocument.due_date + ReminderLevel.days >= ReminderLevel.active_from)
    .correlate(SalesDocument)
)
_DUE_CUSTOMERS = (
    select(SalesDocument.customer_id, func.array_agg(SalesDocument.id).label("ids"))
    .where(REMINDER_DUE, _BY_ITSELF)
    .group_by(SalesDocument.customer_id)
    .order_by(SalesDocument.customer_id)
)
_WAITING = select(func.count()).select_from(SalesDocument).where(REMINDER_DUE)


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent of a document: the rows, the latest first."""

    rows: Sequence[Any] = ()

    def owed(self, document: SalesDocument) -> Owed:
        """A document as the rules of reminders look at it."""
        days = [row.level_days for row in self.rows if row.level_days is not None]
        issued = document.finalized_at
        return Owed(
            due_date=document.due_date or document.document_date,
            issued_on=issued.astimezone(ZoneInfo(preferences().timezone)).date() if issued else document.document_date,
            sent_levels=frozenset(row.level_id for row in self.rows if row.level_id is not None),
            sent_days=max(days, default=None),
        )


def settings() -> ReminderSettings | None:
    """Whether reminders are sent; None for a company that never had any."""
    return db.session.execute(select(ReminderSettings)).scalar_one_or_none()


def is_on() -> bool:
    """Whether the company sends reminders by itself."""
    found = settings()
    return found is not None and found.is_on


def levels(*, only_active: bool = False) -> list[ReminderLevel]:
    """The levels in the order of their days."""
    found = db.session.execute(_LEVELS).scalars().all()
    return [one for one in found if one.is_active or not only_active]


def get_level(level_id: UUID, *, for_update: bool = False) -> ReminderLevel:
    """A level. Raises NotFound."""
    statement = _LEVELS.where(ReminderLevel.id == level_id)
    if for_update:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = db.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such level of reminders.")
    return found


def sent_of(ids: Iterable[UUID]) -> Mapping[UUID, Sent]:
    """What was sent of documents, by document."""
    wanted = list(ids)
    rows: dict[UUID, list[Any]] = {one: [] for one in wanted}
    for row in db.session.execute(_SENT, {"ids": wanted}):
        rows[row.document_id].append(row)
    return {one: Sent(found) for one, found in rows.items()}


def due_customers(today: date) -> list[tuple[UUID, list[UUID]]]:
    """Whom the run of a day looks at: (customer, documents). It looks again, with locks, before it sends."""
    rows = db.session.execute(_DUE_CUSTOMERS, {"today": today})
    return [(row.customer_id, list(row.ids)) for row in rows]


def count_waiting(today: date) -> int:
    """How many documents a level has come for that was not sent."""
    return int(db.session.execute(_WAITING, {"today": today}).scalar_one())


def first_run_day(today: date, hour: int) -> date:
    """The day of the next run: today until it has begun, then tomorrow."""
    local = clock.now().astimezone(ZoneInfo(preferences().timezone))
    return today if local.hour < hour else today + timedelta(days=1)
