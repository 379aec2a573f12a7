"""The clock. All instants are aware and in UTC; "today" is a question about a place."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def today(timezone: str) -> date:
    """The calendar date at this instant in an IANA time zone such as `Asia/Kolkata`."""
    return now().astimezone(ZoneInfo(timezone)).date()
