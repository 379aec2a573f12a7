"""The routes /api/v1/tags."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.permissions import permits
from tracktok.expenses.queries import tags as queries
from tracktok.expenses.schemas import tags as schemas
from tracktok.expenses.services import tags as services
from tracktok.web.api import Api, check_if_match, json_response, list_of, list_response, path_of

from . import present

api = Api("tags", __name__, prefix="/tags", tag="Tags")
TagPath = path_of("tag_id")


def _answer(tag: Any, status: int = 200, location: str | None = None) -> Response:
    body = present.tag(tag, queries.count_uses([tag.id]).get(tag.id, 0))
    return json_response(body, status, etag=tag.version, location=location)


@api.get("/", responses={200: list_of(schemas.TagOut)})
@permits("categories.read")
def list_tags(query: schemas.TagQuery) -> Response:
    """List tags with how many expenses carry each."""
    page = queries.list_tags(query)
    uses = queries.count_uses([row.id for row in page.rows])
    return list_response(page, [present.tag(row, uses.get(row.id, 0)) for row in page.rows])


@api.post("/", responses={201: schemas.TagOut})
@permits("categories.write")
def create(body: schemas.TagIn) -> Response:
    """Make a tag."""
    tag = services.create_tag(body)
    return _answer(tag, 201, f"/api/v1/tags/{tag.id}")


@api.get("/<uuid:tag_id>", responses={200: schemas.TagOut})
@permits("categories.read")
def show(path: TagPath) -> Response:  # type: ignore[valid-type]
    """Get a tag."""
    return _answer(queries.get_tag(path.tag_id))  # type: ignore[attr-defined]


@api.put("/<uuid:tag_id>", responses={200: schemas.TagOut})
@permits("categories.write")
def replace(path: TagPath, body: schemas.TagIn) -> Response:  # type: ignore[valid-type]
    """Change a tag as a whole."""
    tag = queries.get_tag(path.tag_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(tag.version)
    return _answer(services.change_tag(tag, body))


@api.patch("/<uuid:tag_id>", responses={200: schemas.TagOut})
@permits("categories.write")
def patch(path: TagPath, body: schemas.TagPatch) -> Response:  # type: ignore[valid-type]
    """Change what is named of a tag."""
    tag = queries.get_tag(path.tag_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(tag.version)
    return _answer(services.patch_tag(tag, body))


@api.delete("/<uuid:tag_id>", responses={204: None})
@permits("categories.write")
def delete(path: TagPath) -> Response:  # type: ignore[valid-type]
    """Delete a tag; expenses that carry it lose it."""
    tag = queries.get_tag(path.tag_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(tag.version)
    services.delete_tag(tag)
    return Response(status=204)


@api.post("/<uuid:tag_id>/merge", responses={200: schemas.TagOut})
@permits("categories.write")
def merge(path: TagPath, body: schemas.TagMerge) -> Response:  # type: ignore[valid-type]
    """Put another tag on every expense that carries this one, and delete this one. Answers the one that stays."""
    first, second = sorted((path.tag_id, body.into_id))  # type: ignore[attr-defined]
    found = {one: queries.get_tag(one, for_update=True) for one in (first, second)}
    services.merge_tags(found[path.tag_id], found[body.into_id])  # type: ignore[attr-defined]
    return _answer(found[body.into_id])
