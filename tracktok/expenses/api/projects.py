"""The routes /api/v1/projects."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.permissions import permits
from tracktok.expenses.queries import projects as queries
from tracktok.expenses.queries.spent import spent_by_project
from tracktok.expenses.schemas import projects as schemas
from tracktok.expenses.services import projects as services
from tracktok.web.api import Api, check_if_match, json_response, list_of, list_response, path_of

from . import present

api = Api("projects", __name__, prefix="/projects", tag="Projects")
ProjectPath = path_of("project_id")


def _answer(project: Any, status: int = 200, location: str | None = None) -> Response:
    body = present.project(project, spent_by_project([project.id]))
    return json_response(body, status, etag=project.version, location=location)


@api.get("/", responses={200: list_of(schemas.ProjectOut)})
@permits("projects.read")
def list_projects(query: schemas.ProjectQuery) -> Response:
    """List projects with what was spent on each."""
    page = queries.list_projects(query)
    spent = spent_by_project([row.id for row in page.rows])
    return list_response(page, [present.project(row, spent) for row in page.rows])


@api.post("/", responses={201: schemas.ProjectOut})
@permits("projects.write")
def create(body: schemas.ProjectIn) -> Response:
    """Make a project."""
    project = services.create_project(body)
    return _answer(project, 201, f"/api/v1/projects/{project.id}")


@api.get("/<uuid:project_id>", responses={200: schemas.ProjectOut})
@permits("projects.read")
def show(path: ProjectPath) -> Response:  # type: ignore[valid-type]
    """Get a project."""
    return _answer(queries.get_project(path.project_id))  # type: ignore[attr-defined]


@api.put("/<uuid:project_id>", responses={200: schemas.ProjectOut})
@permits("projects.write")
def replace(path: ProjectPath, body: schemas.ProjectIn) -> Response:  # type: ignore[valid-type]
    """Change a project as a whole."""
    project = queries.get_project(path.project_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(project.version)
    return _answer(services.change_project(project, body))


@api.patch("/<uuid:project_id>", responses={200: schemas.ProjectOut})
@permits("projects.write")
def patch(path: ProjectPath, body: schemas.ProjectPatch) -> Response:  # type: ignore[valid-type]
    """Change what is named of a project."""
    project = queries.get_project(path.project_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(project.version)
    return _answer(services.patch_project(project, body))


@api.delete("/<uuid:project_id>", responses={204: None})
@permits("projects.write")
def delete(path: ProjectPath) -> Response:  # type: ignore[valid-type]
    """Delete a project that no expense names."""
    project = queries.get_project(path.project_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(project.version)
    services.delete_project(project)
    return Response(status=204)
