"""Cells to staged trips, by columns: a million rows pass here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from itertools import zip_longest
from math import ceil
from operator import lt
from typing import Any, Final
from zoneinfo import ZoneInfo

from tracktok.core.context import preferences
from tracktok.imports.rules import numbers
from tracktok.imports.rules.cells import NO, NULL, YES, Bad, escape, one_line
from tracktok.imports.rules.columns import Meanings, normal
from tracktok.imports.rules.plan import Plan
from tracktok.imports.rules.tables import is_totals_row
from tracktok.imports.services.kinds import Flaw
from tracktok.trips.queries.imports import load_names
from tracktok.trips.rules.trip_import import FACTORS, KM, STATUS_MEANINGS, TRIPS, TYPE_MEANINGS, without_unit
from tracktok.trips.rules.trips import (
    CLOCK_RULE,
    LONGEST_HOURS,
    ODD_KM_AN_HOUR,
    Clock,
    content_id,
    contradictions,
    is_odd,
)

from .columns import FARTHEST, Amount, Cells, Reading, is_plain, joined, payloads, text_of, texts_of
from .names import Names
from .times import Time, TimeReader

STAGED: Final = """
vendor_id uuid NOT NULL, external_id text NOT NULL, trip_date date NOT NULL, started_at text NOT NULL,
ended_at text, seconds int NOT NULL, timezone text NOT NULL, type text NOT NULL, status text NOT NULL,
vehicle text NOT NULL, vehicle_class text NOT NULL, driver text NOT NULL, employees text[] NOT NULL,
route text NOT NULL, origin text NOT NULL, destination text NOT NULL, site text NOT NULL, customer_id uuid,
project_id uuid, distance_km numeric NOT NULL, odometer_start numeric, odometer_end numeric,
dead_km numeric NOT NULL, waiting_minutes int NOT NULL, late_minutes int NOT NULL, passengers int NOT NULL,
escort boolean NOT NULL, tolls numeric NOT NULL, parking numeric NOT NULL, billed_amount numeric,
notes text NOT NULL, payload text NOT NULL"""
_TEXTS: Final = ("vehicle", "vehicle_class", "driver", "route", "origin", "destination", "site")
_ZERO: Final = Decimal(0)
_METRE: Final = Decimal("0.001")
_CENT: Final = Decimal("0.0001")
Reasons = dict[int, list[tuple[str, Bad]]]


class TripBuilder:
    """One pass over the rows of a file of trips."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.options = plan, plan.options
        self.zone = ZoneInfo(plan.options.get("timezone") or preferences().timezone)
        self.times = TimeReader(plan.options["date_form"], self.zone)
        self.names = Names(load_names(), plan.options.get("unknown", {}), plan.options.get("names", {}))
        self.factor = FACTORS[plan.options.get("distance_unit", KM)]
        self.lengths = {one.name: one.longest for one in TRIPS.fields}
        self.counts: Counter[str] = Counter()
        self._seen: dict[int, int] = {}
        options = plan.options
        self._readings = {
            "vendor": Reading(self._reference("vendor"), options.get("vendor_id") or ""),
            **{
                name: Reading(self._reference(name), options.get(f"{name}_id") or NULL)
                for name in ("customer", "project")
            },
            **{name: Reading(self._text(name), "") for name in (*_TEXTS, "notes")},
            **{name: Reading(self._distance) for name in ("distance", "odometer_start", "odometer_end")},
            "dead_km": Reading(lambda cell: text_of(self._distance(cell)), "0"),
            **{name: Reading(self._money, "0") for name in ("tolls", "parking")},
            "billed": Reading(self._money, NULL),
            **{name: Reading(self._whole, "0") for name in ("waiting", "late")},
            "duration": Reading(self._whole),
            "passengers": Reading(self._whole, "1"),
            "type": Reading(self._meaning(TYPE_MEANINGS), "spot"),
            "status": Reading(self._meaning(STATUS_MEANINGS), "completed"),
            "employees": Reading(self._employees, "{}"),
            "escort": Reading(_flag, "f"),
        }
        self._vendors: set[str] = set()

    def stage(self, rows: list[list[str]]) -> tuple[str, int, list[Flaw]]:
        """The good rows as lines of COPY, how many they are, and the others."""
        columns: list[Cells] = list(zip_longest(*rows, fillvalue=""))
        size = len(rows)
        bad: Reasons = {}
        starts, ends, plain = self._when(columns, size, bad)
        vendors = self._read(columns, "vendor", bad)
        if "" in vendors:
            for place, one in enumerate(vendors):
                if one == "":
                    _note(
                        bad, place, "vendor", Bad("No vendor is named. Choose one for the file, or fill the cell in.")
                    )
        self._vendors |= set(vendors) - {""}
        distance = self._read(columns, "distance", bad)
        first, last = self._read(columns, "odometer_start", bad), self._read(columns, "odometer_end", bad)
        billed = self._column(columns, "billed", bad)
        far = self._measured_alone(distance, starts, ends) if plain else None
        km, seconds = far or self._measured(distance, first, last, starts, ends, bad)
        ids = self._ids(columns, rows, vendors, bad)
        texts = {name: self._column(columns, name, bad) for name in (*_TEXTS, "notes")}
        lines = joined([
            columns[0],
            list(map(str, map(hash, zip(vendors, ids, strict=True)))),
            columns[0],
            vendors,
            ids,
            [one[0][:10] if one.__class__ is Time else "" for one in starts],
            [one[0] if one.__class__ is Time else "" for one in starts],
            [one[0] if one.__class__ is Time else NULL for one in ends],
            seconds,
            str(self.zone),
            self._column(columns, "type", bad),
            self._column(columns, "status", bad),
            texts["vehicle"], texts["vehicle_class"], texts["driver"],
            self._column(columns, "employees", bad),
            texts["route"], texts["origin"], texts["destination"], texts["site"],
            self._column(columns, "customer", bad),
            self._column(columns, "project", bad),
            km, texts_of(first), texts_of(last),
            *(
                self._column(columns, name, bad)
                for name in ("dead_km", "waiting", "late", "passengers", "escort", "tolls", "parking")
            ),
            billed,
            texts["notes"],
            payloads(rows),
        ])  # fmt: skip
        if not bad:
            return "\n".join(lines) + "\n", size, []
        good = [line for place, line in enumerate(lines) if place not in bad]
        return "".join(f"{line}\n" for line in good), len(good), [self._flaw(rows[at], bad[at]) for at in sorted(bad)]

    def found(self) -> dict[str, Any]:
        """Names that will be made, and notes."""
        counts, notes = self.counts, []

        def note(about: str, text: str) -> None:
            notes.append({"about": about, "text": text})

        if counts["doubtful"]:
            note("started_at", f"{_times(counts['doubtful'])} around a change of the clock. {CLOCK_RULE}")
        if counts["hashed"]:
            text = f"{_rows(counts['hashed'])} no trip ID: each trip is known by the content of its row."
            if counts["alike"]:
                text += (
                    f" {counts['alike']:,} of them are alike in every cell to one above, and are trips of their own."
                )
            note("external_id", text)
        if counts["odd"]:
            note(
                "distance",
                f"{counts['odd']:,} trips would have been faster than any car. They are imported; have a look at them.",
            )
        return {"made": self.names.made, "notes": notes, "uses": {"vendor": sorted(self._vendors)}}

    # -- columns

    def _cells(self, columns: list[Cells], name: str) -> Cells | None:
        index = self.plan.index(name)
        if index is None:
            return None
        return columns[index + 1] if index + 1 < len(columns) else [""] * len(columns[0])

    def _read(self, columns: list[Cells], name: str, bad: Reasons) -> list[Any]:
        """The values of a field; what is empty for it where the file says nothing."""
        reading = self._readings[name]
        cells = self._cells(columns, name)
        if cells is None:
            return [reading.empty] * len(columns[0])
        values = list(map(reading.__getitem__, cells))
        if reading.bad:
            for place, one in enumerate(values):
                if one.__class__ is Bad:
                    _note(bad, place, name, one)
                    values[place] = reading.empty
        return values

    def _column(self, columns: list[Cells], name: str, bad: Reasons) -> list[str] | str:
        """The texts of a field; one for all rows when no column of the file holds it."""
        if self.plan.index(name) is None:
            empty: str = self._readings[name].empty
            return empty
        return self._read(columns, name, bad)

    def _when(self, columns: list[Cells], size: int, bad: Reasons) -> tuple[list[Any], list[Any], bool]:
        """Starts and ends, and whether all are there and none of them doubtful."""
        started, ended = self._cells(columns, "started_at"), self._cells(columns, "ended_at")
        day, first, last = (self._cells(columns, name) for name in ("trip_date", "start_clock", "end_clock"))
        plain = plain_ends = False
        if day is None and first is not None and started is not None:
            day = started
        if day is not None and first is not None:
            starts = self.times.pairs(day, first)
        else:
            starts, plain = self.times.column(started if started is not None else day or [""] * size)
        if ended is not None and last is None:
            ends, plain_ends = self.times.column(ended, starts)
        elif last is not None and (ended is not None or day is not None):
            ends = self.times.pairs(ended if ended is not None else day or [], last, starts)
        else:
            ends = [None] * size
        if ended is None and last is None and self.plan.index("duration") is not None:
            minutes = self._read(columns, "duration", bad)
            ends = [
                self.times.later(start, int(length)) if length is not None and start.__class__ is Time else None
                for start, length in zip(starts, minutes, strict=True)
            ]
        if plain and plain_ends:
            return starts, ends, True
        for name, values in (("started_at", starts), ("ended_at", ends)):
            for place, one in enumerate(values):
                if one.__class__ is Time:
                    if one[2] is not Clock.plain:
                        self.counts["doubtful"] += 1
                elif one is None and name == "started_at":
                    _note(bad, place, name, Bad("This is empty; a trip needs its start."))
                elif one.__class__ is Bad:
                    _note(bad, place, name, one)
        return starts, ends, False

    def _measured_alone(
        self, distance: list[Any], starts: list[Time], ends: list[Time]
    ) -> tuple[list[str], list[str]] | None:
        """What `_measured` tells when all rows have a time and a distance that can be, and no odometer; else None."""
        if self.plan.index("odometer_start") is not None or self.plan.index("distance") is None or None in distance:
            return None
        took = [end[1] - start[1] for start, end in zip(starts, ends, strict=True)]
        too_fast = [far[2] for far in distance]
        if min(took) < 0 or max(took) > LONGEST_HOURS * 3600 or max(too_fast) > FARTHEST:
            return None
        self.counts["odd"] += sum(map(lt, took, too_fast))
        return [far[1] for far in distance], list(map(str, took))

    def _measured(
        self, distance: list[Any], first: list[Any], last: list[Any], starts: list[Any], ends: list[Any], bad: Reasons
    ) -> tuple[list[str], list[str]]:
        """Kilometres and seconds of each row, held against each other."""
        with_odometer = any(one is not None for one in first)
        longest = LONGEST_HOURS * 3600
        km, seconds = [], []
        for place, (far, start, end) in enumerate(zip(distance, starts, ends, strict=True)):
            took = end[1] - start[1] if start.__class__ is Time and end.__class__ is Time else 0
            seconds.append(str(took))
            if far is None:
                far = (_ZERO, "0")  # noqa: PLW2901
                if with_odometer and first[place] is not None and last[place] is not None:
                    run = last[place][0] - first[place][0]
                    far = (run, str(run))  # noqa: PLW2901
            km.append(far[1])
            if (
                took < 0
                or took > longest
                or far[0] < 0
                or far[0] > 5000
                or (with_odometer and first[place] is not None)
            ):
                found = contradictions(
                    seconds=took,
                    distance_km=far[0],
                    odometer_start=first[place][0] if first[place] is not None else None,
                    odometer_end=last[place][0] if last[place] is not None else None,
                )
                for name, sentence in found:
                    _note(bad, place, name, Bad(sentence))
            if end.__class__ is Time and far[0] * 3600 > 250 * took and is_odd(took, far[0]):
                self.counts["odd"] += 1
        return km, seconds

    def _ids(self, columns: list[Cells], rows: list[list[str]], vendors: list[Any], bad: Reasons) -> list[str]:
        cells = self._cells(columns, "external_id")
        longest = self.lengths["external_id"]
        if cells is not None and is_plain(cells, longest):
            return list(cells)
        out: list[str] = []
        seen = self._seen
        for place, row in enumerate(rows):
            own = one_line(cells[place].lstrip(numbers.TYPED)) if cells is not None else ""
            if own:
                if len(own) > longest:
                    _note(bad, place, "external_id", Bad(f"This is longer than {longest} characters."))
                elif own[0] == "#":
                    own = f" {own}"
                out.append(escape(own) if "\\" in own else own)
                continue
            if place in bad:
                out.append("")
                continue
            content = "\x1f".join(row[1:])
            key = hash((vendors[place], content))
            nth = seen.get(key, 0)
            seen[key] = nth + 1
            self.counts["hashed"] += 1
            self.counts["alike"] += nth > 0
            out.append(content_id(content, nth))
        return out

    def _flaw(self, row: list[str], reasons: list[tuple[str, Bad]]) -> Flaw:
        if is_totals_row(row[1:]):
            message = "This looks like a row of totals, so it is no trip."
            return int(row[0]), "skipped", [{"column": "", "code": "totals", "message": message}]
        errors = [
            {"column": self.plan.mapping.get(name, ""), "code": name, "message": str(reason)}
            for name, reason in reasons
        ]
        return int(row[0]), "invalid", errors

    # -- cells

    def _reference(self, name: str) -> Callable[[str], str | Bad | None]:
        return lambda cell: self.names.resolve(name, cell)

    def _text(self, name: str) -> Callable[[str], str | Bad]:
        longest = self.lengths[name]

        def read(cell: str) -> str | Bad:
            text = one_line(cell.lstrip(numbers.TYPED))
            return escape(text) if len(text) <= longest else Bad(f"This is longer than {longest} characters.")

        return read

    def _number(self, cell: str) -> Decimal | Bad | None:
        if not cell or cell.isspace():
            return None
        try:
            value = numbers.parse_amount(cell, self.options["decimal"]).value
        except numbers.NotANumber as error:
            return Bad(str(error))
        return round(value, 6) if cell.startswith(numbers.TYPED) else value

    def _distance(self, cell: str) -> Amount | Bad | None:
        text, own = without_unit(cell)
        value = self._number(text)
        if value is None or isinstance(value, Bad):
            return value
        km = (value * (own or self.factor)).quantize(_METRE)
        if km < 0:
            return Bad("The distance is negative.")
        return Amount((km, str(km), ceil(km * 3600 / ODD_KM_AN_HOUR) if is_odd(0, km) else 0))

    def _money(self, cell: str) -> str | Bad | None:
        value = self._number(cell)
        if value is None or isinstance(value, Bad):
            return value
        if value < 0:
            return Bad("This is negative: such a row takes a trip back, and is none.")
        return format(value.quantize(_CENT), "f") if value < 10**12 else Bad("This cannot be right.")

    def _whole(self, cell: str) -> str | Bad | None:
        value = self._number(cell)
        if value is None:
            return None
        if isinstance(value, Bad):
            hours, _, minutes = cell.strip().partition(":")  # 1:35 or 01:35:00
            if hours.isdigit() and minutes[:2].isdigit():
                return str(int(hours) * 60 + int(minutes[:2]))
            return value
        if value < 0 or value > 100_000:
            return Bad("This cannot be right.")
        return str(round(value))

    def _meaning(self, meanings: Meanings) -> Callable[[str], str | Bad | None]:
        def read(cell: str) -> str | Bad | None:
            shown = cell.strip().lstrip(numbers.TYPED)
            if not shown:
                return None
            return meanings.of(self.options, shown) or Bad(f"Nobody has said what “{shown[:40]}” means.")

        return read

    def _employees(self, cell: str) -> str | Bad | None:
        if not cell or cell.isspace():
            return None
        text = cell.lstrip(numbers.TYPED).replace(";", ",").replace("|", ",").replace("\n", ",")
        names = list(dict.fromkeys(name for part in text.split(",") if (name := one_line(part))))
        if len(names) > 60 or any(len(name) > 120 for name in names):
            return Bad("At most 60 employees, of 120 characters each.")
        quoted = ",".join('"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' for name in names)
        return escape("{" + quoted + "}")


def _note(bad: Reasons, place: int, name: str, reason: Bad) -> None:
    bad.setdefault(place, []).append((name, reason))


def _flag(cell: str) -> str | Bad | None:
    plain = normal(cell)
    if not plain:
        return None
    if plain in YES:
        return "t"
    return "f" if plain in NO else Bad(f"“{cell.strip()[:40]}” is neither yes nor no.")


def _rows(count: int) -> str:
    return "1 row has" if count == 1 else f"{count:,} rows have"


def _times(count: int) -> str:
    return "1 time is" if count == 1 else f"{count:,} times are"
