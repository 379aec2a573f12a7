"""Dates as people write them: which forms a column holds, with the evidence, and how one is read.

`03/04/2026` does not say by itself which part is the day. The whole column is looked at: a part above 12 is a day. What
stays open is asked, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from .cells import Memo

EARLIEST_YEAR: Final = 1900
LATEST_YEAR: Final = 2100
# Two-digit years: 00 to 68 are of this century, as POSIX has it.
PIVOT: Final = 69
_EXCEL_EPOCH: Final = date(1899, 12, 30)
_SERIALS: Final = range(20_000, 80_000)  # 1954 to 2119

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january janv januar enero gennaio",
            "feb february fev februar febrero febbraio",
            "mar march mars marz marzo",
            "apr april avr abril aprile",
            "may mai mayo maggio",
            "jun june juin juni junio giugno",
            "jul july juil juli julio luglio",
            "aug august aout agosto",
            "sep sept september septembre septiembre settembre",
            "oct october okt oktober octobre octubre ottobre",
            "nov november novembre noviembre",
            "dec december dez dezember decembre diciembre dicembre",
        ),
        start=1,
    )
    for name in names.split()
}
_NUMERIC = re.compile(r"(\d{1,4})([./\- ])(\d{1,2})\2(\d{4}|\d{1,2})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ .\-/,]*([^\W\d_]{3,12})\.?[ .\-/,]*(\d{4}|\d{2})")
_NAME_DAY = re.compile(r"([^\W\d_]{3,12})\.?[ .\-/]*(\d{1,2})(?:st|nd|rd|th)?[ .\-/,]+(\d{4}|\d{2})")
_TIME = re.compile(
    r"(?<=\d)(?:[T ,]+|, +| +at +)\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)? *(?:[AaPp]\.?[Mm]\.?)?"
    r" *(?:Z|UTC|GMT|IST|[+-]\d{2}:?\d{2})?$"
)
_PLAIN_DAY = re.compile(r"\d[\d./\-]*\d")
_PLAIN_TIME = re.compile(
    r"\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)? *(?:[AaPp]\.?[Mm]\.?)? *(?:Z|UTC|GMT|IST|[+-]\d{2}:?\d{2})?"
)
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +", re.IGNORECASE)


class DateOrder(StrEnum):
    """Which part of `3/4/2026` is the day."""

    day_first = "DMY"
    month_first = "MDY"
    year_first = "YMD"

    @property
    def label(self) -> str:
        return {"DMY": "day/month/year", "MDY": "month/day/year", "YMD": "year-month-day"}[self.value]


class NotADate(ValueError):
    """The text cannot be read as a date in the form chosen; the message says why."""


@dataclass(slots=True)
class DateEvidence:
    """How many cells of a column speak for which form. An example of each is kept."""

    total: int = 0
    day_first: int = 0
    month_first: int = 0
    ambiguous: int = 0
    certain: int = 0
    """Written so that only one reading exists: year first, month by name, day equal to month."""
    serial: int = 0
    """Bare numbers that could be a spreadsheet's day numbers."""
    unread: int = 0
    examples: dict[str, str] = field(default_factory=dict)

    @property
    def is_date(self) -> bool:
        """Whether most of the column can be read as dates at all (bare numbers are not enough)."""
        return self.total > 0 and (self.total - self.unread - self.serial) * 2 > self.total

    def note(self, kind: str, example: str) -> None:
        """Keep the first example of a kind."""
        self.examples.setdefault(kind, example)


@dataclass(frozen=True, slots=True)
class DateVerdict:
    """The order that the evidence gives, or None when a person must say; `because` says what was seen."""

    order: DateOrder | None
    suggestion: DateOrder
    because: str
    is_mixed: bool = False


def date_part(text: str) -> str:
    """The text without time of day, weekday and surrounding space."""
    text = text.strip()
    if len(text) > 10:
        text = _WEEKDAY.sub("", _TIME.sub("", text))
    return text


class DatePart:
    """`date_part` for many cells: of a day with a time behind one space, each day and each time is looked at once."""

    __slots__ = ("_days", "_times")

    def __init__(self) -> None:
        self._days = Memo(lambda text: _PLAIN_DAY.fullmatch(text) is not None)
        self._times = Memo(lambda text: _PLAIN_TIME.fullmatch(text) is not None)

    def __call__(self, text: str) -> str:
        if len(text) > 10:
            day, _, time = text.partition(" ")
            # A day of digits holds nothing that a time could begin with, so all behind the space is the time.
            if time and self._days[day] and self._times[time] and len(text.rstrip()) > 10:
                return day
        return date_part(text)


def weigh(parts: Mapping[str, int]) -> DateEvidence:
    """The evidence in a column, given each distinct `date_part` with the number of its cells."""
    seen = DateEvidence()
    for text, count in parts.items():
        if not text:
            continue
        seen.total += count
        kind = _kind(text)
        setattr(seen, kind, getattr(seen, kind) + count)
        seen.note(kind, text)
    return seen


def _kind(text: str) -> str:
    readings = {}
    for order in DateOrder:
        try:
            readings[order] = parse_date(text, order)
        except NotADate:
            continue
    if not readings:
        return "serial" if text.isdigit() and len(text) == 5 and int(text) in _SERIALS else "unread"
    by_day, by_month = readings.get(DateOrder.day_first), readings.get(DateOrder.month_first)
    if by_day == by_month:
        return "certain"
    if by_month is None:
        return "day_first"
    return "month_first" if by_day is None else "ambiguous"


def judge(seen: DateEvidence, preferred: DateOrder = DateOrder.day_first) -> DateVerdict:
    """What the evidence says. `preferred` is how the tenant writes dates: a suggestion, not evidence."""
    first, second = seen.day_first, seen.month_first
    if first and second:
        return DateVerdict(
            None,
            DateOrder.day_first if first >= second else DateOrder.month_first,
            f"{_cells(first)} can only be day first (such as {seen.examples['day_first']}) and {_cells(second)} only "
            f"month first (such as {seen.examples['month_first']}): two forms are mixed in this column.",
            is_mixed=True,
        )
    if first:
        return DateVerdict(
            DateOrder.day_first,
            DateOrder.day_first,
            f"Day first: {_cells(first)} can be read in no other way, such as {seen.examples['day_first']}; none "
            "speaks against it.",
        )
    if second:
        return DateVerdict(
            DateOrder.month_first,
            DateOrder.month_first,
            f"Month first: {_cells(second)} can be read in no other way, such as {seen.examples['month_first']}; none "
            "speaks against it.",
        )
    if seen.ambiguous:
        return DateVerdict(
            None,
            preferred,
            f"{_cells(seen.ambiguous)} can be read day first or month first, such as {seen.examples['ambiguous']}, and "
            "nothing in the column says which.",
        )
    example = seen.examples.get("certain", "")
    return DateVerdict(
        DateOrder.year_first, DateOrder.year_first, f"Dates are written without doubt, such as {example}."
    )


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count:,} cells"


def parse_date(text: str, order: DateOrder) -> date:
    """Read one date; a time of day is left off. Raises NotADate, saying why.

    Forms that leave no doubt (year first, month by name) are read whatever the order.
    """
    part = date_part(text)
    if match := _NUMERIC.fullmatch(part):
        return _from_numbers(part, match, order)
    if match := _COMPACT.fullmatch(part):
        return _make(part, int(match[1]), int(match[2]), int(match[3]))
    if match := _DAY_NAME.fullmatch(part):
        return _make(part, _year(match[3]), _month(part, match[2]), int(match[1]))
    if match := _NAME_DAY.fullmatch(part):
        return _make(part, _year(match[3]), _month(part, match[1]), int(match[2]))
    raise NotADate("This is empty; a date is needed." if not part else f"“{_short(part)}” is not a date.")


def _from_numbers(part: str, match: re.Match[str], order: DateOrder) -> date:
    first, middle, last = match[1], int(match[3]), match[4]
    if len(first) >= 3 or (len(last) <= 2 and int(first) > 31):
        if len(first) == 3 or len(last) > 2:
            raise NotADate(f"“{_short(part)}” is not a date.")
        return _make(part, _year(first), middle, int(last))
    if order is DateOrder.month_first:
        return _make(part, _year(last), int(first), middle, order)
    return _make(part, _year(last), middle, int(first), order)


def from_serial(text: str) -> date:
    """The date of a spreadsheet's day number such as 42071. Raises NotADate."""
    if not text.isdigit() or int(text) not in _SERIALS:
        raise NotADate(f"“{_short(text)}” is not a spreadsheet's day number.")
    return _EXCEL_EPOCH + timedelta(days=int(text))


def _year(text: str) -> int:
    number = int(text)
    if len(text) >= 4:
        return number
    return number + (2000 if number < PIVOT else 1900)


def _month(part: str, name: str) -> int:
    plain = name.lower().translate(_ACCENTS)
    try:
        return _MONTHS[plain]
    except KeyError:
        raise NotADate(f"“{_short(part)}” is not a date: no month is called “{name}”.") from None


_ACCENTS = str.maketrans("äéèûç", "aeeuc")


def _make(part: str, year: int, month: int, day: int, order: DateOrder | None = None) -> date:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise NotADate(f"“{_short(part)}”: the year {year} cannot be right.")
    try:
        return date(year, month, day)
    except ValueError:
        read = f", read as {order.label}" if order else ""
        raise NotADate(f"“{_short(part)}” is not a day of the calendar{read}.") from None


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
