"""The shapes that a demo company is told in, and what the stories share."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from .sales import DemoSales

SEED = 20260401
MONTHS = 18
CENT = Decimal("0.01")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody of a demo company; `role` is one of the four roles."""

    email: str
    role: str
    first_name: str
    last_name: str


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """What is paid from. `left` is the balance that is to remain after all the spending, in its currency."""

    name: str
    type: str
    currency: str
    institution: str
    number_last4: str
    left: Decimal


@dataclass(frozen=True, slots=True)
class DemoProject:
    """A piece of work. `budget` is the whole of it, None when there is none."""

    name: str
    code: str
    client: str
    status: str = "active"
    budget: Decimal | None = None


@dataclass(frozen=True, slots=True)
class DemoBudget:
    """A budget whose amount is chosen so that its current period stands at about `percent` of it."""

    name: str
    period: str
    percent: int
    category: tuple[str, ...] = ()
    project: str = ""
    enforcement: str = "warn"
    thresholds: tuple[int, ...] = (80, 100)


@dataclass(frozen=True, slots=True)
class DemoExpense:
    """One expense. `rate` is units of the company's currency for one unit of `currency` (1 when they are the same)."""

    day: date
    title: str
    merchant: str
    amount: Decimal
    category: tuple[str, ...]
    account: str
    method: str
    currency: str
    rate: Decimal = Decimal(1)
    tax: Decimal | None = None
    project: str = ""
    person: str = "admin"
    status: str = "paid"
    tags: tuple[str, ...] = ()
    reference: str = ""
    description: str = ""
    is_billable: bool = False
    has_receipt: bool = False


@dataclass(frozen=True, slots=True)
class DemoCompany:
    """A company to seed. `write(day)` tells its spending up to and including a day, oldest first."""

    name: str
    subdomain: str
    tier: str
    currency: str
    timezone: str
    locale: str
    date_format: str
    fiscal_year_start_month: int
    address: dict[str, str]
    tax_id: str
    people: tuple[DemoPerson, ...]
    accounts: tuple[DemoAccount, ...]
    projects: tuple[DemoProject, ...]
    budgets: tuple[DemoBudget, ...]
    tags: tuple[str, ...]
    write: Callable[[date], list[DemoExpense]] = field(repr=False)
    sales: DemoSales
    hires_vendors: bool = False
    """Whether vendors run trips for it (see `trips.services.demo`)."""


def months_back(day: date, months: int) -> date:
    """The first day of the month that lies `months` months before the month of `day`."""
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def months_between(first: date, last: date) -> Iterator[date]:
    """The first day of every month from that of `first` to that of `last`."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = months_back(month, -1)


def month_day(month: date, day: int) -> date:
    """A day of a month; its last day when the month is shorter."""
    last = months_back(month, -1) - timedelta(days=1)
    return min(month.replace(day=min(day, 28)) + timedelta(days=max(0, day - 28)), last)


def working_day(day: date) -> date:
    """The day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))


class Dice:
    """Chance with a fixed seed, in the words of the stories."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a story, not a secret

    def amount(self, low: int, high: int, step: str = "0.01") -> Decimal:
        """An amount between two whole numbers, more often near the middle, in steps such as 0.01 or 10."""
        unit = Decimal(step)
        value = Decimal(str(round(self._random.triangular(low, high), 4)))
        return ((value / unit).to_integral_value() * unit).quantize(CENT)

    def times(self, expected: float) -> int:
        """How often something happens that happens `expected` times on average: the whole part, and a chance of one."""
        whole = int(expected)
        return whole + (self._random.random() < expected - whole)

    def chance(self, percent: int) -> bool:
        """Whether something happens that does so `percent` times in a hundred."""
        return self._random.randrange(100) < percent

    def one_of(self, choices: tuple[T, ...] | list[T]) -> T:
        """One of several, each as likely."""
        return self._random.choice(choices)

    def number(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self._random.randint(low, high)


def gross_with_tax(net: Decimal, percent: int) -> tuple[Decimal, Decimal]:
    """(what is paid, the tax in it) of an amount before tax."""
    tax = (net * percent / 100).quantize(CENT)
    return net + tax, tax


def finish(rows: Iterable[DemoExpense], today: date, dice: Dice) -> list[DemoExpense]:
    """The rows up to today in the order of their days; of the newest, some are still unpaid or drafts."""
    done = []
    for row in sorted((r for r in rows if r.day <= today), key=lambda r: r.day):
        age = (today - row.day).days
        unpaid = age <= 35 and row.method == "bank_transfer" and row.status == "paid" and dice.chance(45)
        draft = age <= 12 and row.person == "member" and dice.chance(12)
        status = "draft" if draft else "approved" if unpaid else row.status
        done.append(replace(row, status=status))
    return done


def opening_balance(account: DemoAccount, rows: Iterable[DemoExpense]) -> Decimal:
    """What an account must have held in the beginning for `account.left` to be left."""
    spent = sum((row.amount for row in rows if row.account == account.name and row.status != "draft"), Decimal(0))
    return account.left + spent


def period_start(budget: DemoBudget, today: date, fiscal_month: int) -> date:
    """The first day of a budget's current period, when its periods follow the calendar and the fiscal year."""
    if budget.period == "monthly":
        return today.replace(day=1)
    fiscal = date(today.year if today.month >= fiscal_month else today.year - 1, fiscal_month, 1)
    if budget.period == "yearly":
        return fiscal
    quarters = (today.year * 12 + today.month - fiscal.year * 12 - fiscal.month) // 3
    return months_back(fiscal, -3 * quarters)


def budget_amount(budget: DemoBudget, rows: Iterable[DemoExpense], today: date, fiscal_month: int) -> Decimal:
    """The amount that puts the current period at about `budget.percent`, rounded to two leading digits."""
    start = period_start(budget, today, fiscal_month)
    earlier = months_back(start, 1)
    spent = before = Decimal(0)
    for row in rows:
        if row.status == "draft" or not _in_scope(budget, row):
            continue
        if row.day >= start:
            spent += row.amount * row.rate
        elif row.day >= earlier:
            before += row.amount * row.rate
    # In the first days of a period little is spent: then half of the month before is what a person would plan with.
    wanted = max(spent * 100 / budget.percent, before / 2, Decimal(1000))
    unit = Decimal(10) ** (wanted.adjusted() - 1)
    return ((wanted / unit).to_integral_value() * unit).quantize(CENT)


def _in_scope(budget: DemoBudget, row: DemoExpense) -> bool:
    if budget.category and row.category[: len(budget.category)] != budget.category:
        return False
    return not budget.project or row.project == budget.project
