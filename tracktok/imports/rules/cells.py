"""Cells to values, each distinct text parsed once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

_MOST_KEPT: Final = 50_000
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": None})
NULL: Final = "\\N"
YES: Final = frozenset({"yes", "y", "true", "t", "1", "x", "ja", "oui", "si"})
NO: Final = frozenset({"no", "n", "false", "f", "0", "", "nein", "non"})


class Bad(str):
    """What is wrong with a cell, in words, in the place of its value."""

    __slots__ = ()


class Left(str):
    """Why a row is left out, in the place of a value: it is fine, but nothing that the kind takes."""

    __slots__ = ()


class Memo(dict[Any, Any]):
    """A function that remembers what it has answered (within bounds): `memo[text]`."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, key: Any) -> Any:
        value = self._function(key)
        if len(self) < _MOST_KEPT:
            self[key] = value
        return value


def escape(text: str) -> str:
    """A text as COPY wants it."""
    return text.translate(_ESCAPES)


def one_line(text: str) -> str:
    """A text with every run of white space, line breaks included, as one space."""
    return " ".join(text.split())
