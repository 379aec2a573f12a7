"""Exchange rates from the European Central Bank's history file (`eurofxref-hist.csv`, as it is, in .gz or in .zip)."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import IO

from tracktok.core.db import raw_connection
from tracktok.core.errors import Invalid
from tracktok.web.filters import format_day

LARGEST_FILE = 64 * 1024 * 1024
"""Unpacked. The history since 1999 has 1.5 MB."""
_CODE = re.compile(r"[A-Z]{3}")
_SMALLEST, _LARGEST = Decimal("0.000001"), Decimal(10) ** 12
_NOTHING = {"", "N/A"}
SOURCE = "ECB"


class RatesFileInvalid(Invalid):
    code, title = "rates_file_invalid", "The rates could not be read"


def no_rate(currency: str, base: str, day: date, *, field: str = "exchange_rate", enter: str = "") -> Invalid:
    """What is refused where no rate of a day is known, at the field where the rate, or what it would give, is entered.

    `enter` says what that is, in words for a person.
    """
    enter = enter or f"the exchange rate: how many {base} one {currency} is worth"
    text = f"No rate from {currency} to {base} is known for {format_day(day)}. Enter {enter}."
    return Invalid.at(field, text, "rate_missing")


@dataclass(frozen=True, slots=True)
class RatesImported:
    """What an import found and did."""

    days: int
    rates: int
    added: int
    changed: int
    first: date
    last: date


def import_rates(stream: IO[bytes]) -> RatesImported:
    """Add the published rates of a file, and correct those that differ; the same file again changes nothing.

    Raises RatesFileInvalid, naming the line, before anything is written.
    """
    rows = list(_parse(_unpacked(stream)))
    if not rows:
        raise RatesFileInvalid("The file has no rates.")
    days = {row[1] for row in rows}
    cursor = raw_connection().cursor()
    cursor.execute("CREATE TEMP TABLE rates_read (currency text, rate_date date, per_euro numeric) ON COMMIT DROP")
    with cursor.copy("COPY rates_read FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    cursor.execute(
        "WITH written AS (INSERT INTO exchange_rates AS kept (currency, rate_date, per_euro, source)"
        " SELECT currency, rate_date, per_euro, %s FROM rates_read ORDER BY currency, rate_date"
        " ON CONFLICT (currency, rate_date) DO UPDATE SET per_euro = excluded.per_euro, source = excluded.source"
        " WHERE kept.per_euro <> excluded.per_euro RETURNING xmax = 0 AS is_new)"
        " SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written",
        (SOURCE,),
    )
    added, changed = cursor.fetchone() or (0, 0)
    cursor.execute("DROP TABLE rates_read")
    cursor.close()
    return RatesImported(len(days), len(rows), added, changed, min(days), max(days))


def _unpacked(stream: IO[bytes]) -> str:
    head = stream.read(4)
    stream.seek(0)
    try:
        if head.startswith(b"\x1f\x8b"):
            raw = gzip.GzipFile(fileobj=stream).read(LARGEST_FILE + 1)
        elif head.startswith(b"PK"):
            with zipfile.ZipFile(stream) as archive:
                names = [name for name in archive.namelist() if name.lower().endswith(".csv")]
                if len(names) != 1:
                    raise RatesFileInvalid("The archive must hold one CSV file.")
                with archive.open(names[0]) as member:
                    raw = member.read(LARGEST_FILE + 1)
        else:
            raw = stream.read(LARGEST_FILE + 1)
    except (OSError, EOFError, zipfile.BadZipFile) as error:
        raise RatesFileInvalid("The archive is broken.") from error
    if len(raw) > LARGEST_FILE:
        raise RatesFileInvalid("The file is too large to be a history of rates.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RatesFileInvalid("The file is no text.") from error


def _parse(content: str) -> Iterator[tuple[str, date, Decimal]]:
    table = csv.reader(io.StringIO(content, newline=""))
    header = [cell.strip() for cell in next(table, [])]
    codes = header[1:]
    while codes and not codes[-1]:
        codes.pop()
    wrong = [code for code in codes if not _CODE.fullmatch(code)]
    if not header or header[0] != "Date" or not codes or wrong or len(set(codes)) != len(codes):
        raise RatesFileInvalid("The first line must be “Date” and currency codes, as in the ECB's eurofxref-hist.csv.")
    seen: set[date] = set()
    for cells in table:
        if not any(cell.strip() for cell in cells):
            continue
        day = _day(cells[0].strip(), table.line_num)
        if day in seen:
            raise RatesFileInvalid(f"Line {table.line_num}: {day} is there twice.")
        seen.add(day)
        if any(cell.strip() for cell in cells[len(codes) + 1 :]):
            raise RatesFileInvalid(f"Line {table.line_num}: there are more rates than currencies.")
        for code, cell in zip(codes, cells[1:], strict=False):
            if cell.strip() not in _NOTHING:
                yield code, day, _rate(cell.strip(), code, table.line_num)


def _day(text: str, line: int) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise RatesFileInvalid(f"Line {line}: “{text[:20]}” is no date like 2026-04-13.") from error


def _rate(text: str, code: str, line: int) -> Decimal:
    try:
        rate = Decimal(text)
    except InvalidOperation as error:
        raise RatesFileInvalid(f"Line {line}, {code}: “{text[:20]}” is no rate.") from error
    if not rate.is_finite() or not _SMALLEST <= rate <= _LARGEST:
        raise RatesFileInvalid(f"Line {line}, {code}: {text[:20]} is no rate.")
    return rate
