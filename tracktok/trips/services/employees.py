"""Employees of a month: what they were driven, and the incentives that come of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from tracktok.trips.queries.costs import driven
from tracktok.trips.queries.incentives import rules_holding
from tracktok.trips.rules.incentives import Incentive, Measure, incentive_for, incentive_terms, period_of
from tracktok.trips.rules.trips import last_day, month_of

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Earned:
    """An incentive of a period."""

    rule: str
    first: date
    last: date
    incentive: Incentive


@dataclass(slots=True)
class Employee:
    """An employee of a month."""

    name: str
    called: str = ""
    """What trips call them, or one of these texts."""
    trips: int = 0
    seconds: int = 0
    distance_km: Decimal = ZERO
    earned: list[Earned] = field(default_factory=list)

    @property
    def hours(self) -> Decimal:
        return (Decimal(self.seconds) / 3600).quantize(Decimal("0.01"))

    @property
    def totals(self) -> dict[str, Decimal]:
        """What is paid, by currency."""
        found: dict[str, Decimal] = {}
        for one in self.earned:
            found[one.incentive.currency] = found.get(one.incentive.currency, ZERO) + one.incentive.amount
        return found


def employees_of(month: date) -> list[Employee]:
    """The employees of a month. What is paid by the week is paid in the month in which the week ends."""
    first, last = month_of(month), last_day(month_of(month))
    found: dict[UUID | str, Employee] = {}
    by_employee: dict[UUID | str, list[Any]] = {}
    for row in driven(first - timedelta(days=6), last):
        key = row.employee_id or row.employee
        by_employee.setdefault(key, []).append(row)
        if row.trip_date >= first:
            one = found.setdefault(key, Employee(row.employee, row.called))
            one.trips += row.trips
            one.seconds += row.seconds
            one.distance_km += row.distance_km
    rules = rules_holding(first, last)
    for key, own in by_employee.items():
        earned = list(_earned(rules, own, first, last))
        if earned:
            found.setdefault(key, Employee(own[0].employee, own[0].called)).earned = earned
    return sorted(found.values(), key=lambda one: one.name.lower())


def earned_of(rows: Sequence[Any], first: date, last: date) -> list[Earned]:
    """The incentives of one person, from what they were driven up to six days before."""
    return list(_earned(rules_holding(first, last), rows, first, last))


def _earned(rules: Sequence[Any], rows: Sequence[Any], first: date, last: date) -> Iterable[Earned]:
    for rule in rules:
        terms = incentive_terms(rule.measure, rule.period, rule.currency, rule.terms)
        done: dict[tuple[date, date], Decimal] = {}
        for row in rows:
            if rule.trip_type and row.type != rule.trip_type:
                continue
            if rule.project_id is not None and row.project_id != rule.project_id:
                continue
            if row.trip_date < rule.valid_from or (rule.valid_to is not None and row.trip_date > rule.valid_to):
                continue
            period = period_of(rule.period, row.trip_date)
            if not first <= period[1] <= last:
                continue
            amount = Decimal(row.trips) if rule.measure == Measure.trips else Decimal(row.seconds) / 3600
            done[period] = done.get(period, ZERO) + amount
        for period, amount in sorted(done.items()):
            incentive = incentive_for(terms, amount)
            if incentive.amount:
                yield Earned(rule.name, *period, incentive)
