"""Numbers of documents: the fiscal year a day falls into, patterns, and what GST asks of them.

A number is given at finalise, gapless for each (company, kind of document, fiscal year): its series. A pattern is text
with fields in braces; the year fields speak of the year in which the fiscal year starts, so that a number that comes
again in the next series reads differently.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from tracktok.ledger.rules import fiscal_year_start

LONGEST_GST_NUMBER = 16
"""Rule 46(b) of the CGST Rules, 2017: at most sixteen characters, letters, digits, "-" and "/"."""
LONGEST_NUMBER = 40
LONGEST_ORG = 8
FALLBACK_ORG = "ORG"
MOST_DIGITS = 12

DOCUMENT_PREFIXES: dict[str, str] = {
    "invoice": "INV",
    "quote": "QTN",
    "proforma": "PRO",
    "credit_note": "CRN",
    "debit_note": "DBN",
    "receipt": "RCT",
}
FIELDS: dict[str, str] = {
    "{YYYY}": "the year in which the fiscal year starts, 2026",
    "{YY}": "the same in two digits, 26",
    "{FY}": "the fiscal year, 2026-27",
    "{MM}": "the month of the document, 04",
    "{ORG}": "the company's short code, up to eight characters",
    "{ORG3}": "its first three characters",
    "{#####}": "the number in the series, as many digits as there are #",
}
_TOKEN = re.compile(r"\{([^{}]*)\}")
_GST_TEXT = re.compile(r"[A-Z0-9/-]*")
_PLAIN_MARKS = frozenset(" -_./&()+:,")
_WORDS = re.compile(r"[^A-Z0-9]+")


class SeriesFull(ValueError):
    """The next number does not fit the pattern any more: a new series is needed."""


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """A fiscal year, both days included. `label` is 2026-27, or 2026 for a calendar year."""

    start: date
    end: date

    @property
    def label(self) -> str:
        return self.yyyy if self.start.month == 1 else f"{self.yyyy}-{self.end.year % 100:02d}"

    @property
    def yyyy(self) -> str:
        return f"{self.start.year:04d}"

    @property
    def yy(self) -> str:
        return f"{self.start.year % 100:02d}"

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern taken apart: texts and fields in their order. `width` is the least number of digits."""

    parts: tuple[tuple[str, str], ...]
    width: int

    @property
    def fields(self) -> frozenset[str]:
        """The names of the fields in it: YYYY, FY, ..., and # for the number."""
        return frozenset(value for kind, value in self.parts if kind == "field")

    @property
    def largest(self) -> int:
        """The largest number of the series that fits the width: 99999 for {#####}."""
        return int(10**self.width - 1)


def fiscal_year(day: date, start_month: int) -> FiscalYear:
    """The fiscal year that a day is in; years begin on the first of `start_month` (1 to 12; 4 in India)."""
    start = fiscal_year_start(day, start_month)
    if start.year == date.max.year:
        return FiscalYear(start, date.max)
    return FiscalYear(start, start.replace(year=start.year + 1) - timedelta(days=1))


def default_pattern(document_type: str, *, gst: bool) -> str:
    """The pattern a company begins with: INV-{YYYY}-{ORG}-{#####}, under GST INV-{YY}-{ORG3}-{#####} (16 characters).

    Raises KeyError for an unknown kind of document.
    """
    prefix = DOCUMENT_PREFIXES[document_type]
    return f"{prefix}-{{YY}}-{{ORG3}}-{{#####}}" if gst else f"{prefix}-{{YYYY}}-{{ORG}}-{{#####}}"


def parse_pattern(pattern: str) -> Pattern:
    """Take a pattern apart. Raises ValueError with a sentence for people when it is none."""
    parts: list[tuple[str, str]] = []
    width = position = 0
    for match in _TOKEN.finditer(pattern):
        parts.append(("text", pattern[position : match.start()]))
        position = match.end()
        name = match[1]
        if name and not name.strip("#"):
            if width:
                raise ValueError("The number stands in a pattern once.")
            width, name = len(name), "#"
        elif f"{{{name}}}" not in FIELDS:
            raise ValueError(f"There is no field {match[0]}; use {', '.join(FIELDS)}.")
        parts.append(("field", name))
    parts.append(("text", pattern[position:]))
    texts = "".join(value for kind, value in parts if kind == "text")
    if "{" in texts or "}" in texts:
        raise ValueError("A brace is not closed or not opened.")
    if "#" in texts:
        raise ValueError("Put the digits of the number in braces: {#####}.")
    if not width:
        raise ValueError("The pattern needs the number in the series: {#####}.")
    if width > MOST_DIGITS:
        raise ValueError(f"The number has {MOST_DIGITS} digits at most.")
    return Pattern(tuple((kind, value) for kind, value in parts if value), width)


def pattern_problem(pattern: str, *, gst: bool, org: str = "") -> str | None:
    """What is wrong with a pattern, or None. `org` is the company's short code; without one the longest is assumed.

    GST (Rule 46(b)): filled with the largest number that fits, at most 16 characters of A-Z, 0-9, "-" and "/"; the
    portals take a number only when it begins with a letter or a digit other than 0.
    """
    try:
        parsed = parse_pattern(pattern)
    except ValueError as problem:
        return str(problem)
    texts = "".join(value for kind, value in parsed.parts if kind == "text")
    code = org or "X" * LONGEST_ORG
    longest = _fill(parsed, parsed.largest, fiscal_year(date(2026, 12, 1), 4), date(2026, 12, 1), code)
    if not gst:
        if not all(map(_is_plain, texts)):
            return "Use letters, digits, blanks and - . / & ( ) + : , around the fields."
        if pattern != pattern.strip():
            return "A number neither begins nor ends with a blank."
        return None if len(longest) <= LONGEST_NUMBER else f"A number has {LONGEST_NUMBER} characters at most."
    if not _GST_TEXT.fullmatch(texts):
        return "Under GST a number has only capital letters A-Z, digits, - and /."
    kind, value = parsed.parts[0]
    if kind == "text" and value[0] in "-/":
        return "Under GST a number begins with a letter or a digit."
    if (kind == "text" and value[0] == "0") or (kind == "field" and value in {"#", "MM"}):
        return "Under GST a number does not begin with 0."
    if len(longest) > LONGEST_GST_NUMBER:
        return f"Under GST a number has {LONGEST_GST_NUMBER} characters at most; {longest} has {len(longest)}."
    return None


def _is_plain(one: str) -> bool:
    """A letter of any script (with its vowel signs), a digit, or one of a few marks."""
    return one.isalnum() or one in _PLAIN_MARKS or unicodedata.category(one) in {"Mn", "Mc"}


def pattern_warning(pattern: str) -> str | None:
    """A remark on a pattern that is allowed: without a year its numbers come again in the next fiscal year."""
    if parse_pattern(pattern).fields & {"YYYY", "YY", "FY"}:
        return None
    return "Without the year the same numbers come again in the next fiscal year."


def render_number(pattern: str, sequence: int, year: FiscalYear, day: date, org: str, *, gst: bool = False) -> str:
    """The number of a document. `sequence` counts from 1; `org` is the short code of the company.

    Raises SeriesFull under GST when the sequence passes the width (99,999 for {#####}); elsewhere the number grows.
    Raises ValueError for no pattern or a sequence below 1.
    """
    parsed = parse_pattern(pattern)
    if sequence < 1:
        raise ValueError("a series counts from 1")
    if gst and sequence > parsed.largest:
        raise SeriesFull(f"This series ended with {parsed.largest:,}; begin a new series with another pattern.")
    return _fill(parsed, sequence, year, day, org)


def _fill(parsed: Pattern, sequence: int, year: FiscalYear, day: date, org: str) -> str:
    values = {
        "YYYY": year.yyyy, "YY": year.yy, "FY": year.label, "MM": f"{day.month:02d}", "ORG": org, "ORG3": org3(org),
        "#": f"{sequence:0{parsed.width}d}",
    }  # fmt: skip
    return "".join(values[value] if kind == "field" else value for kind, value in parsed.parts)


def number_problem(number: str, *, gst: bool) -> str | None:
    """What is wrong with a number that comes from elsewhere (an import, a number given by hand), or None."""
    longest = LONGEST_GST_NUMBER if gst else LONGEST_NUMBER
    if not number.strip() or len(number) > longest:
        return f"A number has 1 to {longest} characters."
    if not number.isprintable():
        return "A number has no control characters."
    if gst and not re.fullmatch(r"[A-Z1-9][A-Z0-9/-]*", number.upper()):
        return "Under GST a number has letters, digits, - and /, and begins with a letter or a digit other than 0."
    return None


def number_key(number: str) -> str:
    """The number as uniqueness sees it: case does not matter."""
    return number.upper()


def org_code(name: str) -> str:
    """A company's short code: up to eight of A-Z and 0-9 of its name, without accents and leading noughts.

    A name without any Latin letter gives "ORG".
    """
    plain = unicodedata.normalize("NFKD", name).upper()
    letters = _WORDS.sub("", "".join(one for one in plain if not unicodedata.combining(one)))
    return letters.lstrip("0")[:LONGEST_ORG] or FALLBACK_ORG


def org3(code: str) -> str:
    """The first three characters of a short code."""
    return code[:3]


def series_key(document_type: str, company: UUID | str, year: FiscalYear, series: str = "") -> str:
    """The name of a series, for its row and its lock: gapless in itself. `series` names a further one in a year.

    Raises KeyError for an unknown kind of document.
    """
    return "/".join(filter(None, (DOCUMENT_PREFIXES[document_type], str(company), year.start.isoformat(), series)))
