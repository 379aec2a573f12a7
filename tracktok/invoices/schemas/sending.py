"""What customers are sent, and what they send back."""

from __future__ import annotations

import re
from typing import Any

from pydantic import Field, field_validator

from tracktok.web.api import Schema

from .documents import Day


class SendIn(Schema):
    """A mail with a document."""

    to: list[str] | None = Field(
        None, title="To", description="Addresses; the customer's contacts that get documents when none is given"
    )
    subject: str = Field("", title="Subject", max_length=200)
    message: str = Field("", title="Message", max_length=5_000)

    @field_validator("to", mode="before")
    @classmethod
    def _separate(cls, value: Any) -> Any:
        """A form sends one text with commas or lines."""
        texts = value if isinstance(value, list) else [value] if isinstance(value, str) else None
        if texts is None or not all(isinstance(one, str) for one in texts):
            return value
        return [part for one in texts for part in re.split(r"[,;\s]+", one) if part]


class SentOut(Schema):
    """Where a document was sent to."""

    id: str
    number: str
    to: list[str]
    sent_at: str


class PortalLinkOut(Schema):
    """The address of a customer's own page."""

    url: str


class DisputeIn(Schema):
    """What is wrong with a document."""

    said: str = Field("", title="What is wrong", max_length=2_000)


class PromiseIn(Schema):
    """When it is paid."""

    day: Day = Field(title="Day")


class AcceptQuoteIn(Schema):
    """A quote that is accepted."""

    name: str = Field("", title="Your name", max_length=120)


class DeclineQuoteIn(AcceptQuoteIn):
    """A quote that is declined."""

    reason: str = Field("", title="Why", max_length=1_000)


class AnswerIn(Schema):
    """How a dispute ended."""

    answer: str = Field("", title="Answer", max_length=2_000)
