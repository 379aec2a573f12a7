"""The statements of the books: profit and loss, and the balance sheet, made of trial balances."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from .figures import ZERO, Figure

GROWS_BY_DEBIT = frozenset({"asset", "expense"})
INCOME_TYPES, BALANCE_TYPES = ("income", "expense"), ("asset", "liability", "equity")
TITLES = {
    "income": "Income",
    "expense": "Expenses",
    "asset": "Assets",
    "liability": "Liabilities",
    "equity": "Equity",
}
RESULT, EARLIER = "result", "earlier_results"


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a trial balance: debits less credits, of the period or of a day, and of the one before."""

    id: UUID
    code: str
    name: str
    type: str
    amount: Decimal
    before: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A line of a statement, signed as people expect. `id` is None for results, which `key` names."""

    key: str
    id: UUID | None
    code: str
    name: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class StatementPart:
    """A part of a statement with its sum."""

    key: str
    title: str
    lines: Sequence[StatementLine]

    @property
    def total(self) -> Figure:
        """The sum of its lines."""
        return add(line.figure for line in self.lines)


@dataclass(frozen=True, slots=True)
class ProfitAndLoss:
    """What was earned and spent, and what is left of it."""

    income: StatementPart
    expense: StatementPart

    @property
    def parts(self) -> tuple[StatementPart, StatementPart]:
        """In reading order."""
        return self.income, self.expense

    @property
    def result(self) -> Figure:
        """The profit; below zero for a loss."""
        income, expense = self.income.total, self.expense.total
        return Figure(income.value - expense.value, income.before - expense.before)


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """What the company has, what it owes, and what is its owners'. Assets equal liabilities and equity."""

    assets: StatementPart
    liabilities: StatementPart
    equity: StatementPart

    @property
    def parts(self) -> tuple[StatementPart, ...]:
        """In reading order."""
        return self.assets, self.liabilities, self.equity

    @property
    def funding(self) -> Figure:
        """Liabilities and equity together."""
        return add((self.liabilities.total, self.equity.total))

    @property
    def is_balanced(self) -> bool:
        """Whether both sides are equal, now and before."""
        return self.assets.total == self.funding


def add(figures: Iterable[Figure]) -> Figure:
    """Figures together."""
    found = list(figures)
    return Figure(sum((one.value for one in found), ZERO), sum((one.before for one in found), ZERO))


def part_of(kind: str, accounts: Iterable[Account], further: Iterable[StatementLine] = ()) -> StatementPart:
    """The accounts of a type that something stands on, now or before, in the order of their codes."""
    sign = 1 if kind in GROWS_BY_DEBIT else -1
    lines = [
        StatementLine(one.code, one.id, one.code, one.name, Figure(sign * one.amount, sign * one.before))
        for one in sorted(accounts, key=lambda one: one.code)
        if one.type == kind and (one.amount or one.before)
    ]
    return StatementPart(kind, TITLES[kind], [*lines, *further])


def profit_and_loss(accounts: Sequence[Account]) -> ProfitAndLoss:
    """Of what moved on the accounts in two periods."""
    return ProfitAndLoss(part_of("income", accounts), part_of("expense", accounts))


def balance_sheet(accounts: Sequence[Account], result: Figure, earlier: Figure) -> BalanceSheet:
    """Of what stands on the accounts on two days.

    `result` is what the fiscal years of those days came to until then, `earlier` what all years before them did.
    """
    results = [
        StatementLine(key, None, "", name, figure)
        for key, name, figure in (
            (EARLIER, "Results of earlier years", earlier),
            (RESULT, "Result of this fiscal year", result),
        )
        if figure.value or figure.before
    ]
    return BalanceSheet(
        part_of("asset", accounts), part_of("liability", accounts), part_of("equity", accounts, results)
    )
