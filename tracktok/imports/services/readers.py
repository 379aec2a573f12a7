"""Files to rows of text: CSV in any usual encoding and layout, XLSX, legacy XLS. The content decides, not the name."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain
from typing import IO, Any, Final, cast

from tracktok.imports.rules.numbers import TYPED
from tracktok.imports.rules.tables import DELIMITERS, LONGEST_CELL, guess_delimiter

from .errors import DangerousFile, NotATable, UnreadableFile

Row = tuple[int, list[str]]
_SAMPLE: Final = 256 * 1024
_BLOCK: Final = 256 * 1024
_MOST_UNPACKED: Final = 400 * 1024 * 1024
_MOST_SHARED_STRINGS: Final = 120 * 1024 * 1024
_HIGHEST_RATIO: Final = 200
_OTHERS: Final = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed file; unpack it first"),
    (b"7z\xbc\xaf", "a compressed archive; unpack it first"),
    (b"Rar!", "a compressed archive; unpack it first"),
    (b"<?xml", "XML, not a table"),
    (b"<html", "a web page that is named like a spreadsheet; save it as CSV or XLSX first"),
    (b"<!doctype html", "a web page that is named like a spreadsheet; save it as CSV or XLSX first"),
    (b"<table", "a web page that is named like a spreadsheet; save it as CSV or XLSX first"),
    (b"<svg", "a picture"),
    (b"OFXHEADER", "an OFX bank statement, not a table"),
)
_JSON: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*[\[{]\s*["\[{]')
_NOT_TEXT: Final = tuple(bytes([code]) for code in (*range(9), *range(14, 32)))
_KNOWN_TYPES: Final = "Use CSV, XLSX or XLS."


@dataclass(slots=True)
class Table:
    """A file that has been opened: its rows, numbered from 1 as a spreadsheet does, and what was found about it."""

    type: str
    rows: Iterator[Row]
    facts: dict[str, Any] = field(default_factory=dict)


def open_table(stream: IO[bytes], *, encoding: str = "", delimiter: str = "", sheet: str = "") -> Table:
    """Open a seekable file. What is not given is found out; what was found is in `facts`.

    Raises NotATable (415) for another type of file, UnreadableFile or DangerousFile (422) for a broken or hostile one.
    """
    stream.seek(0)
    head = stream.read(8192)
    stream.seek(0)
    if not head.strip():
        raise UnreadableFile.at("file", "The file is empty.")
    if head.startswith(b"PK\x03\x04"):
        return _open_xlsx(stream, sheet)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _open_xls(stream, sheet)
    lowered = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    for magic, what in _OTHERS:
        if lowered.startswith(magic.lower()):
            raise NotATable(f"This is {what}. {_KNOWN_TYPES}")
    return _open_csv(stream, head, encoding, delimiter)


def find_encoding(stream: IO[bytes]) -> tuple[str, str]:
    """(encoding, why): by byte order mark, by the zeros of UTF-16, as UTF-8 when all of it is, else Windows-1252."""
    stream.seek(0)
    head = stream.read(4096)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", "UTF-8 (it begins with a byte order mark)"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", "UTF-16 (it begins with a byte order mark)"
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 3 > len(head) // 2 and min(even, odd) * 10 < max(even, odd):
        return ("utf-16-le", "UTF-16") if odd > even else ("utf-16-be", "UTF-16")
    if sum(map(head.count, _NOT_TEXT)) * 50 > len(head):
        raise NotATable(f"This is not text. {_KNOWN_TYPES}")
    decoder = codecs.getincrementaldecoder("utf-8")()
    stream.seek(0)
    try:
        while chunk := stream.read(1 << 20):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return "cp1252", f"Windows-1252 (byte {error.start:,} is not UTF-8)" if error.start else "Windows-1252"
    finally:
        stream.seek(0)
    return "utf-8", "UTF-8"


def _open_csv(stream: IO[bytes], head: bytes, encoding: str, delimiter: str) -> Table:
    found, because = find_encoding(stream)
    if encoding:
        found, because = encoding, f"{encoding} (chosen)"
    stream.seek(0)
    if _JSON.match(head):
        raise NotATable(f"This is JSON, not a table. {_KNOWN_TYPES}")
    text = _text_of(stream, found)
    sample = text.read(_SAMPLE)
    first, _, rest = sample.partition("\n")
    declared = first.strip().removeprefix("\ufeff")
    skip = 0
    if declared.lower().startswith("sep=") and len(declared) == 5:
        delimiter, skip, sample = delimiter or declared[4], 1, rest
    delimiter = delimiter or guess_delimiter(sample)
    stream.seek(0)
    text = _text_of(stream, found)
    facts = {
        "encoding": found,
        "encoding_because": because,
        "delimiter": delimiter,
        "delimiter_name": DELIMITERS.get(delimiter, delimiter),
    }
    return Table("csv", _csv_rows(text, delimiter, skip), facts)


def _text_of(stream: IO[bytes], encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(cast("Any", _Undying(stream)), encoding=encoding, errors="replace", newline="")


class _Undying(io.BufferedIOBase):
    """A stream that its text wrapper cannot close."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read1(self, size: int = -1) -> bytes:
        return self._stream.read(size if size and size > 0 else 65536)

    read = read1  # type: ignore[assignment]


def _csv_rows(text: io.TextIOWrapper, delimiter: str, skip: int) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_CELL)
    number = skip
    quotes = 0
    last: list[str] = []

    def blocks() -> Iterator[list[str]]:
        nonlocal quotes
        while lines := text.readlines(_BLOCK):
            block = "".join(lines)
            quotes += block.count('"')
            if "\0" in block or TYPED in block:
                lines = [line.replace("\0", "").replace(TYPED, "") for line in lines]
            yield lines

    source = chain.from_iterable(blocks())
    for _ in range(skip):
        next(source, None)
    reader = csv.reader(source, delimiter=delimiter)
    try:
        for last in reader:
            number += 1
            yield number, last
    except csv.Error as error:
        raise UnreadableFile.at(
            "file", f"Row {number + 1} cannot be read ({error}): perhaps a quote is opened there and never closed."
        ) from error
    if quotes % 2 and any("\n" in cell or "\r" in cell for cell in last):
        raise UnreadableFile.at("file", f"In row {number} a quote is opened that is never closed.")


def _check_package(stream: IO[bytes]) -> None:
    try:
        with zipfile.ZipFile(stream) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise UnreadableFile.at("file", "This spreadsheet is damaged and cannot be opened.") from error
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        what = "a Word document" if "word/document.xml" in names else "a ZIP archive; unpack it first"
        if "mimetype" in names and "content.xml" in names:
            what = "an OpenDocument file; save it as XLSX or CSV first"
        if "xl/workbook.bin" in names:
            what = "a binary workbook (XLSB); save it as XLSX first"
        raise NotATable(f"This is {what}. {_KNOWN_TYPES}")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    shared = sum(entry.file_size for entry in entries if entry.filename.lower().endswith("sharedstrings.xml"))
    if (
        len(entries) > 2_000
        or unpacked > _MOST_UNPACKED
        or shared > _MOST_SHARED_STRINGS
        or (unpacked > 10 * 1024 * 1024 and unpacked > packed * _HIGHEST_RATIO)
    ):
        raise DangerousFile.at("file", "This spreadsheet unpacks to far too much. Save it as CSV and import that.")
    with zipfile.ZipFile(stream) as package:
        for entry in entries:
            if entry.filename.endswith((".xml", ".rels")):
                with package.open(entry) as part:
                    if b"<!DOCTYPE" in part.read(4096).replace(b"\0", b""):
                        raise DangerousFile.at("file", "This spreadsheet holds XML that no spreadsheet program writes.")


def _open_xlsx(stream: IO[bytes], sheet: str) -> Table:
    import openpyxl  # noqa: PLC0415 - slow to import, and needed for few requests

    _check_package(stream)
    stream.seek(0)
    try:
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        names = [one.title for one in book.worksheets if one.sheet_state == "visible"] or book.sheetnames
        wanted = sheet if sheet in names else _first_filled(book, names)
        chosen = book[wanted]
        chosen.reset_dimensions()
    except Exception as error:
        raise UnreadableFile.at("file", f"This spreadsheet cannot be opened: {_plain(error)}") from error
    return Table("xlsx", _xlsx_rows(chosen), {"sheet": wanted, "sheets": names})


def _first_filled(book: Any, names: list[str]) -> str:
    for name in names:
        book[name].reset_dimensions()
        for row in book[name].iter_rows(max_row=50, values_only=True):
            if sum(1 for value in row if value is not None) > 1:
                return name
    return names[0]


def _xlsx_rows(sheet: Any) -> Iterator[Row]:
    number = 0
    try:
        for row in sheet.iter_rows():
            number = next((cell.row for cell in row if hasattr(cell, "column_letter")), number + 1)
            yield number, [_text(cell.value) for cell in row]
    except UnreadableFile:
        raise
    except Exception as error:
        raise UnreadableFile.at(
            "file", f"Row {number + 1} of the spreadsheet cannot be read: {_plain(error)}"
        ) from error


def _open_xls(stream: IO[bytes], sheet: str) -> Table:
    import xlrd  # noqa: PLC0415

    content = stream.read()
    if b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in content:
        raise UnreadableFile.at("file", "This spreadsheet is protected by a password. Save it without one.")
    try:
        book = xlrd.open_workbook(file_contents=content, on_demand=True, logfile=io.StringIO())
        names: list[str] = book.sheet_names()
        wanted = sheet if sheet in names else next((n for n in names if book.sheet_by_name(n).nrows > 1), names[0])
        chosen = book.sheet_by_name(wanted)
    except Exception as error:
        if b"W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t" in content:
            raise NotATable(f"This is a Word document. {_KNOWN_TYPES}") from error
        raise UnreadableFile.at("file", f"This spreadsheet cannot be opened: {_plain(error)}") from error
    return Table("xls", _xls_rows(book, chosen), {"sheet": wanted, "sheets": names})


def _xls_rows(book: Any, sheet: Any) -> Iterator[Row]:
    import xlrd  # noqa: PLC0415

    for index in range(sheet.nrows):
        cells = []
        for kind, value in zip(sheet.row_types(index), sheet.row_values(index), strict=True):
            if kind == xlrd.XL_CELL_DATE:
                try:
                    cells.append(_text(xlrd.xldate_as_datetime(value, book.datemode)))
                except (ValueError, OverflowError):
                    cells.append(_text(value))
            elif kind == xlrd.XL_CELL_BOOLEAN:
                cells.append(_text(bool(value)))
            elif kind == xlrd.XL_CELL_ERROR:
                cells.append(xlrd.error_text_from_code.get(value, "#ERROR"))
            else:
                cells.append(_text(value) if value != "" else "")
        yield index + 1, cells


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace(TYPED, "").replace("\0", "")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float | Decimal):
        # A spreadsheet keeps 15 digits; what is behind them is noise of binary fractions.
        text = format(value, ".15g") if isinstance(value, float) else str(value)
        return TYPED + (format(Decimal(text), "f") if "e" in text.lower() else text)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _plain(error: Exception) -> str:
    first = str(error).strip().splitlines()
    return (first[0][:200] if first else type(error).__name__).rstrip(".") + "."
