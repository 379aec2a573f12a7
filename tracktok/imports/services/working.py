"""The working copy of an uploaded table: plain CSV in UTF-8, a row number in front, empty rows left out.

Whatever the file was, later passes (checking, showing rows) read this copy, fast and alike. While it is written the
columns are profiled, so the file itself is read once.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import IO, Any, Final
from uuid import UUID

from tracktok.core import storage
from tracktok.imports.rules.dates import DateOrder
from tracktok.imports.rules.profile import ColumnProfile
from tracktok.imports.rules.tables import LONGEST_CELL, MOST_COLUMNS, find_header, name_columns

from .errors import TooManyRows, UnreadableFile
from .readers import Row, Table

CHUNK: Final = 5_000
_READ: Final = 2_000
"""So many rows are read again at once: what is made of them stays in the processor's own memory."""
MOST_ROWS: Final = 1_000_000
_LOOKED_AT: Final = 60


@dataclass(slots=True)
class Working:
    """What came of reading a file."""

    columns: list[dict[str, Any]]
    rows: int
    facts: dict[str, Any]
    """`offsets`: where every 5,000th row begins in the copy; `numbers`: its row number in the file."""


def working_key(import_id: UUID) -> str:
    """Where the working copy of an import is kept."""
    return storage.file_key("imports", import_id, "rows.csv")


def staged_key(import_id: UUID) -> str:
    """Where the checked rows of an import are kept, ready for COPY."""
    return storage.file_key("imports", import_id, "staged.copy")


def make_working(import_id: UUID, table: Table, *, header_row: int | None, preferred: DateOrder) -> Working:
    """Read the table, keep its working copy, and profile its columns.

    `header_row` is the row number of the header as a person counts, 0 when there is none, None to find it.
    Raises TooManyRows, UnreadableFile, and what reading raises.
    """
    head = list(islice(table.rows, _LOOKED_AT))
    header, number_of_header, because = _split_header(head, header_row)
    body = chain((row for row in head if row[0] > number_of_header), table.rows)
    width = max([len(header), *(len(cells) for number, cells in head if number > number_of_header)], default=0)
    if width == 0:
        raise UnreadableFile.at("file", "There is no table in this file.")
    width = min(width, MOST_COLUMNS)
    profiles: list[ColumnProfile] = [ColumnProfile(name) for name in name_columns(header, width)[:MOST_COLUMNS]]
    rows, offsets, numbers, wider = 0, [], [], 0
    with tempfile.TemporaryFile() as copy:
        for chunk in _chunks(body):
            offsets.append(copy.tell())
            numbers.append(chunk[0][0])
            rows += len(chunk)
            if rows > MOST_ROWS:
                raise TooManyRows(f"One import takes {MOST_ROWS:,} rows. Split the file.")
            if max(len(cells) for _, cells in chunk) > width:
                wider += sum(1 for _, cells in chunk if len(cells) > width and any(cells[width:]))
            _profile(profiles, chunk)
            copy.write(_as_csv(chunk))
        if rows == 0:
            raise UnreadableFile.at("file", "There is a header, but no row below it.")
        copy.seek(0)
        storage.storage().put(working_key(import_id), copy, "text/csv")
    facts = {
        "header_row": number_of_header,
        "header_because": because,
        "offsets": offsets,
        "numbers": numbers,
        "wider_rows": wider,
    }
    return Working([profile.summary(preferred) for profile in profiles], rows, facts)


def _split_header(head: list[Row], header_row: int | None) -> tuple[list[str], int, str]:
    if header_row is None:
        layout = find_header([cells for _, cells in head])
        if layout.header_row is None:
            return [], 0, layout.because
        number, cells = head[layout.header_row]
        return cells, number, layout.because
    if header_row == 0:
        return [], 0, "There is no header, as chosen."
    for number, cells in head:
        if number == header_row:
            return cells, number, "As chosen."
    raise UnreadableFile.at("header_row", f"The header must be one of the first {_LOOKED_AT} rows that are not empty.")


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    filled = (row for row in rows if any(map(str.strip, row[1])))
    while chunk := list(islice(filled, CHUNK)):
        yield chunk


def _profile(profiles: list[ColumnProfile], chunk: list[Row]) -> None:
    by_column = zip_longest(*(cells for _, cells in chunk), fillvalue="")
    for profile, cells in zip(profiles, by_column, strict=False):
        profile.add(cells)


def _as_csv(chunk: list[Row]) -> bytes:
    # Both characters of the line end are its terminator, so that a lone one of them in a cell is quoted.
    plain = "".join(f"{number},{','.join(cells)}\r\n" for number, cells in chunk)
    if _is_plain(plain, chunk):
        return plain.encode("utf-8", "replace")
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows((number, *cells) for number, cells in chunk)
    return text.getvalue().encode("utf-8", "replace")


def _is_plain(joined: str, chunk: list[Row]) -> bool:
    """Whether no cell holds what would have to be quoted: then all such characters are those put between the cells."""
    return (
        '"' not in joined
        and joined.count("\n") == joined.count("\r") == len(chunk)
        and joined.count(",") == sum(len(cells) for _, cells in chunk)
    )


def read_working(import_id: UUID) -> Iterator[list[list[str]]]:
    """The rows of the copy in chunks of 2,000: lists whose first cell is the row number."""
    with _text(storage.storage().open(working_key(import_id))) as text:
        reader = _reader(text)
        while chunk := list(islice(reader, _READ)):
            yield chunk


def read_rows_from(import_id: UUID, facts: dict[str, Any], after: int) -> Iterator[list[str]]:
    """The rows of the copy whose number in the file is above `after`, one by one, found without reading all before."""
    place = 0
    for index, number in enumerate(facts["numbers"]):
        if number <= after + 1:
            place = index
    stream = storage.storage().open(working_key(import_id))
    _skip(stream, facts["offsets"][place])
    with _text(stream) as text:
        for row in _reader(text):
            if int(row[0]) > after:
                yield row


def _text(stream: IO[bytes]) -> io.TextIOWrapper:
    return io.TextIOWrapper(stream, encoding="utf-8", newline="")


def _reader(text: io.TextIOWrapper) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_CELL * 2)
    return csv.reader(text)


def _skip(stream: IO[bytes], count: int) -> None:
    if stream.seekable():
        stream.seek(count)
        return
    while count > 0:
        count -= len(stream.read(min(count, storage.CHUNK))) or count
