"""What the scopes of budgets have used, day by day.

Scopes of one dimension (everything, a category with those below it, a project, an account) are read together from the
totals that the books keep; tags and combinations from the expenses themselves. Both are exact: an expense counts from
the transaction that wrote it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, JSON, Date, Select, Text, Uuid, and_, bindparam, column, func, or_, select

from tracktok.budgets.rules import Days, Slice, Use
from tracktok.core.db import db
from tracktok.core.ids import NIL
from tracktok.core.prepared import Prepared
from tracktok.core.tenancy import TENANT
from tracktok.expenses.models import Expense, ExpenseTag
from tracktok.expenses.queries.categories import parents
from tracktok.expenses.rules.categories import descendants
from tracktok.ledger.models import Dimension, LedgerTotal
from tracktok.trips.services.committed import owed_costs

ZERO = Decimal(0)
SHORTEST_SUMMED = 7
"""Earlier periods at least this many days long are read as one sum each, shorter ones day by day."""


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


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a scope that are asked for, and earlier periods of which only the sums matter."""

    scope: Scope
    start: date
    end: date
    earlier: tuple[Slice, ...] = ()

    @property
    def first(self) -> date:
        """The first day that is asked for at all."""
        return self.earlier[0].start if self.earlier else self.start

    def ranges(self) -> Iterable[tuple[date, date, date | None]]:
        """(first day, last day, the day that the sum is told under, or None: each day by itself)."""
        if self.earlier and self.earlier[0].days < SHORTEST_SUMMED:
            yield self.earlier[0].start, self.earlier[-1].end, None
        else:
            yield from ((period.start, period.end, period.start) for period in self.earlier)
        yield self.start, self.end, None


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


_WANTED = func.json_to_recordset(bindparam("wanted", type_=JSON)).table_valued(
    column("number", db.Integer), column("dimension", Text), column("id", Uuid()), column("first", Date),
    column("last", Date), column("told_as", Date), name="wanted",
).render_derived(with_types=True)  # fmt: skip
_DAY = func.coalesce(_WANTED.c.told_as, LedgerTotal.day)
_TOTALS = Prepared(
    select(_WANTED.c.number, _DAY.label("day"), func.sum(LedgerTotal.base_amount).label("total"))
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
    .group_by(_WANTED.c.number, _DAY)
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


def _add_owed(spans: Sequence[Span], answers: list[dict[date, Use]], *, lately: bool) -> None:
    """What vendors of trips are owed: committed while it is not in the books, then spent."""
    if not spans:
        return
    costs = owed_costs(min(span.first for span in spans), max(span.end for span in spans), lately=lately)
    if not costs:
        return
    for n, span in enumerate(spans):
        in_totals = span.scope.dimension is not None
        for cost in costs:
            if (cost.posted and in_totals) or not span.scope.holds(cost.category_id, cost.project_id, None, ()):
                continue
            day = next((told or cost.day for start, end, told in span.ranges() if start <= cost.day <= end), None)
            if day is not None:
                use = Use(spent=cost.amount) if cost.posted else Use(committed=cost.amount)
                answers[n][day] = answers[n].get(day, Use()) + use


def use_by_day(spans: Sequence[Span], *, apart: bool = True) -> list[Days]:
    """What each scope used on each of its days, in the order asked; sums of earlier periods stand on their first day.

    Scopes of one dimension take one query of the books' totals and one of what is unpaid, however many they are; tags
    and combinations one of the expenses for each kind of them. `apart=False` is for whoever waits for an expense to be
    recorded: it spares the query of what is unpaid (the use is right, but all of it is told as spent), and takes what
    vendors of trips are owed as it was within the last minute.
    """
    simple = [n for n, span in enumerate(spans) if span.scope.dimension is not None]
    answers: list[dict[date, Use]] = [{} for _ in spans]
    if simple:
        totals = _read_totals(spans, simple)
        committed = _read_unpaid(spans, simple) if apart else {}
        for n in simple:
            owed_on = committed.get(n, {})
            for day in totals[n].keys() | owed_on.keys():
                owed = owed_on.get(day, ZERO)
                answers[n][day] = Use(totals[n].get(day, ZERO) - owed, owed)
    combined = [n for n, span in enumerate(spans) if span.scope.dimension is None]
    for n, days in _read_rows(spans, combined).items():
        answers[n] = days
    _add_owed(spans, answers, lately=not apart)
    return list(answers)


def _read_totals(spans: Sequence[Span], simple: list[int]) -> dict[int, dict[date, Decimal]]:
    wanted: list[dict[str, Any]] = []
    for n in simple:
        dimension, members = spans[n].scope.dimension or (Dimension.all, frozenset({NIL}))
        wanted += (
            {"number": n, "dimension": dimension, "id": member, "first": first, "last": last, "told_as": told_as}
            for first, last, told_as in spans[n].ranges()
            for member in sorted(members)
        )
    totals: dict[int, dict[date, Decimal]] = defaultdict(dict)
    for row in _TOTALS.fetch({"wanted": orjson.dumps(wanted).decode()}):
        totals[row.number][row.day] = row.total
    return totals


def _read_unpaid(spans: Sequence[Span], simple: list[int]) -> dict[int, dict[date, Decimal]]:
    """What is approved and not paid, by the number of the span and the day; read once, dealt out by dimension."""
    rows = db.session.execute(
        _UNPAID, {"start": min(spans[n].first for n in simple), "end": max(spans[n].end for n in simple)}
    ).all()
    if not rows:
        return {}
    by_member: dict[tuple[Dimension, UUID], dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in rows:
        for key in (
            (Dimension.all, NIL),
            (Dimension.category, row.category_id),
            (Dimension.project, row.project_id),
            (Dimension.account, row.account_id),
        ):
            by_member[key][row.expense_date] += row.total
    found: dict[int, dict[date, Decimal]] = {}
    for n in simple:
        span, owed = spans[n], defaultdict[date, Decimal](Decimal)
        dimension, members = span.scope.dimension or (Dimension.all, frozenset({NIL}))
        for member in members:
            for day, total in by_member.get((dimension, member), {}).items():
                if span.first <= day <= span.end:
                    owed[day] += total
        found[n] = owed
    return found


_PARTS = {"category": "category_ids", "project": "project_id", "account": "account_id", "tag": "tag_id"}
_ASKED = func.unnest(
    bindparam("numbers", type_=ARRAY(db.Integer)),
    bindparam("starts", type_=ARRAY(Date)),
    bindparam("ends", type_=ARRAY(Date)),
    *(bindparam(name, type_=ARRAY(Uuid())) for name in _PARTS),
).table_valued(
    column("number", db.Integer), column("first", Date), column("last", Date), *(column(n, Uuid()) for n in _PARTS),
    name="asked",
).render_derived()  # fmt: skip


@cache
def _rows(shape: tuple[str, ...]) -> Select[Any]:
    """Expenses by day and status for scopes that name the parts of `shape`, each found by an index of its own."""
    statement: Any = (
        select(Expense.expense_date, Expense.status, func.sum(Expense.base_amount).label("total"))
        .where(
            Expense.tenant_id == TENANT,
            Expense.deleted_at.is_(None),
            or_(Expense.status == "paid", Expense.status == "approved"),
            Expense.expense_date.between(_ASKED.c.first, _ASKED.c.last),
        )
        .group_by(Expense.expense_date, Expense.status)
        .correlate(_ASKED)
    )
    for name, its in (
        ("category", Expense.category_id),
        ("project", Expense.project_id),
        ("account", Expense.account_id),
    ):
        if name in shape:
            statement = statement.where(its == _ASKED.c[name])
    if "tag" in shape:
        # The tag's own index holds its days, so a tag's month is found without reading everybody's month.
        statement = statement.join(
            ExpenseTag,
            and_(
                ExpenseTag.tenant_id == Expense.tenant_id,
                ExpenseTag.expense_id == Expense.id,
                ExpenseTag.tag_id == _ASKED.c.tag,
                ExpenseTag.expense_date.between(_ASKED.c.first, _ASKED.c.last),
            ),
        )
    used = statement.lateral("used")
    return select(_ASKED.c.number, used.c.expense_date, used.c.status, used.c.total).select_from(
        _ASKED.join(used, db.true())
    )


def _read_rows(spans: Sequence[Span], combined: list[int]) -> dict[int, dict[date, Use]]:
    """One query for each shape of scope (tag; category and project; ...), however many scopes have it."""
    shapes: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for n in combined:
        span = spans[n]
        shape = tuple(name for name, given in _PARTS.items() if getattr(span.scope, given) is not None)
        scope = span.scope
        members: list[UUID | None] = [*sorted(scope.category_ids)] if scope.category_ids is not None else [None]
        for member in members:
            shapes[shape].append((n, span.first, span.end, member, scope.project_id, scope.account_id, scope.tag_id))
    found: dict[int, dict[date, Use]] = defaultdict(dict)
    names = ("numbers", "starts", "ends", *_PARTS)
    for shape, asked in shapes.items():
        parameters = {name: list(values) for name, values in zip(names, zip(*asked, strict=True), strict=True)}
        for row in db.session.execute(_rows(shape), parameters):
            use = Use(spent=row.total) if row.status == "paid" else Use(committed=row.total)
            days = found[row.number]
            days[row.expense_date] = days.get(row.expense_date, Use()) + use
    return found
