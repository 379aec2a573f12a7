"""What people type into amounts and dates, understood by the tenant's preferences. Pure functions."""

from __future__ import annotations

import re
from datetime import date, timedelta

from tracktok.core.money import MINOR_UNITS

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CURRENCY_WORDS = {code.lower() for code in MINOR_UNITS} | set("rs r kr kč zł ft lei лв rm rp us nt hk".split())
_WORD = re.compile(r"[^\W\d_]+\.?")
_WORD_INSIDE = re.compile(r"\d\s*[^\W\d_]+\.?\s*\d")
_NOISE = re.compile(r"[^\d.,'\-()]")
_GROUPED = re.compile(r"\d{1,3}(?:[.,']\d{2,3})*[.,']\d{3}")
_DAY_PARTS = re.compile(r"[\s/.,\-]+")


def plain_decimal(text: str, decimal: str = ".") -> str | None:
    """The number that was typed, as `-1234.5`; None when it is no number.

    `decimal` is the decimal separator of the tenant's locale; it decides where the text alone does not: "1,234" is a
    thousand where the comma groups, and 1.234 where it is the decimal separator. Currency signs and spaces are
    ignored; brackets or a minus make it negative.
    """
    said = text.strip().replace("\N{MINUS SIGN}", "-")
    # "5 lakh" and "12k" are not ours to guess: only currencies may stand beside the figures, and only around them.
    words = _WORD.findall(said)
    if len(words) > 1 or any(word.rstrip(".").lower() not in CURRENCY_WORDS for word in words):
        return None
    if _WORD_INSIDE.search(said):
        return None
    said = _NOISE.sub("", _WORD.sub("", said))
    bracketed = said.startswith("(") and said.endswith(")")
    said = said.strip("()")
    negative = bracketed or said.startswith("-") or said.endswith("-")
    said = said.strip("-")
    if not said or (not said[0].isdigit() and said[0] not in ".,"):
        return None
    whole, fraction = _split(said, decimal)
    if whole is None or not (whole + fraction).isdigit():
        return None
    number = (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")
    return f"-{number}" if negative and number.strip("0.") else number


def _split(said: str, decimal: str) -> tuple[str | None, str]:
    """Whole and fractional digits; (None, "") when the separators make no sense."""
    marks = [mark for mark in said if not mark.isdigit()]
    if not marks:
        return said, ""
    last = marks[-1]
    if len(set(marks)) > 1 or (len(marks) == 1 and not _groups(said, last, decimal)):
        whole, _, fraction = said.rpartition(last)
        if last == "'" or (any(mark in whole for mark in ".,'") and not _GROUPED.fullmatch(whole)):
            return None, ""
        return re.sub(r"[.,']", "", whole) or "0", fraction
    return (re.sub(r"[.,']", "", said), "") if _GROUPED.fullmatch(said) else (None, "")


def _groups(said: str, mark: str, decimal: str) -> bool:
    """Whether the only mark in a number stands between thousands."""
    return mark == "'" or (mark != decimal and _GROUPED.fullmatch(said) is not None)


def plain_date(text: str, date_format: str, today: date) -> date | None:
    """The date that was typed; None when it is none.

    Understood are ISO dates, the tenant's own format (`DD/MM/YYYY` decides which number is the day) with any
    separator, two-digit years (of this century), a missing year (this one), names of months, and the words today,
    yesterday and tomorrow.
    """
    said = text.strip().lower()
    words = {"today": 0, "yesterday": -1, "tomorrow": 1}
    if said in words:
        return today + timedelta(days=words[said])
    parts = [part for part in _DAY_PARTS.split(said) if part]
    if len(parts) not in (2, 3):
        return None
    try:
        return _assemble(parts, date_format, today)
    except ValueError:
        return None


def _assemble(parts: list[str], date_format: str, today: date) -> date | None:
    named = [at for at, part in enumerate(parts) if part[:3] in MONTHS and part.isalpha()]
    if named:
        month = MONTHS.index(parts[named[0]][:3]) + 1
        numbers = [part for at, part in enumerate(parts) if at != named[0]]
        if len(numbers[0]) == 4:
            numbers.reverse()
        day, year = int(re.sub(r"(st|nd|rd|th)$", "", numbers[0])), numbers[1] if len(numbers) > 1 else ""
        return date(_year(year, today), month, day)
    if not all(part.isdigit() for part in parts):
        return None
    if len(parts[0]) == 4:
        order = "YMD"
    else:
        order = "".join(sorted("DMY", key=lambda letter: date_format.upper().find(letter)))
        # A date is written with the year first only when it has four digits, or when the tenant writes so.
        if order.startswith("Y") and len(parts) == 3 and len(parts[2]) == 4:
            order = "DMY"
    if len(parts) == 2:
        order = order.replace("Y", "")
    found = dict(zip(order, parts, strict=True))
    return date(_year(found.get("Y", ""), today), int(found["M"]), int(found["D"]))


def _year(text: str, today: date) -> int:
    if not text:
        return today.year
    if len(text) not in (2, 4):
        raise ValueError("a year has two or four digits")
    return int(text) + (2000 if len(text) == 2 else 0)
