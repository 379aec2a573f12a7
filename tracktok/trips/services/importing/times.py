"""Days and times in cells to instants, a million of them: each distinct day, time of day and hour is looked at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from tracktok.imports.rules.cells import Bad, Memo
from tracktok.imports.rules.dates import NotADate
from tracktok.imports.rules.numbers import TYPED
from tracktok.imports.rules.plan import SERIAL, read_date
from tracktok.trips.rules.trips import Clock, instant_of

_CLOCK: Final = re.compile(
    r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?\s*([AaPp])?\.?(?:[Mm]\.?)?\s*(Z|UTC|GMT|IST|[+-]\d{2}:?\d{2})?"
)
_BEHIND_DAY: Final = re.compile(r"(?<=\d)(?:T|[ ,]+(?:at +)?)(?=\d{1,2}[:.]\d{2})")
_ZONES: Final = {"Z": 0, "UTC": 0, "GMT": 0, "IST": 19800}
_EPOCH: Final = date(1970, 1, 1).toordinal()
_DAY: Final = 86400


class Time(NamedTuple):
    """A time as PostgreSQL reads it (`2026-11-20 08:10:00+05:30`), and its seconds since 1970."""

    text: str
    epoch: int
    clock: Clock = Clock.plain


class TimeReader:
    """Reads the cells of one file: days in the form that was found, times in its zone, by `CLOCK_RULE`."""

    def __init__(self, form: str, zone: ZoneInfo) -> None:
        self.form, self.zone = form, zone
        self._days = Memo(self._day)
        self._clocks = Memo(self._clock)
        self._offsets = Memo(self._offset)

    def column(self, cells: Sequence[str], starts: Sequence[Any] | None = None) -> tuple[list[Any], bool]:
        """The times of a column of days with times; None where a cell is empty, Bad where it cannot be read.

        Beside them: whether all are times, and none of them doubtful.
        """
        known = self._ordinary(set(cells))
        try:
            return [known[cell] for cell in cells], True
        except KeyError:
            pass
        out: list[Any] = []
        for place, cell in enumerate(cells):
            found = known.get(cell)
            if found is None:
                start = starts[place] if starts is not None else None
                found = self._slow(cell, start if isinstance(start, Time) else None, self._at)
            out.append(found)
        return out, False

    def _ordinary(self, cells: Iterable[str]) -> dict[str, Time]:
        """The times of those cells that are a day, a space and a time of day, far from any change of the clock."""
        days, clocks, offsets = self._days, self._clocks, self._offsets
        make, plain = tuple.__new__, Clock.plain
        found: dict[str, Time] = {}
        for cell in cells:
            head, _, tail = cell.partition(" ")
            if not tail:
                continue
            day, clock = days[head], clocks[tail]
            if day.__class__ is tuple and clock.__class__ is tuple and clock[2] is None:
                local = day[1] + clock[1]
                offset = offsets[local // 3600]
                if offset is not None:
                    found[cell] = make(Time, (f"{day[0]} {clock[0]}{offset[1]}", local - offset[0], plain))
        return found

    def pairs(self, days: Sequence[str], clocks: Sequence[str], starts: Sequence[Any] | None = None) -> list[Any]:
        """The times of two columns, of days and times of day. An end before its start is of the next day."""
        out: list[Any] = []
        for place, (day_text, clock_text) in enumerate(zip(days, clocks, strict=False)):
            start = starts[place] if starts is not None else None
            start = start if isinstance(start, Time) else None
            if not clock_text.strip():
                out.append(None)
                continue
            day, clock = self._days[_head(day_text)], self._clocks[_only_clock(clock_text)]
            if not isinstance(day, tuple):
                out.append(day if day is not None else Bad("This is empty; a date is needed."))
            elif not isinstance(clock, tuple):
                out.append(clock or Bad(f"“{clock_text.strip()[:40]}” is not a time of day."))
            else:
                found = self._at(day, clock, start)
                if start is not None and found.epoch < start.epoch:
                    following = date.fromisoformat(day[0]) + timedelta(days=1)
                    found = self._at((following.isoformat(), day[1] + _DAY), clock, start)
                out.append(found)
        return out

    def later(self, start: Time, minutes: int) -> Time:
        """So many minutes after a time."""
        at = datetime.fromtimestamp(start.epoch + minutes * 60, UTC).astimezone(self.zone)
        return Time(at.isoformat(" ", "seconds"), start.epoch + minutes * 60)

    def _slow(self, cell: str, start: Time | None, at: Any) -> Any:
        text = cell.strip().lstrip(TYPED)
        if not text:
            return None
        found = _BEHIND_DAY.search(text)
        head, tail = (text[: found.start()], text[found.end() :]) if found else (text, "00:00")
        if found is None and self.form == SERIAL and "." in text:
            whole, _, part = text.partition(".")
            seconds = round(int(part) * _DAY / 10 ** len(part))
            head, tail = whole, f"{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        day, clock = self._days[head], self._clocks[tail]
        if not isinstance(day, tuple):
            return day
        if not isinstance(clock, tuple):
            return clock if isinstance(clock, Bad) else Bad(f"“{text[:40]}” is not a time.")
        return at(day, clock, start)

    def _at(self, day: tuple[str, int], clock: tuple[str, int, int | None], start: Time | None) -> Time:
        local = day[1] + clock[1]
        if clock[2] is not None:  # the cell names its own zone
            at = datetime.fromtimestamp(local - clock[2], UTC).astimezone(self.zone)
            return Time(at.isoformat(" ", "seconds"), local - clock[2])
        offset = self._offsets[local // 3600]
        if offset is not None:
            return Time(f"{day[0]} {clock[0]}{offset[1]}", local - offset[0])
        naive = datetime.fromisoformat(f"{day[0]} {clock[0]}")
        after = datetime.fromtimestamp(start.epoch, UTC) if start is not None else None
        read = instant_of(naive, self.zone, not_before=after)
        text = read.at.astimezone(self.zone).isoformat(" ", "seconds")
        return Time(text, int(read.at.timestamp()), read.clock)

    def _day(self, text: str) -> tuple[str, int] | Bad | None:
        if not text.strip():
            return None
        try:
            iso = read_date(text, self.form)
        except NotADate as error:
            return Bad(str(error))
        return iso, (date.fromisoformat(iso).toordinal() - _EPOCH) * _DAY

    def _clock(self, text: str) -> tuple[str, int, int | None] | Bad | None:
        found = _CLOCK.fullmatch(text.strip())
        if found is None:
            return None
        hours, minutes, seconds = int(found[1]), int(found[2]), int(found[3] or 0)
        if found[4]:
            if not 1 <= hours <= 12:
                return Bad(f"“{text.strip()[:40]}” is not a time of day.")
            hours = hours % 12 + (12 if found[4] in "Pp" else 0)
        if hours > 23 or minutes > 59 or seconds > 59:
            return Bad(f"“{text.strip()[:40]}” is not a time of day.")
        own = None
        if found[5]:
            own = _ZONES.get(found[5])
            if own is None:
                sign, digits = found[5][0], found[5][1:].replace(":", "")
                own = (int(digits[:2]) * 3600 + int(digits[2:]) * 60) * (-1 if sign == "-" else 1)
        return f"{hours:02d}:{minutes:02d}:{seconds:02d}", hours * 3600 + minutes * 60 + seconds, own

    def _offset(self, hour: int) -> tuple[int, str] | None:
        """The zone's offset in an hour of the wall clock; None where the clock changes around it."""
        first = datetime(1970, 1, 1) + timedelta(hours=hour)  # noqa: DTZ001 - a wall clock's
        found = {
            at.replace(tzinfo=self.zone, fold=fold).utcoffset()
            for at in (first, first + timedelta(seconds=3599))
            for fold in (0, 1)
        }
        if len(found) != 1:
            return None
        offset = found.pop()
        seconds = int(offset.total_seconds()) if offset is not None else 0
        sign, size = ("-", -seconds) if seconds < 0 else ("+", seconds)
        text = f"{sign}{size // 3600:02d}:{size // 60 % 60:02d}" + (f":{size % 60:02d}" if size % 60 else "")
        return seconds, text


def _head(text: str) -> str:
    """The day of a cell, without a time that a spreadsheet puts behind it."""
    text = text.strip().lstrip(TYPED)
    found = _BEHIND_DAY.search(text)
    return text[: found.start()] if found else text


def _only_clock(text: str) -> str:
    """The time of day of a cell, without a day that a spreadsheet puts in front of it."""
    text = text.strip().lstrip(TYPED)
    found = _BEHIND_DAY.search(text)
    return text[found.end() :] if found else text
