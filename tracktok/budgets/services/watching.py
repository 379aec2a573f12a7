"""Budgets watch spending: they warn or refuse before it is posted, and raise alerts once it is.

An alert is raised once for each budget, period and threshold: its row's unique key is the judge, whoever comes first,
the expense that passes the threshold or the daily run, and however many of them at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from tracktok.auth.queries import managers
from tracktok.budgets import queries, rules
from tracktok.budgets.models import Budget, BudgetAlert, Enforcement
from tracktok.budgets.queries import Scope, Span
from tracktok.core import context
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Conflict
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.expenses.rules.posting import Change, Contribution
from tracktok.expenses.signals import SpendWarning
from tracktok.notifications.queries import wants
from tracktok.notifications.services import notify, send_template
from tracktok.tenants.queries import get_current
from tracktok.web.filters import format_day, format_money
from tracktok.web.links import tenant_link

from .figures import figures_for, today

ZERO = Decimal(0)
EVENT = "budget.threshold"
_KEPT = "budgets.touched"


class BudgetExceeded(Conflict):
    code, title = "budget_exceeded", "This would pass a budget"


@dataclass(frozen=True, slots=True)
class Touched:
    """A period of a budget that changes touch, with what they add to its use."""

    budget: Budget
    scope: Scope
    period: rules.Slice
    added: Decimal


def _falls(scope: Scope, side: Contribution) -> bool:
    return side.posts and scope.holds(side.category_id, side.project_id, side.account_id, side.tag_ids)


def touched_by(changes: Sequence[Change], budgets: Iterable[Budget]) -> list[Touched]:
    """The periods that changes touch, and by how much, in the order of the budgets' ids."""
    rows = list(budgets)
    scopes = queries.scopes_of(rows)
    found = []
    for budget in rows:
        plan, scope = queries.plan_of(budget), scopes[budget.id]
        added: dict[rules.Slice, Decimal] = defaultdict(Decimal)
        for change in changes:
            for side, sign in ((change.old, -1), (change.new, 1)):
                if side is None or not _falls(scope, side):
                    continue
                period = rules.slice_at(plan, side.expense_date)
                if period is not None:
                    added[period] += sign * side.base_amount
        found += [Touched(budget, scope, period, amount) for period, amount in added.items() if amount]
    return found


def watch_posting(changes: Sequence[Change]) -> list[SpendWarning]:
    """Warnings for budgets that the changes would pass; raises BudgetExceeded (409) for one that blocks.

    Budgets that block are locked before they are measured, so that two expenses at once cannot both find room.
    """
    budgets = queries.live_budgets()
    if not budgets:
        return []
    touched = touched_by(changes, budgets)
    blocking = {one.budget.id for one in touched if one.added > 0 and one.budget.enforcement == Enforcement.block}
    if blocking:
        queries.lock_budgets(blocking)
    measured = [one for one in touched if one.added > 0]
    limits = _measure(measured)
    current = context.scope()
    if current is not None:
        current.facts[_KEPT] = [
            (one, used + one.added, limit) for one, (used, limit) in zip(measured, limits, strict=True)
        ]
    warnings = []
    for one, (used, limit) in zip(measured, limits, strict=True):
        if used + one.added <= limit or one.budget.enforcement == Enforcement.off:
            continue
        if one.budget.enforcement == Enforcement.block:
            raise _exceeded(one, used, limit)
        warnings.append(_warning(one, used, limit))
    return warnings


def _measure(touched: Sequence[Touched]) -> list[tuple[Decimal, Decimal]]:
    """(used before, limit) of each period."""
    spans = []
    for one in touched:
        start, end = rules.days_of_interest(queries.plan_of(one.budget), one.period)
        spans.append(Span(one.scope, start, end))
    if not spans:
        return []
    moved = queries.transfers_of({one.budget.id for one in touched})
    return [
        (
            rules.use_within(days, one.period).total,
            rules.limit_of(queries.plan_of(one.budget), one.period, days, moved.get(one.budget.id, {})),
        )
        for one, days in zip(touched, queries.use_by_day(spans), strict=True)
    ]


def _money(amount: Decimal) -> str:
    return format_money(amount, preferences().currency)


def _told(one: Touched, used: Decimal, limit: Decimal) -> tuple[str, dict[str, Any]]:
    after = used + one.added
    text = (
        f"The budget {one.budget.name} has {_money(limit)} from {format_day(one.period.start)} to "
        f"{format_day(one.period.end)}; with this it comes to {_money(after)}."
    )
    return text, {
        "budget_id": str(one.budget.id),
        "budget": one.budget.name,
        "limit": str(limit),
        "used": str(used),
        "would_be": str(after),
    }


def _exceeded(one: Touched, used: Decimal, limit: Decimal) -> BudgetExceeded:
    text, extra = _told(one, used, limit)
    return BudgetExceeded(f"{text} It lets nothing pass: lower the amount, or ask for more budget.", **extra)


def _warning(one: Touched, used: Decimal, limit: Decimal) -> SpendWarning:
    text, extra = _told(one, used, limit)
    return SpendWarning("budget_passed", text, dict(extra))


def watch_posted(_changes: Sequence[Change]) -> None:
    """Raise the alerts of the thresholds that the changes, now posted, have passed."""
    current = context.scope()
    measured = current.facts.pop(_KEPT, []) if current is not None else []
    for one, used, limit in measured:  # type: ignore[attr-defined]
        raise_alerts(one.budget, one.period.start, one.period.end, used, limit)


def raise_alerts(budget: Budget, start: date, end: date, used: Decimal, limit: Decimal) -> list[int]:
    """Raise what has not been raised of a period's alerts; the thresholds raised now.

    When several are passed at once, people are told of the highest. Nothing is raised for a budget whose alerts are off
    or asleep, or for a period that has not begun or ended before today.
    """
    now = today()
    if not budget.alert_enabled or not start <= now <= end:
        return []
    if budget.snoozed_until is not None and now <= budget.snoozed_until:
        return []
    passed = rules.thresholds_passed(used, limit, budget.alert_thresholds)
    if not passed:
        return []
    tenant_id = current_tenant_id()
    rows = [
        {
            "tenant_id": tenant_id,
            "id": new_id(),
            "budget_id": budget.id,
            "period_start": start,
            "threshold": threshold,
            "spent": used,
            "limit_amount": limit,
        }
        for threshold in passed
    ]
    statement = insert(BudgetAlert).values(rows).on_conflict_do_nothing().returning(BudgetAlert.threshold)
    raised = sorted(db.session.execute(statement).scalars())
    if raised:
        _tell(budget, start, end, raised[-1], used, limit)
    return raised


def _tell(budget: Budget, start: date, end: date, threshold: int, used: Decimal, limit: Decimal) -> None:
    percent = rules.percent_of(used, limit)
    title = f"{budget.name} has passed {threshold} %" if threshold != 100 else f"{budget.name} is used up"
    span = f"{format_day(start)} to {format_day(end)}"
    body = f"{_money(used)} of {_money(limit)} is spent or committed ({percent} %), {span}."
    link = f"/budgets/{budget.id}"
    key = f"budget:{budget.id}:{start.isoformat()}:{threshold}"
    for person in managers():
        notify(person.person_id, EVENT, title, body, link, key)
        if wants(person.person_id, EVENT, "mail"):
            send_template(
                "budgets/threshold",
                person.email,
                once_key=f"{key}:{person.person_id}",
                title=title,
                budget=budget.name,
                used=_money(used),
                limit=_money(limit),
                percent=percent,
                span=span,
                link=tenant_link(get_current().subdomain, link),
            )


def check_all() -> int:
    """The daily look at every budget of the tenant; returns how many alerts were raised."""
    budgets: list[Budget] = [budget for budget in queries.live_budgets() if budget.alert_enabled]
    raised = 0
    for standing in figures_for(budgets).values():
        figures = standing.figures
        if figures is not None:
            used = figures.spent + figures.committed
            raised += len(raise_alerts(standing.budget, figures.start, figures.end, used, figures.limit))
    return raised
