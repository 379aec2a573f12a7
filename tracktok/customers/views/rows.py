"""Rows of a form: prices of a list, periods of a rate. Named `items-0-unit_price`, `items-1-unit_price`, ..."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.web.filters import figures
from tracktok.web.inputs import plain_date, plain_decimal

SPARE = 3
"""How many empty rows stand below those that are filled in."""


def take_rows(values: MultiDict[str, str], prefix: str, names: Sequence[str]) -> list[dict[str, str]]:
    """Take the rows out of a form's values: their texts, without rows in which nothing stands."""
    pattern = re.compile(rf"{prefix}-(\d+)-({'|'.join(names)})")
    found: dict[int, dict[str, str]] = {}
    for key in list(values):
        if match := pattern.fullmatch(key):
            text = (values.poplist(key) or [""])[0].strip()
            found.setdefault(int(match[1]), dict.fromkeys(names, ""))[match[2]] = text
    return [row for _, row in sorted(found.items()) if any(row.values())]


def put_rows(values: MultiDict[str, str], prefix: str, rows: Sequence[Mapping[str, str]]) -> None:
    """Put rows into a form's values, numbered without gaps."""
    for number, row in enumerate(rows):
        for name, text in row.items():
            values.setlist(f"{prefix}-{number}-{name}", [text])


def name_rows(labels: dict[str, str], prefix: str, count: int, words: Mapping[str, str]) -> None:
    """Say what the fields of rows are called in the summary of errors: "Line 2, price"."""
    labels |= {f"{prefix}-{at}-{name}": f"Line {at + 1}, {word}" for at in range(count) for name, word in words.items()}


def typed(row: Mapping[str, str], *, decimals: Sequence[str] = (), days: Sequence[str] = ()) -> dict[str, Any]:
    """A row as a schema takes it: amounts and dates as people write them, what is empty left out."""
    prefs = preferences()
    out: dict[str, Any] = {}
    for name, text in row.items():
        if not text:
            continue
        if name in decimals:
            out[name] = plain_decimal(text.rstrip(" %"), figures(prefs.locale).decimal) or text
        elif name in days:
            out[name] = plain_date(text, prefs.date_format, clock.today(prefs.timezone)) or text
        else:
            out[name] = text
    return out
