"""Reminders: which level is due on a day, what comes next, and the words of a level with its placeholders."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

PLACEHOLDERS: Mapping[str, str] = {
    "customer": "The customer's name",
    "number": "The number of the invoice; of several: “INV-1, INV-2 and INV-3”",
    "amount_due": "What is open; of several in all",
    "due_date": "When it was due; of several the earliest",
    "days_overdue": "How many days it is overdue; of several the most; 0 before it is due",
    "link": "The customer's own page, where it is seen and paid",
    "company": "Your name",
}
EARLIEST, LATEST = -90, 365
_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")


@dataclass(frozen=True, slots=True)
class DefaultLevel:
    """A level that a new company finds. `days` are from the due date, below 0 before it."""

    days: int
    name: str
    is_active: bool
    subject: str
    message: str


DEFAULTS = (
    DefaultLevel(
        -3, "Due soon", False, "{number} is due on {due_date}",
        "Hello,\n\na short note that {amount_due} for {number} is due on {due_date}. If it is on its way already, "
        "there is nothing to do.\n\nThank you,\n{company}",
    ),
    DefaultLevel(
        1, "Just due", False, "{number} was due on {due_date}",
        "Hello,\n\n{amount_due} for {number} was due on {due_date}. Perhaps our letters have crossed; if not, please "
        "pay it these days.\n\nThank you,\n{company}",
    ),
    DefaultLevel(
        7, "First reminder", True, "Reminder: {amount_due} overdue, {number}",
        "Hello,\n\nby our books {amount_due} for {number} is open since {due_date}. Please pay it, or tell us what "
        "keeps you from it: on the page below you can pay, say when you will, or say what is wrong.\n\n"
        "Thank you,\n{company}",
    ),
    DefaultLevel(
        21, "Second reminder", True, "Second reminder: {amount_due} overdue, {number}",
        "Hello,\n\n{amount_due} for {number} is still open, since {due_date}, {days_overdue} days "
        "by now. Please pay it within a week, or answer us.\n\nThank you,\n{company}",
    ),
    DefaultLevel(
        45, "Final reminder", False, "Final reminder: {amount_due} overdue, {number}",
        "Hello,\n\n{amount_due} for {number} is open since {due_date}, {days_overdue} days by now, and our reminders "
        "were not answered. If it is not paid within seven days we have to take further steps.\n\n{company}",
    ),
)  # fmt: skip
"""On from the start are only those that nobody is cross about: a week and three weeks after the due date. A payment of
yesterday is booked by then, nobody is reminded of what is not due, and nothing is threatened unasked."""


class Level(Protocol):
    """A level, as far as the rules look at it."""

    @property
    def id(self) -> UUID: ...
    @property
    def days(self) -> int: ...
    @property
    def active_from(self) -> date: ...


L = TypeVar("L", bound=Level)


@dataclass(frozen=True, slots=True)
class Owed:
    """A document that is open: when it is due, since when it is known, and which reminders of it were sent."""

    due_date: date
    issued_on: date
    sent_levels: frozenset[UUID] = frozenset()
    sent_days: int | None = None
    """The `days` of the highest level that was sent."""


def due_level(levels: Iterable[L], owed: Owed, today: date, *, by_hand: bool = False) -> L | None:
    """The level whose reminder is to go out on a day: the highest one whose day has come, unless it was sent.

    By themselves go only levels whose day came since they were switched on and after the document was issued: who
    switches reminders on, or enters old invoices, mails nobody about the past. `by_hand` looks at all of them.
    """
    come = [one for one in levels if _has_come(one, owed, today) and (by_hand or _counts(one, owed))]
    highest = max(come, key=lambda one: one.days, default=None)
    if highest is None or highest.id in owed.sent_levels:
        return None
    return None if owed.sent_days is not None and owed.sent_days >= highest.days else highest


def _has_come(level: Level, owed: Owed, today: date) -> bool:
    # What says "will be due" is not said once it is overdue.
    return day_of(level, owed) <= today and (level.days >= 0 or today <= owed.due_date)


def _counts(level: Level, owed: Owed) -> bool:
    day = day_of(level, owed)
    return day >= level.active_from and day > owed.issued_on


def day_of(level: Level, owed: Owed) -> date:
    """The day of a level."""
    return owed.due_date + timedelta(days=level.days)


def next_reminder(levels: Sequence[L], owed: Owed, first: date) -> tuple[L, date] | None:
    """The reminder that goes out next, and when, not before a day; None when there is none to come."""
    days = sorted({first, *(day for one in levels if (day := day_of(one, owed)) > first)})
    for day in days:
        found = due_level(levels, owed, day)
        if found is not None:
            return found, day
    return None


def words_of_days(days: int) -> str:
    """When a level is sent: "3 days before it is due", "7 days after"."""
    if days == 0:
        return "On the day it is due"
    count = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"{count} before it is due" if days < 0 else f"{count} after it was due"


def problem_of(text: str) -> str | None:
    """What is wrong with the placeholders of a text, in words, or None."""
    for found in _BRACES.finditer(text):
        name = found.group(1)
        if name is None:
            return f"There is a lone {found.group()}; placeholders look like {{number}}."
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            return f"There is no placeholder {{{name}}}. Use {known}."
    return None


def fill(text: str, values: Mapping[str, str]) -> str:
    """A text with its placeholders filled; what is unknown stays as it is."""
    return _BRACES.sub(lambda found: values.get(found.group(1) or "", found.group()), text)


def listed(names: Sequence[str], most: int = 3) -> str:
    """Names in a sentence: "INV-1, INV-2 and INV-3", "INV-1, INV-2 and 4 more"."""
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def rests(
    *, status: str, open_statuses: Collection[str], disputed: bool, promised_on: date | None, today: date,
    customer_stopped: bool, stopped: bool,
) -> tuple[str, str] | None:  # fmt: skip
    """Why no reminder goes out of a document on a day: (code, in words); None when reminders may go."""
    if status not in open_statuses:
        return "not_open", "Nothing is open on it."
    if disputed:
        return "disputed", "The customer disputes it. Reminders rest until the dispute is resolved."
    if stopped:
        return "stopped", "Reminders are stopped for this document."
    if customer_stopped:
        return "customer_stopped", "The customer gets no reminders."
    if promised_on is not None and promised_on >= today:
        return "promised", "Payment is promised. Reminders go on when the promised day has passed."
    return None
