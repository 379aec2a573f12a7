"""What kind of statement a file is, told from what is in it, and its reading."""

from __future__ import annotations

import re
from collections.abc import Callable

from tracktok.invoices.rules.bank_lines import MOST_LINES, Statement, Unreadable, one_line

from .camt import read_camt
from .mt940_files import read_mt940
from .qif import ORDERS, read_qif

OFX, CAMT, MT940, QIF = "ofx", "camt", "mt940", "qif"
TABLE = "table"
ACCEPTED = "OFX or QFX, CAMT.053, MT940, QIF, or a table (CSV, XLSX, XLS)"
_HEAD = 8192
_OTHERS = ((b"%PDF", "a PDF"), (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"))


def kind_of(data: bytes) -> str | None:
    """The kind of a statement, or None for what is none; text and workbooks that are nothing else may be tables."""
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return TABLE
    head = decode(data[:_HEAD]).lstrip("\ufeff \t\r\n")
    if re.match(r"OFXHEADER\s*:", head) or re.search(r"<\?OFX\b|<OFX>", head):
        return OFX
    if head.startswith("<"):
        return CAMT
    text = "\n" + head.replace("\r\n", "\n").replace("\r", "\n")
    if "\n:20:" in text and re.search(r"\n:(25|28C?|60[FM]|61):", text):
        return MT940
    if re.search(r"\n!(Type|Account|Option)\b", text, re.IGNORECASE):
        return QIF
    return TABLE if is_text(data[:_HEAD]) else None


def read_statements(data: bytes, order: str | None = None) -> tuple[str, list[Statement]]:
    """(kind, statements) of a file. Raises Unreadable; OrderUnknown when `order` has to be said."""
    kind = kind_of(data)
    if kind is None or kind == TABLE:
        seen = next((words for start, words in _OTHERS if data.startswith(start)), "")
        if seen:
            raise Unreadable(f"This is no bank statement but {seen}. Send {ACCEPTED}.")
        raise Unreadable(f"This is no bank statement of a kind that is known. Send {ACCEPTED}.")
    readers: dict[str, Callable[[], list[Statement]]] = {
        OFX: lambda: _ofx(data),
        CAMT: lambda: read_camt(data),
        MT940: lambda: read_mt940(decode(data)),
        QIF: lambda: read_qif(decode(data), order if order in ORDERS else None),
    }
    try:
        found = readers[kind]()
    except Unreadable:
        raise
    except (AttributeError, LookupError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise Unreadable("This file is broken: something that every statement has is missing in it.") from error
    for one in found:
        one.bank_account = one_line(one.bank_account)[:60]
    if sum(len(one.lines) for one in found) > MOST_LINES:
        raise Unreadable(f"This file has more than {MOST_LINES:,} lines. Export fewer days.")
    return kind, found


def is_text(head: bytes) -> bool:
    """Whether it may be a table of text: no picture, no PDF, no XML, and zeros only as UTF-16 has them."""
    if head.startswith(tuple(start for start, _ in _OTHERS)):
        return False
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" not in head


def decode(data: bytes) -> str:
    """The text of a file: UTF-8, else as Windows has it in the west."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _ofx(data: bytes) -> list[Statement]:
    # Its library takes a tenth of the time in which the application is loaded.
    from .ofx import read_ofx  # noqa: PLC0415

    return read_ofx(data)
