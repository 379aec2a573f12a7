"""Patterns of numbers."""

from __future__ import annotations

from pydantic import Field

from tracktok.web.api import Schema


class PatternText(Schema):
    """A pattern by itself."""

    pattern: str = Field(min_length=1, max_length=60)
