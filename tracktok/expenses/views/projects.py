"""Projects: list, record, form."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.audit.queries import history
from tracktok.core.context import preferences
from tracktok.core.permissions import permits
from tracktok.expenses.models import ProjectStatus
from tracktok.expenses.queries import projects as queries
from tracktok.expenses.queries.expense_list import list_expenses
from tracktok.expenses.queries.spent import spent_by_project
from tracktok.expenses.schemas.expenses import ExpenseQuery
from tracktok.expenses.schemas.projects import ProjectIn, ProjectQuery
from tracktok.expenses.services import projects as services
from tracktok.web.addresses import address, without
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save

from .blueprint import blueprint

STATUSES = [(one.value, one.label) for one in ProjectStatus]


def _query() -> ProjectQuery:
    known = {
        name: [request.args[name]] for name in ("q", "status", "import_id", "sort", "cursor") if request.args.get(name)
    }
    form = Form.read(ProjectQuery, MultiDict({"sort": ["name"], **known, "limit": ["50"]}))
    return form.data or ProjectQuery(sort="name", limit=50)


@blueprint.get("/projects")
@permits("projects.read")
def projects() -> Response:
    """The list of projects with what was spent on each."""
    query = _query()
    page = queries.list_projects(query)
    chips = [("Text", query.q, without("q"))] if query.q else []
    if query.status is not None:
        chips.append(("Status", query.status.label, without("status")))
    if query.import_id is not None:
        chips.append(("Import", "one file", without("import_id")))
    return render(
        "expenses/projects.html",
        block={"projects-list": "list", "projects-more": "rows", "*": "list"},
        page=page,
        spent=spent_by_project([row.id for row in page.rows]),
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        sort=query.sort,
        query=query,
        chips=chips,
        clear=url_for(".projects"),
        statuses=STATUSES,
        base=preferences().currency,
    )


@blueprint.get("/projects/<uuid:project_id>")
@permits("projects.read")
def project(project_id: UUID) -> Response:
    """A project: its budget, what was spent, its latest expenses."""
    found = queries.get_project(project_id)
    amount, count = spent_by_project([project_id]).get(project_id, (0, 0))
    return render(
        "expenses/project.html",
        block={"peek-body": "record"},
        project=found,
        spent=amount,
        count=count,
        latest=list_expenses(ExpenseQuery(project_id=project_id, limit=10)).rows,
        history=history.history_of("projects", project_id),
        base=preferences().currency,
    )


def _page(form: Form[Any], found: Any = None) -> Response:
    return render(
        "expenses/project_form.html", block="form", status=form.status, form=form, project=found, statuses=STATUSES
    )


@blueprint.get("/projects/new")
@permits("projects.write")
def new_project() -> Response:
    """An empty form."""
    return _page(Form({"status": "active"}))


@blueprint.post("/projects")
@permits("projects.write")
def create_project() -> Response:
    """Make a project."""
    return save(
        Form.read(ProjectIn),
        services.create_project,
        lambda made: go_on(
            f"“{made.name}” made", url_for(".project", project_id=made.id), another=url_for(".new_project")
        ),
        _page,
    )


@blueprint.get("/projects/<uuid:project_id>/edit")
@permits("projects.write")
def edit_project(project_id: UUID) -> Response:
    """The form of a project."""
    found = queries.get_project(project_id)
    values = {name: getattr(found, name) for name in ProjectIn.model_fields}
    return _page(Form(values), found)


@blueprint.post("/projects/<uuid:project_id>/edit")
@permits("projects.write")
def update_project(project_id: UUID) -> Response:
    """Change a project."""
    found = queries.get_project(project_id, for_update=True)
    return save(
        Form.read(ProjectIn),
        lambda data: services.change_project(found, data),
        lambda _: go_on("Project saved", url_for(".project", project_id=project_id)),
        lambda form: _page(form, found),
        version=found.version,
    )


@blueprint.post("/projects/<uuid:project_id>/delete")
@permits("projects.write")
def delete_project(project_id: UUID) -> Response:
    """Delete a project that no expense names."""
    found = queries.get_project(project_id, for_update=True)
    return attempt(
        lambda: services.delete_project(found),
        lambda _: go_on(
            f"“{found.name}” deleted", url_for(".projects"), undo=url_for(".restore_project", project_id=project_id)
        ),
        url_for(".project", project_id=project_id),
    )


@blueprint.post("/projects/<uuid:project_id>/restore")
@permits("projects.write")
def restore_project(project_id: UUID) -> Response:
    """Bring a deleted project back."""
    found = queries.get_project(project_id, for_update=True, deleted=True)
    return attempt(
        lambda: services.restore_project(found),
        lambda project: go_on(f"“{project.name}” is back", url_for(".project", project_id=project_id)),
        url_for(".projects"),
    )
