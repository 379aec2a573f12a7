"""What a kind of import is made of, and which column of a file is which of its fields."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class FieldType(StrEnum):
    """How the cells of a field are read."""

    text = "text"
    date = "date"
    amount = "amount"
    rate = "rate"
    currency = "currency"
    direction = "direction"
    choice = "choice"
    flag = "flag"
    words = "words"
    reference = "reference"


@dataclass(frozen=True, slots=True)
class Field:
    """A field that a column can be mapped to. `synonyms` are headers that mean it, the surest first."""

    name: str
    label: str
    type: FieldType = FieldType.text
    synonyms: tuple[str, ...] = ()
    help: str = ""
    longest: int = 200
    exclusive_values: frozenset[str] = frozenset()
    """When given, a column is guessed for the field only if most of its values are among these."""
    shy: bool = False
    """Whether other fields with the same synonym go first."""
    most_values: int | None = None
    """When given, a column with more distinct values than this is not guessed for the field."""
    examples: tuple[str, ...] = ()
    """What stands in the example file, row by row; a field without examples has no column there."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file can be imported as. `needs` are groups of fields of which one each must be mapped.

    `label` is a heading ("Expenses"); `noun` and `nouns` stand in sentences ("expense", "expenses").
    """

    name: str
    label: str
    noun: str
    nouns: str
    fields: tuple[Field, ...]
    needs: tuple[tuple[str, ...], ...]

    def field(self, name: str) -> Field:
        """A field by its name; raises KeyError."""
        return {one.name: one for one in self.fields}[name]

    def missing(self, mapping: Mapping[str, str]) -> list[tuple[str, ...]]:
        """The groups of which no field is mapped."""
        return [group for group in self.needs if not any(mapping.get(name) for name in group)]


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What is known of a column's content: its type (`date`, `number`, `text`, `empty`) and, if few, its values."""

    name: str
    type: str
    values: Mapping[str, int] | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Meanings:
    """What the values of a column mean: an option `{value: meaning}`, guessed from words that are known, else asked."""

    option: str
    field: str
    title: str
    lead: str
    question: str
    """Asked of a value that nobody knows: "Are these expenses?"."""
    choices: tuple[tuple[str, str], ...]
    """(meaning, how it is offered)."""
    known: Mapping[str, str]
    """What values mean by their normal form."""
    suggestion: str = ""

    def of(self, options: Mapping[str, object], value: str) -> str:
        """What a value means: as chosen, else as the word is known; empty while nobody knows."""
        chosen = options.get(self.option)
        said = chosen.get(value.strip()) if isinstance(chosen, Mapping) else None
        return str(said or self.known.get(normal(value)) or "")


_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_FITS: Final = {
    FieldType.date: {"date", "serial"},
    FieldType.amount: {"number"},
    FieldType.rate: {"number"},
}


def normal(header: str) -> str:
    """A header as it is compared: lower-case words, without stray characters (`START_DATE*` is `start date`)."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    return " ".join(_WORD.findall(spaced.lower()))


def example_rows(kind: Kind) -> list[list[str]]:
    """A file of the kind with all its usual columns: the header, then the examples."""
    shown = [one for one in kind.fields if one.examples]
    longest = max((len(one.examples) for one in shown), default=0)
    rows = [[one.label for one in shown]]
    rows += [[one.examples[at] if at < len(one.examples) else "" for one in shown] for at in range(longest)]
    return rows


def example_csv(kind: Kind) -> str:
    """The same as a CSV file; the mark in front tells spreadsheets its encoding."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(example_rows(kind))
    return "\ufeff" + text.getvalue()


def headers_hash(names: Sequence[str]) -> bytes:
    """What files with the same headers have in common, whatever their order of rows."""
    return hashlib.blake2b("\x1f".join(normal(name) for name in names).encode(), digest_size=16).digest()


def guess_mapping(kind: Kind, columns: Sequence[ColumnFacts]) -> dict[str, str]:
    """Field by column name, guessed by headers and content. Each column is used once; the surest guesses come first."""
    offers: list[tuple[int, int, str, str]] = []
    for position, one in enumerate(kind.fields):
        for column in columns:
            score = _score(one, column)
            if score:
                offers.append((-score, position, one.name, column.name))
    mapping: dict[str, str] = {}
    used: set[str] = set()
    for _, _, name, column_name in sorted(offers):
        if name not in mapping and column_name not in used:
            mapping[name] = column_name
            used.add(column_name)
    return mapping


def _score(one: Field, column: ColumnFacts) -> int:
    header = normal(column.name)
    score = 0
    for rank, synonym in enumerate(one.synonyms):
        if header == synonym:
            score = 1000 - rank
            break
        words = set(header.split())
        if set(synonym.split()) <= words and len(words) <= len(synonym.split()) + 3:
            score = max(score, 500 - rank - 40 * (len(words) - len(synonym.split())))
    if not score or column.type == "empty":
        return 0
    score -= 100 if one.shy else 0
    if one.type in _FITS:
        return score if column.type in _FITS[one.type] else 0
    if column.type == "date" and one.type is not FieldType.text:
        return 0
    return score if _values_fit(one, column) else 0


def _values_fit(one: Field, column: ColumnFacts) -> bool:
    if one.most_values is not None and (column.values is None or len(column.values) > one.most_values):
        return False
    if one.exclusive_values:
        if not column.values:
            return False
        known = sum(count for value, count in column.values.items() if normal(value) in one.exclusive_values)
        return known * 2 > sum(column.values.values())
    return True
