"""The words of a text search, cut as the indexes cut them (see docs/decisions/0010-*)."""

from __future__ import annotations

import re

MOST_FOUND = 5_000
"""With more hits than this the words are common: a list then walks in its own order and compares each row."""
MOST_WORDS = 8
_BETWEEN = re.compile(r"[\s\-/._@:;#,+&()'\"!?*|<>\\\[\]{}=%$^~`]+")


def words_of(query: str) -> list[str]:
    """The words that a query asks for, at most eight."""
    return [word for word in _BETWEEN.split(query.replace("\x00", " ")) if word][:MOST_WORDS]


def pattern_of(word: str) -> str:
    r"""A regular expression for a word's beginning, as an index would find it: `\mword`."""
    return r"\m" + re.escape(word.lower())
