"""What the palette (Ctrl-K) finds of spending."""

from __future__ import annotations

from typing import cast

from flask import Flask, url_for
from flask.blueprints import BlueprintSetupState

from tracktok.expenses.queries.expense_list import list_expenses
from tracktok.expenses.queries.projects import list_projects
from tracktok.expenses.schemas.expenses import ExpenseQuery
from tracktok.expenses.schemas.projects import ProjectQuery
from tracktok.web.filters import format_day, format_money
from tracktok.web.frame import Hit, provide_search

from .blueprint import blueprint


def find_expenses(text: str, limit: int) -> list[Hit]:
    """Expenses by the beginnings of their words, the latest first."""
    rows = list_expenses(ExpenseQuery(q=text[:200], limit=limit)).rows
    return [
        Hit(
            row.title,
            url_for("expenses.show", expense_id=row.id),
            f"{format_day(row.expense_date)} · {format_money(row.amount, row.currency)}",
            "receipt",
            "Expenses",
        )
        for row in rows
    ]


def find_projects(text: str, limit: int) -> list[Hit]:
    """Projects by part of their name, code or client."""
    rows = list_projects(ProjectQuery(q=text[:120], limit=limit)).rows
    return [
        Hit(row.name, url_for("expenses.project", project_id=row.id), row.client_name, "folder", "Projects")
        for row in rows
    ]


@blueprint.record_once
def _provide(state: BlueprintSetupState) -> None:
    app = cast("Flask", state.app)
    provide_search(app, "expenses.read", find_expenses)
    provide_search(app, "projects.read", find_projects)
