"""Projects: made, changed, deleted."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Conflict, FieldError, Invalid
from tracktok.core.ids import new_id
from tracktok.core.money import places_problem
from tracktok.expenses.models import Project
from tracktok.expenses.queries import projects as queries
from tracktok.expenses.schemas.projects import ProjectIn, ProjectPatch
from tracktok.tenants.services import reserve

_FIELDS = (
    "name", "code", "client_name", "description", "status", "start_date", "end_date", "budget_amount",
)  # fmt: skip


class ProjectNameTaken(Conflict):
    code, title = "name_taken", "There is a project of this name"

    def __init__(self) -> None:
        text = "There is a project of this name already."
        super().__init__(text, errors=[FieldError("/name", self.code, text)])


class ProjectInUse(Conflict):
    code, title = "in_use", "This project has expenses"


def _check(body: ProjectIn, itself: UUID | None) -> None:
    if body.start_date and body.end_date and body.end_date < body.start_date:
        raise Invalid.at("end_date", "The end is before the start.")
    if body.budget_amount is not None and (problem := places_problem(body.budget_amount, preferences().currency)):
        raise Invalid.at("budget_amount", problem)
    same = select(Project.id).where(
        db.func.lower(Project.name) == body.name.lower(),
        Project.deleted_at.is_(None),
        Project.id != (itself or new_id()),
    )
    if db.session.execute(same).first() is not None:
        raise ProjectNameTaken


def create_project(body: ProjectIn) -> Project:
    """Make a project. Raises PlanLimit (402), Conflict (409) for a name that is taken, Invalid (422)."""
    reserve("projects", queries.count_projects)
    _check(body, None)
    project = Project(id=new_id())
    for name in _FIELDS:
        setattr(project, name, getattr(body, name))
    db.session.add(project)
    db.session.flush()
    return project


def change_project(project: Project, body: ProjectIn) -> Project:
    """Change a project, locked by the caller, as a whole."""
    _check(body, project.id)
    for name in _FIELDS:
        setattr(project, name, getattr(body, name))
    db.session.flush()
    db.session.refresh(project)
    return project


def patch_project(project: Project, body: ProjectPatch) -> Project:
    """Change what is named of a project."""
    values = {name: getattr(project, name) for name in _FIELDS}
    values |= {name: getattr(body, name) for name in body.model_fields_set}
    return change_project(project, ProjectIn.model_validate(values))


def delete_project(project: Project) -> None:
    """Delete a project that no expense names. Raises ProjectInUse (409): complete it instead, or move its expenses."""
    used = queries.count_expenses(project.id, at_most=1001)
    if used:
        many = "more than 1,000" if used > 1000 else f"{used:,}"
        raise ProjectInUse(
            f"{many} {'expense names' if used == 1 else 'expenses name'} this project. Move them to another project "
            "first, or mark the project as completed."
        )
    project.deleted_at = clock.now()
    db.session.flush()


def restore_project(project: Project) -> Project:
    """Bring a deleted project back. Raises PlanLimit (402), ProjectNameTaken (409) when its name is in use again."""
    reserve("projects", queries.count_projects)
    _check(ProjectIn.model_validate({name: getattr(project, name) for name in _FIELDS}), project.id)
    project.deleted_at = None
    db.session.flush()
    return project
