"""What is read about projects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, fetch_page, sort_by
from tracktok.expenses.models import Expense, Project
from tracktok.expenses.schemas.projects import ProjectQuery
from tracktok.imports.queries import get_import, ids_written

COLUMNS = (
    Project.id,
    Project.name,
    Project.code,
    Project.client_name,
    Project.description,
    Project.status,
    Project.start_date,
    Project.end_date,
    Project.budget_amount,
    Project.version,
    Project.created_at,
    Project.updated_at,
)
SORTS = {"name": sort_by(Project.name), "created_at": sort_by(Project.created_at)}
_ONE = select(Project).where(Project.id == bindparam("project_id"))
_COUNT = select(func.count()).select_from(Project).where(Project.id.is_not(None), Project.deleted_at.is_(None))
_CHOICES = (
    select(Project.id, Project.name)
    .where(Project.deleted_at.is_(None), Project.status != "completed")
    .order_by(func.lower(Project.name))
    .limit(500)
)


def get_project(project_id: UUID, *, for_update: bool = False, deleted: bool = False) -> Project:
    """A project that is not deleted; with `deleted` one that is. Raises NotFound."""
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    found = db.session.execute(statement, {"project_id": project_id}, execution_options=options).scalar_one_or_none()
    if found is None or (found.deleted_at is not None) != deleted:
        raise NotFound("There is no such project.")
    return found


def list_projects(query: ProjectQuery) -> Page:
    """One page of projects."""
    statement = select(*COLUMNS).where(Project.deleted_at.is_(None))
    if query.status is not None:
        statement = statement.where(Project.status == query.status.value)
    if query.import_id is not None:
        statement = statement.where(Project.id.between(*ids_written(get_import(query.import_id))))
    if query.q:
        fits = [
            column.icontains(query.q, autoescape=True) for column in (Project.name, Project.code, Project.client_name)
        ]
        statement = statement.where(or_(*fits))
    return fetch_page(
        statement, sorts=SORTS, id_column=Project.id, sort=query.sort, cursor=query.cursor, limit=query.limit
    )


def count_projects() -> int:
    """How many projects there are, for the limit of the plan."""
    return db.session.execute(_COUNT).scalar_one()


def choices() -> Sequence[Any]:
    """(id, name) of the projects that an expense may name."""
    return db.session.execute(_CHOICES).all()


def count_expenses(project_id: UUID, *, at_most: int) -> int:
    """How many live expenses a project has; counts no further than `at_most`."""
    rows = (
        select(Expense.id)
        .where(Expense.project_id == project_id, Expense.deleted_at.is_(None))
        .limit(at_most)
        .subquery()
    )
    return db.session.execute(select(func.count()).select_from(rows)).scalar_one()
