"""Settings of reminders: the levels that a company begins with, and their changes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from tracktok.core.db import db
from tracktok.core.errors import Conflict, FieldError
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.invoices.models import ReminderLevel, ReminderSettings
from tracktok.invoices.queries import reminders as queries
from tracktok.invoices.rules.dunning import DEFAULTS, words_of_days
from tracktok.invoices.schemas.reminders import ReminderLevelIn

from .deriving import today

MOST_LEVELS = 12


class LevelTaken(Conflict):
    code, title = "level_taken", "There is a reminder on this day already"


class TooManyLevels(Conflict):
    code, title = "too_many_levels", "There are enough reminders"


def begin_reminders() -> None:
    """A new company finds its levels. Nothing is sent for days before it began."""
    tenant_id, now = current_tenant_id(), today()
    db.session.execute(insert(ReminderSettings).values(tenant_id=tenant_id, id=new_id(), is_on=True))
    rows = [
        {
            "tenant_id": tenant_id,
            "id": new_id(),
            "days": one.days,
            "name": one.name,
            "is_active": one.is_active,
            "subject": one.subject,
            "message": one.message,
            "active_from": now,
        }
        for one in DEFAULTS
    ]
    db.session.execute(insert(ReminderLevel), rows)


def count_from(day: date) -> None:
    """Let all levels count for days from one on: for a past that is told (the demo)."""
    for level in queries.levels():
        level.active_from = day
    db.session.flush()


def switch_reminders(*, is_on: bool) -> ReminderSettings:
    """Let reminders go by themselves, or let none go. Switched on, only days from today on count."""
    found = queries.settings()
    if found is None:
        found = ReminderSettings(id=new_id(), is_on=False)
        db.session.add(found)
    if is_on and not found.is_on:
        for level in queries.levels(only_active=True):
            level.active_from = max(level.active_from, today())
    found.is_on = is_on
    db.session.flush()
    return found


def create_level(body: ReminderLevelIn) -> ReminderLevel:
    """Make a level. Raises LevelTaken, TooManyLevels (409)."""
    known = queries.levels()
    if len(known) >= MOST_LEVELS:
        raise TooManyLevels(f"A company has at most {MOST_LEVELS} reminders.")
    level = ReminderLevel(id=new_id(), active_from=today())
    return _write(level, body)


def change_level(level: ReminderLevel, body: ReminderLevelIn) -> ReminderLevel:
    """Change a level, locked by the caller. One that is switched on, or moved, counts from today. Raises LevelTaken."""
    if (body.is_active and not level.is_active) or body.days != level.days:
        level.active_from = today()
    return _write(level, body)


def switch_level(level: ReminderLevel, *, is_active: bool) -> ReminderLevel:
    """Send a level or leave it out, locked by the caller."""
    if is_active and not level.is_active:
        level.active_from = today()
    level.is_active = is_active
    db.session.flush()
    return level


def delete_level(level: ReminderLevel) -> None:
    """Delete a level, locked by the caller. What was sent of it stays told."""
    level.is_deleted = True
    db.session.flush()


def _write(level: ReminderLevel, body: ReminderLevelIn) -> ReminderLevel:
    detail = f"There is a reminder already: {words_of_days(body.days).lower()}."
    taken = LevelTaken(detail, errors=[FieldError("/days", LevelTaken.code, detail)])
    if any(one.days == body.days and one.id != level.id for one in queries.levels()):
        raise taken
    try:
        with db.session.begin_nested():
            for name, value in body.model_dump().items():
                setattr(level, name, value)
            db.session.add(level)
            db.session.flush()
    except IntegrityError as error:
        raise taken from error
    db.session.refresh(level)
    return level
