"""Levels of reminders, and reminders that are sent."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from tracktok.invoices.rules import dunning
from tracktok.web.api import Schema

from .documents import Day
from .sending import SendIn

MOST_AT_ONCE = 200


def _check(text: str) -> str:
    problem = dunning.problem_of(text)
    if problem:
        raise ValueError(problem)
    return text


Words = Annotated[str, AfterValidator(_check)]


class ReminderSettingsIn(Schema):
    """Whether reminders are sent."""

    is_on: bool = Field(title="Send reminders by themselves")


def _is_number(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("Write a whole number.")  # noqa: TRY004 - what Pydantic tells at the field
    return value


Number = Annotated[int, BeforeValidator(_is_number)]


class ReminderLevelIn(Schema):
    """A reminder: when, and with which words."""

    name: str = Field(title="Name", min_length=1, max_length=60, examples=["First reminder"])
    days: Number = Field(
        title="Days",
        ge=dunning.EARLIEST,
        le=dunning.LATEST,
        description="From the due date; below 0: before it",
        examples=[7],
    )
    subject: Words = Field(title="Subject", min_length=1, max_length=200, examples=["Reminder: {number} is overdue"])
    message: Words = Field(
        title="Message",
        min_length=1,
        max_length=5_000,
        description=f"Text with placeholders: {', '.join(f'{{{one}}}' for one in dunning.PLACEHOLDERS)}",
        examples=["Hello,\n\n{amount_due} for {number} is open since {due_date}."],
    )
    is_active: bool = Field(True, title="Send it")


class ReminderLevelForm(Schema):
    """The same as a person fills it in: so many days before or after."""

    name: str = Field(title="Name", min_length=1, max_length=60)
    days: int = Field(title="Days", ge=0, le=dunning.LATEST)
    side: Literal["before", "after"] = Field("after", title="Before or after")
    subject: Words = Field(title="Subject", min_length=1, max_length=200)
    message: Words = Field(title="Message", min_length=1, max_length=5_000)
    is_active: bool = Field(True, title="Send it")

    @field_validator("side")
    @classmethod
    def _not_too_early(cls, side: str, info: ValidationInfo) -> str:
        if side == "before" and info.data.get("days", 0) > -dunning.EARLIEST:
            raise ValueError(f"At most {-dunning.EARLIEST} days before it is due.")
        return side

    def as_level(self) -> ReminderLevelIn:
        """The level."""
        values = self.model_dump(exclude={"side", "days"})
        return ReminderLevelIn(days=-self.days if self.side == "before" else self.days, **values)


class ReminderLevelOut(Schema):
    """A level."""

    id: UUID
    name: str
    days: int
    subject: str
    message: str
    is_active: bool
    active_from: date = Field(description="Nothing goes by itself for days before this one")
    version: int


class ReminderLevelList(Schema):
    """All levels."""

    object: Literal["list"] = "list"
    data: list[ReminderLevelOut]
    has_more: bool
    next_cursor: str | None


class ReminderSettingsOut(Schema):
    """Whether reminders are sent."""

    is_on: bool
    waiting: int = Field(description="Documents that a level has come for and that were not reminded")


class ReminderOut(Schema):
    """A reminder that was sent."""

    level_id: UUID | None
    level_name: str
    sent_on: date
    sent_at: datetime
    to: list[str]
    subject: str
    amount_due: str
    is_automatic: bool


class NextReminder(Schema):
    """What goes out next."""

    level_id: UUID
    level_name: str
    on: date


class RemindersOut(Schema):
    """What was sent of a document, and what comes next."""

    sent: list[ReminderOut]
    next: NextReminder | None
    rests: str | None = Field(
        None, description="Why none goes out: not_open, disputed, promised, stopped, customer_stopped, off, no_address"
    )
    rests_because: str | None
    reminders_stopped: bool


class RemindIn(SendIn):
    """A reminder that a person sends."""

    force: bool = Field(False, description="Also when it is disputed, promised or stopped")


class RemindManyIn(Schema):
    """Which documents to remind of: each customer gets one mail."""

    ids: list[UUID] = Field(min_length=1, max_length=MOST_AT_ONCE)


class Refusal(Schema):
    """What was not sent, and why."""

    document: str
    detail: str


class RemindedOut(Schema):
    """What was sent."""

    mails: int
    documents: int
    refused: list[Refusal]


class StatementMailIn(SendIn):
    """A statement of account by mail."""

    date_from: Day | None = Field(None, title="From", description="90 days before the last day when none is given")
    date_to: Day | None = Field(None, title="To", description="Today when none is given; this day included")


class StatementSentOut(Schema):
    """Where a statement was sent to."""

    customer_id: UUID
    to: list[str]
