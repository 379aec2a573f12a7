"""Profit and loss, and the balance sheet: read from the trial balance, so from the sums that the books keep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from tracktok.core.context import preferences
from tracktok.ledger.queries import TrialBalance, trial_balance
from tracktok.reports.rules import statements as rules
from tracktok.reports.rules.figures import ZERO, Figure
from tracktok.reports.rules.ranges import Range, fiscal_year_start
from tracktok.reports.rules.statements import Account


def profit_and_loss(wanted: Range) -> rules.ProfitAndLoss:
    """What was earned and spent in a range, against the range before."""
    now = trial_balance(wanted.span.start, wanted.span.end)
    then = trial_balance(wanted.before.start, wanted.before.end)
    return rules.profit_and_loss(_pair(now, then, lambda row: row.debit - row.credit))


def balance_sheet(day: date, before: date) -> rules.BalanceSheet:
    """What stood on the accounts at the end of a day, against the end of another one before it."""
    now, then = _year_until(day), _year_until(before)
    return rules.balance_sheet(
        _pair(now, then, lambda row: row.closing),
        Figure(_result(now, lambda row: row.debit - row.credit), _result(then, lambda row: row.debit - row.credit)),
        Figure(_result(now, lambda row: row.opening), _result(then, lambda row: row.opening)),
    )


def day_before(wanted: Range) -> date:
    """With what day a balance sheet at the end of a range is compared: the last one before it."""
    return wanted.span.start - timedelta(days=1)


def year_of(day: date) -> date:
    """The first day of the fiscal year of a day."""
    return fiscal_year_start(day, preferences().fiscal_year_start_month)


def _year_until(day: date) -> TrialBalance:
    return trial_balance(year_of(day), day)


def _result(trial: TrialBalance, amount: Callable[..., Decimal]) -> Decimal:
    return -sum((amount(row) for row in trial.rows if row.type in rules.INCOME_TYPES), ZERO)


def _pair(now: TrialBalance, then: TrialBalance, amount: Callable[..., Decimal]) -> list[Account]:
    found: dict[UUID, Account] = {
        row.id: Account(row.id, row.code, row.name, row.type, amount(row)) for row in now.rows
    }
    for row in then.rows:
        known = found.get(row.id)
        found[row.id] = Account(row.id, row.code, row.name, row.type, known.amount if known else ZERO, amount(row))
    return list(found.values())
