"""How figures, dates and times are written: always by the tenant's preferences.

Babel knows the rules of each locale; they are read once per locale and currency, because a list of 50 rows with two
amounts each would otherwise spend more time in Babel than in the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_timedelta
from babel.numbers import get_currency_name, get_currency_symbol

from tracktok.core import clock, context
from tracktok.core.money import MINOR_UNITS, plain
from tracktok.core.permissions import may

MINUS = "\N{MINUS SIGN}"
EMPTY = "\N{EN DASH}"
_TOKENS = {"DD": "dd", "D": "d", "MMMM": "MMMM", "MMM": "MMM", "MM": "MM", "M": "M", "YYYY": "yyyy", "YY": "yy"}


@dataclass(frozen=True, slots=True)
class Figures:
    """How a locale writes numbers."""

    group: str
    decimal: str
    first: int
    further: int


@lru_cache(maxsize=64)
def locale_of(code: str) -> Locale:
    """Babel's locale for a tag such as `en_IN` or `en-IN`; English when Babel does not know it."""
    try:
        return Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@lru_cache(maxsize=64)
def figures(code: str) -> Figures:
    """How a locale groups and separates digits: 12,34,567.00 for `en_IN`, 1.234.567,00 for `de`."""
    locale = locale_of(code)
    symbols = locale.number_symbols["latn"]
    first, further = locale.decimal_formats[None].grouping
    return Figures(symbols["group"], symbols["decimal"], first, further)


def group_digits(digits: str, style: Figures) -> str:
    """Whole digits with the locale's separators."""
    if len(digits) <= style.first:
        return digits
    head, tail = digits[: -style.first], digits[-style.first :]
    parts = [tail]
    while head:
        parts.append(head[-style.further :])
        head = head[: -style.further]
    return style.group.join(reversed(parts))


def format_number(value: Decimal | int | str | None, places: int | None = None, *, locale: str | None = None) -> str:
    """A number by the locale, rounded half up to `places` when given; an en dash for None."""
    if value is None or value == "":
        return EMPTY
    number = Decimal(value)
    if places is not None:
        number = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    style = figures(locale or context.preferences().locale)
    whole, _, fraction = format(abs(number), "f").partition(".")
    text = group_digits(whole, style) + (style.decimal + fraction if fraction else "")
    # A number that rounds to nothing has no sign.
    return f"{MINUS}{text}" if number < 0 else text


def format_amount(amount: Decimal | int | str | None, currency: str | None = None) -> str:
    """An amount with its currency's decimal places and no currency: for columns whose head names it."""
    code = currency or context.preferences().currency
    return format_number(amount, MINOR_UNITS.get(code, 2))


@lru_cache(maxsize=512)
def currency_symbol(code: str, locale: str) -> str:
    """The sign of a currency in a locale (₹ for INR in `en_IN`), or the code itself where there is none."""
    return get_currency_symbol(code, locale_of(locale))


@lru_cache(maxsize=512)
def currency_name(code: str, locale: str | None = None) -> str:
    """The name of a currency: "Indian Rupee"."""
    return get_currency_name(code, locale=locale_of(locale or "en"))


@lru_cache(maxsize=64)
def _symbol_first(locale: str) -> tuple[bool, str]:
    pattern = locale_of(locale).currency_formats["standard"].pattern.split(";")[0]
    before = pattern.strip().startswith("¤")
    spaced = "\N{NO-BREAK SPACE}" if "\N{NO-BREAK SPACE}" in pattern or " " in pattern else ""
    return before, spaced


def format_money(amount: Decimal | int | str | None, currency: str | None = None) -> str:
    """An amount with its currency's sign, as the locale puts it: ₹1,23,456.00 or 1.234,00 €."""
    prefs = context.preferences()
    code = currency or prefs.currency
    text = format_amount(amount, code)
    if text == EMPTY:
        return text
    symbol = currency_symbol(code, prefs.locale)
    before, space = _symbol_first(prefs.locale)
    if symbol.isalpha():
        space = "\N{NO-BREAK SPACE}"
    sign, text = (MINUS, text[1:]) if text.startswith(MINUS) else ("", text)
    return f"{sign}{symbol}{space}{text}" if before else f"{sign}{text}{space or ' '}{symbol}"


def format_percent(value: Decimal | int | str | None, places: int = 0) -> str:
    """A percentage from a number of percent: 82.5 is 83%."""
    text = format_number(value, places)
    return text if text == EMPTY else f"{text}%"


@lru_cache(maxsize=64)
def date_pattern(date_format: str) -> str:
    """A Unicode date pattern from the tenant's setting: `DD/MM/YYYY` is `dd/MM/yyyy`."""
    out, at = "", 0
    while at < len(date_format):
        for token, meaning in _TOKENS.items():
            longest = date_format[at : at + 4]
            if date_format.startswith(token, at) and (token[0] * len(token) + token[0]) not in longest:
                out, at = out + meaning, at + len(token)
                break
        else:
            out, at = out + date_format[at], at + 1
    return out


@lru_cache(maxsize=4096)
def _written_date(day: date, pattern: str, locale: str) -> str:
    return format_date(day, pattern, locale=locale_of(locale))


def as_local(instant: datetime) -> datetime:
    """The instant on the tenant's wall clock."""
    return instant.astimezone(ZoneInfo(context.preferences().timezone))


def format_day(day: date | datetime | None, *, weekday: bool = False) -> str:
    """A date as the tenant writes it; an instant is first put into the tenant's time zone."""
    if day is None:
        return EMPTY
    prefs = context.preferences()
    if isinstance(day, datetime):
        day = as_local(day).date()
    written = _written_date(day, date_pattern(prefs.date_format), prefs.locale)
    return f"{_written_date(day, 'EEE', prefs.locale)} {written}" if weekday else written


def format_short_day(day: date | None) -> str:
    """A day without its year, where the year is known, such as below a chart: 21 Nov."""
    return EMPTY if day is None else str(format_skeleton("MMMd", day, locale=locale_of(context.preferences().locale)))


def format_long_date(day: date | datetime | None) -> str:
    """A date in words: Saturday, 21 November 2026."""
    if day is None:
        return EMPTY
    if isinstance(day, datetime):
        day = as_local(day).date()
    return _written_date(day, "EEEE, d MMMM y", context.preferences().locale)


def format_month(day: date | None) -> str:
    """A month in words: November 2026."""
    return EMPTY if day is None else _written_date(day.replace(day=1), "MMMM y", context.preferences().locale)


def format_time(value: datetime | time | None) -> str:
    """A time of day, 24 hours: 09:05."""
    if value is None:
        return EMPTY
    if isinstance(value, datetime):
        value = as_local(value).time()
    return value.strftime("%H:%M")


def format_instant(instant: datetime | None) -> str:
    """Date and time of an instant on the tenant's clock: 21/11/2026 09:05."""
    return EMPTY if instant is None else f"{format_day(instant)} {format_time(instant)}"


def format_relative(instant: datetime | None) -> str:
    """How long ago, or in how long: "3 minutes ago"; beyond 30 days the date itself."""
    if instant is None:
        return EMPTY
    delta = instant - clock.now()
    if abs(delta.days) > 30:
        return format_day(instant)
    if abs(delta.total_seconds()) < 10:
        return "just now"
    return format_timedelta(delta, add_direction=True, locale=locale_of(context.preferences().locale), threshold=1.2)


def format_bytes(size: int | None) -> str:
    """A file's size: 1.4 MB."""
    if size is None:
        return EMPTY
    amount, unit = Decimal(size), "bytes"
    for larger in ("KB", "MB", "GB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{format_number(amount, 0 if unit in {'bytes', 'KB'} else 1)} {unit}"


def format_quantity(value: Decimal | int | str | None, places: int = 4) -> str:
    """A quantity by the locale, with as many decimals as it has, at most `places`; an en dash for None."""
    if value is None or value == "":
        return EMPTY
    return format_number(plain(Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)))


def plural(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun: "1 expense", "2,500 expenses"."""
    noun = one if count == 1 else (many or f"{one}s")
    return f"{format_number(count)} {noun}"


def initials(name: str) -> str:
    """Up to two letters for a person or a company without a picture."""
    words = [word for word in name.replace("@", " ").replace(".", " ").split() if word]
    return ((words[0][0] + (words[-1][0] if len(words) > 1 else "")) if words else "?").upper()


def iso(value: date | datetime | None) -> str:
    """The machine's form of a date or instant, for `datetime` attributes and inputs."""
    return "" if value is None else value.isoformat()


FILTERS = {
    "amount": format_amount,
    "quantity": format_quantity,
    "money": format_money,
    "number": format_number,
    "percent": format_percent,
    "day": format_day,
    "short_day": format_short_day,
    "long_date": format_long_date,
    "month": format_month,
    "clock": format_time,
    "instant": format_instant,
    "relative": format_relative,
    "bytes": format_bytes,
    "initials": initials,
    "iso": iso,
}


def own_figures() -> Figures:
    """How the current tenant's locale writes numbers."""
    return figures(context.preferences().locale)


def today() -> date:
    """The date at the tenant's place."""
    return clock.today(context.preferences().timezone)


def request_id() -> str:
    """The id of this request, as the logs know it; empty where there is none."""
    return context.request_info().request_id


GLOBALS = {
    "may": may,
    "preferences": context.preferences,
    "figures": own_figures,
    "today": today,
    "plural": plural,
    "currency_symbol": currency_symbol,
    "request_id": request_id,
}
