"""What vendors are owed, as budgets count it: committed while a statement is a draft, spent once it is approved.

A draft's costs are kept in the cache by its revision, which every write of its trips counts up: a budget looks at
one row for each open month of a vendor, however many trips it has. Whoever records an expense does not wait for that:
`lately`, what was owed less than a minute ago is taken, for all vendors by one question to the cache. An approval is
seen at once: from then on the books have the cost, and it must not be counted twice.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import orjson

from tracktok.core.cache import cached_bytes
from tracktok.core.context import preferences
from tracktok.core.money import round_amount
from tracktok.core.tenancy import tenant_key
from tracktok.ledger.queries import book_account_for, rate_between
from tracktok.trips.models import StatementStatus
from tracktok.trips.queries.adjustments import adjustments_of
from tracktok.trips.queries.books import category_of
from tracktok.trips.queries.committed import costs_by_day, statements_between
from tracktok.trips.rules.trips import last_day

from .statements.reckoning import cached_all, figures_for

SECONDS_LATELY = 60


@dataclass(frozen=True, slots=True)
class OwedCost:
    """What is owed of a day, in the company's currency, before tax. `posted`: it is in the books already."""

    day: date
    category_id: UUID | None
    project_id: UUID | None
    amount: Decimal
    posted: bool


def owed_costs(first: date, last: date, *, lately: bool = False) -> list[OwedCost]:
    """The costs of vendors in a range of days: of drafts on the trip's day, posted ones on that of the books.

    `lately`: as they were within the last minute, but for what was approved meanwhile.
    """
    rows = statements_between(first, last)
    if not rows or not lately:
        return _owed(rows, first, last)
    standing = hashlib.sha256(orjson.dumps(sorted((str(row.id), row.status) for row in rows))).hexdigest()
    told = cached_bytes(tenant_key("trips-owed", first, last, standing), SECONDS_LATELY, lambda: orjson.dumps(
        [(one.day, one.category_id, one.project_id, str(one.amount), one.posted) for one in _owed(rows, first, last)]
    ))  # fmt: skip
    return [
        OwedCost(date.fromisoformat(day), _id(category), _id(project), Decimal(amount), posted)
        for day, category, project, amount, posted in orjson.loads(told)
    ]


def _id(told: str | None) -> UUID | None:
    return UUID(told) if told else None


def _owed(rows: Sequence[Any], first: date, last: date) -> list[OwedCost]:
    """One cost for each day, category and project, posted or not."""
    if not rows:
        return []
    hire, tolls = (category_of(book_account_for(role)) for role in ("vehicle_hire", "tolls_and_parking"))
    in_base = _conversion()
    lines = cached_all(rows, "owed", _read)
    found: dict[tuple[date, UUID | None, UUID | None, bool], Decimal] = defaultdict(Decimal)
    for row in rows:
        is_posted = row.status != StatementStatus.draft
        for day_text, project, is_toll, currency, amount in orjson.loads(lines[row.id]):
            day = last_day(row.month) if is_posted else date.fromisoformat(day_text)
            base = in_base(Decimal(amount), currency, day) if first <= day <= last else None
            if base is not None:
                found[day, tolls if is_toll else hire, _id(project), is_posted] += base
    return [
        OwedCost(day, category, project, amount, posted) for (day, category, project, posted), amount in found.items()
    ]


def _read(row: Any) -> bytes:
    """(day, project, whether tolls, currency, amount) of a statement."""
    lines: list[tuple[str, str | None, bool, str, str]] = []

    def add(day: date, project: UUID | None, is_toll: bool, currency: str, amount: Decimal) -> None:  # noqa: FBT001
        if amount:
            lines.append((day.isoformat(), str(project) if project else None, is_toll, currency, str(amount)))

    for one in costs_by_day(row.vendor_id, row.month):
        day = max(one.trip_date, row.month)  # what came late counts in the month that pays it
        add(day, one.project_id, False, one.currency, one.hire)
        add(day, one.project_id, True, one.currency, one.passed_on)
    for part in figures_for(row).parts:
        add(part.to_day, None, False, part.currency, part.amount)
    for one in adjustments_of(row.vendor_id, row.month):
        add(row.month, one.project_id, False, one.currency, one.amount)
    return orjson.dumps(lines)


def _conversion() -> Callable[[Decimal, str, date], Decimal | None]:
    """What an amount is in the company's currency, or None without a rate; each rate is looked up once."""
    base = preferences().currency
    rate_of = cache(lambda currency, day: rate_between(currency, base, day))

    def in_base(amount: Decimal, currency: str, day: date) -> Decimal | None:
        if currency == base:
            return amount
        rate = rate_of(currency, day)
        return round_amount(amount * rate.rate, base) if rate is not None else None

    return in_base
