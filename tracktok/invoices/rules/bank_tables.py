"""Bank statements that are tables (CSV, workbooks): what their columns mean, and rows to lines.

Forms of dates and numbers are decided by evidence, as for every import (`imports.rules`); what stays open is asked.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from tracktok.core.money import MINOR_UNITS
from tracktok.imports.rules.columns import ColumnFacts, Field, FieldType, Kind, guess_mapping, normal
from tracktok.imports.rules.dates import NotADate
from tracktok.imports.rules.numbers import NotANumber, currency_of_sign, parse_amount
from tracktok.imports.rules.plan import DATE_FORMS, Plan, make_plan, read_date
from tracktok.imports.rules.profile import facts_of
from tracktok.imports.rules.tables import is_data, is_totals_row

from .bank_lines import LARGEST, Statement, StatementLine

ZERO = Decimal(0)
_IN: Final = frozenset({"cr", "c", "credit", "deposit", "in", "h", "haben", "received"})
_OUT: Final = frozenset({"dr", "d", "debit", "withdrawal", "out", "s", "soll", "sent"})
_SIDE = re.compile(r"(?:^|[\d\s.)])[cd]r\.?\s*$|^\s*[cd]r\b", re.IGNORECASE)
MOST_PROBLEMS: Final = 20

TABLE = Kind(
    "bank_lines",
    "Bank lines",
    "line",
    "lines",
    (
        Field(
            "booked_on", "Date", FieldType.date,
            ("transaction date", "tran date", "txn date", "booking date", "posting date", "posted date", "post date",
             "buchungstag", "buchungsdatum", "date", "datum", "fecha", "data", "value date", "value dt", "valuta"),
        ),
        Field(
            "description", "Description", FieldType.text,
            ("narration", "description", "particulars", "transaction remarks", "transaction description", "remarks",
             "transaction details", "verwendungszweck", "details", "memo", "libelle", "concepto", "buchungstext",
             "text"), longest=1000,
        ),
        Field(
            "counterparty", "Name", FieldType.text,
            ("counterparty", "counterparty name", "payer payee", "payee", "payer", "party name", "beneficiary name",
             "remitter", "remitter name", "auftraggeber empfanger", "beguenstigter zahlungspflichtiger", "name"),
        ),
        Field(
            "reference", "Reference", FieldType.text,
            ("chq ref no", "cheque ref no", "chq ref number", "ref no cheque no", "reference number", "reference no",
             "reference", "ref no", "utr", "utr number", "transaction id", "tran id", "cheque number", "cheque no",
             "chq no", "chqno", "instrument id", "referenz", "kundenreferenz"),
        ),
        Field(
            "amount", "Amount (in and out)", FieldType.amount,
            ("transaction amount", "amount", "amt", "betrag", "umsatz", "montant", "importe", "importo"),
        ),
        Field(
            "credit", "Money in", FieldType.amount,
            ("deposit amt", "deposit amount", "credit amount", "credit amt", "deposits", "deposit", "credit", "credits",
             "money in", "paid in", "cr", "cr amount", "haben", "receipts", "amount credited"),
        ),
        Field(
            "debit", "Money out", FieldType.amount,
            ("withdrawal amt", "withdrawal amount", "debit amount", "debit amt", "withdrawals", "withdrawal", "debit",
             "debits", "money out", "paid out", "dr", "dr amount", "soll", "payments", "amount debited"),
        ),
        Field(
            "direction", "In or out", FieldType.direction,
            ("cr dr", "dr cr", "credit debit", "debit credit", "debit credit indicator", "transaction type", "type",
             "sign"), exclusive_values=_IN | _OUT,
        ),
        Field(
            "balance", "Balance", FieldType.amount,
            ("closing balance", "running balance", "available balance", "balance amount", "balance", "bal", "saldo",
             "solde"),
        ),
        Field("currency", "Currency", FieldType.currency, ("currency", "ccy", "wahrung", "devise"), most_values=20),
    ),
    (("booked_on",), ("amount", "credit", "debit")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person said about how a table is read; empty where nothing was said."""

    mapping: Mapping[str, str] | None = None
    date_form: str = ""
    decimal: str = ""
    header_row: int | None = None
    delimiter: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that cannot be read, by its number in the file."""

    row: int
    detail: str


@dataclass(slots=True)
class ReadTable:
    """What came of the rows."""

    statement: Statement
    problems: list[Problem] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)
    """Rows below the last dated one that are no lines: summaries, legends."""


def guess(columns: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Field by column, guessed. A column of debits that is empty in this file may be filled in the next."""
    facts = [
        ColumnFacts(one["name"], "number", {}) if _may_hold_amounts(one) else facts_of(dict(one)) for one in columns
    ]
    found = guess_mapping(TABLE, facts)
    if "credit" in found or "debit" in found:
        pair = "debit" if "credit" in found else "credit"
        if "amount" in found and pair in found:
            del found["amount"]
    if "amount" not in found:
        found.pop("direction", None)
    return found


def _may_hold_amounts(column: Mapping[str, Any]) -> bool:
    """Whether a column is empty, or called money and holds some amounts among other things."""
    if column["type"] != "text":
        return bool(column["type"] == "empty")
    named = normal(str(column["name"])) in {
        header for one in ("credit", "debit", "amount") for header in TABLE.field(one).synonyms
    }
    return named and any(is_data(sample) for sample in column["samples"])


def decide(columns: Sequence[Mapping[str, Any]], choices: Choices, remembered: Choices | None) -> Plan:
    """How the table is read: as chosen, else by evidence, else as it was last time; the rest is asked."""
    names = {str(one["name"]) for one in columns}
    mapping = choices.mapping
    if mapping is None:
        known = remembered.mapping if remembered else None
        mapping = {name: column for name, column in known.items() if column in names} if known else guess(columns)
    given = {"date_form": choices.date_form, "decimal": choices.decimal}
    plan = make_plan(TABLE, columns, mapping, {name: value for name, value in given.items() if value})
    open_ones = {one.option for one in plan.questions}
    if remembered:
        again = {
            name: value
            for name, value in (("date_form", remembered.date_form), ("decimal", remembered.decimal))
            if name in open_ones and value
        }
        mixed = any(one.get("date") and one["date"]["evidence"]["month_first"] and one["date"]["evidence"]["day_first"]
                    for one in columns)  # fmt: skip
        if again and not mixed:
            given = {**{name: value for name, value in given.items() if value}, **again}
            plan = make_plan(TABLE, columns, mapping, given)
            plan.note("remembered", "What the file does not say by itself is read as last time for this account.")
    return plan


def says_decimal(plan: Plan) -> bool:
    """Whether some amount can be read with one decimal sign only."""
    mapped = [plan.column(one) for one in ("amount", "credit", "debit", "balance")]
    evidence = [one["number"]["evidence"] for one in mapped if one is not None and "number" in one]
    return any(one["point"] or one["comma"] for one in evidence)


def is_table(columns: Sequence[Mapping[str, Any]]) -> bool:
    """Whether it can be a statement at all: some column of dates and some of numbers."""
    kinds = {str(one["type"]) for one in columns}
    return ("date" in kinds and "number" in kinds) or "serial" in kinds


def read_rows(rows: Iterable[tuple[int, Sequence[str]]], plan: Plan, currency: str) -> ReadTable:
    """The lines of a table, once nothing is open any more. `currency` is the account's."""
    reader = _Reader(plan, currency)
    for number, cells in rows:
        reader.take(number, cells)
    return reader.finish()


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    booked_on: date
    amount: Decimal | None
    credit: Decimal
    debit: Decimal
    balance: Decimal | None
    texts: Mapping[str, str]


class _Reader:
    def __init__(self, plan: Plan, currency: str) -> None:
        self._places = {one.name: plan.index(one.name) for one in TABLE.fields}
        self._form, self._decimal = str(plan.options["date_form"]), str(plan.options.get("decimal", "."))
        self._currency = currency
        self._rows: list[_Row] = []
        self._problems: list[Problem] = []
        self._undated: list[Problem] = []
        self._skipped = 0

    def take(self, number: int, cells: Sequence[str]) -> None:
        texts = {
            name: cells[at].strip() if at is not None and at < len(cells) else "" for name, at in self._places.items()
        }
        if not any(texts[name] for name in ("amount", "credit", "debit")) or is_totals_row(cells):
            self._skipped += 1
            return
        try:
            booked_on = date.fromisoformat(read_date(texts["booked_on"], self._form))
        except NotADate as problem:
            self._no_date(number, texts["booked_on"], str(problem))
            return
        self._problems += self._undated  # a row between dated ones is no legend
        self._undated = []
        try:
            self._rows.append(self._row(number, booked_on, texts))
        except (NotANumber, ValueError) as problem:
            self._problems.append(Problem(number, str(problem)))

    def _no_date(self, number: int, text: str, detail: str) -> None:
        for form in DATE_FORMS:
            try:
                read_date(text, form)
            except NotADate:
                continue
            self._problems.append(Problem(number, detail))  # a date, but not in the form that was chosen
            return
        self._undated.append(Problem(number, detail))

    def _row(self, number: int, booked_on: date, texts: Mapping[str, str]) -> _Row:
        direction = normal(texts["direction"])
        amount = self._amount(texts["amount"], "amount") if texts["amount"] else None
        if amount is not None and direction:
            if direction not in _IN | _OUT:
                raise NotANumber(f"“{texts['direction'][:40]}” does not say whether it came in or went out.")
            if amount < 0 and direction in _IN:
                raise NotANumber(f"“{texts['amount'][:40]}” is below zero, and “{texts['direction'][:40]}” says in.")
            amount = abs(amount) if direction in _IN else -abs(amount)
        credit = self._amount(texts["credit"], "credit") if texts["credit"] else ZERO
        debit = self._amount(texts["debit"], "debit") if texts["debit"] else ZERO
        if credit and debit:
            raise NotANumber("Money in and money out in one row: which of them is it?")
        try:
            balance = self._amount(texts["balance"], "balance") if texts["balance"] else None
        except NotANumber:
            balance = None
        return _Row(number, booked_on, amount, credit, debit, balance, texts)

    def _amount(self, text: str, name: str) -> Decimal:
        parsed = parse_amount(text, self._decimal)
        if parsed.sign and currency_of_sign(parsed.sign, self._currency, MINOR_UNITS) != self._currency:
            raise NotANumber(f"“{text[:40]}” is not in {self._currency}.")
        value = parsed.value
        if _SIDE.search(text):  # as a bank means it: CR came in
            value = abs(value) if name in {"credit", "debit"} else -value
        if abs(value) >= LARGEST:
            raise NotANumber(f"“{text[:40]}” is too large for an amount.")
        if value != value.quantize(Decimal("0.0001")):
            raise NotANumber(f"“{text[:40]}” has more than four decimal places.")
        return value

    def finish(self) -> ReadTable:
        # Some banks write what went out below zero in its own column.
        debits = [one.debit for one in self._rows if one.debit]
        sign = 1 if debits and all(one < 0 for one in debits) else -1
        found = Statement(skipped=self._skipped + len(self._undated))
        kept: list[tuple[_Row, StatementLine]] = []
        for row in self._rows:
            amount = row.amount if row.amount is not None else row.credit + sign * row.debit
            if amount == 0:
                found.skipped += 1
                continue
            texts = row.texts
            line = StatementLine(
                row.booked_on, amount, texts["currency"].upper()[:3], texts["counterparty"], texts["reference"],
                texts["description"],
            ).tidy()  # fmt: skip
            kept.append((row, line))
        if _newest_first(kept):
            kept.reverse()
        found.lines = [line for _, line in kept]
        if kept and all(row.balance is not None for row, _ in kept):
            first, last = kept[0], kept[-1]
            found.opening = (first[0].balance or ZERO) - first[1].amount
            found.closing = last[0].balance
        return ReadTable(found, self._problems, [one.row for one in self._undated])


def _newest_first(kept: Sequence[tuple[_Row, StatementLine]]) -> bool:
    """Whether the file goes backwards: by its dates, or within one day by its balances."""
    if not kept or kept[0][0].booked_on != kept[-1][0].booked_on:
        return bool(kept) and kept[0][0].booked_on > kept[-1][0].booked_on

    def breaks(rows: Sequence[tuple[_Row, StatementLine]]) -> int:
        pairs = itertools.pairwise(rows)
        return sum(1 for one, other in pairs if (one[0].balance or ZERO) + other[1].amount != other[0].balance)

    return breaks(kept[::-1]) < breaks(kept)
