"""What the columns of a table hold, found while it is read once, chunk by chunk, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from . import dates, numbers
from .columns import ColumnFacts

ENOUGH: Final = 200
"""After so many filled cells it is decided whether a column can be one of dates or numbers at all."""
_MOST_VALUES: Final = 1_000
_MOST_PARTS: Final = 100_000
_MOST_SHAPES: Final = 5_000
_KEPT_VALUES: Final = 100
_SAMPLES: Final = 5
_LONGEST_SAMPLE: Final = 200


class ColumnProfile:
    """One column. Feed it chunks with `add`, ask for `facts` and `summary` at the end."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.filled = 0
        self.samples: list[str] = []
        self._values: Counter[str] | None = Counter()
        self._parts: Counter[str] | None = Counter()
        self._shapes: Counter[str] | None = Counter()
        self._part_of = dates.DatePart()

    def add(self, cells: Sequence[str]) -> None:
        """Count the cells of a chunk: each distinct text is looked at once."""
        if self._values is None and self._parts is None and self._shapes is None and len(self.samples) == _SAMPLES:
            self.filled += len(cells) - cells.count("") - sum(map(str.isspace, cells))
            return
        present = {cell: count for cell, count in Counter(cells).items() if cell and not cell.isspace()}
        if not present:
            return
        decided = self.filled >= ENOUGH
        self.filled += sum(present.values())
        if len(self.samples) < _SAMPLES:
            for cell in present:
                shown = cell.strip().lstrip(numbers.TYPED)[:_LONGEST_SAMPLE]
                if shown not in self.samples:
                    self.samples.append(shown)
                    if len(self.samples) == _SAMPLES:
                        break
        if self._values is not None:
            _count(self._values, map(str.strip, present), present)
            if len(self._values) > _MOST_VALUES:
                self._values = None
        if self._parts is not None:
            _count(self._parts, map(self._part_of, present), present)
        if self._shapes is not None:
            _count(self._shapes, map(numbers.shape, present), present)
        if not decided and self.filled >= ENOUGH:
            self._decide()
        if self._parts is not None and len(self._parts) > _MOST_PARTS:
            self._parts = None
        if self._shapes is not None and len(self._shapes) > _MOST_SHAPES:
            self._shapes = None

    def _decide(self) -> None:
        if self._parts is not None:
            seen = dates.weigh(self._parts)
            if not seen.is_date and seen.serial * 2 <= seen.total:
                self._parts = None
        if self._shapes is not None and not numbers.weigh(self._shapes).is_number:
            self._shapes = None

    def _evidence(self) -> tuple[dates.DateEvidence | None, numbers.NumberEvidence | None]:
        by_date = dates.weigh(self._untyped()) if self._parts else None
        by_number = numbers.weigh(self._shapes) if self._shapes else None
        return by_date, by_number

    def _untyped(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for text, count in (self._parts or {}).items():
            found[text.lstrip(numbers.TYPED)] += count
        return found

    def summary(self, preferred: dates.DateOrder) -> dict[str, Any]:
        """What is kept of the column, as JSON: type, samples, values if few, evidence of its forms."""
        by_date, by_number = self._evidence()
        is_serial = by_date is not None and by_date.serial * 2 > by_date.total
        found: dict[str, Any] = {"name": self.name, "filled": self.filled, "samples": self.samples}
        if self.filled == 0:
            found["type"] = "empty"
        elif by_date is not None and by_date.is_date:
            found["type"] = "date"
        elif by_number is not None and by_number.is_number:
            found["type"] = "serial" if is_serial else "number"
        else:
            found["type"] = "text"
        if by_date is not None and (by_date.is_date or is_serial):
            verdict = dates.judge(by_date, preferred)
            found["date"] = {
                "form": "serial" if is_serial and not by_date.is_date else verdict.order,
                "suggestion": verdict.suggestion,
                "because": f"These are a spreadsheet's day numbers, such as {by_date.examples['serial']}."
                if is_serial and not by_date.is_date
                else verdict.because,
                "evidence": asdict(by_date),
            }
        if by_number is not None and by_number.is_number:
            judged = numbers.judge(by_number)
            found["number"] = {
                "form": judged.decimal,
                "suggestion": judged.suggestion,
                "because": judged.because,
                "evidence": asdict(by_number),
            }
        if self._values is not None:
            found["distinct"] = len(self._values)
            if len(self._values) <= _KEPT_VALUES:
                found["values"] = {value[:_LONGEST_SAMPLE]: count for value, count in self._values.most_common()}
        return found


def _count(total: Counter[str], read: Iterable[str], present: Mapping[str, int]) -> None:
    """Add what the distinct cells were read as, each as often as it is there; the order is that of the cells."""
    if all(count == 1 for count in present.values()):
        total.update(read)
        return
    for text, count in zip(read, present.values(), strict=True):
        total[text] += count


def facts_of(summary: dict[str, Any]) -> ColumnFacts:
    """The facts that mappings are guessed from, of a kept summary."""
    values = summary.get("values")
    if values is None and "distinct" in summary:
        values = dict.fromkeys(range(summary["distinct"]), 1)
    return ColumnFacts(summary["name"], summary["type"], values)
