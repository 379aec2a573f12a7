"""What is read about budgets: their rows, their alerts, what was moved between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Date, Select, Uuid, bindparam, exists, func, literal, or_, select

from tracktok.budgets.models import Budget, BudgetAlert, BudgetTransfer
from tracktok.budgets.rules import Plan
from tracktok.budgets.schemas import BudgetQuery
from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, keyset, make_page, page_parameters, sort_by, split_sort
from tracktok.core.prepared import Prepared

SORTS = {"name": sort_by(Budget.name), "created_at": sort_by(Budget.created_at)}
_ONE = select(Budget).where(Budget.id == bindparam("budget_id"))
_COLUMNS = tuple(getattr(Budget, name) for name in (
    "id", "name", "amount", "currency", "period", "period_days", "start_date", "end_date", "category_id", "project_id",
    "account_id", "tag_id", "rollover", "enforcement", "alert_enabled", "alert_thresholds", "snoozed_until", "version",
    "created_at", "updated_at",
))  # fmt: skip


def plan_of(budget: Any) -> Plan:
    """What a budget's row says about time and money."""
    return Plan(
        period=budget.period,
        start_date=budget.start_date,
        amount=budget.amount,
        end_date=budget.end_date,
        period_days=budget.period_days,
        rollover=budget.rollover,
    )


def get_budget(budget_id: UUID, *, for_update: bool = False, deleted: bool = False) -> Budget:
    """A budget; with `deleted` one from the bin. Raises NotFound."""
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    found = db.session.execute(statement, {"budget_id": budget_id}, execution_options=options).scalar_one_or_none()
    if found is None or (found.deleted_at is not None) != deleted:
        raise NotFound("There is no such budget.")
    return found


_LIVE = select(*_COLUMNS).where(Budget.deleted_at.is_(None)).order_by(Budget.id)
# Those that run with every expense that is written are prepared.
_COVERING_BUDGETS = _LIVE.where(
    Budget.start_date <= bindparam("last", type_=Date),
    or_(Budget.end_date.is_(None), Budget.end_date >= bindparam("first", type_=Date)),
    or_(Budget.category_id.is_(None), bindparam("has_category", type_=Boolean)),
    *(
        or_(its.is_(None), its == bindparam(name, type_=ARRAY(Uuid())).any_())
        for name, its in (("projects", Budget.project_id), ("accounts", Budget.account_id), ("tags", Budget.tag_id))
    ),
)
_HAS_TRANSFERS = exists(
    select(literal(1)).where(
        BudgetTransfer.tenant_id == Budget.tenant_id,
        or_(BudgetTransfer.from_budget_id == Budget.id, BudgetTransfer.to_budget_id == Budget.id),
    )
)
_COVERING = Prepared(_COVERING_BUDGETS.add_columns(_HAS_TRANSFERS.label("has_transfers")))
_LOCKED = _LIVE.where(Budget.id == bindparam("ids", type_=ARRAY(Uuid())).any_()).with_for_update()


def live_budgets() -> Sequence[Any]:
    """All budgets that are not deleted, by id."""
    return db.session.execute(_LIVE).all()


def budgets_over(
    first: date, last: date, *, has_category: bool, projects: set[UUID], accounts: set[UUID], tags: set[UUID]
) -> Sequence[Any]:
    """The budgets that expenses from `first` to `last` which name these things may fall into, by id.

    Every expense that is written asks this; what lies above a category is not asked here.
    """
    parameters = {
        "first": first,
        "last": last,
        "has_category": has_category,
        "projects": list(projects),
        "accounts": list(accounts),
        "tags": list(tags),
    }
    return _COVERING.fetch(parameters)


def lock_budgets(ids: Iterable[UUID]) -> Sequence[Any]:
    """Lock budgets in the order of their ids, so that two who lock the same never wait for each other in a ring.

    Returns their rows as they are under the lock; those that were deleted meanwhile are left out.
    """
    return db.session.execute(_LOCKED, {"ids": sorted(ids)}).all()


@cache
def _list(sort: str, after: bool, by_text: bool) -> Select[Any]:  # noqa: FBT001 - a shape
    statement = select(*_COLUMNS).where(Budget.deleted_at.is_(None))
    if by_text:
        statement = statement.where(Budget.name.ilike(bindparam("pattern"), escape="\\"))
    return keyset(statement, sorts=SORTS, id_column=Budget.id, sort=sort, after=after)


def list_budgets(query: BudgetQuery) -> Page:
    """One page of budgets."""
    parameters = page_parameters(sorts=SORTS, sort=query.sort, cursor=query.cursor, limit=query.limit)
    if query.q:
        plain = query.q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        parameters["pattern"] = f"%{plain}%"
    rows = db.session.execute(_list(query.sort, bool(query.cursor), bool(query.q)), parameters).all()
    name, _ = split_sort(query.sort, SORTS)
    return make_page(rows, sort=query.sort, limit=query.limit, sort_key=name)


# Transfers and alerts ----------------------------------------------------------------------------------------------

_IN = (
    select(
        BudgetTransfer.to_budget_id.label("budget_id"), BudgetTransfer.to_period_start.label("start"),
        func.sum(BudgetTransfer.amount).label("total"),
    )
    .where(BudgetTransfer.to_budget_id == bindparam("ids", type_=ARRAY(Uuid())).any_())
    .group_by(BudgetTransfer.to_budget_id, BudgetTransfer.to_period_start)
)  # fmt: skip
_OUT = (
    select(
        BudgetTransfer.from_budget_id.label("budget_id"), BudgetTransfer.from_period_start.label("start"),
        func.sum(-BudgetTransfer.amount).label("total"),
    )
    .where(BudgetTransfer.from_budget_id == bindparam("ids", type_=ARRAY(Uuid())).any_())
    .group_by(BudgetTransfer.from_budget_id, BudgetTransfer.from_period_start)
)  # fmt: skip
_BOTH_WAYS = _IN.union_all(_OUT).subquery()
_MOVED = Prepared(select(_BOTH_WAYS.c.budget_id, _BOTH_WAYS.c.start, _BOTH_WAYS.c.total))
_ALERTS = (
    select(
        BudgetAlert.id, BudgetAlert.period_start, BudgetAlert.threshold, BudgetAlert.spent, BudgetAlert.limit_amount,
        BudgetAlert.raised_at,
    )
    .where(BudgetAlert.budget_id == bindparam("budget_id"))
    .order_by(BudgetAlert.raised_at.desc(), BudgetAlert.id.desc())
    .limit(50)
)  # fmt: skip
_TRANSFERS = (
    select(BudgetTransfer)
    .where(
        or_(
            BudgetTransfer.from_budget_id == bindparam("budget_id"),
            BudgetTransfer.to_budget_id == bindparam("budget_id"),
        )
    )
    .order_by(BudgetTransfer.created_at.desc(), BudgetTransfer.id.desc())
    .limit(50)
)


def transfers_of(ids: Iterable[UUID]) -> Mapping[UUID, Mapping[date, Decimal]]:
    """The net amount transferred into each period of each budget, by the period's first day."""
    wanted = {"ids": list(ids)}
    if not wanted["ids"]:
        return {}
    net: dict[UUID, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in _MOVED.fetch(wanted):
        net[row.budget_id][row.start] += row.total
    return net


_CHOICES = (
    select(Budget.id, Budget.name)
    .where(
        Budget.deleted_at.is_(None),
        Budget.start_date <= bindparam("day", type_=Date),
        or_(Budget.end_date.is_(None), Budget.end_date >= bindparam("day", type_=Date)),
    )
    .order_by(func.lower(Budget.name), Budget.id)
)
_BIN = (
    select(*_COLUMNS, Budget.deleted_at)
    .where(Budget.deleted_at >= bindparam("since"))
    .order_by(Budget.deleted_at.desc(), Budget.id)
)
_BY_ID = select(Budget.id, Budget.name).where(Budget.id == bindparam("ids", type_=ARRAY(Uuid())).any_())


def choices(day: date) -> Sequence[Any]:
    """(id, name) of the budgets that have a period on a day."""
    return db.session.execute(_CHOICES, {"day": day}).all()


def deleted_budgets(since: datetime) -> Sequence[Any]:
    """What was put into the bin since an instant, the latest first."""
    return db.session.execute(_BIN, {"since": since}).all()


def names_of(ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of budgets, deleted or not."""
    return {row.id: row.name for row in db.session.execute(_BY_ID, {"ids": list(ids)})}


def alerts_of(budget_id: UUID) -> Sequence[Any]:
    """The latest alerts of a budget."""
    return db.session.execute(_ALERTS, {"budget_id": budget_id}).all()


def transfer_rows(budget_id: UUID) -> Sequence[BudgetTransfer]:
    """The latest transfers from and to a budget."""
    return db.session.execute(_TRANSFERS, {"budget_id": budget_id}).scalars().all()
