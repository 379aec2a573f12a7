"""The good rows of a check on disk, handed out in the order in which they will be written.

Rows are ordered by the text of one staged column (an ISO date), then as they stand in the file. They are put down by
that text, chunk by chunk, so that nothing is sorted, and no more is kept in memory than where each lot begins.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import IO


class Repeated:
    """The rows that exist already: which are left out, and how many there are of a key."""

    def __init__(self, left_out: Iterable[int] = (), known: Iterable[tuple[int, int]] = ()) -> None:
        """`known` in the order of the keys."""
        self._left_out = bytearray()
        for number in left_out:
            if number >= len(self._left_out):
                self._left_out.extend(bytes(number + 1024 - len(self._left_out)))
            self._left_out[number] = 1
        self._keys, self._times = array("q"), array("q")
        for key, times in known:
            self._keys.append(key)
            self._times.append(times)
        self.is_empty = not self._left_out and not self._keys

    def leaves_out(self, number: int) -> bool:
        """Whether the row of this number is not written."""
        return number < len(self._left_out) and self._left_out[number] == 1

    def known(self, key: int) -> int:
        """How many of this key are recorded already."""
        place = bisect_left(self._keys, key)
        return self._times[place] if place < len(self._keys) and self._keys[place] == key else 0


class Spool:
    """Lines `number, key, raw, columns…`, put into a file; `order` is the place of the text they are ordered by."""

    def __init__(self, file: IO[bytes], order: int | None) -> None:
        self._file, self._order = file, order
        self._end = 0
        self._lots: dict[str, array[int]] = {}
        """Where in the file the lines of a text stand: beginning, length, beginning, …"""

    def add(self, lines: list[str]) -> None:
        """Put down the next lines of the file."""
        lots: dict[str, list[str]] = {}
        if self._order is None:
            lots[""] = lines
        else:
            place = self._order
            for line in lines:
                text = line.split("\t", place + 1)[place]
                try:
                    lots[text].append(line)
                except KeyError:
                    lots[text] = [line]
        for text, own in lots.items():
            content = "\n".join(own).encode()
            self._file.write(content)
            self._lots.setdefault(text, array("q")).extend((self._end, len(content)))
            self._end += len(content)

    def ready(self, repeated: Repeated) -> Iterator[bytes]:
        """All lines as they are kept for the commit: `place, key, how many are known, columns…`."""
        place = 0
        for text in sorted(self._lots):
            lots = self._lots[text]
            for begin, length in zip(lots[::2], lots[1::2], strict=True):
                self._file.seek(begin)
                out: list[str] = []
                for line in self._file.read(length).decode().split("\n"):
                    number, key, _, rest = line.split("\t", 3)
                    known = 0
                    if not repeated.is_empty:
                        if repeated.leaves_out(int(number)):
                            continue
                        known = repeated.known(int(key))
                    place += 1
                    out.append(f"{place}\t{key}\t{known}\t{rest}\n")
                yield "".join(out).encode()
