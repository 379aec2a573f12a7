"""A builder for kinds whose rows are looked at one by one: cells become values by the types of their fields.

    class CustomerBuilder(RowBuilder):
        kind = CUSTOMERS
        columns = ("name", "email", "opening_balance")          # those of the staged table, in their order

        def key(self, values): return values["name"].lower()    # equal for rows that would be the same once written

        def row(self, values):                                  # or a list of (field, Bad | Left)
            return {"name": values["name"], "email": values["email"], "opening_balance": values["balance"]}

What a field of each type gives: text and reference a line of text ("" when empty), words the text as it stands, date
an ISO date or None, amount and rate a Decimal or None (a sign of another currency than the company's is Bad), currency
a code or None, flag a bool or None, choice and direction what the handler's Meanings say, or None. A cell that cannot
be read is Bad: its row is bad, and never reaches `row`. For kinds with a million rows write a builder that works by
columns, as that of expenses does.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from tracktok.core import money
from tracktok.core.context import preferences
from tracktok.imports.rules import numbers
from tracktok.imports.rules.cells import NO, NULL, YES, Bad, Left, Memo, escape, one_line
from tracktok.imports.rules.columns import Field, FieldType, Kind, Meanings, normal
from tracktok.imports.rules.dates import NotADate
from tracktok.imports.rules.plan import Plan, read_date
from tracktok.imports.rules.tables import is_totals_row

from .kinds import Flaw

Reasons = list[tuple[str, Bad | Left]]


class RowBuilder:
    """One pass over the rows of an import. Say `kind`, `columns`, `key` and `row`."""

    kind: ClassVar[Kind]
    columns: ClassVar[tuple[str, ...]]
    meanings: ClassVar[tuple[Meanings, ...]] = ()

    def __init__(self, plan: Plan) -> None:
        self.plan, self.options = plan, plan.options
        self.currency = preferences().currency
        self.made: dict[str, dict[str, dict[str, Any]]] = {}
        self.notes: list[dict[str, str]] = []
        meanings = {one.field: one for one in self.meanings}
        self._readers: list[tuple[Field, int | None, Callable[[str], Any]]] = [
            (one, plan.index(one.name), Memo(self._reader(one, meanings.get(one.name))).__getitem__)
            for one in self.kind.fields
        ]

    @abstractmethod
    def key(self, values: Mapping[str, Any]) -> Any:
        """What is equal for rows that would be the same once written."""

    @abstractmethod
    def row(self, values: dict[str, Any]) -> dict[str, Any] | Reasons:
        """The staged columns of a row, or why it is bad or left out."""

    def stage(self, rows: list[list[str]]) -> tuple[str, int, list[Flaw]]:
        """The good rows as lines of COPY, how many they are, and the others."""
        lines: list[str] = []
        flaws: list[Flaw] = []
        for cells in rows:
            staged = self._staged(cells)
            if isinstance(staged, str):
                lines.append(staged)
            else:
                flaws.append(self._flaw(cells, staged))
        return "".join(lines), len(lines), flaws

    def found(self) -> dict[str, Any]:
        """Names that will be made, and notes."""
        return {"made": self.made, "notes": self.notes}

    def _staged(self, cells: list[str]) -> str | Reasons:
        values: dict[str, Any] = {}
        bad: Reasons = []
        for one, index, read in self._readers:
            text = cells[index + 1] if index is not None and index + 1 < len(cells) else ""
            values[one.name] = value = read(text)
            if isinstance(value, Bad | Left):
                bad.append((one.name, value))
        if bad:
            return bad
        made = self.row(values)
        if isinstance(made, list):
            return made
        key, raw = hash(self.key(values)), hash(tuple(cells[1:]))
        written = "\t".join(_as_copied(made.get(name)) for name in self.columns)
        return f"{cells[0]}\t{key}\t{raw}\t{written}\n"

    def _flaw(self, cells: Sequence[str], reasons: Reasons) -> Flaw:
        if not isinstance(reasons[0][1], Left) and is_totals_row(cells[1:]):
            message = "This looks like a row of totals, so it is left out."
            return int(cells[0]), "skipped", [{"column": "", "code": "totals", "message": message}]
        status = "skipped" if any(isinstance(reason, Left) for _, reason in reasons) else "invalid"
        errors = [
            {"column": self.plan.mapping.get(name, ""), "code": name, "message": str(reason)}
            for name, reason in reasons
            if status == "invalid" or isinstance(reason, Left)
        ]
        return int(cells[0]), status, errors

    def _reader(self, one: Field, meanings: Meanings | None) -> Callable[[str], Any]:
        if meanings is not None:
            return lambda text: self._meant(meanings, text)
        return {
            FieldType.date: self._date,
            FieldType.amount: self._number,
            FieldType.rate: self._number,
            FieldType.currency: _currency,
            FieldType.flag: _flag,
            FieldType.words: lambda text: _short(text.strip(), one.longest),
        }.get(one.type, lambda text: _short(one_line(text.lstrip(numbers.TYPED)), one.longest))

    def _date(self, text: str) -> str | Bad | None:
        if not text.strip():
            return None
        try:
            return read_date(text, self.options["date_form"])
        except NotADate as error:
            return Bad(str(error))

    def _number(self, text: str) -> Decimal | Bad | None:
        if not text.strip():
            return None
        try:
            parsed = numbers.parse_amount(text, self.options["decimal"])
        except numbers.NotANumber as error:
            return Bad(str(error))
        if numbers.currency_of_sign(parsed.sign, self.currency, money.MINOR_UNITS) != self.currency:
            return Bad(f"This is written in “{parsed.sign}”; amounts here are in {self.currency}.")
        # A spreadsheet's own numbers carry the noise of binary fractions.
        return round(parsed.value, 6).normalize() if text.startswith(numbers.TYPED) else parsed.value

    def _meant(self, meanings: Meanings, text: str) -> str | Bad | None:
        shown = text.strip().lstrip(numbers.TYPED)
        if not shown:
            return None
        return meanings.of(self.options, shown) or Bad(f"Nobody has said what “{shown[:40]}” means.")


def _short(text: str, longest: int) -> str | Bad:
    return text if len(text) <= longest else Bad(f"This is longer than {longest:,} characters.")


def _currency(text: str) -> str | Bad | None:
    code = text.strip().upper()
    if not code:
        return None
    if code in money.MINOR_UNITS:
        return code
    signed = numbers.currency_of_sign(code.lower(), "", money.MINOR_UNITS)
    return signed or Bad(f"“{code[:20]}” is no currency in use; write its code, such as INR or USD.")


def _flag(text: str) -> bool | Bad | None:
    plain = normal(text)
    if not plain:
        return None
    if plain in YES:
        return True
    return False if plain in NO else Bad(f"“{text.strip()[:40]}” is neither yes nor no.")


def _as_copied(value: Any) -> str:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return escape(str(value))
