"""Reading QIF: movements of bank, cash and card accounts. All dates together decide the order of day and month."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tracktok.invoices.rules.bank_lines import OrderUnknown, Statement, StatementLine, Unreadable, read_amount

ORDERS = ("DMY", "MDY", "YMD")
_MOVEMENTS = frozenset({"bank", "cash", "ccard", "oth a", "oth l"})
_DATE = re.compile(r"(\d{1,4})\s*([-/.])\s*(\d{1,2})\s*([-/.'])\s*(\d{1,4})")


@dataclass(slots=True)
class _Record:
    day: str = ""
    amount: str = ""
    number: str = ""
    payee: str = ""
    memo: str = ""
    category: str = ""
    notes: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)


def read_qif(text: str, order: str | None = None) -> list[Statement]:
    """The movements of a QIF file, which names no currency. Raises Unreadable, OrderUnknown."""
    found: list[tuple[str, list[_Record]]] = list(_sections(text))
    records = [one for _, section in found for one in section]
    if not records:
        raise Unreadable("This QIF file holds no movements of a bank, cash or card account.")
    decided = order or decide_order(one.day for one in records)
    statements: dict[str, Statement] = {}
    for account, section in found:
        statement = statements.setdefault(account, Statement(account))
        for record in section:
            _add(statement, record, decided)
    return list(statements.values())


def decide_order(days: Iterable[str]) -> str:
    """DMY, MDY or YMD, as the only order in which all dates exist. Raises OrderUnknown, Unreadable."""
    possible = set(ORDERS)
    example = ""
    for text in days:
        here = {order for order in possible if _try(text, order) is not None}
        if not here:
            raise Unreadable(f"“{text[:20]}” is no date, or the dates of this file are written in several orders.")
        if len({_try(text, order) for order in here}) > 1:
            example = example or text
        possible = here
    if len(possible) > 1 and example:
        raise OrderUnknown(f"“{example}” can be read in more than one way. Say whether the day or the month is first.")
    return next(order for order in ORDERS if order in possible)


def _try(text: str, order: str) -> date | None:
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    first, _, second, mark, third = match.groups()
    parts = {order[0]: first, order[1]: second, order[2]: third}
    year = parts["Y"]
    # `1/ 1' 0`: one digit for 2000 to 2009
    usual = len(year) in {2, 4} or (len(year) == 1 and mark == "'")
    if order == "YMD":  # with two digits nobody writes it so, and `'` stands before a year only
        usual = len(year) == 4
    if not usual or len(parts["M"]) > 2 or len(parts["D"]) > 2:
        return None
    whole = int(year)
    if len(year) < 4:
        whole += 2000 if mark == "'" or whole < 69 else 1900
    try:
        return date(whole, int(parts["M"]), int(parts["D"]))
    except ValueError:
        return None


def _sections(text: str) -> Iterator[tuple[str, list[_Record]]]:
    account, kind = "", ""
    records: list[_Record] = []
    record: _Record | None = None
    for line in text.splitlines():
        raw = line.strip("\ufeff \t")
        if raw.startswith("!"):
            word = raw[1:].strip().lower()
            if word.startswith(("option", "clear")):
                continue
            if records:
                yield account, records
                records = []
            kind, record = word.removeprefix("type:").strip(), None
        elif not raw:
            continue
        elif kind == "account":
            if raw[0] == "N":
                account = raw[1:].strip()
        elif kind in _MOVEMENTS:
            if raw[0] == "^":
                if record is not None:
                    records.append(record)
                record = None
                continue
            record = record or _Record()
            _put(record, raw[0], raw[1:].strip())
    if record is not None:
        raise Unreadable("This QIF file is broken: its last movement has no end (^). It may have been cut off.")
    if records:
        yield account, records


def _put(record: _Record, code: str, value: str) -> None:
    if code == "D":
        record.day = record.day or value
    elif code in {"T", "U"}:
        record.amount = record.amount or value
    elif code == "N":
        record.number = value
    elif code == "P":
        record.payee = value
    elif code == "M":
        record.memo = value
    elif code == "L":
        record.category = record.category or value
    elif code == "E":
        record.notes.append(value)
    elif code == "$":
        record.parts.append(value)


def _add(statement: Statement, record: _Record, order: str) -> None:
    day = _try(record.day, order)
    if day is None:
        raise Unreadable(f"“{record.day[:20]}” is no date in the order that was chosen.")
    amount = read_amount(record.amount)
    parts = sum((read_amount(one) for one in record.parts), Decimal(0))
    if record.parts and parts != amount:
        raise Unreadable(f"The parts of the movement of {record.day} come to {parts}, the movement to {amount}.")
    if record.payee.lower() == "opening balance":
        # Not a movement: what the account had, and what its name is.
        statement.opening, statement.start = amount, day
        statement.bank_account = statement.bank_account or record.category.strip("[]")
        return
    if amount == 0:
        statement.skipped += 1
        return
    statement.lines.append(
        StatementLine(
            booked_on=day,
            amount=amount,
            counterparty=record.payee,
            reference=record.number,
            description=" ".join(one for one in (record.memo, *record.notes) if one),
        ).tidy()
    )
