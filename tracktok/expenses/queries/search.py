"""Text search: expenses by the beginnings of their words.

Under row-level security PostgreSQL uses no index for a condition that is not leakproof, and matching text is not. So
the ids are looked up by `search_expenses`, a function that runs as a role of its own (see
docs/decisions/0010-text-search-runs-as-a-role-of-its-own.md). Words that many expenses have are not worth an index:
then the list walks its own order and looks at each row, and stops soon.
"""

from __future__ import annotations

from functools import cache
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, bindparam, func, literal_column, text

from tracktok.core.db import db
from tracktok.core.words import MOST_FOUND, pattern_of, words_of
from tracktok.expenses.models import Expense

_FIND = text("SELECT search_expenses(:words, :most)").bindparams(bindparam("words", type_=ARRAY(Text())))


def find_by_words(words: list[str]) -> list[UUID] | None:
    """The ids of the expenses that have all these words (or words that begin so); None when they are common."""
    found: list[UUID] = db.session.execute(_FIND, {"words": words, "most": MOST_FOUND + 1}).scalar_one()
    return found if len(found) <= MOST_FOUND else None


@cache
def matches(count: int) -> ColumnElement[bool]:
    """The condition that a row has each of the words `word_0`, `word_1`, ... (as `pattern_of` writes them)."""
    haystack = func.lower(
        literal_column("' '")
        + Expense.title
        + literal_column("' '")
        + Expense.merchant
        + literal_column("' '")
        + Expense.reference
        + literal_column("' '")
        + Expense.description
    )
    condition = haystack.regexp_match(bindparam("word_0", type_=Text()))
    for number in range(1, count):
        condition = condition & haystack.regexp_match(bindparam(f"word_{number}", type_=Text()))
    return condition


__all__ = ["MOST_FOUND", "find_by_words", "matches", "pattern_of", "words_of"]
