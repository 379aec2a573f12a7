"""Cells to staged expenses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import repeat, zip_longest
from typing import Any, Final, NamedTuple
from uuid import UUID

from tracktok.core import clock, money
from tracktok.core.context import preferences
from tracktok.expenses.queries.imports import load_names
from tracktok.expenses.rules import amounts as rules
from tracktok.expenses.rules.imports.expenses import EXPENSE, EXPENSES, FALSE, MEANINGS, PAYMENT_METHODS, TRUE
from tracktok.imports.rules import numbers
from tracktok.imports.rules.cells import NULL, Bad, Left, Memo, escape, one_line
from tracktok.imports.rules.columns import normal
from tracktok.imports.rules.dates import NotADate
from tracktok.imports.rules.plan import Plan, read_date
from tracktok.imports.rules.tables import is_totals_row
from tracktok.imports.services.kinds import Flaw
from tracktok.ledger.queries import rate_between

from .references import References

STAGED: Final = """
expense_date date NOT NULL, title text NOT NULL, description text NOT NULL, merchant text NOT NULL,
reference text NOT NULL, amount numeric NOT NULL, currency text NOT NULL, base_amount numeric NOT NULL,
exchange_rate numeric NOT NULL, rate_date date, rate_source text NOT NULL, account_amount numeric NOT NULL,
tax_amount numeric, payment_method text, is_billable boolean NOT NULL, category_id uuid, project_id uuid,
account_id uuid, tags text NOT NULL"""
TAG_SEPARATOR: Final = "\x1f"
_EMPTY: Final[tuple[str, ...]] = ()


class Money(NamedTuple):
    """A parsed amount and the currency it is in."""

    value: Decimal
    text: str
    currency: str


class ExpenseBuilder:
    """One pass over the rows of an import."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.options = plan, plan.options
        self.base = preferences().currency
        self.today = clock.today(preferences().timezone)
        self.currency: str = self.options.get("currency") or self.base
        self.names = References(load_names(), self.options.get("unknown", {}), self.options.get("names", {}), self.base)
        self.turned = self.options.get("sign") == "negative"
        self.has_direction = plan.index("direction") is not None
        self.cut_titles = 0
        self._titles = {name: self.plan.mapping.get(name) for name in plan.mapping}
        self._dates = Memo(self._date)
        self._money = Memo(self._amount)
        self._directions = Memo(self._direction)
        self._categories = Memo(lambda pair: self.names.category(one_line(pair[0]), one_line(pair[1])))
        self._projects = Memo(lambda text: self.names.project(name) if (name := one_line(text)) else None)
        self._accounts = Memo(lambda text: self.names.account(name) if (name := one_line(text)) else None)
        self._account_currencies = Memo(self.names.currency_of)
        self._methods = Memo(self._method)
        self._flags = Memo(self._flag)
        self._rates: dict[tuple[str, str, str], rules.Rate | None] = {}

    def stage(self, rows: list[list[str]]) -> tuple[str, int, list[Flaw]]:
        """The good rows as lines of COPY, how many they are, and the others."""
        columns = list(zip_longest(*rows, fillvalue=""))
        numbers_ = columns[0]

        def cells(name: str) -> Sequence[str] | None:
            index = self.plan.index(name)
            if index is None:
                return None
            return columns[index + 1] if index + 1 < len(columns) else [""] * len(rows)

        def parsed(name: str, memo: Memo) -> Iterable[Any]:
            found = cells(name)
            return repeat(None, len(rows)) if found is None else [memo[cell] for cell in found]

        def texts(name: str) -> Iterable[str]:
            return cells(name) or repeat("", len(rows))

        lines: list[str] = []
        flaws: list[Flaw] = []
        good = self._row
        for place, values in enumerate(
            zip(
                parsed("expense_date", self._dates),
                self._amounts(cells, len(rows)),
                parsed("direction", self._directions),
                texts("title"), texts("description"), texts("merchant"), texts("reference"),
                texts("category"),
                texts("subcategory"),
                texts("project"),
                texts("account"),
                parsed("payment_method", self._methods),
                texts("tax_amount"), texts("exchange_rate"), texts("tags"),
                parsed("billable", self._flags),
                strict=False,
            )
        ):  # fmt: skip
            line = good(numbers_[place], hash(tuple(rows[place][1:])), *values)
            if isinstance(line, str):
                lines.append(line)
            else:
                flaws.append(self._flaw(rows[place], line))
        return "".join(lines), len(lines), flaws

    def found(self) -> dict[str, Any]:
        """Names that will be made, and notes."""
        notes = []
        if self.cut_titles:
            text = f"{self.cut_titles:,} titles are longer than 200 characters: cut, the whole is in the description."
            notes.append({"about": "title", "text": text})
        return {"made": self.names.made, "notes": notes}

    def _amounts(self, cells: Callable[[str], Sequence[str] | None], count: int) -> Iterable[Any]:
        currencies = cells("currency") or repeat("", count)
        amount = cells("amount")
        if amount is not None:
            return [self._money[pair] for pair in zip(amount, currencies, strict=False)]
        blank = [""] * count
        debit, credit = cells("debit") or blank, cells("credit") or blank
        return [self._debit_credit(*three) for three in zip(debit, credit, currencies, strict=False)]

    def _debit_credit(self, debit: str, credit: str, currency: str) -> Money | Bad | Left:
        paid = self._money[debit, currency] if debit.strip() else None
        if isinstance(paid, Bad):
            return paid
        if paid is not None and paid.value != 0:
            return Money(abs(paid.value), format(abs(paid.value), "f"), paid.currency)
        got = self._money[credit, currency] if credit.strip() else None
        if isinstance(got, Money) and got.value != 0:
            return Left("money in")
        return got if isinstance(got, Bad) else Bad("Neither money out nor money in is given.")

    def _row(
        self, number: str, raw: int, day: Any, amount: Any, direction: Any, title: str, description: str, merchant: str,
        reference: str, category_text: str, below: str, project_text: str, account_text: str, method: Any, tax: str,
        rate_text: str, tags: str, billable: Any,
    ) -> str | list[tuple[str, Bad | Left]]:  # fmt: skip
        if direction.__class__ is Left:
            return [("direction", direction)]
        if amount.__class__ is Left:
            return [("credit", amount)]
        if self.turned and amount.__class__ is Money and amount.value > 0 and not self.has_direction:
            return [("amount", Left("money in"))]
        category = self._categories[category_text, below] if category_text or below else None
        project = self._projects[project_text] if project_text else None
        account = self._accounts[account_text] if account_text else None
        bad: list[tuple[str, Bad | Left]] = [
            (name, value)
            for name, value in (
                ("expense_date", day), ("amount", amount), ("direction", direction), ("category", category),
                ("project", project), ("account", account), ("billable", billable),
            )
            if value.__class__ is Bad
        ]  # fmt: skip
        if bad:
            return bad
        value, text, currency = amount
        if self.turned:
            value = -value
            text = text[1:] if text[0] == "-" else "-" + text
        if value == 0:
            return [("amount", Bad("The amount is zero."))]
        merchant = one_line(merchant)
        reference = one_line(reference)
        title = (
            one_line(title) or merchant or one_line(description) or self._fallback(category) or reference or "Expense"
        )
        if len(title) > 200:
            self.cut_titles += 1
            description = description or title
            title = title[:199] + "…"
        for name, cell, longest in (("merchant", merchant, 200), ("reference", reference, 100),
                                    ("description", description, 5000)):  # fmt: skip
            if len(cell) > longest:
                return [(name, Bad(f"This is longer than {longest:,} characters."))]
        base_text = paid_text = text
        rate, rate_date, rate_source = "1", NULL, ""
        category = category or self.options.get("category_id") or NULL
        project = project or self.options.get("project_id") or NULL
        account = account or self.options.get("account_id") or NULL
        account_currency = self.base if account is NULL else self._account_currencies[account]
        if currency != self.base or account_currency != currency:
            converted = self._convert(value, currency, account_currency, day, rate_text)
            if isinstance(converted, Bad):
                return [("currency", converted)]
            base_text, rate, rate_date, rate_source, paid_text = converted
        tax_text = NULL
        if tax and not tax.isspace():
            taxed = self._tax(tax, value, currency)
            if isinstance(taxed, Bad):
                return [("tax_amount", taxed)]
            tax_text = taxed
        words = self._tags(tags) if tags else ""
        if words.__class__ is Bad:
            return [("tags", Bad(words))]
        key = hash((day, text, currency, account, title.lower(), merchant.lower(), reference.lower()))
        method = method or self.options.get("payment_method") or NULL
        return (
            f"{number}\t{key}\t{raw}\t{day}\t{escape(title)}\t{escape(description.strip()) if description else ''}\t"
            f"{escape(merchant) if merchant else ''}\t{escape(reference) if reference else ''}\t{text}\t{currency}\t"
            f"{base_text}\t{rate}\t{rate_date}\t{rate_source}\t{paid_text}\t{tax_text}\t{method}\t"
            f"{'t' if billable else 'f'}\t{category}\t{project}\t{account}\t{escape(words) if words else ''}\n"
        )

    def _fallback(self, category: str | None) -> str:
        if not category:
            return ""
        made = self.names.made.get("category", {}).get(category)
        if made is not None:
            return str(made["name"])
        known = self.names.names.categories.get(UUID(category))
        return known[0] if known else ""

    def _flaw(self, row: list[str], reasons: list[tuple[str, Bad | Left]]) -> Flaw:
        if reasons[0][1].__class__ is not Left and is_totals_row(row[1:]):
            message = "This looks like a row of totals, so it is left out."
            return int(row[0]), "skipped", [{"column": "", "code": "totals", "message": message}]
        status = "skipped" if reasons[0][1].__class__ is Left else "invalid"
        errors = []
        for name, reason in reasons:
            column = self.plan.mapping.get(name) or self.plan.mapping.get("debit") or ""
            message = str(reason)
            if status == "skipped":
                message = "Money in is no expense, so it is left out." if reason == "money in" else (
                    f"“{reason}” is no expense, so it is left out."
                )  # fmt: skip
            errors.append({"column": column, "code": name, "message": message})
        return int(row[0]), status, errors

    def _date(self, text: str) -> str | Bad:
        try:
            day = read_date(text, self.options["date_form"])
        except NotADate as error:
            return Bad(str(error))
        problem = rules.date_problem(date.fromisoformat(day), self.today)
        return Bad(problem) if problem else day

    def _amount(self, pair: tuple[str, str]) -> Money | Bad:
        text, currency_text = pair
        try:
            parsed = numbers.parse_amount(text, self.options["decimal"])
        except numbers.NotANumber as error:
            return Bad(str(error))
        written = currency_text.strip().upper()
        own = written or self.currency
        if own not in money.MINOR_UNITS:
            signed = numbers.currency_of_sign(own.lower(), self.currency, money.MINOR_UNITS)
            if signed is None:
                return Bad(f"“{own[:20]}” is no currency in use; write its code, such as INR or USD.")
            own = signed
        named = numbers.currency_of_sign(parsed.sign, own, money.MINOR_UNITS)
        if named is None:
            return Bad(f"“{parsed.sign}” does not say which currency this is. Choose the currency of the file.")
        if written and named != own:
            return Bad(f"The amount is written in {named}, but the currency column says {own}.")
        value = parsed.value
        if text.startswith(numbers.TYPED):
            value = round(value, 6).normalize()
        if value == 0:
            return Money(Decimal(0), "0", named)
        problem = rules.amount_problem(value, named)
        return Bad(problem) if problem else Money(value, format(value, "f"), named)

    def _direction(self, text: str) -> str | Bad | Left:
        shown = text.strip()
        choice = MEANINGS.of(self.options, shown)
        if choice == EXPENSE:
            return EXPENSE
        if not choice:
            return Bad(
                f"“{shown[:40]}” says neither expense nor income." if shown else "This is empty: expense or income?"
            )
        return Left(shown)

    def _method(self, text: str) -> str | None:
        plain = normal(text)
        return PAYMENT_METHODS.get(plain, "other") if plain else None

    def _flag(self, text: str) -> bool | Bad:
        plain = normal(text)
        if plain in TRUE:
            return True
        return False if plain in FALSE else Bad(f"“{text.strip()[:40]}” is neither yes nor no.")

    def _tags(self, text: str) -> str:
        names = {one_line(part).lstrip("#") for part in text.replace(";", ",").replace("|", ",").split(",")} - {""}
        if len(names) > 20 or any(len(name) > 50 for name in names):
            return Bad("At most 20 tags of 50 characters each.")
        return TAG_SEPARATOR.join(sorted(names))

    def _tax(self, text: str, amount: Decimal, currency: str) -> str | Bad:
        try:
            tax = numbers.parse_amount(text, self.options["decimal"]).value
        except numbers.NotANumber as error:
            return Bad(str(error))
        if amount < 0 < tax:
            tax = -tax
        problem = rules.tax_problem(tax, amount, currency)
        return Bad(problem) if problem else format(tax, "f")

    def _convert(
        self, value: Decimal, currency: str, account_currency: str, day: str, rate_text: str
    ) -> tuple[str, str, str, str, str] | Bad:
        """(base amount, rate, its date, its source, amount in the account's currency)."""
        if rate_text and not rate_text.isspace() and currency != self.base:
            try:
                given = numbers.parse_amount(rate_text, self.options["decimal"]).value
            except numbers.NotANumber as error:
                return Bad(f"Exchange rate: {error}")
            if problem := rules.rate_problem(given):
                return Bad(f"Exchange rate: {problem}")
            rate: rules.Rate | None = rules.Rate(given, None, "import file")
        else:
            rate = self._rate(currency, self.base, day)
        if rate is None:
            return Bad(f"No rate from {currency} to {self.base} is known for {day}. Map a column with exchange rates.")
        base_amount = rules.convert(value, rate.rate, self.base)
        if base_amount == 0:
            return Bad(f"In {self.base} this comes to nothing.")
        if account_currency == currency:
            account_amount = value
        elif account_currency == self.base:
            account_amount = base_amount
        else:
            across = self._rate(currency, account_currency, day)
            if across is None:
                return Bad(
                    f"No rate from {currency} to {account_currency}, the account's currency, is known for {day}."
                )
            account_amount = rules.convert(value, across.rate, account_currency)
        return (
            format(base_amount, "f"),
            format(rules.round_rate(rate.rate), "f"),
            rate.rate_date.isoformat() if rate.rate_date else NULL,
            escape(rate.source),
            format(account_amount, "f"),
        )

    def _rate(self, from_currency: str, to_currency: str, day: str) -> rules.Rate | None:
        if from_currency == to_currency:
            return rules.SAME
        key = (from_currency, to_currency, day)
        if key not in self._rates:
            found = rate_between(from_currency, to_currency, date.fromisoformat(day))
            self._rates[key] = rules.Rate(found.rate, found.rate_date, found.source) if found else None
        return self._rates[key]


KIND: Final = EXPENSES
