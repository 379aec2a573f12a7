"""Budgets: the list, one of them, the bin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.audit.queries.history import history_of
from tracktok.budgets import queries, services
from tracktok.budgets.schemas import BudgetQuery
from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.permissions import permits
from tracktok.web.addresses import address, without
from tracktok.web.filters import format_short_day
from tracktok.web.forms import Form
from tracktok.web.render import render

from . import words
from .blueprint import blueprint

PAGE = 50
_FILTER = {"project_id": "project_id", "account_id": "account_id", "tag_id": "tag", "category_id": "category_id"}


@blueprint.get("/")
@permits("budgets.read")
def index() -> Response:
    """The list of budgets with where each stands."""
    known = {name: [request.args[name]] for name in ("q", "sort", "cursor") if request.args.get(name)}
    form = Form.read(BudgetQuery, MultiDict({"sort": ["name"], **known, "limit": [str(PAGE)]}))
    query = form.data or BudgetQuery(sort="name", limit=PAGE)
    page = queries.list_budgets(query)
    standings = services.figures_for(page.rows)
    now = services.today()
    return render(
        "budgets/index.html",
        block={"budgets-list": "list", "budgets-more": "rows", "*": "list"},
        page=page,
        standings=standings,
        states={row.id: words.state_of(row, standings[row.id].figures, now) for row in page.rows},
        scopes=queries.scope_names(page.rows),
        words=words,
        base=preferences().currency,
        sort=query.sort,
        chips=[("Text", query.q, without("q"))] if query.q else [],
        clear=url_for(".index"),
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
    )


@blueprint.get("/<uuid:budget_id>")
@permits("budgets.read")
def show(budget_id: UUID) -> Response:
    """A budget: its present period (or another, by `period`), the periods before, alerts and transfers."""
    budget = queries.get_budget(budget_id)
    return record(budget, Form())


def record(budget: Any, transfer: Form[Any], status: int = 200) -> Response:
    """The page of a budget; `transfer` is the form of a transfer, with its errors."""
    present = services.look_at(budget)
    number = request.args.get("period", type=int)
    look = present if number in {None, present.period.number} else services.look_at(budget, number)
    before = request.args.get("before", type=int)
    periods, following = services.history_of(budget, before=before, limit=12)
    newest = (before - 1) if before is not None else present.period.number
    moved = queries.transfer_rows(budget.id)
    now = services.today()
    named = queries.scope_names([budget])[budget.id]
    return render(
        "budgets/show.html",
        block={"peek-body": "record", "periods-more": "periods"},
        status=status,
        budget=budget,
        look=look,
        state=words.state_of(budget, present.figures if present.is_present else None, now),
        other_period=look is not present,
        shown=words.period_state(look.figures, now),
        periods=[(newest - at, figures) for at, figures in enumerate(periods)],
        more=address({"before": following}) if following is not None else "",
        named=named,
        words=words,
        base=budget.currency,
        labels=[format_short_day(point.day) for point in look.course],
        series=_series(look),
        expenses=_expenses(budget, look),
        alerts=queries.alerts_of(budget.id),
        transfers=moved,
        names=queries.names_of({one for row in moved for one in (row.from_budget_id, row.to_budget_id)}),
        others=[(row.id, row.name) for row in queries.choices(now) if row.id != budget.id],
        history=history_of("budgets", budget.id),
        transfer=transfer,
    )


def _series(look: services.Look) -> list[dict[str, Any]]:
    used = [point.used for point in look.course]
    expected = [point.expected for point in look.course]
    series: list[dict[str, Any]] = [{"name": "Used", "values": used}]
    if any(value is not None for value in expected):
        series.append({"name": "Forecast", "values": expected})
    return series


def _expenses(budget: Any, look: services.Look) -> str:
    """The address of the expenses that the period counts."""
    asked: dict[str, Any] = {"date_from": look.period.start.isoformat(), "date_to": look.period.end.isoformat()}
    for name, known_as in _FILTER.items():
        if getattr(budget, name) is not None:
            asked[known_as] = str(getattr(budget, name))
    return url_for("expenses.index", **asked)


@blueprint.get("/bin")
@permits("budgets.write")
def bin_index() -> Response:
    """What was deleted in the last 30 days."""
    rows = queries.deleted_budgets(clock.now() - timedelta(days=services.DAYS_IN_BIN))
    return render("budgets/bin.html", rows=rows, scopes=queries.scope_names(rows), words=words)
