"""The routes /api/v1/categories."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.permissions import permits
from tracktok.expenses.queries import categories as queries
from tracktok.expenses.schemas import categories as schemas
from tracktok.expenses.services import categories as services
from tracktok.web.api import Api, check_if_match, json_response, list_of, list_response, path_of

from . import present

api = Api("categories", __name__, prefix="/categories", tag="Categories")
CategoryPath = path_of("category_id")


def _answer(category: Any, status: int = 200, location: str | None = None) -> Response:
    body = present.category(category, queries.paths().get(category.id, [category.name]))
    return json_response(body, status, etag=category.version, location=location)


@api.get("/", responses={200: list_of(schemas.CategoryOut)})
@permits("categories.read")
def list_categories(query: schemas.CategoryQuery) -> Response:
    """List categories. `parent_id` and `path` tell the tree."""
    page = queries.list_categories(query)
    paths = queries.paths()
    return list_response(page, [present.category(row, paths.get(row.id, [row.name])) for row in page.rows])


@api.post("/", responses={201: schemas.CategoryOut})
@permits("categories.write")
def create(body: schemas.CategoryIn) -> Response:
    """Make a category."""
    category = services.create_category(body)
    return _answer(category, 201, f"/api/v1/categories/{category.id}")


@api.get("/<uuid:category_id>", responses={200: schemas.CategoryOut})
@permits("categories.read")
def show(path: CategoryPath) -> Response:  # type: ignore[valid-type]
    """Get a category."""
    return _answer(queries.get_category(path.category_id))  # type: ignore[attr-defined]


@api.put("/<uuid:category_id>", responses={200: schemas.CategoryOut})
@permits("categories.write")
def replace(path: CategoryPath, body: schemas.CategoryIn) -> Response:  # type: ignore[valid-type]
    """Change a category as a whole; another `parent_id` moves it with all below it."""
    category = queries.get_category(path.category_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(category.version)
    return _answer(services.change_category(category, body))


@api.patch("/<uuid:category_id>", responses={200: schemas.CategoryOut})
@permits("categories.write")
def patch(path: CategoryPath, body: schemas.CategoryPatch) -> Response:  # type: ignore[valid-type]
    """Change what is named of a category."""
    category = queries.get_category(path.category_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(category.version)
    return _answer(services.patch_category(category, body))


@api.delete("/<uuid:category_id>", responses={204: None})
@permits("categories.write")
def delete(path: CategoryPath, query: schemas.CategoryDeleteQuery) -> Response:  # type: ignore[valid-type]
    """Delete a category; its expenses go to `reassign_to`, or have no category from then on."""
    category = queries.get_category(path.category_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(category.version)
    services.delete_category(category, query.reassign_to)
    return Response(status=204)


@api.post("/<uuid:category_id>/merge", responses={200: schemas.CategoryOut})
@permits("categories.write")
def merge(path: CategoryPath, body: schemas.CategoryMerge) -> Response:  # type: ignore[valid-type]
    """Move the expenses of a category and of all below it into another, and delete them. Answers the one that stays."""
    category = queries.get_category(path.category_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(category.version)
    services.merge_category(category, body.into_id)
    return _answer(queries.get_category(body.into_id))
