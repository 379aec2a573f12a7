"""Tags: one page with all of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core.errors import DomainError
from tracktok.core.permissions import permits
from tracktok.expenses.queries import tags as queries
from tracktok.expenses.schemas.tags import TagIn, TagQuery
from tracktok.expenses.services import tags as services
from tracktok.web.addresses import address
from tracktok.web.forms import Form
from tracktok.web.render import redirect_to, render, toast

from .blueprint import blueprint
from .forms import check_version


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
    form = Form.read(TagIn)
    if form.data is not None:
        try:
            made = services.create_tag(form.data)
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            toast(f"“{made.name}” made")
            return redirect_to(url_for(".tags"))
    return _page(form)


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
    values = MultiDict(request.form)
    values.poplist("version")
    form = Form.read(TagIn, values)
    if form.data is not None:
        try:
            check_version(found.version)
            services.change_tag(found, form.data)
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            toast("Tag saved")
            return redirect_to(url_for(".tags"))
    return _page(form, found)


@blueprint.post("/tags/<uuid:tag_id>/delete")
@permits("categories.write")
def delete_tag(tag_id: UUID) -> Response:
    """Delete a tag, or put another one in its place."""
    into = request.form.get("into_id", type=UUID)
    found = {one: queries.get_tag(one, for_update=True) for one in sorted({tag_id, into or tag_id})}
    try:
        if into is not None:
            services.merge_tags(found[tag_id], found[into])
        else:
            services.delete_tag(found[tag_id])
    except DomainError as refusal:
        toast(refusal.detail, "danger")
        return redirect_to(url_for(".edit_tag", tag_id=tag_id))
    toast(f"“{found[tag_id].name}” deleted")
    return redirect_to(url_for(".tags"))
