"""Tags: one page with all of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from tracktok.core.errors import BadRequest
from tracktok.core.permissions import permits
from tracktok.expenses.queries import tags as queries
from tracktok.expenses.schemas.tags import TagIn, TagQuery
from tracktok.expenses.services import tags as services
from tracktok.web.addresses import address
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save

from .blueprint import blueprint

MOST_UNDONE = 100
"""How many expenses an undo puts a tag back on: their ids are in its address."""


@blueprint.get("/tags")
@permits("categories.read")
def tags() -> Response:
    """The tags with how many expenses carry each."""
    query = TagQuery(q=request.args.get("q") or None, cursor=request.args.get("cursor"), limit=100)
    page = queries.list_tags(query)
    return render(
        "expenses/tags.html",
        block={"tags-list": "list", "tags-more": "rows", "*": "list"},
        page=page,
        uses=queries.count_uses([row.id for row in page.rows]),
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
    )


def _page(form: Form[Any], found: Any = None) -> Response:
    return render(
        "expenses/tag_form.html",
        block="form",
        status=form.status,
        form=form,
        tag_row=found,
        uses=queries.count_uses([found.id]).get(found.id, 0) if found is not None else 0,
        others=[(row.id, row.name) for row in queries.choices() if found is None or row.id != found.id],
    )


@blueprint.get("/tags/new")
@permits("categories.write")
def new_tag() -> Response:
    """An empty form."""
    return _page(Form())


@blueprint.post("/tags")
@permits("categories.write")
def create_tag() -> Response:
    """Make a tag."""
    return save(
        Form.read(TagIn),
        services.create_tag,
        lambda made: go_on(f"“{made.name}” made", url_for(".tags"), another=url_for(".new_tag")),
        _page,
    )


@blueprint.get("/tags/<uuid:tag_id>")
@permits("categories.write")
def edit_tag(tag_id: UUID) -> Response:
    """The form of a tag."""
    found = queries.get_tag(tag_id)
    return _page(Form({"name": found.name, "color": found.color}), found)


@blueprint.post("/tags/<uuid:tag_id>")
@permits("categories.write")
def update_tag(tag_id: UUID) -> Response:
    """Rename a tag."""
    found = queries.get_tag(tag_id, for_update=True)
    return save(
        Form.read(TagIn),
        lambda data: services.change_tag(found, data),
        lambda _: go_on("Tag saved", url_for(".tags")),
        lambda form: _page(form, found),
        version=found.version,
    )


@blueprint.post("/tags/<uuid:tag_id>/delete")
@permits("categories.write")
def delete_tag(tag_id: UUID) -> Response:
    """Delete a tag, or put another one in its place."""
    into = request.form.get("into_id", type=UUID)
    found = {one: queries.get_tag(one, for_update=True) for one in sorted({tag_id, into or tag_id})}
    tag = found[tag_id]
    name, ids = tag.name, [] if into else queries.expense_ids(tag_id, MOST_UNDONE + 1)
    undo = "" if into or len(ids) > MOST_UNDONE else url_for(".restore_tag", name=name, color=tag.color, ids=ids)
    return attempt(
        lambda: services.merge_tags(tag, found[into]) if into else services.delete_tag(tag),
        lambda _: go_on(f"“{name}” deleted", url_for(".tags"), undo=undo),
        url_for(".edit_tag", tag_id=tag_id),
    )


@blueprint.post("/tags/restore")
@permits("categories.write")
def restore_tag() -> Response:
    """Make a deleted tag again, on the expenses that the address names."""
    form = Form.read(TagIn, request.args)
    if form.data is None:
        raise BadRequest("There is no such tag to bring back.")
    body, ids = form.data, request.args.getlist("ids", type=UUID)[:MOST_UNDONE]
    return attempt(
        lambda: services.restore_tag(body, ids),
        lambda tag: go_on(f"“{tag.name}” is back", url_for(".tags")),
        url_for(".tags"),
    )
