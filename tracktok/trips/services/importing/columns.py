"""Columns of cells to columns of texts, each distinct cell read once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby, repeat
from typing import Any, Final

import orjson

from tracktok.imports.rules import numbers
from tracktok.imports.rules.cells import NULL, Bad, Memo
from tracktok.trips.rules.trips import MOST_KM, ODD_KM_AN_HOUR

Cells = Sequence[str]


class Amount(tuple[Decimal, str, int]):
    """A distance, its text, and the seconds below which it was driven faster than any car goes (0: none are).

    A class of its own tells it apart from what is Bad.
    """

    __slots__ = ()


FARTHEST: Final = int(MOST_KM * 3600 / ODD_KM_AN_HOUR)
"""What the third of an Amount is for the longest distance that can be one trip."""


class Reading(Memo):
    """What the cells of a field say; `empty` where they say nothing. `bad` tells that one could not be read."""

    def __init__(self, says: Callable[[str], Any], empty: Any = None) -> None:
        super().__init__(self._read)
        self._says, self.empty, self.bad = says, empty, False

    def _read(self, cell: str) -> Any:
        value = self._says(cell)
        if value.__class__ is Bad:
            self.bad = True
        return self.empty if value is None else value


def is_plain(cells: Cells, longest: int) -> bool:
    """Whether all cells are there, none too long, and none holds what an id is changed for."""
    text = "".join(cells)
    return (
        "" not in cells
        and max(map(len, cells)) <= longest
        and len(text.split(None, 1)) == 1
        and not text[0].isspace()
        and not text[-1].isspace()
        and not any(sign in text for sign in ("\\", "#", numbers.TYPED))
    )


def joined(columns: list[Sequence[str]]) -> Iterator[str]:
    """The lines of some columns; a text instead of a column stands in all lines."""
    parts: list[Iterable[str]] = []
    for alike, group in groupby(columns, key=lambda one: isinstance(one, str)):
        found = list(group)
        parts += [repeat("\t".join(map(str, found)))] if alike else found
    return map("\t".join, zip(*parts, strict=False))


def text_of(value: Amount | Bad | None) -> str | Bad | None:
    """The text of a distance, where there is one."""
    return value[1] if value.__class__ is Amount else value  # type: ignore[return-value]


def texts_of(values: list[Any]) -> list[str] | str:
    """The texts of distances; one for all where there is none."""
    if all(one is None for one in values):
        return NULL
    return [NULL if one is None else one[1] for one in values]


def payloads(rows: list[list[str]]) -> list[str]:
    """The rows as received, as JSON; what marks a spreadsheet's numbers is no part of them."""
    text = orjson.dumps([row[1:] for row in rows]).decode()[2:-2]
    if text.count("],[") != len(rows) - 1:  # somebody's cell holds what stands between the rows
        return [_as_copied(orjson.dumps(row[1:]).decode()) for row in rows]
    return [f"[{row}]" for row in _as_copied(text).split("],[")]


def _as_copied(text: str) -> str:
    if "\\" in text or numbers.TYPED in text:
        text = text.replace(numbers.TYPED, "").replace("\\", "\\\\")
    return text
