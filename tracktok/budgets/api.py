"""The routes /api/v1/budgets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
from flask import Response
from pydantic import Field

from tracktok.core.context import preferences
from tracktok.core.money import format_amount
from tracktok.core.permissions import permits
from tracktok.web.api import Api, Query, check_if_match, instant, json_response, list_response, path_of

from . import queries, rules, schemas, services

api = Api("budgets", __name__, prefix="/budgets", tag="Budgets")
BudgetPath = path_of("budget_id")


class PeriodQuery(Query):
    """Which periods."""

    limit: int = Field(12, ge=1, le=60)
    cursor: int | None = Field(None, ge=0, description="`next_cursor` of the page before")


def present_period(figures: rules.Figures, currency: str) -> dict[str, Any]:
    """A period as the API answers it."""

    def money(amount: Decimal) -> str:
        return format_amount(amount, currency)

    return {
        "start": figures.start,
        "end": figures.end,
        "limit": money(figures.limit),
        "spent": money(figures.spent),
        "committed": money(figures.committed),
        "remaining": money(figures.remaining),
        "percent": None if figures.percent is None else orjson.Fragment(str(figures.percent)),
        "forecast": money(figures.forecast),
        "breach_date": figures.breach_date,
        "status": figures.status,
    }


def present(standing: services.Standing) -> dict[str, Any]:
    """A budget as the API answers it."""
    row, figures = standing.budget, standing.figures
    plain = (
        "id", "name", "currency", "period", "period_days", "start_date", "end_date", "category_id", "project_id",
        "account_id", "tag_id", "rollover", "enforcement", "alert_enabled", "alert_thresholds", "snoozed_until",
        "version",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in plain},
        "amount": format_amount(row.amount, row.currency),
        "alert_threshold": row.alert_thresholds[0],
        "current_period": present_period(figures, row.currency) if figures else None,
        "created_at": instant(row.created_at),
        "updated_at": instant(row.updated_at),
    }


def _answer(budget: Any, status: int = 200, location: str | None = None) -> Response:
    standing = services.figures_for([budget])[budget.id]
    return json_response(present(standing), status, etag=budget.version, location=location)


@api.get("/", responses={200: schemas.BudgetList})
@permits("budgets.read")
def list_budgets(query: schemas.BudgetQuery) -> Response:
    """List budgets, each with where its present period stands."""
    page = queries.list_budgets(query)
    standings = services.figures_for(page.rows)
    return list_response(page, [present(standings[row.id]) for row in page.rows])


@api.post("/", responses={201: schemas.BudgetOut})
@permits("budgets.write")
def create(body: schemas.BudgetIn) -> Response:
    """Make a budget."""
    budget = services.create_budget(body)
    return _answer(budget, 201, f"/api/v1/budgets/{budget.id}")


@api.get("/<uuid:budget_id>", responses={200: schemas.BudgetOut})
@permits("budgets.read")
def show(path: BudgetPath) -> Response:  # type: ignore[valid-type]
    """Get a budget with where its present period stands."""
    return _answer(queries.get_budget(path.budget_id))  # type: ignore[attr-defined]


@api.put("/<uuid:budget_id>", responses={200: schemas.BudgetOut})
@permits("budgets.write")
def replace(path: BudgetPath, body: schemas.BudgetIn) -> Response:  # type: ignore[valid-type]
    """Change a budget as a whole."""
    budget = queries.get_budget(path.budget_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(budget.version)
    return _answer(services.change_budget(budget, body))


@api.patch("/<uuid:budget_id>", responses={200: schemas.BudgetOut})
@permits("budgets.write")
def patch(path: BudgetPath, body: schemas.BudgetPatch) -> Response:  # type: ignore[valid-type]
    """Change what is named of a budget."""
    budget = queries.get_budget(path.budget_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(budget.version)
    return _answer(services.patch_budget(budget, body))


@api.delete("/<uuid:budget_id>", responses={204: None})
@permits("budgets.write")
def delete(path: BudgetPath) -> Response:  # type: ignore[valid-type]
    """Put a budget into the bin; it can be restored for 30 days."""
    budget = queries.get_budget(path.budget_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(budget.version)
    services.delete_budget(budget)
    return Response(status=204)


@api.post("/<uuid:budget_id>/restore", responses={200: schemas.BudgetOut})
@permits("budgets.write")
def restore(path: BudgetPath) -> Response:  # type: ignore[valid-type]
    """Take a budget out of the bin."""
    budget = queries.get_budget(path.budget_id, for_update=True, deleted=True)  # type: ignore[attr-defined]
    return _answer(services.restore_budget(budget))


@api.post("/<uuid:budget_id>/snooze", responses={200: schemas.BudgetOut})
@permits("budgets.write")
def snooze(path: BudgetPath, body: schemas.SnoozeIn) -> Response:  # type: ignore[valid-type]
    """Raise no alerts until a day has passed."""
    budget = queries.get_budget(path.budget_id, for_update=True)  # type: ignore[attr-defined]
    return _answer(services.snooze_budget(budget, body.until))


@api.get("/<uuid:budget_id>/periods", responses={200: schemas.PeriodList})
@permits("budgets.read")
def periods(path: BudgetPath, query: PeriodQuery) -> Response:  # type: ignore[valid-type]
    """List the periods of a budget, the present one first."""
    budget = queries.get_budget(path.budget_id)  # type: ignore[attr-defined]
    found, following = services.history_of(budget, before=query.cursor, limit=query.limit)
    return json_response(
        {
            "object": "list",
            "data": [present_period(figures, budget.currency) for figures in found],
            "has_more": following is not None,
            "next_cursor": None if following is None else str(following),
        }
    )


@api.get("/<uuid:budget_id>/alerts", responses={200: schemas.AlertList})
@permits("budgets.read")
def alerts(path: BudgetPath) -> Response:  # type: ignore[valid-type]
    """List the latest 50 alerts of a budget, the newest first."""
    budget = queries.get_budget(path.budget_id)  # type: ignore[attr-defined]
    found = [
        {
            "id": row.id,
            "period_start": row.period_start,
            "threshold": row.threshold,
            "used": format_amount(row.spent, budget.currency),
            "limit": format_amount(row.limit_amount, budget.currency),
            "raised_at": instant(row.raised_at),
        }
        for row in queries.alerts_of(budget.id)
    ]
    return json_response({"object": "list", "data": found, "has_more": False, "next_cursor": None})


def _transfer(row: Any) -> dict[str, Any]:
    plain = ("id", "from_budget_id", "from_period_start", "to_budget_id", "to_period_start", "note")
    return {
        **{name: getattr(row, name) for name in plain},
        "amount": format_amount(row.amount, preferences().currency),
        "created_at": instant(row.created_at),
    }


@api.get("/<uuid:budget_id>/transfers", responses={200: schemas.TransferList})
@permits("budgets.read")
def transfers(path: BudgetPath) -> Response:  # type: ignore[valid-type]
    """List the latest 50 transfers from and to a budget, the newest first."""
    budget = queries.get_budget(path.budget_id)  # type: ignore[attr-defined]
    found = [_transfer(row) for row in queries.transfer_rows(budget.id)]
    return json_response({"object": "list", "data": found, "has_more": False, "next_cursor": None})


@api.post("/<uuid:budget_id>/transfers", responses={201: schemas.BudgetTransferOut})
@permits("budgets.write")
def transfer(path: BudgetPath, body: schemas.BudgetTransferIn) -> Response:  # type: ignore[valid-type]
    """Move money from this budget's present period to another budget's."""
    queries.lock_budgets([path.budget_id, body.to_budget_id])  # type: ignore[attr-defined]
    source = queries.get_budget(path.budget_id)  # type: ignore[attr-defined]
    target = queries.get_budget(body.to_budget_id)
    return json_response(_transfer(services.transfer(source, target, body.amount, body.note)), 201)
