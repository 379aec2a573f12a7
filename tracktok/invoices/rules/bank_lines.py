"""What a bank statement says, whichever kind of file it came in."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation

MOST_LINES = 20_000
LARGEST = Decimal(10) ** 14


class Unreadable(ValueError):
    """A file that cannot be read as a statement; the message says why."""


class OrderUnknown(Unreadable):
    """Dates such as 03/04/2026 that do not say which part is the day."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A movement of an account; above zero for money that came in."""

    booked_on: date
    amount: Decimal
    currency: str = ""
    counterparty: str = ""
    reference: str = ""
    description: str = ""
    external_id: str = ""
    """The bank's own name for it, if it has one."""

    def tidy(self) -> StatementLine:
        """The same, with texts as long as they are kept."""
        return replace(
            self,
            counterparty=one_line(self.counterparty)[:200],
            reference=one_line(self.reference)[:200],
            description=one_line(self.description)[:1000],
            external_id=one_line(self.external_id)[:200],
        )


@dataclass(slots=True)
class Statement:
    """A statement of one account."""

    bank_account: str = ""
    currency: str = ""
    start: date | None = None
    end: date | None = None
    opening: Decimal | None = None
    closing: Decimal | None = None
    lines: list[StatementLine] = field(default_factory=list)
    skipped: int = 0
    """Lines that move nothing: of amount zero, or only announced."""

    @property
    def period(self) -> tuple[date | None, date | None]:
        """The first and the last day: as the file says, else of the lines."""
        days = [one.booked_on for one in self.lines]
        start, end = self.start or min(days, default=None), self.end or max(days, default=None)
        if start and end and start > end:  # some banks date one of the balances wrongly
            return min(days, default=end), max(days, default=start)
        return start, end

    @property
    def gap(self) -> Decimal | None:
        """What the closing balance has that opening balance and lines do not; None when a balance is not known."""
        if self.opening is None or self.closing is None:
            return None
        return self.closing - self.opening - sum((one.amount for one in self.lines), Decimal(0))


def one_line(text: str) -> str:
    """A text without line ends, double blanks and characters that nobody sees."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def read_amount(text: str) -> Decimal:
    """An amount as bank files write it: a comma or a point before the last places, a sign. Raises Unreadable."""
    plain = text.strip().replace(" ", "").replace("\u00a0", "")
    comma, point = plain.rfind(","), plain.rfind(".")
    if comma > point:
        plain = plain.replace(".", "").replace(",", ".") if plain.count(",") == 1 else plain.replace(",", "")
    else:
        plain = plain.replace(",", "")
    try:
        found = Decimal(plain)
    except InvalidOperation:
        raise Unreadable(f"“{text.strip()[:40]}” is no amount.") from None
    if not found.is_finite() or abs(found) >= LARGEST:
        raise Unreadable(f"“{text.strip()[:40]}” is no amount.")
    if found != found.quantize(Decimal("0.0001")):
        raise Unreadable(f"“{text.strip()[:40]}” has more than four decimal places.")
    return found


def read_day(text: str) -> date:
    """A day that starts with YYYY-MM-DD or YYYYMMDD. Raises Unreadable."""
    plain = text.strip().replace("-", "")[:8]
    try:
        if len(plain) == 8 and plain.isdecimal():
            return date(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
    except ValueError:
        pass
    raise Unreadable(f"“{text.strip()[:40]}” is no date.")


def keys_of(lines: Iterable[StatementLine]) -> Iterator[tuple[str, StatementLine]]:
    """Each line with the key that it has in whichever file it comes again.

    The bank's own name for it (with day and amount: some banks use a name twice); without one, what it says and how
    many lines of the file said the same before.
    """
    seen: Counter[str] = Counter()
    for line in lines:
        said = [line.booked_on.isoformat(), str(line.amount.normalize()), line.currency]
        if line.external_id:
            yield "i" + _hash([line.external_id, *said]), line
            continue
        mark = _hash([*said, line.counterparty, line.reference, line.description])
        seen[mark] += 1
        yield f"f{mark}:{seen[mark]}", line


def _hash(parts: list[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:40]
