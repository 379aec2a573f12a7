"""Amounts as people write them: 1,234.50, 1.234,50, 1,23,456.00, (123.45), 123-, ₹ 500, 12.00 CR.

As with dates the whole column is looked at: what says nothing by itself (`1.234`) is decided by the others, or asked.
"""
# ruff: noqa: RUF001 - people write amounts with these very signs

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

# A number that a spreadsheet holds as a number, not as text: written by readers in front of the canonical form.
TYPED: Final = "\ue000"
SHAPES: Final = str.maketrans("0123456789\u00a0\u202f\u2009’−–", "9999999999   '--")

SIGNS: Final = {
    "₹": "INR", "€": "EUR", "£": "GBP", "₩": "KRW", "₽": "RUB", "₺": "TRY", "₪": "ILS", "฿": "THB", "₫": "VND",
    "₦": "NGN",
    "₱": "PHP", "zł": "PLN", "r$": "BRL", "rs": "INR", "rs.": "INR", "us$": "USD", "a$": "AUD", "c$": "CAD",
    "s$": "SGD",
    "hk$": "HKD", "nz$": "NZD",
}  # fmt: skip
# Signs that several currencies use: they agree with the file's own currency when it is one of these.
SHARED_SIGNS: Final = {
    "$": ("USD", "AUD", "CAD", "SGD", "HKD", "NZD", "MXN", "TWD", "ARS", "CLP", "COP"),
    "¥": ("JPY", "CNY"),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
}
_LONGEST: Final = 60
_SIDES: Final = {"cr": -1, "dr": 1}
_AFFIX = re.compile(r"([^\W\d_]{1,3}\.?|[^\w\s.,()'+-]|[A-Za-z]{1,2}\$)", re.UNICODE)
_POINT = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+|\d{1,3}(?:,\d{2})*,\d{3}|\d{1,3}(?:[ ']\d{3})+)(?:\.\d*)?|\.\d+")
_COMMA = re.compile(r"(?:\d+|\d{1,3}(?:\.\d{3})+|\d{1,3}(?:[ ']\d{3})+)(?:,\d*)?|,\d+")
_BARE = re.compile(r"-?\d{1,15}(?:\.\d{1,4})?")


class NotANumber(ValueError):
    """The text cannot be read as an amount in the form chosen; the message says why."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """An amount; `sign` is the currency sign or code that stood beside it, in lower case, or empty."""

    value: Decimal
    sign: str = ""


@dataclass(slots=True)
class NumberEvidence:
    """How many cells of a column speak for which decimal sign."""

    total: int = 0
    point: int = 0
    comma: int = 0
    ambiguous: int = 0
    """One separator with three digits behind it: thousands or decimals."""
    plain: int = 0
    unread: int = 0
    negative: int = 0
    examples: dict[str, str] = field(default_factory=dict)

    @property
    def is_number(self) -> bool:
        """Whether most of the column can be read as numbers."""
        return self.total > 0 and (self.total - self.unread) * 2 > self.total


@dataclass(frozen=True, slots=True)
class NumberVerdict:
    """The decimal sign that the evidence gives, or None when a person must say; `because` says what was seen."""

    decimal: str | None
    suggestion: str
    because: str


def shape(text: str) -> str:
    """The text with every digit as 9: what is counted to find the form of a column."""
    return text.strip().translate(SHAPES)


def weigh(shapes: Mapping[str, int]) -> NumberEvidence:
    """The evidence in a column, given each distinct shape with the number of its cells."""
    seen = NumberEvidence()
    for text, count in shapes.items():
        if not text:
            continue
        seen.total += count
        kind, negative = _kind(text)
        setattr(seen, kind, getattr(seen, kind) + count)
        if negative:
            seen.negative += count
        seen.examples.setdefault(kind, text.lstrip(TYPED))
    return seen


def _kind(text: str) -> tuple[str, bool]:
    readings = {}
    for decimal in ".,":
        try:
            readings[decimal] = parse_amount(text, decimal).value
        except NotANumber:
            continue
    if not readings:
        return "unread", False
    negative = next(iter(readings.values())) < 0
    if len(readings) == 2:
        if readings["."] == readings[","] and not ({".", ","} & set(text.lstrip(TYPED))):
            return "plain", negative
        if text.startswith(TYPED):
            return "plain", negative
        return "ambiguous", negative
    return ("point" if "." in readings else "comma"), negative


def judge(seen: NumberEvidence) -> NumberVerdict:
    """What the evidence says."""
    point, comma, open_ = seen.point, seen.comma, seen.ambiguous
    if point and comma:
        return NumberVerdict(
            None,
            "." if point >= comma else ",",
            f"{_cells(point)} can only be read with a decimal point (of the form {seen.examples['point']}) and "
            f"{_cells(comma)} only with a decimal comma (of the form {seen.examples['comma']}): two forms are mixed.",
        )
    if point:
        return NumberVerdict(".", ".", f"Decimal point: {_cells(point)} of a form such as {seen.examples['point']}.")
    if comma:
        return NumberVerdict(",", ",", f"Decimal comma: {_cells(comma)} of a form such as {seen.examples['comma']}.")
    if open_:
        form = seen.examples["ambiguous"]
        return NumberVerdict(
            None,
            "." if "," in form else ",",
            f"In {_cells(open_)} of the form {form} the separator may stand for thousands or for decimals, and "
            "nothing in the column says which.",
        )
    return NumberVerdict(".", ".", "Whole numbers, or numbers that a spreadsheet holds as such.")


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count:,} cells"


def parse_amount(text: str, decimal: str) -> Parsed:
    """Read one amount with this decimal sign (`.` or `,`). Raises NotANumber, saying why.

    Parentheses, a minus before or behind, and CR make it negative; separators of thousands must stand in their places.
    """
    if text.startswith(TYPED):
        return Parsed(Decimal(text[1:]))
    if decimal == "." and _BARE.fullmatch(text):
        return Parsed(Decimal(text))
    body = text.strip().translate(_TIDY)
    if not body:
        raise NotANumber("This is empty; an amount is needed.")
    if len(body) > _LONGEST:
        raise NotANumber(f"“{_short(text)}” is too long for an amount.")
    negative, body = _take_sign(body)
    sign, side, body = _take_affixes(body)
    more, body = _take_sign(body)
    if negative and more:
        raise NotANumber(f"“{_short(text)}” carries its sign twice.")
    negative = negative or more
    pattern, other = (_POINT, "1,234.50") if decimal == "." else (_COMMA, "1.234,50")
    if not pattern.fullmatch(body):
        raise NotANumber(f"“{_short(text)}” is not an amount of the form {other}.")
    for grouping in (" ", "'", "," if decimal == "." else "."):
        body = body.replace(grouping, "")
    value = Decimal(body.replace(",", "."))
    return Parsed(-value if negative != (side < 0) else value, sign)


_TIDY = str.maketrans("\u00a0\u202f\u2009’−–", "   '--")


def _take_sign(body: str) -> tuple[bool, str]:
    if body.startswith("(") and body.endswith(")"):
        return True, body[1:-1].strip()
    if body.startswith("-"):
        return True, body[1:].strip()
    if body.endswith("-"):
        return True, body[:-1].strip()
    return False, body.removeprefix("+").strip()


def _take_affixes(body: str) -> tuple[str, int, str]:
    sign, side = "", 1
    for _ in range(3):
        if (match := _AFFIX.match(body)) and not body[0].isdigit():
            word, body = match[0], body[match.end() :].strip()
        elif (found := re.search(r"(?<=[\d\s.)])([^\W\d_]{1,3}|[^\w\s.,()'+-]|[A-Za-z]{1,2}\$)$", body)) is not None:
            word, body = found[0], body[: found.start()].strip()
        else:
            break
        lowered = word.lower()
        if lowered in _SIDES:
            side = _SIDES[lowered]
        else:
            sign = lowered
    return sign, side, body


def currency_of_sign(sign: str, own: str, known: Mapping[str, int]) -> str | None:
    """The currency that a sign or code beside an amount stands for; None when it cannot be told.

    `own` is the currency that holds where nothing is written; a sign that several share agrees with it if it can.
    """
    if not sign:
        return own
    if sign.upper() in known:
        return sign.upper()
    if sign in SHARED_SIGNS:
        return own if own in SHARED_SIGNS[sign] else None
    return SIGNS.get(sign)


def _short(text: str) -> str:
    text = text.lstrip(TYPED)
    return text if len(text) <= 40 else text[:39] + "…"
