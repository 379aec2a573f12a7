"""What an expense is worth in the tenant's currency and in that of its account: derived once, with its rate kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tracktok.core.errors import FieldError, Invalid
from tracktok.core.money import places_problem
from tracktok.expenses.models import Expense
from tracktok.expenses.queries.references import Reference
from tracktok.expenses.rules import amounts as rules
from tracktok.expenses.rules.amounts import SAME, Rate
from tracktok.expenses.schemas.expenses import ExpenseIn
from tracktok.ledger.queries import rate_between
from tracktok.ledger.services import no_rate

ENTERED = "entered"


@dataclass(frozen=True, slots=True)
class Amounts:
    """The amounts of an expense, in three currencies, and the rate that was used."""

    currency: str
    base_amount: Decimal
    account_amount: Decimal
    rate: Rate


def check_fields(body: ExpenseIn, currency: str, day: date, today: date) -> None:
    """Raise Invalid with everything that is wrong with amounts, currency, rate and date."""
    problems: dict[str, str | None] = {"currency": rules.currency_problem(currency)}
    if problems["currency"] is None:
        problems["amount"] = rules.amount_problem(body.amount, currency)
        if body.tax_amount is not None:
            problems["tax_amount"] = rules.tax_problem(body.tax_amount, body.amount, currency)
    if body.exchange_rate is not None:
        problems["exchange_rate"] = rules.rate_problem(body.exchange_rate)
    problems["expense_date"] = rules.date_problem(day, today)
    errors = [FieldError(f"/{name}", "invalid", text) for name, text in problems.items() if text]
    if errors:
        raise Invalid(errors[0].detail if len(errors) == 1 else None, errors=errors)


def derive(
    body: ExpenseIn, currency: str, day: date, base: str, account: Reference | None, old: Expense | None
) -> Amounts:
    """The amounts of an expense. A stored rate stays while currency and date stay.

    Raises Invalid at `exchange_rate` when no rate is known and none was entered.
    """
    rate = _rate(body, currency, day, base, old)
    base_amount = rules.convert(body.amount, rate.rate, base)
    if base_amount == 0:
        raise Invalid.at("amount", f"This is less than the smallest amount of {base}.")
    if abs(base_amount) > rules.LARGEST:
        raise Invalid.at("amount", f"This amount is too large in {base}.")
    held_in = (account.currency if account else None) or base
    return Amounts(currency, base_amount, _account_amount(body, currency, base_amount, base, held_in, day, old), rate)


def _rate(body: ExpenseIn, currency: str, day: date, base: str, old: Expense | None) -> Rate:
    if currency == base:
        return SAME
    if body.exchange_rate is not None:
        entered = rules.round_rate(body.exchange_rate)
        if old is not None and old.currency == currency and old.exchange_rate == entered and old.expense_date == day:
            return Rate(old.exchange_rate, old.rate_date, old.rate_source)
        return Rate(entered, day, ENTERED)
    if old is not None and old.currency == currency and (old.expense_date == day or old.rate_source == ENTERED):
        return Rate(old.exchange_rate, old.rate_date, old.rate_source)
    found = rate_between(currency, base, day)
    if found is None:
        raise no_rate(currency, base, day)
    return Rate(rules.round_rate(found.rate), found.rate_date, found.source)


def _account_amount(
    body: ExpenseIn, currency: str, base_amount: Decimal, base: str, held_in: str, day: date, old: Expense | None
) -> Decimal:
    if held_in == currency:
        return body.amount
    if old is not None and body.account_amount in {None, old.account_amount} and _same_money(old, body, currency, day):
        return old.account_amount
    if body.account_amount is not None:
        problem = places_problem(body.account_amount, held_in)
        if body.account_amount == 0 or (body.account_amount < 0) != (body.amount < 0):
            problem = "What left the account has the same sign as the amount."
        if problem:
            raise Invalid.at("account_amount", problem)
        return body.account_amount
    if held_in == base:
        return base_amount
    found = rate_between(currency, held_in, day)
    if found is None:
        raise no_rate(currency, held_in, day, field="account_amount", enter=f"what left the account in {held_in}")
    return rules.convert(body.amount, found.rate, held_in)


def _same_money(old: Expense, body: ExpenseIn, currency: str, day: date) -> bool:
    return (
        old.amount == body.amount
        and old.currency == currency
        and old.expense_date == day
        and old.account_id == body.account_id
    )
