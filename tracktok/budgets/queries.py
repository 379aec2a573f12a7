"""What is read about budgets: the rows, and what their scopes have used, day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Select, Text, Uuid, and_, bindparam, column, func, or_, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.ids import NIL
from tracktok.core.pagination import Page, fetch_page, sort_by
from tracktok.core.prepared import Prepared
from tracktok.core.tenancy import TENANT
from tracktok.expenses.models import Expense, ExpenseTag
from tracktok.expenses.queries.categories import parents
from tracktok.expenses.rules.categories import descendants
from tracktok.ledger.models import Dimension, LedgerTotal

from .models import Budget, BudgetAlert, BudgetTransfer
from .rules import Days, Plan, Use
from .schemas import BudgetQuery

SORTS = {"name": sort_by(Budget.name), "created_at": sort_by(Budget.created_at)}
_ONE = select(Budget).where(Budget.id == bindparam("budget_id"))
_LIVE = select(Budget).where(Budget.deleted_at.is_(None)).order_by(Budget.id)
_LOCKED = (
    select(Budget)
    .where(Budget.id == bindparam("ids", type_=ARRAY(Uuid())).any_(), Budget.deleted_at.is_(None))
    .order_by(Budget.id)
    .with_for_update()
)
_COLUMNS = tuple(getattr(Budget, name) for name in (
    "id", "name", "amount", "currency", "period", "period_days", "start_date", "end_date", "category_id", "project_id",
    "account_id", "tag_id", "rollover", "enforcement", "alert_enabled", "alert_thresholds", "snoozed_until", "version",
    "created_at", "updated_at",
))  # fmt: skip
# Each change of an expense looks at all budgets: rows, read by a prepared statement.
_WATCHED = Prepared(select(*_COLUMNS).where(Budget.deleted_at.is_(None)).order_by(Budget.id))


@dataclass(frozen=True, slots=True)
class Scope:
    """What falls into a budget: all that is given must fit. `category_ids` are the category and those below it."""

    category_ids: frozenset[UUID] | None = None
    project_id: UUID | None = None
    account_id: UUID | None = None
    tag_id: UUID | None = None

    @property
    def dimension(self) -> tuple[Dimension, frozenset[UUID]] | None:
        """The one dimension of the books' totals that answers for it; None for tags and combinations."""
        given = [
            (Dimension.category, self.category_ids),
            (Dimension.project, frozenset({self.project_id}) if self.project_id else None),
            (Dimension.account, frozenset({self.account_id}) if self.account_id else None),
        ]
        named = [(dimension, ids) for dimension, ids in given if ids is not None]
        if self.tag_id is not None or len(named) > 1:
            return None
        return named[0] if named else (Dimension.all, frozenset({NIL}))

    def holds(self, category_id: Any, project_id: Any, account_id: Any, tag_ids: Iterable[Any]) -> bool:
        """Whether an expense of these falls into it."""
        return (
            (self.category_ids is None or category_id in self.category_ids)
            and (self.project_id is None or project_id == self.project_id)
            and (self.account_id is None or account_id == self.account_id)
            and (self.tag_id is None or self.tag_id in tag_ids)
        )


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


def scopes_of(budgets: Iterable[Any]) -> dict[UUID, Scope]:
    """The scopes of budgets, by their ids; the tree of categories is read once, and only if somebody needs it."""
    rows = list(budgets)
    known = parents() if any(row.category_id for row in rows) else {}
    return {
        row.id: Scope(
            category_ids=frozenset(descendants(row.category_id, known)) if row.category_id else None,
            project_id=row.project_id,
            account_id=row.account_id,
            tag_id=row.tag_id,
        )
        for row in rows
    }


def get_budget(budget_id: UUID, *, for_update: bool = False, deleted: bool = False) -> Budget:
    """A budget; with `deleted` one from the bin. Raises NotFound."""
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    found = db.session.execute(statement, {"budget_id": budget_id}, execution_options=options).scalar_one_or_none()
    if found is None or (found.deleted_at is not None) != deleted:
        raise NotFound("There is no such budget.")
    return found


def live_budgets() -> Sequence[Budget]:
    """All budgets that are not deleted, by id."""
    return db.session.execute(_LIVE).scalars().all()


def watched_budgets() -> Sequence[Any]:
    """All budgets that are not deleted, by id, as rows."""
    return _WATCHED.fetch({})


def lock_budgets(ids: Iterable[UUID]) -> None:
    """Lock budgets in the order of their ids, so that two who lock the same never wait for each other in a ring."""
    db.session.execute(_LOCKED, {"ids": sorted(ids)}, execution_options={"populate_existing": True})


def list_budgets(query: BudgetQuery) -> Page:
    """One page of budgets."""
    statement = select(*_COLUMNS).where(Budget.deleted_at.is_(None))
    if query.q:
        statement = statement.where(Budget.name.icontains(query.q, autoescape=True))
    return fetch_page(
        statement, sorts=SORTS, id_column=Budget.id, sort=query.sort, cursor=query.cursor, limit=query.limit
    )


# Use, day by day ---------------------------------------------------------------------------------------------------

_WANTED = func.unnest(
    bindparam("numbers", type_=ARRAY(db.Integer)),
    bindparam("dimensions", type_=ARRAY(Text)),
    bindparam("ids", type_=ARRAY(Uuid())),
    bindparam("starts", type_=ARRAY(Date)),
    bindparam("ends", type_=ARRAY(Date)),
).table_valued(
    column("number", db.Integer), column("dimension", Text), column("id", Uuid()), column("first", Date),
    column("last", Date), name="wanted",
).render_derived()  # fmt: skip
_TOTALS = (
    select(_WANTED.c.number, LedgerTotal.day, func.sum(LedgerTotal.base_amount).label("total"))
    .select_from(_WANTED)
    .join(
        LedgerTotal,
        and_(
            LedgerTotal.tenant_id == TENANT,
            LedgerTotal.book_type == "expense",
            LedgerTotal.dimension == _WANTED.c.dimension,
            LedgerTotal.dimension_id == _WANTED.c.id,
            LedgerTotal.day.between(_WANTED.c.first, _WANTED.c.last),
        ),
    )
    .group_by(_WANTED.c.number, LedgerTotal.day)
)
_UNPAID = (
    select(
        Expense.category_id, Expense.project_id, Expense.account_id, Expense.expense_date,
        func.sum(Expense.base_amount).label("total"),
    )
    .where(
        Expense.deleted_at.is_(None),
        Expense.status == "approved",
        Expense.status != "paid",
        Expense.expense_date.between(bindparam("start", type_=Date), bindparam("end", type_=Date)),
    )
    .group_by(Expense.category_id, Expense.project_id, Expense.account_id, Expense.expense_date)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a scope that are asked for."""

    scope: Scope
    start: date
    end: date


def use_by_day(spans: Sequence[Span]) -> list[Days]:
    """What each scope used on each of its days, in the order asked.

    Scopes of one dimension are read together, in one query of the books' totals and one of what is unpaid; tags and
    combinations each take one query of the expenses.
    """
    simple = [n for n, span in enumerate(spans) if span.scope.dimension is not None]
    answers: list[dict[date, Use]] = [{} for _ in spans]
    if simple:
        _read_totals(spans, simple, answers)
    for n, span in enumerate(spans):
        if span.scope.dimension is None:
            answers[n] = _read_rows(span)
    return list(answers)


def _read_totals(spans: Sequence[Span], simple: list[int], answers: list[dict[date, Use]]) -> None:
    numbers, dimensions, ids, starts, ends = [], [], [], [], []
    for n in simple:
        dimension, members = spans[n].scope.dimension or (Dimension.all, frozenset({NIL}))
        for member in sorted(members):
            numbers.append(n)
            dimensions.append(dimension.value)
            ids.append(member)
            starts.append(spans[n].start)
            ends.append(spans[n].end)
    parameters = {"numbers": numbers, "dimensions": dimensions, "ids": ids, "starts": starts, "ends": ends}
    totals: dict[int, dict[date, Decimal]] = defaultdict(dict)
    for row in db.session.execute(_TOTALS, parameters):
        totals[row.number][row.day] = row.total
    unpaid = db.session.execute(
        _UNPAID, {"start": min(spans[n].start for n in simple), "end": max(spans[n].end for n in simple)}
    ).all()
    for n in simple:
        span, committed = spans[n], defaultdict[date, Decimal](Decimal)
        for row in unpaid:
            if span.start <= row.expense_date <= span.end and span.scope.holds(
                row.category_id, row.project_id, row.account_id, ()
            ):
                committed[row.expense_date] += row.total
        for day in totals[n].keys() | committed.keys():
            owed = committed.get(day, Decimal(0))
            answers[n][day] = Use(totals[n].get(day, Decimal(0)) - owed, owed)


@cache
def _rows(by_category: bool, by_project: bool, by_account: bool, by_tag: bool) -> Select[Any]:  # noqa: FBT001 - a shape
    statement: Any = (
        select(Expense.expense_date, Expense.status, func.sum(Expense.base_amount).label("total"))
        .where(
            Expense.deleted_at.is_(None),
            or_(Expense.status == "paid", Expense.status == "approved"),
            Expense.expense_date.between(bindparam("start", type_=Date), bindparam("end", type_=Date)),
        )
        .group_by(Expense.expense_date, Expense.status)
    )
    if by_category:
        statement = statement.where(Expense.category_id == bindparam("categories", type_=ARRAY(Uuid())).any_())
    if by_project:
        statement = statement.where(Expense.project_id == bindparam("project"))
    if by_account:
        statement = statement.where(Expense.account_id == bindparam("account"))
    if by_tag:
        # The tag's own index holds its days, so a tag's month is found without reading everybody's month.
        statement = statement.join(
            ExpenseTag,
            and_(
                ExpenseTag.tenant_id == Expense.tenant_id,
                ExpenseTag.expense_id == Expense.id,
                ExpenseTag.tag_id == bindparam("tag"),
                ExpenseTag.expense_date.between(bindparam("start", type_=Date), bindparam("end", type_=Date)),
            ),
        )
    return statement


def _read_rows(span: Span) -> dict[date, Use]:
    scope = span.scope
    statement = _rows(
        scope.category_ids is not None, scope.project_id is not None, scope.account_id is not None,
        scope.tag_id is not None,
    )  # fmt: skip
    given: dict[str, Any] = {
        "start": span.start,
        "end": span.end,
        "categories": sorted(scope.category_ids) if scope.category_ids is not None else None,
        "project": scope.project_id,
        "account": scope.account_id,
        "tag": scope.tag_id,
    }
    found: dict[date, Use] = {}
    for row in db.session.execute(statement, {name: value for name, value in given.items() if value is not None}):
        use = Use(spent=row.total) if row.status == "paid" else Use(committed=row.total)
        found[row.expense_date] = found.get(row.expense_date, Use()) + use
    return found


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
    net: dict[UUID, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in db.session.execute(_IN.union_all(_OUT), wanted):
        net[row.budget_id][row.start] += row.total
    return net


def alerts_of(budget_id: UUID) -> Sequence[Any]:
    """The latest alerts of a budget."""
    return db.session.execute(_ALERTS, {"budget_id": budget_id}).all()


def transfer_rows(budget_id: UUID) -> Sequence[BudgetTransfer]:
    """The latest transfers from and to a budget."""
    return db.session.execute(_TRANSFERS, {"budget_id": budget_id}).scalars().all()
