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
from tracktok.budgets.models import BudgetAlert
from tracktok.budgets.queries import Scope
from tracktok.budgets.rules import Enforcement
from tracktok.core import context
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Conflict
from tracktok.core.ids import new_id
from tracktok.core.money import format_amount
from tracktok.core.tenancy import current_tenant_id
from tracktok.expenses.rules.posting import Change, Contribution
from tracktok.expenses.signals import SpendWarning
from tracktok.notifications.queries import wants
from tracktok.notifications.services import notify, send_template
from tracktok.tenants.queries import get_current
from tracktok.web.filters import format_day, format_money
from tracktok.web.links import tenant_link

from .figures import figures_for, span_of, today
from .looking import look_soon

ZERO = Decimal(0)
EVENT = "budget.threshold"
_KEPT = "budgets.measured"


class BudgetExceeded(Conflict):
    code, title = "budget_exceeded", "This would pass a budget"


@dataclass(frozen=True, slots=True)
class Touched:
    """A period of a budget that changes touch, with what they add to its use."""

    budget: Any
    scope: Scope
    period: rules.Slice
    added: Decimal


@dataclass(frozen=True, slots=True)
class Measured:
    """A touched period with what was used of it before, and what it may cost."""

    touched: Touched
    used: Decimal
    limit: Decimal

    @property
    def after(self) -> Decimal:
        return self.used + self.touched.added


def _sides(changes: Sequence[Change]) -> list[tuple[Contribution, int]]:
    both = ((change.old, -1) for change in changes), ((change.new, 1) for change in changes)
    return [(side, sign) for sides in both for side, sign in sides if side is not None and side.posts]


def touched_by(changes: Sequence[Change], budgets: Iterable[Any]) -> list[Touched]:
    """The periods that changes touch, and by how much, in the order of the budgets' ids."""
    rows, sides = list(budgets), _sides(changes)
    scopes = queries.scopes_of(rows)
    found = []
    for budget in rows:
        plan, scope = queries.plan_of(budget), scopes[budget.id]
        added: dict[rules.Slice, Decimal] = defaultdict(Decimal)
        for side, sign in sides:
            if scope.holds(side.category_id, side.project_id, side.account_id, side.tag_ids):
                period = rules.slice_at(plan, side.expense_date)
                if period is not None:
                    added[period] += sign * side.base_amount
        found += [Touched(budget, scope, period, amount) for period, amount in added.items() if amount]
    return found


def _candidates(changes: Sequence[Change]) -> Sequence[Any]:
    """The budgets that the changes may touch, by what can be told without the tree of categories."""
    sides = [side for side, _ in _sides(changes)]
    if not sides:
        return []
    days = [side.expense_date for side in sides]
    return queries.budgets_over(
        min(days),
        max(days),
        has_category=any(side.category_id for side in sides),
        projects={side.project_id for side in sides if side.project_id},
        accounts={side.account_id for side in sides if side.account_id},
        tags={tag_id for side in sides for tag_id in side.tag_ids},
    )


def watch_posting(changes: Sequence[Change]) -> list[SpendWarning]:
    """Warnings for budgets that the changes would pass; raises BudgetExceeded (409) for one that blocks.

    Budgets that block are locked before they are measured, so that two expenses at once cannot both find room.
    """
    candidates = _candidates(changes)
    touched = _growing(changes, candidates)
    blocking = {one.budget.id for one in touched if one.budget.enforcement == Enforcement.block}
    if blocking:
        # As they are under the lock: somebody may have changed the amount or the dates meanwhile.
        locked = {row.id: row for row in queries.lock_budgets(blocking)}
        gone = blocking - locked.keys()
        touched = _growing(changes, [locked.get(row.id, row) for row in candidates if row.id not in gone])
    measured = _measure(touched)
    current = context.scope()
    if current is not None:
        current.facts[_KEPT] = measured
    warnings = []
    for one in measured:
        if one.after <= one.limit or one.touched.budget.enforcement == Enforcement.off:
            continue
        if one.touched.budget.enforcement == Enforcement.block:
            raise _exceeded(one)
        warnings.append(_warning(one))
    return warnings


def _growing(changes: Sequence[Change], budgets: Sequence[Any]) -> list[Touched]:
    return [one for one in touched_by(changes, budgets) if one.added > 0] if budgets else []


def _measure(touched: Sequence[Touched]) -> list[Measured]:
    if not touched:
        return []
    plans = [queries.plan_of(one.budget) for one in touched]
    spans = [span_of(plan, one.scope, one.period) for plan, one in zip(plans, touched, strict=True)]
    # Most budgets have none, and their rows say so; those that were locked since are asked again.
    moved = queries.transfers_of({one.budget.id for one in touched if getattr(one.budget, "has_transfers", True)})
    return [
        Measured(
            one,
            rules.use_within(days, one.period).total,
            rules.limit_of(plan, one.period, days, moved.get(one.budget.id, {})),
        )
        for plan, one, days in zip(plans, touched, queries.use_by_day(spans, apart=False), strict=True)
    ]


def _money(amount: Decimal) -> str:
    return format_money(amount, preferences().currency)


def _told(one: Measured) -> tuple[str, dict[str, Any]]:
    budget, period, currency = one.touched.budget, one.touched.period, preferences().currency
    text = (
        f"The budget {budget.name} has {_money(one.limit)} from {format_day(period.start)} to "
        f"{format_day(period.end)}; with this it comes to {_money(one.after)}."
    )
    return text, {
        "budget_id": str(budget.id),
        "budget": budget.name,
        "period_start": period.start.isoformat(),
        "period_end": period.end.isoformat(),
        "limit": format_amount(one.limit, currency),
        "used": format_amount(one.used, currency),
        "would_be": format_amount(one.after, currency),
    }


def _exceeded(one: Measured) -> BudgetExceeded:
    text, extra = _told(one)
    return BudgetExceeded(f"{text} It lets nothing pass: lower the amount, or ask for more budget.", **extra)


def _warning(one: Measured) -> SpendWarning:
    text, extra = _told(one)
    return SpendWarning("budget_passed", text, dict(extra))


def watch_posted(_changes: Sequence[Change]) -> None:
    """Raise the alerts of the thresholds that the changes, now posted, have passed.

    Others may be writing at the same time, unseen from here: a threshold that only both together pass is found by
    `look_soon`, once all of them are committed.
    """
    current = context.scope()
    measured: list[Measured] = current.facts.pop(_KEPT, []) if current is not None else []  # type: ignore[assignment]
    now = today()
    watched = [one for one in measured if one.touched.budget.alert_enabled and now in one.touched.period]
    for one in watched:
        period = one.touched.period
        raise_alerts(one.touched.budget, period.start, period.end, one.after, one.limit)
    if watched:
        look_soon()


def raise_alerts(budget: Any, start: date, end: date, used: Decimal, limit: Decimal) -> list[int]:
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


def _tell(budget: Any, start: date, end: date, threshold: int, used: Decimal, limit: Decimal) -> None:
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
    budgets = [budget for budget in queries.live_budgets() if budget.alert_enabled]
    raised = 0
    for standing in figures_for(budgets).values():
        figures = standing.figures
        if figures is not None:
            used = figures.spent + figures.committed
            raised += len(raise_alerts(standing.budget, figures.start, figures.end, used, figures.limit))
    return raised
