"""What a file is, told from its bytes and never from its name; and a name that is safe to give back."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from typing import IO

from PIL import Image, UnidentifiedImageError

JPEG, PNG, WEBP, GIF = "image/jpeg", "image/png", "image/webp", "image/gif"
PDF = "application/pdf"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"
OFX, CAMT, MT940, QIF = "application/x-ofx", "application/xml", "application/x-mt940", "application/qif"

IMAGES = frozenset({JPEG, PNG, WEBP, GIF})
RECEIPTS = IMAGES | {PDF}
TABLES = frozenset({CSV, XLSX, XLS})
# Nothing here tells these apart: who reads statements says what a file is.
STATEMENTS = frozenset({OFX, CAMT, MT940, QIF}) | TABLES

SUFFIXES = {
    JPEG: "jpg", PNG: "png", WEBP: "webp", GIF: "gif", PDF: "pdf", CSV: "csv", XLSX: "xlsx", XLS: "xls",
    OFX: "ofx", CAMT: "xml", MT940: "sta", QIF: "qif",
}  # fmt: skip
LABELS = {
    JPEG: "JPEG", PNG: "PNG", WEBP: "WebP", GIF: "GIF", PDF: "PDF", CSV: "CSV", XLSX: "XLSX", XLS: "XLS",
    OFX: "OFX", CAMT: "CAMT.053", MT940: "MT940", QIF: "QIF",
}  # fmt: skip

MOST_PIXELS = 64_000_000
"""A picture of more pixels than this is refused: its few bytes would unfold into gigabytes."""
LONGEST_NAME = 120
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = {"JPEG": JPEG, "MPO": JPEG, "PNG": PNG, "WEBP": WEBP, "GIF": GIF}


def detect(stream: IO[bytes]) -> str | None:
    """The content type of what a seekable stream holds, or None for what is not known or not sound.

    A picture counts when its whole structure can be read; a spreadsheet when it is a workbook inside; text when it
    has no binary zeros (but UTF-16) and does not begin like HTML or XML. The stream is left at its beginning.
    """
    stream.seek(0)
    head = stream.read(2048)
    stream.seek(0)
    try:
        return _detect(stream, head)
    finally:
        stream.seek(0)


def _detect(stream: IO[bytes], head: bytes) -> str | None:
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return XLSX if _is_workbook(stream) else None
    if head.startswith(_OLE):
        return XLS
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8")) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return _picture(stream)
    return CSV if _is_text(head) else None


def _is_workbook(stream: IO[bytes]) -> bool:
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return False
    return "[Content_Types].xml" in names and any(name.startswith("xl/workbook") for name in names)


def _picture(stream: IO[bytes]) -> str | None:
    try:
        with Image.open(stream) as picture:
            kind, (width, height) = picture.format or "", picture.size
            if width * height > MOST_PIXELS:
                return None
            picture.verify()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return _PICTURES.get(kind)


def _is_text(head: bytes) -> bool:
    if not head:
        return False
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if b"\x00" in head:
        return False
    begin = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    return not begin.startswith((b"<", b"%!ps", b"#!"))


def safe_name(filename: str, content_type: str) -> str:
    """A name for showing and for downloads: no path, no control characters, the suffix of what it really is."""
    name = unicodedata.normalize("NFC", filename.replace("\\", "/").rsplit("/", 1)[-1])
    name = "".join(ch for ch in name if unicodedata.category(ch)[0] != "C" and ch not in '<>:"|?*').strip(" .")
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name)[:LONGEST_NAME].strip(" .") or "file"
    return f"{stem}.{SUFFIXES[content_type]}"


def megabytes(size: int) -> str:
    """A size as people say it: "10 MB"."""
    return f"{size / (1024 * 1024):.0f} MB"
