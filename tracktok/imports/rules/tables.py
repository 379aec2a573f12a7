"""How a table of text is laid out: what parts the cells, where the header stands, what the columns are called."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .dates import DateOrder, NotADate, parse_date
from .numbers import NotANumber, parse_amount

DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
LONGEST_CELL: Final = 100_000
MOST_COLUMNS: Final = 200
_LOOKED_AT: Final = 40
_TOTALS = re.compile(r"\s*(?:grand\s+|sub\s*)?totals?\b[\s:.]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Layout:
    """`header_row` is the place of the header among the rows looked at (0 is the first), or None when there is none."""

    header_row: int | None
    because: str


def guess_delimiter(sample: str) -> str:
    """The character that parts the cells of a CSV text: the one that gives the steadiest number of columns.

    Quotes are honoured, so delimiters and line ends inside quotes do not count. A comma where nothing parts the text.
    """
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        try:
            rows = [row for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if any(row)]
        except csv.Error:
            continue
        if len(rows) > 1:
            rows = rows[:-1] if len(rows) > 2 else rows  # the last one may be cut off
        widths = Counter(len(row) for row in rows)
        width, count = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(1, 0))
        if width < 2:
            continue
        score = count / len(rows) + min(width, 20) / 1000
        if score > best_score:
            best, best_score = delimiter, score
    return best


def is_data(cell: str) -> bool:
    """Whether a cell looks like a date or a number: what headers do not look like."""
    cell = cell.strip()
    if not cell:
        return False
    for decimal in ".,":
        try:
            parse_amount(cell, decimal)
        except NotANumber:
            continue
        return True
    for order in (DateOrder.day_first, DateOrder.month_first):
        try:
            parse_date(cell, order)
        except NotADate:
            continue
        return True
    return False


def find_header(rows: Sequence[Sequence[str]]) -> Layout:
    """Where the header stands: the first row as wide as the table in which no cell is a date or a number."""
    rows = rows[:_LOOKED_AT]
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    if not rows or max(filled, default=0) == 0:
        return Layout(None, "There is nothing but empty rows.")
    # A table's own rows are wide; titles above it fill a cell or two.
    usual = sorted(count for count in filled if count)[len([count for count in filled if count]) // 2]
    enough = max(1, (usual * 3 + 4) // 5)
    for place, row in enumerate(rows):
        if filled[place] < enough:
            continue
        if any(is_data(cell) for cell in row):
            return Layout(
                None, "The first full row holds data already: there is no header, so the columns are numbered."
            )
        because = "The header is the first row." if place == 0 else f"The header is row {place + 1}, below a preamble."
        return Layout(place, because)
    return Layout(None, "No row looks like a header, so the columns are numbered.")


def name_columns(header: Sequence[str], width: int) -> list[str]:
    """A name for each column, each of its own: empty ones are numbered, repeated ones counted."""
    names: list[str] = []
    taken: set[str] = set()
    for index in range(max(width, len(header))):
        raw = " ".join(header[index].split()) if index < len(header) else ""
        name = base = raw[:100] or f"Column {index + 1}"
        counter = 2
        while name in taken:
            name = f"{base} ({counter})"
            counter += 1
        taken.add(name)
        names.append(name)
    return names


def is_totals_row(cells: Sequence[str]) -> bool:
    """Whether the first cell with text says that the row adds up the others."""
    for cell in cells:
        if cell.strip():
            return bool(_TOTALS.fullmatch(cell)) or bool(_TOTALS.match(cell) and len(cell) < 20)
    return False
