"""The words of a text search, cut as the indexes cut them (see docs/decisions/0010-*)."""

from __future__ import annotations

import re

MOST_FOUND = 5_000
"""With more hits than this the words are common: a list then walks in its own order and compares each row."""
MOST_WORDS = 8
# The same as in migrations/versions/0010_quick_imports.py.
_BETWEEN = re.compile(
    r"[\s\-/._@:;#,+&()'\"!?*|<>\\\[\]{}=%$^~`\u00a1\u00a3\u00a5\u00ab\u00b7\u00bb\u00bf\u2010-\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u20ac\u20b9]+"
)


def words_of(query: str) -> list[str]:
    """The words that a query asks for, at most eight."""
    return [word for word in _BETWEEN.split(query.replace("\x00", " ")) if word][:MOST_WORDS]


def pattern_of(word: str) -> str:
    r"""A regular expression for a word's beginning, as an index would find it: `\mword`."""
    return r"\m" + re.escape(word.lower())
